"""Arguments and options that several commands have, each declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from wizard.cli import output
from wizard.cli.command_group import complete_projects
from wizard.events import Stage
from wizard.messages import RowProblem
from wizard.settings import Auth, Encryption, Repair


class ProgressForm(StrEnum):
    """How progress is shown."""

    NONE = "none"
    PLAIN = "plain"
    """a line a second at most"""
    BAR = "bar"


def read_stage(written: str | Stage) -> Stage:
    """A stage by its name or number. Raises typer.BadParameter."""
    stages = list(Stage)
    text = str(written).strip().lower()
    if text.isdecimal() and 1 <= int(text) <= len(stages):
        return stages[int(text) - 1]
    if text in stages:
        return Stage(text)
    known = ", ".join(f"{s.number} {s.value}" for s in stages)
    raise typer.BadParameter(f"there is no stage '{written}'; there are: {known}")


def _choose_progress(form: ProgressForm | None) -> ProgressForm | None:
    output.choose_progress(form.value if form else "")
    return form


ProjectArgument = Annotated[
    Path,
    typer.Argument(
        metavar="PROJECT", help="NAME or NAME.jetferry.toml", show_default=False, autocompletion=complete_projects
    ),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="An Access file", show_default=False)]
TroubleArgument = Annotated[
    RowProblem | None,
    typer.Argument(metavar="TROUBLE", help=f"{', '.join(RowProblem)}; without it the rules are listed"),
]
RepairArgument = Annotated[
    Repair | None, typer.Argument(metavar="REPAIR", help=f"{', '.join(Repair)}; without it the rule goes")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Information too")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before something is written to a server")]
Salvage = Annotated[bool, typer.Option(help="Read what can be read of a damaged file, and count the rest")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print what happens as JSON, a line an event")]
CodePage = Annotated[str, typer.Option("--code-page", help="Of an Access 97 file's text, such as cp1250")]
Through = Annotated[
    Stage,
    typer.Option(
        parser=read_stage, metavar="STAGE", help="The last stage to run, by its name or number",
        autocompletion=lambda: [s.value for s in Stage],
    ),
]  # fmt: skip
ProgressOption = Annotated[
    ProgressForm | None,
    typer.Option(
        "--progress", callback=_choose_progress, help="Bars, plain lines or none [default: bars on a terminal]",
        show_default=False,
    ),
]  # fmt: skip
OptionSettings = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="KEY=VALUE", help="Set an option; 'jetferry options' lists them"),
]
TypeRules = Annotated[
    list[str] | None,
    typer.Option(
        "--type-rule", metavar="SOURCE[:LOW-HIGH]=TARGET",
        help="A type rule, such as 'text:1-50=nvarchar(50)'; they are tried in this order, before the defaults",
    ),
]  # fmt: skip
Objects = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Take only tables and queries with such names (* for any text)"),
]
AllBut = Annotated[
    list[str] | None, typer.Option("--all-but", metavar="PATTERN", help="Take all tables and queries but these")
]
# how a server is reached
ConnectionOptions = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="More of the connection string, such as MultiSubnetFailover=yes"),
]
BackEnds = Annotated[
    list[str] | None, typer.Option(metavar="OLD=NEW", help="Where a linked back end is now; may be given again")
]
Unwrap = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TABLE.COLUMN",
        help="Store the file in an OLE column in place of the OLE object, type and name beside it; may be given again",
    ),
]
Deployed = Annotated[
    bool, typer.Option("--deployed", help="Compare with the server where the package was deployed last")
]
Server = Annotated[str, typer.Option(help="HOST, HOST,PORT, HOST\\INSTANCE or as else written for SQL Server")]
DatabaseName = Annotated[str, typer.Option("--database", help="The database on the server")]
SignIn = Annotated[Auth | None, typer.Option("--auth", help="How to sign in [default: sql]", show_default=False)]
UserOption = Annotated[str, typer.Option(help="Login, principal or client id")]
Encrypt = Annotated[Encryption | None, typer.Option(help="Encryption of the connection [default: mandatory]")]
TrustCertificate = Annotated[bool | None, typer.Option(help="Take the certificate as it is")]
MIGRATE: Final = Stage.MIGRATE
