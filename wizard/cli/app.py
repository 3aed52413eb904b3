"""What commands there are, with their arguments, options and help."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wizard.cli import estate_commands
from wizard.cli.errors import interrupted
from wizard.cli.output import say
from wizard.events import Stage
from wizard.options import Preset
from wizard.outcomes import Exit
from wizard.settings import Auth, Encryption, Repair, RowProblem, SqlVersion, TargetKind

OPEN = "open"
"""the command that opens the wizard; it is what `jetferry PROJECT` means"""


class CommandGroup(TyperGroup):
    """`jetferry PROJECT` and `jetferry` alone open the wizard; any other first word is a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A path in place of a command opens the wizard on that project."""
        first = next((a for a in args if not a.startswith("-")), None)
        if not args or (first == args[0] and first not in self.commands):
            shown = [n for n, c in self.commands.items() if not c.hidden]
            near = difflib.get_close_matches(first or "", shown, 1, 0.75)
            if near and first and not Path(first).exists() and not Path(f"{first}.jetferry.toml").exists():
                raise typer.BadParameter(f"there is no command and no project '{first}'. Did you mean '{near[0]}'?")
            args = [OPEN, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed

    def invoke(self, ctx: Any) -> Any:
        """Typer would end an interrupted command without a word, with a status of its own."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(interrupted()) from None


def finish(status: int, **_: Any) -> None:
    """What a command returns is the exit status."""
    raise typer.Exit(status)


app = typer.Typer(
    result_callback=finish,
    cls=CommandGroup,
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Ferries Microsoft Access databases to SQL Server and Azure SQL. 'jetferry' alone opens the wizard, "
    "'jetferry PROJECT' opens it on a project.",
    epilog="Exit status: 0 all done, 1 failed, 2 wrong use or unusable input, 3 done but some objects or rows were "
    "left out.",
)

app.add_typer(estate_commands.app, name="estate")

_WrongUse: Any = typer.BadParameter.__base__
"""what Typer raises of words that it does not understand"""


def command() -> int:
    """Run the command that was given; returns the exit status.

    Typer would show wrong use itself, with what was typed in it as it is: a `*` may have put any file's name there.
    """
    try:
        return int(app(standalone_mode=False) or 0)
    except _WrongUse as e:
        if e.ctx is not None:
            for line in (*e.ctx.get_usage().splitlines(), f"Try '{e.ctx.command_path} --help' for help.", ""):
                say(line)
        say(f"Error: {e.format_message()}")
        return int(e.exit_code)
    except typer.Abort:
        say("Aborted!")
        return Exit.FAILED


