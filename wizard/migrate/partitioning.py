"""Whether a table moves in partitions, and where it is cut.

It does where all of this holds:

- at least `LARGE` rows of it are still to move: fewer have arrived through one connection about when a second one
  is of use, which has to be opened and to learn the table's columns first;
- the run may move more than one table at once (option *parallel_tables*, else the cores): partitions take slots that no
  other table waits for;
- the source can be read from any place on its own (not when salvaging, not the hidden tables of complex columns);
- the target says that several writers need not wait for each other (`sink.Partitionable.shared`). A server is asked by
  trying it out with the table's own options: with the table lock (option *table_lock*), bulk copies run side by side
  into a heap without indexes and stand in line for any other table; without it they lock rows.

What is left of the table is then divided. A partition has `PARTITION_ROWS` rows, more where batches are larger or
there would be more than `MOST` partitions: small enough that all connections end at about the same time, large enough
that a partition's own checkpoint costs nothing to speak of. Where the borders are is planned once and kept in the
target: a run with more or fewer workers goes on with the same partitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wizard.coercion.row_source import PartitionedReader
from wizard.migrate.jobs import Job
from wizard.sink import Checkpoint, Delivery, Partition, TableWriter

LARGE: Final = 500_000
PARTITION_ROWS: Final = 25_000
MOST: Final = 64


def may_partition(job: Job, rows: int, slots: int) -> bool:
    """Whether a table of which so many rows are left might move in partitions, as far as can be known without its
    target. `slots` are the worker slots of the run.
    """
    return rows >= LARGE and slots > 1 and isinstance(job.source.reader, PartitionedReader)


def delivery(job: Job, rows: int, slots: int) -> Delivery:
    """What a target gets to know of a job of which so many rows are left."""
    writers = slots if may_partition(job, rows, slots) else min(rows, 1)
    return Delivery(job.table, job.columns, job.source.fingerprint, writers=writers, rows=rows)


def borders(job: Job, writer: TableWriter, left: int, batch_size: int, slots: int) -> list[int]:
    """Positions behind the writer's checkpoint at which to divide a table of which so many rows are left; none: do not.

    Whether the writer's target takes partitions side by side is not asked yet.
    """
    reader = job.source.reader
    if not may_partition(job, left, slots) or writer.partitions is None or not isinstance(reader, PartitionedReader):
        return []
    return after_checkpoint(
        writer.checkpoint, reader.parts(job.ref.table, max(PARTITION_ROWS, batch_size, -(-left // MOST)))
    )


def after_checkpoint(checkpoint: Checkpoint, positions: list[int]) -> list[int]:
    """Those positions that lie behind a checkpoint."""
    return [p for p in positions if p > checkpoint.next]


def is_settled(parts: Sequence[tuple[Partition, Checkpoint]], own: Checkpoint, position: int) -> bool:
    """Whether the row at a position was dealt with: the table's own checkpoint or its partition's lies behind it."""
    if position < own.next:
        return True
    return any(
        part.start <= position < checkpoint.next
        for part, checkpoint in parts
        if part.stop is None or position < part.stop
    )
