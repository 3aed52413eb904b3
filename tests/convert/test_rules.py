"""Defaults, validation rules and calculated columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.convert.making import converted, index, numbers, one, table
from wizard.definitions import AutoNumber, Column, ColumnType
from wizard.objects import Outcome
from wizard.settings import Options, Target, TargetKind

TEXT = Column("c", ColumnType.TEXT, length=20)
LONG = Column("c", ColumnType.LONG)
DATE = Column("c", ColumnType.DATE)
FLAG = Column("c", ColumnType.BOOLEAN)


@pytest.mark.parametrize(
    ("column", "default", "expected"),
    [
        (TEXT, '"open"', "N'open'"),
        (TEXT, '"it\'s ""so"""', "N'it''s \"so\"'"),
        (TEXT, "0", "N'0'"),
        (LONG, "0", "0"),
        (LONG, "-1", "-1"),
        (LONG, '"7"', "7"),
        (LONG, "2.5", "2"),
        (LONG, "True", "-1"),
        (LONG, "=1+2", "1 + 2"),
        (FLAG, "True", "1"),
        (FLAG, "Yes", "1"),
        (FLAG, "-1", "1"),
        (FLAG, "0", "0"),
        (FLAG, "", "0"),
        (DATE, "Date()", "CONVERT(datetime2(0), CONVERT(date, GETDATE()))"),
        (DATE, "=Now()", "CONVERT(datetime2(0), GETDATE())"),
        (DATE, "#1/31/2024#", "CONVERT(datetime2(0), '20240131', 112)"),
        (Column("c", ColumnType.GUID), "GenGUID()", "NEWID()"),
        (Column("c", ColumnType.CURRENCY), "9.5", "9.5E0"),
        (TEXT, "Null", ""),
    ],
)
def test_a_default_means_the_same(column: Column, default: str, expected: str) -> None:
    made = one(converted(table("T", replace(column, default=default)))).columns[1]
    assert made.default == expected
    assert made.default_name == ("DF_T_c" if expected else "")


@pytest.mark.parametrize("default", ["[Other]", "DLookup('x','y')", "=Forms!F!x", "MyFunction()", "1 +", '"open'])
def test_a_default_that_a_server_cannot_have_is_left_out_and_told(default: str) -> None:
    conversion = converted(table("T", replace(TEXT, default=default)))
    assert one(conversion).columns[1].default == ""
    item = next(i for i in conversion.items if i.category == "defaults")
    assert (item.outcome, [m.number for m in item.messages]) == (Outcome.FAILED, [2080])


def test_an_autonumber_keeps_its_own_default() -> None:
    random = Column("ID", ColumnType.LONG, auto=AutoNumber.RANDOM, default="GenUniqueID()")
    conversion = converted(replace(table("T"), columns=(random,)))
    assert one(conversion).columns[0].default == "CHECKSUM(NEWID())"
    assert 2080 not in numbers(conversion)


@pytest.mark.parametrize(
    ("column", "rule", "expected"),
    [
        (LONG, ">0", "[c] > 0"),
        (LONG, "Between 1 And 5 Or Is Null", "([c] BETWEEN 1 AND 5) OR ([c] IS NULL)"),
        (LONG, "<>5 And <10", "([c] <> 5) AND ([c] < 10)"),
        (TEXT, 'Like "A*"', "[c] LIKE N'A%'"),
        (TEXT, 'Not Like "*[!a-z]*"', "[c] NOT LIKE N'%[^abcdefghijklmnopqrstuvwxyz]%'"),
        (TEXT, 'In ("a","b")', "[c] IN (N'a', N'b')"),
        (TEXT, '"M" Or "F"', "([c] = N'M') OR ([c] = N'F')"),
        (TEXT, "Len([c])=3", "(LEN([c] + N'.') - 1) = 3"),
        (DATE, ">=#1/1/2000#", "[c] >= CONVERT(datetime2(0), '20000101', 112)"),
        (DATE, "<=Date()", "[c] <= CONVERT(datetime2(0), CONVERT(date, GETDATE()))"),
        (FLAG, "=True", "[c] = 1"),
        (FLAG, "True", "[c] = 1"),
        (LONG, "Not 0", "[c] <> 0"),
        (TEXT, 'Not "M" And Not ("F")', "([c] <> N'M') AND ([c] <> N'F')"),
        (LONG, "[c] Mod 2 = 0", "([c] % 2) = 0"),
    ],
)
def test_a_rule_of_a_column_becomes_a_check(column: Column, rule: str, expected: str) -> None:
    source = replace(column, validation_rule=rule, validation_text="Not so")
    checks = one(converted(table("T", source))).checks
    assert [(c.name, c.expression, c.text, c.column) for c in checks] == [("CK_T_c", expected, "Not so", "c")]


def test_a_rule_of_the_table_may_speak_of_several_columns() -> None:
    source = replace(
        table("T", replace(DATE, name="From"), replace(DATE, name="Till")),
        validation_rule="[Till]>=[From] Or [T].[Till] Is Null",
    )
    assert [c.expression for c in one(converted(source)).checks] == ["([Till] >= [From]) OR ([Till] IS NULL)"]


