"""Access's functions computed here, for `wizard.convert.queries.evaluate`: those that no setting of Windows changes.

Names of months and days are those of the United States, as everywhere in what Jetferry converts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final


class UnknowableError(Exception):
    """A value that cannot be computed here with certainty."""


@dataclass(frozen=True, slots=True)
class Function:
    """`calculate` is given the arguments, none of them NULL unless it `takes_null`: else NULL gives NULL."""

    calculate: Callable[..., Any]
    least: int
    most: int
    takes_null: bool = False


def number_of(value: object) -> Any:
    """The number Access calculates with: True is -1. Text and dates are not taken for numbers here."""
    if isinstance(value, bool):
        return -int(value)
    if isinstance(value, int | float | Decimal):
        return value
    raise UnknowableError


def whole_of(value: object) -> int:
    """A whole number, halves rounded to even, as Access rounds where it wants one."""
    try:
        made: int = round(number_of(value))
    except (ArithmeticError, ValueError):
        raise UnknowableError from None
    return made


def text_of(value: object) -> str:
    """The text that Access shows for a value; NULL is as empty text."""
    if value is None:
        return ""
    made = next((write(value) for kind, write in _WRITTEN.items() if isinstance(value, kind)), None)
    if made is None:
        raise UnknowableError
    return made


def _float_text(value: float) -> str:
    made = f"{value:.15g}"
    if "e" in made or "n" in made:  # a number of many digits, or none
        raise UnknowableError
    return made


def _decimal_text(value: Decimal) -> str:
    made = f"{value:f}"
    return made.rstrip("0").rstrip(".") if "." in made else made


def _general_date(value: datetime) -> str:
    """`1/31/2024 2:05:09 PM`, without a part that says nothing: midnight, or day 0."""
    clock = f"{(value.hour + 11) % 12 + 1}:{value.minute:02d}:{value.second:02d} {'AM' if value.hour < 12 else 'PM'}"
    day = f"{value.month}/{value.day}/{value.year}"
    if not (value.hour or value.minute or value.second):
        return day
    return clock if (value.year, value.month, value.day) == (1899, 12, 30) else f"{day} {clock}"


_WRITTEN: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "-1" if value else "0",
    int: str,
    Decimal: _decimal_text,
    float: _float_text,
    datetime: _general_date,
}
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _date(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    raise UnknowableError


def _of_date(part: Callable[[datetime], object]) -> Function:
    return Function(lambda value: part(_date(value)), 1, 1)


def _weekday(value: object, first: object = 1) -> int:
    start = whole_of(first)
    if not 1 <= start <= 7:
        raise UnknowableError
    return (_date(value).isoweekday() % 7 + 1 - start) % 7 + 1


_PARTS: Final[dict[str, Callable[[datetime], int]]] = {
    "yyyy": lambda d: d.year,
    "q": lambda d: (d.month + 2) // 3,
    "m": lambda d: d.month,
    "y": lambda d: d.timetuple().tm_yday,
    "d": lambda d: d.day,
    "w": _weekday,
    "h": lambda d: d.hour,
    "n": lambda d: d.minute,
    "s": lambda d: d.second,
}


def _date_part(interval: object, value: object, first: object = 1, week: object = 1) -> int:
    part = _PARTS.get(text_of(interval).casefold())
    if part is None:
        raise UnknowableError
    if part is _weekday:
        return _weekday(value, first)
    del week  # which only counts for weeks of the year
    return part(_date(value))


def _date_serial(year: object, month: object, day: object) -> datetime:
    y, m, d = whole_of(year), whole_of(month) - 1, whole_of(day)
    if not 100 <= y <= 9999:
        raise UnknowableError
    try:
        return datetime(y + m // 12, m % 12 + 1, 1) + timedelta(days=d - 1)  # Access knows no zones
    except (ValueError, OverflowError):
        raise UnknowableError from None


_PICTURE: Final = re.compile(r'(yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|q)|"([^"]*)"|\\(.)|([-/ ._,])', re.IGNORECASE)
_PIECES: Final[dict[str, Callable[[datetime], str]]] = {
    "yyyy": lambda d: f"{d.year:04d}",
    "yy": lambda d: f"{d.year % 100:02d}",
    "mmmm": lambda d: MONTHS[d.month - 1],
    "mmm": lambda d: MONTHS[d.month - 1][:3],
    "mm": lambda d: f"{d.month:02d}",
    "m": lambda d: str(d.month),
    "dddd": lambda d: DAYS[d.isoweekday() % 7],
    "ddd": lambda d: DAYS[d.isoweekday() % 7][:3],
    "dd": lambda d: f"{d.day:02d}",
    "d": lambda d: str(d.day),
    "q": lambda d: str((d.month + 2) // 3),
}


def _format(value: object, picture: object = "") -> str:
    """Dates by pictures of years, quarters, months and days; whole numbers filled up with zeros. Of NULL nothing."""
    if value is None:
        return ""
    written = text_of(picture)
    if not written:
        return text_of(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0 and set(written) == {"0"}:
        return str(value).zfill(len(written))
    made, at = "", 0
    for found in _PICTURE.finditer(written):
        if found.start() != at:
            raise UnknowableError
        at = found.end()
        piece = found[1]
        made += _PIECES[piece.casefold()](_date(value)) if piece else (found[2] or found[3] or found[4] or "")
    if at != len(written):
        raise UnknowableError
    return made


def _cut(value: object, start: int, length: int | None) -> str:
    if start < 1 or (length is not None and length < 0):
        raise UnknowableError
    return text_of(value)[start - 1 : None if length is None else start - 1 + length]


def _right(value: object, length: object) -> str:
    count, text = whole_of(length), text_of(value)
    if count < 0:
        raise UnknowableError
    return text[-count:] if count else ""


def _round(value: object, digits: object = 0) -> Any:
    number = number_of(value)
    return round(number, whole_of(digits)) if not isinstance(number, int) else number


def _month_name(month: object, short: object = False) -> str:
    number = whole_of(month)
    if not 1 <= number <= 12:
        raise UnknowableError
    return MONTHS[number - 1][:3] if number_of(short) else MONTHS[number - 1]


FUNCTIONS: Final[dict[str, Function]] = {
    **{name: _of_date(part) for name, part in (
        ("year", _PARTS["yyyy"]), ("month", _PARTS["m"]), ("day", _PARTS["d"]), ("hour", _PARTS["h"]),
        ("minute", _PARTS["n"]), ("second", _PARTS["s"]), ("cdate", lambda d: d),
        ("datevalue", lambda d: d.replace(hour=0, minute=0, second=0)),
    )},
    "weekday": Function(_weekday, 1, 2),
    "datepart": Function(_date_part, 2, 4),
    "dateserial": Function(_date_serial, 3, 3),
    "monthname": Function(_month_name, 1, 2),
    "format": Function(_format, 1, 2, takes_null=True),
    "ucase": Function(lambda v: text_of(v).upper(), 1, 1),
    "lcase": Function(lambda v: text_of(v).lower(), 1, 1),
    "trim": Function(lambda v: text_of(v).strip(" "), 1, 1),
    "ltrim": Function(lambda v: text_of(v).lstrip(" "), 1, 1),
    "rtrim": Function(lambda v: text_of(v).rstrip(" "), 1, 1),
    "len": Function(lambda v: len(text_of(v)), 1, 1),
    "left": Function(lambda v, n: _cut(v, 1, whole_of(n)), 2, 2),
    "right": Function(_right, 2, 2),
    "mid": Function(lambda v, s, n=None: _cut(v, whole_of(s), None if n is None else whole_of(n)), 2, 3),
    "instr": Function(lambda v, part: text_of(v).casefold().find(text_of(part).casefold()) + 1, 2, 2),
    "cstr": Function(text_of, 1, 1),
    "isnull": Function(lambda v: v is None, 1, 1, takes_null=True),
    "abs": Function(lambda v: abs(number_of(v)), 1, 1),
    "sgn": Function(lambda v: (number_of(v) > 0) - (number_of(v) < 0), 1, 1),
    "int": Function(lambda v: math.floor(number_of(v)), 1, 1),
    "fix": Function(lambda v: math.trunc(number_of(v)), 1, 1),
    "clng": Function(whole_of, 1, 1),
    "cint": Function(whole_of, 1, 1),
    "round": Function(_round, 1, 2),
}  # fmt: skip
"""by case-folded name without the `$`"""
