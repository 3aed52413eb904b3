"""What commands there are, with their arguments, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wizard.cli import estate_commands, file_commands
from wizard.cli.arguments import (
    MIGRATE,
    AllBut,
    BackEnds,
    CodePage,
    ConnectionOptions,
    DatabaseName,
    Deployed,
    Encrypt,
    Json,
    JsonLines,
    Objects,
    OptionSettings,
    ProgressOption,
    ProjectArgument,
    Quiet,
    RepairArgument,
    Salvage,
    Server,
    SignIn,
    Through,
    TroubleArgument,
    TrustCertificate,
    TypeRules,
    Unwrap,
    UserOption,
    Verbose,
    Yes,
)
from wizard.cli.command_group import (
    HELP,
    OPEN,
    CommandGroup,
    complete_projects,
    finish,
    install_completion,
    run_command,
    show_completion,
    version,
)
from wizard.options import Preset
from wizard.settings import SqlVersion, TargetKind

app = typer.Typer(
    result_callback=finish,
    cls=CommandGroup,
    context_settings=HELP,
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
app.registered_commands += file_commands.app.registered_commands


def command() -> int:
    """Run the command that was given; returns the exit status."""
    return run_command(app)


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
    as_json: JsonLines = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """The bundled sample: in the wizard, or with --headless all the way to an offline package."""
    from wizard.cli import projects

    return projects.demo(folder, headless, as_json, quiet, verbose)


@app.command()
def new(
    project: ProjectArgument,
    *,
    source: Annotated[
        list[Path], typer.Option("--source", "-s", help="An Access file, or a folder of them; may be given again")
    ],
    target: Annotated[
        TargetKind | None, typer.Option(help="Where it goes; else as the template says, or to a package")
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(metavar="PROJECT", help="Take target, server, options and rules of another project"),
    ] = None,
    server: Server = "",
    database: DatabaseName = "",
    schema: Annotated[str, typer.Option(help="The schema of all sources; else each of several has its own")] = "",
    auth: SignIn = None,
    user: UserOption = "",
    encrypt: Encrypt = None,
    trust_server_certificate: TrustCertificate = None,
    preset: Annotated[Preset | None, typer.Option(help="Options to start from")] = None,
    option: OptionSettings = None,
    type_rule: TypeRules = None,
    objects: Objects = None,
    all_but: AllBut = None,
    sql_version: Annotated[
        SqlVersion | None, typer.Option(help="Of SQL Server, for --target sqlserver [default: 2022]")
    ] = None,
    linked: Annotated[
        bool | None, typer.Option("--linked/--no-linked", help="Access stays the front end, with linked tables")
    ] = None,
    connection_option: ConnectionOptions = None,
    create_database: Annotated[bool, typer.Option(help="Make the database if it is not there")] = False,
    azure_edition: Annotated[str, typer.Option(help="With --create-database: GeneralPurpose, Standard …")] = "",
    azure_objective: Annotated[str, typer.Option(help="With --create-database: GP_S_Gen5_1, S0 …")] = "",
    azure_size: Annotated[str, typer.Option(help="With --create-database: the largest size, such as 2 GB")] = "",
    back_end: BackEnds = None,
    unwrap: Unwrap = None,
    code_page: CodePage = "",
    salvage: Salvage = False,
    as_json: Json = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Make a project. The server's password is never kept: it comes from JETFERRY_PASSWORD, a keyring or a prompt."""
    from wizard.cli import projects
    from wizard.stages.templates import template
    from wizard.stages.written_settings import WrittenSettings

    written = WrittenSettings(tuple(option or ()), tuple(type_rule or ()), tuple(objects or ()), tuple(all_but or ()))
    asked = projects.NewProject(
        path=project, sources=tuple(source), like=template(like), settings=written, target=target,
        version=sql_version, linked=linked, server=server,
        database=database, schema=schema, auth=auth, user=user, encryption=encrypt,
        trust=trust_server_certificate, preset=preset, code_page=code_page, salvage=salvage,
        back_ends=tuple(back_end or ()), unwrap=tuple(unwrap or ()), more=tuple(connection_option or ()),
        create=create_database, tier=(azure_edition, azure_objective, azure_size),
    )  # fmt: skip
    return projects.new(asked, as_json, quiet, verbose)


