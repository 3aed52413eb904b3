"""The commands of `jetferry estate`, with their arguments, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wizard.cli.arguments import Json, Quiet
from wizard.settings import TargetKind

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Many databases: find and assess them, report, plan waves, and run many migrations at once.",
)

EstateOption = Annotated[
    Path, typer.Option("--estate", "-e", metavar="NAME", help="NAME or NAME.jetferry-estate: where all is kept")
]
PasswordList = Annotated[Path | None, typer.Option(help="A file of passwords to try, one a line; none is kept")]
PasswordCommand = Annotated[
    str, typer.Option(metavar="COMMAND", help="Given the path of a file that needs one, it prints its password")
]
HERE = Path("estate")


@app.command()
def scan(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="With all below; without one, the folders of earlier scans"),
    ] = None,
    *,
    estate: EstateOption = HERE,
    workers: Annotated[int, typer.Option(help="Files looked at at once (0: as many as there are cores)")] = 0,
    seconds: Annotated[float, typer.Option(help="The most that looking at one file may take")] = 120.0,
    megabytes: Annotated[int, typer.Option(help="The most memory that looking at one file may take")] = 1024,
    rows: Annotated[bool, typer.Option(help="Read the rows too, not only definitions")] = True,
    checks: Annotated[bool, typer.Option(help="Check the rows for duplicates, orphans and what will not fit")] = False,
    passwords: PasswordList = None,
    password_command: PasswordCommand = "",
    again: Annotated[bool, typer.Option(help="Look at every file again, changed or not")] = False,
    retry: Annotated[bool, typer.Option(help="Look again at files that went beyond the limits")] = False,
    code_page: Annotated[str, typer.Option("--code-page", help="Of Access 97 files' text, such as cp1250")] = "",
    dead_months: Annotated[int, typer.Option(help="Without a change, a file is dead after so many months")] = 24,
    scheduler: Annotated[str, typer.Option(metavar="tcp://HOST:PORT", help="A Dask cluster that does the work")] = "",
    map_path: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="HERE=THERE", help="Where the cluster's workers have a folder"),
    ] = None,
    tls_ca: Annotated[Path | None, typer.Option(help="Of the cluster: the certificate of its authority")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Of the cluster: our certificate")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Of the cluster: our key")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Find the Access files of folders and assess what is new or changed. Stopped, it goes on when run again.

    Status 3 where files or folders could not be read (named in the report).
    """
    from wizard.cli import estate as work

    asked = work.ScanRequest(
        tuple(folders or ()), estate, workers, seconds, megabytes, rows, checks, passwords, password_command, again,
        retry, code_page, dead_months, work.Cluster(scheduler, tuple(map_path or ()), tls_ca, tls_cert, tls_key),
    )  # fmt: skip
    return work.scan(asked, as_json, quiet)


@app.command()
def export(
    estate: EstateOption = HERE,
    *,
    out: Annotated[Path, typer.Option(help="The folder")],
    form: Annotated[str, typer.Option("--format", "-f", help="csv or parquet")] = "csv",
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write what is known as tables, a file each."""
    from wizard.cli import estate as work

    return work.export(estate, out, form, as_json, quiet)


@app.command()
def status(
    estate: EstateOption = HERE,
    *,
    as_json: Json = False,
    follow: Annotated[bool, typer.Option(help="Go on showing while a scan or a wave is at work")] = False,
) -> int:
    """What is known of the estate, and where each application stands."""
    from wizard.cli import estate as work

    return work.status(estate, as_json, follow)


@app.command()
def report(
    estate: EstateOption = HERE,
    *,
    out: Annotated[Path | None, typer.Option(help="The HTML file; CSV and JSON go beside it")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write the report: one HTML file that needs no network, with CSV and JSON beside it."""
    from wizard.cli import estate as work

    return work.report(estate, out, as_json, quiet)


@app.command()
def plan(
    file: Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="Else NAME.plan.toml beside the estate")] = None,
    *,
    estate: EstateOption = HERE,
    wave_size: Annotated[int, typer.Option(help="Applications in a wave at most")] = 20,
    wave_hours: Annotated[float, typer.Option(help="Hours of people's work in a wave at most")] = 40.0,
    target: Annotated[TargetKind, typer.Option(help="Where they go, of a new plan")] = TargetKind.PACKAGE,
    server: Annotated[str, typer.Option(help="The server, of a new plan")] = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Propose waves, as a TOML file to edit. Run again it brings in what is new and keeps what was edited."""
    from wizard.cli import estate as work

    return work.plan(
        estate,
        file,
        wave_size=wave_size,
        wave_hours=wave_hours,
        target=target,
        server=server,
        as_json=as_json,
        quiet=quiet,
    )


@app.command()
def run(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan")],
    *,
    wave: Annotated[int, typer.Option(help="Only this wave (0: all, one after the other)")] = 0,
    estate: EstateOption = HERE,
    passwords: PasswordList = None,
    password_command: PasswordCommand = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before something is written to servers")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Make a project for each application and migrate them, several at once. Stopped, it goes on when run again.

    Status 1 where one failed, 3 where objects or rows were left out.
    """
    from wizard.cli import estate as work

    return work.run(
        estate, file, wave=wave, passwords=passwords, password_command=password_command, yes=yes, as_json=as_json,
        quiet=quiet,
    )  # fmt: skip
