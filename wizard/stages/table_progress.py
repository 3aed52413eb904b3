"""The events of stage 8 gathered into one line a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wizard.events import BatchCommitted, Event, TableFinished, TableStarted, TableVerified
from wizard.outcomes import TableState
from wizard.stages.views import TableProgress


class TableProgressLines:
    """Follows events into one line a table; give it a history first, then live events. A listener.

    That a later run found a table there takes nothing from how it came there.
    """

    def __init__(self, tables: Iterable[TableProgress] = ()) -> None:
        self._tables = {t.table: t for t in tables}

    @property
    def tables(self) -> tuple[TableProgress, ...]:
        """The lines, in the order in which tables began."""
        return tuple(self._tables.values())

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case TableStarted():
                self._set(event.table, rows=event.rows, done=event.done, status=TableState.RUNNING, equal=None)
            case BatchCommitted():
                self._set(
                    event.table, rows=event.rows, done=event.done, rejected=event.rejected, bytes=event.bytes,
                    seconds=event.seconds, status=TableState.RUNNING, equal=None,
                )  # fmt: skip
            case TableFinished():
                known = self._tables.get(event.table)
                seen = event.done + event.rejected + event.unread if event.status.over else 0
                there = known is not None and event.status is TableState.THERE and known.status.over
                self._set(
                    event.table, done=event.done, rejected=event.rejected, repaired=event.repaired,
                    damaged=event.damaged, unread=event.unread, rounded=event.rounded, detail=event.detail,
                    equal=self._equal(event), rows=max(known.rows if known else 0, seen, event.rows),
                    **{} if there else {"seconds": event.seconds, "status": event.status},
                )  # fmt: skip
            case TableVerified() if event.table in self._tables:
                self._set(event.table, equal=event.equal, found=event.detail)
            case _:
                pass

    def _set(self, table: str, **changes: Any) -> None:
        self._tables[table] = replace(self._tables.get(table) or TableProgress(table, rows=0), **changes)

    def _equal(self, event: TableFinished) -> bool | None:
        """What was found of a table that was there already holds still."""
        known = self._tables.get(event.table)
        return known.equal if known is not None and event.status is TableState.THERE else None


def cut_off(line: TableProgress) -> TableProgress:
    """The line of a table that nobody works on, whatever its last event says: its process was killed."""
    if line.status is not TableState.RUNNING:
        return line
    return replace(line, status=TableState.STOPPED, detail="cut off: its process ended on the way; run it again")
