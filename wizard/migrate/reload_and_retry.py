"""Tables emptied for a reload, and rejected rows sent again after their cause is mended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa

from wizard.events import BatchCommitted, Event, MessageTold, RowRejected, Stage, TableFinished, TableStarted
from wizard.messages import Kind, Message, MoveError, Place
from wizard.migrate.batch_loader import BatchLoader, LoadCounts
from wizard.migrate.batches import SelectedRows
from wizard.migrate.filled_types import FilledTypes
from wizard.migrate.jobs import Job, in_order
from wizard.migrate.rejects import Reject, RejectLog, cause_of
from wizard.migrate.repairs import RepairLog, changed, damaged, repair_messages, rounded
from wizard.migrate.run import log_left_behind, rows_moved, rows_unread
from wizard.migrate.run_context import RejectLimits, RunContext
from wizard.migrate.run_result import TableResult
from wizard.migrate.same_rows import is_same_row
from wizard.outcomes import TableState, settled
from wizard.sink import Checkpoint, Delivery, Sink, TableWriter

_TOGETHER: Final = 1_000
"""rejects that are read at once"""


def filled(jobs: Sequence[Job], sink: Sink) -> dict[str, int]:
    """By job name, how many rows Jetferry put into each of the tables: what a reload would take away. Ask first."""
    checkpoints = {j.name: sink.checkpoint(j.table.name) for j in jobs}
    return {name: checkpoint.rows for name, checkpoint in checkpoints.items() if checkpoint is not None}


def reload(jobs: Sequence[Job], context: RunContext) -> list[Job]:
    """Empty the jobs' tables, children before parents, so that `run` fills them again; gives those that were.

    A table Jetferry has put nothing into is left as it is. Each is written to the journal. Raises MoveError, or
    TargetError where rows of other tables still refer to a table's rows.
    """
    sink, files = context.sink, context.files
    ours = filled(jobs, sink)
    ordered, _ = in_order([j.table for j in jobs])
    by_name = {j.table.name: j for j in jobs}
    emptied = list[Job]()
    for table in reversed(ordered):
        job = by_name[table.name]
        if job.name in ours:
            sink.empty(table.name)
            RejectLog(files.rejects, table.name).forget()
            RepairLog(files.repairs, table.name).forget()
            context.events.record(TableFinished(time.time(), job.name, 0, 0, 0.0, TableState.WAITING))
            emptied.append(job)
    return emptied


def retry_rejects(job: Job, context: RunContext) -> TableResult:
    """Send a table's rejected rows again; those that are refused once more stay rejected, with the new reason.

    Exactly once as in `run`: these rows are a part of their own with a checkpoint of its own. What is refused goes to a
    second log; when all were sent and the checkpoint says so, that log takes the first one's place. A retry that was
    stopped is gone on with. Raises MoveError, SourceError or TargetError.
    """
    return _Retry(job, replace(context, limits=RejectLimits())).run()


class _FormerTable:
    """Gives a retry's events the figures of the whole table, as a line a table shows them."""

    def __init__(self, job: Job, sink: Sink) -> None:
        self._total = job.source.reader.row_count(job.ref.table)
        self._arrived, self.rejected = rows_moved(sink, job.table.name)
        self._before: int | None = None
        """rows that arrived before this retry, which may be gone on with"""

    def __call__(self, event: Event) -> Event:
        if not isinstance(event, TableStarted | BatchCommitted | TableFinished):
            return event
        if self._before is None:
            self._before = self._arrived - event.done
        done = self._before + event.done
        rejected = self.rejected + self._arrived - done
        match event:
            case TableStarted():
                return replace(event, rows=self._total, done=done)
            case BatchCommitted():
                return replace(event, rows=self._total, done=done, rejected=rejected)
            case TableFinished():
                return replace(event, done=done, rejected=rejected)


