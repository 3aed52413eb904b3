"""A run: all jobs of stage 8, several tables at once, with journal, limits, rejects and report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from wizard.events import TableFinished
from wizard.messages import GivenUpError, JetferryError, Message, MoveError, RecordError, RunLimitError
from wizard.migrate import partitioning
from wizard.migrate.converted_values import begun_anew, see_converted
from wizard.migrate.filled_types import FilledTypes
from wizard.migrate.jobs import Job, parents
from wizard.migrate.journal import last_known
from wizard.migrate.orphans import all_orphans, orphans_message, orphans_of
from wizard.migrate.rejects import RejectLog
from wizard.migrate.repairs import changed, damaged, repair_messages, rounded
from wizard.migrate.run_context import RejectLimits, RunContext
from wizard.migrate.run_result import RunResult, TableResult
from wizard.migrate.small_tables import TableGroup, move_together
from wizard.migrate.table_move import TableMove
from wizard.objects import Name
from wizard.outcomes import TableState, settled
from wizard.plurals import counted
from wizard.settings import Constraints
from wizard.sink import Checkpoint, Delivery, Sink

_LOOK = 0.2
"""seconds after which a table that waits looks for a place that a partition has left"""
_SHORT = 100_000
"""rows of a table for whose end those that refer to it wait: they come over in a second or so"""


def run(jobs: Sequence[Job], context: RunContext) -> RunResult:
    """Move what the target does not hold yet, then make and check constraints. Harmless to repeat.

    A table that fails gets a message and the others go on. At a limit this run ends, by a branch of the context's
    cancellation token. Raises MoveError where the journal cannot be written.
    """
    return _Run(jobs, context).run()


class _Run:
    def __init__(self, jobs: Sequence[Job], context: RunContext) -> None:
        self.jobs = list(jobs)
        self.context = replace(context, cancellation=context.cancellation.branch(), limits=RejectLimits())
        self.files, self.say = context.files, context.events.say
        self._stop: MoveError | None = None
        self._known = last_known(context.files.journal)
        self._types = FilledTypes(context.files.filled_types)
        self._by_name = {j.table.name: j for j in self.jobs}
        self._parents = {
            name: [self._by_name[n] for n in parents(j.table) if n in self._by_name]
            for name, j in self._by_name.items()
        }
        """by table, those of the run that its rows refer to"""
        self._expected: dict[str, int] = {}
        """rows of each table, as far as known"""
        self._orphaned: set[tuple[Name, str]] = set()
        """child tables and foreign keys that have their message"""

    def run(self) -> RunResult:
        began, clock = time.time(), time.monotonic()
        sink, cancellation = self.context.sink, self.context.cancellation
        for message in sink.prepare([self._coming(j) for j in self.jobs]):
            self.say(message)
        results = self._all()
        if self._stop is not None:
            raise self._stop
        ready = {r.table for r in results if r.status.over}
        done = [j.table for j in self.jobs if j.name in ready]
        unfinished = [j.table for j in self.jobs if j.name not in ready]
        self.context.hook("before finishing")
        with suppress(GivenUpError):  # the next run finishes
            for message in sink.finish(done, unfinished, partial(all_orphans, self.jobs, self.files)):
                self.say(message)
        if cancellation.cancelled:
            complete = sum(r.status.over for r in results)
            self.say(Message.of(6016, done=complete, total=len(results)))
        events, seconds = self.context.events, time.monotonic() - clock
        messages, retries = tuple(events.messages), events.retries.total()
        return RunResult(tuple(results), messages, seconds, began, cancellation.cancelled, retries=retries)

    def _coming(self, job: Job) -> Delivery:
        """What is announced of a job. Where its table cannot be read, moving it will say so."""
        try:
            rows = job.source.reader.row_count(job.ref.table)
        except JetferryError:
            rows = 0
        self._expected[job.name] = rows
        done = self._known.get(job.name)
        left = max(0, rows - (done.done + done.rejected if done else 0))
        return partitioning.delivery(job, left, self.context.slots.open)

    def _all(self) -> list[TableResult]:
        """Start each table when a place is free and, where rows are checked on arrival, its parents are there.

        A table that ends leaves its place to the next; what no table needs, partitions of large tables take.
        """
        slots = self.context.slots
        strict = self.context.options.check_constraints or self.context.options.constraints is Constraints.KEEP
        waiting, results = list(self.jobs), dict[Name, TableResult]()
        running: dict[Future[list[TableResult]], list[Job]] = {}
        with ThreadPoolExecutor(slots.most, thread_name_prefix="table") as pool:
            while waiting or running:
                free = [j for j in waiting if not self._held(j, results.keys(), strict)]
                if not free and not running:
                    free = waiting[:1]  # a circle of tables; it has to begin somewhere
                slots.queue(len(free))
                while free and slots.acquire():
                    group = self._group(free[0], waiting, results.keys(), strict)
                    taken = {j.table.name for j in group}
                    waiting = [j for j in waiting if j.table.name not in taken]
                    free = [j for j in free if j.table.name not in taken]
                    slots.queue(len(free))
                    running[pool.submit(self._placed, group)] = group
                done, _ = wait(running, timeout=_LOOK if free else None, return_when=FIRST_COMPLETED)
                for future in done:
                    jobs = running.pop(future)
                    results |= {j.table.name: r for j, r in zip(jobs, future.result(), strict=True)}
                    begun = {j.table.name for group in running.values() for j in group} | results.keys()
                    for job in (j for j in jobs if results[j.table.name].rejected):
                        self._report_orphans_begun(job, begun)
        return [results[j.table.name] for j in self.jobs]

    def _group(self, first: Job, waiting: Sequence[Job], over: Collection[Name], strict: bool) -> list[Job]:
        """The job, and other small ones that can go with it, those that they refer to before them."""
        group = TableGroup(self._expected)
        if self.context.sink.together is None or not self._is_new(first) or not group.takes(first):
            return [first]
        for job in waiting:
            there = {*over, *(j.table.name for j in group.jobs)}
            if job is not first and self._is_new(job) and not self._held(job, there, strict):
                group.takes(job)
        return group.jobs

    def _is_new(self, job: Job) -> bool:
        """Whether the target has nothing of the table, as far as was known at the run's beginning."""
        with suppress(JetferryError, GivenUpError):
            return self.context.sink.checkpoint(job.table.name) is None
        return False

    def _held(self, job: Job, over: Collection[Name], strict: bool) -> bool:
        """Whether the table has to wait for one that its rows refer to.

        It waits where rows are checked on arrival; else only as long as it costs little, or where the other has had
        rejects, so that what they do to it is reported before its rows go.
        """
        return any(
            strict or self._expected.get(p.name, 0) <= _SHORT or p.name in self.context.events.rejecting
            for p in self._parents[job.table.name]
            if p.table.name not in over
        )

    def _report_orphans_begun(self, parent: Job, begun: Collection[Name]) -> None:
        """A table ended with rejects: report rows of tables that refer to it and began before, itself among them."""
        for job in self.jobs:
            if job.table.name in begun and any(k.referenced == parent.table.name for k in job.table.foreign_keys):
                self._report_orphans(job)

    def _report_orphans(self, job: Job) -> None:
        """Rows of the table whose parents were rejected, by foreign key, each reported once."""
        for found in orphans_of(job, self._by_name, self.files):
            if (found.child, found.key) not in self._orphaned:
                self._orphaned.add((found.child, found.key))
                self.say(orphans_message(job, found))

    def _placed(self, jobs: Sequence[Job]) -> list[TableResult]:
        try:
            return self._several(jobs) if len(jobs) > 1 else [self._one(jobs[0])]
        finally:
            self.context.slots.release()

    def _several(self, jobs: Sequence[Job]) -> list[TableResult]:
        """Small tables together; whatever stays behind, by itself. Raises as `_one`."""
        together = self.context.sink.together
        moves = [TableMove(j, RejectLog(self.files.rejects, j.table.name), self.context) for j in jobs]
        arrived: dict[str, Checkpoint] = {}
        if together is not None and not self._stop and self.context.cancellation.go_on():
            for job in jobs:
                self._report_orphans(job)
            try:
                self._types.keep(jobs)
                arrived = move_together(moves, together, self.context)
            except (JetferryError, OSError, MemoryError, pa.ArrowException):
                pass  # the table that it is about says so when it moves by itself
            except GivenUpError:
                self.context.cancellation.cancel()
            except BaseException:
                self.context.cancellation.cancel()
                raise
            finally:
                for move in moves:
                    move.log.close()
                    move.counts.repairs.close()
        return [
            self._guarded(j, m, partial(self._moved, j, m, arrived[j.name], complete=True))
            if j.name in arrived
            else self._one(j)
            for j, m in zip(jobs, moves, strict=True)
        ]

    def _one(self, job: Job) -> TableResult:
        """One table, whatever becomes of it. Never raises: what stops the whole run is kept in `_stop`."""
        move = TableMove(job, RejectLog(self.files.rejects, job.table.name), self.context)
        return self._guarded(job, move, partial(self._move, job, move))

    def _guarded(self, job: Job, move: TableMove, work: Callable[[], TableResult]) -> TableResult:
        try:
            return work()
        except JetferryError as e:
            return self._failed(job, move, e)
        except (OSError, MemoryError, pa.ArrowException) as e:
            return self._failed(
                job, move, MoveError(6004, job.place(), table=job.name, reason=str(e) or type(e).__name__)
            )
        except GivenUpError:  # told to stop, and the server does not answer: what it holds, the next run will see
            self.context.cancellation.cancel()
            counts = move.counts
            return self._result(job, move, Checkpoint(rows=counts.rows, rejected=counts.rejected), TableState.STOPPED)
        except BaseException:
            self.context.cancellation.cancel()  # the other tables end at their next border; this is told by the caller
            raise
        finally:
            move.log.close()

    def _move(self, job: Job, move: TableMove) -> TableResult:
        found = self.context.sink.checkpoint(job.table.name)
        if self._stop or not self.context.cancellation.go_on():
            return self._result(job, move, found, TableState.STOPPED)
        if found and found.complete:
            return self._there(job, move, found)
        self._compare(job, found)
        self._report_orphans(job)
        if found is None:
            move.log.forget()
            move.counts.repairs.forget()
            self._types.keep([job])
        elif found.next:
            self.say(Message.of(6007, job.place(), table=job.name, position=found.next, rows=found.rows))
        checkpoint, complete = move.run()
        return self._moved(job, move, checkpoint, complete=complete)

    def _moved(self, job: Job, move: TableMove, checkpoint: Checkpoint, *, complete: bool) -> TableResult:
        """What there is to say of a table that has moved, as far as it has."""
        complete = complete and see_converted(move, self._types)
        self._notes(job, move)
        if complete and checkpoint.rows + checkpoint.rejected != move.counts.expected:
            facts = {"expected": move.counts.expected, "found": checkpoint.rows + checkpoint.rejected}
            self.say(Message.of(6019, job.place(), table=job.name, **facts))
        details = self._published(job, move, checkpoint)
        if complete and (unread := rows_unread(job, checkpoint.rows + checkpoint.rejected)):
            message = unread_message(job, unread, checkpoint.rows)
            self.say(message)
            details = *details, message.text
        return self._result(job, move, checkpoint, TableState.DONE if complete else TableState.STOPPED, *details)

    def _there(self, job: Job, move: TableMove, checkpoint: Checkpoint) -> TableResult:
        """The table is complete from an earlier run."""
        if not see_converted(move, self._types):
            return self._result(job, move, checkpoint, TableState.STOPPED)
        if checkpoint.source != job.source.fingerprint:
            message = Message.of(6005, job.place(), table=job.name, source=job.source.path or job.ref.source)
        else:
            message = Message.of(6006, job.place(), table=job.name)
        self.say(message)
        if checkpoint.rejected:  # a stop may have come before the files for people were written
            RejectLog(self.files.rejects, job.table.name).publish()
        rows, rejected = rows_moved(self.context.sink, job.table.name)
        return self._result(
            job, move, replace(checkpoint, rows=rows, rejected=rejected), TableState.THERE, message.text
        )

    def _compare(self, job: Job, checkpoint: Checkpoint | None) -> None:
        """The journal against the target's checkpoint, after a stop."""
        known = self._known.get(job.name)
        there = (checkpoint.rows, checkpoint.rejected) if checkpoint else (0, 0)
        if known and checkpoint is None and (told := begun_anew(job, self._types)):
            self.say(told)
        elif known and (known.done, known.rejected) != there:
            here = f"{counted(known.done, 'row')} and {known.rejected} rejected"
            detail = f"journal: {here}, target: {there[0]} and {there[1]}"
            self.say(Message.of(6008, job.place(), table=job.name, detail=detail))

    def _notes(self, job: Job, move: TableMove) -> None:
        """What was rounded or replaced on the way."""
        move.counts.repairs.leave_out({r.position for r in move.log.read()})
        for message in repair_messages(job, move.counts.repairs):
            self.say(message)

    def _repairs(self, move: TableMove) -> Counter[tuple[str, str]]:
        """Repaired values by column and rule; none where what is kept of them cannot be read."""
        with suppress(JetferryError):
            return move.counts.repairs.counts()
        return Counter()

    def _published(self, job: Job, move: TableMove, checkpoint: Checkpoint) -> tuple[str, ...]:
        """Put the rejects where people look for them, and say where."""
        file = move.log.publish()
        if file is None:
            return ()
        message = log_left_behind(job, checkpoint.rows, checkpoint.rejected, file, move.counts.expected)
        self.say(message)
        return (message.text,)

    def _failed(self, job: Job, move: TableMove, why: JetferryError) -> TableResult:
        if isinstance(why, RunLimitError | RecordError):  # no table can go on
            self.context.cancellation.cancel()
            if isinstance(why, RecordError):
                self._stop = self._stop or why
                return TableResult(
                    job.name, str(job.ref.source), TableState.FAILED, 0, 0, 0, move.counts.seconds, 0, str(why)
                )
        try:
            self.say(why.message)
            checkpoint = self.context.sink.checkpoint(job.table.name)
            details = self._published(job, move, checkpoint or Checkpoint())
        except JetferryError:
            checkpoint, details = None, ()
        return self._result(job, move, checkpoint, TableState.FAILED, why.message.text, *details)

    def _result(
        self, job: Job, move: TableMove, checkpoint: Checkpoint | None, status: TableState, *details: str
    ) -> TableResult:
        checkpoint = checkpoint or Checkpoint()
        counts = move.counts
        detail = " ".join(details)
        seconds = round(counts.seconds, 3)
        repairs = self._repairs(move)
        came = checkpoint.rows + checkpoint.rejected
        unread = rows_unread(job, came) if status.over else 0
        figures = changed(repairs), damaged(repairs), unread, rounded(repairs)
        coming = 0 if status.over else self._expected.get(job.name, 0)  # that of a table never begun is not known else
        rows = max(counts.expected, came + unread, coming)
        if status is TableState.DONE:
            status = settled(checkpoint.rows, checkpoint.rejected, *figures[1:])
        self.context.hook("before the table's end")
        self.context.events.emit(
            TableFinished(
                time.time(), job.name, checkpoint.rows, checkpoint.rejected, seconds, status, detail, *figures, rows
            )
        )
        self.context.hook("after the table's end")
        name = f"{job.ref.source}.{job.ref.table}"
        retries = self.context.events.retries[job.name]
        return TableResult(
            job.name,
            name,
            status,
            rows,
            checkpoint.rows,
            checkpoint.rejected,
            seconds,
            counts.bytes,
            detail,
            retries,
            counts.taken_here,
            *figures,
        )


