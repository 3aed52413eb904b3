"""The commands on Access files, with their arguments, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wizard.cli.arguments import CodePage, FileArgument, Json, Quiet, Salvage

app = typer.Typer()
"""they are commands of `jetferry` itself"""


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
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write the application as text: modules, forms, reports, macros, queries. Status 3 where some cannot be read."""
    from wizard.cli import files

    return files.source(file, out, code_page, as_json, quiet)


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
def diagram(
    file: FileArgument,
    *,
    svg: Annotated[bool, typer.Option("--svg", help="A picture, as it is where nothing else is said")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Text for Mermaid")] = False,
    dbml: Annotated[bool, typer.Option("--dbml", help="Text in the database markup language")] = False,
    as_json: Json = False,
    out: Annotated[Path | None, typer.Option(help="The file; else standard output")] = None,
    code_page: CodePage = "",
) -> int:
    """Draw the tables of a database and their relationships."""
    from wizard.cli import files
    from wizard.stages.access_files import DIAGRAMS

    wanted = [name for name, asked in zip(DIAGRAMS, (svg, mermaid, dbml, as_json), strict=True) if asked]
    if len(wanted) > 1:
        raise typer.BadParameter("choose one of --svg, --mermaid, --dbml and --json")
    return files.diagram(file, wanted[0] if wanted else "svg", out, code_page)


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
    as_json: Annotated[bool, typer.Option("--json", help="With --out: print what was written as JSON")] = False,
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
        as_json=as_json,
        quiet=quiet,
    )
