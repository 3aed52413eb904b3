"""Servers that cannot do everything, or keep names their own way; the rest is held against a real one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast

import pytest

from tests.sqlserver.doubles import AnswersTogether
from wizard.messages import Severity
from wizard.objects import CheckConstraint, Name, ObjectKind, ServerColumn, ServerTable, ServerType, Statement
from wizard.settings import Constraints, Options
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.constraints import LoadConstraints
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError


class Lacking(AnswersTogether):
    """A server of some tables that knows no statistics."""

    server = "here"

    def __init__(self, tables: list[Name]) -> None:
        self.tables = tables

    def sets(self, sql: str) -> list[list[tuple[Any, ...]]]:
        return [[("table", t.schema, t.name, t.name, 0) for t in self.tables], [], []]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return []

    def run(self, sql: str) -> list[tuple[Any, ...]] | None:
        if sql.startswith("SELECT"):
            return self.query(sql)
        self.execute(sql)
        return None

    def execute(self, sql: str) -> None:
        if sql.startswith("UPDATE STATISTICS"):
            raise ServerError(DriverError(33557097, "there are no statistics here", ErrorKind.OTHER))


def test_what_a_server_cannot_do_is_told_once_for_all_tables() -> None:
    names = [Name("dbo", f"T{n}") for n in range(50)]
    tables = [ServerTable(n, (ServerColumn("ID", ServerType("int")),)) for n in names]
    session = cast(ServerSession, Lacking(names))
    messages = LoadConstraints(session, Options()).finish(tables, [])
    assert [m.number for m in messages] == [5104]
    assert "update statistics of 50 tables, [dbo].[T0] first (there are no statistics here" in messages[0].text


class Numbering(Lacking):
    """A server that keeps names in lower case, with counters that stand still."""

    def __init__(self, tables: list[Name]) -> None:
        super().__init__([Name(t.schema, t.name.lower()) for t in tables])
        self.done: list[str] = []

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return [(70, 1)] if "IDENT_CURRENT" in sql else super().query(sql)

    def execute(self, sql: str) -> None:
        self.done.append(sql)


@pytest.mark.parametrize(
    ("name", "text"), [("Order's", "'[dbo].[Order''s]'"), ("Größe", "N'[dbo].[Größe]'")], ids=["plain", "unicode"]
)
def test_a_table_is_cared_for_whatever_the_case_its_server_keeps_its_name_in(name: str, text: str) -> None:
    table = ServerTable(Name("dbo", name), (ServerColumn("ID", ServerType("int"), identity=True),))
    server = Numbering([table.name])
    messages = LoadConstraints(cast(ServerSession, server), Options()).finish([table], [])
    assert f"DBCC CHECKIDENT ({text}, RESEED, 70)" in server.done
    assert [m.number for m in messages] == [5304]


def test_of_two_tables_that_differ_in_case_each_is_itself() -> None:
    names = [Name("dbo", "Rows"), Name("dbo", "ROWS")]
    tables = [ServerTable(n, (ServerColumn("ID", ServerType("int")),)) for n in names]
    server = Numbering([])
    server.tables = names[:1]
    LoadConstraints(cast(ServerSession, server), Options()).finish(tables, [])
    assert [s for s in server.done if s.startswith("UPDATE STATISTICS")] == ["UPDATE STATISTICS [dbo].[Rows]"]


class Guarded(Lacking):
    """A server whose table has triggers, indexes and checks; it enables and disables them, and has a journal."""

    def __init__(self, **parts: str) -> None:
        super().__init__([ROWS.name, Name("dbo", "jetferry_journal")])
        self.parts = {name: [kind, 0] for name, kind in parts.items()}
        self.kept: dict[str, str] = {}
        self.marked = True
        self.broken: set[str] = set()
        self.busy = 0

    @property
    def off(self) -> set[str]:
        return {name for name, (_, state) in self.parts.items() if state == 2}

    def sets(self, sql: str) -> list[list[tuple[Any, ...]]]:
        parts = [(kind, "dbo", "Rows", name, state) for name, (kind, state) in self.parts.items()]
        return [*super().sets(sql), parts]

    def value(self, sql: str) -> int:
        return 1

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        if sql.startswith("SELECT table_name, part, source"):
            return [("Rows", part, name) for part, name in self.kept.items()]
        if "part = N''" in sql:
            return [(0, 0, 0, 0, "one", "me")] if self.marked else []
        return []

    def execute(self, sql: str) -> None:
        part = re.search("N'(off [^']*)'", sql)
        if part and sql.startswith("INSERT"):
            self.kept |= dict(re.findall("N'(off [^']*)', [^N]*N'([^']*)'", sql))
        elif part:
            del self.kept[part[1]]
        name = next((n for n in self.parts if f"[{n}]" in sql), None)
        if name is None:
            return
        if name in self.broken:
            raise ServerError(DriverError(547, "not now", ErrorKind.DATA))
        if self.busy:
            self.busy -= 1
            raise ServerError(DriverError(1205, "deadlock", ErrorKind.DEADLOCK))
        self.parts[name][1] = 2 if "DISABLE" in sql or " NOCHECK CONSTRAINT" in sql else int("WITH NOCHECK" in sql)


ROWS = ServerTable(Name("dbo", "Rows"), (ServerColumn("ID", ServerType("int")),))
LONG = "t" * 100
DISABLE = Options(constraints=Constraints.DISABLE)


def cared(server: Guarded, options: Options = DISABLE) -> LoadConstraints:
    return LoadConstraints(cast(ServerSession, server), options)


def guarded() -> Guarded:
    return Guarded(
        **{"first": "trigger", LONG + "a": "trigger", LONG + "b": "trigger", "ix": "index", "ck": "constraint"}
    )


def test_what_hinders_rests_while_rows_come_and_is_enabled_again_by_whatever_run_ends_the_load() -> None:
    server = guarded()
    assert cared(server).prepare([ROWS]) == []
    assert server.off == set(server.parts)
    cared(server).prepare([ROWS])  # a second run, the first was stopped
    assert all(len(part) <= 64 for part in server.kept)
    cared(server).finish([ROWS], [])
    assert server.off == set()
    assert server.kept == {}


def test_what_somebody_else_disabled_stays_so() -> None:
    server = Guarded(
        theirs="trigger", other="trigger", ix_theirs="index", ix="index", ck_theirs="constraint", ck="constraint"
    )
    theirs = {n for n in server.parts if "theirs" in n}
    for name in theirs:
        server.parts[name][1] = 2
    cared(server).prepare([ROWS])
    assert server.off == set(server.parts)
    assert cared(server).finish([ROWS], []) == []
    assert server.off == theirs


def test_a_check_of_ours_that_somebody_disabled_is_told() -> None:
    server = Guarded(ck_theirs="constraint", ck="constraint")
    for part in server.parts.values():
        part[1] = 2
    table = replace(ROWS, checks=(CheckConstraint("CK", "[ID] > 0"),))
    told = cared(server).finish([table], [])
    assert [(m.number, "disabled ck on" in m.text) for m in told] == [(5310, True)]
    assert server.off == {"ck_theirs", "ck"}


def test_constraints_that_are_kept_rest_not_and_triggers_only_where_they_are_not_to_fire() -> None:
    server = guarded()
    cared(server, Options(constraints=Constraints.KEEP)).prepare([ROWS])
    assert {server.parts[n][0] for n in server.off} == {"trigger"}
    server = guarded()
    cared(server, Options(constraints=Constraints.DISABLE, fire_triggers=True)).prepare([ROWS])
    assert server.off == {"ix", "ck"}


def test_what_cannot_be_enabled_is_told_and_tried_again() -> None:
    server = Guarded(first="trigger", ix="index")
    cared(server).prepare([ROWS])
    server.broken = {"first", "ix"}
    index, trigger = [m for m in cared(server).finish([ROWS], []) if m.number == 5305]
    assert "the index ix" in index.text
    assert "the trigger first" in trigger.text
    assert [str(m.place) for m in (index, trigger)] == ["[dbo].[Rows].ix", "[dbo].[Rows].first"], "two losses by name"
    server.broken = set()
    assert cared(server).finish([ROWS], []) == []
    assert server.off == set()


def test_what_cannot_be_disabled_is_not_taken_for_disabled() -> None:
    server = Guarded(first="trigger")
    server.broken = {"first"}
    assert [m.number for m in cared(server).prepare([ROWS])] == [5104]
    assert server.kept == {}


def test_what_went_with_its_table_is_forgotten() -> None:
    server = guarded()
    cared(server).prepare([ROWS])
    server.parts.clear()
    assert cared(server).finish([ROWS], []) == []
    assert server.kept == {}


def test_a_table_without_all_its_rows_has_its_triggers_back_and_what_stays_off_is_told() -> None:
    server = guarded()
    cared(server).prepare([ROWS])
    (message,) = cared(server).finish([], [], [ROWS])
    assert (message.number, server.off) == (5308, {"ix", "ck"})
    assert "constraint ck, index ix" in message.text
    cared(server).finish([ROWS], [])
    assert server.off == set()


def test_a_table_that_jetferry_did_not_fill_has_all_back() -> None:
    server = guarded()
    cared(server).prepare([ROWS])
    server.marked = False
    assert cared(server).finish([], [], [ROWS]) == []
    assert server.off == set()
    assert server.kept == {}


def test_a_deadlock_while_constraints_are_checked_says_nothing_of_the_rows() -> None:
    server = Guarded(ck="constraint")
    cared(server).prepare([ROWS])
    server.busy = 1
    with pytest.raises(ServerError, match="deadlock"):
        cared(server).finish([ROWS], [])
    assert cared(server).finish([ROWS], []) == []
    assert server.parts["ck"][1] == 0


def test_a_constraint_that_rows_break_is_told_and_enabled_for_those_to_come() -> None:
    class Breaking(Guarded):
        def execute(self, sql: str) -> None:
            if "WITH CHECK CHECK" in sql:
                raise ServerError(DriverError(547, "a row is wrong", ErrorKind.DATA))
            super().execute(sql)

    server = Breaking(ck="constraint")
    cared(server).prepare([ROWS])
    assert [(m.number, str(m.place)) for m in cared(server).finish([ROWS], [])] == [(5301, "[dbo].[Rows].ck")]
    assert server.parts["ck"][1] == 1
    assert server.kept == {}


def test_a_description_that_cannot_be_written_is_no_loss_and_an_index_is() -> None:
    waits = [
        Statement(ObjectKind.INDEX, ROWS.name, "CREATE INDEX [refused] ON [dbo].[Rows] ([ID])", "refused"),
        Statement(ObjectKind.DESCRIPTION, ROWS.name, "EXEC sys.sp_addextendedproperty N'[refused]'", "ID"),
    ]
    server = Guarded(refused="other")
    server.broken = {"refused"}
    found = cared(server).finish([ROWS], waits)
    told = [(m.number, m.severity, m.place.part) for m in found if m.number != 5104]
    assert told == [(5305, Severity.ERROR, "refused"), (5309, Severity.WARNING, "")]
