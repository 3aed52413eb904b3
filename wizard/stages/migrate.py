"""Stage 8: the rows, moved with pause, resume and cancel; rejects, report, verification."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from wizard.events import BatchCommitted, Event, Stage, TableFinished, TableStarted
from wizard.messages import Message, StageError
from wizard.migrate import again, certificate, changes, rehearsals
from wizard.migrate.changes import TableChange, Verdict
from wizard.migrate.control import Control
from wizard.migrate.jobs import Job, Source, jobs
from wizard.migrate.journal import history
from wizard.migrate.rehearsals import Compared
from wizard.migrate.rejects import Reject, RejectLog
from wizard.migrate.run import REJECTS, RunResult, TableResult, run
from wizard.migrate.verify import Checked, TableProof, verify
from wizard.objects import ServerTable
from wizard.settings import TargetKind
from wizard.stages.assess import REPORTS
from wizard.stages.browse import now
from wizard.stages.connect import ConnectStage, offline
from wizard.stages.control import Cancel, StoppedError
from wizard.stages.inputs import digest
from wizard.stages.load import PACKAGE, LoadStage, guarded, later
from wizard.stages.parts import Part
from wizard.stages.session import Ending, Session
from wizard.stages.sources import SourcesStage
from wizard.stages.verification import Verification, changed_files
from wizard.stages.views import TableProgress
from wizard.target.check import ServerCheck
from wizard.target.package import PackageCheck, PackageSink
from wizard.target.server_sink import ServerSink
from wizard.target.sink import Sink


class TableLines:
    """Follows events into one line a table; give it a history first, then what is told live. A listener."""

    def __init__(self, tables: Iterable[TableProgress] = ()) -> None:
        self._tables = {t.table: t for t in tables}

    @property
    def tables(self) -> tuple[TableProgress, ...]:
        return tuple(self._tables.values())

    def __call__(self, event: Event) -> None:
        match event:
            case TableStarted():
                self._set(event.table, rows=event.rows, done=event.done, status="running")
            case BatchCommitted():
                self._set(
                    event.table, rows=event.rows, done=event.done, rejected=event.rejected, bytes=event.bytes,
                    seconds=event.seconds, status="running",
                )  # fmt: skip
            case TableFinished():
                self._set(
                    event.table, done=event.done, rejected=event.rejected, seconds=event.seconds,
                    status=event.status, detail=event.detail,
                )  # fmt: skip
            case _:
                pass

    def _set(self, table: str, **changes: Any) -> None:
        self._tables[table] = replace(self._tables.get(table) or TableProgress(table, rows=0), **changes)


class MigrateStage:
    """All but `lines` belongs in a thread; in the wizard `run` is the worker's."""

    def __init__(self, session: Session, sources: SourcesStage, connect: ConnectStage, load: LoadStage) -> None:
        self._session = session
        self._sources = sources
        self._connect = connect
        self._load = load
        self._result: RunResult | None = None

    @property
    def result(self) -> RunResult | None:
        """Of the last run in this session; its `tables` are the report's lines."""
        return self._result

    def lines(self) -> tuple[TableProgress, ...]:
        """A line a table with rows, as the journal has it: expected rows are the headers' hints until they move."""
        return self._followed(self._expected())

    def known_lines(self) -> tuple[TableProgress, ...]:
        """Only the tables of which the journal tells; opens no source."""
        return self._followed(())

    def _followed(self, tables: Iterable[TableProgress]) -> tuple[TableProgress, ...]:
        known = TableLines(tables)
        for event in history(self._session.folder)[0]:
            known(event)
        return known.tables

    def _expected(self) -> list[TableProgress]:
        found = []
        for part in self._load.parts():
            for table in part.conversion.tables:
                if table.source is not None:
                    definition = self._sources.open(table.source.source).definition
                    access = definition.tables_by_name.get(table.source.table.casefold())
                    found.append(TableProgress(name_of(table), access.rows if access else 0))
        return found

    def _readers(self) -> dict[str, Source]:
        """The sources as stage 8 reads them, each with the state of its files."""
        found = {}
        for source in self._session.project.sources:
            opened = self._sources.open(source.key)
            found[source.key] = Source(opened, digest(opened.state()), str(self._sources.path(source)))
        return found

    def _jobs(self, part: Part, only: Iterable[str] | None = None) -> list[Job]:
        made, messages = jobs(part.conversion.tables, self._readers(), self._session.project.options)
        for message in messages:
            self._session.tell(Stage.MIGRATE, message)
        wanted = None if only is None else {n.casefold() for n in only}
        return [j for j in made if wanted is None or j.name.casefold() in wanted]

    def _sink(self, part: Part) -> Sink:
        project, folder = self._session.project, self._session.folder
        if project.target.kind is TargetKind.PACKAGE:
            work = part.folder(folder / "journal" / PACKAGE)
            tables = [j.table for j in self._jobs(part)]
            return PackageSink(
                part.folder(folder / PACKAGE), work, tables, guarded(part), project.options, name=project.name
            )
        if offline(self._session):
            raise StageError(8107)
        return ServerSink(
            part.connection, self._connect.password(), project.options,
            later=later(part, project.options.constraints), listener=self._session.emit,
        )  # fmt: skip

    def run(self, cancel: Cancel | None = None) -> RunResult:
        """Move what is not there yet, then make and check constraints. Run again, it goes on where it was.

        Raises StageError, TargetError where the target is not to be had, MoveError where the journal cannot be
        written, StoppedError after a cancel (everything committed is kept).
        """
        with self._session.run(Stage.MIGRATE) as ending:
            return self._run(ending, cancel or Cancel())

    def _run(self, ending: Ending, cancel: Cancel) -> RunResult:
        self._result = result = joined([self._run_part(part, cancel) for part in self._load.parts()])
        if result.cancelled:
            raise StoppedError(cancel.reason)
        rehearsals.keep(result, self._session.folder)
        failed = [t.table for t in result.tables if t.status == "failed"]
        if failed:
            raise StageError(8120, count=len(failed), names=", ".join(failed[:5]))
        differing = [p.table for p in self.verify(cancel).proofs if not p.equal]
        if differing:
            raise StageError(8122, count=len(differing), names=", ".join(differing[:5]))
        ending.detail = f"{summary(result)}, verified"
        return result

    def _run_part(self, part: Part, cancel: Cancel) -> RunResult:
        control = Control()
        cancel.lead(control)
        folder, options = self._session.folder, self._session.project.options
        with closing(self._sink(part)) as sink:
            made = self._jobs(part)
            found = changes.changes(made, sink, folder, cancel)
            for message in changes.told(found):
                self._session.tell(Stage.MIGRATE, message)
            made = changes.undisturbed(made, found)
            return run(made, sink, folder, options, listener=self._session.emit, control=control)

    def changed(self, cancel: Cancel | None = None) -> tuple[TableChange, ...]:
        """The tables that the target has from an earlier state of their files, and whether their rows changed since.

        Reads these tables, once for each state of a file. Raises SourceError, TargetError.
        """
        found: list[TableChange] = []
        for part in self._load.parts():
            with closing(self._sink(part)) as sink:
                found += changes.changes(self._jobs(part), sink, self._session.folder, cancel or Cancel())
        return tuple(found)

    def to_reload(self, cancel: Cancel | None = None) -> tuple[str, ...]:
        """The tables to give to `reload` because their rows changed, or may have, since the target was filled; on a
        server with those that refer to them."""
        names = [c.name for c in self.changed(cancel) if c.verdict is not Verdict.SAME]
        if not names or self._session.project.target.kind is TargetKind.PACKAGE:
            return tuple(names)
        made = [j for part in self._load.parts() for j in self._jobs(part)]
        return tuple(changes.with_children(made, names))

    def reload(self, tables: Iterable[str] | None = None, cancel: Cancel | None = None) -> RunResult:
        """Empty tables that Jetferry filled, all or those named, and fill them again. Ask the person first."""
        with self._session.run(Stage.MIGRATE) as ending:
            for part in self._load.parts():
                with closing(self._sink(part)) as sink:
                    again.reload(self._jobs(part, tables), sink, self._session.folder)
            return self._run(ending, cancel or Cancel())

    def filled(self, tables: Iterable[str] | None = None) -> dict[str, int]:
        """By table, the rows that `reload` would take away, to be shown before asking."""
        found: dict[str, int] = {}
        for part in self._load.parts():
            with closing(self._sink(part)) as sink:
                found |= again.filled(self._jobs(part, tables), sink)
        return found

    def retry_rejects(self, tables: Iterable[str] | None = None, cancel: Cancel | None = None) -> RunResult:
        """Send rejected rows again, after their cause was mended; those refused once more stay rejected."""
        cancel = cancel or Cancel()
        control = Control()
        cancel.lead(control)
        retried: list[TableResult] = []
        with self._session.run(Stage.MIGRATE) as ending:
            for part in self._load.parts():
                with closing(self._sink(part)) as sink:
                    for job in self._jobs(part, tables):
                        cancel.check()
                        if again.rows_moved(sink, job.table.name)[1]:
                            retried.append(self._retry(job, sink, control))
                    for message in sink.finish([j.table for j in self._jobs(part)]):
                        self._session.tell(Stage.MIGRATE, message)
            self._result = RunResult(tuple(retried), (), sum(t.seconds for t in retried), now())
            ending.detail = f"retried: {summary(self._result)}"
        return self._result

    def _retry(self, job: Job, sink: Sink, control: Control) -> TableResult:
        folder, options = self._session.folder, self._session.project.options
        return again.retry_rejects(job, sink, folder, options, listener=self._session.emit, control=control)

    def verify(self, cancel: Cancel | None = None) -> Verification:
        """Compare rows and values on both sides; a package's files with their checksums too. The stage stays as it is.

        What of a table cannot be verified is in its proof. Raises TargetError where it cannot begin, StoppedError.
        """
        cancel = cancel or Cancel()
        folder, project = self._session.folder, self._session.project
        proofs: list[TableProof] = []
        messages: list[Message] = []
        for part in self._load.parts():
            checked: Checked
            if project.target.kind is TargetKind.PACKAGE:
                checked = PackageCheck(part.folder(folder / PACKAGE))
                messages += changed_files(part.folder(folder / PACKAGE))
            else:
                checked = ServerCheck(part.connection, self._connect.password())
                messages += self._load.unselectable(part)
            with closing(self._sink(part)) as sink:
                jobs_, emit = self._jobs(part), self._session.emit
                proven = verify(jobs_, checked, sink, folder, project.options, listener=emit, cancelled=cancel)
                changes.remember(jobs_, proven, sink, folder)
                proofs += proven
            cancel.check()
        found = Verification(tuple(proofs), tuple(messages))
        self._certify(found)
        return found

    def _certify(self, found: Verification) -> None:
        """`reports/certificate.json` and `.html`: what was moved, how, with every figure of both sides."""
        project, folder = self._session.project, self._session.folder
        tables = [t for part in self._load.parts() for t in part.conversion.tables]
        content = certificate.certificate(
            project=project.name,
            target=self._target(),
            sources=[certificate.fingerprinted(key, path) for key, path in self._files()],
            proofs=found.proofs,
            problems=found.messages,
            rejects={name_of(t): RejectLog(folder / REJECTS, t.name) for t in tables},
            runs=rehearsals.records(folder),
            options=project.options,
        )
        certificate.write(content, folder / REPORTS)

    def _files(self) -> list[tuple[str, Path]]:
        """The files rows were read from, by source: its own and back ends of linked tables."""
        found: dict[tuple[str, Path], None] = {}
        for source in self._session.project.sources:
            opened = self._sources.open(source.key)
            backs = [opened.linked_to(t.name) for t in opened.definition.tables]
            found |= dict.fromkeys(
                (source.key, p) for p in (self._sources.path(source), *map(Path, filter(None, backs)))
            )
        return list(found)

    def _target(self) -> str:
        """Where the rows went, for people; a package's manifest names every file of it with its SHA-256."""
        project, c = self._session.project, self._session.project.connection
        if project.target.kind is not TargetKind.PACKAGE:
            return ", ".join(f"database '{p.connection.database}' on {c.server}" for p in self._load.parts())
        manifests = [p.folder(self._session.folder / PACKAGE) / "manifest.json" for p in self._load.parts()]
        known = [(m, certificate.fingerprinted("", m).sha256) for m in manifests if m.is_file()]
        return ", ".join(f"the offline package {m.parent} (SHA-256 of its manifest: {digest})" for m, digest in known)

    @property
    def certificate(self) -> Path | None:
        """The certificate for people, as the last `verify` wrote it; None before the first."""
        path = self._session.folder / REPORTS / "certificate.html"
        return path if path.is_file() else None

    def damage(self) -> list[Message]:
        """A message for each damaged line of the journal. What has come over is proven by the target, not by it."""
        return history(self._session.folder)[1]

    def rehearsals(self) -> tuple[tuple[str, ...], tuple[Compared, ...]]:
        """When each run began, and the tables' seconds and rejects of all runs side by side."""
        runs = rehearsals.records(self._session.folder)
        return tuple(str(r["started"]) for r in runs), tuple(rehearsals.side_by_side(runs))

    def rejects(self, table: str, *, start: int = 0, limit: int = 100) -> tuple[Reject, ...]:
        """Rows of a table that stayed behind, a page of them. Raises MoveError where the file is damaged."""
        found = next((t for p in self._load.parts() for t in p.conversion.tables if name_of(t) == table), None)
        if found is None:
            raise StageError(8113, what="table", name=table, where="the conversion")
        log = RejectLog(self._session.folder / REJECTS, found.name)
        try:
            return tuple(log.read()[start : start + limit])
        finally:
            log.close()

    @property
    def reject_folder(self) -> Path:
        """Where the reject files (CSV and Parquet) are."""
        return self._session.folder / REJECTS


def name_of(table: ServerTable) -> str:
    """As events name a table: `dbo.Orders`."""
    return f"{table.name.schema}.{table.name.name}"


def joined(results: list[RunResult]) -> RunResult:
    """The runs of several databases as one."""
    return RunResult(
        tuple(t for r in results for t in r.tables),
        tuple(m for r in results for m in r.messages),
        sum(r.seconds for r in results),
        min((r.started for r in results), default=0.0),
        any(r.cancelled for r in results),
    )


def summary(result: RunResult) -> str:
    rows, rejected = sum(t.migrated for t in result.tables), sum(t.rejected for t in result.tables)
    return f"{rows:,} rows in {len(result.tables)} tables" + (f", {rejected:,} rejected" if rejected else "")


__all__ = ["MigrateStage", "Reject", "RunResult", "TableLines", "TableProof", "TableResult", "Verification"]
