"""A query, default or rule that no translator can do anything with is one item's message; the others are converted."""

from __future__ import annotations

import pytest

from tests.convert import saved as queries
from tests.convert.making import converted, one, table
from wizard.assess.validation_rules import UntoldError, rule_of
from wizard.assess.value_checks import untold_rule
from wizard.convert.item_guard import one_item
from wizard.convert.queries.crosstab_headings import heading_sources
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind
from wizard.messages import ConversionError, Kind, Place

LARGE = ["1E400", "1E" + "9" * 60, "9" * 5000, "9" * 310, "0." + "1" + "0" * 5000 + "E9999"]
PLACE = Place(Kind.QUERY, "s", "Q")


@pytest.mark.parametrize("number", LARGE, ids=lambda n: n[:12])
@pytest.mark.parametrize("kind", [ColumnType.DOUBLE, ColumnType.LONG, ColumnType.TEXT, ColumnType.CURRENCY])
def test_no_number_is_larger_than_a_double(number: str, kind: ColumnType) -> None:
    made = converted(
        table(
            "T",
            Column("a", kind, length=50, default=number),
            Column("b", kind, length=50, validation_rule=f">{number}"),
            Column("c", kind, length=50, calculated=f"[ID]+{number}"),
            Column("d", ColumnType.LONG, default="7"),
        )
    )
    assert sorted(m.number for m in made.messages if m.number in (2080, 2081, 2082)) == [2080, 2081, 2082]
    defaults = {c.name: c.default for c in one(made).columns if c.source}
    assert defaults == {"ID": "", "a": "", "b": "", "c": "", "d": "7"}
    assert not one(made).checks


@pytest.mark.parametrize("number", LARGE, ids=lambda n: n[:12])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT {} AS x FROM Orders",
        "SELECT ID FROM Orders WHERE Amount > {}",
        "SELECT TOP {} ID FROM Orders",
        "SELECT ID FROM Orders ORDER BY {}",
        "SELECT ID FROM Orders UNION SELECT OrderID FROM Lines ORDER BY {}",
        "PARAMETERS p Text({}); SELECT p FROM Orders",
        "TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT ID IN ({}, 2)",
        "SELECT Left(Customer, {}), Chr({}), DateSerial({}, 1, 1) FROM Orders",
    ],
)
def test_a_query_with_such_a_number_fails_alone(sql: str, number: str) -> None:
    made = queries.saved({"Q": sql.replace("{}", number), "R": "SELECT ID FROM Orders"})
    assert set(queries.numbers(made, "Q")) <= {3001, 3090}
    assert queries.numbers(made, "Q")
    assert queries.statement(made, "R").startswith("CREATE VIEW")


def test_numbers_in_texts_are_as_large_as_they_like() -> None:
    made = queries.saved({"Q": "SELECT '1E400' + 1 AS a, Val('1E400') AS b FROM Orders", "R": "SELECT ID FROM Orders"})
    assert "inf" not in "".join(m.sql for m in made.modules)
    assert queries.statement(made, "R")


def test_a_number_too_small_for_a_double_is_none() -> None:
    made = queries.saved({"Q": "SELECT 1E-400 AS x FROM Orders"})
    assert "0.0E0 AS [x]" in queries.statement(made, "Q")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ID FROM Orders UNION TRANSFORM Sum(Amount) SELECT ID FROM Orders GROUP BY ID PIVOT Customer",
        "TRANSFORM Sum(Amount) SELECT ID FROM Orders GROUP BY ID PIVOT Customer UNION SELECT ID FROM Orders",
        "SELECT ID FROM Orders UNION (TRANSFORM Sum(Amount) SELECT ID FROM Orders GROUP BY ID PIVOT Customer)",
    ],
)
def test_a_union_that_holds_a_crosstab_fails_alone(sql: str) -> None:
    for kind in (QueryKind.UNION, QueryKind.CROSSTAB, QueryKind.SELECT):
        made = queries.saved({"Q": sql, "R": "SELECT ID FROM Orders"}, kind=kind)
        assert queries.numbers(made, "Q") == [3001]
        assert queries.statement(made, "R")
        database = Database("x.accdb", "Access", tables=(queries.ORDERS,), queries=(Query("Q", kind, sql),))
        assert heading_sources(database) == ()


def test_what_nobody_foresaw_is_a_message_of_the_item() -> None:
    with pytest.raises(ConversionError) as found, one_item(PLACE):
        raise ZeroDivisionError("by nought")
    assert (found.value.message.number, found.value.message.place) == (3091, PLACE)
    with pytest.raises(ConversionError) as found, one_item(PLACE):
        raise RecursionError
    assert found.value.message.number == 3007
    with pytest.raises(ConversionError) as found, one_item(PLACE):
        raise ConversionError(3005, PLACE)
    assert found.value.message.number == 3005


@pytest.mark.parametrize(
    "rule",
    [">1E" + "9" * 60, ">1E400", "(" * 30_000 + ">1" + ")" * 30_000, "Not " * 30_000 + ">1"],
    ids=lambda r: r[:8],
)
def test_rules_that_cannot_be_told_are_said_to_be_so(rule: str) -> None:
    columns = {"a": Column("a", ColumnType.LONG)}
    with pytest.raises(UntoldError):
        rule_of(rule, columns, "a")
    assert [m.number for m in untold_rule(PLACE, rule, columns, "a")] == [4031]
