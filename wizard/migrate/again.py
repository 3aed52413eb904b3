"""Again: emptying tables for a reload, and sending rejected rows after their cause is mended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wizard.events import BatchCommitted, Event, Listener, RowRejected, Stage, TableFinished, TableStarted, Told
from wizard.messages import Kind, Message, Place
from wizard.migrate.control import Control
from wizard.migrate.jobs import Job, in_order
from wizard.migrate.journal import Journal, heard
from wizard.migrate.lane import Counts, Hook, Lane, Limits, Surroundings
from wizard.migrate.rejects import Reject, RejectLog
from wizard.migrate.run import REJECTS, TableResult
from wizard.objects import Name
from wizard.settings import Options
from wizard.target.sink import Delivery, Mark, Sink, TableWriter


def _nothing(_: object) -> None:
    return None


def filled(jobs: Sequence[Job], sink: Sink) -> dict[str, int]:
    """By job name, how many rows Jetferry put into each of the tables: what a reload would take away. Ask first."""
    marks = {j.name: sink.mark(j.table.name) for j in jobs}
    return {name: mark.rows for name, mark in marks.items() if mark is not None}


def reload(jobs: Sequence[Job], sink: Sink, folder: Path) -> list[Job]:
    """Empty the jobs' tables, children before parents, so that `run` fills them anew; gives those that were.

    A table Jetferry has put nothing into is left as it is. The journal tells of each. Raises MoveError, or
    TargetError where rows of other tables still refer to a table's rows.
    """
    ours = filled(jobs, sink)
    ordered, _ = in_order([j.table for j in jobs])
    by_name = {j.table.name: j for j in jobs}
    emptied, journal = list[Job](), Journal(folder)
    try:
        for table in reversed(ordered):
            job = by_name[table.name]
            if job.name in ours:
                sink.empty(table.name)
                RejectLog(folder / REJECTS, table.name).forget()
                journal.write(TableFinished(time.time(), job.name, 0, 0, 0.0, "waiting"))
                emptied.append(job)
    finally:
        journal.close()
    return emptied


def retry_rejects(
    job: Job,
    sink: Sink,
    folder: Path,
    options: Options,
    *,
    listener: Listener = _nothing,
    control: Control | None = None,
    hook: Hook = _nothing,
) -> TableResult:
    """Send a table's rejected rows again; those that are refused once more stay rejected, with the new reason.

    Exactly once as in `run`: these rows are a part of their own with a mark of its own. What is refused goes to a
    second log; when all were sent and the mark says so, that log takes the first one's place. A retry that was
    stopped is gone on with. Raises MoveError, SourceError or TargetError.
    """
    journal = Journal(folder)

    whole = _Whole(job, sink)

    def tell(event: Event) -> None:
        event = whole(event)
        journal.write(event)
        listener(event)

    try:
        around = Surroundings(sink, options, tell, Limits(options), control or Control(), hook)
        with heard(sink, tell):
            return _Retry(job, folder, around).go()
    finally:
        journal.close()


class _Whole:
    """Gives a retry's events the figures of the whole table, as a line a table shows them."""

    def __init__(self, job: Job, sink: Sink) -> None:
        self._total = job.source.reader.row_count(job.ref.table)
        self._arrived, self._rejected = rows_moved(sink, job.table.name)
        self._before: int | None = None
        """rows that arrived before this retry, which may be gone on with"""

    def __call__(self, event: Event) -> Event:
        if not isinstance(event, TableStarted | BatchCommitted | TableFinished):
            return event
        if self._before is None:
            self._before = self._arrived - event.done
        done = self._before + event.done
        rejected = self._rejected + self._arrived - done
        match event:
            case TableStarted():
                return replace(event, rows=self._total, done=done)
            case BatchCommitted():
                return replace(event, rows=self._total, done=done, rejected=rejected)
            case TableFinished():
                return replace(event, done=done, rejected=rejected)


