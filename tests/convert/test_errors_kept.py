"""What Access shows as #Error is NULL on a server, and no function that chooses or joins takes that for one meant."""

from __future__ import annotations

import pytest

from tests.convert.saved import numbers, saved
from tests.convert.scopes import Columns
from wizard.convert.dialect import parse_expression
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.tree import MOST_CHARACTERS, MOST_LEVELS, SqlNode
from wizard.convert.typed_sql import ExpressionUse
from wizard.definitions import ColumnType

TYPES = {
    "n": ColumnType.LONG,
    "x": ColumnType.DOUBLE,
    "t": ColumnType.TEXT,
    "d": ColumnType.DATE,
    "e": ColumnType.DATE,
    "b": ColumnType.BOOLEAN,
}
ZERO = "CASE WHEN [n] = 0 THEN NULL "
QUOTIENT = "(CONVERT(float, 1) / NULLIF([n], 0))"


def node(expression: str, use: ExpressionUse = ExpressionUse.QUERY) -> SqlNode:
    return translate_value(parse_expression(expression), Columns(TYPES, use)).node


def told(expression: str) -> list[int]:
    scope = Columns(TYPES)
    translate_value(parse_expression(expression), scope)
    return scope.told


@pytest.mark.parametrize(
    ("expression", "sql"),
    [
        ("IIf(1 / [n] > 0, 1, 0)", f"{ZERO}WHEN ({QUOTIENT} > 0) THEN 1 ELSE 0 END"),
        ("Switch([b], 1, 1 / [n] > 0, 2, True, 3)",
         f"CASE WHEN ([b] = 1) THEN 1 WHEN [n] = 0 THEN NULL WHEN ({QUOTIENT} > 0) THEN 2 ELSE 3 END"),
        ("Nz(1 / [n], 0)", f"{ZERO}ELSE COALESCE({QUOTIENT}, 0) END"),
        ("IsNull(1 / [n])", f"CASE WHEN ({ZERO}WHEN ({QUOTIENT} IS NULL) THEN 1 ELSE 0 END = 1) THEN CONVERT(bit, 1) "
         f"WHEN ({ZERO}WHEN ({QUOTIENT} IS NULL) THEN 1 ELSE 0 END = 0) THEN CONVERT(bit, 0) END"),
        ('"x" & Left([t], [n])',
         "CASE WHEN [n] < 0 THEN NULL ELSE CONCAT(N'x', LEFT([t], CASE WHEN [n] >= 0 THEN [n] END)) END"),
        ('"x" & CStr([n])', "CASE WHEN [n] IS NULL THEN NULL ELSE CONCAT(N'x', CONVERT(nvarchar(20), [n])) END"),
        ("IIf([n] = 0, 0, 1 / [n])", f"CASE WHEN ([n] = 0) THEN 0 ELSE {QUOTIENT} END"),
        ("Nz(IIf([b], 1 / [n], 2), 3)", "CASE WHEN CASE WHEN ([b] = 1) THEN CASE WHEN [n] = 0 THEN 1 ELSE 0 END "
         f"ELSE 0 END = 1 THEN NULL ELSE COALESCE(CASE WHEN ([b] = 1) THEN {QUOTIENT} ELSE 2 END, 3) END"),
    ],
)  # fmt: skip
def test_what_hides_null_does_not_hide_an_error(expression: str, sql: str) -> None:
    assert str(node(expression)) == sql


def test_false_decides_an_and_beside_an_error() -> None:
    made = str(node("IIf(1 / [n] > 0 And [b], 1, 0)"))
    both = f"(({QUOTIENT} > 0) AND ([b] = 1))"
    assert made.startswith(f"CASE WHEN (([n] = 0) AND CASE WHEN {both} THEN 1 WHEN NOT {both} THEN 0 END IS NULL)")


@pytest.mark.parametrize(
    "expression", ["IIf([n] > 0, 1, 0)", '"x" & [t]', "Nz([n], 0)", "IIf(Left([t], 2) = 'a', 1, 0)"]
)
def test_what_cannot_fail_is_not_asked(expression: str) -> None:
    assert not node(expression).facts.faults
    assert "THEN NULL" not in str(node(expression))


def test_a_rule_keeps_errors() -> None:
    made = str(translate_condition(parse_expression("Nz([t] + 1, 0) > 5"), Columns(TYPES, ExpressionUse.CHECK)))
    assert "THEN NULL" not in made


def test_guards_do_not_go_deeper_than_case_may() -> None:
    expression = "1 / [n]"
    for _ in range(4):
        expression = f"Nz(IIf([b], {expression}, 2), 3)"
    made = node(expression)
    assert made.facts.depth <= MOST_LEVELS
    assert "THEN NULL" not in str(made)


