"""Stage 8: the rows, moved with pause, resume and cancel; rejects, report, verification."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.cancellation import CancellationToken, StoppedError
from wizard.events import Stage
from wizard.messages import (
    Kind,
    Message,
    Place,
    RunLimitError,
    Severity,
    SourceError,
    StageError,
    Topic,
    WorkFailedError,
)
from wizard.migrate import (
    reload_and_retry,
    table_changes,
)
from wizard.migrate.journal import history
from wizard.migrate.rejects import Reject, RejectLog
from wizard.migrate.run import run
from wizard.migrate.run_history import RunComparison, side_by_side
from wizard.migrate.run_result import RunResult, TableResult
from wizard.migrate.source_sums import SourceSums
from wizard.migrate.table_changes import TableChange
from wizard.migrate.table_changes import TableVerdict as Since
from wizard.migrate.verification import TableComparison
from wizard.outcomes import TableState
from wizard.settings import Connection, RepairRule, TargetKind
from wizard.sqlserver.column_sums import Hashing
from wizard.stages.connect import ConnectStage
from wizard.stages.convert import ConvertStage
from wizard.stages.databases import DatabaseScope
from wizard.stages.deployments import KnownDeployments, known_deployments
from wizard.stages.load import LoadStage
from wizard.stages.migration_jobs import MigrationJobs, name_of
from wizard.stages.migration_verifier import MigrationVerifier, differing
from wizard.stages.project_session import ProjectSession, StageEnding
from wizard.stages.reject_retry import RejectRetry
from wizard.stages.repair_rules import about
from wizard.stages.sources import SourcesStage
from wizard.stages.table_history import keep_run, run_heading, since_begun
from wizard.stages.table_progress import TableProgressLines, cut_off
from wizard.stages.verification import Verification
from wizard.stages.views import TableProgress

if TYPE_CHECKING:
    from wizard.stages.query_preview import QueryPreview


class MigrateStage:
    """All but `lines` belongs in a thread; in the wizard `run` is the worker's."""

    def __init__(
        self,
        session: ProjectSession,
        sources: SourcesStage,
        connect: ConnectStage,
        convert: ConvertStage,
        load: LoadStage,
    ) -> None:
        self._session = session
        self._moving = MigrationJobs(session, sources, connect, convert, load)
        self._verifier = MigrationVerifier(session, sources, connect, load, self._moving)
        self._retry = RejectRetry(session, self._moving, self._verifier)
        self._convert = convert
        self._load = load
        self._result: RunResult | None = None

    @property
    def result(self) -> RunResult | None:
        """Of the last run in this session; its `tables` are the report's lines."""
        return self._result

    def lines(self) -> tuple[TableProgress, ...]:
        """A line a table with rows, as the journal has it: expected rows are the headers' hints until they move."""
        return self._followed(self._moving.expected())

    def known_lines(self) -> tuple[TableProgress, ...]:
        """Only the tables that the journal names and that are the project's still; opens no source."""
        return self._followed(())

    def _followed(self, tables: Iterable[TableProgress]) -> tuple[TableProgress, ...]:
        known = TableProgressLines(tables)
        for event in history(self._session.files.journal)[0]:
            known(event)
        found = known.tables
        with suppress(StageError, SourceError):  # of tables that are no longer the project's the journal tells too
            own = {name_of(t) for t in self._moving.tables()}
            found = tuple(t for t in found if t.table in own)
        if self._session.machine().running is Stage.MIGRATE:
            return found
        return tuple(map(cut_off, found))

    def run(self, cancel: CancellationToken | None = None) -> RunResult:
        """Move what is not there yet, then make and check constraints. Run again, it goes on where it was.

        Raises StageError, TargetError where the target is not to be had, MoveError where the journal cannot be
        written, StoppedError after a cancel (everything committed is kept).
        """
        cancel = cancel or CancellationToken()
        gave_way = self._see_old_rows(cancel)
        with self._session.run(Stage.MIGRATE) as ending:
            if gave_way:
                self._session.emit_message(Stage.MIGRATE, Message.of(6040))
            return self._run(ending, cancel)

    def _see_old_rows(self, cancel: CancellationToken) -> bool:
        """Before the first row goes: where nobody has looked yet at what old rows break, look, and make the constraints
        weaker, as stage 6 would have made them. Whether they had to."""
        if self._session.machine().blocked(Stage.MIGRATE) is not None:
            return False
        self._convert.look_at_code_pages()
        if any(t.done for t in self.known_lines()):
            return False
        if not self._convert.see_old_rows(cancel):
            return False
        self._convert.renew()
        self._load.run(cancel)
        return True

    def _run(self, ending: StageEnding, cancel: CancellationToken) -> RunResult:
        self._verifier.withdraw_certificate()
        sums = SourceSums(Hashing.OWN) if self._session.project.target.kind is TargetKind.PACKAGE else None
        self._result = result = self._run_parts(cancel, sums)
        failed = [t.table for t in result.tables if t.status is TableState.FAILED]
        keep_run(self._session, result, well=not failed and not result.cancelled)
        if result.cancelled:
            raise StoppedError(cancel.reason)
        limit = next((m for m in result.messages if m.topic is Topic.RUN_LIMIT), None)
        if limit is not None:
            raise RunLimitError.of(limit)
        if any(m.topic is Topic.NOT_LOADED for m in self._session.messages_of(Stage.MIGRATE)):
            self._session.withdraw(Stage.LOAD)
        if failed:
            raise WorkFailedError(8120, count=len(failed), names=", ".join(failed[:5]))
        found = self._verifier.verify(cancel, sums=sums)
        if (wrong := self._verifier.report(found)) is not None:
            raise WorkFailedError.of(wrong)
        ending.detail, ending.losses = self._verifier.summary(found), found.losses
        ending.weaker = len(found.weaker)
        return result

    def _run_parts(self, cancel: CancellationToken, sums: SourceSums | None) -> RunResult:
        """The parts one after the other; none after one that stopped by itself, at a limit. Cancelled is what a person
        stopped."""
        results: list[RunResult] = []
        for part in self._moving.parts():
            results.append(self._run_part(part, cancel, sums))
            if results[-1].cancelled and not cancel.cancelled:
                break
        result = joined(results)
        return replace(result, cancelled=result.cancelled and cancel.cancelled)

    def _run_part(self, part: DatabaseScope, cancel: CancellationToken, sums: SourceSums | None) -> RunResult:
        with self._moving.context(part, cancel, sums=sums) as context:
            made = self._moving.jobs(part)
            found = table_changes.changes(made, context)
            for message in table_changes.change_messages(found):
                self._session.emit_message(Stage.MIGRATE, message)
            made = table_changes.undisturbed(made, found)
            began, clock = time.time(), time.monotonic()
            again_ = self._retry.send_mended(part, made, context)
            before = time.monotonic() - clock
            result = run(made, context)
            lines = tuple(_joined_with(t, again_.get(t.table)) for t in result.tables)
            # rejects that were sent again are of this run: its time and its rows begin with theirs
            return replace(result, tables=lines, started=began, seconds=before + result.seconds)

    def changed(self, cancel: CancellationToken | None = None) -> tuple[TableChange, ...]:
        """The tables that the target has from an earlier state of their files, and whether their rows changed since.

        Reads these tables, once for each state of a file. Raises SourceError, TargetError.
        """
        found: list[TableChange] = []
        for part in self._moving.parts():
            with self._moving.context(part, cancel or CancellationToken(), journalled=False) as context:
                found += table_changes.changes(self._moving.jobs(part), context)
        return tuple(found)

    def to_reload(self, cancel: CancellationToken | None = None) -> tuple[str, ...]:
        """The tables to give to `reload` because their rows changed, or may have, since the target was filled; on a
        server with those that refer to them."""
        names = [c.name for c in self.changed(cancel) if c.verdict is not Since.SAME]
        if not names or self._session.project.target.kind is TargetKind.PACKAGE:
            return tuple(names)
        made = [j for part in self._moving.parts() for j in self._moving.jobs(part)]
        return tuple(table_changes.with_children(made, names))

    def reload(self, tables: Iterable[str] | None = None, cancel: CancellationToken | None = None) -> RunResult:
        """Empty tables that Jetferry filled, all or those named, and fill them again. Ask the person first."""
        cancel = cancel or CancellationToken()
        with self._session.run(Stage.MIGRATE) as ending:
            self._verifier.withdraw_certificate()
            for part in self._moving.parts():
                with self._moving.context(part, cancel) as context:
                    reload_and_retry.reload(self._moving.jobs(part, tables), context)
            return self._run(ending, cancel)

    def filled(self, tables: Iterable[str] | None = None) -> dict[str, int]:
        """By table, the rows that `reload` would take away, to be shown before asking."""
        found: dict[str, int] = {}
        for part in self._moving.parts():
            with self._moving.sink(part) as sink:
                found |= reload_and_retry.filled(self._moving.jobs(part, tables), sink)
        return found

    def may_be_mended(self) -> Message | None:
        """As `RejectRetry.may_be_mended`."""
        return self._retry.may_be_mended(sum(t.rejected for t in self.known_lines()))

    def mended(self) -> dict[str, int]:
        """As `RejectRetry.mended`."""
        return self._retry.mended()

    def retry_rejects(self, tables: Iterable[str] | None = None, cancel: CancellationToken | None = None) -> RunResult:
        """As `RejectRetry.retry`."""
        self._result = self._retry.retry(tables, cancel)
        return self._result

    def verify(self, cancel: CancellationToken | None = None, deployed: Connection | None = None) -> Verification:
        """As `MigrationVerifier.verify`."""
        return self._verifier.verify(cancel, deployed)

    def sides(self, wanted: Sequence[str] = (), cancel: CancellationToken | None = None) -> Iterator[QueryPreview]:
        """As `MigrationVerifier.sides`."""
        return self._verifier.sides(wanted, cancel)

    def found_differing(self) -> Message | None:
        """That chosen tables differ on the server, as the last comparison found, be it after the stage's end; of a
        package, a file that is gone or visibly another: what was compared may be where it was deployed.

        None where there is none.
        """
        if self._session.project.target.kind is TargetKind.PACKAGE:
            return self._verifier.lost_file()
        return differing([t.table for t in self.known_lines() if t.state is TableState.DIFFERS])

    def unmade(self) -> tuple[Message, ...]:
        """As `MigrationVerifier.unmade`."""
        return self._verifier.unmade()

    def unguarded(self) -> tuple[Message, ...]:
        """As `MigrationVerifier.unguarded`."""
        return self._verifier.unguarded()

    def as_stored(self) -> tuple[Message, ...]:
        """As `MigrationVerifier.as_stored`."""
        return self._verifier.as_stored()

    def weaker(self) -> tuple[Message, ...]:
        """As `MigrationVerifier.weaker`."""
        return self._verifier.weaker()

    def never_made(self) -> tuple[str, ...]:
        """As `MigrationJobs.never_made`."""
        return self._moving.never_made()

    @property
    def certificate(self) -> Path | None:
        """As `MigrationVerifier.certificate`."""
        return self._verifier.certificate

    def deployments(self) -> KnownDeployments:
        """What became of the project's packages where they were deployed; nothing of a server."""
        folder = self._session.files.package
        return (
            known_deployments(folder)
            if self._session.project.target.kind is TargetKind.PACKAGE
            else KnownDeployments(folder)
        )

    def damage(self) -> list[Message]:
        """A message for each damaged line of the journal. What has come over is proven by the target, not by it."""
        return history(self._session.files.journal)[1]

    def rehearsals(self) -> tuple[tuple[str, ...], tuple[RunComparison, ...]]:
        """When each run began, and whether it was stopped or failed; the tables' seconds and rejects side by side.

        A table that was stopped has the seconds since it was begun, in the run that finished it.
        """
        runs = self._verifier.runs()
        return tuple(map(run_heading, runs)), tuple(side_by_side(since_begun(runs)))

    def rejects(self, table: str, *, start: int = 0, limit: int = 100) -> tuple[Reject, ...]:
        """Rows of a table that stayed behind: `limit` of them from number `start` on, which counts from 0.

        Raises StageError where there is no such table, MoveError where the file is damaged.
        """
        found = next((t for t in self._moving.tables() if name_of(t) == table), None)
        if found is None:
            raise StageError(8113, what="table", name=table, where="the conversion")
        log = RejectLog(self._session.files.rejects, found.name)
        try:
            return tuple(log.read()[start : start + limit])
        finally:
            log.close()

    def repair_about(self, table: str, reject: Reject) -> RepairRule | None:
        """A repair rule for exactly what a row was rejected for; None where no rule speaks of such."""
        found = next((t for p in self._load.parts() for t in p.conversion.tables if name_of(t) == table), None)
        if found is None or found.source is None:
            return None
        part = next((c.source for c in found.columns if c.name == reject.column), "")
        place = Place(Kind.COLUMN, found.source.source, found.source.table, part)
        return about(Message(reject.number, Severity.ERROR, reject.reason, place))

    @property
    def reject_folder(self) -> Path:
        """Where the reject files (CSV and Parquet) are."""
        return self._session.files.rejects


def joined(results: list[RunResult]) -> RunResult:
    """The runs of several databases as one."""
    return RunResult(
        tuple(t for r in results for t in r.tables),
        tuple(m for r in results for m in r.messages),
        sum(r.seconds for r in results),
        min((r.started for r in results), default=0.0),
        any(r.cancelled for r in results),
        retries=sum(r.retries for r in results),
    )


def _joined_with(line: TableResult, sent: TableResult | None) -> TableResult:
    """The line of a table that was there already, with what of its rejects was sent again."""
    if sent is None or line.status is not TableState.THERE:
        return line
    return replace(
        line, status=sent.status, seconds=sent.seconds, bytes=sent.bytes, retries=sent.retries, moved=sent.moved
    )


__all__ = [
    "MigrateStage",
    "Reject",
    "RunResult",
    "TableComparison",
    "TableProgressLines",
    "TableResult",
    "Verification",
]
