"""Dates with numbers that no date has are none, wherever they stand."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.convert.saved import numbers, saved
from wizard.convert.dialect.dates import read_date
from wizard.convert.interpreter.values import to_second
from wizard.definitions import QueryKind

OURS = 3091
"""the message of mistakes of our own"""


@pytest.mark.parametrize(
    "text",
    [
        "1/1/200020002000",
        "200020002000-1-1",
        "1/1/10000",
        "1/99999999999/2000",
        "1/1/2000 25:00",
        "1/1/2000 1:99999999999",
    ],
)
def test_numbers_without_end_are_no_date(text: str) -> None:
    assert read_date(text) is None
    found = saved({"Q": f"DELETE Orders.* FROM Orders WHERE Placed < #{text}#"}, kind=QueryKind.DELETE)
    assert numbers(found, "Q")
    assert OURS not in numbers(found, "Q")


def test_the_last_moment_there_is_is_shown_by_its_second() -> None:
    assert to_second(datetime(9999, 12, 31, 23, 59, 59, 900_000)) == datetime(9999, 12, 31, 23, 59, 59)
    assert to_second(datetime(2024, 12, 31, 23, 59, 59, 900_000)) == datetime(2025, 1, 1)
