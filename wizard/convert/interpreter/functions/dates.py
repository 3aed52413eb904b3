"""Functions of dates and times."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from wizard.convert.dialect.dates import full_year
from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.functions.registry import function, padded
from wizard.convert.interpreter.values import (
    DAY_ZERO,
    EMPTY,
    Integer,
    bool_of,
    date_of,
    mismatch,
    moment_of,
    named_date,
    serial_of,
    text_of,
    to_second,
    whole_of,
)

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_INTERVALS: Final = ("yyyy", "q", "m", "y", "d", "w", "ww", "h", "n", "s")


@function("Now", 0, 0, clocked=True, uses="clock")
def _now(now: datetime) -> datetime:
    return to_second(now)


@function("Date", 0, 0, clocked=True, uses="clock")
def _date(now: datetime) -> datetime:
    return datetime(now.year, now.month, now.day)  # Access knows no zones


@function("Time", 0, 0, clocked=True, uses="clock")
def _time(now: datetime) -> datetime:
    return _clock(to_second(now))


@function("Date$", 0, 0, clocked=True, uses="clock")
def _date_text(now: datetime) -> str:
    return f"{now.month:02d}-{now.day:02d}-{now.year:04d}"


@function("Time$", 0, 0, clocked=True, uses="clock")
def _time_text(now: datetime) -> str:
    return f"{now.hour:02d}:{now.minute:02d}:{now.second:02d}"


@function("Timer", 0, 0, clocked=True, uses="clock")
def _timer(now: datetime) -> float:
    return (now - datetime(now.year, now.month, now.day)).total_seconds()


def _clock(moment: datetime) -> datetime:
    return DAY_ZERO.replace(hour=moment.hour, minute=moment.minute, second=moment.second)


def _part(names: str, part: Callable[[datetime], Any]) -> None:
    function(names, 1, 1, clocked=True)(lambda now, value: part(to_second(date_of(value, now))))


_part("Year", lambda d: d.year)
_part("Month", lambda d: d.month)
_part("Day", lambda d: d.day)
_part("Hour", lambda d: d.hour)
_part("Minute", lambda d: d.minute)
_part("Second", lambda d: d.second)


def _of_named(name: str, part: Callable[[datetime], datetime]) -> None:
    """A function that takes a date or the text of one, and no number (measured of Access's engine)."""

    def value(now: datetime, given: Any) -> datetime:
        moment = given if isinstance(given, datetime) else named_date(given, now)
        if moment is None:
            raise mismatch(given)
        return part(to_second(moment))

    function(name, 1, 1, clocked=True)(value)


_of_named("DateValue", lambda d: datetime(d.year, d.month, d.day))
_of_named("TimeValue", _clock)


def first_day(value: Any) -> int:
    """1 (Sunday) to 7; left out or 0 it is Windows' own, Sunday in the United States. Raises CellError."""
    number = 1 if value is EMPTY else -1 if value is None else whole_of(value)
    if not 0 <= number <= 7:
        raise CellError(CellFault.INVALID_CALL)
    return number or 1


def weekday(moment: datetime, first: int = 1) -> int:
    """The day of the week, 1 to 7, counted from `first` (1 is Sunday)."""
    return (moment.isoweekday() % 7 + 1 - first) % 7 + 1


def week(moment: datetime, first: int, rule: int) -> int:
    """The week of the year: the first is that of January 1 (1), has four days (2), or is whole (3)."""
    day = datetime(moment.year, moment.month, moment.day)
    start = _first_week(moment.year, first, rule)
    if rule == 2 and moment.year < 9999 and day >= _first_week(moment.year + 1, first, rule):
        return 1
    if day < start:
        start = _first_week(moment.year - 1, first, rule)
    return (day - start).days // 7 + 1


def _first_week(year: int, first: int, rule: int) -> datetime:
    new_year = datetime(year, 1, 1)
    before = weekday(new_year, first) - 1
    later = before and (rule == 3 or (rule == 2 and 7 - before < 4))
    return new_year - timedelta(days=before) + timedelta(days=7 if later else 0)


def week_rule(value: Any) -> int:
    """What finds the year's first week, 1 to 3 as `week` takes it; left out or 0 it is 1. Raises CellError."""
    number = 1 if value is EMPTY else whole_of(value)
    if not 0 <= number <= 3:
        raise CellError(CellFault.INVALID_CALL)
    return number or 1


@function("Weekday", 1, 2, clocked=True)
def _weekday(now: datetime, value: Any, first: Any = EMPTY) -> int:
    return weekday(to_second(date_of(value, now)), first_day(first))


@function("WeekdayName", 1, 3)
def _weekday_name(number: Any, short: Any = EMPTY, first: Any = EMPTY) -> str:
    day = whole_of(number)
    if not 1 <= day <= 7:
        raise CellError(CellFault.INVALID_CALL)
    name = DAYS[(day + first_day(first) - 2) % 7]
    return name[:3] if bool_of(short) else name


@function("MonthName", 1, 2)
def _month_name(number: Any, short: Any = EMPTY) -> str:
    month = whole_of(number)
    if not 1 <= month <= 12:
        raise CellError(CellFault.INVALID_CALL)
    return MONTHS[month - 1][:3] if bool_of(short) else MONTHS[month - 1]


def _interval(value: Any) -> str:
    name = text_of(value).casefold()
    if name not in _INTERVALS:
        raise CellError(CellFault.INVALID_CALL)
    return name


def date_part(name: str, d: datetime, first: int = 1, rule: int = 1) -> int:
    """The part that an interval of Access (`yyyy`, `q`, `ww` …) names."""
    match name:
        case "q":
            return (d.month + 2) // 3
        case "y":
            return d.timetuple().tm_yday
        case "w":
            return weekday(d, first)
        case "ww":
            return week(d, first, rule)
    return {"yyyy": d.year, "m": d.month, "d": d.day, "h": d.hour, "n": d.minute, "s": d.second}[name]


@function("DatePart", 2, 4, clocked=True)
def _date_part(now: datetime, name: Any, value: Any, first: Any = EMPTY, rule: Any = EMPTY) -> int:
    return date_part(_interval(name), to_second(date_of(value, now)), first_day(first), week_rule(rule))


_MONTHS_OF: Final = {"yyyy": 12, "q": 3, "m": 1}
_DAYS_OF: Final = {"y": 1, "d": 1, "w": 1, "ww": 7}
_SECONDS_OF: Final = {"h": 3_600, "n": 60, "s": 1}


@function("DateAdd", 3, 3, clocked=True)
def _date_add(now: datetime, name: Any, count: Any, value: Any) -> datetime:
    unit, number, moment = _interval(name), whole_of(count), date_of(value, now)
    try:
        if unit in _MONTHS_OF:
            return _months_later(moment, number * _MONTHS_OF[unit])
        made = moment + timedelta(days=number * _DAYS_OF.get(unit, 0), seconds=number * _SECONDS_OF.get(unit, 0))
    except (ValueError, OverflowError):
        raise CellError(CellFault.INVALID_CALL) from None
    return moment_of(serial_of(made))


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day, or the last of a shorter month."""
    whole = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(whole, 12)
    if not 100 <= year <= 9999:
        raise CellError(CellFault.INVALID_CALL)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


@function("DateDiff", 3, 5, clocked=True)
def _date_diff(now: datetime, name: Any, one: Any, other: Any, *more: Any) -> int:
    """How many beginnings of the interval lie between two moments; of `w`, how many whole weeks."""
    first, rule = padded(more, 2)
    week_rule(rule)  # which changes nothing but may be wrong
    unit, a, b = _interval(name), to_second(date_of(one, now)), to_second(date_of(other, now))
    if unit in _MONTHS_OF:
        step = _MONTHS_OF[unit]
        return (b.year * 12 + b.month - 1) // step - (a.year * 12 + a.month - 1) // step
    days = (datetime(b.year, b.month, b.day) - datetime(a.year, a.month, a.day)).days
    if unit == "w":
        return days // 7 if days >= 0 else -(-days // 7)
    if unit == "ww":
        start = first_day(first)
        return (days + weekday(a, start) - weekday(b, start)) // 7
    if unit in _SECONDS_OF:
        step = _SECONDS_OF[unit]
        return whole_of(_seconds(b) // step - _seconds(a) // step)
    return days


def _seconds(moment: datetime) -> int:
    passed = moment - datetime(1, 1, 1)
    return passed.days * 86_400 + passed.seconds


@function("DateSerial", 3, 3)
def _date_serial(year: Any, month: Any, day: Any) -> datetime:
    """Months and days may be too many or too few; of two digits the year is of 1950 to 2049."""
    y, m, d = whole_of(year, Integer), whole_of(month, Integer) - 1, whole_of(day, Integer)
    y = full_year(y) if y >= 0 else y
    try:
        made = datetime(y + m // 12, m % 12 + 1, 1) + timedelta(days=d - 1)
    except (ValueError, OverflowError):
        raise CellError(CellFault.INVALID_CALL) from None
    if made.year < 100:
        raise CellError(CellFault.INVALID_CALL)
    return made


@function("TimeSerial", 3, 3)
def _time_serial(hour: Any, minute: Any, second: Any) -> datetime:
    seconds = whole_of(hour, Integer) * 3_600 + whole_of(minute, Integer) * 60 + whole_of(second, Integer)
    return moment_of(seconds / 86_400)
