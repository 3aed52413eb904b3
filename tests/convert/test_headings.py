"""Headings of crosstabs are found in the rows of the table that they come from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.convert.saved import LINES, ORDERS, PEOPLE
from wizard.access import AccessFile
from wizard.convert.queries import HeadingSource, found_headings, heading_sources
from wizard.definitions import Database, Query, QueryKind
from wizard.messages import ConversionError

DAYS = [datetime(2024, 2, 29, 13), datetime(2023, 11, 5), None]

YEARS = (2022, 2023, 2024)
"""of the sample's orders"""

PIVOTS = {
    "Placed": (None, datetime(2023, 11, 5), datetime(2024, 2, 29, 13)),
    "Year([Placed])": (None, 2023, 2024),
    "Month(Orders.Placed)": (None, 2, 11),
    'Format([Placed], "yyyy-mm")': (None, "2023-11", "2024-02"),
    '"Q" & Format(Placed,"q")': ("Q", "Q1", "Q4"),
    'DatePart("q", Placed)': (None, 1, 4),
    'Left(Format(Placed, "mmmm"), 3)': (None, "Feb", "Nov"),
}


def crosstab(pivot: str, source: str = "Orders") -> tuple[HeadingSource, ...]:
    sql = f"TRANSFORM Sum(Amount) SELECT Customer FROM {source} GROUP BY Customer PIVOT {pivot}"
    queries = (Query("q", QueryKind.CROSSTAB, sql), Query("other", QueryKind.SELECT, "SELECT ID FROM Orders"))
    return heading_sources(Database("x", "x", tables=(ORDERS, LINES, PEOPLE), queries=queries))


@pytest.mark.parametrize(("pivot", "expected"), PIVOTS.items())
def test_headings_are_what_the_pivot_makes_of_the_values(pivot: str, expected: tuple[object, ...]) -> None:
    (source,) = crosstab(pivot)
    assert (source.query, source.table, source.column) == ("q", "Orders", "Placed")
    assert found_headings(source, DAYS * 3) == expected


def test_the_table_is_found_behind_its_other_name() -> None:
    (source,) = crosstab("l.Qty", "Orders INNER JOIN Lines AS l ON Orders.ID = l.OrderID")
    assert (source.table, source.column) == ("Lines", "Qty")


UNKNOWN = ["Placed & Customer", "MyFunction(Placed)", "Placed IN (1, 2)", "Nothing", "1", 'Format(Placed, "ww")']


@pytest.mark.parametrize("pivot", UNKNOWN)
def test_of_other_pivots_nothing_is_known(pivot: str) -> None:
    assert crosstab(pivot) == ()


def test_a_column_of_a_query_is_not_looked_for() -> None:
    assert crosstab("Placed", "Orders INNER JOIN other ON Orders.ID = other.ID") == ()


def test_too_many_headings_are_refused() -> None:
    (source,) = crosstab("Customer")
    with pytest.raises(ConversionError, match="more than 254"):
        found_headings(source, map(str, range(300)))


def test_the_samples_crosstab_has_the_years_of_its_orders(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        (source,) = heading_sources(file.definition)
        batches = file.read(source.table, columns=[source.column])
        values = [v for b in batches for v in b.rows.column(source.column).to_pylist()]
    assert found_headings(source, values) == YEARS
