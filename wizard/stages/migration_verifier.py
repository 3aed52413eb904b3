"""Both sides of a migration compared, and its certificate: stage 8's last step, and what `jetferry verify` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.cancellation import CancellationToken
from wizard.events import Stage
from wizard.messages import (
    Message,
    SourceError,
    StageError,
    Topic,
)
from wizard.migrate import (
    certificate,
    run_history,
    table_changes,
)
from wizard.migrate.journal import history
from wizard.migrate.query_comparison import QueryProof
from wizard.migrate.rejects import RejectLog
from wizard.migrate.repairs import RepairLog
from wizard.migrate.source_sums import SourceSums
from wizard.migrate.verification import TableComparison, VerifiedSide, beside, verify
from wizard.outcomes import TableState
from wizard.package import PackageTableSums
from wizard.plurals import counted
from wizard.settings import Connection, TargetKind
from wizard.sqlserver.lasting_connection import LastingConnection
from wizard.sqlserver.table_sums import ServerTableSums
from wizard.stages.connect import ConnectStage, offline
from wizard.stages.conversion_figures import unconverted
from wizard.stages.databases import DatabaseScope
from wizard.stages.load import LoadStage
from wizard.stages.migration_jobs import MigrationJobs, name_of
from wizard.stages.project_session import ProjectSession
from wizard.stages.server_preview import RefusedModule
from wizard.stages.sources import SourcesStage
from wizard.stages.table_history import since_begun, with_table_runs
from wizard.stages.verification import UNGUARDED, Verification, changed_files, lost_file

if TYPE_CHECKING:
    from wizard.stages.query_preview import QueryPreview

_LOADED_ANEW = (Topic.NOT_LOADED, Topic.CHANGED_SINCE)
"""what the server lacks of what stage 7 made, or has otherwise"""


class MigrationVerifier:
    """Compares, certifies, and shows converted queries side by side. All but `certificate` belongs in a thread."""

    def __init__(
        self,
        session: ProjectSession,
        sources: SourcesStage,
        connect: ConnectStage,
        load: LoadStage,
        moving: MigrationJobs,
    ) -> None:
        self._session, self._sources, self._connect = session, sources, connect
        self._load, self._moving = load, moving

    def verify(
        self,
        cancel: CancellationToken | None = None,
        deployed: Connection | None = None,
        sums: SourceSums | None = None,
    ) -> Verification:
        """Compare rows and values on both sides; a package's files with their checksums too. The stage stays as it is,
        but stage 7 is to be done again where what it made is gone or was changed.

        `sums` are those that the run before it took of its sources: their tables are not read again. With `deployed`,
        the server on which a package was deployed is compared in the package's place. What of a table cannot be
        verified is in its proof. Raises TargetError where it cannot begin, StoppedError.
        """
        cancel = cancel or CancellationToken()
        proofs: list[TableComparison] = []
        messages: list[Message] = []
        queries: list[QueryProof] = []
        changed: list[Message] = []
        packaged = self._session.project.target.kind is TargetKind.PACKAGE and deployed is None
        for part in self._deployed(deployed):
            checked: VerifiedSide
            files: Callable[[], list[Message]]
            refused: list[RefusedModule] = []
            if packaged:
                folder = part.folder(self._session.files.package)
                checked, files = PackageTableSums(folder, cancel.check), partial(changed_files, folder, cancel)
            else:
                checked, files = ServerTableSums(part.connection, self._connect.password(), cancel.check), list[Message]
                refused = self._load.unselectable(part)
                messages += [r.message for r in refused]
                changed += self._changed(part, refused)
            with beside(files) as damaged, self._moving.context(part, cancel, sums=sums) as context:
                jobs_ = self._moving.jobs(part)
                proven = verify(jobs_, checked, context)
                table_changes.remember(jobs_, proven, context)
                proofs += proven
            messages += damaged.result()
            queries += self._prove_queries(part, cancel, refused, packaged=packaged)
            cancel.check()
        then = (m for m in self.unmade() if m.topic is not Topic.CHANGED_SINCE)
        found = Verification(
            tuple(proofs), tuple(messages), tuple(queries), self._moving.never_made(), (*then, *changed), self.weaker(),
            self._as_stored(),
        )  # fmt: skip
        self._certify(found, deployed)
        told = [*messages, *changed, *(m for p in proofs for m in p.messages)]
        if deployed is None and self._session.holds and any(m.topic in _LOADED_ANEW for m in told):
            self._session.withdraw(Stage.LOAD)
        return found

    def _changed(self, part: DatabaseScope, refused: Sequence[RefusedModule]) -> tuple[Message, ...]:
        """Objects that are not as they were made; what has a message already aside."""
        known = [(str(r.module.name), "") for r in refused]
        told = (m.place for m in self.unguarded() if m.topic is Topic.NOT_GUARDED)
        return self._load.changed(part, (*known, *((place.name, place.part) for place in told if place.part)))

    def report(self, found: Verification) -> Message | None:
        """Emit what was found beside the tables. Gives what makes stage 8 fail: tables that differ, or files of a
        package that are not as they were written. A view that the server cannot run is emitted alone."""
        changed = (m for m in found.unmade if m.topic is Topic.CHANGED_SINCE)
        for message in (*found.as_stored, *found.messages, *changed):
            self._session.emit_message(Stage.MIGRATE, message)
        if (told := differing([p.table for p in found.proofs if not p.equal])) is not None:
            return told
        packaged = self._session.project.target.kind is TargetKind.PACKAGE
        return found.problems[0] if packaged and found.problems else None

    def lost_file(self) -> Message | None:
        """A file of the package that is gone or visibly another than it was written; None where there is none."""
        base = self._session.files.package
        return next(filter(None, (lost_file(part.folder(base)) for part in self._moving.parts())), None)

    def _deployed(self, server: Connection | None) -> list[DatabaseScope]:
        """The parts where they went; with `server` as a package was deployed there."""
        parts = self._moving.parts()
        if server is None:
            return parts
        return [replace(p, connection=replace(server, database=p.database or server.database)) for p in parts]

    def summary(self, found: Verification) -> str:
        """One line on what arrived and what did not, and the files that are wanted."""
        backs = [b for s in self._session.project.sources for b in self._sources.back_ends(s.key)]
        wanted = dict.fromkeys(b.named for b in backs if b.message)
        why = f"{', '.join(wanted)} {'are' if len(wanted) > 1 else 'is'} not there" if wanted else ""
        left = f"{counted(len(found.missing), 'table')} left out" if found.missing else ""
        if found.proofs or found.messages:
            left = f"{left}, as {why}" if left and why else left
            return "; ".join(filter(None, (_summary(found), left)))
        return f"no row was moved: {why or left or 'no table was chosen'}"

    def unmade(self) -> tuple[Message, ...]:
        """What stages 6 and 7 could not make, whole tables aside, and what is `unguarded`; opens no file."""
        return (*self._not_made(), *self.unguarded())

    def _not_made(self) -> tuple[Message, ...]:
        found = list[Message]()
        with suppress(StageError, SourceError):  # before stage 6, or where an edit's source is gone
            found += (m for part in self._moving.parts() for m in unconverted(part.conversion))
        return (*found, *self._load.not_made())

    def unguarded(self) -> tuple[Message, ...]:
        """Constraints, indexes and triggers that the last run could not make, enable or trust after the rows, and
        objects that it found not to be as they were made."""
        return tuple(m for m in self._session.messages_of(Stage.MIGRATE) if m.topic in UNGUARDED)

    def weaker(self) -> tuple[Message, ...]:
        """Foreign keys and unique indexes that were left out or made plain, as old rows break them."""
        return tuple(m for part in self._load.parts() for m in part.less_guarded)

    def as_stored(self) -> tuple[Message, ...]:
        """A message for each column whose values came as they lie in the file, as the last run told; opens no file."""
        return tuple(m for m in self._session.messages_of(Stage.MIGRATE) if m.topic is Topic.AS_STORED)

    def _as_stored(self) -> tuple[Message, ...]:
        """The same, with what was read in this session."""
        known = list(self.as_stored())
        for source in self._session.project.sources:
            with suppress(SourceError):  # of a file that is gone the last run tells
                known += self._sources.open(source.key).as_stored()
        return tuple({m.place: m for m in known}.values())

    def _prove_queries(
        self, part: DatabaseScope, cancel: CancellationToken, refused: Sequence[RefusedModule], *, packaged: bool
    ) -> list[QueryProof]:
        """Run the queries on both sides; a package gets a script that does it. Raises TargetError, StoppedError.

        Views that the server has `refused` are known by messages of their own.
        """
        options, modules = self._session.project.options, part.conversion.modules
        if not options.prove_queries or not modules:
            return []
        if packaged:
            folder = part.folder(self._session.files.package)
            from wizard.stages.query_proof_script import write_query_script

            told = write_query_script(folder, modules, options, self._sources.open, cancel.check)
            if told is not None:
                self._session.emit_message(Stage.MIGRATE, told)
            return []
        from wizard.stages.query_proof import QueryProver, proof_message

        found = []
        known = {str(r.module.name): r.fault for r in refused}
        with (
            self._session.waiting(cancel),
            closing(LastingConnection(part.connection, self._connect.password(), None, self._session.emit)) as server,
        ):
            prover = QueryProver(server, options, self._sources.open, cancel.check, self._load.missing(), known)
            for proof in prover.proofs(modules):
                found.append(proof)
                if proof.target not in known:
                    self._session.emit_message(Stage.MIGRATE, proof_message(proof))
        return found

    def sides(self, wanted: Sequence[str] = (), cancel: CancellationToken | None = None) -> Iterator[QueryPreview]:
        """The first rows of converted queries on the server and in Access.

        Raises StageError 8114 for a package, 8107 offline; TargetError.
        """
        if self._session.project.target.kind is TargetKind.PACKAGE:
            raise StageError(8114)
        from wizard.stages.query_preview import query_previews

        if offline(self._session):
            raise StageError(8107)
        options, between = self._session.project.options, (cancel or CancellationToken()).check
        for part in self._load.parts():
            password = self._connect.password()
            yield from query_previews(part, password, options, self._sources.open, wanted=wanted, between=between)

    def _certify(self, found: Verification, deployed: Connection | None) -> None:
        """`reports/certificate.json` and `.html`: what was moved, how, with every figure of both sides."""
        project, files = self._session.project, self._session.files
        runs = self.runs()
        content = certificate.certificate(
            project=project.name,
            target=self._moving.target(deployed),
            sources=[certificate.fingerprinted(key, path) for key, path in self._moving.files()],
            proofs=found.proofs,
            problems=found.problems,
            missing=found.missing,
            unmade=(*found.unmade, *found.unrunnable),
            weaker=found.weaker,
            as_stored=found.as_stored,
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

    def runs(self) -> list[dict[str, Any]]:
        """The runs on record, each with what it did itself."""
        files = self._session.files
        return with_table_runs(run_history.records(files.runs), history(files.journal)[0])


def differing(tables: Sequence[str]) -> Message | None:
    """That these tables are not the same on both sides; None where there are none."""
    return Message.of(8122, count=len(tables), names=", ".join(tables[:5])) if tables else None


def _summary(found: Verification) -> str:
    arrived, rejected, damaged, unread, rounded = (
        sum(getattr(p, n) for p in found.proofs) for n in ("target_rows", "rejected", "damaged", "unread", "rounded")
    )
    tables = counted(len(found.proofs), "table")
    if empty := sum(p.state is TableState.MISSING for p in found.proofs):
        tables += f" ({empty:,} without any row)"
    left = [f"{rejected:,} rejected"] if rejected else []  # first, as a line may be cut
    left += [f"about {counted(unread, 'row')} unreadable in the source"] if unread else []
    left += [f"{counted(damaged, 'text')} damaged"] if damaged else []
    left += [f"{counted(rounded, 'value')} rounded or cut"] if rounded else []
    if found.as_stored:
        left.append(f"values of {counted(len(found.as_stored), 'column')} as they are stored")
    if found.weaker:
        left.append(f"{counted(len(found.weaker), 'key or index', 'keys or indexes')} less than in Access")
    if views := len(found.unrunnable):
        left.append(f"{counted(views, 'view')} that the server does not run")
    if changed := sum(m.topic is Topic.CHANGED_SINCE for m in found.unmade):
        left.append(f"{counted(changed, 'object')} not as made")
    if unmade := len({m.place for m in found.unmade if m.topic is Topic.NOT_GUARDED}):
        # of one there may be two messages: not trusted, and not made
        left.append(counted(unmade, "constraint or index", "constraints or indexes") + " not made or trusted")
    if not rejected:
        return ", ".join([f"{counted(arrived, 'row')} in {tables}", *left, "verified"])
    of_all = f"{arrived:,} of {counted(arrived + rejected, 'row')}"
    return ", ".join([f"{of_all} arrived in {tables}", *left, "the rest verified"])
