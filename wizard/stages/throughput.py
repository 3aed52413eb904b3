"""How fast all tables of a run move together, and how long they still take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from wizard.events import BatchCommitted, Event, PauseChanged, Retrying, TableStarted

if TYPE_CHECKING:
    from wizard.stages.views import TableProgress

WINDOW: Final = 10.0
"""seconds looked back over: less jumps with every batch, more is slow to see that a server slowed down"""


def duration(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 10`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds / 60 + 0.5)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"


def megabytes(count: int) -> str:
    """`0.4 MB`, `1,204 MB`: millions of bytes."""
    return f"{count / 1e6:,.0f} MB" if count >= 10_000_000 else f"{count / 1e6:.1f} MB"


class Throughput:
    """Rows a second, megabytes and retries of a run, from its events alone. A listener.

    Rows that were there before the run, and the time it was paused, do not count.
    """

    def __init__(self) -> None:
        self.rate = 0.0
        """rows a second, lately; 0 while nothing is known"""
        self.retries: Counter[str] = Counter()
        """by table, as events name it; empty for what was no table's"""
        self._bytes: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        """moved in this run"""
        self._before: dict[str, int] = {}
        self._began = 0.0
        self._paused = 0.0
        """when the pause began that goes on"""
        self._seen = (0, 0.0)
        """rows, and seconds of work, at the last batch"""

    @property
    def bytes(self) -> int:
        """Arrow bytes moved in this run."""
        return sum(self._bytes.values())

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case TableStarted():
                self._began = self._began or event.at
                self._before[event.table] = event.done
                self._rows[event.table] = 0
            case BatchCommitted():
                self._rows[event.table] = max(0, event.done - self._before.get(event.table, 0))
                self._bytes[event.table] = event.bytes
                self._moved(sum(self._rows.values()), event.at - self._began)
            case Retrying():
                self.retries[event.table] += 1
            case PauseChanged():
                if self._paused and not event.paused:
                    self._began += event.at - self._paused
                self._paused = event.at if event.paused else 0.0
            case _:
                pass

    def _moved(self, rows: int, seconds: float) -> None:
        """Rows so far after so many seconds of work. A batch's own rate counts by the time it took."""
        before, then = self._seen
        passed = seconds - then
        if passed <= 0 or rows < before:
            return
        rate = (rows - before) / passed
        weight = min(1.0, passed / min(WINDOW, max(1.0, seconds)))
        self.rate = rate if not self.rate else self.rate * (1 - weight) + rate * weight
        self._seen = rows, seconds

    def left(self, tables: Iterable[TableProgress]) -> float | None:
        """Seconds to go for the tables that wait or move; None while nothing is known."""
        rows = sum(max(0, t.rows - t.done - t.rejected) for t in tables if t.status.under_way)
        return rows / self.rate if self.rate else None
