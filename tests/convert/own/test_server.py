"""What VBA functions became gives on a server what VBA gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.convert.loading import cleared, constant
from tests.convert.own.cases import CASES, COLUMNS, ERROR, SOURCE, converted, database, row
from wizard.convert import script
from wizard.migrate.query_comparison import ERROR as NO_VALUE
from wizard.migrate.query_comparison import compared
from wizard.objects import ObjectKind, ServerModule
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def served(server: str) -> Iterator[tuple[ServerSession, dict[str, ServerModule], dict[str, str]]]:
    """The table and all modules, in a database of their own; what the server refused, by name."""
    connection, password = connection_string.settings(server)
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value("SELECT 1 FROM sys.databases WHERE name = 'jf_own'"):
            master.execute("CREATE DATABASE jf_own")
    conversion = converted(database(SOURCE, {call: f"SELECT {call} AS v FROM T" for call, _, _ in CASES}), "o")
    refused: dict[str, str] = {}
    with ServerSession.open(replace(connection, database="jf_own"), password) as session:
        cleared(session, "o")
        for statement in script.statements(conversion):
            if statement.kind is ObjectKind.DESCRIPTION:
                continue
            try:
                session.execute(statement.sql)
            except ServerError as e:
                refused[str(statement.name)] = str(e.fault)
        yield session, {m.source.table: m for m in conversion.modules if m.source}, refused


def test_the_server_takes_every_function(served: Any) -> None:
    assert not served[2]


@pytest.mark.parametrize("call", dict.fromkeys(call for call, _, _ in CASES))
def test_the_function_gives_what_vba_gives(call: str, served: Any) -> None:
    session, modules, refused = served
    module = modules[call]
    assert str(module.name) not in refused
    cases = [(values, expected) for name, values, expected in CASES if name == call]
    rows = [constants(values) for values, _ in cases]
    session.execute("DELETE FROM [o].[T]")
    session.execute(f"INSERT INTO [o].[T] ({', '.join(COLUMNS)}) VALUES {', '.join(rows)}")
    columns, found = session.first(f"SELECT * FROM {module.name}", len(cases) + 1)
    outcome = compared([(NO_VALUE if expected == ERROR else expected,) for _, expected in cases], found, columns)
    assert outcome.same, outcome.detail
    assert sum(value is None for (value,) in found) == sum(expected in (ERROR, None) for _, expected in cases)


def constants(values: Mapping[str, Any]) -> str:
    return f"({', '.join(map(constant, row(values)))})"