class _Retry:
    def __init__(self, job: Job, folder: Path, around: Surroundings) -> None:
        self.job, self.around = job, around
        self.log = RejectLog(folder / REJECTS, job.table.name)
        self.number = self._number(folder)
        self.again = RejectLog(folder / REJECTS, job.table.name, f"{self.part}.jsonl")
        self.move = Lane(Counts(job, self.again, around))
        self.clock = time.monotonic()

    @property
    def part(self) -> str:
        return f"retry-{self.number}"

    def _number(self, folder: Path) -> int:
        """Of the retry to go on with, or a new one's: the first whose mark is not complete or whose log waits."""
        number = 1
        while True:
            mark = self.around.sink.mark(self.job.table.name, f"retry-{number}")
            waiting = RejectLog(folder / REJECTS, self.job.table.name, f"retry-{number}.jsonl").path.exists()
            if mark is None or not mark.complete or waiting:
                return number
            number += 1

    def go(self) -> TableResult:
        job = self.job
        rejects = sorted(self.log.read(), key=lambda r: r.position)
        writer = self.around.sink.open(Delivery(job.table, job.columns, job.source.fingerprint, self.part))
        try:
            if not writer.mark.complete:
                self.again.keep_before(writer.mark.next)
                self.around.tell(TableStarted(time.time(), job.name, len(rejects), writer.mark.rows))
                if not self._send(writer, [r for r in rejects if r.position >= writer.mark.next], len(rejects)):
                    return self._result(writer.mark, len(rejects), "cancelled")
                # the log exists from here on, so that an interrupted exchange is seen
                self.again.path.touch()
                writer.write(self.move.nothing(), replace(writer.mark, complete=True))
            self.around.hook("before the exchange")
            return self._exchange(writer.mark, len(rejects))
        finally:
            writer.close()
            self.again.close()

    def _send(self, writer: TableWriter, rejects: Sequence[Reject], total: int) -> bool:
        """Read each row from the source again and deliver it. False where cancelled."""
        job = self.job
        wanted = list(dict.fromkeys(c.source for c in (*job.columns, *job.key)))
        for reject in rejects:
            if not self.around.control.go_on():
                return False
            found = job.source.reader.read(job.ref.table, columns=wanted, start=reject.position, batch_rows=1)
            batch = next(iter(found), None)
            if batch is None or int(batch.positions[0]) != reject.position:
                place = Place(Kind.ROW, source=job.ref.source, name=job.ref.table, part=str(reject.position))
                message = Message.of(6304, place, table=job.name, position=reject.position)
                self.around.tell(Told(time.time(), Stage.MIGRATE, message))
                self.again.add((replace(reject, reason=message.text, number=6304),))
                self.around.tell(RowRejected(time.time(), job.name, reject.position, 6304, "", message.text))
                continue
            self.move.deliver(writer, self.move.piece(batch))
            mark, seconds = writer.mark, round(time.monotonic() - self.clock, 3)
            moved = self.move.counts.bytes
            self.around.tell(BatchCommitted(time.time(), job.name, mark.rows, mark.rejected, total, moved, seconds))
        return True

    def _exchange(self, mark: Mark, total: int) -> TableResult:
        """All were sent: the second log takes the first one's place."""
        if self.again.path.exists():
            self.log.replace(self.again.read())
            self.again.close()
            self.again.path.unlink()
        self.log.publish()
        message = Message.of(6302, _place(self.job), table=self.job.name, count=total, arrived=mark.rows)
        self.around.tell(Told(time.time(), Stage.MIGRATE, message))
        return self._result(mark, total, "partly" if mark.rejected else "migrated")

    def _result(self, mark: Mark, total: int, status: str) -> TableResult:
        job, seconds = self.job, round(time.monotonic() - self.clock, 3)
        self.around.tell(TableFinished(time.time(), job.name, mark.rows, mark.rejected, seconds, status, self.part))
        name = f"{job.ref.source}.{job.ref.table}"
        return TableResult(
            job.name, name, status, total, mark.rows, mark.rejected, seconds, self.move.counts.bytes, self.part
        )


def rows_moved(sink: Sink, table: Name) -> tuple[int, int]:
    """Rows that arrived and rows still rejected, retries counted in. (0, 0) where Jetferry moved none."""
    mark = sink.mark(table)
    if mark is None:
        return 0, 0
    rows, rejected, number = mark.rows, mark.rejected, 1
    while (more := sink.mark(table, f"retry-{number}")) is not None:
        rows, rejected, number = rows + more.rows, rejected - more.rows, number + 1
    return rows, rejected


def _place(job: Job) -> Place:
    return Place(Kind.TABLE, source=job.ref.source, name=job.ref.table)
