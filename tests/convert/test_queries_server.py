"""Converted queries give on a server the rows that an independent engine gives for the Access queries."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED, load_oracle
from tests.convert.loading import build, cleared, converted, shown
from wizard.convert.queries import Queries
from wizard.objects import ObjectKind, ServerModule, quote
from wizard.settings import CrosstabOption, Options
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession

pytestmark = pytest.mark.server

MISTAKEN = {"Title Search": "the oracle's engine lets `?` after `#` stand for nothing, where Access wants a character"}
FILES = {"harborbooks.accdb": "sample", "pivot.mdb": "corpus", "parameters.accdb": "corpus"}


@dataclass
class Built:
    """A file's queries on the server, and what the server refused of them."""

    session: ServerSession
    schema: str
    queries: Queries
    refused: dict[str, str]

    def module(self, name: str) -> ServerModule:
        return next(m for m in self.queries.modules if m.name.name == name)

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """The rows of a view, or of a function with NULL for every parameter."""
        module = self.module(name)
        nulls = ", ".join(["NULL"] * module.sql.split("RETURNS")[0].count("@"))
        call = f"({nulls})" if module.kind is ObjectKind.FUNCTION else ""
        return self.session.query(f"SELECT * FROM {module.name}{call}")


@pytest.fixture(scope="module")
def session() -> Iterator[ServerSession]:
    string = os.environ.get("JETFERRY_TEST_SERVER", "")
    if not string or not SHARED.is_dir():
        pytest.skip("needs JETFERRY_TEST_SERVER, an ODBC-style connection string, and the databases of ../shared")
    connection, password = connection_string.settings(string)
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value("SELECT 1 FROM sys.databases WHERE name = 'jf_queries'"):
            master.execute("CREATE DATABASE jf_queries")
    with ServerSession.open(replace(connection, database="jf_queries"), password) as opened:
        yield opened


@pytest.fixture(scope="module", params=FILES)
def built(request: pytest.FixtureRequest, session: ServerSession) -> Built:
    path = SHARED / FILES[request.param] / request.param
    schema = "q_" + Path(request.param).stem
    cleared(session, schema)
    conversion, queries = converted(path, schema)
    return Built(session, schema, queries, build(session, path, conversion))


def test_the_server_takes_every_module(built: Built) -> None:
    assert not built.refused


def test_views_and_functions_give_the_rows_of_the_oracle(built: Built) -> None:
    name = next(n for n in FILES if built.schema == "q_" + Path(n).stem)
    oracle = load_oracle(SHARED / "expected-queries" / f"{name}.json")
    different = {}
    for query, expected in oracle.items():
        if query in MISTAKEN:
            continue
        made = sorted(([shown(v) for v in row] for row in built.rows(query)), key=repr)
        wanted = sorted(expected["rows"], key=repr)
        if made != wanted:
            different[query] = [pair for pair in zip(made, wanted, strict=False) if pair[0] != pair[1]][:3] or (
                len(made), len(wanted)
            )  # fmt: skip
    assert oracle
    assert not different


def test_every_view_can_be_selected_from(built: Built) -> None:
    for module in built.queries.modules:
        if module.kind is not ObjectKind.PROCEDURE:
            built.rows(module.name.name)


@pytest.fixture(scope="module")
def books(session: ServerSession) -> Built:
    """The sample with procedures for crosstabs without fixed headings."""
    path, schema = SHARED / "sample" / "harborbooks.accdb", "q_procedures"
    cleared(session, schema)
    options = Options(warn_renamed=False, crosstab_headings=CrosstabOption.PROCEDURE)
    conversion, queries = converted(path, schema, options)
    return Built(session, schema, queries, build(session, path, conversion))


def test_like_takes_wildcards_as_access_does(books: Built) -> None:
    titles = [t for (t,) in books.session.query(f"SELECT [Title] FROM {quote(books.schema)}.[Books]")]
    wanted = sorted(t for t in titles if "[left]" in t or re.fullmatch(r"Volume \d.", t))
    assert sorted(title for _, title in books.rows("Title Search")) == wanted


def test_a_crosstab_procedure_finds_its_headings(books: Built) -> None:
    rows = books.session.query(f"EXEC {books.module('Sales Crosstab').name}")
    quantities = books.session.query(
        "SELECT o.CustomerID, YEAR(o.[Order Date]), SUM(CONVERT(int, d.Quantity)) "
        f"FROM {quote(books.schema)}.Orders AS o "
        f"JOIN {quote(books.schema)}.[Order Details] AS d ON d.OrderID = o.OrderID "
        "GROUP BY o.CustomerID, YEAR(o.[Order Date])"
    )
    years = sorted({year for _, year, _ in quantities})
    cells = {(customer, year): total for customer, year, total in quantities}
    assert sorted(map(tuple, rows)) == sorted(
        (customer, *(cells.get((customer, year)) for year in years)) for customer in {c for c, _, _ in quantities}
    )


def test_action_queries_change_what_they_say(books: Built) -> None:
    session, schema = books.session, quote(books.schema)
    before = dict(session.query(f"SELECT [ISBN], [Price] FROM {schema}.[Books]"))
    session.execute(f"EXEC {schema}.[Raise Prices]")
    after = dict(session.query(f"SELECT [ISBN], [Price] FROM {schema}.[Books]"))
    formats = dict(session.query(f"SELECT [ISBN], [Format] FROM {schema}.[Books]"))
    assert before.keys() == after.keys()
    for isbn, price in before.items():
        raised = formats[isbn] == "Hardcover" and price is not None
        assert after[isbn] == (pytest.approx(price * Decimal("1.05"), abs=Decimal("0.0001")) if raised else price)
    session.execute(f"EXEC {schema}.[Delete Old Orders]")
    assert session.value(f"SELECT COUNT(*) FROM {schema}.[Orders] WHERE [Order Date] < '20000101'") == 0
    for _ in range(2):  # a table that is there already is made again
        session.execute(f"EXEC {schema}.[Make Price List]")
    assert dict(session.query(f"SELECT [ISBN], [Price] FROM {schema}.[Price List]")) == after
