"""Stage 7: the converted objects made on the server, an action per object; or saved as scripts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from wizard.cancellation import CancellationToken
from wizard.convert import script
from wizard.convert.alter import elsewhere
from wizard.convert.relaxed_constraints import tightening
from wizard.events import Event, ObjectLoaded, Progress, Stage
from wizard.file_writing import read_json, write_whole
from wizard.messages import Kind, Message, Place, Topic
from wizard.migrate import certificate
from wizard.objects import Conversion, ObjectKind, ServerTable, Statement
from wizard.outcomes import LoadOutcome
from wizard.package import TIGHTEN, write_scripts
from wizard.plain_data import decode, to_plain
from wizard.plurals import counted
from wizard.settings import Constraints, TargetKind, WhenExists
from wizard.sqlserver import introspection
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.retry import RetryPolicy, fault_of
from wizard.sqlserver.server_sink import Later, ServerSink
from wizard.sqlserver.statement_runner import StatementResult, run_statements
from wizard.sqlserver.timeouts import current
from wizard.stages.connect import ConnectStage, offline
from wizard.stages.conversion_figures import output_of
from wizard.stages.convert import ConvertStage
from wizard.stages.databases import DatabaseScope, before_and_after_rows, by_database
from wizard.stages.project_session import ProjectSession
from wizard.stages.schema_comparison import SchemaComparison, changed_objects, compare
from wizard.stages.server_preview import RefusedModule, unselectable
from wizard.stages.source_browser import now
from wizard.stages.staleness import digest
from wizard.stages.views import LoadAction, LoadedObject, LoadFailure, LoadItem, LoadResult

READABLE: Final = frozenset({".sql", ".sh", ".ps1", ".md"})
"""endings of scripts, and of what says how to run them"""


class LoadStage:
    """Preview and run talk to the server: call them from a thread."""

    def __init__(self, session: ProjectSession, connect: ConnectStage, convert: ConvertStage) -> None:
        self._session = session
        self._connect = connect
        self._convert = convert
        self._result: LoadResult | None = None

    @property
    def result(self) -> LoadResult | None:
        """Of the last run; None before the first."""
        if self._result is None:
            with suppress(OSError, ValueError):
                self._result = decode(LoadResult, read_json(self._path))
        return self._result

    @property
    def _path(self) -> Path:
        return self._session.files.load

    def parts(self) -> list[DatabaseScope]:
        """The conversion by database."""
        return list(by_database(self._session.project, self._convert.conversion))

    def preview(self, cancel: CancellationToken | None = None) -> tuple[LoadItem, ...]:
        """What differs from the server, object by object, with the action proposed or chosen; empty offline.

        Raises StageError before stage 6, TargetError in words, StoppedError.
        """
        cancel = cancel or CancellationToken()
        if offline(self._session):
            return ()
        actions = self._session.project.actions
        return tuple(item for part in self.parts() for item in self._compare(part, cancel).items(actions))

    def _compare(self, part: DatabaseScope, cancel: CancellationToken) -> SchemaComparison:
        cancel.check()
        last = None
        with suppress(OSError, ValueError):
            last = decode(Conversion, read_json(self._session.files.loaded))
        found = compare(part, self._connect.password(), self._session.project.options, last)
        for message in found.messages:
            self._session.emit_message(Stage.LOAD, message)
        return found

    def choose(self, name: str, action: LoadAction | None) -> tuple[Stage, ...]:
        """What to do with an object of the preview; None takes the proposed action again."""
        project = self._session.project
        actions = {n: a for n, a in project.actions.items() if n != name}
        if action is not None:
            actions[name] = action.value
        return self._session.change(replace(project, actions=actions))

    def missing(self) -> frozenset[str]:
        """Names of objects that the server does not have, as loading them failed or a person left them out."""
        failed = _failed(self.failures())
        skipped = {name for name, action in self._session.project.actions.items() if action == LoadAction.SKIP}
        return frozenset(failed | skipped)

    def unselectable(self, part: DatabaseScope) -> list[RefusedModule]:
        """Loaded views that cannot be selected from.

        Those that failed to load are known by that, and those that a person left out are not looked for.
        """
        missing = self.missing()
        views = [str(m.name) for m in part.conversion.modules if m.kind is ObjectKind.VIEW]
        wanted = [n for n in views if n not in missing]
        if not wanted:
            return []

        def looked() -> list[RefusedModule]:
            return unselectable(part, self._connect.password(), wanted)

        policy, at = RetryPolicy(sleep=current().rest), part.connection.server
        return policy.run(lambda: fault_of(looked), "looking at the views", at, self._session.emit)

    def changed(self, part: DatabaseScope, known: Iterable[tuple[str, str]] = ()) -> tuple[Message, ...]:
        """A message for each object that the server does not have any more as it was made.

        Objects and parts of them (quoted name, part) that could not be made, that are `known`, or that a person or an
        option left as they are, are not among them. Raises TargetError in words.
        """
        project = self._session.project
        if project.options.when_exists == WhenExists.SKIP:
            return ()
        absent = {*known, *((name, "") for name in self.missing()), *((m.place.name, "") for m in self.left())}
        absent |= {(f.name, f.part) for f in self.failures() if f.part}
        changed, unseen = changed_objects(part, self._connect.password(), absent)
        for message in unseen:
            self._session.emit_message(Stage.MIGRATE, message)
        return changed

    def run(self, cancel: CancellationToken | None = None) -> LoadResult:
        """Make the objects; a package gets its scripts. Failures are in the result and the rest goes on.

        Loading again is harmless. Raises StageError, TargetError where the server is lost, StoppedError.
        """
        cancel = cancel or CancellationToken()
        loaded: list[LoadedObject] = []

        def on_event(event: Event) -> None:
            if isinstance(event, ObjectLoaded):
                loaded.append(LoadedObject(event.name, event.kind, event.action, event.detail))

        with self._session.run(Stage.LOAD) as ending, self._session.listening(on_event):
            if self._session.project.target.kind is TargetKind.PACKAGE:
                result = LoadResult(scripts=self._write(self._session.files.package, cancel))
            elif offline(self._session):
                result = LoadResult(scripts=self._write(self._session.files.scripts, cancel))
            else:
                result = self._apply(cancel)
                self._forget_recreating()
            self._result = result = replace(result, objects=tuple(loaded))
            self._write_tightening()
            write_whole(self._path, json.dumps(to_plain(result), ensure_ascii=False, indent=1))
            ending.output = digest([output_of(self._convert.conversion), result.recreated, result.changed])
            ending.detail = summary(result)
            ending.losses = len({f.name for f in result.failures}) + len(self.left())
        return result

    def _write_tightening(self) -> None:
        """`reports/tighten.sql`, whatever the target; none where no old row breaks anything."""
        for part in self.parts():
            path = part.folder(self._session.files.reports) / TIGHTEN
            path.unlink(missing_ok=True)
            for text in beside(part).values():
                write_whole(path, text)

    def written_scripts(self) -> tuple[Path, tuple[Path, ...]]:
        """The folder of the package, else of the saved scripts, and what of it can be read, in the order of running."""
        files = self._session.files
        folder = files.package if self._session.project.target.kind is TargetKind.PACKAGE else files.scripts
        found = sorted(p for p in folder.rglob("*") if p.suffix in READABLE and p.is_file() and "data" not in p.parts)
        return folder, tuple(found)

    def scripts(self, folder: Path | None = None, cancel: CancellationToken | None = None) -> tuple[Path, ...]:
        """Save scripts, one file a kind in the order of running; returns them. Raises TargetError, StageError."""
        return self._write(folder or self._session.files.scripts, cancel or CancellationToken())

    def _write(self, folder: Path, cancel: CancellationToken) -> tuple[Path, ...]:
        written: list[Path] = []
        for part in self.parts():
            cancel.check()
            options = self._session.project.options
            work = part.folder(self._session.files.package_work) if folder == self._session.files.package else None
            tables = part.conversion.tables
            made = write_scripts(part.folder(folder), guarded(part), tables, options, beside(part), work=work)
            written += made
            for path in made:
                self._session.emit(ObjectLoaded(now(), path.name, "script", LoadOutcome.CREATED))
        return tuple(written)

    def _apply(self, cancel: CancellationToken) -> LoadResult:
        project, former, waiting = self._session.project, self.result or LoadResult(), False
        result = LoadResult(recreated=former.recreated, changed=former.changed)
        for part in self.parts():
            found = self._compare(part, cancel)
            items = list(found.items(project.actions))
            steps = found.steps(items)
            applied = run_statements(
                part.connection, self._connect.password(), steps,
                attempts=project.options.load_attempts, listener=_Counted(self._session, len(steps)), cancelled=cancel,
            )  # fmt: skip
            self._emit_failed(applied)
            self._emit_left(items)
            result = _add(result, items, applied, self._forget_rows(part, applied, found.journals))
            waiting |= found.waiting
            cancel.check()
        if result.created or result.altered or waiting:  # stage 8 makes what waits, and compares anew
            result = replace(result, changed=_moment())
        write_whole(
            self._session.files.loaded, json.dumps(to_plain(self._convert.conversion), ensure_ascii=False, indent=1)
        )
        return result

    def _emit_failed(self, applied: Iterable[StatementResult]) -> None:
        """Each object that was not made is an error of the stage; the description of one that was not is none more."""
        for a in applied:
            waits = a.statement.kind is ObjectKind.DESCRIPTION and a.fault is None
            if a.action is LoadOutcome.FAILED and a.message is not None and not waits:
                self._session.emit_message(Stage.LOAD, a.message)

    def _emit_left(self, items: Iterable[LoadItem]) -> None:
        """What is not as it is wanted and stays so, by no choice of a person's."""
        project = self._session.project
        if project.options.when_exists == WhenExists.SKIP:
            return
        for item in items:
            if item.action is LoadAction.SKIP and item.name not in project.actions:
                facts = {"kind": item.kind, "name": item.name, "detail": item.detail}
                self._session.emit_message(Stage.LOAD, Message.of(5105, Place(Kind.OBJECT, name=item.name), **facts))

    def left(self) -> tuple[Message, ...]:
        """Objects that the last load left as they are on the server, though they are not what was wanted."""
        return tuple(m for m in self._session.messages_of(Stage.LOAD) if m.topic is Topic.LEFT_AS_IT_IS)

    def failures(self) -> tuple[LoadFailure, ...]:
        """Objects, and parts of them, that the last load could not make; not descriptions of these, which follow."""
        found = self.result.failures if self.result else ()
        absent = {(f.name, f.part) for f in found if f.kind != ObjectKind.DESCRIPTION}

        def follows(one: LoadFailure) -> bool:
            return one.kind == ObjectKind.DESCRIPTION and not absent.isdisjoint({(one.name, ""), (one.name, one.part)})

        return tuple(f for f in found if not follows(f))

    def not_made(self) -> tuple[Message, ...]:
        """What the last load said of them, whole tables aside: those count with their rows."""
        told = {f.reason for f in self.failures() if f.part or f.kind != ObjectKind.TABLE}
        found = (m for m in self._session.messages_of(Stage.LOAD) if m.topic is Topic.OBJECT_NOT_MADE)
        return tuple(m for m in found if m.text in told)

    def _forget_recreating(self) -> None:
        """Making a table again drops its rows: who wants that again must say so again."""
        project = self._session.project
        kept = {n: a for n, a in project.actions.items() if a != LoadAction.RECREATE}
        self._session.change(replace(project, actions=kept))

    def _forget_rows(
        self, part: DatabaseScope, applied: Iterable[StatementResult], journals: Collection[str]
    ) -> tuple[str, ...]:
        """A table made again is empty: what the server's journal says of its rows is not true any more. Nor of one that
        somebody had dropped, where there is a journal. Gives those of which it spoke."""
        tables = [a for a in applied if a.statement.kind is ObjectKind.TABLE]
        tables = [a for a in tables if not (a.statement.part or a.statement.drops)]
        forgotten = [a.statement.name for a in tables if a.action is LoadOutcome.RECREATED]
        made = [a.statement.name for a in tables if a.action is LoadOutcome.CREATED]
        names = [*forgotten, *(n for n in made if n.schema.casefold() in journals)]
        if not names:
            return ()
        with closing(ServerSink(part.connection, self._connect.password(), self._session.project.options)) as sink:
            for name in names:
                if sink.checkpoint(name) is not None:
                    certificate.withdraw(self._session.files.reports)
                    sink.empty(name)
                    forgotten.append(name)
        moment = _moment()
        return tuple(f"{n} {moment}" for n in dict.fromkeys(forgotten))


