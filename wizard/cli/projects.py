"""Commands that make projects: new, demo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path, PureWindowsPath

import typer

from wizard.cli import runs
from wizard.cli.files import ask_password
from wizard.cli.output import put, put_json, say
from wizard.cli.progress_output import reporting
from wizard.escaping import shell_word
from wizard.events import Stage
from wizard.file_writing import expanded, real_path, write_whole
from wizard.messages import Kind, PasswordError, Place, ProjectError, SourceError
from wizard.options import Preset
from wizard.outcomes import Exit
from wizard.project import Project
from wizard.server_name import ServerNameError, read_keyword
from wizard.settings import Auth, Connection, Encryption, SqlVersion, Target, TargetKind
from wizard.stages import CancellationToken, Migration
from wizard.stages import access_files as work
from wizard.stages.connect import Tier
from wizard.stages.written_settings import NOTHING_WRITTEN, WrittenSettings

SAMPLE = "harborbooks.accdb"


@dataclass(frozen=True, slots=True)
class NewProject:
    """The arguments and options of `jetferry new`."""

    path: Path
    sources: tuple[Path, ...]
    like: Project
    """what it begins with; what is None or empty below is as there"""
    target: TargetKind | None = None
    version: SqlVersion | None = None
    linked: bool | None = None
    server: str = ""
    database: str = ""
    schema: str = ""
    auth: Auth | None = None
    user: str = ""
    encryption: Encryption | None = None
    trust: bool | None = None
    preset: Preset | None = None
    settings: WrittenSettings = NOTHING_WRITTEN
    code_page: str = ""
    salvage: bool = False
    back_ends: tuple[str, ...] = ()
    """`OLD=NEW`: the path, or the file's name, that links give, and where the file is now"""
    unwrap: tuple[str, ...] = ()
    """`TABLE.COLUMN` of OLE columns whose embedded files are stored"""
    more: tuple[str, ...] = ()
    """`KEY=VALUE`: more of the connection string"""
    create: bool = False
    tier: tuple[str, str, str] = ("", "", "")
    """of a new database on Azure: edition, service objective, largest size"""

    @property
    def whole_target(self) -> Target:
        """Where it goes."""
        like = self.like.target
        linked = like.linked if self.linked is None else self.linked
        return Target(self.target or like.kind, self.version or like.version, linked)

    def connection(self) -> Connection:
        """Raises typer.BadParameter where the server cannot be understood, or is missing."""
        kind = self.whole_target.kind
        self._check_tier(kind)
        if kind is TargetKind.PACKAGE:
            if self.server or self.create or self.more:
                raise typer.BadParameter("--server: an offline package has no server; choose another --target")
            return Connection()
        like = self.like.connection
        database = self.database or like.database
        if not (self.server or like.host) or not database:
            raise typer.BadParameter(f"--target {kind.value} needs --server and --database")
        try:
            more = tuple(read_keyword(m) for m in self.more) or like.more
            return Connection.at(
                self.server or like.server, database=database, auth=self.auth or like.auth, user=self.user or like.user,
                encryption=self.encryption or like.encryption, timeout=like.timeout, more=more,
                trust_certificate=like.trust_certificate if self.trust is None else self.trust,
            )  # fmt: skip
        except ServerNameError as e:
            raise typer.BadParameter(f"--server or --connection-option: {e}") from None

    def _check_tier(self, kind: TargetKind) -> None:
        """Raises typer.BadParameter where a tier is given and nothing would be made of it, or its size is none."""
        if not any(self.tier):
            return
        if not self.create or kind is not TargetKind.AZURE_SQL_DATABASE:
            needs = f"--create-database and --target {TargetKind.AZURE_SQL_DATABASE.value}"
            raise typer.BadParameter(f"--azure-edition, --azure-objective and --azure-size need {needs}")
        try:
            Tier(*self.tier).clause()
        except ValueError as e:
            raise typer.BadParameter(f"--azure-size: {e}") from None


