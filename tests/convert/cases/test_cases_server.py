"""On a server the translation of each case gives what Access gives, or it is explained which side is wrong, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.convert.cases.listed import Case
from tests.convert.cases.served import Served, build
from tests.convert.cases.tables import TABLES
from tests.convert.cases.test_cases import ALL
from tests.convert.interpreter.rows import Data
from wizard.convert.interpreter import ErrorValue
from wizard.migrate.query_comparison import compared
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]
DATABASE = "jf_cases"
RAN = [c for found in ALL.values() for c in found if c.rows is not None]
OTHERWISE = {
    r"IsNumeric\(u\)": "told (3532): &H and &O are not read in text that is known only when run",
    r"Val\((Nz\()?u\b": "told (3532): the same",
    r"SELECT D?First\([^)]*\) AS \w+, D?Last\(|, First\(LastName\) AS a FROM": "told: least and greatest are given",
    r"Nz\(n\) AS a": "told (3532): without a second argument 0, where a query in Access shows empty text",
    r"Int\(d\) AS [vf]|e-d\)? AS|\(e-d\)\*24|Max\(d\)-Min": "Access takes a date's number; its fraction counts from 0",
    r"INT\(#1899-12-29|#0100-01-01#": "told (4009) of days before day zero; a year of four digits in text",
    r"Min\(t\) AS b FROM Words$": "told (3532): Access gives the least of what stands behind the last empty text",
    r"SELECT ID, p/3 AS r": "told (3532): a quotient of Decimals has fewer decimals",
    r"SELECT Min\(t\) AS a, Max\(t\) AS b, First": "told: First is the least",
    r'"OrderDate<" & CDbl': "Access rounds the number to 15 digits as it writes it into the criteria",
    r"CInt\(\[Forms\]!\[f\]!\[chk\]\)": "the text True is no number",
}  # fmt: skip
"""the translation is otherwise: parts of statements, and why"""
STAND_IN = {
    r"STRING_ESCAPE": "XML VALUE and ordered aggregates are not there",
    r"WITH TIES|PERCENT": "TOP knows neither ties nor percents",
    r"CONVERT\(money, .*\), 1\)": "money of 0 and its cents are `$.00`",
    r"DATEDIFF\(quarter": "quarters are counted as spans of three months",
    r"E[+-]0|e\+0": "no scientific pictures",
    r"FORMAT\(.*N'G(15|7)'": "one digit less, or a blank before it",
    r"varbinary\(\d\)": "no binary to hexadecimal text",
    r"\(0\.1E0 \+ 0\.2E0\)|3 \* 0\.1E0": "floating constants are calculated as decimals",
    r"DATEADD\(day, 45000, .*, 101\)": "CONVERT with a style gives ISO",
    r"THEN 0\.0E0 ELSE": "a float and money in one CASE are money, then an integer",
    r"@\w+ LIKE|ISNULL\(CASE WHEN CONVERT\(date": "LIKE takes no parameter and no such text",
    r"DATETIME2FROMPARTS\(100,": "no year 100",
    r"LIKE N'\[abz\]%\[\^a\]'": "a letter with an accent is not in a list of all but others",
    r"nvarchar\(\d+\), .*, (101|103|112)\)": "CONVERT with a style gives ISO",
    r"SIGN\(\[Numbers\]\.\[c\]\)": "SIGN of money that is NULL is 0",
    r"\bCHAR\(\[Numbers\]": "CHAR of a number beyond 255 is a character, and of 0 an error",
    r"ASCII\(": "of empty text it is 0",
    r"FORMAT\(.*N'0,0": "no groups of digits in a picture",
    r"DATETIME2FROMPARTS\(CASE WHEN \[Numbers\]\.\[y\]": "no year 200",
    r"N'stra(ß|ss)e'|N'æ'": "ß and ss, æ and ae are told apart",
    r"N'co-op'.*N'coop'": "a hyphen comes before letters",
    r"N'a ' LIKE N'a'|N'ß' LIKE N'ss'": "LIKE takes letters one by one and passes over blanks at the end",
}  # fmt: skip
"""what Babelfish cannot do, or does otherwise than Microsoft's pages say: parts of T-SQL, and what"""


@pytest.fixture(scope="module")
def served(server: str) -> Iterator[Served]:
    connection, password = connection_string.settings(server)
    with ServerSession.open(replace(connection, database="master"), password) as master:
        if not master.value(f"SELECT 1 FROM sys.databases WHERE name = '{DATABASE}'"):
            master.execute(f"CREATE DATABASE {DATABASE}")
    with ServerSession.open(replace(connection, database=DATABASE), password) as session:
        yield build(session, RAN)


def expected(case: Case, served: Served) -> list[tuple[Any, ...]]:
    """The listed rows, in Access's types: the interpreter has been held to the list. #Error is NULL on a server."""
    if case.read:
        return [tuple(map(_moment, row)) for row in case.rows or ()]
    moment = served.session.value("SELECT CONVERT(datetime2(0), GETDATE())")
    interpreter = Data(*TABLES, queries=case.queries).interpreter(**case.given)
    rows = replace(interpreter, now=moment if isinstance(moment, datetime) else datetime.now()).sql(case.sql).rows
    return [tuple(None if isinstance(v, ErrorValue) else v for v in row) for row in rows]


def _moment(value: Any) -> Any:
    written = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?", value)
    return datetime.fromisoformat(value) if written else value


def difference(served: Served, number: int, case: Case) -> str:
    """How the server's rows differ; empty where they are the same."""
    module = served.modules.get(f"{number} {case.name}")
    if module is None:
        return "there is no statement"
    if why := served.refused.get(module.name.name):
        return f"the server refuses it: {why}"
    try:
        columns, rows = served.rows(module, case)
    except ServerError as e:
        return f"the server fails: {e}"
    wanted = expected(case, served)
    if wanted and len(wanted[0]) != len(columns):
        return f"{len(wanted[0])} columns are {len(columns)}"
    return compared(wanted, rows, columns).detail if not compared(wanted, rows, columns).same else ""


def explained(served: Served, number: int, case: Case) -> bool:
    read = (served.modules.get(name) for name in (f"{number} {case.name}", *case.queries))
    sql = re.sub(r"\s+", " ", " ".join(m.sql for m in read if m))
    return any(re.search(part, case.sql) for part in OTHERWISE) or (
        served.stand_in and any(re.search(part, sql) for part in STAND_IN)
    )


@pytest.mark.parametrize("source", sorted({c.name.split(":")[0] for c in RAN}))
def test_the_translation_gives_what_access_gives(source: str, served: Served) -> None:
    own = [(n, c) for n, c in enumerate(RAN) if c.name.startswith(f"{source}:")]
    found = [(c, told) for n, c in own if (told := difference(served, n, c)) and not explained(served, n, c)]
    assert not found, "\n".join(f"{c.name} {c.sql}\n    {told}" for c, told in found)
