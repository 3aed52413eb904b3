"""A project for an application of a plan: made where it is not there, set as the plan says; as any other project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from wizard.estate.file_passwords import FilePasswords
from wizard.estate.plan import Entry
from wizard.estate.store import Estate
from wizard.events import Stage
from wizard.file_writing import PRIVATE, read_json, real_path
from wizard.messages import Kind, PasswordError, Place, ProjectError, SourceError
from wizard.project import SUFFIX
from wizard.settings import TargetKind
from wizard.stages import Migration

FOLDER: Final = "projects"
CERTIFICATE: Final = "reports/certificate"
NONE: Final = FilePasswords()


def project_path(estate: Estate, entry: Entry) -> Path:
    """Where an application's project is."""
    return estate.folder / FOLDER / f"{entry.name}{SUFFIX}"


def prepared(estate: Estate, entry: Entry, passwords: FilePasswords = NONE) -> Migration:
    """The application's project, held by this process, with what the plan says.

    Raises JetferryError: a source that cannot be opened, a project that another process has.
    """
    path = project_path(estate, entry)
    path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    migration = Migration.open(path) if path.exists() else Migration.create(path, name=entry.name)
    try:
        _refuse_others(migration, entry)
        _set(migration, entry)
        _add_sources(migration, entry, passwords)
        _resolve_links(estate, migration, passwords)
        if entry.schema:
            for number, source in enumerate(migration.data.sources):
                schema = entry.schema if number == 0 else entry.further_schema(source.key)
                migration.map.set(source.key, schema)
        if entry.create_database and entry.server:
            _create_database(migration)
    except BaseException:
        migration.close()
        raise
    return migration


def _refuse_others(migration: Migration, entry: Entry) -> None:
    """Raises ProjectError 9208 where a project of that name is there and has none of the application's files."""
    there = {migration.sources.path(s) for s in migration.data.sources}
    if there and there.isdisjoint(map(real_path, entry.sources)):
        raise ProjectError(9208, Place(Kind.PROJECT), path=migration.path, name=entry.name)


def _set(migration: Migration, entry: Entry) -> None:
    """Target, options, type rules and server, where they are not so already: what is unchanged makes nothing stale."""
    wanted, now = entry.project, migration.data
    changed = replace(
        now, target=wanted.target, preset=wanted.preset, options=wanted.options, connection=wanted.connection
    )
    if wanted.types.project:
        changed = replace(changed, types=replace(now.types, project=wanted.types.project))
    if changed != now:
        migration.session.change(changed)


def _add_sources(migration: Migration, entry: Entry, passwords: FilePasswords) -> None:
    there = {migration.sources.path(s) for s in migration.data.sources}
    for name in entry.sources:
        path = real_path(name)
        if path not in there:
            _with_passwords(partial(_add, migration, path, entry.salvage), passwords, path)
    for source in migration.data.sources:  # a project that was made before needs them again
        if not migration.session.secrets.of_source(source.key):
            _unlock(migration, source.key, passwords)
        if entry.salvage and not source.salvage:
            migration.sources.read_as(source.key, code_page=source.code_page, salvage=True)


def _unlock(migration: Migration, key: str, passwords: FilePasswords) -> None:
    try:
        migration.sources.open(key)
    except PasswordError:
        path = migration.sources.path(migration.sources.source(key))
        _with_passwords(lambda word: _try(migration, key, word), passwords, path)


def _add(migration: Migration, path: Path, salvage: bool, word: str) -> None:
    migration.sources.add(path, password=word, salvage=salvage)


def _try(migration: Migration, key: str, word: str) -> None:
    migration.session.secrets.sources[key] = word
    migration.sources.close()
    migration.sources.open(key)


def _with_passwords(work: Callable[[str], object], passwords: FilePasswords, path: Path) -> None:
    """Raises PasswordError where none of them fits."""
    try:
        work("")
    except PasswordError as e:
        wrong = e
    else:
        return
    for word in passwords.of(str(path)):
        try:
            work(word)
        except PasswordError as e:
            wrong = e
        else:
            return
    raise wrong


def _resolve_links(estate: Estate, migration: Migration, passwords: FilePasswords) -> None:
    """Back ends that the project cannot find by itself and the estate knows."""
    for source in migration.data.sources:
        for back in migration.sources.back_ends(source.key):
            if back.path is not None:
                continue
            found = estate.one(
                "SELECT t.path FROM edge e JOIN file f ON f.id = e.file JOIN file t ON t.id = e.target_file "
                "WHERE f.path = ? AND lower(e.target) = lower(?)",
                str(migration.sources.path(source)), back.named,
            )  # fmt: skip
            if found:
                key, named = source.key, back.named
                try:
                    _with_passwords(partial(_resolve, migration, key, named, Path(found)), passwords, Path(found))
                except SourceError:
                    continue  # the project says that it is missing


def _resolve(migration: Migration, key: str, named: str, path: Path, word: str) -> None:
    migration.sources.resolve(key, named, path, password=word)


def _create_database(migration: Migration) -> None:
    wanted = migration.data.connection.database
    there = [name.casefold() for name in migration.connect.databases()]
    if wanted.casefold() not in there:
        migration.connect.create_database(wanted)


@dataclass(frozen=True, slots=True)
class ProjectOutcome:
    """What a project came to."""

    done: bool
    """stage 8 is done, and nothing changed since"""
    verdict: str = ""
    rows: int = 0
    rejected: int = 0
    """rows that stayed behind: those that could not be read in the source counted in"""
    certificate: str = ""


def outcome(path: Path) -> ProjectOutcome:
    """Looked up, not held. Raises ProjectError."""
    with Migration.open(path, hold=False) as migration:
        migration.sources.check_quickly()
        done = migration.over(Stage.MIGRATE)
        written = migration.folder / f"{CERTIFICATE}.json"
        try:
            made = read_json(written)
            lost = int(made["rejected"]) + int(made.get("unread", 0))
            return ProjectOutcome(done, str(made["verdict"]), int(made["rows"]), lost, str(written))
        except (OSError, ValueError, KeyError, TypeError):
            return ProjectOutcome(done)


def is_server(entry: Entry) -> bool:
    """Whether something would be written to a server."""
    return entry.project.target.kind is not TargetKind.PACKAGE
