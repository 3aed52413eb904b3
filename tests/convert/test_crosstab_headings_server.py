"""What pivots are computed to be here is what the server makes of their translation, over the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.convert.loading import cleared, constant
from tests.convert.saved import saved
from tests.convert.test_crosstab_headings import DATA, PIVOTS, QUERIES, SOURCES, found
from wizard.convert import script
from wizard.convert.queries.crosstabs import shown_heading
from wizard.objects import ObjectKind, ServerTable, quote
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession

pytestmark = pytest.mark.server

BEYOND = ('DatePart("w", Placed)', 'Format(Placed, "ww")')
"""the stand-in counts no days from the year 1 with a NULL among the dates"""
CASES = [case for case in (*((pivot, "Orders") for pivot in PIVOTS), *SOURCES) if case[0] not in BEYOND]


@pytest.fixture(scope="module")
def session(server: str) -> Iterator[ServerSession]:
    """A server with the rows of DATA in the tables of `saved`, and QUERIES as views."""
    connection, password = connection_string.settings(server)
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value("SELECT 1 FROM sys.databases WHERE name = 'jf_headings'"):
            master.execute("CREATE DATABASE jf_headings")
    queries = {f"h{n}": f"SELECT {pivot} AS h FROM {source}" for n, (pivot, source) in enumerate(CASES)}
    conversion = saved({**QUERIES, **queries})
    with ServerSession.open(replace(connection, database="jf_headings"), password) as opened:
        cleared(opened, "dbo")
        for made in script.statements(conversion):
            if made.kind in (ObjectKind.TABLE, ObjectKind.PRIMARY_KEY):
                opened.execute(made.sql)
        for table in conversion.tables:
            for sql in _inserts(table):
                opened.execute(sql)
        left_out: list[str] = []
        for module in script.in_order(conversion.modules):
            unknown = ("WITH TIES", *left_out)  # which the stand-in does not know, and what stands on it
            if module.kind is ObjectKind.VIEW and not any(words in module.sql for words in unknown):
                opened.execute(module.sql)
            else:
                left_out.append(str(module.name))
        yield opened


def _inserts(table: ServerTable) -> Iterator[str]:
    for row in DATA.get(table.source.table if table.source else "", []):
        given = [c for c in row if not (table.name.name == "Orders" and c == "ID")]  # which counts by itself
        names, values = ", ".join(map(quote, given)), ", ".join(constant(row[c]) for c in given)
        extra = (", [Tags]", f", {row['ID']}") if table.name.name == "Orders" else ("", "")
        yield f"INSERT INTO {table.name} ({names}{extra[0]}) VALUES ({values}{extra[1]})"


def _shown(value: Any) -> str:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return shown_heading(value or None if isinstance(value, str) else value).casefold()


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{p} | {s}" for p, s in CASES])
def test_the_server_finds_the_same_headings(number: int, session: ServerSession) -> None:
    headings = found(*CASES[number])
    assert headings
    if session.value(f"SELECT OBJECT_ID(N'[dbo].[h{number}]', N'V')") is None:
        pytest.skip("the server cannot make the view: the stand-in knows no TOP … WITH TIES")
    rows = session.query(f"SELECT DISTINCT [h] FROM [dbo].[h{number}]")
    assert {_shown(value) for (value,) in rows} == {_shown(value) for value in headings.values}
