"""Values beside ANY and ALL of a sub-query: both of one type, as with IN."""

from __future__ import annotations

import pytest

from tests.convert.making import KEY, table
from wizard.convert import convert
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind
from wizard.settings import Options, Target

COLUMNS = (
    Column("n", ColumnType.LONG), Column("x", ColumnType.DOUBLE), Column("d", ColumnType.DATE),
    Column("b", ColumnType.BOOLEAN), Column("g", ColumnType.GUID), Column("z", ColumnType.BINARY, length=20),
)  # fmt: skip


def made(where: str) -> tuple[str, set[int]]:
    query = Query("q", QueryKind.SELECT, f"SELECT ID FROM T WHERE {where}")
    source = Database("t.accdb", "Access 2010", tables=(table("T", *COLUMNS, indexes=(KEY,)),), queries=(query,))
    found = convert(source, source="a", schema="dbo", options=Options(), target=Target(linked=False))
    sql = " ".join(found.modules[0].sql.split()).partition("WHERE ")[2] if found.modules else ""
    return sql, {m.number for m in found.messages}


@pytest.mark.parametrize("pair", ["gn", "ng", "gd", "dg", "gb", "xz", "zd"])
def test_what_cannot_meet_is_refused(pair: str) -> None:
    """SQL Server says 206."""
    one, other = pair
    assert 3536 in made(f"[{one}] = ALL (SELECT [{other}] FROM T)")[1]


@pytest.mark.parametrize(
    ("where", "written"),
    [
        ("n < ANY (SELECT n FROM T)", "[T].[n] < ANY ("),
        ("n < ANY (SELECT d FROM T)", "CASE WHEN [T].[n] >= -657434 AND [T].[n] < 2958466 THEN DATEADD(day, [T].[n], "),
        ("n < ANY (SELECT b FROM T)", "(-1 * [T].[n]) > ANY ("),
        ("n = ANY (SELECT b FROM T)", "(-1 * [T].[n]) = ANY ("),
        ("b <= ALL (SELECT b FROM T)", "[T].[b] >= ALL ("),
        ("b <= ALL (SELECT n FROM T)", "(-1 * [T].[b]) <= ALL ("),
    ],
)
def test_both_are_of_one_type(where: str, written: str) -> None:
    """Number beside datetime2 is error 206, and True is the least for Access, as a bit the greatest."""
    assert made(where)[0].startswith(written)
