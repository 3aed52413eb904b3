"""Batches of a table read ahead, coerced and written through one writer; bad rows are found and rejected.

A table that moves as a whole has one loader; one that moves in partitions has several at once, which share what
`LoadCounts` holds. The order of things for each batch is in `wizard.migrate.table_move`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from threading import Lock

import numpy as np
import pyarrow as pa

from wizard.access.prefetch import Prefetch
from wizard.coercion.arrow_types import batch_schema
from wizard.coercion.columns import BadValue, ChangeCounts, RepairedCell, RoundedCells
from wizard.coercion.row_source import RowBatch
from wizard.coercion.value_text import exact_text, short_text
from wizard.events import BatchCommitted, RowRejected
from wizard.messages import Message, MoveError
from wizard.migrate.batches import LoadBatch, merge_batches
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import Reject, RejectLog, cause_of
from wizard.migrate.repairs import RepairedValue, RepairLog
from wizard.migrate.run_context import RunContext
from wizard.migrate.source_sums import TableSums
from wizard.sink import Checkpoint, Partition, RefusedError, TableWriter

FAN = 10
FEW = 1_000
"""a refused batch of more rows than `FEW` is sent again in `FAN` parts, one of fewer in halves"""
ASKED = 1_000
"""rows of a refused batch of which the target is asked (where it can say so) which ones it refuses"""
WIDEST = 4
"""batches that are committed together while the target takes them quickly; reading stays as far ahead"""
MUCH = 16 << 20
"""bytes of Arrow data above which no other batch is committed together with these"""
NEAR = 2
"""batches that are read ahead of each of several partitions at once, so that memory stays as it is"""
QUICK, SLOW = 0.5, 2.0
"""seconds of a commit below which the next holds twice as many batches, and above which it holds one again"""
HOPELESS = 100
"""rows refused singly at a table's start, none taken, after which the table is given up"""


class LoadCounts:
    """What the loaders of one table share: its rejects, its figures over all partitions, its one line of progress."""

    def __init__(self, job: Job, log: RejectLog, context: RunContext) -> None:
        self.job, self.log, self.context = job, log, context
        self.repairs = RepairLog(context.files.repairs, log.table)
        self.sums = context.sums.begin(job) if context.sums is not None else None
        """of the rows that are read; None where they are not wanted"""
        self.expected = 0
        self.changes = ChangeCounts()
        self.bytes = 0
        self.taken_here = 0
        self.width = 1
        """batches that were last found to go together: a new loader begins with as many"""
        self.failed = False
        """a loader of the table could not go on: the others end at their next border"""
        self._started = time.monotonic()
        self._checkpoints: dict[Partition | None, Checkpoint] = {}
        self._lock = Lock()

    @property
    def seconds(self) -> float:
        """Since the table was begun in this run."""
        return time.monotonic() - self._started

    @property
    def rows(self) -> int:
        """Rows in the target, over all partitions."""
        return sum(m.rows for m in self._checkpoints.values())

    @property
    def rejected(self) -> int:
        """Rows that were rejected, over all partitions."""
        return sum(m.rejected for m in self._checkpoints.values())

    def at(self, part: Partition | None, checkpoint: Checkpoint) -> None:
        """How far a partition is at the start; None for what the table's own checkpoint counts."""
        self._checkpoints[part] = checkpoint

    def changed(self, changes: ChangeCounts) -> None:
        """Count values that were rounded or repaired."""
        with self._lock:
            self.changes.add(changes)

    def taken(self, rows: pa.RecordBatch) -> None:
        """Count rows that the target has taken."""
        with self._lock:
            self.bytes += rows.nbytes
            self.taken_here += rows.num_rows

    def keep(self, rejects: tuple[Reject, ...]) -> None:
        """Write rejects to the log, flushed, and emit an event of each."""
        with self._lock:
            if rejects:
                self.log.remember(cause_of(self.job, self.context.options), anew=False)
            self.log.add(rejects)
        self.context.limits.add(len(rejects))
        for reject in rejects:
            name = self.job.name
            self.context.events.emit(
                RowRejected(time.time(), name, reject.position, reject.number, reject.column, reject.reason)
            )

    def remember(self, repaired: tuple[RepairedValue, ...]) -> None:
        """Write repaired values to their log, flushed."""
        if repaired:
            with self._lock:
                self.repairs.add(repaired)

    def committed(self, part: Partition | None, checkpoint: Checkpoint) -> None:
        """Emit a batch's event, with the figures of the whole table.

        Raises MoveError where there are too many rejects.
        """
        self.context.hook("before the journal")
        with self._lock:  # told in the order counted, so that the line never goes back
            self._checkpoints[part] = checkpoint
            name, seconds = self.job.name, round(self.seconds, 3)
            self.context.events.emit(
                BatchCommitted(time.time(), name, self.rows, self.rejected, self.expected, self.bytes, seconds)
            )
            rejected = self.rejected
        self.context.hook("after the journal")
        self.context.limits.check(self.job, rejected, self.context.options)

    def go_on(self) -> bool:
        """At a batch border: waits while paused; False where the table's work is to end."""
        return self.context.cancellation.go_on() and not self.failed


