"""Small tables move together, several in a transaction, as each alone would cost its round trips.

A table goes with others where the target has nothing of it yet, it has at most `ROWS` rows, none of which is rejected
or repaired on the way. All is as for one table (`wizard.migrate.table_move`), in this order: every table's rows are
read and coerced; the target takes all rows and all checkpoints, or none; each table is written to the journal. Stopped
before the second step, no checkpoint has moved; after it, all have, and the next run finds the tables complete.
Where the target does not say for certain that all is in, each table is moved by itself, from the checkpoint that the
target then gives for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from wizard.events import TableStarted
from wizard.migrate import partitioning
from wizard.migrate.batch_loader import MUCH, BatchLoader
from wizard.migrate.jobs import Job
from wizard.migrate.run_context import RunContext
from wizard.migrate.table_move import TableMove
from wizard.sink import Checkpoint, TableBatch, TablesTogether, TableWriter

ROWS: Final = 5_000
"""rows of a table that goes with others"""
ROWS_TOGETHER: Final = 20_000
TABLES: Final = 32
"""tables in one transaction, and rows of all of them"""


class TableGroup:
    """Tables that are to go together, as many as there is room for."""

    def __init__(self, expected: Mapping[str, int]) -> None:
        self.jobs: list[Job] = []
        self._expected = expected
        self._rows = 0

    def takes(self, job: Job) -> bool:
        """Add the job if it is small enough and there is room."""
        rows = self._expected.get(job.name, ROWS + 1)
        if rows > ROWS or self._rows + rows > ROWS_TOGETHER or len(self.jobs) >= TABLES:
            return False
        self.jobs.append(job)
        self._rows += rows
        return True


def move_together(moves: Sequence[TableMove], together: TablesTogether, context: RunContext) -> dict[str, Checkpoint]:
    """By job name the checkpoints of the tables that have arrived whole; the others are to be moved by themselves.

    Raises TargetError, SourceError, MoveError.
    """
    deliveries = []
    for move in moves:
        move.counts.expected = move.job.source.reader.row_count(move.job.ref.table)
        deliveries.append(partitioning.delivery(move.job, move.counts.expected, 1))
    writers = together.open_several(deliveries)
    ready: list[tuple[TableMove, TableBatch]] = []
    much = 0
    for move, writer in zip(moves, writers, strict=True):
        if writer is None or writer.checkpoint != Checkpoint(source=move.job.source.fingerprint):
            continue
        batch = _read(move, writer)
        if batch is not None and much + batch.rows.nbytes <= MUCH:
            much += batch.rows.nbytes
            ready.append((move, batch))
    if not ready or not context.cancellation.go_on():
        return {}
    for move, _ in ready:
        context.events.emit(TableStarted(time.time(), move.job.name, move.counts.expected))
    context.hook("before the write")
    if not together.write_several([batch for _, batch in ready]):
        return {}
    context.hook("after the write")
    for move, batch in ready:
        move.counts.taken(batch.rows)
        move.counts.committed(None, batch.checkpoint)
    return {move.job.name: batch.checkpoint for move, batch in ready}


def _read(move: TableMove, writer: TableWriter) -> TableBatch | None:
    """All rows of the table; None where it has to move by itself."""
    move.log.forget()
    move.counts.repairs.forget()
    found = BatchLoader(move.counts).whole(ROWS)
    if found is None:
        return None
    rows = found.rows.num_rows
    return TableBatch(writer, found.rows, Checkpoint(found.next, rows, 0, True, writer.checkpoint.source))
