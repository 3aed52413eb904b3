"""DacFx: the schema compiler of SQL Server Data Tools, which builds a model of a database and validates it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from tests.sqlserver.oracle.found import Found, found
from tests.sqlserver.oracle.net import AZURE, Net, full_name, part, said
from tests.sqlserver.oracle.units import Reader, Unit

COLLATION = "SQL_Latin1_General_CP1_CI_AS"
_AT_ONCE = 64
_BETWEEN = "\nGO\n"
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """A definition, and its text as the model takes it."""

    unit: Unit
    text: str


class _Script:
    """Pieces that are added at once: a call for each makes the model look again at what it has."""

    def __init__(self, name: str, pieces: Sequence[_Piece]) -> None:
        self.name, self.pieces = name, pieces
        self.text = _BETWEEN.join(p.text for p in pieces)
        lines = (p.text.count("\n") + _BETWEEN.count("\n") for p in pieces)
        self._first = list(accumulate(lines, initial=1))[:-1]
        """of each piece, its first line"""

    def at(self, line: int) -> tuple[Unit, int]:
        """Whose a line is, and which of its lines."""
        number = bisect_right(self._first, line) - 1
        return self.pieces[number].unit, line - self._first[number] + 1


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
        pieces = [_Piece(unit, _wrapped(unit, number)) for number, unit in enumerate(work)]
        model = self._dac.TSqlModel(self._version, self._options)
        good: list[_Script] = []
        for first in range(0, len(pieces), _AT_ONCE):
            together = _Script(f"{first}.sql", pieces[first : first + _AT_ONCE])
            if self._refused(model, together) is None:
                good.append(together)
                continue
            model = self._anew(model, good)
            for number, piece in enumerate(together.pieces, first):
                alone, unit = _Script(f"alone {number}.sql", [piece]), piece.unit
                refused = self._refused(model, alone)
                if refused is None:
                    good.append(alone)
                    continue
                for m in refused:
                    severity = str(m.MessageType).lower()
                    tell(found(unit.file, (unit.line, unit.column), "M", severity, m.Number, m.Message))
                model = self._anew(model, good)
        self._validate(model, work, good, tell)
        model.Dispose()

    def _refused(self, model: Any, added: _Script) -> list[Any] | None:
        """Add it; why the model takes it not, None where it does."""
        try:
            model.AddOrUpdateObjects(added.text, added.name, self._object_options)
        except self._dac.DacModelException as e:
            return [m for m in e.Messages if str(m.MessageType) == "Error"] or list(e.Messages)
        return None

    def _anew(self, model: Any, good: Sequence[_Script]) -> Any:
        """A model that has refused something takes nothing more: another with all that was taken."""
        model.Dispose()
        model = self._dac.TSqlModel(self._version, self._options)
        for kept in good:
            model.AddOrUpdateObjects(kept.text, kept.name, self._object_options)
        return model

    def _validate(
        self, model: Any, work: Sequence[Unit], good: Sequence[_Script], tell: Callable[[Found], None]
    ) -> None:
        scripts = {s.name: s for s in good}
        where: dict[str, Unit] = {name.lower(): u for u in work for name in u.names}
        later = _made_later(work)
        for m in model.Validate():
            unit = _meant(where, str(m.Message))
            reference = _UNRESOLVED.search(f"{m.Message} ")
            # a table that is not there is looked for when a procedure runs, whoever makes it then; which of the two
            # numbers DacFx gives that, an error's or a warning's, is chance
            deferred = m.Number == 71502 or (m.Number == 71501 and "SqlProcedure:" in m.Message)
            wanted = reference[1].lower() if deferred and reference else ""
            severity = str(m.MessageType).lower()
            if wanted and wanted not in where:
                severity = "noise" if wanted in later else "warning"
            at = (unit.line, unit.column) if unit else (0, 0)
            tell(found(unit.file if unit else "?", at, "M", severity, m.Number, m.Message))
        for e in model.GetModelErrors():
            if e.SourceName and str(e.ErrorType) != "ValidationError":
                unit, line = scripts[str(e.SourceName)].at(e.Line)
                at = (unit.line + line - 1, e.Column)
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