ProjectArgument = Annotated[Path, typer.Argument(help="NAME or NAME.jetferry.toml", show_default=False)]
FileArgument = Annotated[Path, typer.Argument(help="An Access file", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Information too")]
Salvage = Annotated[bool, typer.Option(help="Read what can be read of a damaged file, and count the rest")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object")]
CodePage = Annotated[str, typer.Option("--code-page", help="Of an Access 97 file's text, such as cp1250")]


def version(wanted: bool) -> None:
    """Print the version, and end."""
    if wanted:
        from wizard import __version__
        from wizard.cli.output import put

        put(f"jetferry {__version__}")
        raise typer.Exit


@app.command(name=OPEN, hidden=True)
def open_wizard(project: Annotated[Path | None, typer.Argument(show_default=False)] = None) -> int:
    """Open the wizard."""
    from wizard.cli import wizard_screens

    return wizard_screens.open_wizard(project)


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Where the copy of the sample goes")] = None,
    *,
    headless: Annotated[bool, typer.Option(help="Migrate it to an offline package, without the wizard")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """The bundled sample: in the wizard, or with --headless all the way to an offline package."""
    from wizard.cli import projects

    return projects.demo(folder, headless, quiet, verbose)


@app.command()
def new(
    project: ProjectArgument,
    *,
    source: Annotated[
        list[Path], typer.Option("--source", "-s", help="An Access file, or a folder of them; may be given again")
    ],
    target: Annotated[TargetKind, typer.Option(help="Where it goes")],
    server: Annotated[str, typer.Option(help="HOST, HOST,PORT, HOST\\INSTANCE or as else written for SQL Server")] = "",
    database: Annotated[str, typer.Option(help="The database on the server")] = "",
    schema: Annotated[str, typer.Option(help="The schema of all sources; of several, each gets its own else")] = "",
    auth: Annotated[Auth, typer.Option(help="How to sign in")] = Auth.SQL,
    user: Annotated[str, typer.Option(help="Login, principal or client id")] = "",
    encrypt: Annotated[Encryption, typer.Option(help="Encryption of the connection")] = Encryption.MANDATORY,
    trust_server_certificate: Annotated[bool, typer.Option(help="Take the certificate as it is")] = False,
    preset: Annotated[Preset, typer.Option(help="Options to start from")] = Preset.DEFAULT,
    sql_version: Annotated[SqlVersion, typer.Option(help="Of SQL Server, for --target sqlserver")] = SqlVersion.V2022,
    linked: Annotated[bool, typer.Option(help="Access stays the front end, with linked tables")] = True,
    connection_option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="More of the connection string, such as MultiSubnetFailover=yes"),
    ] = None,
    create_database: Annotated[bool, typer.Option(help="Make the database if it is not there")] = False,
    azure_edition: Annotated[str, typer.Option(help="With --create-database: GeneralPurpose, Standard …")] = "",
    azure_objective: Annotated[str, typer.Option(help="With --create-database: GP_S_Gen5_1, S0 …")] = "",
    azure_size: Annotated[str, typer.Option(help="With --create-database: the largest size, such as 2 GB")] = "",
    back_end: Annotated[
        list[str] | None, typer.Option(metavar="OLD=NEW", help="Where a linked back end is now; may be given again")
    ] = None,
    unwrap: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE.COLUMN",
            help="Store the file in an OLE column in place of the OLE object, type and name beside it; may be given "
            "again",
        ),
    ] = None,
    code_page: CodePage = "",
    salvage: Salvage = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Make a project. The server's password is never kept: it comes from JETFERRY_PASSWORD, a keyring or a prompt."""
    from wizard.cli import projects

    asked = projects.NewProject(
        path=project, sources=tuple(source), target=target, version=sql_version, linked=linked, server=server,
        database=database, schema=schema, auth=auth, user=user, encryption=encrypt,
        trust=trust_server_certificate, preset=preset, code_page=code_page, salvage=salvage,
        back_ends=tuple(back_end or ()), unwrap=tuple(unwrap or ()), more=tuple(connection_option or ()),
        create=create_database,
        tier=(azure_edition, azure_objective, azure_size),
    )  # fmt: skip
    return projects.new(asked, quiet, verbose)


@app.command()
def run(
    project: ProjectArgument,
    *,
    through: Annotated[Stage, typer.Option(help="The last stage to run")] = Stage.MIGRATE,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before something is written to a server")
    ] = False,
    detach: Annotated[bool, typer.Option(help="In a process of its own, which outlives the terminal")] = False,
    reload: Annotated[bool, typer.Option(help="Empty the tables that Jetferry filled, and fill them again")] = False,
    reload_changed: Annotated[
        bool, typer.Option(help="The same, only for tables whose rows changed since, and those that refer to them")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Run all stages that are not done, in order. Stopped, it goes on from there when run again."""
    from wizard.cli import running

    return running.run(project, running.RunOptions(through, yes, detach, reload, reload_changed), quiet, verbose)


@app.command(name="retry-rejects")
def retry_rejects(
    project: ProjectArgument,
    *,
    table: Annotated[list[str] | None, typer.Argument(help="Tables as 'schema.name'; all where none is named")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Send rejected rows again, after their cause was mended."""
    from wizard.cli import running

    return running.retry(project, table or [], quiet, verbose)


@app.command()
def attach(project: ProjectArgument, quiet: Quiet = False, verbose: Verbose = False) -> int:
    """Watch the worker of a project from its beginning to its end. Ctrl+C lets go; the work goes on."""
    from wizard.cli import running

    return running.attach(project, quiet, verbose)


@app.command()
def stop(project: ProjectArgument) -> int:
    """Ask the worker of a project to stop at the next batch."""
    from wizard.cli import running

    return running.stop(project)


@app.command()
def status(
    project: ProjectArgument,
    *,
    as_json: Json = False,
    follow: Annotated[bool, typer.Option(help="Go on showing until the worker has ended")] = False,
) -> int:
    """How far a project's stages have come."""
    from wizard.cli import running

    return running.status(project, as_json, follow)


@app.command()
def find(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Where to look, with all below")],
    *,
    name: Annotated[str, typer.Option(help="Part of the file's name")] = "",
    since: Annotated[str, typer.Option(help="Modified since, YYYY-MM-DD")] = "",
    at_least: Annotated[str, typer.Option(help="Size, such as 500K, 20M, 1G")] = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Find Access files in folders. Status 3 where folders could not be read (named)."""
    from wizard.cli import files

    return files.find(folders, name=name, since=since, at_least=at_least, as_json=as_json, quiet=quiet)


@app.command()
def inspect(file: FileArgument, as_json: Json = False, code_page: CodePage = "", salvage: Salvage = False) -> int:
    """Show what an Access file holds: tables, queries, forms, reports, macros, modules."""
    from wizard.cli import files

    return files.inspect(file, as_json, code_page, salvage)


@app.command()
def source(
    file: FileArgument,
    *,
    out: Annotated[Path, typer.Option(help="The folder, with a folder for each kind of object")],
    code_page: CodePage = "",
    quiet: Quiet = False,
) -> int:
    """Write the application as text: modules, forms, reports, macros, queries. Status 3 where some cannot be read."""
    from wizard.cli import files

    return files.source(file, out, code_page, quiet)


@app.command()
def uses(
    file: FileArgument,
    name: Annotated[str, typer.Argument(help="A table, a query, or TABLE.COLUMN", show_default=False)] = "",
    *,
    unused: Annotated[bool, typer.Option(help="List the tables and queries that nothing uses")] = False,
    as_json: Json = False,
    code_page: CodePage = "",
) -> int:
    """What uses a table, query or column: forms, reports, controls, modules with their lines, macros, queries."""
    from wizard.cli import files

    return files.uses(file, name, unused, as_json, code_page)


@app.command()
def export(
    file: FileArgument,
    *,
    tables: Annotated[list[str] | None, typer.Argument(metavar="[TABLE]...", help="All where none is named")] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="jsonl, csv, arrow or parquet")] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="A folder, for a file a table; else standard output")] = None,
    embedded: Annotated[bool, typer.Option(help="The files in OLE objects in place of the objects")] = False,
    spreadsheet: Annotated[bool, typer.Option(help="CSV in which no text can be a formula")] = False,
    salvage: Salvage = False,
    code_page: CodePage = "",
    quiet: Quiet = False,
) -> int:
    """Write tables as JSON Lines, CSV, Arrow or Parquet."""
    from wizard.cli import files

    return files.export(
        file,
        tables or [],
        form=form,
        out=out,
        embedded=embedded,
        spreadsheet=spreadsheet,
        salvage=salvage,
        code_page=code_page,
        quiet=quiet,
    )


@app.command()
def assess(
    what: Annotated[Path, typer.Argument(metavar="FILE|PROJECT", help="An Access file or a project")],
    *,
    html: Annotated[Path | None, typer.Option(help="Write the report as HTML to this file")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """What converts, what does not and why, and what the data will do. Status 3 where something is left out."""
    from wizard.cli import reports

    return reports.assess(what, html, as_json, quiet, verbose)


@app.command()
def repair(
    project: ProjectArgument,
    trouble: Annotated[
        RowProblem | None, typer.Argument(help="What a server cannot hold; without it the rules are listed")
    ] = None,
    repair: Annotated[Repair | None, typer.Argument(help="What is done about it; without it the rule goes")] = None,
    *,
    value: Annotated[str, typer.Option(help="For 'value': what stands in its place")] = "",
    source: Annotated[str, typer.Option(help="Only in this source")] = "",
    table: Annotated[str, typer.Option(help="Only in this table of it")] = "",
    part: Annotated[str, typer.Option(help="Only in this column, index or relationship of it")] = "",
) -> int:
    """What is done about values that a server cannot hold: rules of the project, a source, a table or a column."""
    from wizard.cli import repairs

    return repairs.repair(project, trouble, repair, value, (source, table, part))


@app.command()
def verify(
    project: ProjectArgument,
    *,
    server: Annotated[str, typer.Option(help="Of an offline package: the server on which it was deployed")] = "",
    database: Annotated[str, typer.Option(help="With --server: the database there")] = "",
    auth: Annotated[Auth, typer.Option(help="With --server: how to sign in")] = Auth.SQL,
    user: Annotated[str, typer.Option(help="With --server: login, principal or client id")] = "",
    encrypt: Annotated[
        Encryption, typer.Option(help="With --server: encryption of the connection")
    ] = Encryption.MANDATORY,
    trust_server_certificate: Annotated[
        bool, typer.Option(help="With --server: take the certificate as it is")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Compare rows and values on both sides, table by table. Status 1 where something differs.

    With --server the sources are compared with the server on which a package was deployed.
    """
    from wizard.cli import reports

    deployed = reports.deployed_on(
        server, database=database, auth=auth, user=user, encryption=encrypt, trust=trust_server_certificate
    )
    return reports.verify(project, deployed, as_json, quiet, verbose)


@app.command()
def rehearsals(project: ProjectArgument) -> int:
    """Times and rejects of all runs side by side, so that the cutover's length is known beforehand."""
    from wizard.cli import reports

    return reports.rehearsals(project)


@app.command()
def proof(
    project: ProjectArgument,
    *,
    query: Annotated[list[str] | None, typer.Argument(help="All converted queries where none is named")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Run converted queries on the server and show their first rows."""
    from wizard.cli import reports

    return reports.proof(project, query or [], quiet, verbose)


@app.command()
def link(
    project: ProjectArgument,
    *,
    accept_password_risk: Annotated[
        bool,
        typer.Option(help="Write the password into the kit, where signing in needs one; anybody can read it there"),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Write the kit that links the Access application to the server's tables, and takes it back."""
    from wizard.cli import reports

    return reports.link(project, accept_password_risk, quiet, verbose)


@app.callback()
def options(
    _version: Annotated[bool, typer.Option("--version", callback=version, is_eager=True, help="Show it")] = False,
) -> None:
    """Options before the command."""
