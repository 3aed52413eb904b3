"""How fast each table of a run moves, calculated as for all of them together, so that the figures agree."""

from __future__ import annotations

from wizard.events import BatchCommitted, Event, PauseChanged, TableStarted
from wizard.stages.throughput import Throughput, duration


class TableThroughput:
    """A `Throughput` for each table, from a run's events alone. A listener."""

    def __init__(self) -> None:
        self._tables: dict[str, Throughput] = {}
        self._before: dict[str, int] = {}
        self._paused = False

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case TableStarted():
                pace = self._tables[event.table] = Throughput()
                self._before[event.table] = event.done
                pace(event)
                if self._paused:  # the table came while the others wait
                    pace(PauseChanged(event.at, paused=True))
            case BatchCommitted() if event.table in self._tables:
                self._tables[event.table](event)
            case PauseChanged():
                self._paused = event.paused
                for pace in list(self._tables.values()):  # whoever pauses has another thread than who begins a table
                    pace(event)
            case _:
                pass

    def before(self, table: str) -> int:
        """Rows that were there when the run came to the table."""
        return self._before.get(table, 0)

    def rate(self, table: str) -> float:
        """Rows a second, lately; 0 while nothing is known."""
        pace = self._tables.get(table)
        return pace.rate if pace is not None else 0.0

    def left(self, table: str, rows: int) -> str:
        """How long the rows that are left of a table still take; empty where that is not known, or none are left."""
        rate = self.rate(table)
        return duration(rows / rate) if rate and rows > 0 else ""
