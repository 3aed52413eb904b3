"""Headings of crosstabs are the values that the pivot takes over the rows that the query reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.convert.loading import rows_of
from tests.convert.saved import LINES, ORDERS, PEOPLE, numbers, saved, statement
from wizard.access import AccessFile
from wizard.convert.interpreter import Bounds
from wizard.convert.queries import Headings, found_headings, heading_sources
from wizard.convert.queries.crosstabs import shown_heading
from wizard.definitions import Database, Query, QueryKind
from wizard.messages import ConversionError

FEBRUARY, NOVEMBER = datetime(2024, 2, 29, 13), datetime(2023, 11, 5)
DATA: dict[str, list[dict[str, Any]]] = {
    "Orders": [
        {"ID": 1, "Customer": "Ada", "Placed": FEBRUARY, "Amount": Decimal("10.5000"), "Paid": True, "Note": "x"},
        {"ID": 2, "Customer": "ADA", "Placed": NOVEMBER, "Amount": Decimal("7.0000"), "Paid": False, "Note": ""},
        {"ID": 3, "Customer": "Bob", "Placed": None, "Amount": Decimal("100.0000"), "Paid": False, "Note": None},
        {"ID": 4, "Customer": None, "Placed": FEBRUARY, "Amount": None, "Paid": True, "Note": "x"},
    ],
    "Lines": [
        {"OrderID": 1, "Number": 1, "Qty": 5, "Price": 2.5},
        {"OrderID": 1, "Number": 2, "Qty": 7, "Price": 1.0},
        {"OrderID": 2, "Number": 1, "Qty": 1, "Price": 20.0},
        {"OrderID": 9, "Number": 1, "Qty": 3, "Price": 3.0},
    ],
    "People": [
        {"Name": "ada", "Age": 36, "ID": 1},
        {"Name": "Cy", "Age": None, "ID": 2},
        {"Name": "Bob", "Age": 50, "ID": 3},
    ],
}
QUERIES = {
    "Joined": "SELECT Orders.ID, Customer AS Who, Placed, Year(Placed) AS y, Lines.*"
    " FROM Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID WHERE Qty > 1",
    "Totals": "SELECT Customer, Count(*) AS n FROM Orders GROUP BY Customer HAVING Customer <> 'Bob'",
    "Both": "SELECT Customer AS c, ID FROM Orders UNION ALL SELECT Name, ID FROM People",
    "Mixed": "SELECT Customer AS c FROM Orders UNION SELECT ID FROM People",
    "Asking": "SELECT * FROM Orders WHERE Customer = [who]",
    "Round": "SELECT * FROM Around",
    "Around": "SELECT * FROM Round",
    "Few": "SELECT TOP 1 * FROM Orders ORDER BY ID",
}


def read(table: str, columns: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    return (tuple(row[c] for c in columns) for row in DATA[table])


def found(pivot: str, source: str = "Orders") -> Headings | None:
    """The headings of a crosstab over the data above; None where it is not known how to find them."""
    sql = f"TRANSFORM Count(*) SELECT 1 AS one FROM {source} GROUP BY 1 PIVOT {pivot}"
    queries = (Query("q", QueryKind.CROSSTAB, sql), *(Query(n, QueryKind.SELECT, s) for n, s in QUERIES.items()))
    sources = heading_sources(Database("x", "x", tables=(ORDERS, LINES, PEOPLE), queries=queries))
    assert all(s.query == "q" for s in sources)
    return found_headings(sources[0], read) if sources else None


PIVOTS: dict[str, tuple[object, ...]] = {
    "Placed": (None, NOVEMBER, FEBRUARY),
    "Paid": (True, False),
    "Customer": (None, "Ada", "Bob"),
    "Note": (None, "x"),
    "Year([Placed])": (None, 2023, 2024),
    "Month(Orders.Placed)": (None, 2, 11),
    "[Orders]![Paid]": (True, False),
    'Format([Placed], "yyyy-mm")': (None, "2023-11", "2024-02"),
    'Format([Placed], "mmm yy")': (None, "Feb 24", "Nov 23"),
    'Format(Month(Placed), "00")': (None, "02", "11"),
    '"Q" & Format(Placed,"q")': ("Q", "Q1", "Q4"),
    'DatePart("q", Placed)': (None, 1, 4),
    'DatePart("w", Placed)': (None, 1, 5),
    'Left(Format(Placed, "mmmm"), 3)': (None, "Feb", "Nov"),
    "DateSerial(Year(Placed), Month(Placed) + 1, 0)": (None, datetime(2023, 11, 30), datetime(2024, 2, 29)),
    "MonthName(Month(Placed), True)": (None, "Feb", "Nov"),
    'IIf(Amount > 50, "large", IIf(Amount > 8, "middling", "small"))': ("large", "middling", "small"),
    'Switch(Paid, "paid", Amount >= 100, "due")': (None, "due", "paid"),
    'Choose(ID, "a", "b")': (None, "a", "b"),
    'Nz(Customer, "nobody")': ("Ada", "Bob", "nobody"),
    'UCase(Customer) & "/" & Year(Placed)': ("/2024", "ADA/2023", "ADA/2024", "BOB/"),
    'Customer & ""': (None, "Ada", "Bob"),
    "Amount \\ 10": (None, 0, 1, 10),
    "ID Mod 2": (0, 1),
    "-(ID > 2)": (0, 1),
    "Amount / 2": (None, 3.5, 5.25, 50.0),
    'Customer Like "a[a-d]?"': (None, True, False),
    "Customer Is Null": (True, False),
    "Amount Between 50 And 5": (None, True, False),
    'IIf(Mid(Customer, 2) In ("da", "x"), 1, 0)': (0, 1),
    "1": (1,),
    'Choose(ID, "Polen", "-7", "0", "Österreich")': ("0", "-7", "Österreich", "Polen"),  # the General order
}


@pytest.mark.parametrize(("pivot", "expected"), PIVOTS.items())
def test_headings_are_what_the_pivot_makes_of_the_values(pivot: str, expected: tuple[object, ...]) -> None:
    assert found(pivot) == Headings(expected)


LEFT = "Orders LEFT JOIN Lines ON Orders.ID = Lines.OrderID"
SOURCES: dict[tuple[str, str], tuple[object, ...]] = {
    ("Qty", "Orders AS o INNER JOIN Lines AS l ON o.ID = l.OrderID"): (1, 5, 7),
    ("l.Qty", LEFT.replace("Lines", "Lines AS l", 1).replace("Lines.", "l.")): (None, 1, 5, 7),
    ("Qty", "Lines RIGHT JOIN Orders ON Orders.ID = Lines.OrderID"): (None, 1, 5, 7),
    ("Qty", f"{LEFT} WHERE Lines.Qty Is Null Or Qty > 5"): (None, 7),
    ("Orders.ID", f"{LEFT} WHERE Qty Is Null"): (3, 4),
    ("Qty", f"{LEFT} AND Qty > 5"): (None, 7),
    ("Age", "Orders INNER JOIN People ON Orders.Customer = People.Name"): (36, 50),
    ("Age & Qty", "People INNER JOIN (Orders LEFT JOIN Lines ON Orders.ID = Lines.OrderID) ON Name = Customer"): (
        "361", "365", "367", "50"
    ),
    ("Age", "Orders, People WHERE Orders.ID = People.ID AND Paid = True"): (36,),
    ("Age", "Orders INNER JOIN People ON Orders.ID < People.ID"): (None, 50),
    ("Customer", "Orders WHERE Amount > 8"): ("Ada", "Bob"),
    ("Customer", "Orders WHERE Not (Amount > 8) OR Amount Is Null"): (None, "ADA"),
    ("Year(Placed)", "Orders WHERE Placed >= #1/1/2024#"): (2024,),
    ("y", "Joined"): (2024,),
    ("Who", "Joined"): ("Ada",),
    ("[Number]", "Joined AS j WHERE j.Qty = 7"): (2,),
    ("Customer", "Totals"): ("Ada",),
    ("c", "Both WHERE ID > 1"): (None, "ADA", "Bob", "Cy"),
    ("x.b", "(SELECT a & 1 AS b, ID AS a FROM Orders WHERE Paid) AS x"): ("11", "41"),
    ("Name", "People INNER JOIN Joined ON People.ID = Joined.ID"): ("ada",),
    ("Age", "Lines, People"): (None, 36, 50),
    ("Customer", "Orders WHERE ID IN (SELECT OrderID FROM Lines)"): ("Ada",),
    ("Customer", "Orders WHERE Exists (SELECT * FROM Lines WHERE OrderID = Orders.ID AND Qty < 5)"): ("ADA",),
    ("Customer", "Few"): ("Ada",),
    ("n", "Totals"): (2,),
    ("c", "Mixed"): (None, "1", "2", "3", "Ada", "Bob"),
    ('Format(Placed, "ww")', "Orders"): (None, "45", "9"),
    ('Format(Placed, "Short Date")', "Orders"): (None, "11/5/2023", "2/29/2024"),
    ("DCount('*', 'Lines', 'OrderID=' & ID)", "Orders"): (0, 1, 2),
}  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), SOURCES.items())
def test_headings_are_those_of_the_rows_that_the_query_has(
    query: tuple[str, str], expected: tuple[object, ...]
) -> None:
    assert found(*query) == Headings(expected)


MORE: dict[tuple[str, str], tuple[object, ...]] = {
    ("Customer", "Orders WHERE Placed > [since] AND Amount > 8"): ("Ada", "Bob"),
    ("Customer", "Orders WHERE Amount > 8 AND MyFunction(ID)"): ("Ada", "Bob"),
    ("Customer", "Orders WHERE [Forms]![F]![From] < Placed"): (None, "Ada", "Bob"),
    ("Customer", "Asking"): (None, "Ada", "Bob"),
    ("Qty", f"{LEFT} AND Qty > [least]"): (None, 1, 5, 7),
    ("Age", "Orders INNER JOIN People ON Orders.ID = People.ID AND MyFunction(Age)"): (None, 36, 50),
    ("Customer", "Orders WHERE Placed > Date()"): (None, "Ada", "Bob"),
}


@pytest.mark.parametrize(("query", "expected"), MORE.items())
def test_what_only_a_run_can_leave_out_gives_headings_too(query: tuple[str, str], expected: tuple[object, ...]) -> None:
    assert found(*query) == Headings(expected, exact=False)


UNKNOWN = [
    ("MyFunction(Placed)", "Orders"),
    ("Nothing", "Orders"),
    ("Sum(Amount)", "Orders"),
    ("Placed IN (1, 2)", "Orders"),
    ("Customer + 1", "Orders"),
    ("Date() - Placed", "Orders"),
    ("ID + Rnd()", "Orders"),
    ("Amount / (ID - 1)", "Orders"),
    ("Tags", "Orders"),
    ("ID", "Orders, People"),
    ("Customer", "Orders IN 'other.mdb'"),
    ("Customer", "Far"),
    ("Customer", "Orders LEFT JOIN (Lines INNER JOIN People ON Number = Age + Orders.ID) ON Orders.ID = OrderID"),
    ("ID", "Round"),
]


@pytest.mark.parametrize("query", UNKNOWN)
def test_of_other_pivots_nothing_is_known(query: tuple[str, str]) -> None:
    assert found(*query) is None


def test_too_many_headings_are_refused() -> None:
    sql = "TRANSFORM Count(*) SELECT ID FROM Orders GROUP BY ID PIVOT Customer"
    (source,) = heading_sources(Database("x", "x", tables=(ORDERS,), queries=(Query("q", QueryKind.CROSSTAB, sql),)))
    with pytest.raises(ConversionError, match="more than 254"):
        found_headings(source, lambda _, __: [(str(n),) for n in range(300)])


def test_joins_that_look_at_too_many_pairs_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("Age", "Orders, People") is not None
    monkeypatch.setattr("wizard.convert.queries.crosstab_headings.BOUNDS", Bounds(steps=3))
    assert found("Age", "Orders, People") is None
    monkeypatch.setattr("wizard.convert.queries.crosstab_headings.BOUNDS", Bounds(memory=100))
    assert found("Age", "People") is None


_PIECES = """
    ID Customer Placed Amount Paid Note Qty Orders.ID 1 0 -1 2.5 'a' '' #1/1/2024# Null True ( ) , + - * / \\ Mod & = <
    > And Or Not Like Is Between In IIf( Switch( Choose( Nz( Format( Year( Left( Mid( Right( Round( Int( Len( Weekday(
    DatePart( DateSerial( MonthName( InStr( WHERE Lines People , INNER JOIN ON [p] AS
"""


@given(st.lists(st.sampled_from(_PIECES.split()), min_size=1, max_size=9).map(" ".join), st.sampled_from([
    "Orders WHERE {}", "Orders INNER JOIN Lines ON {}", "Orders LEFT JOIN Lines ON ID = OrderID WHERE {}", "{}",
    "Both AS b, Orders WHERE {}",
]))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_no_query_raises_anything(text: str, source: str) -> None:
    for headings in (found(text), found("Customer", source.format(text))):
        assert headings is None or isinstance(headings, Headings)


CALLS = [
    "Year",
    "IIf",
    "Switch",
    "Choose",
    "Nz",
    "Mid",
    "Left",
    "Format",
    "DatePart",
    "DateSerial",
    "Round",
    "MonthName",
]
VALUES = ["ID", "Amount", "Customer", "Placed", "Paid", "Price", "1E308", "-1", "'m'", "Null", "0.5", "#1/1/100#"]


@given(st.sampled_from(CALLS), st.lists(st.sampled_from(VALUES), max_size=4).map(", ".join))
@settings(max_examples=200, deadline=None)
def test_no_function_raises_anything(name: str, arguments: str) -> None:
    found(f"{name}({arguments})", "Orders LEFT JOIN Lines ON ID = OrderID")


CROSSTAB = "TRANSFORM Count(*) SELECT ID FROM Orders GROUP BY ID PIVOT "


def test_what_is_told_says_whether_columns_may_be_empty() -> None:
    assert numbers(saved({"q": CROSSTAB + "Customer"}, {"q": Headings(("a",))}), "q") == [3166]
    assert numbers(saved({"q": CROSSTAB + "Customer"}, {"q": Headings(("a",), exact=False)}), "q") == [3172]


def test_rows_without_a_text_have_one_column() -> None:
    sql = statement(saved({"q": CROSSTAB + "Customer"}, {"q": (None,)}), "q")
    assert "(([Orders].[Customer] IS NULL) OR ([Orders].[Customer] = N''))" in sql
    assert "AS [<>]" in sql


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "<>"), (True, "-1"), (2024, "2024"), (Decimal("10.5000"), "10_5"), (Decimal("7.0000"), "7"),
        (2.5, "2_5"), (NOVEMBER, "11/5/2023"), (FEBRUARY, "2/29/2024 1:00:00 PM"), ("St. Ives", "St_ Ives"),
    ],
)  # fmt: skip
def test_a_column_is_named_as_access_shows_the_value(value: object, shown: str) -> None:
    assert shown_heading(value) == shown


def test_the_samples_crosstab_has_the_years_of_its_orders(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        (source,) = heading_sources(file.definition)
        assert found_headings(source, partial(rows_of, file)) == Headings((2022, 2023, 2024))
