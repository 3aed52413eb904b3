"""The cases on a server: tables with their rows, a module for each case, and the rows that a module gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.convert.cases.listed import Case, database
from tests.convert.cases.tables import TABLES
from tests.convert.cases.test_cases import OPTIONS, TARGET, converted
from tests.convert.loading import cleared, constant
from wizard.convert import convert, script
from wizard.definitions import Query, QueryKind
from wizard.objects import Conversion, ObjectKind, ServerModule, ServerTable, quote
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError

_WANTED = (ObjectKind.SCHEMA, ObjectKind.TABLE, ObjectKind.PRIMARY_KEY, ObjectKind.DEFAULT)
MOST_ROWS = 1_000


@dataclass
class Served:
    """`refused` says by module's name why the server does not take it."""

    session: ServerSession
    stand_in: bool
    modules: Mapping[str, ServerModule]
    refused: dict[str, str] = field(default_factory=dict)

    def rows(self, module: ServerModule, case: Case) -> tuple[tuple[str, ...], list[Any]]:
        """What a module gives for the values of a case; of an action query what it did, which is taken back.

        Raises ServerError.
        """
        values = {prompt.casefold(): value for prompt, value in case.given.items()}
        arguments = [_fit(values.get(p.prompt.casefold()), p.type) for p in module.parameters]
        holes = ", ".join("?" * len(arguments))
        if case.read:
            return self._done(f"EXEC {module.name} {holes}", arguments, case.read)
        if module.kind is ObjectKind.VIEW:
            return self.session.first(self.plain(_select(module)), MOST_ROWS)
        called = f"({holes})" if module.kind is ObjectKind.FUNCTION else ""
        sql = f"EXEC {module.name} {holes}" if module.kind is ObjectKind.PROCEDURE else f"SELECT * FROM {module.name}"
        return self.session.first(sql + called, MOST_ROWS, *arguments)

    def plain(self, sql: str) -> str:
        return sql.replace(" WITH TIES", "") if self.stand_in else sql

    def _done(self, sql: str, arguments: Sequence[Any], read: str) -> tuple[tuple[str, ...], list[Any]]:
        source = database(Query("read", QueryKind.SELECT, read))
        (view,) = convert(source, source="s", schema="shop", options=OPTIONS, target=TARGET).modules
        try:
            self.session.execute("BEGIN TRANSACTION")
            self.session.execute(sql, *arguments)
            return self.session.first(_select(view), MOST_ROWS)
        finally:
            with suppress(ServerError):
                self.session.execute("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION")


def _select(view: ServerModule) -> str:
    """What a view selects: making it takes ten times as long as running that."""
    return view.sql.split("AS\n", 1)[1].rstrip(";\n")


def _fit(value: Any, kind: str) -> Any:
    """The value of a parameter as its type on the server takes it: dates are ISO text, Yes/No as Access's."""
    if isinstance(value, bool) and kind.startswith("nvarchar"):
        return str(value)
    return datetime.fromisoformat(value) if isinstance(value, str) and value and kind.startswith("date") else value


def build(session: ServerSession, listed: list[Case]) -> Served:
    """Tables, rows and modules, in place of what an earlier run left; views only where others read them."""
    made = converted(listed)
    cleared(session, "shop")
    for statement in script.statements(Conversion(tables=made.tables)):
        if statement.kind in _WANTED:
            session.execute(statement.sql)
    for table in made.tables:
        if sql := _inserted(table):
            session.execute(sql)
    stand_in = "Babelfish" in str(session.value("SELECT @@VERSION"))
    served = Served(session, stand_in, {m.source.table: m for m in made.modules if m.source})
    read = {name for case in listed for name in case.queries}
    for module in script.in_order(made.modules):
        if module.kind is ObjectKind.VIEW and module.source and module.source.table not in read:
            continue
        try:
            session.execute(served.plain(module.sql))
        except ServerError as e:
            served.refused[module.name.name] = str(e)
    return served


def _inserted(table: ServerTable) -> str:
    assert table.source
    source, rows = next(t for t in TABLES if t[0].name == table.source.table)
    columns = [c for c in table.columns if c.source and not c.computed]
    places = [[c.name for c in source.columns].index(c.source) for c in columns]
    values = ",\n".join(f"({', '.join(constant(row[p]) for p in places)})" for row in rows)
    insert = f"INSERT INTO {table.name} ({', '.join(quote(c.name) for c in columns)}) VALUES\n{values};"
    if not any(c.identity for c in columns):
        return insert if rows else ""
    return f"SET IDENTITY_INSERT {table.name} ON;\n{insert}\nSET IDENTITY_INSERT {table.name} OFF;"