class _Counted:
    """A listener that passes loaded objects on and counts them."""

    def __init__(self, session: ProjectSession, total: int) -> None:
        self._session, self._total, self._done = session, total, 0

    def __call__(self, event: Event) -> None:
        self._session.emit(event)
        if isinstance(event, ObjectLoaded):
            self._done += 1
            done = min(self._done, self._total)
            self._session.emit(Progress(now(), Stage.LOAD, done, self._total, event.name))


def beside(part: DatabaseScope) -> dict[str, str]:
    """What is for a person to run, once old rows are mended, by file name."""
    text = tightening(part.conversion)
    return {TIGHTEN: text} if text else {}


def guarded(part: DatabaseScope) -> list[Statement]:
    """All statements of a part, each harmless to run again."""
    return [script.guarded(s) for s in script.statements(part.conversion)]


def later(part: DatabaseScope, constraints: Constraints) -> Later:
    """What waits until the rows are there, as the option says; stage 8 takes what exists as made, under any name."""
    waiting = before_and_after_rows(script.statements(part.conversion), constraints)[1]
    made = [script.guarded(s) if s.kind is ObjectKind.DESCRIPTION else s for s in waiting]

    def missing(session: ServerSession) -> list[Statement]:
        schemas = sorted({s.name.schema for s in made})
        return (
            _missing(made, part.conversion.tables, introspection.existing_objects(session, schemas).tables)
            if made
            else []
        )

    return missing