class BatchLoader:
    """Moves rows of one table through one writer at a time. `patient`: also where all are refused at first."""

    def __init__(self, counts: LoadCounts, *, patient: bool = False) -> None:
        self.counts, self._patient = counts, patient
        self.job, self.options, self.hook = counts.job, counts.context.options, counts.context.hook
        self._width, self._widest = counts.width, WIDEST
        self._carried = 0  # rows refused since the last write, which the next one's checkpoint counts
        self._refused_in_a_row = 0
        self._wary = False  # the last batch had rows that were refused

    def read(self, start: int, part: Partition | None = None) -> Prefetch[LoadBatch]:
        """Begin to read from a position to the partition's end, or the table's. `run` or the caller closes it."""
        if part is None:
            return Prefetch(self._pieces(start, None), WIDEST, _bytes)
        return Prefetch(self._pieces(start, part.stop), NEAR, _bytes)

    def run(
        self,
        writer: TableWriter,
        part: Partition | None = None,
        *,
        reading: Prefetch[LoadBatch] | None = None,
        ending: Callable[[], None] = lambda: None,
    ) -> bool:
        """Move what is left behind the writer's checkpoint, up to the partition's end. False where that was cancelled.

        `reading` is what `read` began behind the writer's checkpoint, where it has begun; `ending` is called before the
        last rows are written, so that the next ones may be read meanwhile.
        Raises TargetError, SourceError or MoveError where it cannot go on; the checkpoint then stands.
        """
        batches = reading or self.read(writer.checkpoint.next, part)
        try:
            for batch, last in self._grouped(batches, part):
                if not self._border(writer):
                    return False
                if last:
                    ending()
                clock = time.monotonic()
                self.deliver(writer, batch, last=last)
                self._adapt(time.monotonic() - clock)
                self.counts.committed(part, writer.checkpoint)
        finally:
            batches.close()
        if not writer.checkpoint.complete:
            writer.write(self.nothing(), replace(writer.checkpoint, complete=True))
        return True

    def whole(self, most: int) -> LoadBatch | None:
        """All rows of a table; None where they are more than so many, or much, or need to be looked at one by one."""
        batches: list[LoadBatch] = []
        for batch in self._pieces(0, None):
            batches.append(batch)
            much = sum(b.rows.num_rows for b in batches) > most or sum(map(_bytes, batches)) > MUCH
            if much or batch.bad or batch.repaired:
                return None
        return merge_batches(batches) if batches else LoadBatch(self.nothing(), np.empty(0, np.int64), (), 0)

    def _border(self, writer: TableWriter) -> bool:
        """Between two batches: pause, end, or make room where the server is asked for less."""
        self.counts.context.slots.yield_slot(self.counts.go_on, writer.rest)
        return self.counts.go_on()

    def _pieces(self, start: int, stop: int | None) -> Iterator[LoadBatch]:
        """Coerced batches; runs in the reading thread."""
        job = self.job
        size = max(1, self.options.batch_size)
        for batch in job.source.reader.read(job.ref.table, columns=job.wanted, start=start, batch_rows=size, stop=stop):
            yield self.fit(batch, self.counts.sums)

    def _grouped(self, batches: Iterable[LoadBatch], part: Partition | None = None) -> Iterator[tuple[LoadBatch, bool]]:
        """As many batches together as the target takes quickly and memory allows, and whether they are the last.

        While a table has more rows by its own count, none of them are waited for to know that.
        """
        counts = self.counts
        seen = counts.rows + counts.rejected
        waiting: list[LoadBatch] = []
        much = 0
        for batch in batches:
            if waiting and (len(waiting) >= self._width or max(much, _bytes(batch)) >= MUCH):
                yield merge_batches(waiting), False
                waiting, much = [], 0
            waiting.append(batch)
            much += _bytes(batch)
            seen += batch.rows.num_rows + len(batch.bad)
            if part is None and len(waiting) >= self._width and seen < counts.expected:
                yield merge_batches(waiting), False
                waiting, much = [], 0
        if waiting:
            yield merge_batches(waiting), True

    def _adapt(self, seconds: float) -> None:
        """Commits cost a round trip and a flush each: fewer for a quick target, single batches for a slow one."""
        if seconds > SLOW:
            self._width = 1
        elif seconds < QUICK:
            self._width = min(self._widest, self._width * 2)
        self.counts.width = self._width

    def fit(self, batch: RowBatch, sums: TableSums | None = None) -> LoadBatch:
        """A source batch, coerced, its bad rows turned into rejects. `sums` is given it before and after."""
        job, keep_nulls = self.job, self.options.keep_nulls
        coerced = job.plan.fit(batch.rows, batch.positions, job.columns, keep_nulls=keep_nulls, unread=batch.unread)
        if sums is not None:
            sums.add(batch, coerced)
        self.counts.changed(coerced.changes)
        first = {b.row: b for b in reversed(coerced.bad)}
        bad = tuple(self._reject(batch, first[row]) for row in sorted(first))
        repaired = tuple(self._repair(batch, r) for r in coerced.repaired)
        repaired += tuple(self._rounding(batch, r) for r in coerced.rounded)
        return LoadBatch(coerced.rows, batch.positions[coerced.kept], bad, int(batch.next), repaired)

    def _repair(self, batch: RowBatch, found: RepairedCell) -> RepairedValue:
        return RepairedValue(*self._named(batch, found.row), found.column, found.old, found.new, found.rule)

    def _rounding(self, batch: RowBatch, found: RoundedCells) -> RepairedValue:
        """Of a column's values that its type cuts the first, for all of them."""
        first, count = self._named(batch, int(found.rows[0])), len(found.rows)
        return RepairedValue(*first, found.column, found.old, found.new, found.cut.value, count)

    def _named(self, batch: RowBatch, at: int) -> tuple[int, str]:
        """A row's position and key."""
        row = {c.source: batch.rows.column(c.source)[at].as_py() for c in self.job.key}
        return int(batch.positions[at]), key_text(self.job, row)

    def _reject(self, batch: RowBatch, bad: BadValue) -> Reject:
        row = {
            name: column[bad.row].as_py()
            for name, column in zip(batch.rows.schema.names, batch.rows.columns, strict=True)
        }
        key = key_text(self.job, row)
        values = {name: exact_text(value) for name, value in row.items()}
        return Reject(int(batch.positions[bad.row]), key, bad.column, bad.number, bad.reason, values)

    def deliver(self, writer: TableWriter, batch: LoadBatch, *, last: bool = False) -> None:
        """Write a batch, singling out what the target refuses.

        Where it is the `last` and all of it is good, its checkpoint says complete; rejects are held against the limits
        first.
        """
        self.hook("before the rejects")
        self.counts.keep(batch.bad)
        self.counts.remember(batch.repaired)
        wary, self._wary = self._wary, False
        if wary and writer.finder is not None and writer.finder.dear:
            self._ask_first(writer, batch)
        else:
            self._send(writer, batch, last=last and not batch.bad)
        if self._carried:
            self._write(writer, LoadBatch(batch.rows.slice(0, 0), batch.positions[:0], (), batch.next))

    def _send(self, writer: TableWriter, batch: LoadBatch, *, ask: bool = True, last: bool = False) -> bool:
        """Write the batch, or what of it the target takes; whether that is all. `ask`: the target may be asked."""
        try:
            self._write(writer, batch, complete=last)
        except RefusedError as e:
            if not batch.rows.num_rows:
                raise
            self._width = self._widest = 1  # where bad rows are, small commits find them sooner
            if batch.rows.num_rows == 1:
                self._refused(writer, batch, e)
            else:
                self._divide(writer, batch, ask=ask)
            return False
        return True

    def _divide(self, writer: TableWriter, batch: LoadBatch, *, ask: bool) -> None:
        """Send a refused batch in parts until the rows to blame stand alone."""
        rows = batch.rows.num_rows
        if rows > FEW:
            if ask and writer.finder is not None and writer.finder.dear:
                self._ask_first(writer, batch)
                return
            for part in batch.parts(FAN):
                self._send(writer, part, ask=ask)
            return
        if ask and self._sifted(writer, batch):
            return
        first, second = batch.parts(2)
        if not self._send(writer, first, ask=ask) or second.rows.num_rows == 1:
            self._send(writer, second, ask=ask)
        else:  # the first half was taken whole: what was refused is in the second, which need not be tried whole
            self._divide(writer, second, ask=ask)

    def _ask_first(self, writer: TableWriter, batch: LoadBatch) -> None:
        """Send a batch in parts of which the target is asked before they are tried."""
        for part in batch.parts(FAN) if batch.rows.num_rows > FEW else [batch]:
            if not self._sifted(writer, part):
                self._send(writer, part)

    def _sifted(self, writer: TableWriter, batch: LoadBatch) -> bool:
        """Send a batch cut where the target says that rows are to blame. False where it says of none."""
        finder = writer.finder
        if not 0 < batch.rows.num_rows <= ASKED or finder is None:
            return False
        known = finder.sift(batch.rows)
        if not known:
            return False
        *parts, behind = batch.standing_alone(list(known))
        at = 0
        for part in parts:
            why = known.get(at)
            at += part.rows.num_rows
            if why is not None:
                self._refused(writer, part, why)
            else:
                self._send(writer, part, ask=False)
        if (why := known.get(at)) is not None:
            self._refused(writer, behind, why)
        elif not (finder.dear and self._sifted(writer, behind)):  # it may have stopped looking after as many as these
            self._send(writer, behind)
        return True

    def _write(self, writer: TableWriter, batch: LoadBatch, *, complete: bool = False) -> None:
        old = writer.checkpoint
        rows = old.rows + batch.rows.num_rows
        rejected = old.rejected + len(batch.bad) + self._carried
        self.hook("before the write")
        writer.write(batch.rows, replace(old, next=batch.next, rows=rows, rejected=rejected, complete=complete))
        self.hook("after the write")
        self._carried = 0
        self.counts.taken(batch.rows)
        if batch.rows.num_rows:
            self._refused_in_a_row = 0

    def _refused(self, writer: TableWriter, batch: LoadBatch, why: RefusedError) -> None:
        """A row that the target refuses on its own."""
        self._wary = True
        self._refused_in_a_row += 1
        place = self.job.place()
        nothing_taken = not (self.counts.taken_here or self.counts.rows or writer.checkpoint.rows)
        if self._refused_in_a_row >= HOPELESS and nothing_taken and not self._patient:
            count = self._refused_in_a_row
            raise MoveError(6003, place, table=self.job.name, refused=count, reason=why.message.text) from why
        position = int(batch.positions[0])
        row = {c.source: column[0].as_py() for c, column in zip(self.job.columns, batch.rows.columns, strict=True)}
        key = key_text(self.job, row)
        reason = Message.of(6109, reason=why.message.text).text
        reject = Reject(position, key, "", 6109, reason, {n: exact_text(v) for n, v in row.items()})
        self.counts.keep((reject,))
        self._carried += 1 + len(batch.bad)

    def nothing(self) -> pa.RecordBatch:
        """A batch without rows, for a checkpoint that moves alone."""
        return pa.RecordBatch.from_pylist([], schema=batch_schema(self.job.columns))


def _bytes(batch: LoadBatch) -> int:
    return int(batch.rows.nbytes)


def key_text(job: Job, row: Mapping[str, object]) -> str:
    """A row's key as `Reject.key` has it, of values by their source's names."""
    return ", ".join(f"{c.name}={short_text(row.get(c.source))}" for c in job.key)
