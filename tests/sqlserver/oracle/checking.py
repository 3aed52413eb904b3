"""The scripts of one database under all four tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.sqlserver.oracle.binder import Binder
from tests.sqlserver.oracle.found import Found, found
from tests.sqlserver.oracle.lint import lint
from tests.sqlserver.oracle.model import Model, definitions
from tests.sqlserver.oracle.net import Net, part, quoted
from tests.sqlserver.oracle.script import Checked, Script
from tests.sqlserver.oracle.units import Reader, Unit

_SHOWN = 300
"""characters of a statement"""


def check(net: Net, scripts: Sequence[Script], level: str) -> Checked:
    """All scripts together make one database, in their order."""
    kept: dict[Found, None] = {}
    texts = {s.name: s.text for s in scripts}

    def tell(one: Found) -> None:
        kept[one] = None

    reader = Reader(net, level, tell)
    for script in scripts:
        reader.read(script.text, script.name, statements=script.statements)
    counts: dict[str, int] = {}
    for unit in reader.units:
        counts[unit.kind] = counts.get(unit.kind, 0) + 1
    if reader.units or reader.checks or reader.calls:
        units = definitions(reader)
        work = [*units, *(u for u in reader.units if u.kind == "dml")]
        Model(net, level).check(work, tell)
        _named(reader, units, tell)
        Binder(level).check(work, tell)
        lint(net, reader, lambda *told: tell(_linted(*told)))
    ordered = sorted(kept, key=lambda f: (f.file, f.line, f.column, f.tool))
    return Checked(tuple(_shown(f, texts) for f in ordered), counts, dict(reader.skipped))


def _named(reader: Reader, units: Sequence[Unit], tell: Any) -> None:
    """Tables, constraints and procedures that statements name and the tools do not look at."""
    tables = {u.names[0].lower() for u in units if u.kind == "table"}
    names = {n.lower() for u in units for n in u.names}
    for unit, constraints in reader.checks:
        table, at = unit.names[0], (unit.line, unit.column)
        if table.lower() not in tables:
            tell(found(unit.file, at, "L", "error", "L4902", f"ALTER TABLE {table}: no such table"))
        for name in constraints:
            if f"{table.split('].[')[0]}].{quoted(name)}".lower() not in names:
                tell(found(unit.file, at, "L", "error", "L4917", f"{table} has no constraint {quoted(name)}"))
    for unit in reader.calls:
        if unit.names[0].lower() not in names:
            at = (unit.line, unit.column)
            tell(found(unit.file, at, "L", "error", "L2812", f"no procedure {unit.names[0]}"))


def _linted(unit: Unit, node: Any, severity: str, code: str, text: str) -> Found:
    line = unit.line + (node.StartLine - unit.node.StartLine if node is not None else 0)
    return found(unit.file, (line, node.StartColumn if node is not None else unit.column), "L", severity, code, text)


def _shown(one: Found, texts: dict[str, str]) -> Found:
    """With the lines that are meant: a reader of the report wants the statement, not its place."""
    lines = texts.get(one.file, "").splitlines()[max(0, one.line - 1) : one.line + 3]
    return replace(one, statement=part(" ".join(" ".join(lines).split()), 0, _SHOWN)) if one.line else one
