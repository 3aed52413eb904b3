"""Commands that make projects: new, demo."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import typer

from wizard.cli import running
from wizard.cli.faults import DONE
from wizard.cli.files import ask_password
from wizard.cli.listening import talking
from wizard.cli.talk import put, say
from wizard.events import Stage
from wizard.messages import PasswordError
from wizard.settings import Auth, Connection, Encryption, Preset, SqlVersion, Target, TargetKind
from wizard.stages import Migration

SAMPLE = "harborbooks.accdb"


@dataclass(frozen=True, slots=True)
class NewProject:
    """What `jetferry new` was told."""

    path: Path
    sources: tuple[Path, ...]
    target: TargetKind
    version: SqlVersion = SqlVersion.V2022
    linked: bool = True
    server: str = ""
    database: str = ""
    schema: str = ""
    auth: Auth = Auth.SQL
    user: str = ""
    encryption: Encryption = Encryption.MANDATORY
    trust: bool = False
    preset: Preset = Preset.DEFAULT
    code_page: str = ""
    salvage: bool = False

    def connection(self) -> Connection:
        """Raises typer.BadParameter where the server cannot be understood, or is missing."""
        if self.target is TargetKind.PACKAGE:
            if self.server:
                raise typer.BadParameter("--server: an offline package has no server; choose another --target")
            return Connection()
        if not self.server or not self.database:
            raise typer.BadParameter(f"--target {self.target.value} needs --server and --database")
        try:
            return Connection.at(
                self.server, database=self.database, auth=self.auth, user=self.user, encryption=self.encryption,
                trust_certificate=self.trust,
            )  # fmt: skip
        except ValueError:
            raise typer.BadParameter(f"--server: '{self.server}' has no number after its comma") from None


def new(asked: NewProject, quiet: bool, verbose: bool) -> int:
    connection = asked.connection()
    target = Target(asked.target, asked.version, asked.linked)
    with (
        Migration.create(asked.path, target=target, preset=asked.preset) as migration,
        talking(running.loudness(quiet, verbose)) as lines,
    ):
        migration.listen(lines)
        try:
            fill(migration, asked, connection)
        except BaseException:
            migration.discard()  # half a project helps nobody
            raise
        put(str(migration.path))
        if not quiet:
            say(f"Go on with: jetferry run {asked.path}    or in the wizard: jetferry {asked.path}")
    return DONE


def fill(migration: Migration, asked: NewProject, connection: Connection) -> None:
    """Stages 1 to 4 set, those that need no server confirmed. Raises what adding a source raises."""
    migration.project.confirm()
    for path in asked.sources:
        try:
            migration.sources.add(path, code_page=asked.code_page, salvage=asked.salvage)
        except PasswordError:
            password = ask_password(path)
            if not password:
                raise
            migration.sources.add(path, password=password, code_page=asked.code_page, salvage=asked.salvage)
    migration.sources.confirm()
    if asked.target is not TargetKind.PACKAGE:
        migration.connect.set(connection)
    if asked.schema:
        for source in migration.data.sources:
            migration.map.set(source.key, asked.schema)


def demo(folder: Path | None, headless: bool, quiet: bool, verbose: bool) -> int:
    folder = folder or Path("jetferry-demo")
    project = folder / "harborbooks"
    if not project.with_name("harborbooks.jetferry.toml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / SAMPLE
        if not copy.exists():
            with as_file(files("wizard") / "sample" / SAMPLE) as sample:
                shutil.copyfile(sample, copy)
        with Migration.create(project, name="Harbor Books") as migration:
            migration.project.confirm()
            migration.sources.add(copy)
    if not headless:
        from wizard.cli import wizard_screens

        return wizard_screens.open_wizard(project)
    status = running.run(project, running.RunOptions(Stage.LINK, yes=True), quiet, verbose)
    with Migration.open(project, hold=False) as migration:
        put(str(migration.folder / "package"))
    return status
