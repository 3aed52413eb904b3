"""Worker slots: how many tables, or partitions of one, move at once.

A run begins with as many slots as the option *parallel_tables* says, else as there are cores. What the server
answers bounds them: when it is throttled (Azure's 10928 and the like, see `driver_errors.THROTTLED`) half of the slots
are closed, at most once in `SETTLING` seconds, because everything under way at that moment gets the same answer.
Whoever moves then and has no slot any more stands back at its next batch border, its connection closed. After `CALM`
seconds without such an answer one slot is opened again, up to as many as there were; each new throttling doubles that
time, so that a server that cannot take more is asked less and less often.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition
from typing import Final

SETTLING: Final = 15.0
CALM: Final = 120.0
_POLL: Final = 0.2
"""seconds after which who waits looks whether it is still wanted"""

Changed = Callable[[int, int], None]
"""called with the slots there are now, and there were before"""


class WorkerSlots:
    """Slots for `most` at once. Its methods may be called from any thread."""

    def __init__(
        self, most: int, changed: Changed = lambda _now, _before: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = max(1, most)
        self._open = self.most
        self._taken = 0
        self._queue = 0
        self._back = 0
        self._changed, self._clock = changed, clock
        self._calm = CALM
        self._since = -SETTLING
        self._free = Condition()

    @property
    def open(self) -> int:
        """How many may move at once now."""
        return self._open

    def queue(self, tables: int) -> None:
        """How many tables could begin if they had a slot: partitions leave them what is free."""
        with self._free:
            self._queue = tables

    def acquire(self, *, spare: bool = False) -> bool:
        """Take a slot if one is free; `spare`: and no table waits for it."""
        with self._free:
            if self._taken >= self._open or self._back or (spare and self._queue):
                return False
            self._taken += 1
            return True

    def release(self) -> None:
        """Let another table or partition have the slot."""
        with self._free:
            self._taken -= 1
            self._free.notify_all()

    @property
    def wanted(self) -> bool:
        """Whether a table waits for a slot that a partition could leave to it."""
        with self._free:
            return self._queue > 0

    def throttle(self) -> None:
        """The server is throttled: close half of the slots."""
        with self._free:
            now, before = self._clock(), self._open
            if now - self._since < SETTLING:
                return
            if self._open < self.most:
                self._calm *= 2
            self._since = now
            self._open = max(1, before // 2)
        if self._open != before:
            self._changed(self._open, before)

    def yield_slot(self, go_on: Callable[[], bool], rest: Callable[[], None]) -> None:
        """At a batch border: stand back while there are more at work than slots, and have `rest` called first.

        Returns with the slot kept or taken again, or when `go_on` is false.
        """
        self._raise()
        with self._free:
            if self._taken <= self._open:
                return
            self._taken -= 1
            self._back += 1
        rest()
        while go_on():
            self._raise()
            with self._free:
                if self._taken < self._open:
                    break
                self._free.wait(_POLL)
        with self._free:
            self._back -= 1
            self._taken += 1

    def _raise(self) -> None:
        """Open one slot more after a calm time."""
        with self._free:
            now, before = self._clock(), self._open
            if before >= self.most or now - self._since < self._calm:
                return
            self._since = now
            self._open += 1
            self._free.notify_all()
        self._changed(before + 1, before)
