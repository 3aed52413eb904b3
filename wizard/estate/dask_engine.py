"""Files assessed by the workers of an existing Dask cluster: `jetferry[estate]`, `--scheduler`.

A worker of the cluster needs this version of Jetferry and sees the files, be it at another path (`--map`). On each a
file worker of our own looks at them, so that time and memory are limited there as here, and a hostile file costs
neither the cluster's worker nor the cluster. A worker that goes away has its files looked at by another.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from wizard.estate.engines import AHEAD, END, POLL, Asked
from wizard.estate.file_worker import FileWorker
from wizard.estate.model import FileState, Limits, Look, LookOrder
from wizard.messages import Kind, Message, Place, ProjectError

_CONNECT: Final = "20s"
_own = threading.local()
"""a file worker for each thread of a worker"""


def look_on_worker(order: LookOrder) -> Look:
    """What runs on the cluster: plain data in, plain data out."""
    file_worker: FileWorker | None = getattr(_own, "file_worker", None)
    if file_worker is None or file_worker.limits != order.limits:
        if file_worker is not None:
            file_worker.close()
        file_worker = _own.file_worker = FileWorker(order.limits)
        atexit.register(file_worker.close)
    return file_worker.look(order)


class DaskEngine:
    """The cluster of a scheduler."""

    def __init__(
        self, scheduler: str, limits: Limits | None = None, *, ca: Path | None = None, cert: Path | None = None,
        key: Path | None = None,
    ) -> None:  # fmt: skip
        """Raises ProjectError 9007 where Dask is not installed or the scheduler cannot be reached."""
        try:
            from distributed import Client
            from distributed.security import Security
        except ImportError as e:
            raise _unusable(scheduler, "install jetferry[estate], which brings Dask's distributed") from e
        security: Any = None
        if ca or cert or key:
            security = Security(
                tls_ca_file=str(ca) if ca else None, tls_client_cert=str(cert) if cert else None,
                tls_client_key=str(key) if key else None, require_encryption=True,
            )  # fmt: skip
        try:
            self._client: Any = Client(scheduler, security=security, timeout=_CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError) as e:
            raise _unusable(scheduler, e) from e
        self.limits = limits or Limits()

    @property
    def slots(self) -> int:
        """Files that the cluster looks at at once, as it is now."""
        found: dict[str, int] = self._client.nthreads()
        return max(1, sum(found.values()))

    def run(self, orders: Iterator[Asked | None], stopped: Callable[[], bool]) -> Iterator[tuple[int, Look]]:
        """See `Engine`. A cluster that grows gets more to do, one that shrinks less."""
        under_way: dict[Any, int] = {}
        more = True
        try:
            while (more or under_way) and not stopped():
                walking, room = False, self.slots * AHEAD
                while more and not walking and len(under_way) < room:
                    asked = next(orders, END)
                    if isinstance(asked, tuple):
                        order = replace(asked[1], limits=self.limits)
                        future = self._client.submit(look_on_worker, order, pure=False, retries=2)
                        under_way[future] = asked[0]
                    else:
                        more, walking = asked is None, asked is None
                for future in self._ended(under_way, 0.0 if walking else POLL):
                    yield under_way.pop(future), _result(future)
        finally:
            with suppress(OSError, FutureTimeoutError):
                self._client.cancel(list(under_way))

    def _ended(self, under_way: dict[Any, int], seconds: float) -> list[Any]:
        from distributed import wait

        if not under_way:
            return []
        with suppress(FutureTimeoutError), self._client.as_current():
            wait(list(under_way), timeout=max(seconds, 0.01), return_when="FIRST_COMPLETED")
        return [f for f in under_way if f.done()]

    def close(self) -> None:
        """Let go of the cluster, which goes on without us."""
        self._client.close()


def _result(future: Any) -> Look:
    """The answer; a state of the file where its workers died again and again."""
    try:
        found: Look = future.result()
    except Exception as e:
        text = Message.of(9106, what=f"{type(e).__name__}: {e}").text
        return Look(FileState.CRASHED, number=9106, text=text)
    finally:
        future.release()
    return found


def _unusable(scheduler: str, why: object) -> ProjectError:
    return ProjectError(9007, Place(Kind.PROJECT), what=f"the cluster {scheduler}", why=why)
