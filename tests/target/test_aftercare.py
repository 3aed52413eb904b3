"""Servers that cannot do everything, or keep names their own way; the rest is held against a real one."""

from __future__ import annotations

import re
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


class Guarded(Lacking):
    """A server whose table has triggers; it enables and disables them, and keeps what the journal is told."""

    def __init__(self, *triggers: str) -> None:
        super().__init__([ROWS.name, Name("dbo", "jetferry_journal")])
        self.disabled = dict.fromkeys(triggers, False)
        self.kept: dict[str, str] = {}
        self.obeys = True

    def sets(self, sql: str) -> list[list[tuple[Any, ...]]]:
        triggers = [("trigger", "dbo", "Rows", name, int(off)) for name, off in self.disabled.items()]
        return [*super().sets(sql), triggers]

    def value(self, sql: str) -> int:
        return 1

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        if sql.startswith("SELECT table_name, source"):
            return [("Rows", trigger) for trigger in self.kept.values()]
        return []

    def execute(self, sql: str) -> None:
        part = re.search("N'(trigger [^']*)'", sql)
        word, name = sql.split(maxsplit=1)[0], re.search(r"TRIGGER \[(\w+)\]", sql)
        if name and not self.obeys:
            raise ServerFault(Fault(1, "not now", Trouble.OTHER))
        if name:
            self.disabled[name[1]] = word == "DISABLE"
        elif part and word == "INSERT":
            self.kept[part[1]] = re.findall("N'([^']*)'", sql)[2]
        elif part and word == "DELETE":
            del self.kept[part[1]]


ROWS = ServerTable(Name("dbo", "Rows"), (ServerColumn("ID", ServerType("int")),))
LONG = "t" * 100


def cared(server: Guarded) -> Aftercare:
    return Aftercare(cast(Session, server), Options())


def test_triggers_rest_while_rows_come_and_are_enabled_again_by_whatever_run_ends_the_load() -> None:
    server = Guarded("first", LONG + "a", LONG + "b")
    assert cared(server).prepare([ROWS]) == []
    assert all(server.disabled.values())
    cared(server).prepare([ROWS])  # a second run, the first was stopped
    assert all(len(part) <= 64 for part in server.kept)
    cared(server).finish([ROWS], [])
    assert server.disabled == {"first": False, LONG + "a": False, LONG + "b": False}
    assert server.kept == {}


def test_a_trigger_that_somebody_else_disabled_stays_so() -> None:
    server = Guarded("theirs", "other")
    server.disabled["theirs"] = True
    cared(server).prepare([ROWS])
    cared(server).finish([ROWS], [])
    assert server.disabled == {"theirs": True, "other": False}


def test_a_trigger_that_cannot_be_enabled_is_told_and_tried_again() -> None:
    server = Guarded("first")
    cared(server).prepare([ROWS])
    server.obeys = False
    told = [m for m in cared(server).finish([ROWS], []) if m.number == 5305]
    assert "the trigger first" in told[0].text
    server.obeys = True
    assert cared(server).finish([ROWS], []) == []
    assert server.disabled == {"first": False}


def test_a_trigger_that_went_with_its_table_is_forgotten() -> None:
    server = Guarded("first")
    cared(server).prepare([ROWS])
    server.disabled.clear()
    assert cared(server).finish([ROWS], []) == []
    assert server.kept == {}
