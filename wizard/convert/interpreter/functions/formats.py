"""Format and the functions named after it: numbers, dates and texts by pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.functions import date_formats, number_formats, text_formats
from wizard.convert.interpreter.functions.dates import first_day, week_rule
from wizard.convert.interpreter.functions.registry import function, padded
from wizard.convert.interpreter.text_parsing import read_number
from wizard.convert.interpreter.values import (
    EMPTY,
    Guid,
    date_of,
    exact,
    moment_of,
    named_date,
    text_of,
    to_second,
    whole_of,
)

_NUMBERS: Final = {
    "currency": "$#,##0.00;($#,##0.00)",
    "euro": "€#,##0.00;(€#,##0.00)",
    "fixed": "0.00",
    "standard": "#,##0.00",
    "percent": "0.00%",
    "scientific": "0.00E+00",
}
_TRUTHS: Final = {"yes/no": ("No", "Yes"), "true/false": ("False", "True"), "on/off": ("Off", "On")}
_DATES: Final = {
    "general date": "c",
    "long date": "dddddd",
    "medium date": "dd-mmm-yy",
    "short date": "ddddd",
    "long time": "ttttt",
    "medium time": "hh:nn AM/PM",
    "short time": "hh:nn",
}
_COLOURS: Final = re.compile(
    r"""("[^"]*"|\\.)|\[(?:black|blue|cyan|green|magenta|red|white|yellow)\]""", re.IGNORECASE | re.DOTALL
)
_DATE_SIGNS: Final = frozenset("cdwmqyhnst")
_NUMBER_SIGNS: Final = frozenset("0#%")
_TEXT_SIGNS: Final = frozenset("@&<>!")


@function("Format", 1, 4, takes_null=True, clocked=True)
def _format(now: datetime, value: Any, picture: Any = EMPTY, *weeks: Any) -> str:
    """Null gives what the picture has for it, else nothing."""
    written = _COLOURS.sub(lambda found: found[1] or "", text_of(picture))
    name = written.casefold()
    if name in ("", "general number"):
        return text_of(value)
    if name in _TRUTHS:
        number = _number(value, now)
        return text_of(value) if number is None else _TRUTHS[name][bool(number)]
    kind = "number" if name in _NUMBERS else "date" if name in _DATES else _kind_of(written)
    if kind == "date":
        return _by_date(value, _DATES.get(name, written), now, weeks)
    if kind == "text" or (not kind and isinstance(value, str)):
        return text_formats.formatted(None if value is None else text_of(value), written)
    return _by_number(value, _NUMBERS.get(name, written), now)


def _kind_of(picture: str) -> str:
    """What a picture is for: its first sign that means something says so."""
    at = 0
    while at < len(picture):
        sign = picture[at]
        if sign == "\\":
            at += 2
            continue
        if sign == '"':
            end = picture.find('"', at + 1)
            at = len(picture) if end < 0 else end + 1
            continue
        if sign in _NUMBER_SIGNS or (sign == "." and picture[at + 1 : at + 2] in ("0", "#")):
            return "number"
        if sign in _TEXT_SIGNS:
            return "text"
        if sign.lower() in _DATE_SIGNS or date_formats.half_at(picture, at):
            return "date"
        at += 1
    return ""


def _number(value: Any, now: datetime) -> Decimal | None:
    """None for Null and for text that is neither a number nor a date."""
    if value is None:
        return None
    if isinstance(value, str) and not isinstance(value, Guid) and read_number(value) is None:
        named = named_date(value, now)
        return None if named is None else exact(named)
    return exact(value)


def _by_number(value: Any, picture: str, now: datetime) -> str:
    number = _number(value, now)
    if number is None and value is not None:
        return text_of(value)
    return number_formats.formatted(number, picture)


def _by_date(value: Any, picture: str, now: datetime, weeks: Sequence[Any]) -> str:
    first, rule = padded(weeks, 2)
    if value is None:
        return ""
    if isinstance(value, str):
        moment = named_date(value, now)
        number = read_number(value) if moment is None else None
        if moment is None and number is None:
            return value
        value = moment if moment is not None else moment_of(float(number or 0))
    return date_formats.formatted(to_second(date_of(value)), picture, first_day(first), week_rule(rule))


def _tristate(value: Any, default: bool) -> bool:
    """-1 yes, 0 no, -2 or left out as Windows has it."""
    number = -2 if value is EMPTY else whole_of(value)
    if number not in (-2, -1, 0, 1):
        raise CellError(CellFault.INVALID_CALL)
    return default if number == -2 else bool(number)


def _grouped(number: Decimal, given: Sequence[Any], sign: str = "", *, money: bool = False) -> str:
    """`given` are digits, whether 0 leads, whether brackets mean less than zero, whether thousands are parted."""
    if None in given:
        raise CellError(CellFault.INVALID_NULL)
    digits, leading, brackets, group = padded(given, 4)
    places = -1 if digits is EMPTY else whole_of(digits)
    if not -1 <= places <= 99:
        raise CellError(CellFault.INVALID_CALL)
    places = 2 if places == -1 else places
    whole = "#,##" if _tristate(group, default=True) else ""
    whole += "0" if _tristate(leading, default=True) else "#"
    picture = whole + ("." + "0" * places if places else "")
    made = number_formats.formatted(abs(number), picture)
    before, after = (sign, "") if money else ("", sign)
    if number >= 0 or not any(c in "123456789" for c in made):
        return f"{before}{made}{after}"
    if _tristate(brackets, default=money):
        return f"({before}{made}{after})"
    return f"-{before}{made}{after}"


@function("FormatNumber", 1, 5, takes_null=True)
def _format_number(value: Any, *given: Any) -> str:
    return "" if value is None else _grouped(exact(value), given)


@function("FormatCurrency", 1, 5, takes_null=True)
def _format_currency(value: Any, *given: Any) -> str:
    return "" if value is None else _grouped(exact(value), given, "$", money=True)


@function("FormatPercent", 1, 5, takes_null=True)
def _format_percent(value: Any, *given: Any) -> str:
    return "" if value is None else _grouped(exact(value) * 100, given, "%")


@function("FormatDateTime", 1, 2, takes_null=True, clocked=True)
def _format_date_time(now: datetime, value: Any, form: Any = EMPTY) -> str:
    if form is None:
        raise CellError(CellFault.INVALID_NULL)
    number = 0 if form is EMPTY else whole_of(form)
    if not 0 <= number <= 4:
        raise CellError(CellFault.INVALID_CALL)
    picture = ("c", "dddddd", "ddddd", "ttttt", "hh:nn")[number]
    if value is None:
        return ""
    return date_formats.formatted(to_second(date_of(value, now)), picture, 1, 1)
