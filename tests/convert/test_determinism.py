"""Which expressions SQL Server takes for deterministic: an indexed computed column is persisted only where it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from tests.convert.determinism import undetermined
from tests.convert.making import KEY, converted, index, numbers, one, table
from wizard.convert import rules
from wizard.convert.draft import GivenTable, given_draft
from wizard.convert.functions import FUNCTIONS
from wizard.convert.tree import SqlNode
from wizard.definitions import Column, ColumnType
from wizard.objects import Name, ServerColumn, ServerTable, ServerType

SERVER = {"d": ServerType("datetime2", scale=0), "t": ServerType("nvarchar", 20), "n": ServerType("int")}
SOURCE = table("T", Column("d", ColumnType.DATE), Column("t", ColumnType.TEXT, 20), Column("n", ColumnType.LONG))
ARGUMENTS = {"d": "[d]", "t": "[t]", "n": "[n]", "i": "[n]", "b": "[n]", "*": "[d]"}


def formulas() -> Iterator[str]:
    """Every function's samples, and calls of it over columns: of the types that it takes, and of each for all."""
    for function in {id(f): f for f in FUNCTIONS.values()}.values():
        yield from (s.expression for s in function.samples)
        count = max(1, function.least)
        kinds = [ARGUMENTS[function.kind(n, count)] for n in range(count)]
        yield from (f"{function.name}({', '.join(given)})" for given in (kinds, ["[d]"] * count, ["[t]"] * count))
    for picture in ("General Date", "Long Date", "hh:nn", "yyyy-mm-dd", "mm/dd/yyyy", "ww", "dddd", "#,##0.00", "@@"):
        yield from (f'Format({c}, "{picture}")' for c in ("[d]", "[n]", "[t]"))
    for a, b in product(("[d]", "[t]", "[n]", "#1/2/2024#"), repeat=2):
        yield from (f"{a} {sign} {b}" for sign in ("+", "-", "&", "="))


def calculated(formula: str, kind: ColumnType) -> SqlNode | None:
    """The expression of a calculated column of that type, where there is one."""
    column = Column("c", kind, calculated=formula, length=255 if kind is ColumnType.TEXT else 0)
    server = ServerTable(Name("dbo", "T"), tuple(ServerColumn(n, t, source=n) for n, t in SERVER.items()))
    draft = given_draft("T", GivenTable(SOURCE, server))
    return rules.calculated_value(draft, column, ServerColumn("c", MADE[kind]), [])


MADE = {
    ColumnType.TEXT: ServerType("nvarchar", 255),
    ColumnType.DATE: ServerType("datetime2", scale=0),
    ColumnType.DOUBLE: ServerType("float"),
}


@pytest.mark.parametrize(
    "expression",
    [
        "DATEDIFF(day, '18991230', [d])",
        "CASE WHEN CONVERT(time(0), [d]) = '00:00:00' THEN 1 END",
        "FORMAT([n], N'0')",
        "CONVERT(datetime2(0), [t])",
        "CONVERT(nvarchar(30), [d])",
        "CONVERT(nvarchar(30), [d], 100)",
        "CONVERT(nvarchar(max), DATEADD(day, YEAR([d]), [d]))",
        "GETDATE()",
    ],
)
def test_the_reader_of_texts_finds_what_there_is(expression: str) -> None:
    assert undetermined(expression, SERVER)
    assert not undetermined(
        "CONVERT(nvarchar(8), DATEADD(day, [n], CONVERT(datetime2(0), '18991230', 112)), 112)", SERVER
    )


def test_what_a_session_changes_is_known_from_the_moment_it_is_made() -> None:
    """Of no function and no operator does a reader of the finished text find what the nodes do not say."""
    steady = {
        str(made): (formula, kind.value)
        for formula in dict.fromkeys(formulas())
        for kind in MADE
        if (made := calculated(formula, kind)) and not made.facts.volatility
    }
    assert len(steady) > 500
    assert [(found, sql) for sql, found in steady.items() if undetermined(sql, SERVER)] == []


@pytest.mark.parametrize(("formula", "stored"), [("Year([d])", True), ("[d] - [n]", True), ("CDbl([d])", False)])
def test_an_indexed_calculated_column_is_persisted_or_kept_as_it_was(formula: str, stored: bool) -> None:
    """Message 4936 and 2729 of the server: the text of a date in DATEDIFF was persisted, and refused."""
    kind = ColumnType.DATE if "-" in formula else ColumnType.DOUBLE
    source = table(
        "T", Column("d", ColumnType.DATE), Column("n", ColumnType.LONG), Column("c", kind, calculated=formula),
        indexes=(KEY, index("c", "c")),
    )  # fmt: skip
    conversion = converted(source)
    made = one(conversion).column("c")
    assert made is not None
    assert (made.persisted, bool(made.computed)) == (stored, stored)
    assert (2082 in numbers(conversion)) is not stored
