"""Access files as the scripts of their packages, made by the engine without a project around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from tests.conftest import SHARED
from tests.sqlserver.oracle.script import Script
from wizard.access import AccessFile
from wizard.convert import convert, script
from wizard.convert.queries import Headings, found_headings, heading_sources
from wizard.definitions import Database
from wizard.messages import ConversionError, SourceError
from wizard.objects import Conversion
from wizard.package.scripts import scripts
from wizard.settings import Options, SqlVersion, Target, TargetKind

PASSWORD: Final = "password"


def corpus() -> list[Path]:
    """Every Access file of ../shared that is a database of somebody's; empty where that is absent."""
    folders = (SHARED / "sample", SHARED / "corpus", SHARED / "cases", SHARED / "application")
    suffixes = {".mdb", ".accdb", ".mde", ".accde"}
    return sorted(p for f in folders for p in f.rglob("*") if p.suffix.casefold() in suffixes)


@lru_cache(maxsize=256)
def source(path: Path) -> tuple[Database, dict[str, Headings]]:
    """What a file defines, and the headings its data give crosstabs."""
    with _opened(path) as file:
        definition = file.definition
        headings = {}
        for wanted in heading_sources(definition):
            with suppress(ConversionError, SourceError):
                if found := found_headings(wanted, partial(_rows, file)):
                    headings[wanted.query] = found
        return definition, headings


def _opened(path: Path) -> AccessFile:
    try:
        return AccessFile.open(path)
    except SourceError:
        return AccessFile.open(path, password=PASSWORD)


def _rows(file: AccessFile, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for batch in file.read(table, columns=columns):
        yield from zip(*(c.to_pylist() for c in batch.rows.columns), strict=True)


def conversion(path: Path, wanted: Target, schema: str = "dbo") -> Conversion:
    """The file's conversion into a schema."""
    definition, headings = source(path)
    return convert(definition, source="s", schema=schema, options=Options(), target=wanted, headings=headings)


def package(made: Conversion, options: Options | None = None) -> list[Script]:
    """The scripts of a package, in the order they run."""
    statements = [script.guarded(s) for s in script.statements(made)]
    return [Script(s.path, s.text) for s in scripts(statements, made.tables, options or Options())]


def target(version: str) -> Target:
    """The target of a version as the checker names it."""
    if version == "azure":
        return Target(TargetKind.AZURE_SQL_DATABASE)
    return Target(TargetKind.SQL_SERVER, SqlVersion(version))
