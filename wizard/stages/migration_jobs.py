"""The jobs of stage 8: tables with their sources and the target, database by database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path

from wizard.cancellation import CancellationToken
from wizard.events import Listener, Stage
from wizard.messages import Message, StageError
from wizard.migrate import certificate
from wizard.migrate.jobs import Job, JobSource, jobs
from wizard.migrate.repairs import RepairLog, unchecked
from wizard.migrate.run_context import RunContext, run_context
from wizard.migrate.source_sums import SourceSums
from wizard.objects import Outcome, ServerTable
from wizard.package import PackageSink
from wizard.settings import Connection, TargetKind
from wizard.sink import Sink
from wizard.sqlserver.server_sink import ServerSink
from wizard.stages.connect import ConnectStage, offline
from wizard.stages.convert import ConvertStage
from wizard.stages.databases import DatabaseScope
from wizard.stages.destinations import destination
from wizard.stages.load import LoadStage, beside, guarded, later
from wizard.stages.missing_tables import missing_names
from wizard.stages.project_session import ProjectSession
from wizard.stages.sources import SourcesStage
from wizard.stages.staleness import digest
from wizard.stages.views import TableProgress


class MigrationJobs:
    """Opens sources and target: everything here belongs in a thread."""

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
        self._connect = connect
        self._convert = convert
        self._load = load

    def parts(self) -> list[DatabaseScope]:
        """The conversion by database."""
        return self._load.parts()

    def tables(self) -> list[ServerTable]:
        """All tables of the conversion."""
        return [t for part in self.parts() for t in part.conversion.tables]

    def never_made(self) -> tuple[str, ...]:
        """Tables that were chosen and could not be converted, could not be loaded, or lie in a file that is wanted."""
        failed = [name for part in self.parts() for name in self._left_out(part)]
        result = self._load.result
        failed += [f.name for f in result.failures if f.kind == "table" and not f.part] if result else []
        return tuple(dict.fromkeys(failed))

    def _left_out(self, part: DatabaseScope) -> list[str]:
        """Of a part, the tables that were chosen and are not among its tables."""
        items = [i for i in part.conversion.items if i.category == "tables" and not i.part]
        failed = [f"{i.source.source}.{i.source.table}" for i in items if i.outcome is Outcome.FAILED]
        project = self._session.project
        keys = [s.key for s in project.sources if destination(project, s.key).database == part.database]
        return failed + list(missing_names(self._sources, keys))

    def expected(self) -> list[TableProgress]:
        """A line a table with rows: those that its file's header announces."""
        found = []
        for table in self.tables():
            if table.source is not None:
                definition = self._sources.open(table.source.source).definition
                access = definition.tables_by_name.get(table.source.table.casefold())
                found.append(TableProgress(name_of(table), access.rows if access else 0))
        return found

    def _readers(self) -> dict[str, JobSource]:
        """The sources as stage 8 reads them, each with the state of its files."""
        found = {}
        for source in self._session.project.sources:
            opened = self._sources.open(source.key)
            found[source.key] = JobSource(
                self._convert.reader(source.key),
                digest(opened.state()),
                str(self._sources.path(source)),
                opened.unread if source.salvage else None,
            )
        return found

    def made(self, part: DatabaseScope) -> tuple[list[Job], list[Message]]:
        """The jobs of a part, and the messages of making them."""
        return jobs(part.conversion.tables, self._readers(), self._session.project.options, self._convert.plans())

    def jobs(self, part: DatabaseScope, only: Iterable[str] | None = None) -> list[Job]:
        """The jobs, all or those of these tables; the messages of making them are emitted."""
        made, messages = self.made(part)
        for message in messages:
            self._session.emit_message(Stage.MIGRATE, message)
        wanted = None if only is None else {n.casefold() for n in only}
        return [j for j in made if wanted is None or j.name.casefold() in wanted]

    def named(self, tables: Iterable[str]) -> list[str]:
        """Raises StageError 8113 where one of them is no table of the conversion."""
        named = list(tables)
        known = {name_of(t).casefold() for t in self.tables()}
        unknown = [n for n in named if n.casefold() not in known]
        if unknown:
            raise StageError(8113, what="table", name=", ".join(unknown), where="the conversion")
        return named

    @contextmanager
    def sink(self, part: DatabaseScope, listener: Listener | None = None) -> Iterator[Sink]:
        """The database's target, closed at the end. Raises StageError 8107 offline."""
        with closing(self._opened(part, listener or self._session.emit)) as sink:
            yield sink

    def context(
        self,
        part: DatabaseScope,
        cancel: CancellationToken,
        *,
        journalled: bool = True,
        sums: SourceSums | None = None,
    ) -> AbstractContextManager[RunContext]:
        """What all work with rows of the database shares, its target open. Raises RecordError, StageError 8107.

        Who only looks writes no journal: another process may do that meanwhile.
        """
        return run_context(
            partial(self.sink, part), self._session.project.options, self._session.files,
            listener=self._session.emit, cancellation=cancel, journalled=journalled, sums=sums,
        )  # fmt: skip

    def _opened(self, part: DatabaseScope, listener: Listener) -> Sink:
        project, files = self._session.project, self._session.files
        if project.target.kind is TargetKind.PACKAGE:
            work = part.folder(files.package_work)
            moving = {j.table.name: j for j in self.made(part)[0]}
            return PackageSink(
                part.folder(files.package),
                work,
                [j.table for j in moving.values()],
                guarded(part),
                project.options,
                name=project.name,
                beside=beside(part),
                version=project.target.version,
                unread=lambda table, read: moving[table].unread(read),
                missing=self._left_out(part),
                less_guarded=part.less_guarded,
                beyond_ascii=lambda table: unchecked(RepairLog(files.repairs, table).counts()),
            )
        if offline(self._session):
            raise StageError(8107)
        return ServerSink(
            part.connection, self._connect.password(), project.options,
            later=later(part, project.options.constraints), listener=listener,
        )  # fmt: skip

    def files(self) -> list[tuple[str, Path]]:
        """The files rows were read from, by source: its own and back ends of linked tables."""
        found: dict[tuple[str, Path], None] = {}
        for source in self._session.project.sources:
            opened = self._sources.open(source.key)
            backs = [opened.linked_to(t.name) for t in opened.definition.tables]
            found |= dict.fromkeys(
                (source.key, p) for p in (self._sources.path(source), *map(Path, filter(None, backs)))
            )
        return list(found)

    def target(self, deployed: Connection | None = None) -> str:
        """Where the rows went, for people; a package's manifest names every file of it with its SHA-256.

        `deployed` is the server on which the package was deployed, if that was compared.
        """
        project, c = self._session.project, self._session.project.connection
        if project.target.kind is not TargetKind.PACKAGE:
            return ", ".join(f"database '{p.connection.database}' on {c.server}" for p in self.parts())
        manifests = [p.folder(self._session.files.package) / "manifest.json" for p in self.parts()]
        known = [(m, certificate.fingerprinted("", m).sha256) for m in manifests if m.is_file()]
        packages = ", ".join(
            f"the offline package {m.parent} (SHA-256 of its manifest: {digest})" for m, digest in known
        )
        if deployed is None:
            return packages
        databases = dict.fromkeys(p.database or deployed.database for p in self.parts())
        return ", ".join(f"database '{d}' on {deployed.server}" for d in databases) + f", deployed from {packages}"


def name_of(table: ServerTable) -> str:
    """As events name a table: `dbo.Orders`."""
    return table.name.plain
