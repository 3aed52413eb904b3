"""Functions of dates, none of them dependent on the session's DATEFIRST or LANGUAGE.

The day of the week is counted from a Sunday that every server knows, 0001-01-07.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlglot import exp

from wizard.convert.date_arithmetic import moved
from wizard.convert.dialect.dates import TURN, full_year
from wizard.convert.functions.registry import FunctionCall, function, simple
from wizard.convert.literals import BASE, DATE_SQL
from wizard.convert.text_parsing import named_date, names_date
from wizard.convert.tree import (
    Faults,
    Part,
    SqlNode,
    Text,
    Volatility,
    case,
    choose_sql,
    enclosed,
    error,
    failing,
    made_by,
    only_where,
    spread,
    tsql,
    volatile,
)
from wizard.convert.typed_sql import DATES, SHORT_INTEGERS, TEXTS, Typed
from wizard.definitions import ColumnType

AREA: Final = "dates"
_L, _T = ColumnType.LONG, ColumnType.TEXT
_SUNDAY: Final = date(1, 1, 7)
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                 "November", "December")  # fmt: skip
_UNITS: Final = {
    "yyyy": "year", "q": "quarter", "m": "month", "y": "day", "d": "day", "w": "day", "ww": "week", "h": "hour",
    "n": "minute", "s": "second",
}  # fmt: skip

_YEAR: Final = "YEAR({0})"
for _name, _sql, _value in (
    ("Year", _YEAR, 2024), ("Month", "MONTH({0})", 2), ("Day", "DAY({0})", 29),
    ("Hour", "DATEPART(hour, {0})", 13), ("Minute", "DATEPART(minute, {0})", 5), ("Second", "DATEPART(second, {0})", 9),
):  # fmt: skip
    simple(_name, "d", _sql, _L, (f"{_name}(#2024-02-29 13:05:09#)", _value), area=AREA)


def weekday_sql(day: Part, first: int = 1) -> SqlNode:
    """1 to 7, counted from `first` (1 is Sunday)."""
    return enclosed("DATEDIFF(day, {}, {}) % 7 + 1", _start(first), day)


def _start(first: int) -> SqlNode:
    """The first day of the week that is the earliest every server knows."""
    start = (_SUNDAY + timedelta(days=first - 1)).strftime("%Y%m%d").rjust(8, "0")
    return tsql("CONVERT(date, '{}', 112)", start)


def week_sql(day: Part, first: int = 1, rule: int = 1) -> SqlNode:
    """The week of the year, the first being that of 1 January (`rule` 1), with four days (2), or a full one (3).

    By the last two a week belongs whole to the year of its fourth, or of its first day.
    """
    if rule != 1:
        belongs = tsql("DATEADD(day, {} - {}, {})", 4 if rule == 2 else 1, weekday_sql(day, first), day)
        return enclosed("(DATEPART(dayofyear, {}) - 1) / 7 + 1", belongs)
    new_year = tsql("DATEADD(day, 1 - DATEPART(dayofyear, {0}), {0})", day)
    return enclosed("(DATEPART(dayofyear, {}) + {} - 2) / 7 + 1", day, weekday_sql(new_year, first))


def note_iso_weeks(call: FunctionCall, first: int, rule: int) -> None:
    """Tell of a mistake of DatePart and Format (Microsoft's article 200299)."""
    if (first, rule) == (2, 2):
        call.note(3532, reason="Access gives 53 for the last Monday of some years; the server gives the 1 it should be")


def first_day(call: FunctionCall, number: int) -> int:
    """The first day of the week that an argument asks for; 0 (as Windows says) is taken as Sunday, with a message."""
    found = call.constant_integer(number, 1)
    if found == 0:
        call.note(3523)
        return 1
    if not 1 <= found <= 7:
        call.fail("a first day of the week is 1 (Sunday) to 7")
    return found


def first_week(call: FunctionCall, number: int) -> int:
    """The way to find the year's first week that an argument asks for; 0 (as Windows says) is taken as 1, with a
    message.
    """
    found = call.constant_integer(number, 1)
    if found == 0:
        call.note(3523)
        return 1
    if not 1 <= found <= 3:
        call.fail("a first week of the year is 1 (that of 1 January) to 3")
    return found


def interval(call: FunctionCall) -> str:
    """The interval of DateAdd, DateDiff and DatePart, written out."""
    written = call.any(0).constant
    found = written.lower() if isinstance(written, str) else ""
    if found not in _UNITS:
        call.fail("the interval must be one of " + ", ".join(f'"{u}"' for u in _UNITS) + ", written out")
    return found


@function("DateAdd", (3, 3), "DATEADD(unit, b, c)",
          ('Day(DateAdd("m", 1, #2024-01-31#))', 29), ('Hour(DateAdd("h", -1, #2024-01-31 05:00#))', 4),
          ('Day(DateAdd("yyyy", 1, #2024-02-29#))', 28), ('Month(DateAdd("q", -1, #2024-03-31#))', 12),
          ('Day(DateAdd("ww", 1, #2024-02-29#))', 7), ('Day(DateAdd("w", 1.5, #2024-02-28#))', 1),
          takes="tid", area=AREA, written=(0,))  # fmt: skip
def date_add(call: FunctionCall) -> Typed:
    """A date some intervals later, or earlier: the unit must be written out; `w` and `y` are days, as `d` is."""
    unit, amount, day = _UNITS[interval(call)], call[1], call[2]
    return moved(unit, amount, day)


@function("DateDiff", (3, 5), "DATEDIFF(unit, b, c)",
          ('DateDiff("d", #2024-02-28#, #2024-03-01#)', 2), ('DateDiff("yyyy", #2023-12-31#, #2024-01-01#)', 1),
          ('DateDiff("ww", #2024-01-06#, #2024-01-07#)', 1), ('DateDiff("ww", #2024-01-06#, #2024-01-07#, 2)', 0),
          ('DateDiff("w", #2024-01-06#, #2024-01-20#)', 2), ('DateDiff("w", #2024-01-06#, #2024-01-19#)', 1),
          ('DateDiff("ww", #2024-01-20#, #2024-01-06#)', -2), ('DateDiff("n", #10:00:59#, #10:01:00#)', 1),
          ('DateDiff("d", #2024-03-01#, #2024-02-28#)', -2), takes="tddii", area=AREA, written=(0,))  # fmt: skip
def date_diff(call: FunctionCall) -> Typed:
    """Borders of the interval between two dates; of `w` whole weeks, of `ww` first days of weeks."""
    unit, begin, end = interval(call), call[1], call[2]
    sql: SqlNode
    if unit == "w":
        sql = enclosed("DATEDIFF(day, {}, {}) / 7", begin, end)
    elif unit == "ww":
        sunday = _start(first_day(call, 3))
        sql = enclosed("DATEDIFF(day, {0}, {1}) / 7 - DATEDIFF(day, {0}, {2}) / 7", sunday, end, begin)
    else:
        sql = tsql("DATEDIFF({}, {}, {})", _UNITS[unit], begin, end)
        if unit in _MANY and call.guarded and None in (begin.constant, end.constant):
            return Typed(_counted(_UNITS[unit], begin, end), _L)
    return Typed(sql, _L, begin.nullable or end.nullable)


_MANY: Final = ("n", "s")
"""intervals of which there may be more between two dates than a Long holds"""


def _counted(unit: str, begin: Typed, end: Typed) -> SqlNode:
    """So many between two dates; NULL, where Access shows an error, for more than a Long holds."""
    counted = tsql("DATEDIFF_BIG({}, {}, {})", unit, begin, end)
    large = tsql("{} NOT BETWEEN {} AND {}", counted, -(2**31), 2**31 - 1)
    return failing(tsql("TRY_CONVERT(int, {})", counted), large, Faults.LARGE)


@function("DatePart", (2, 4), "DATEPART(unit, b)",
          ('DatePart("q", #2024-05-01#)', 2), ('DatePart("y", #2024-02-01#)', 32), ('DatePart("w", #2024-01-06#)', 7),
          ('DatePart("ww", #2024-01-07#)', 2), ('DatePart("ww", #2024-12-30#, 2, 2)', 1),
          ('DatePart("ww", #2024-01-06#, 1, 3)', 53), ('DatePart("ww", #2024-01-07#, 1, 3)', 1),
          takes="tdii", area=AREA,
          written=(0,), note="weeks of ISO 8601 as they should be: Access has 53 for some Mondays (told)")  # fmt: skip
def date_part(call: FunctionCall) -> Typed:
    """A part of a date as a number; the day and the week by the first day and first week asked for."""
    unit, day = interval(call), call[1]
    first = first_day(call, 2)
    sql: SqlNode
    if unit == "w":
        sql = weekday_sql(day, first)
    elif unit == "ww":
        rule = first_week(call, 3)
        note_iso_weeks(call, first, rule)
        sql = week_sql(day, first, rule)
    else:
        sql = tsql("DATEPART({}, {})", "dayofyear" if unit == "y" else _UNITS[unit], day)
    return Typed(sql, _L, day.nullable)


@function("Weekday", (1, 2), "days since a Sunday, modulo 7",
          ("Weekday(#2024-01-07#)", 1), ("Weekday(#2024-01-07#, 2)", 7), takes="di", area=AREA)  # fmt: skip
def weekday(call: FunctionCall) -> Typed:
    """The day of the week, 1 to 7, counted from Sunday or the first day asked for."""
    day = call[0]
    return Typed(weekday_sql(day, first_day(call, 1)), _L, day.nullable)


def names_sql(index: Part, names: tuple[str, ...], *, short: bool = False) -> SqlNode:
    """The name at an index from 1, or its first three letters; NULL for every other index."""
    return choose_sql(index, *(Text(n[:3] if short else n) for n in names))


def _named_in(call: FunctionCall, index: Typed, names: tuple[str, ...]) -> Typed:
    """The name of a number, which is an error in Access for all others."""
    node = failing(names_sql(index, names, short=_short(call)), tsql("{} NOT BETWEEN 1 AND {}", index, len(names)))
    return Typed(node, _T, nullable=True, length=max(map(len, names)))


@function("WeekdayName", (1, 3), "CHOOSE(a, 'Sunday' …)", ("WeekdayName(1)", "Sunday"),
          ("WeekdayName(1, True, 2)", "Mon"), takes="i*i", area=AREA, note="English names, NULL for other numbers",
          written=(1,))  # fmt: skip
def weekday_name(call: FunctionCall) -> Typed:
    """The English name of a day of the week, counted from the first day asked for."""
    call.note(3523)
    index, first = call[0], first_day(call, 2)
    names = DAYS[first - 1 :] + DAYS[: first - 1]
    return _named_in(call, index, names)


@function("MonthName", (1, 2), "CHOOSE(a, 'January' …)", ("MonthName(2)", "February"), ("MonthName(2, True)", "Feb"),
          takes="i", area=AREA, note="English names, NULL for other numbers", written=(1,))  # fmt: skip
def month_name(call: FunctionCall) -> Typed:
    """The English name of a month, 1 to 12."""
    call.note(3523)
    index = call[0]
    return _named_in(call, index, MONTHS)


def _short(call: FunctionCall) -> bool:
    return call.has(1) and bool(call.constant_integer(1, 0))


@function("DateSerial", (3, 3), "DATETIME2FROMPARTS with months and days added",
          ("Day(DateSerial(2024, 3, 0))", 29), ("Month(DateSerial(2024, 14, 1))", 2),
          ("Year(DateSerial(24, 1, 1))", 2024), ("Year(DateSerial(99, 1, 1))", 1999),
          ("Month(DateSerial(2024, 0, 1))", 12), ("Year(DateSerial(2024, -1, 1))", 2023),
          ("Month(DateSerial(2023, 2, 29))", 3), ("Year(DateSerial(Int(49.5), 1, 1))", 2049),
          ("Year(DateSerial(Int(50.5), 1, 1))", 1950), takes="iii", area=AREA)  # fmt: skip
def date_serial(call: FunctionCall) -> Typed:
    """A date of year, month and day: months and days beyond their range go on into the next, or the one before."""
    year, month, day = parts = [call[i] for i in range(3)]
    if not _possible(parts):
        call.note(3529)
        return _NO_DATE
    if isinstance(year.constant, int):
        call.note_century(full_year(year.constant), str(year.constant))
    made = tsql("DATETIME2FROMPARTS({}, 1, 1, 0, 0, 0, 0, 0)", _full_year(call, year))
    sql = tsql("DATEADD(day, {} - 1, DATEADD(month, {} - 1, {}))", day, month, made)
    typed = Typed(sql, ColumnType.DATE, any(p.nullable for p in parts) or not _sure_year(year))
    return _of_integers(call, typed, (1, 2))


def _of_integers(call: FunctionCall, made: Typed, numbers: tuple[int, ...]) -> Typed:
    """NULL where one of those arguments is none that VBA takes; parts of dates are never so large."""
    large = [call[i] for i in numbers if call[i].constant is None and not _near_part(call.arguments[i])]
    large = [v for v in large if v.type not in SHORT_INTEGERS]
    if not large or not call.guarded:
        return made
    call.note(3529)
    least, most = _INTEGERS[0], _INTEGERS[-1]
    within = spread(" AND ", [tsql("{} BETWEEN {} AND {}", v, least, most) for v in large])
    return replace(made, node=only_where(within, made.node), nullable=True)


_PARTS: Final = ("year", "month", "day", "hour", "minute", "second", "weekday", "datepart")


def _near_part(node: exp.Expr) -> bool:
    """Whether it is made of parts of dates and of what is written out, by + and -, or is written out."""
    node = node.unnest()
    if isinstance(node, exp.Add | exp.Sub | exp.Mod):
        return _near_part(node.this) and _near_part(node.expression)
    named = isinstance(node, exp.Anonymous) and node.name.casefold() in _PARTS
    return named or isinstance(node.this if isinstance(node, exp.Neg) else node, exp.Literal)


_NO_DATE: Final = Typed(error(DATE_SQL), ColumnType.DATE)
_FIRST_YEAR: Final = 100
_LAST_YEAR: Final = 9999
_INTEGERS: Final = range(-(2**15), 2**15)
"""what VBA takes for an argument of DateSerial and TimeSerial"""


def _possible(parts: list[Typed]) -> bool:
    """Whether what is written out of year, month and day may be of a date of the years 100 to 9999."""
    known = [p.constant for p in parts if isinstance(p.constant, int)]
    if any(k not in _INTEGERS for k in known):
        return False
    year = parts[0].constant
    if isinstance(year, int) and not 0 <= year <= _LAST_YEAR:
        return False
    if len(known) < len(parts):
        return True
    whole, month, day = full_year(known[0]), known[1] - 1, known[2] - 1
    years, months = divmod(month, 12)
    if not 1 <= whole + years <= _LAST_YEAR:
        return False
    days = date(whole + years, months + 1, 1).toordinal() + day
    return date(_FIRST_YEAR, 1, 1).toordinal() <= days <= date.max.toordinal()


def _sure_year(year: Typed) -> bool:
    return isinstance(year.constant, int) or made_by(_YEAR, year.node)


def _full_year(call: FunctionCall, year: Typed) -> Part:
    """0 to 49 are of this century, 50 to 99 of the last, as Windows has it; NULL for what is no year of Access."""
    if isinstance(year.constant, int):
        return full_year(year.constant)
    if _sure_year(year):
        return year.node
    possible = tsql("{} BETWEEN {} AND {}", year, _FIRST_YEAR, _LAST_YEAR), year
    if _near_year(call.arguments[0]):
        return case(possible)
    call.note(3529)
    short_year = (
        (tsql("{} BETWEEN 0 AND {}", year, TURN - 1), tsql("{} + 2000", year)),
        (tsql("{} BETWEEN {} AND 99", year, TURN), tsql("{} + 1900", year)),
    )
    return case(*short_year, possible)


def _near_year(node: exp.Expr) -> bool:
    """Whether it is the year of something, and some years more or less."""
    if not isinstance(node, exp.Add | exp.Sub) or not isinstance(node.expression, exp.Literal):
        return False
    year = node.this.unnest()
    return isinstance(year, exp.Anonymous) and year.name.casefold() == "year"


@function("TimeSerial", (3, 3), "DATEADD(second, …, 1899-12-30)", ("Minute(TimeSerial(1, 75, 0))", 15),
          ("Hour(TimeSerial(12, -15, 0))", 11), ("Day(TimeSerial(25, 0, 0))", 31), takes="iii", area=AREA)  # fmt: skip
def time_serial(call: FunctionCall) -> Typed:
    """Less than no time is -1.25, say, of which Access shows the fraction as a time of day, without its sign."""
    parts = [call[i] for i in range(3)]
    if any(isinstance(p.constant, int) and p.constant not in _INTEGERS for p in parts):
        call.note(3529)
        return _NO_DATE
    hours, minutes, seconds = parts
    sum_ = enclosed("{} * 3600 + {} * 60 + {}", hours, minutes, seconds)
    if all((isinstance(p.constant, int) and p.constant >= 0) or _of_clock(call, i) for i, p in enumerate(parts)):
        sql = tsql("DATEADD(second, {} * 3600 + {} * 60 + {}, {})", hours, minutes, seconds, BASE)
    else:
        sql = tsql("DATEADD(day, {0} / 86400, DATEADD(second, ABS({0} % 86400), {1}))", sum_, BASE)
    made = Typed(sql, ColumnType.DATE, any(p.nullable for p in parts))
    return _of_integers(call, made, (0, 1, 2))


def _of_clock(call: FunctionCall, number: int) -> bool:
    """Whether an argument is the hour, minute or second of something, which is never below zero."""
    node = call.arguments[number]
    return isinstance(node, exp.Anonymous) and node.name.casefold() in ("hour", "minute", "second")


def _named(call: FunctionCall) -> Typed:
    """A date or the text of one: DateValue and TimeValue take no number (measured of Access's engine)."""
    value = call.any(0)
    if (
        value.type in DATES
        or value.type is ColumnType.UNKNOWN
        or (isinstance(value.constant, str) and names_date(value.constant))
    ):
        return call.date(0)
    if value.type in TEXTS and value.constant is None:
        call.note(3526)
        read = named_date(value)
        return Typed(failing(read, tsql("{} IS NOT NULL AND {} IS NULL", value, read)), ColumnType.DATE)
    call.note(3529)
    return _NO_DATE


@function("DateValue", (1, 1), "CONVERT(date, a)", ("Hour(DateValue(#2024-01-31 05:00#))", 0),
          ('Day(DateValue("2024-01-31"))', 31), takes="d", area=AREA)  # fmt: skip
def date_value(call: FunctionCall) -> Typed:
    """The day of a date, or of the text of one, at midnight."""
    day = _named(call)
    return Typed(tsql("CONVERT({}, CONVERT(date, {}))", DATE_SQL, day), ColumnType.DATE, day.nullable)


@function(
    "TimeValue",
    (1, 1),
    "the time of a on 1899-12-30",
    ("Year(TimeValue(#2024-01-31 05:00#))", 1899),
    takes="d",
    area=AREA,
)
def time_value(call: FunctionCall) -> Typed:
    """The time of day of a date, or of the text of one, on 1899-12-30."""
    moment = _named(call)
    clock = volatile(Volatility.SESSION, "CONVERT(char(8), CONVERT(time(0), {}))", moment)
    sql = tsql("CONVERT({}, '1899-12-30T' + {}, 126)", DATE_SQL, clock)
    return Typed(sql, ColumnType.DATE, moment.nullable)