@app.command()
def run(
    project: ProjectArgument,
    *,
    through: Through = MIGRATE,
    option: OptionSettings = None,
    type_rule: TypeRules = None,
    objects: Objects = None,
    all_but: AllBut = None,
    yes: Yes = False,
    detach: Annotated[bool, typer.Option(help="In a process of its own, which outlives the terminal")] = False,
    reload: Annotated[bool, typer.Option(help="Empty the tables that Jetferry filled, and fill them again")] = False,
    reload_changed: Annotated[
        bool, typer.Option(help="The same, only for tables whose rows changed since, and those that refer to them")
    ] = False,
    as_json: JsonLines = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Run all stages that are not done, in order. Stopped, it goes on from there when run again.

    Options, type rules and a choice of objects that are given are kept in the project.
    """
    from wizard.cli import runs
    from wizard.stages.written_settings import WrittenSettings

    written = WrittenSettings(tuple(option or ()), tuple(type_rule or ()), tuple(objects or ()), tuple(all_but or ()))
    asked = runs.RunOptions(through, yes, detach, reload, reload_changed, as_json, written)
    return runs.run(project, asked, quiet, verbose)


@app.command()
def options(
    project: Annotated[
        Path | None,
        typer.Argument(help="A project, to show its values; else the defaults", autocompletion=complete_projects),
    ] = None,
    *,
    as_json: Json = False,
) -> int:
    """List every option with its value and what it may be. 'new' and 'run' set them with --option KEY=VALUE."""
    from wizard.cli import settings

    return settings.options(project, as_json)


@app.command(name="retry-rejects")
def retry_rejects(
    project: ProjectArgument,
    *,
    table: Annotated[list[str] | None, typer.Argument(help="Tables as 'schema.name'; all where none is named")] = None,
    yes: Yes = False,
    as_json: JsonLines = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Send rejected rows again, after their cause was mended."""
    from wizard.cli import runs

    return runs.retry(project, table or [], runs.loudness(quiet, verbose), yes=yes, as_json=as_json)


@app.command()
def attach(
    project: ProjectArgument,
    as_json: JsonLines = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Watch the worker of a project from its beginning to its end. Ctrl+C stops watching; the work goes on."""
    from wizard.cli import runs

    return runs.attach(project, as_json, quiet, verbose)


@app.command()
def stop(project: ProjectArgument, as_json: Json = False) -> int:
    """Ask the worker of a project to stop at the next batch."""
    from wizard.cli import runs

    return runs.stop(project, as_json)


@app.command()
def status(
    project: ProjectArgument,
    *,
    as_json: Json = False,
    follow: Annotated[bool, typer.Option(help="Go on showing until the worker has ended")] = False,
) -> int:
    """How far a project's stages have come."""
    from wizard.cli import runs

    return runs.status(project, as_json, follow)


@app.command()
def assess(
    what: Annotated[Path, typer.Argument(metavar="FILE|PROJECT", help="An Access file or a project")],
    *,
    html: Annotated[Path | None, typer.Option(help="Write the report as HTML to this file")] = None,
    as_json: Json = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """What converts, what does not and why, and what the data will do. Status 3 where something is left out."""
    from wizard.cli import reports

    return reports.assess(what, html, as_json, quiet, verbose)


@app.command()
def repair(
    project: ProjectArgument,
    trouble: TroubleArgument = None,
    repair: RepairArgument = None,
    *,
    value: Annotated[str, typer.Option(help="For 'value': what stands in its place")] = "",
    source: Annotated[str, typer.Option(help="Only in this source")] = "",
    table: Annotated[str, typer.Option(help="Only in this table of it")] = "",
    part: Annotated[str, typer.Option(help="Only in this column, index or relationship of it")] = "",
    as_json: Json = False,
) -> int:
    """What is done about values that a server cannot hold: rules of the project, a source, a table or a column."""
    from wizard.cli import repairs

    return repairs.repair(project, trouble, repair, value, (source, table, part), as_json=as_json)


@app.command()
def verify(
    project: ProjectArgument,
    *,
    deployed_there: Deployed = False,
    server: Server = "",
    database: DatabaseName = "",
    auth: SignIn = None,
    user: UserOption = "",
    encrypt: Encrypt = None,
    trust_server_certificate: TrustCertificate = None,
    as_json: Json = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Compare rows and values on both sides, table by table. Status 1 where something differs.

    With --server, and how to sign in there, the sources are compared with the server on which an offline package was
    deployed; with --deployed that is the server and database where its deployment commands ran last.
    """
    from wizard.cli import reports

    deployed = reports.deployed_on(
        project,
        deployed_there,
        server,
        database=database,
        auth=auth,
        user=user,
        encryption=encrypt,
        trust=trust_server_certificate,
    )
    return reports.verify(project, deployed, as_json, quiet, verbose)


@app.command()
def rehearsals(project: ProjectArgument, as_json: Json = False) -> int:
    """Times and rejects of all runs side by side, so that the cutover's length is known beforehand."""
    from wizard.cli import reports

    return reports.rehearsals(project, as_json)


@app.command()
def proof(
    project: ProjectArgument,
    *,
    query: Annotated[list[str] | None, typer.Argument(help="All converted queries where none is named")] = None,
    as_json: Json = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Run converted queries on the server and show their first rows."""
    from wizard.cli import reports

    return reports.proof(project, query or [], as_json, quiet, verbose)


@app.command()
def link(
    project: ProjectArgument,
    *,
    accept_password_risk: Annotated[
        bool,
        typer.Option(help="Write the password into the kit, where signing in needs one; anybody can read it there"),
    ] = False,
    as_json: Json = False,
    _progress: ProgressOption = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Write the kit that links the Access application to the server's tables, and takes it back."""
    from wizard.cli import reports

    return reports.link(project, accept_password_risk, as_json, quiet, verbose)


@app.callback()
def before(
    _version: Annotated[bool, typer.Option("--version", callback=version, is_eager=True, help="Show it")] = False,
    _install: Annotated[
        str,
        typer.Option(
            "--install-completion",
            metavar="[SHELL]",
            callback=install_completion,
            is_eager=True,
            help="Complete words in bash, zsh, fish, powershell or pwsh",
        ),
    ] = "",
    _show: Annotated[
        str,
        typer.Option(
            "--show-completion",
            metavar="[SHELL]",
            callback=show_completion,
            is_eager=True,
            help="Print what --install-completion would write",
        ),
    ] = "",
) -> None:
    """Options before the command."""
