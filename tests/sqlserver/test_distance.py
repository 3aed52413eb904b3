"""What a server far away costs: round trips, counted by a server that runs nothing, for each stage and table."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.migrate.fakes import Rows, column, job, numbers, server_table
from tests.migrate.runs import run, verify
from tests.sqlserver.doubles import Rows as Answer
from tests.sqlserver.doubles import Server
from wizard.convert import script
from wizard.objects import Conversion, ServerTable, TableRef
from wizard.settings import Options
from wizard.sqlserver import ServerSession, ServerSink, StatementStep, connection_test, introspection, run_statements
from wizard.sqlserver.table_sums import ServerTableSums

LOAD, MIGRATE, VERIFY = 6, 8, 3
"""round trips that a table may cost in a stage, one after the other"""
PROJECT = 30
"""and those that a stage may cost however many tables there are"""
ROWS = 100
OPTIONS = Options(parallel_tables=1)


def tables(count: int) -> list[ServerTable]:
    columns = (column("ID", "int", nullable=False, identity=True, description="the number"), column("Name", "nvarchar",
               40, default="N'none'"))  # fmt: skip
    return [server_table(f"T{n}", *columns, key="ID") for n in range(count)]


def answer(sql: str) -> Answer | int | None:
    """What a server of empty tables says."""
    if sql.startswith("SELECT 'table'"):
        return [("table", "dbo", f"T{n}", "", 0) for n in range(200)]
    if sql.startswith("SELECT t.name, c.name"):
        return [(f"T{n}", name) for n in range(200) for name in ("ID", "Name")]
    if "SET writer" in sql:
        return [("", 0, 0, 0, 0, "one", re.findall("N'([0-9a-f-]{36})'", sql)[0]), (None, 0, 0, 0, 0, "", "")]
    if "@moved" in sql:
        return [(sql.count("SET @moved += "),)]
    if "IDENT_CURRENT" in sql:
        return [(ROWS - 1, ROWS - 1)]
    if "COUNT_BIG" in sql:
        return [[ROWS] + [0] * sql.count("SUM(")]
    if sql.startswith("SELECT"):
        return [[0] * sql.count("SUM(")] if "SUM(" in sql else []
    return [(1,)] if "@@ROWCOUNT" in sql else None


def per_table(work: Callable[[Server, list[ServerTable]], object]) -> tuple[float, float]:
    """Round trips for each table more, and those that remain for none."""
    few, many = 20, 60
    counted = []
    for number in (few, many):
        server = Server(answer)
        work(server, tables(number))
        counted.append(server.trips)
    each = (counted[1] - counted[0]) / (many - few)
    return each, counted[0] - each * few


def test_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(server: Server, wanted: list[ServerTable]) -> None:
        connection = server.installed(monkeypatch)
        with connection_test.connected(connection, "") as session:
            connection_test.info(session)
        connection_test.ask_server(connection, "", lambda s: introspection.existing_objects(s, ["dbo"]))
        made = script.statements(Conversion(tuple(wanted)))
        assert len(made) == 4 * len(wanted)
        assert {r.action for r in run_statements(connection, "", [StatementStep(s) for s in made])} == {"created"}

    each, constant = per_table(load)
    assert each <= LOAD / 100
    assert constant <= PROJECT


def test_moving_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def move(server: Server, wanted: list[ServerTable]) -> None:
        connection = server.installed(monkeypatch)
        rows = Rows({t.name.name: numbers(ROWS) for t in wanted})
        later = [s for s in script.statements(Conversion(tuple(wanted))) if s.part.startswith("PK")]
        sink = ServerSink(connection, "", OPTIONS, later=lambda _: later)
        result = run([job(t, rows) for t in wanted], sink, tmp_path / str(len(wanted)), OPTIONS)
        sink.close()
        assert all(t.migrated == ROWS for t in result.tables), result

    each, constant = per_table(move)
    assert each <= MIGRATE / 2
    assert constant <= PROJECT


def test_verifying(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def compare(server: Server, wanted: list[ServerTable]) -> None:
        connection = server.installed(monkeypatch)
        rows = Rows({t.name.name: numbers(ROWS) for t in wanted})
        sink = ServerSink(connection, "", OPTIONS)
        folder = tmp_path / str(len(wanted))
        monkeypatch.setattr("wizard.sqlserver.table_sums._tried", lambda _: ("SELECT 1", lambda _: True))
        sides: Any = ServerTableSums(connection, "")
        monkeypatch.setattr("wizard.migrate.verification.differing_rows", lambda *_: [])
        assert len(verify([job(t, rows) for t in wanted], sides, sink, folder, OPTIONS)) == len(wanted)
        sink.close()

    each, constant = per_table(compare)
    assert each <= VERIFY / 10
    assert constant <= PROJECT


def test_the_budget_counts_every_way_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter itself: a connection, a statement, a transaction, a bulk copy."""
    server = Server(answer)
    connection = server.installed(monkeypatch)
    with ServerSession.open(connection, "") as session:
        opened = server.trips
        assert opened == 6
        session.execute("UPDATE t SET a = 1")
        with session.transaction():
            session.execute("UPDATE t SET a = 1")
        assert server.trips == opened + 3
    assert TableRef("src", "T0") == tables(1)[0].source
