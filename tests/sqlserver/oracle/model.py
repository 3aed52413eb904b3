"""DacFx: the schema compiler of SQL Server Data Tools, which builds a model of a database and validates it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.sqlserver.oracle.found import Found, found
from tests.sqlserver.oracle.net import AZURE, Net, full_name, part, said
from tests.sqlserver.oracle.units import Reader, Unit

COLLATION = "SQL_Latin1_General_CP1_CI_AS"
_ORDER = ("schema", "other", "table", "constraint", "index", "module", "dml", "property")
_UNRESOLVED = re.compile(r"unresolved reference to \S* ?(\[.+?\]\.\[.+?\])[. ]")
_ELEMENT = re.compile(r"Error validating element (.+?): ")
_UNNAMED = re.compile(r"\w+: (\[.+?\](?:\.\[.+?\])*) (?:has|contains)")


def definitions(reader: Reader) -> list[Unit]:
    """The definitions as a model takes them: columns that are added later stand in the table."""
    tables = {u.names[0].lower(): u for u in reader.units if u.kind == "table"}
    kept = []
    for unit in reader.units:
        if unit.kind == "add columns":
            table = tables.get(unit.names[0].lower())
            if table is None:
                at = (unit.line, unit.column)
                reader.tell(found(unit.file, at, "M", "error", "MODEL", f"no table {unit.names[0]}"))
                continue
            inside = unit.node.Definition
            first = inside.StartOffset - unit.node.StartOffset
            table.extra.append(part(unit.text, first, inside.FragmentLength))
            table.names += unit.names[1:]
        elif unit.kind not in ("dml", "identity insert"):
            kept.append(unit)
    for table in tables.values():
        if table.extra:
            inside = table.node.Definition
            end = inside.StartOffset - table.node.StartOffset + inside.FragmentLength
            table.text = part(table.text, 0, end) + ", " + ", ".join(table.extra) + part(table.text, end)
            table.extra = []
    return kept


class Model:
    """One database's model. Statements that change rows are wrapped in procedures, which a model holds."""

    def __init__(self, net: Net, level: str) -> None:
        from Microsoft.SqlServer.Dac import Model as Dac  # noqa: PLC0415  there once the runtime is

        self._dac: Any = Dac
        self._version = getattr(Dac.SqlServerVersion, "SqlAzure" if level == AZURE else f"Sql{level}")
        self._options = Dac.TSqlModelOptions()
        self._options.Collation = COLLATION
        self._object_options = Dac.TSqlObjectOptions()
        self._object_options.QuotedIdentifier = True
        self._object_options.AnsiNulls = True

    def check(self, units: Sequence[Unit], tell: Callable[[Found], None]) -> None:
        work = sorted(units, key=lambda u: _ORDER.index(u.kind))
        model = self._dac.TSqlModel(self._version, self._options)
        good: list[tuple[str, str]] = []
        for number, unit in enumerate(work):
            piece = (_wrapped(unit, number), f"{number}.sql")
            try:
                model.AddOrUpdateObjects(*piece, self._object_options)
                good.append(piece)
            except self._dac.DacModelException as e:
                for m in [m for m in e.Messages if str(m.MessageType) == "Error"] or list(e.Messages):
                    severity = str(m.MessageType).lower()
                    tell(found(unit.file, (unit.line, unit.column), "M", severity, m.Number, m.Message))
                model.Dispose()  # a model that has refused something takes nothing more
                model = self._dac.TSqlModel(self._version, self._options)
                for kept in good:
                    model.AddOrUpdateObjects(*kept, self._object_options)
        self._validate(model, work, tell)
        model.Dispose()

    def _validate(self, model: Any, work: Sequence[Unit], tell: Callable[[Found], None]) -> None:
        where: dict[str, Unit] = {name.lower(): u for u in work for name in u.names}
        later = _made_later(work)
        for m in model.Validate():
            unit = _meant(where, str(m.Message))
            reference = _UNRESOLVED.search(f"{m.Message} ")
            # what a procedure makes is looked for when one runs; which of the two numbers DacFx gives it is chance
            deferred = m.Number == 71502 or (m.Number == 71501 and "SqlProcedure:" in m.Message)
            late = deferred and reference and reference[1].lower() in later
            at = (unit.line, unit.column) if unit else (0, 0)
            severity = "noise" if late else str(m.MessageType).lower()
            tell(found(unit.file if unit else "?", at, "M", severity, m.Number, m.Message))
        for e in model.GetModelErrors():
            if e.SourceName and str(e.ErrorType) != "ValidationError":
                unit = work[int(str(e.SourceName).split(".")[0])]
                at = (unit.line + e.Line - 1, e.Column)
                tell(found(unit.file, at, "M", str(e.Severity).lower(), e.ErrorCode, said(e)))


def _wrapped(unit: Unit, number: int) -> str:
    if unit.kind != "dml":
        return unit.text
    unit.names = [f"[dbo].[__statement {number}]"]
    return f"CREATE PROCEDURE {unit.names[0]} AS {unit.text}"


def _made_later(units: Sequence[Unit]) -> set[str]:
    """What SELECT INTO and CREATE TABLE in procedures make."""
    return {
        name
        for u in units
        if u.kind == "module" and getattr(u.node, "StatementList", None) is not None
        for s in u.node.StatementList.Statements
        for name in _makes(s)
    }


def _makes(s: Any) -> Iterator[str]:
    kind = type(s).__name__
    if kind == "SelectStatement" and s.Into is not None:
        yield full_name(s.Into).lower()
    elif kind == "CreateTableStatement":
        yield full_name(s.SchemaObjectName).lower()
    for name in ("StatementList", "TryStatements", "CatchStatements"):
        inside = getattr(s, name, None)
        for x in inside.Statements if inside is not None else ():
            yield from _makes(x)
    for name in ("ThenStatement", "ElseStatement", "Statement"):
        if getattr(s, name, None) is not None:
            yield from _makes(getattr(s, name))


def _meant(where: dict[str, Unit], message: str) -> Unit | None:
    """The statement that made the element a message names, or made what that is part of."""
    match = _ELEMENT.search(message)
    if match is not None and match[1] == "<unnamed>":
        match = _UNNAMED.search(message)
    name = match[1].lower() if match is not None else ""
    while name:
        if name in where:
            return where[name]
        name = name.rsplit("].[", 1)[0] + "]" if "].[" in name else ""
    return None