@pytest.mark.parametrize(
    "rule", ["=[Forms]![F]![x]", ">(Select Max(x) From y)", "Mine([c])", ">", 'DCount("*","T")<5', "[Gone]>1"]
)
def test_a_rule_that_a_server_cannot_have_is_left_out_and_told(rule: str) -> None:
    conversion = converted(table("T", replace(LONG, validation_rule=rule)))
    assert one(conversion).checks == ()
    item = next(i for i in conversion.items if i.category == "check_constraints")
    assert (item.outcome, [m.number for m in item.messages]) == (Outcome.FAILED, [2081])


def test_text_that_may_not_be_empty_is_checked_by_its_bytes() -> None:
    checks = one(converted(table("T", replace(TEXT, allow_zero_length=False)))).checks
    assert [c.expression for c in checks] == ["DATALENGTH([c]) > 0"], "a blank is not empty in Access"


def test_a_calculated_column_is_computed_on_the_server() -> None:
    made = one(
        converted(
            table(
                "T",
                Column("Price", ColumnType.CURRENCY),
                Column("Total", ColumnType.CURRENCY, calculated="[Price]*[Count]"),
                Column("Count", ColumnType.INTEGER),
                Column("Twice", ColumnType.CURRENCY, calculated="[Total]*2"),
            )
        )
    )
    total = made.column("Total")
    twice = made.column("Twice")
    assert total is not None
    assert twice is not None
    assert (total.computed, total.source) == ("CONVERT(money, [Price] * [Count])", "")
    assert twice.computed == "CONVERT(money, (CONVERT(money, [Price] * [Count])) * 2)", "none refers to another"


def test_calculated_columns_follow_those_that_they_read_however_these_are_written() -> None:
    """A name without brackets is read, one in a text is not: else these two wait for each other."""
    source = table(
        "T",
        Column("Shown", ColumnType.TEXT, length=90, calculated='Said & "!"'),
        Column("Said", ColumnType.TEXT, length=90, calculated='"[Shown]" & [Name]'),
        Column("Name", ColumnType.TEXT, length=9),
    )
    shown = one(converted(source)).column("Shown")
    assert shown is not None
    assert "[Name]" in shown.computed
    assert "[Said]" not in shown.computed


def test_a_calculated_column_that_cannot_be_computed_keeps_its_values() -> None:
    conversion = converted(table("T", Column("x", ColumnType.TEXT, length=9, calculated="Mine([ID])")))
    made = one(conversion).columns[1]
    assert (made.computed, made.source) == ("", "x")
    assert 2082 in numbers(conversion)


def test_a_calculated_column_under_an_index_is_stored() -> None:
    source = table(
        "T", LONG, Column("x", ColumnType.LONG, calculated="[c]+1"), indexes=(*table("T").indexes, index("x", "x"))
    )
    made = one(converted(source)).column("x")
    assert made is not None
    assert (made.computed, made.persisted) == ("CONVERT(int, [c] + 1)", True)


@pytest.mark.parametrize("formula", ["Year(Left([t], 10))", "IsDate([t])", 'Format([t], "yyyy")', "[x] & [t]", "Rnd()"])
def test_a_calculated_column_that_may_change_with_the_session_is_not_stored_under_an_index(formula: str) -> None:
    columns = (Column("t", ColumnType.TEXT, length=9), Column("x", ColumnType.DOUBLE))
    calculated = Column("y", ColumnType.TEXT, length=9, calculated=formula)
    source = table("T", *columns, calculated, indexes=(*table("T").indexes, index("y", "y")))
    conversion = converted(source)
    made = one(conversion).column("y")
    assert made is not None
    assert (made.computed, made.persisted) == ("", False)
    assert 2082 in numbers(conversion)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("[x]/[y]", "NULLIF([y], 0)"), ("Sqr([x])", "CASE WHEN [x] >= 0"), ("Left([t], [y])", "CASE WHEN [y] >= 0")],
)
def test_an_error_in_a_row_is_null_in_a_calculated_column_and_stays_one_in_a_rule(formula: str, expected: str) -> None:
    columns = (
        Column("t", ColumnType.TEXT, length=9), Column("x", ColumnType.DOUBLE), Column("y", ColumnType.LONG),
    )  # fmt: skip
    calculated = Column("z", ColumnType.TEXT, length=9, calculated=formula)
    source = replace(table("T", *columns, calculated), validation_rule=f"{formula}<>7")
    made = one(converted(source))
    computed = made.column("z")
    assert computed is not None
    assert expected in computed.computed
    assert [expected in c.expression for c in made.checks] == [False]


def test_descriptions_follow_the_option() -> None:
    source = replace(table("T", replace(LONG, description="d")), description="t")
    made = one(converted(source))
    assert (made.description, made.columns[1].description) == ("t", "d")
    plain = one(converted(source, options=Options(descriptions=False)))
    assert (plain.description, plain.columns[1].description) == ("", "")


def test_the_server_clock_is_told_where_it_has_no_local_time() -> None:
    source = table("T", replace(DATE, default="Now()"))
    azure = Target(TargetKind.AZURE_SQL_DATABASE, linked=False)
    assert 3527 in numbers(converted(source, target=azure))
    assert 3527 not in numbers(converted(source))