def _missing(
    made: Iterable[Statement], wanted: Iterable[ServerTable], present: Iterable[ServerTable]
) -> list[Statement]:
    """Without those of parts, and their descriptions, that a table has under other names."""
    there = {(t.name.schema.casefold(), t.name.name.casefold()): t for t in present}
    others = {
        (table.name, part)
        for table in wanted
        if (found := there.get((table.name.schema.casefold(), table.name.name.casefold())))
        for _, part in elsewhere(table, found)
    }
    return [s for s in made if not s.part or (s.name, s.part) not in others]


def summary(result: LoadResult) -> str:
    """What a load did, in one line. An object that is there without some of its parts has not failed."""
    if result.scripts:
        return f"{counted(len(result.scripts), 'script')} written"
    text = f"{result.created} created, {result.altered} altered, {result.same} unchanged, {result.skipped} skipped"
    failed = _failed(result.failures)
    partly = {f.name for f in result.failures} - failed
    counts = ((failed, "failed"), (partly, "of them in part"))
    return text + "".join(f", {len(names)} {words}" for names, words in counts if names)


def _failed(failures: Iterable[LoadFailure]) -> set[str]:
    """Objects that could not be made at all."""
    return {f.name for f in failures if not f.part and f.kind != ObjectKind.DESCRIPTION}


def _add(
    result: LoadResult, items: list[LoadItem], applied: list[StatementResult], recreated: tuple[str, ...]
) -> LoadResult:
    """Counts are of objects, not of statements."""
    failures = tuple(
        LoadFailure(
            str(a.statement.name),
            a.statement.kind,
            a.statement.sql,
            a.message.text if a.message else "",
            a.statement.part,
        )
        for a in applied
        if a.action is LoadOutcome.FAILED
    )
    failed = _failed(failures)
    counts = Counter(i.action for i in items if i.name not in failed)
    return LoadResult(
        result.created + counts[LoadAction.CREATE],
        result.altered + counts[LoadAction.ALTER] + counts[LoadAction.RECREATE],
        result.same + counts[LoadAction.NOTHING],
        result.skipped + counts[LoadAction.SKIP],
        result.failures + failures,
        recreated=result.recreated + recreated,
        changed=result.changed,
    )


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
