"""SqlParser: the binder of SSMS IntelliSense, over a server's metadata that stand in memory."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from typing import Any

from tests.sqlserver.oracle.found import Found, found
from tests.sqlserver.oracle.model import COLLATION
from tests.sqlserver.oracle.net import AZURE, part, said
from tests.sqlserver.oracle.units import Unit

_ORDER = ("other", "table", "index", "module", "dml")
_provider: Any = None
"""the class, made once: .NET knows each by its name"""


class Binder:
    """Names, functions and their arguments, parts of dates, columns of views."""

    def __init__(self, level: str) -> None:
        from Microsoft.SqlServer.Management.SqlParser import Binder as Bind  # noqa: PLC0415
        from Microsoft.SqlServer.Management.SqlParser import Common, MetadataProvider, Parser  # noqa: PLC0415
        from Microsoft.SqlServer.Management.SqlParser.Metadata import CollationInfo  # noqa: PLC0415

        self._bind, self._parser, self._metadata, self._collations = Bind, Parser, MetadataProvider, CollationInfo
        name = "Azure" if level == AZURE else f"Version{level}"
        self._level = getattr(Common.DatabaseCompatibilityLevel, name)
        self._tsql = getattr(Common.TransactSqlVersion, name)

    def _server(self, schemas: Sequence[str]) -> Any:
        global _provider  # noqa: PLW0603
        if _provider is None:

            class Provider(self._metadata.MetadataProviderBase):  # type: ignore[misc]
                __namespace__ = "Jetferry"

                def get_Server(self) -> Any:
                    return self.server

                def get_BeforeBindHandler(self) -> None:
                    return None

                def get_AfterBindHandler(self) -> None:
                    return None

            _provider = Provider
        made, factory = _provider(), self._metadata.MetadataFactory()
        collation = self._collations.GetCollationInfo(COLLATION)
        made.server = factory.Server.Create("server", collation)
        for name in ("master", "db"):
            database = factory.Database.Create(made.server, name, collation)
            made.server.Databases.Add(database)
            database.DefaultSchemaName, database.CompatibilityLevel = "dbo", self._level
            for schema in dict.fromkeys(["dbo", "sys", *schemas]):
                database.Schemas.Add(factory.Schema.Create(database, schema))
        return made

    def check(self, units: Sequence[Unit], tell: Callable[[Found], None]) -> None:
        from System.Collections.Generic import List  # noqa: PLC0415

        work = sorted((u for u in units if u.kind in _ORDER), key=lambda u: _ORDER.index(u.kind))
        starts, pieces, at = [], [], 1
        for unit in work:
            text = _with_constraints(unit, units) if unit.kind == "table" else unit.text
            starts.append(at)
            pieces.append(f"{text}\nGO\n")
            at += text.count("\n") + 2
        parsed = self._parser.Parser.Parse(
            "".join(pieces), self._parser.ParseOptions("GO", True, self._level, self._tsql)
        )
        listed = List[self._parser.ParseResult]()
        listed.Add(parsed)
        server = self._server([u.names[0][1:-1] for u in units if u.kind == "schema"])
        try:
            self._bind.BinderProvider.CreateBinder(server).Bind(listed, "db", self._bind.BindMode.Batch)
        except Exception as e:  # the binder itself fell
            tell(found("?", (0, 0), "B", "warning", "FELL", str(e).split("\n", maxsplit=1)[0]))
        _tell_errors(work, starts, list(parsed.Errors), tell)


def _tell_errors(work: Sequence[Unit], starts: Sequence[int], errors: list[Any], tell: Callable[[Found], None]) -> None:
    """A procedure is made though it names what is not there: such an error is a warning."""
    absent: set[int] = set()
    for e in sorted(errors, key=lambda e: "Invalid object name" not in said(e)):
        at = max(0, bisect.bisect_right(starts, e.Start.LineNumber) - 1)
        unit, line, words = work[at], e.Start.LineNumber - starts[at], said(e)
        procedure = unit.kind == "module" and "Procedure" in type(unit.node).__name__
        follows = id(unit) in absent and ("Invalid column name" in words or "could not be bound" in words)
        late = procedure and ("Invalid object name" in words or follows)
        if late:
            absent.add(id(unit))
            words += " (a procedure is made all the same, and fails when run)"
        column = e.Start.ColumnNumber + (unit.column - 1 if line == 0 else 0)
        severity = "warning" if e.IsWarning or late else "error"
        tell(found(unit.file, (unit.line + line, column), "B", severity, str(e.Type), words))


def _with_constraints(table: Unit, units: Sequence[Unit]) -> str:
    """CREATE TABLE with the keys, checks and defaults of ALTER TABLE, which the binder passes over."""
    added: list[str] = []
    defaults: dict[str, str] = {}
    for unit in units:
        if unit.kind != "constraint" or unit.names[0].lower() != table.names[0].lower():
            continue
        for c in unit.node.Definition.TableConstraints:
            kind = type(c).__name__
            if kind == "DefaultConstraintDefinition":
                defaults[str(c.Column.Value).lower()] = _cut(unit, c.Expression)
            elif kind != "ForeignKeyConstraintDefinition":
                added.append(_cut(unit, c))
    inside, start = table.node.Definition, table.node.StartOffset
    edits = [
        (c.StartOffset + c.FragmentLength - start, f" DEFAULT {defaults[str(c.ColumnIdentifier.Value).lower()]}")
        for c in inside.ColumnDefinitions
        if str(c.ColumnIdentifier.Value).lower() in defaults and c.DefaultConstraint is None
    ]
    if added:
        edits.append((inside.StartOffset + inside.FragmentLength - start, ", " + ", ".join(added)))
    text = table.text
    for at, more in reversed(edits):
        text = part(text, 0, at) + more + part(text, at)
    return text


def _cut(unit: Unit, node: Any) -> str:
    """A fragment on one line, so that the lines of what follows stay."""
    return part(unit.text, node.StartOffset - unit.node.StartOffset, node.FragmentLength).replace("\n", " ")
