"""A server gives, for the translation of a statement, the rows that the interpreter gives for the statement itself.

`statements.sql` has a statement a line, over the tables of `../shared/cases/tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.convert.interpreter.rows import Data
from tests.convert.interpreter.test_cases import load_tables
from tests.convert.loading import cleared
from wizard.convert import convert, script
from wizard.convert.interpreter import ErrorValue
from wizard.convert.queries import found_headings, heading_sources
from wizard.definitions import Database, Query, QueryKind
from wizard.migrate.query_comparison import ERROR, compared
from wizard.objects import Conversion, ObjectKind, ServerModule
from wizard.settings import Options, Target, TargetKind
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError

pytestmark = [pytest.mark.server, pytest.mark.corpus, pytest.mark.timeout(600)]
SCHEMA = "agreement"
"""no name that a statement has for anything else"""
STATEMENTS = Path(__file__).with_name("statements.sql").read_text(encoding="utf-8").splitlines()
OTHERWISE = {
    "c+0.00005": "money is rounded half away from zero, Access's Currency to even",
    "d-d2 AS f, d2-0.25": "Access calculates with the number of a moment, whose fraction counts away from 1899-12-30",
    "Int(d) AS e, d*1": "the same",
    "Nz(n) AS a, Nz(t)": "Nz without a second argument is empty text in Access, and 0 in the translation of a number",
    "DateDiff('s',d,d2)": "beyond 68 years in seconds DATEDIFF is an error of the query, Access's one of the cell",
    "100000*100000": "int times int overflows on a server, Access goes on with a Double",
}
"""parts of statements whose translation gives other rows, and why"""
STAND_IN = (
    "StrConv(t,3)", "Hex(", "'Scientific'", "TOP 50 PERCENT", "Format(n,'#,##0') AS a, Format(x,'0.00')", "s=0.1",
)  # fmt: skip
"""what Babelfish cannot do: XML values, binary to hexadecimal text, E+00, percents; its money of 0 is `$.00`, and it
compares a real with a float as reals, where SQL Server compares floats, as Access does"""


@pytest.fixture(scope="module")
def served(server: str) -> Iterator[tuple[ServerSession, Data, dict[str, ServerModule]]]:
    """The tables with their rows, and a module for each statement, in a database of their own."""
    tables = load_tables()
    connection, password = connection_string.settings(server)
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value("SELECT 1 FROM sys.databases WHERE name = 'jf_agreement'"):
            master.execute("CREATE DATABASE jf_agreement")
    data = Data(*tables.TABLES.values(), queries={f"s{n}": sql for n, sql in enumerate(STATEMENTS)})
    with ServerSession.open(replace(connection, database="jf_agreement"), password) as session:
        cleared(session, SCHEMA)
        tables.setup(session, SCHEMA)
        modules = {m.source.table: m for m in _converted(data).modules if m.source}
        for module in script.in_order(tuple(modules.values())):
            try:
                session.execute(module.sql.replace(" WITH TIES", "") if _babelfish(session) else module.sql)
            except ServerError:
                continue  # its test says so
        yield session, data, modules


def _babelfish(session: ServerSession) -> bool:
    return "Babelfish" in str(session.value("SELECT @@VERSION"))


def _converted(data: Data) -> Conversion:
    queries = tuple(
        Query(q.name, QueryKind.CROSSTAB if q.sql.startswith("TRANSFORM") else q.kind, q.sql)
        for q in data.database.queries
    )
    database: Database = replace(data.database, queries=queries)
    headings = {s.query: found_headings(s, data.read) for s in heading_sources(database)}
    return convert(
        database, source="s", schema=SCHEMA, options=Options(warn_renamed=False),
        target=Target(TargetKind.SQL_SERVER, linked=False), headings={k: h for k, h in headings.items() if h},
    )  # fmt: skip


@pytest.mark.parametrize("number", range(len(STATEMENTS)), ids=lambda n: STATEMENTS[n][:90])
def test_both_give_the_same_rows(number: int, served: Any) -> None:
    session, data, modules = served
    statement = STATEMENTS[number]
    if any(part in statement for part in STAND_IN) and _babelfish(session):
        pytest.skip("the stand-in cannot do it")
    if why := next((why for part, why in OTHERWISE.items() if part in statement), ""):
        pytest.xfail(why)
    module = modules[f"s{number}"]
    assert module.kind is not ObjectKind.PROCEDURE
    moment = session.value("SELECT CONVERT(datetime2(0), GETDATE())")
    found = replace(data.interpreter(), now=moment if isinstance(moment, datetime) else datetime.now()).sql(statement)
    columns, rows = session.first(f"SELECT * FROM {module.name}", 10_000)
    assert len(columns) == len(found.columns)
    ours = [tuple(ERROR if isinstance(v, ErrorValue) else v for v in row) for row in found.rows]
    outcome = compared(ours, rows, columns)
    assert outcome.same, outcome.detail
