"""What is told of a server that cannot do everything; the rest is held against a real one."""

from __future__ import annotations

from typing import Any, cast

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
