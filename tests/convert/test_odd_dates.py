"""Dates in literals and in texts: what Access reads, and numbers that no date has."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.convert.saved import numbers, saved
from wizard.convert.dialect.date_texts import read_moment
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


READ = {
    "2.5": "1899-12-30 02:05:00", "2.5.20": "1899-12-30 02:05:20", "1 .5": "1899-12-30 01:05:00",
    "1.30 PM": "1899-12-30 13:30:00", "13:00 PM": "1899-12-30 13:00:00", "12 AM": "1899-12-30 00:00:00",
    "3PM": "1899-12-30 15:00:00", "12:59 p": "1899-12-30 12:59:00", "1,000": "2000-01-01 00:00:00",
    "1,2020": "2020-01-01 00:00:00", "1,5": "2024-01-05 00:00:00", "13/2": "2024-02-13 00:00:00",
    "1/2 3:04": "2024-01-02 03:04:00", "1 / 2 / 2020": "2020-01-02 00:00:00", "2020 1 2": "2020-01-02 00:00:00",
    "1/2/30": "2030-01-02 00:00:00", "1/1/50": "1950-01-01 00:00:00", "1/2/100": "0100-01-02 00:00:00",
    "12:00 1/2/2020": "2020-01-02 12:00:00", "Jan 2": "2024-01-02 00:00:00", "Jan 2020": "2020-01-01 00:00:00",
    "Feb 29": "2024-02-29 00:00:00", "Feb 30": "2030-02-01 00:00:00", "30 2": "2030-02-01 00:00:00",
    "Jan-35": "2035-01-01 00:00:00", "35/Jan": "2035-01-01 00:00:00", "2 January 2020": "2020-01-02 00:00:00",
    "January 2, 2020": "2020-01-02 00:00:00", "3 am 1 2": "2024-01-02 03:00:00", "1 2 3 am": "2024-01-02 03:00:00",
    "1.2 3 4": "2024-03-04 01:02:00", "3 4 1.2": "2024-03-04 01:02:00", "1.2.3 4 5": "2024-04-05 01:02:03",
    "1.2 3 4 5": "2005-03-04 01:02:00", "1 2 3 4.5.6": "2003-01-02 04:05:06", "14 2 3": "2014-02-03 00:00:00",
    "2 14 3": "2003-02-14 00:00:00", "13-1-1970": "1970-01-13 00:00:00", "1970-1-13": "1970-01-13 00:00:00",
    "05-Jan-12": "2012-01-05 00:00:00",
}  # fmt: skip
"""measured of Windows or of Access's engine by others, under the settings of the United States but for the last"""
UNREAD = (
    "", "True", "0.", ".0", "-1.1", "1.1-", "1;2;3", "(1:2)", "0", "1", "2020", "25.5", "0.60", "24.00", "0:60",
    "24:00", "1 2 am", "1 am 2", "1.5 2", "1 5.2", "2 32 3", "1 2 am 3", "1 2.3 4", "1.2.3 4", "1 2.3.4", "1.2 3.4",
    "1.2.3.4", "1 2 3 4", "1.2 3 am 4", "1.2.3 4.5", "1 2.3 4 5", "1 2 3 4 5", "1 2 3 am 4.5.6", "2.5.2020",
    "31/2/2020", "Jan", "tues", "1st Jan", "2020-01-02T12:00", "2020-13-01", "1:60", "1//2", "1/2/2020/", "1/2/10000",
    "Feb 29 2019", "noon", "2013-05-14 02:04:12.017", "Jan Feb 2020", "1/Jan/Feb",
)  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_text_is_read_as_a_date_as_windows_reads_it(text: str) -> None:
    assert str(read_moment(text, 2024)) == READ[text]


@pytest.mark.parametrize("text", UNREAD)
def test_what_windows_does_not_read_is_no_date(text: str) -> None:
    assert read_moment(text, 2024) is None


def test_february_29_is_a_day_of_leap_years_only() -> None:
    assert read_moment("Feb 29", 2023) == datetime(2029, 2, 1)