class _Retry:
    def __init__(self, job: Job, context: RunContext) -> None:
        self.job, self.context = job, context
        self._whole = _FormerTable(job, context.sink)
        checkpoint = context.sink.checkpoint(job.table.name)
        self.as_it_was = checkpoint is not None and checkpoint.source == job.source.fingerprint
        """the file has not changed since: positions in it are those that the rejects have"""
        self.log = RejectLog(context.files.rejects, job.table.name)
        self.number = self._number()
        self.again = RejectLog(context.files.rejects, job.table.name, f"{self.part}.jsonl")
        self.move = BatchLoader(LoadCounts(job, self.again, context), patient=True)
        self.clock = time.monotonic()

    def _emit(self, event: Event) -> None:
        self.context.events.emit(self._whole(event))

    @property
    def part(self) -> str:
        return f"retry-{self.number}"

    def _number(self) -> int:
        """Of the retry to go on with, or a new one's: the first whose checkpoint is not complete or whose log waits."""
        number = 1
        while True:
            checkpoint = self.context.sink.checkpoint(self.job.table.name, f"retry-{number}")
            waiting = RejectLog(self.context.files.rejects, self.job.table.name, f"retry-{number}.jsonl")
            if checkpoint is None or not checkpoint.complete or waiting.path.exists():
                return number
            number += 1

    def run(self) -> TableResult:
        job = self.job
        rejects = sorted(self.log.read(), key=lambda r: r.position)
        self._see_that_all_are_listed(len(rejects))
        FilledTypes(self.context.files.filled_types).more(job)
        writer = self.context.sink.open(Delivery(job.table, job.columns, job.source.fingerprint, self.part))
        try:
            if not writer.checkpoint.complete:
                self.again.keep_before(writer.checkpoint.next)
                left = {r.position for r in rejects if r.position >= writer.checkpoint.next}
                self.move.counts.repairs.leave_out(left)  # what a retry that was stopped found is found again
                self._emit(TableStarted(time.time(), job.name, len(rejects), writer.checkpoint.rows))
                if not self._send(writer, [r for r in rejects if r.position >= writer.checkpoint.next], len(rejects)):
                    return self._result(writer.checkpoint, len(rejects), TableState.STOPPED)
                # the log exists from here on, so that an interrupted exchange is seen
                self.again.path.touch()
                writer.write(self.move.nothing(), replace(writer.checkpoint, complete=True))
            self.context.hook("before the exchange")
            return self._exchange(writer.checkpoint, len(rejects))
        finally:
            writer.close()
            self.again.close()

    def _see_that_all_are_listed(self, listed: int) -> None:
        """Raises MoveError 6308 where the list is shorter than the target's count: the rows that are not on it would be
        taken for tried."""
        job, begun = self.job, self.context.sink.checkpoint(self.job.table.name, self.part) or Checkpoint()
        rejected = self._whole.rejected + begun.rows
        if listed < rejected and not begun.complete:  # else only the exchange of the lists is left
            facts = {"table": job.name, "rejected": rejected, "listed": listed, "file": self.log.path}
            raise MoveError(6308, job.place(), **facts)

    def _send(self, writer: TableWriter, rejects: Sequence[Reject], total: int) -> bool:
        """Read the rows from the source again and deliver them. False where cancelled."""
        left = list(rejects)
        while left:
            if not self.context.cancellation.go_on():
                return False
            taken, missing, left = self._read(left)
            for reject, message in missing:
                self._emit(MessageTold(time.time(), Stage.MIGRATE, message))
                self.again.add((replace(reject, reason=message.text, number=message.number),))
                self._emit(RowRejected(time.time(), self.job.name, reject.position, message.number, "", message.text))
            if taken is None:
                continue
            self.move.deliver(writer, self.move.fit(taken))
            checkpoint, seconds = writer.checkpoint, round(time.monotonic() - self.clock, 3)
            moved = self.move.counts.bytes
            self._emit(
                BatchCommitted(time.time(), self.job.name, checkpoint.rows, checkpoint.rejected, total, moved, seconds)
            )
        return True

    def _read(self, rejects: list[Reject]) -> tuple[SelectedRows | None, list[tuple[Reject, Message]], list[Reject]]:
        """The rows of the first rejects, as many as come in one batch; those that are not there; and what is left."""
        job = self.job
        found = job.source.reader.read(
            job.ref.table, columns=job.wanted, start=rejects[0].position, batch_rows=min(len(rejects), _TOGETHER)
        )
        batch = next(iter(found), None)
        if batch is None:
            return None, [(r, self._missing(6304, r)) for r in rejects], []
        keep = self.context.options.keep_nulls
        here = [r for r in rejects if r.position < batch.next]
        at = {int(position): row for row, position in enumerate(batch.positions)}
        missing, rows = list[tuple[Reject, Message]](), list[int]()
        for reject in here:
            row = at.get(reject.position)
            if row is None:
                missing.append((reject, self._missing(6304, reject)))
            elif self.as_it_was or is_same_row(job, reject, batch.rows.slice(row, 1), keep_nulls=keep):
                rows.append(row)
            else:
                missing.append((reject, self._missing(6305, reject)))
        left = rejects[len(here) :]
        if not rows:
            return None, missing, left
        taken = batch.rows.take(pa.array(rows))
        return SelectedRows(taken, batch.positions[rows], here[-1].position + 1, batch.unread), missing, left

    def _missing(self, number: int, reject: Reject) -> Message:
        place = Place(Kind.ROW, source=self.job.ref.source, name=self.job.ref.table, part=str(reject.position))
        return Message.of(number, place, table=self.job.name, position=reject.position)

    def _exchange(self, checkpoint: Checkpoint, total: int) -> TableResult:
        """All were sent: the second log takes the first one's place."""
        if self.again.path.exists():
            self.log.replace(self.again.read())
            self.again.close()
            self.again.path.unlink()
        file = self.log.publish()
        message = Message.of(6302, self.job.place(), table=self.job.name, count=total, arrived=checkpoint.rows)
        self._emit(MessageTold(time.time(), Stage.MIGRATE, message))
        repairs = self.move.counts.repairs
        repairs.leave_out({r.position for r in self.log.read()})
        for message in repair_messages(self.job, repairs):
            self._emit(MessageTold(time.time(), Stage.MIGRATE, message))
        if file is None:
            self.log.forget()
        else:
            self.log.remember(cause_of(self.job, self.context.options))
            message = log_left_behind(self.job, *rows_moved(self.context.sink, self.job.table.name), file)
            self._emit(MessageTold(time.time(), Stage.MIGRATE, message))
        return self._result(checkpoint, total, TableState.DONE)

    def _result(self, checkpoint: Checkpoint, total: int, status: TableState) -> TableResult:
        job, seconds = self.job, round(time.monotonic() - self.clock, 3)
        rejected = total - checkpoint.rows  # those that were not even tried counted in
        repairs = self.move.counts.repairs.counts()
        figures = changed(repairs), damaged(repairs), 0, rounded(repairs)
        if status is TableState.DONE:
            moved = rows_moved(self.context.sink, job.table.name)
            figures = *figures[:2], rows_unread(job, sum(moved)), figures[3]
            status = settled(*moved, *figures[1:])
        self._emit(
            TableFinished(time.time(), job.name, checkpoint.rows, rejected, seconds, status, self.part, *figures)
        )
        name = f"{job.ref.source}.{job.ref.table}"
        return TableResult(
            job.name,
            name,
            status,
            total,
            checkpoint.rows,
            rejected,
            seconds,
            self.move.counts.bytes,
            self.part,
            0,
            self.move.counts.taken_here,
            *figures,
        )
