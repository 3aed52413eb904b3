"""One table's move, as a whole or in partitions.

The order of things for each batch, and why a stop between any two of them loses and doubles nothing:

1. rows that the checks refuse are appended to the reject log and flushed;
2. the target takes the good rows and the new checkpoint, both or neither;
3. the journal is written and flushed.

Stopped before 2, the checkpoint is the old one: the next run reads the same rows again, finds the same bad ones, and
the log has forgotten what lay behind the checkpoint. Stopped between 2 and 3, the checkpoint is the new one: the next
run goes on behind the batch and the journal is corrected from the checkpoint. A disk that is full in 1 stops the run
before the batch is written; in 3, after it; both leave the case just described. Two processes: see `wizard.sink`.

A table that moves in partitions (`wizard.migrate.partitioning` says when) has a checkpoint for each partition, and
the same holds for each: partitions share no row, because a partition ends where the next begins, and no checkpoint,
so that what stops one between any two steps says nothing about another. The log, which they share, forgets for each
partition what lay behind that partition's checkpoint. Besides:

- Stopped before the division is in the target: there are no partitions, and the next run divides again, or not.
- Stopped after it: the next run finds the partitions in the target and moves what is left of each, be it by one
  worker or many; it never divides a second time.
- Stopped when all partitions are complete and not yet joined: the next run moves nothing and joins.
- Joining is one step of the target: after it the table's checkpoint counts everything and there are no partitions;
  before it the partitions do. A table that was half moved before it was divided keeps those rows on its own
  checkpoint, and the partitions begin behind them.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Lock

from wizard.access.prefetch import Prefetch
from wizard.events import MessageTold, Stage, TableStarted
from wizard.messages import Message
from wizard.migrate import partitioning
from wizard.migrate.batch_loader import BatchLoader, LoadCounts
from wizard.migrate.batches import LoadBatch
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RejectLog
from wizard.migrate.run_context import RunContext
from wizard.sink import Checkpoint, Partition, Partitionable, TableWriter


class TableMove:
    """Moves the rows of one job behind the target's checkpoint."""

    def __init__(self, job: Job, log: RejectLog, context: RunContext) -> None:
        self.job, self.log, self.context = job, log, context
        self.counts = LoadCounts(job, log, context)

    def run(self) -> tuple[Checkpoint, bool]:
        """Move what is left. Gives the checkpoint reached and whether the table is complete (else it was cancelled).

        Raises TargetError, SourceError or MoveError where the table cannot go on; the checkpoints then stand.
        """
        job, counts = self.job, self.counts
        counts.expected = job.source.reader.row_count(job.ref.table)
        writer = self.context.sink.open(partitioning.delivery(job, counts.expected, self.context.slots.open))
        try:
            partitions = writer.partitions
            parts = partitions.parts if partitions is not None else ()
            for log in (self.log, counts.repairs):
                log.keep(lambda position: partitioning.is_settled(parts, writer.checkpoint, position))
            counts.at(None, writer.checkpoint)
            for part, checkpoint in parts:
                counts.at(part, checkpoint)
            if counts.rows or counts.rejected or writer.checkpoint.next:
                counts.sums = None  # rows of an earlier run are not among them
            self.context.events.emit(TableStarted(time.time(), job.name, counts.expected, counts.rows))
            if partitions is not None and (parts or self._divided(writer, partitions)):
                return self._in_parts(writer, partitions)
            complete = writer.checkpoint.complete or BatchLoader(counts).run(writer)
            return writer.checkpoint, complete
        finally:
            writer.close()
            self.log.close()
            counts.repairs.close()

    def _divided(self, writer: TableWriter, partitions: Partitionable) -> bool:
        """Divide the table if that is to be. False where it is to move as a whole, or is there already."""
        job, counts, context = self.job, self.counts, self.context
        left = counts.expected - counts.rows - counts.rejected
        slots = context.slots.open
        borders = partitioning.borders(job, writer, left, context.options.batch_size, slots)
        if not borders or writer.checkpoint.complete or not counts.go_on():
            return False
        if not partitions.shared():
            return False
        context.hook("before dividing")
        partitions.divide(borders)
        context.hook("after dividing")
        for part, checkpoint in partitions.parts:
            counts.at(part, checkpoint)
        place = job.place()
        message = Message.of(6020, place, table=job.name, parts=len(partitions.parts), most=slots)
        context.events.emit(MessageTold(time.time(), Stage.MIGRATE, message))
        return True

    def _in_parts(self, writer: TableWriter, partitions: Partitionable) -> tuple[Checkpoint, bool]:
        """Move all partitions, this thread and as many others as there are slots, then join them."""
        work = _Partitions(self, partitions)
        if not work.done():
            return replace(writer.checkpoint, rows=self.counts.rows, rejected=self.counts.rejected), False
        self.context.hook("before joining")
        end = max(m.next for m in (writer.checkpoint, *work.checkpoints.values()))
        whole = replace(
            writer.checkpoint, next=end, rows=self.counts.rows, rejected=self.counts.rejected, complete=True
        )
        partitions.join(whole)
        self.context.hook("after joining")
        return whole, True


class _Partitions:
    """The partitions of a table under way. Each worker takes one after the other, until none is left."""

    def __init__(self, move: TableMove, partitions: Partitionable) -> None:
        self.counts, self.context, self.partitions = move.counts, move.context, partitions
        self.checkpoints: dict[Partition, Checkpoint] = dict(partitions.parts)
        self._left = deque(part for part, checkpoint in partitions.parts if not checkpoint.complete)
        self._lock = Lock()
        self._helpers: list[Future[bool]] = []

    def done(self) -> bool:
        """Move them. False where the run was cancelled. Raises what the first worker that failed raised."""
        most = self.context.slots.most
        with ThreadPoolExecutor(most, thread_name_prefix="part") as self._pool:
            try:
                complete = self._work(helper=False)
            except BaseException:
                self.counts.failed = True
                raise
            for helper in self._helpers:
                complete = helper.result() and complete
        return complete and not self._left

    def _call_help(self) -> None:
        """Another worker for each place that is free and that no table waits for."""
        while self._left and self.context.slots.acquire(spare=True):
            self._helpers.append(self._pool.submit(self._help))

    def _help(self) -> bool:
        try:
            return self._work(helper=True)
        except BaseException:
            self.counts.failed = True
            raise
        finally:
            self.context.slots.release()

    def _work(self, *, helper: bool) -> bool:
        """Partitions, one after the other; a helper leaves its place to a table that waits for one."""
        loader = BatchLoader(self.counts)
        current, following = self._taken(loader), None
        try:
            while current:
                if not helper:
                    self._call_help()
                if not self.counts.go_on():
                    return False
                part, reading = current

                def ending() -> None:
                    nonlocal following
                    if not (helper and self.context.slots.wanted):
                        following = self._taken(loader)

                writer = self.partitions.part(part)
                try:
                    if not loader.run(writer, part, reading=reading, ending=ending):
                        return False
                    self.checkpoints[part] = writer.checkpoint
                    self.counts.at(part, writer.checkpoint)
                finally:
                    writer.close()
                if following is None and not (helper and self.context.slots.wanted):
                    following = self._taken(loader)
                current, following = following, None
        finally:
            for left in (current, following):
                if left:
                    left[1].close()
        return True

    def _taken(self, loader: BatchLoader) -> tuple[Partition, Prefetch[LoadBatch]] | None:
        """The next partition, its reading begun; None where none is left."""
        with self._lock:
            if not self._left:
                return None
            part = self._left.popleft()
        return part, loader.read(self.checkpoints[part].next, part)