@pytest.mark.parametrize(
    ("expression", "number"),
    [("[t] + 1", 3548), ('"ID=" + [n]', 3548), ('DateAdd("m", [n], [d])', 3549), ("[d] + [n]", 3549),
     ("CDate([n])", 3549), ('DateAdd("yyyy", 8000, #1/1/2024#)', 3549), ('DateAdd("d", 1, [d])', 3550),
     ("[d] + 1", 3550), ("[d] + [x]", 3549), ('DateAdd("s", [n] * 1000, [d])', 3551), ("[x] Mod 7", 3551),
     (r"7 \ [x]", 3551), ("Left([t], [x])", 3551), ('DateDiff("s", [d], #1/1/2024#)', 3551)],
)  # fmt: skip
def test_errors_are_told(expression: str, number: int) -> None:
    assert number in told(expression)


@pytest.mark.parametrize("expression", ["UCase([t]) = 1", "[t] In (1, 2)", "[t] Between 1 And 2"])
def test_what_may_be_no_number_may_be_unknown(expression: str) -> None:
    made = str(translate_value(parse_expression(expression), Columns(TYPES, nullable=False)).node)
    assert made.endswith("THEN CONVERT(bit, 0) END")


@pytest.mark.parametrize(
    "expression",
    ['DateAdd("d", 1, #1/1/2024#)', "Date() + 30", "[n] + 1", '[t] + "x"', '"5" + [n]', "CDate(45000)", "[n] Mod 7",
     r"[d] \ 7", 'DateDiff("d", [d], #1/1/2024#)', 'DateDiff("s", #1/1/2024#, #1/2/2024#)'],
)  # fmt: skip
def test_what_cannot_be_an_error_is_not_told(expression: str) -> None:
    assert not {3548, 3549, 3550, 3551} & set(told(expression))


LARGE = "NOT ([x] >= -2147483648.5 AND [x] < 2147483647.5)"
SECONDS = "DATEDIFF_BIG(second, [d], [e])"


@pytest.mark.parametrize(
    ("expression", "kept", "of_a_rule"),
    [
        ("Nz([x] Mod 7, 0)", f"CASE WHEN {LARGE} THEN NULL ELSE COALESCE((TRY_CONVERT(int, ", "(CONVERT(int, ("),
        ('Nz(DateDiff("s", [d], [e]), 0)',
         f"CASE WHEN {SECONDS} NOT BETWEEN -2147483648 AND 2147483647 THEN NULL ELSE COALESCE(TRY_CONVERT(int, "
         f"{SECONDS}), 0) END", "COALESCE(DATEDIFF(second, [d], [e]), 0)"),
    ],
)  # fmt: skip
def test_more_than_a_long_holds_ends_no_query(expression: str, kept: str, of_a_rule: str) -> None:
    r"""VBA's \ and Mod round their operands to a Long at most, and DateDiff gives one: else it is an overflow."""
    assert str(node(expression)).startswith(kept)
    made = str(node(expression, ExpressionUse.CHECK))
    assert of_a_rule in made
    assert "TRY_CONVERT" not in made


def test_a_date_that_leads_out_of_the_years_is_null() -> None:
    assert str(node('DateAdd("yyyy", -2000, #1/1/2024#)')) == "CONVERT(datetime2(0), NULL)"
    made = str(node('DateAdd("m", [n], [d])'))
    assert made.startswith("CASE WHEN [n] BETWEEN DATEDIFF(month, [d], CONVERT(datetime2(0), '01000101', 112)) AND ")


@pytest.mark.parametrize("levels", range(1, 10))
def test_tests_within_tests_do_not_make_an_expression_too_long(levels: int) -> None:
    expression = "1 / [n]"
    for _ in range(levels):
        expression = f"Nz({expression}, 0) / [n]"
    made = node(expression)
    assert made.size <= MOST_CHARACTERS + len(expression) * 5
    assert (made.size > 100 * levels) is (levels < 5)  # beyond, all tests go, for T-SQL has ten levels of CASE


def test_an_expression_of_many_tests_in_a_row_stays_readable() -> None:
    expression = " & ".join(f"IIf(1 / [x] > {number}, 'a', 'b')" for number in range(200))
    assert node(expression).size <= 60 * len(expression)


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("SELECT Sum(Customer * 2) AS s FROM Orders", 3548),
        ("SELECT First(Customer * 2) AS s FROM Orders", 3548),
        ("SELECT Max(DateAdd('m', ID, Placed)) AS s FROM Orders", 3549),
        ("SELECT ID, (SELECT Avg(Price Mod 7) FROM Lines) AS s FROM Orders", 3551),
        ("SELECT DSum('Price Mod 7', 'Lines') AS s FROM Orders", 3551),
        ("SELECT DCount('*', 'Orders', 'Customer + 1 > ' & [ID]) AS s FROM Orders", 3548),
        ("SELECT ID FROM Orders GROUP BY ID HAVING Max(Customer * 2) > 5", 3548),
    ],
)
def test_errors_within_an_aggregate_or_a_domain_are_told(sql: str, number: int) -> None:
    assert number in numbers(saved({"q": sql}), "q")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE People SET Age = Name",
        "INSERT INTO People (Age) SELECT Customer FROM Orders",
        "INSERT INTO People (Age) VALUES ([p] & '5')",
    ],
)
def test_a_text_that_a_column_of_numbers_takes_is_told(sql: str) -> None:
    assert 3548 in numbers(saved({"q": sql}), "q")
