"""Stage 8: the rows, moved with pause, resume and cancel; rejects, report, verification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from wizard.cancellation import CancellationToken, StoppedError
from wizard.events import Stage
from wizard.messages import (
    JetferryError,
    Kind,
    Message,
    MoveError,
    Place,
    RunLimitError,
    Severity,
    StageError,
    WorkFailedError,
)
from wizard.migrate import (
    certificate,
    partitioning,
    reject_causes,
    reload_and_retry,
    run_history,
    table_changes,
)
from wizard.migrate.jobs import Job
from wizard.migrate.journal import history
from wizard.migrate.orphans import all_orphans
from wizard.migrate.query_comparison import QueryProof
from wizard.migrate.rejects import Reject, RejectLog
from wizard.migrate.reload_and_retry import retry_rejects
from wizard.migrate.repairs import RepairLog
from wizard.migrate.run import RunResult, TableResult, rows_moved, run
from wizard.migrate.run_context import RunContext
from wizard.migrate.run_history import RunComparison, side_by_side
from wizard.migrate.table_changes import TableChange
from wizard.migrate.table_changes import TableVerdict as Since
from wizard.migrate.verification import TableComparison, VerifiedSide, verify
from wizard.objects import ServerTable
from wizard.outcomes import TableState, Verdict
from wizard.package import PackageTableSums
from wizard.plurals import counted
from wizard.project import StageOutcome
from wizard.settings import RepairRule, TargetKind
from wizard.sink import Sink
from wizard.sqlserver.lasting import Lasting
from wizard.sqlserver.table_sums import ServerTableSums
from wizard.stages.connect import ConnectStage, offline
from wizard.stages.convert import ConvertStage
from wizard.stages.databases import DatabaseScope
from wizard.stages.load import LoadStage
from wizard.stages.migration_jobs import MigrationJobs, name_of
from wizard.stages.project_session import ProjectSession, StageEnding
from wizard.stages.query_preview import QueryPreview, query_previews
from wizard.stages.query_proof import QueryProver, told_of
from wizard.stages.query_proof_script import write_query_script
from wizard.stages.repair_rules import about
from wizard.stages.source_browser import now
from wizard.stages.sources import SourcesStage
from wizard.stages.state_machine import title
from wizard.stages.table_history import run_heading, since_begun, with_table_runs
from wizard.stages.table_progress import TableProgressLines, cut_off
from wizard.stages.verification import Verification, changed_files
from wizard.stages.views import TableProgress

LIMIT = 6002
"""the message of a table at which the whole run reached its limit of rejected rows"""

UNMADE = frozenset({5301, 5305})
"""messages of what should guard or find the rows and does not"""
MENDED = frozenset({"options", "repair rules", "the loaded objects"})
"""parts of stage 8 whose change mends what rows were rejected for: sending those again is all that it asks for"""


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
        self._sources = sources
        self._moving = MigrationJobs(session, sources, connect, convert, load)
        self._connect = connect
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
        """Only the tables of which the journal tells; opens no source."""
        return self._followed(())

    def _followed(self, tables: Iterable[TableProgress]) -> tuple[TableProgress, ...]:
        known = TableProgressLines(tables)
        for event in history(self._session.files.journal)[0]:
            known(event)
        if self._session.machine().running is Stage.MIGRATE:
            return known.tables
        return tuple(map(cut_off, known.tables))

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
        """Before the first row goes: where nobody has looked yet at what old rows break, look, and let the tables give
        way as stage 6 would have made them. Whether they had to."""
        if self._session.machine().blocked(Stage.MIGRATE) is not None or any(t.done for t in self.known_lines()):
            return False
        if not self._convert.see_old_rows(cancel):
            return False
        self._convert.renew()
        self._load.run(cancel)
        return True

    def _run(self, ending: StageEnding, cancel: CancellationToken) -> RunResult:
        self.withdraw_certificate()
        self._result = result = self._run_parts(cancel)
        failed = [t.table for t in result.tables if t.status is TableState.FAILED]
        self._keep(result, well=not failed and not result.cancelled)
        if result.cancelled:
            raise StoppedError(cancel.reason)
        limit = next((m for m in result.messages if m.number == LIMIT), None)
        if limit is not None:
            raise RunLimitError.of(limit)
        if failed:
            raise WorkFailedError(8120, count=len(failed), names=", ".join(failed[:5]))
        found = self.verify(cancel)
        differing = [p.table for p in found.proofs if not p.equal]
        if differing:
            raise WorkFailedError(8122, count=len(differing), names=", ".join(differing[:5]))
        ending.detail, ending.losses = summary(found), found.losses
        return result

    def _run_parts(self, cancel: CancellationToken) -> RunResult:
        """The parts one after the other; none after one that stopped by itself, at a limit. Cancelled is what a person
        stopped."""
        results: list[RunResult] = []
        for part in self._moving.parts():
            results.append(self._run_part(part, cancel))
            if results[-1].cancelled and not cancel.cancelled:
                break
        result = joined(results)
        return replace(result, cancelled=result.cancelled and cancel.cancelled)

    def _keep(self, result: RunResult, *, well: bool) -> None:
        """Keep the run beside the others, a stopped one too. Raises RecordError; after a run that did not end well
        that is only told, as what ended it counts for more."""
        try:
            run_history.keep_run(result, self._session.files.runs)
        except MoveError as e:
            if well:
                raise
            self._session.emit_message(Stage.MIGRATE, e.message)

    def _run_part(self, part: DatabaseScope, cancel: CancellationToken) -> RunResult:
        with self._moving.context(part, cancel) as context:
            made = self._moving.jobs(part)
            found = table_changes.changes(made, context)
            for message in table_changes.change_messages(found):
                self._session.emit_message(Stage.MIGRATE, message)
            made = table_changes.undisturbed(made, found)
            again_ = self._send_mended(part, made, context)
            result = run(made, context)
            return replace(result, tables=tuple(_joined_with(t, again_.get(t.table)) for t in result.tables))

    def _send_mended(self, part: DatabaseScope, made: Sequence[Job], context: RunContext) -> dict[str, TableResult]:
        """Send what was rejected earlier again, where its cause may be mended. What goes wrong is told."""
        found = [(j, n) for j, n in self._mended(part, made, context) if n]
        if not found:
            return {}
        self._prepare(context, found)
        sent: dict[str, TableResult] = {}
        for job, count in found:
            if not context.cancellation.go_on():
                break
            self._session.emit_message(Stage.MIGRATE, Message.of(6307, _place(job), table=job.name, count=count))
            try:
                sent[job.name] = retry_rejects(job, context)
            except JetferryError as e:
                self._session.emit_message(Stage.MIGRATE, e.message)
        return sent

    def _mended(self, part: DatabaseScope, made: Sequence[Job], context: RunContext) -> list[tuple[Job, int]]:
        """Each job with the rows rejected earlier whose cause may be mended."""
        raw = {j.name: j for j in self._moving.made(part)[0]}
        return [(j, reject_causes.mended(j, context, raw[j.name])) for j in made]

    def mended(self) -> dict[str, int]:
        """By table, rows rejected earlier whose cause may be mended: `run` sends them again, as `retry_rejects` does.

        Raises StageError before stage 6, SourceError, TargetError.
        """
        found: dict[str, int] = {}
        if not any(self._session.files.rejects.glob("*.jsonl")):
            return found
        for part in self._moving.parts():
            with self._moving.context(part, CancellationToken(), journalled=False) as context:
                found |= {j.name: n for j, n in self._mended(part, self._moving.made(part)[0], context) if n}
        return found

    def _prepare(self, context: RunContext, made: Sequence[tuple[Job, int]]) -> None:
        """Before rejected rows go again: the same as before rows go at first."""
        for message in context.sink.prepare([partitioning.delivery(j, n, 1) for j, n in made]):
            self._session.emit_message(Stage.MIGRATE, message)

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
            self.withdraw_certificate()
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

    def retry_rejects(self, tables: Iterable[str] | None = None, cancel: CancellationToken | None = None) -> RunResult:
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
            self._result = RunResult((), (), 0.0, now())
            return self._result
        retried: list[TableResult] = []
        was_done = self._was_done()
        with self._session.run(Stage.MIGRATE) as ending:
            self.withdraw_certificate()
            for part in self._moving.parts():
                with self._moving.context(part, cancel) as context:
                    retried += self._retry_part(part, context, wanted)
            self._result = RunResult(tuple(retried), (), sum(t.seconds for t in retried), now())
            self._retried(ending, was_done, cancel)
        if not self._session.machine().over(Stage.MIGRATE):
            message = Message.of(8125, stage=title(Stage.MIGRATE), project=self._session.path.name)
            self._session.emit_message(Stage.MIGRATE, message)
        return self._result

    def _retried(self, ending: StageEnding, was_done: bool, cancel: CancellationToken) -> None:
        """The certificate anew, where all there is can be compared, and what the stage comes to."""
        whole = not any(self._short(None))
        found = self.verify(cancel) if whole else None
        differing = [p.table for p in found.proofs if not p.equal] if found else []
        if differing:
            told = Message.of(8122, count=len(differing), names=", ".join(differing[:5]))
            self._session.emit_message(Stage.MIGRATE, told)
        ending.done = was_done and found is not None and not differing
        if found is not None:
            ending.detail, ending.losses = summary(found), found.losses

    def _was_done(self) -> bool:
        record = self._session.project.stages.get(Stage.MIGRATE)
        changed = self._session.machine().changed(Stage.MIGRATE)
        return record is not None and record.outcome is StageOutcome.DONE and MENDED.issuperset(changed)

    def _see_that_all_were_sent(self, wanted: Iterable[str] | None) -> None:
        """Raises StageError 8124 before anything is begun: rows that never were sent are not rejected ones."""
        short = list(self._short(wanted))
        if short:
            names, project = ", ".join(short[:5]), self._session.path.name
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

    def _retry_part(self, part: DatabaseScope, context: RunContext, wanted: Iterable[str] | None) -> list[TableResult]:
        retried: list[TableResult] = []
        sink, cancel = context.sink, context.cancellation
        counts = [(j, rows_moved(sink, j.table.name)[1]) for j in self._moving.jobs(part, wanted)]
        left = [(j, n) for j, n in counts if n]
        if left:
            self._prepare(context, left)
        for job, _ in left:
            cancel.check()
            retried.append(retry_rejects(job, context))
        cancel.check()  # the last table may have been stopped half way
        made = self._moving.made(part)[0]
        tables: dict[bool, list[ServerTable]] = {True: [], False: []}
        for job in made:
            tables[_complete(sink, job)].append(job.table)
        for message in sink.finish(tables[True], tables[False], partial(all_orphans, made, context.files)):
            self._session.emit_message(Stage.MIGRATE, message)
        return retried

    def verify(self, cancel: CancellationToken | None = None) -> Verification:
        """Compare rows and values on both sides; a package's files with their checksums too. The stage stays as it is.

        What of a table cannot be verified is in its proof. Raises TargetError where it cannot begin, StoppedError.
        """
        cancel = cancel or CancellationToken()
        proofs: list[TableComparison] = []
        messages: list[Message] = []
        queries: list[QueryProof] = []
        for part in self._moving.parts():
            checked: VerifiedSide
            if self._session.project.target.kind is TargetKind.PACKAGE:
                folder = part.folder(self._session.files.package)
                checked = PackageTableSums(folder, cancel.check)
                messages += changed_files(folder, cancel)
            else:
                checked = ServerTableSums(part.connection, self._connect.password(), cancel.check)
                messages += self._load.unselectable(part)
            with self._moving.context(part, cancel) as context:
                jobs_ = self._moving.jobs(part)
                proven = verify(jobs_, checked, context)
                table_changes.remember(jobs_, proven, context)
                proofs += proven
            queries += self._prove_queries(part, cancel)
            cancel.check()
        found = Verification(tuple(proofs), tuple(messages), tuple(queries), self._moving.never_made(), self.unmade())
        self._certify(found)
        return found

    def unmade(self) -> tuple[Message, ...]:
        """Constraints, indexes and triggers that the last run could not make, enable or trust after the rows."""
        return tuple(m for m in self._session.told(Stage.MIGRATE) if m.number in UNMADE)

    def _prove_queries(self, part: DatabaseScope, cancel: CancellationToken) -> list[QueryProof]:
        """Run the queries on both sides; a package gets a script that does it. Raises TargetError, StoppedError."""
        options, modules = self._session.project.options, part.conversion.modules
        if not options.prove_queries or not modules:
            return []
        if self._session.project.target.kind is TargetKind.PACKAGE:
            folder = part.folder(self._session.files.package)
            told = write_query_script(folder, modules, options, self._sources.open, cancel.check)
            if told is not None:
                self._session.emit_message(Stage.MIGRATE, told)
            return []
        found = []
        with (
            self._session.waiting(cancel),
            closing(Lasting(part.connection, self._connect.password(), listener=self._session.emit)) as server,
        ):
            prover = QueryProver(server, options, self._sources.open, cancel.check, self._load.missing())
            for proof in prover.proofs(modules):
                found.append(proof)
                self._session.emit_message(Stage.MIGRATE, told_of(proof))
        return found

    def sides(self, wanted: Sequence[str] = (), cancel: CancellationToken | None = None) -> Iterator[QueryPreview]:
        """The first rows of converted queries on the server and in Access.

        Raises StageError 8114 for a package, 8107 offline; TargetError.
        """
        if self._session.project.target.kind is TargetKind.PACKAGE:
            raise StageError(8114)
        if offline(self._session):
            raise StageError(8107)
        options, between = self._session.project.options, (cancel or CancellationToken()).check
        for part in self._load.parts():
            password = self._connect.password()
            yield from query_previews(part, password, options, self._sources.open, wanted=wanted, between=between)

    def _certify(self, found: Verification) -> None:
        """`reports/certificate.json` and `.html`: what was moved, how, with every figure of both sides."""
        project, files = self._session.project, self._session.files
        runs = self._runs()
        content = certificate.certificate(
            project=project.name,
            target=self._moving.target(),
            sources=[certificate.fingerprinted(key, path) for key, path in self._moving.files()],
            proofs=found.proofs,
            problems=found.messages,
            missing=found.missing,
            unmade=found.unmade,
            rejects={name_of(t): RejectLog(files.rejects, t.name) for t in self._moving.tables()},
            repairs={name_of(t): RepairLog(files.repairs, t.name) for t in self._moving.tables()},
            runs=since_begun(runs),
            options=project.options,
            queries=found.queries,
        )
        # of a table the seconds since it was begun, of a run what it did itself
        certificate.write({**content, "runs": runs}, files.reports)

    @property
    def certificate(self) -> Path | None:
        """The certificate for people, as the last `verify` wrote it; None before the first, and where what it states
        was changed since."""
        path = self._session.files.reports / "certificate.html"
        return path if path.is_file() else None

    def withdraw_certificate(self) -> None:
        """What it states is being changed: there is none until both sides are compared again."""
        certificate.withdraw(self._session.files.reports)

    def damage(self) -> list[Message]:
        """A message for each damaged line of the journal. What has come over is proven by the target, not by it."""
        return history(self._session.files.journal)[1]

    def rehearsals(self) -> tuple[tuple[str, ...], tuple[RunComparison, ...]]:
        """When each run began, and whether it was stopped or failed; the tables' seconds and rejects side by side.

        A table that was stopped has the seconds since it was begun, in the run that finished it.
        """
        runs = self._runs()
        return tuple(map(run_heading, runs)), tuple(side_by_side(since_begun(runs)))

    def _runs(self) -> list[dict[str, Any]]:
        """The runs on record, each with what it did itself."""
        files = self._session.files
        return with_table_runs(run_history.records(files.runs), history(files.journal)[0])

    def rejects(self, table: str, *, start: int = 0, limit: int = 100) -> tuple[Reject, ...]:
        """Rows of a table that stayed behind, a page of them. Raises MoveError where the file is damaged."""
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


def _complete(sink: Sink, job: Job) -> bool:
    """Whether all rows of the table were sent, be it that some were rejected."""
    checkpoint = sink.checkpoint(job.table.name)
    return checkpoint is not None and checkpoint.complete


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


def _place(job: Job) -> Place:
    return Place(Kind.TABLE, source=job.ref.source, name=job.ref.table)


def summary(found: Verification) -> str:
    """One line on what arrived and what did not."""
    if found.verdict is Verdict.NOTHING:
        return "no table was chosen: no row was moved"
    arrived, rejected, damaged = (
        sum(getattr(p, n) for p in found.proofs) for n in ("target_rows", "rejected", "damaged")
    )
    tables = counted(len(found.proofs), "table")
    if damaged:
        tables += f", {counted(damaged, 'text')} damaged"
    if found.unmade:
        tables += f", {counted(len(found.unmade), 'constraint or index', 'constraints or indexes')} not made"
    if not rejected:
        return f"{counted(arrived, 'row')} in {tables}, verified"
    of_all = f"{arrived:,} of {counted(arrived + rejected, 'row')}"
    return f"{of_all} arrived in {tables}, {rejected:,} rejected, the rest verified"


__all__ = [
    "MigrateStage",
    "Reject",
    "RunResult",
    "TableComparison",
    "TableProgressLines",
    "TableResult",
    "Verification",
]
