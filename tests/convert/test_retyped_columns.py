"""Expressions over columns that rules made other types than those of Access."""

from __future__ import annotations

import pytest

from tests.convert.making import KEY, table
from wizard.convert import convert
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind
from wizard.objects import Conversion
from wizard.settings import Options, Target, TypeMap, TypeRule

COLUMNS = (
    Column("n", ColumnType.LONG), Column("d", ColumnType.DATE), Column("t", ColumnType.TEXT, length=9),
    Column("g", ColumnType.GUID),
)  # fmt: skip


def made(sql: str, *rules: TypeRule, columns: tuple[Column, ...] = COLUMNS) -> Conversion:
    source = Database(
        "test.accdb",
        "Access 2010",
        tables=(table("T", *columns, indexes=(KEY,)),),
        queries=(Query("q", QueryKind.SELECT if not sql.startswith("UPDATE") else QueryKind.UPDATE, sql),),
    )
    target = Target(linked=False)
    return convert(source, source="a", schema="dbo", options=Options(), target=target, type_map=TypeMap(rules))


def module(sql: str, *rules: TypeRule) -> str:
    return " ".join(made(sql, *rules).modules[0].sql.split())


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("int", "([T].[n] % 7)"),
        ("smallint", "([T].[n] % 7)"),
        ("float", "(TRY_CONVERT(int, (FLOOR([T].[n] + 0.5) - CASE WHEN"),
        ("real", "(TRY_CONVERT(int, (FLOOR([T].[n] + 0.5) - CASE WHEN"),
        ("money", "(TRY_CONVERT(int, (FLOOR([T].[n] + 0.5) - CASE WHEN"),
        ("decimal(9,2)", "(TRY_CONVERT(int, (FLOOR([T].[n] + 0.5) - CASE WHEN"),
    ],
)
def test_a_number_is_calculated_with_as_the_type_that_holds_it(kind: str, written: str) -> None:
    """The remainder of a float, and of a part of a text from `money` on, is refused by a server (402, 8116)."""
    assert f"SELECT {written}" in module("SELECT n Mod 7 AS v FROM T", TypeRule("long", kind))


def test_a_value_is_stored_as_access_rounds_it_whatever_holds_it() -> None:
    plain = module("UPDATE T SET n = 2.5")
    assert "[n] = 2" in plain
    assert module("UPDATE T SET n = 2.5", TypeRule("long", "decimal(9,2)")) == plain


def test_a_day_is_read_as_a_moment_and_compared_as_it_is() -> None:
    """A `date` has no hour (9810); an index over it serves a comparison."""
    rule = TypeRule("date", "date")
    assert "DATEPART(hour, CONVERT(datetime2(0), [T].[d]))" in module("SELECT Hour(d) AS v FROM T", rule)
    assert "WHERE [T].[d] > " in module("SELECT n FROM T WHERE d > #1/2/2024#", rule)
    assert "DATEPART(hour, [T].[d])" in module("SELECT Hour(d) AS v FROM T", TypeRule("date", "datetime"))


def test_a_text_of_fixed_length_is_read_without_its_filling() -> None:
    rule = TypeRule("text", "nchar(9)")
    assert "CONCAT(RTRIM([T].[t]), N'!')" in module('SELECT t & "!" AS v FROM T', rule)
    assert "WHERE [T].[t] = N'a'" in module('SELECT n FROM T WHERE t = "a"', rule)
    assert "CONCAT([T].[t], N'!')" in module('SELECT t & "!" AS v FROM T', TypeRule("text", "varchar(9)"))


def test_a_replication_id_that_is_text_is_text() -> None:
    assert "CONCAT([T].[g], N'!')" in module('SELECT g & "!" AS v FROM T', TypeRule("guid", "nvarchar(38)"))


def test_rules_and_calculated_columns_know_what_holds_a_column() -> None:
    columns = (
        Column("n", ColumnType.LONG, validation_rule="[n] Mod 2 = 0"),
        Column("d", ColumnType.DATE, validation_rule="Hour([d]) < 12"),
        Column("c", ColumnType.LONG, calculated="[n] Mod 3"),
    )
    rules = (TypeRule("long", "float"), TypeRule("date", "date"))
    one = made("SELECT n FROM T", *rules, columns=columns).tables[0]
    checks = [c.expression for c in one.checks]
    assert all("CONVERT(int, (FLOOR([n] + 0.5)" in text for text in (checks[0], one.columns[3].computed))
    assert "DATEPART(hour, CONVERT(datetime2(0), [d]))" in checks[1]
