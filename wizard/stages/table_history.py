"""Rows and time of a table in each recorded run, and over all runs since it was begun.

A record has a table's rows as they stood when the run ended, and the seconds of that run alone: a table that was
stopped and gone on with would seem to have come over in the last run's seconds. The journal knows every start, those
of runs that were killed too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wizard.events import BatchCommitted, Event, Stage, TableFinished, TableStarted
from wizard.messages import MoveError
from wizard.migrate import run_history
from wizard.migrate.run_history import MOVED
from wizard.migrate.run_result import RunResult
from wizard.outcomes import TableState
from wizard.stages.project_session import ProjectSession

RunRecord = Mapping[str, Any]
"""of a run, as `wizard.migrate.run_history.records` reads it"""


def keep_run(session: ProjectSession, result: RunResult, *, well: bool) -> None:
    """Keep a run beside the others, a stopped one too.

    Raises RecordError; after a run that did not end well that is only a message, as what ended it counts for more.
    """
    try:
        run_history.keep_run(result, session.files.runs)
    except MoveError as e:
        if well:
            raise
        session.emit_message(Stage.MIGRATE, e.message)


@dataclass(frozen=True, slots=True)
class TableRun:
    """A table's share of one run, as the journal has it."""

    table: str
    status: TableState
    ended: float
    rows: int
    """that arrived in this run"""
    seconds: float
    in_all: float
    """seconds of all runs since the table was begun, this one's among them"""


@dataclass(slots=True)
class _TableSoFar:
    """A table's way so far."""

    in_all: float = 0.0
    """seconds of the runs before the present one"""
    before: int | None = None
    """rows that were there when the present run came to the table; None where none has"""
    seconds: float = 0.0
    """of the present run"""


def table_runs(events: Iterable[Event]) -> list[TableRun]:
    """The turns of all tables that moved, in the order in which they ended; a killed one only adds to the next's."""
    ways, found = dict[str, _TableSoFar](), list[TableRun]()
    for event in events:
        match event:
            case TableStarted():
                way = ways.get(event.table)
                begun = way.in_all + way.seconds if way is not None and event.done else 0.0
                ways[event.table] = _TableSoFar(begun, event.done)
            case BatchCommitted():
                ways.setdefault(event.table, _TableSoFar()).seconds = event.seconds
            case TableFinished(status=TableState.WAITING):  # emptied, to be filled again
                ways.pop(event.table, None)
            case TableFinished():
                way = ways.get(event.table)
                if way is None or way.before is None:  # it was there already, or the run never came to it
                    continue
                in_all = round(way.in_all + event.seconds, 3)
                rows = max(0, event.done - way.before)
                found.append(TableRun(event.table, event.status, event.at, rows, event.seconds, in_all))
                ways[event.table] = _TableSoFar(0.0 if event.status in MOVED else in_all)
            case _:
                pass
    return found


def with_table_runs(runs: Sequence[RunRecord], events: Iterable[Event]) -> list[dict[str, Any]]:
    """The records with what the journal knows beside each table: `migrated` is what the run moved itself, `arrived`
    what was there at its end, `seconds_in_all` the seconds since the table was begun."""
    known = table_runs(events)
    return [{**run, "tables": [_line(run, table, known) for table in run["tables"]]} for run in runs]


def _line(run: RunRecord, line: RunRecord, known: Sequence[TableRun]) -> dict[str, Any]:
    began = datetime.fromisoformat(run["started"]).timestamp()
    turn = next(
        (
            t
            for t in known
            if (t.table, t.status, t.seconds) == (line["table"], line["status"], line["seconds"]) and t.ended >= began
        ),
        None,
    )
    if turn is None:  # it moved nothing, or the journal is not this run's
        moved = line["migrated"] if line["status"] in MOVED else 0
        return {**line, "migrated": moved, "arrived": line["migrated"], "seconds_in_all": line["seconds"]}
    return {**line, "migrated": turn.rows, "arrived": line["migrated"], "seconds_in_all": turn.in_all}


def since_begun(runs: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """Records of `with_turns` in which a table's seconds are those since it was begun."""
    return [{**run, "tables": [{**t, "seconds": t["seconds_in_all"]} for t in run["tables"]]} for run in runs]


def run_heading(run: RunRecord) -> str:
    """When a run began, that it sent rejects again alone, and how it ended where that was not well."""
    failed = any(t["status"] == TableState.FAILED for t in run["tables"])
    ended = "stopped" if run["cancelled"] else "failed" if failed else ""
    return " ".join(filter(None, (run["started"], "rejects" if run.get("of_rejects") else "", ended)))
