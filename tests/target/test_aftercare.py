"""Servers that cannot do everything, or keep names their own way; the rest is held against a real one."""

from __future__ import annotations

from typing import Any, cast

import pytest

from wizard.objects import Name, ServerColumn, ServerTable, ServerType
from wizard.settings import Options
from wizard.target.aftercare import Aftercare
from wizard.target.connection import Session
from wizard.target.faults import Fault, ServerFault, Trouble


class Lacking:
    """A server of some tables that knows no statistics."""

    server = "here"

    def __init__(self, tables: list[Name]) -> None:
        self.tables = tables

    def sets(self, sql: str) -> list[list[tuple[Any, ...]]]:
        return [[("table", t.schema, t.name, t.name, 0) for t in self.tables], [], []]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return []

    def execute(self, sql: str) -> None:
        if sql.startswith("UPDATE STATISTICS"):
            raise ServerFault(Fault(33557097, "there are no statistics here", Trouble.OTHER))


def test_what_a_server_cannot_do_is_told_once_for_all_tables() -> None:
    names = [Name("dbo", f"T{n}") for n in range(50)]
    tables = [ServerTable(n, (ServerColumn("ID", ServerType("int")),)) for n in names]
    session = cast(Session, Lacking(names))
    messages = Aftercare(session, Options()).finish(tables, [])
    assert [m.number for m in messages] == [5104]
    assert "update statistics of 50 tables, [dbo].[T0] first (there are no statistics here" in messages[0].text


class Numbering(Lacking):
    """A server that keeps names in lower case, with counters that stand still."""

    def __init__(self, tables: list[Name]) -> None:
        super().__init__([Name(t.schema, t.name.lower()) for t in tables])
        self.done: list[str] = []

    def value(self, sql: str) -> int:
        return 1 if "IDENT_CURRENT" in sql else 70

    def execute(self, sql: str) -> None:
        self.done.append(sql)


@pytest.mark.parametrize(
    ("name", "text"), [("Order's", "'[dbo].[Order''s]'"), ("Größe", "N'[dbo].[Größe]'")], ids=["plain", "unicode"]
)
def test_a_table_is_cared_for_whatever_the_case_its_server_keeps_its_name_in(name: str, text: str) -> None:
    table = ServerTable(Name("dbo", name), (ServerColumn("ID", ServerType("int"), identity=True),))
    server = Numbering([table.name])
    messages = Aftercare(cast(Session, server), Options()).finish([table], [])
    assert f"DBCC CHECKIDENT ({text}, RESEED, 70)" in server.done
    assert [m.number for m in messages] == [5304]


def test_of_two_tables_that_differ_in_case_each_is_itself() -> None:
    names = [Name("dbo", "Rows"), Name("dbo", "ROWS")]
    tables = [ServerTable(n, (ServerColumn("ID", ServerType("int")),)) for n in names]
    server = Numbering([])
    server.tables = names[:1]
    Aftercare(cast(Session, server), Options()).finish(tables, [])
    assert [s for s in server.done if s.startswith("UPDATE STATISTICS")] == ["UPDATE STATISTICS [dbo].[Rows]"]
