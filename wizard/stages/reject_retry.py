"""Rejected rows sent again in stage 8: when they are asked for, and by a run where their cause may be mended."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from wizard.cancellation import CancellationToken
from wizard.escaping import shell_word
from wizard.events import Stage, Status
from wizard.messages import (
    JetferryError,
    Message,
    StageError,
)
from wizard.migrate import (
    partitioning,
)
from wizard.migrate.jobs import Job
from wizard.migrate.orphans import all_orphans
from wizard.migrate.rejects import mended
from wizard.migrate.reload_and_retry import retry_rejects
from wizard.migrate.run import rows_moved
from wizard.migrate.run_context import RunContext
from wizard.migrate.run_result import RunResult, TableResult
from wizard.objects import ServerTable
from wizard.project import StageOutcome
from wizard.sink import Sink
from wizard.stages.databases import DatabaseScope
from wizard.stages.migration_jobs import MigrationJobs
from wizard.stages.migration_verifier import MigrationVerifier
from wizard.stages.project_session import ProjectSession, StageEnding
from wizard.stages.source_browser import now
from wizard.stages.state_machine import title
from wizard.stages.table_history import keep_run

MENDED = frozenset({"options", "repair rules", "the loaded objects"})
"""parts of stage 8 whose change mends what rows were rejected for: sending those again is all that it asks for"""


class RejectRetry:
    """Sends rejected rows again. All of it belongs in a thread."""

    def __init__(self, session: ProjectSession, moving: MigrationJobs, verifier: MigrationVerifier) -> None:
        self._session, self._moving, self._verifier = session, moving, verifier

    def may_be_mended(self, rejected: int) -> Message | None:
        """What is to be said of rows rejected earlier after something changed that may mend their cause; asks neither
        files nor target."""
        machine, project = self._session.machine(), shell_word(self._session.path)
        changed = machine.status(Stage.MIGRATE) is Status.STALE and "the server" not in machine.changed(Stage.MIGRATE)
        mended = changed and rejected and not machine.gone
        return Message.of(6092, count=rejected, project=project) if mended else None

    def mended(self) -> dict[str, int]:
        """By table, rows rejected earlier whose cause may be mended: `run` sends them again, as `retry` does.

        Raises StageError before stage 6, SourceError, TargetError.
        """
        found: dict[str, int] = {}
        if not any(self._session.files.rejects.glob("*.jsonl")):
            return found
        for part in self._moving.parts():
            with self._moving.context(part, CancellationToken(), journalled=False) as context:
                found |= {j.name: n for j, n in self._mended(part, self._moving.made(part)[0], context) if n}
        return found

    def _mended(self, part: DatabaseScope, made: Sequence[Job], context: RunContext) -> list[tuple[Job, int]]:
        """Each job with the rows rejected earlier whose cause may be mended."""
        raw = {j.name: j for j in self._moving.made(part)[0]}
        return [(j, mended(j, context, raw[j.name])) for j in made]

    def send_mended(self, part: DatabaseScope, made: Sequence[Job], context: RunContext) -> dict[str, TableResult]:
        """Send what was rejected earlier again, where its cause may be mended. What goes wrong becomes a message."""
        found = [(j, n) for j, n in self._mended(part, made, context) if n]
        if not found:
            return {}
        self._prepare(context, found)
        sent: dict[str, TableResult] = {}
        for job, count in found:
            if not context.cancellation.go_on():
                break
            self._session.emit_message(Stage.MIGRATE, Message.of(6307, job.place(), table=job.name, count=count))
            try:
                sent[job.name] = retry_rejects(job, context)
            except JetferryError as e:
                self._session.emit_message(Stage.MIGRATE, e.message)
        return sent

    def _prepare(self, context: RunContext, made: Sequence[tuple[Job, int]]) -> None:
        """Before rejected rows go again: the same as before rows go at first."""
        for message in context.sink.prepare([partitioning.delivery(j, n, 1) for j, n in made]):
            self._session.emit_message(Stage.MIGRATE, message)

    def retry(self, tables: Iterable[str] | None = None, cancel: CancellationToken | None = None) -> RunResult:
        """Send rejected rows again, after their cause was mended; those refused once more stay rejected.

        The stage is done afterwards only where it was, but for changes that mend rows. Raises StageError 8113 for a
        table that is not there, 8124 where a table's rows have not all been sent a first time; StoppedError after a
        cancel (a retry after it sends the rest).
        """
        cancel = cancel or CancellationToken()
        wanted = None if tables is None else self._moving.named(tables)
        blocked = self._session.machine().blocked(Stage.MIGRATE)
        if blocked is not None:
            raise StageError.of(blocked)
        self._see_that_all_were_sent(wanted)
        if not any(n for part in self._moving.parts() for _, n in self._rejected(part, wanted)):
            self._session.emit_message(Stage.MIGRATE, Message.of(6306))
            return RunResult((), (), 0.0, now())
        was_done = self._was_done()
        with self._session.run(Stage.MIGRATE) as ending:
            self._verifier.withdraw_certificate()
            result = self._retry_all(wanted, cancel)
            self._retried(ending, was_done, cancel)
        if not self._session.machine().over(Stage.MIGRATE):
            message = Message.of(8125, stage=title(Stage.MIGRATE), project=shell_word(self._session.path))
            self._session.emit_message(Stage.MIGRATE, message)
        return result

    def _retry_all(self, wanted: Iterable[str] | None, cancel: CancellationToken) -> RunResult:
        """All parts, as a run that is kept beside the others, a stopped one too; gives what this one did alone.

        Raises StoppedError.
        """
        began, clock, well = now(), time.monotonic(), False
        sent: list[tuple[TableResult, TableResult]] = []
        try:
            for part in self._moving.parts():
                with self._moving.context(part, cancel) as context:
                    self._retry_part(part, context, wanted, sent)
            well = True
        finally:
            own = RunResult(
                tuple(line for line, _ in sent), (), time.monotonic() - clock, began, cancel.cancelled,
                retries=sum(line.retries for line, _ in sent), of_rejects=True,
            )  # fmt: skip
            if sent:
                keep_run(self._session, replace(own, tables=tuple(whole for _, whole in sent)), well=well)
        return own

    def _retried(self, ending: StageEnding, was_done: bool, cancel: CancellationToken) -> None:
        """The certificate again, where all there is can be compared, and what the stage comes to."""
        whole = not any(self._short(None))
        found = self._verifier.verify(cancel) if whole else None
        wrong = self._verifier.report(found) if found is not None else None
        if found is not None and wrong is not None and wrong not in found.messages:
            self._session.emit_message(Stage.MIGRATE, wrong)
        ending.done = was_done and found is not None and wrong is None
        if found is not None:
            ending.detail, ending.losses = self._verifier.summary(found), found.losses
            ending.weaker = len(found.weaker)

    def _was_done(self) -> bool:
        record = self._session.project.stages.get(Stage.MIGRATE)
        changed = self._session.machine().changed(Stage.MIGRATE)
        return record is not None and record.outcome is StageOutcome.DONE and MENDED.issuperset(changed)

    def _see_that_all_were_sent(self, wanted: Iterable[str] | None) -> None:
        """Raises StageError 8124 before anything is begun: rows that never were sent are not rejected ones."""
        short = list(self._short(wanted))
        if short:
            names, project = ", ".join(short[:5]), shell_word(self._session.path)
            raise StageError(8124, count=len(short), names=names, project=project)

    def _short(self, wanted: Iterable[str] | None) -> Iterator[str]:
        """Tables whose rows have not all been sent, of all or of those wanted."""
        for part in self._moving.parts():
            with self._moving.sink(part) as sink:
                yield from [j.name for j in self._of(part, wanted) if not _complete(sink, j)]

    def _of(self, part: DatabaseScope, wanted: Iterable[str] | None) -> list[Job]:
        only = None if wanted is None else {n.casefold() for n in wanted}
        return [j for j in self._moving.made(part)[0] if only is None or j.name.casefold() in only]

    def _rejected(self, part: DatabaseScope, wanted: Iterable[str] | None) -> list[tuple[Job, int]]:
        """Each job with its rows still rejected."""
        with self._moving.sink(part) as sink:
            return [(j, rows_moved(sink, j.table.name)[1]) for j in self._of(part, wanted)]

    def _retry_part(
        self,
        part: DatabaseScope,
        context: RunContext,
        wanted: Iterable[str] | None,
        sent: list[tuple[TableResult, TableResult]],
    ) -> None:
        """Adds to `sent` the line of each table, and the same with all rows of it, as records of runs have them."""
        sink, cancel = context.sink, context.cancellation
        counts = [(j, rows_moved(sink, j.table.name)[1]) for j in self._moving.jobs(part, wanted)]
        left = [(j, n) for j, n in counts if n]
        if left:
            self._prepare(context, left)
        for job, _ in left:
            cancel.check()
            line = retry_rejects(job, context)
            arrived, rejected = rows_moved(sink, job.table.name)
            sent.append((line, replace(line, rows=arrived + rejected, migrated=arrived)))
        cancel.check()  # the last table may have been stopped half way
        made = self._moving.made(part)[0]
        tables: dict[bool, list[ServerTable]] = {True: [], False: []}
        for job in made:
            tables[_complete(sink, job)].append(job.table)
        for message in sink.finish(tables[True], tables[False], partial(all_orphans, made, context.files)):
            self._session.emit_message(Stage.MIGRATE, message)


def _complete(sink: Sink, job: Job) -> bool:
    """Whether all rows of the table were sent, be it that some were rejected."""
    checkpoint = sink.checkpoint(job.table.name)
    return checkpoint is not None and checkpoint.complete