def new(asked: NewProject, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Make a project. Returns the exit status. Raises JetferryError."""
    if not asked.path.name:  # as of the folder one is in, beside which it would be made
        raise ProjectError(8020, Place(Kind.PROJECT), value=str(asked.path))
    connection = asked.connection()
    with (
        Migration.create(
            asked.path, target=asked.whole_target, preset=asked.preset, like=replace(asked.like, connection=connection)
        ) as migration,
        reporting(runs.loudness(quiet, verbose)) as lines,
    ):
        migration.listen(lines)
        try:
            whole = fill(migration, asked, connection)
        except BaseException:
            migration.discard()  # half a project helps nobody
            raise
        if as_json:
            sources = [{"key": s.key, "path": s.path} for s in migration.data.sources]
            target = migration.data.target.kind.value
            put_json({"project": str(migration.path), "target": target, "sources": sources, "whole": whole})
        else:
            put(str(migration.path))
        if not quiet:
            project = shell_word(asked.path)
            say(f"Go on with: jetferry run {project}    or in the wizard: jetferry {project}")
    return Exit.DONE if whole else Exit.LEFT_OUT


def fill(migration: Migration, asked: NewProject, connection: Connection) -> bool:
    """Stages 1 to 4 set, those that need no server confirmed. Raises what adding a source or a wrong setting raises.

    Returns whether every file in the folders given could be added too.
    """
    whole = True
    migration.sources.check_code_page(asked.code_page)
    for path in asked.sources:
        if expanded(path).is_dir():
            whole = add_folder(migration, path, asked) and whole
        else:
            add_file(migration, path, asked)
    for moved in asked.back_ends:
        place_back_end(migration, moved)
    for named in asked.unwrap:
        unwrap(migration, named)
    asked.settings.apply(migration)
    migration.project.confirm()
    migration.sources.confirm()
    if migration.data.target.kind is not TargetKind.PACKAGE:
        migration.connect.set(connection)
        if asked.create:
            create_database(migration, asked)
    if asked.schema:
        for source in migration.data.sources:
            migration.map.set(source.key, asked.schema)
    return whole


def create_database(migration: Migration, asked: NewProject) -> None:
    """Make the database unless it is there. Raises TargetError in words."""
    runs.ask_passwords(migration)
    name = migration.connect.settings.database
    if name.casefold() in (there.casefold() for there in migration.connect.databases()):
        say(f"The database {name} is there already.")
        return
    migration.connect.create_database(name, Tier(*asked.tier))
    say(f"The database {name} was made.")


def add_file(migration: Migration, path: Path, asked: NewProject) -> None:
    """Add an Access file, asking for its password where it has one. Raises SourceError."""
    try:
        migration.sources.add(path, code_page=asked.code_page, salvage=asked.salvage)
    except PasswordError:
        password = ask_password(path)
        if not password:
            raise
        migration.sources.add(path, password=password, code_page=asked.code_page, salvage=asked.salvage)


def place_back_end(migration: Migration, moved: str) -> None:
    """Give every source that links to a back end the place where it is. Raises typer.BadParameter where none does."""
    old, equals, new = moved.partition("=")
    if not (old and equals and new):
        raise typer.BadParameter(f"--back-end: '{moved}' is not of the form OLD=NEW")
    linking = False
    for source in migration.data.sources:
        for back_end in migration.sources.back_ends(source.key):
            if old.casefold() in (back_end.named.casefold(), PureWindowsPath(back_end.named).name.casefold()):
                linking = True
                try:
                    migration.sources.resolve(source.key, back_end.named, Path(new))
                except PasswordError:
                    password = ask_password(Path(new))
                    if not password:
                        raise
                    migration.sources.resolve(source.key, back_end.named, Path(new), password=password)
    if not linking:
        raise typer.BadParameter(f"--back-end: no source is linked to {old}")


def unwrap(migration: Migration, named: str) -> None:
    """Have an OLE column stored unwrapped, in every source that has it. Raises typer.BadParameter where none does."""
    found = False
    for source in migration.data.sources:
        for table in migration.sources.definition(source.key).tables:
            column = named[len(table.name) + 1 :] if named.casefold().startswith(f"{table.name.casefold()}.") else ""
            if column.casefold() in table.by_name:
                migration.sources.unwrap(source.key, table.name, column)
                found = True
    if not found:
        raise typer.BadParameter(f"--unwrap: no source has {named}")


def add_folder(migration: Migration, folder: Path, asked: NewProject) -> bool:
    """Every Access file in a folder and below.

    One that cannot be read is left out with a message: returns False then.
    """
    whole, known = True, {migration.sources.path(s) for s in migration.data.sources}
    found = 0
    for finding in work.find(work.Search([folder]), CancellationToken()):
        if isinstance(finding, work.UnreadableFolder):
            say(f"cannot be read: {finding.path}: {finding.reason}")
            whole = False
        elif isinstance(finding, work.FoundFile) and real_path(finding.path) not in known:
            found += 1
            try:
                add_file(migration, finding.path, asked)
            except SourceError as e:
                say(str(e.message))
                say(f"left out: {finding.path}")
                whole = False
    if not found:
        raise typer.BadParameter(f"--source: there is no Access file in {folder}")
    return whole


def demo(folder: Path | None, headless: bool, as_json: bool, quiet: bool, verbose: bool) -> int:
    """The sample, in the wizard or, `headless`, to an offline package. Returns the exit status."""
    from wizard.cli import wizard_screens

    if as_json and not headless:
        raise typer.BadParameter("--json is for --headless")
    if not headless:  # before anything is made
        wizard_screens.need_terminal()
    folder = folder or Path("jetferry-demo")
    project = folder / "harborbooks"
    if not project.with_name("harborbooks.jetferry.toml").exists():
        copy = _copied(folder)
        with Migration.create(project, name="Harbor Books") as migration:
            migration.project.confirm()
            migration.sources.add(copy)
    if not headless:
        return wizard_screens.open_wizard(project)
    status = runs.run(project, runs.RunOptions(Stage.LINK, yes=True, as_json=as_json), quiet, verbose)
    if not as_json:
        with Migration.open(project, hold=False) as migration:
            put(str(migration.files.package))
    return status


def _copied(folder: Path) -> Path:
    """The sample's copy in the folder, both made where they are not there. Raises ProjectError where they cannot be."""
    copy = folder / SAMPLE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            with as_file(files("wizard") / "sample" / SAMPLE) as sample:
                write_whole(copy, sample.read_bytes())
    except OSError as e:
        raise ProjectError(8007, path=folder, what=e.strerror or e) from e
    return copy
