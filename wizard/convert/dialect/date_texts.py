"""How Access reads a date out of text, with the settings of a Windows of the United States.

CDate, DateValue, IsDate and all functions of dates ask OLE Automation (VarDateFromStr). What it takes was measured of
Windows and of Access's engine by others, who have it as tests of theirs: numbers that `:` or `.` joins are a time, all
others a date; of three numbers the first is the month where that can be, of two the year is the current one where that
can be; no letter stands between date and time; AM and PM mean nothing beyond noon. Text that is none of this is no
date, and may be the number of one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wizard.convert.dialect.dates import MONTHS, full_year

_PART: Final = re.compile(
    r"\s*(?:(?P<number>[0-9]{1,9})|(?P<half>[ap]m?)(?![a-z])|(?P<month>[a-z]{3,9})|(?P<sign>[:./,-]))\s*",
    re.IGNORECASE | re.ASCII,
)
_LONGEST: Final = 64
"""no date is longer; keeps the reader from long work on nonsense"""
_MOST_SIGNS: Final = 2
_TIME, _TWO, _THREE = (2, 3), 2, 3
_NOON: Final = 12
COMMON, LEAP = 2023, 2024
"""a year of each kind: what text means may hang on the one that it is read in"""


@dataclass(slots=True)
class _Field:
    """A number or a month's name. `timed`: joined to the next one as a time; `half`: a or p, where it stands behind."""

    value: int
    month: bool = False
    timed: bool = False
    half: str = ""


def read_moment(text: str, year: int) -> datetime | None:
    """The date or time that text names; None where it names none.

    `year`: the current one, which a day and a month without a year are of. A time alone is of 1899-12-30.
    """
    fields = _fields(text) if len(text) <= _LONGEST else None
    if not fields:
        return None
    clock, days = _divided(fields)
    if clock is None or any(d.half for d in days):
        return None
    day = _day(days, year)
    time = _time(clock)
    try:
        return datetime(*day, *time) if day and time else None  # Access knows no time zones
    except (ValueError, OverflowError):
        return None


def lacks_year(text: str) -> bool:
    """Whether a text names a day without a year, so that the date is another one each year."""
    return read_moment(text, COMMON) != read_moment(text, LEAP)


def _fields(text: str) -> list[_Field] | None:
    """The numbers and months of a text; None where something else stands in it."""
    fields: list[_Field] = []
    at = signs = 0
    joined = False  # a sign waits for what it joins
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            return None
        at = found.end()
        if found["number"]:
            fields.append(_Field(int(found["number"])))
        elif found["month"]:
            month = MONTHS.get(found["month"].lower())
            if month is None:
                return None
            fields.append(_Field(month, month=True))
        elif not fields or joined:
            return None
        elif found["half"]:
            if any(f.half for f in fields):
                return None
            fields[-1].half = found["half"][0].lower()
            continue
        else:
            signs += found["sign"] in "-/"
            fields[-1].timed = found["sign"] in ":."
            joined = True
            continue
        joined = False
    return None if joined or signs > _MOST_SIGNS else fields


def _divided(fields: list[_Field]) -> tuple[list[_Field] | None, list[_Field]]:
    """The fields of the time, which are first or last and None where they cannot be any, and those of the date."""
    timed = [i for i, f in enumerate(fields) if f.timed]
    if not timed:
        halves = [i for i, f in enumerate(fields) if f.half]
        if not halves:
            return [], fields
        (at,) = halves
        clock, days = [fields[at]], [*fields[:at], *fields[at + 1 :]]
        return (clock if at in (0, len(fields) - 1) else None), days
    first, last = timed[0], timed[-1] + 1
    clock, days = fields[first : last + 1], [*fields[:first], *fields[last + 1 :]]
    whole = len(timed) == last - first and len(clock) in _TIME and not any(f.month for f in clock)
    return (clock if whole and (first == 0 or last == len(fields) - 1) else None), days


def _time(clock: list[_Field]) -> tuple[int, int, int] | None:
    hour, minute, second = (*(f.value for f in clock), 0, 0, 0)[:3]
    half = next((f.half for f in clock if f.half), "")
    if half == "p" and hour < _NOON:
        hour += _NOON
    elif half == "a" and hour == _NOON:
        hour = 0
    return hour, minute, second


def _day(fields: list[_Field], year: int) -> tuple[int, int, int] | None:
    if not fields:
        return 1899, 12, 30
    orders = _of_three(fields) if len(fields) == _THREE else _of_two(fields, year) if len(fields) == _TWO else ()
    for written, month, day in orders:
        found = full_year(written)
        if 1 <= month <= 12 and 1 <= found <= 9999 and 1 <= day <= monthrange(found, month)[1]:
            return found, month, day
    return None


def _of_three(fields: list[_Field]) -> Iterator[tuple[int, int, int]]:
    """Year, month and day in each order that may be meant, the likeliest first."""
    a, b, c = (f.value for f in fields)
    months = [f.month for f in fields]
    if sum(months) > 1:
        return
    if not any(months) or months[0]:
        yield c, a, b
    if not any(months):
        yield a, b, c
    if not any(months) or months[1]:
        yield c, b, a
    if months[1]:
        yield a, b, c
    if months[2]:
        yield a, c, b


def _of_two(fields: list[_Field], year: int) -> Iterator[tuple[int, int, int]]:
    """As month and day of the year where that can be, else as month and year."""
    a, b = (f.value for f in fields)
    first, second = (f.month for f in fields)
    if first and second:
        return
    if not second:
        yield year, a, b
    if not first:
        yield year, b, a
    yield a, b, 1
    yield b, a, 1