def log_left_behind(job: Job, arrived: int, rejected: int, file: Path, expected: int = 0) -> Message:
    """A table's loss: how many of its rows arrived, how many did not, where those are."""
    total = max(arrived + rejected, expected)
    return Message.of(6301, job.place(), table=job.name, arrived=arrived, total=total, count=rejected, file=file)


def rows_unread(job: Job, came: int) -> int:
    """About how many rows of a table that was read to its end could not be read, as `came` did; 0 where the source
    cannot be asked any more: what cannot be opened is reported elsewhere."""
    with suppress(JetferryError):
        return job.unread(came)
    return 0


def unread_message(job: Job, unread: int, arrived: int) -> Message:
    """A table's loss that no list can hold: what could not be read."""
    return Message.of(6042, job.place(), table=job.name, count=unread, arrived=arrived)


def rows_moved(sink: Sink, table: Name) -> tuple[int, int]:
    """Rows that arrived and rows still rejected, retries counted in. (0, 0) where Jetferry moved none."""
    checkpoint = sink.checkpoint(table)
    if checkpoint is None:
        return 0, 0
    rows, rejected, number = checkpoint.rows, checkpoint.rejected, 1
    while (more := sink.checkpoint(table, f"retry-{number}")) is not None:
        rows, rejected, number = rows + more.rows, rejected - more.rows, number + 1
    return rows, rejected
