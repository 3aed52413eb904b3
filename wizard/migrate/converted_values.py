"""What a server has rounded or cut of rows that were there when the types of their columns were changed.

The server converts them by itself and says nothing. The rows stay as they are, since people may have changed them:
the source is read once more through the same coercion as when rows move, without anything being written, and what the
types do not hold is recorded as if it had been rounded on its way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from wizard.coercion.columns import Cut
from wizard.messages import Message
from wizard.migrate.batch_loader import BatchLoader
from wizard.migrate.batches import SelectedRows
from wizard.migrate.filled_types import FilledTypes
from wizard.migrate.jobs import Job
from wizard.migrate.repairs import RepairedValue, RepairLog
from wizard.migrate.table_move import TableMove

_CUTS: Final = frozenset(Cut)


def see_converted(move: TableMove, types: FilledTypes) -> bool:
    """Where rows that were there had to become others, as the types of columns were changed: count them, once.

    False where that was cancelled. Raises SourceError, MoveError.
    """
    job = move.job
    if not types.narrowed(job):
        return True
    count = _record_converted(move)
    if count is None:
        return False
    if count:
        facts = {"columns": _narrowed_columns(job, types), "count": count, "file": move.counts.repairs.publish()}
        move.context.events.say(Message.of(6044, job.place(), table=job.name, **facts))
    types.keep([job])
    return True


def begun_anew(job: Job, types: FilledTypes) -> Message | None:
    """Why a table that was filled is there no more, where the types of its columns are the reason."""
    told = _narrowed_columns(job, types)
    return Message.of(6043, job.place(), table=job.name, columns=told) if told else None


def _narrowed_columns(job: Job, types: FilledTypes) -> str:
    now = {c.name: c.type for c in job.columns}
    return ", ".join(f"{name} ({then}, now {now[name]})" for name, then in types.narrowed(job).items())


def _record_converted(move: TableMove) -> int | None:
    """Record the values that the types of the table's columns do not hold; gives how many that are.

    None where that was cancelled. What is recorded of a column already stays where it is as much. Raises SourceError,
    MoveError.
    """
    job, counts, context = move.job, move.counts, move.context
    rejected = np.array([r.position for r in move.log.read()], dtype=np.int64)
    loader, found = BatchLoader(counts), list[RepairedValue]()
    size = max(1, context.options.batch_size)
    for batch in job.source.reader.read(job.ref.table, columns=job.wanted, batch_rows=size):
        if not counts.go_on():
            return None
        here = np.flatnonzero(~np.isin(batch.positions, rejected))
        rows = batch.rows.take(pa.array(here))
        arrived = SelectedRows(rows, batch.positions[here], batch.next, batch.unread)
        found += [r for r in loader.fit(arrived).repaired if r.rule in _CUTS]
    _record(counts.repairs, found)
    return sum(r.count for r in found if Cut(r.rule).loses)


def _record(log: RepairLog, found: Sequence[RepairedValue]) -> None:
    """Put what was found in the place of what is known of the same columns, where it is more."""
    before, after = log.counts(), Counter[tuple[str, str]]()
    for one in found:
        after[one.column, one.rule] += one.count
    more = {of for of, count in after.items() if count > before[of]}
    if more:
        kept = [r for r in log.read() if (r.column, r.rule) not in more]
        log.replace([*kept, *(r for r in found if (r.column, r.rule) in more)])
