"""Engines that have many files assessed: processes of this machine, or the workers of an existing Dask cluster.

An engine takes orders as they come, has a bounded number under way, and gives what was found as it is found. The state
stays with whoever asks: workers get plain data and give plain data.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol

from wizard.estate.file_worker import FileWorker
from wizard.estate.model import FileScan, Limits, ScanOrder

AHEAD: Final = 2
"""orders a slot that are given out before they are asked for"""
Asked = tuple[int, ScanOrder]
"""the file's number in the store, and the order"""
POLL: Final = 0.25
"""seconds between looks at whether to stop"""
END: Final = object()
"""no order will come any more"""


class Engine(Protocol):
    """What looks at files."""

    def run(self, orders: Iterator[Asked | None], stopped: Callable[[], bool]) -> Iterator[tuple[int, FileScan]]:
        """Look at files; None among the orders means that none is known now, later there may be.

        What is under way when it is stopped is given up.
        """

    def close(self) -> None:
        """End what was started here."""


class LocalEngine:
    """Processes of this machine, one a slot."""

    def __init__(self, slots: int = 0, limits: Limits | None = None) -> None:
        self.slots = slots or os.cpu_count() or 1
        self.limits = limits or Limits()
        self._own = threading.local()
        self._file_workers: list[FileWorker] = []
        self._pool = ThreadPoolExecutor(self.slots, "file-worker")
        self._closed = False

    def _scanned(self, order: ScanOrder) -> FileScan:
        if not hasattr(self._own, "file_worker"):
            self._own.file_worker = FileWorker(self.limits)
            self._file_workers.append(self._own.file_worker)
        file_worker: FileWorker = self._own.file_worker
        return file_worker.scan(replace(order, limits=self.limits))

    def run(self, orders: Iterator[Asked | None], stopped: Callable[[], bool]) -> Iterator[tuple[int, FileScan]]:
        """See `Engine`."""
        under_way: dict[Future[FileScan], int] = {}
        more = True
        while (more or under_way) and not stopped():
            walking = False
            while more and not walking and len(under_way) < self.slots * AHEAD:
                asked = next(orders, END)
                if isinstance(asked, tuple):
                    under_way[self._pool.submit(self._scanned, asked[1])] = asked[0]
                else:
                    more, walking = asked is None, asked is None
            for future in wait(under_way, 0 if walking else POLL, FIRST_COMPLETED).done if under_way else ():
                yield under_way.pop(future), future.result()
        for future in under_way:
            future.cancel()
        if under_way:
            self.close()

    def close(self) -> None:
        """End the processes, whatever they do."""
        if self._closed:
            return
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        for file_worker in self._file_workers:
            with suppress(OSError):
                file_worker.shut()
        self._pool.shutdown(wait=True)
