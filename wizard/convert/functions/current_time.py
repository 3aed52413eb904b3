"""Functions that look at the clock. Access counts whole seconds."""

from __future__ import annotations

from typing import Final

from wizard.convert.functions.registry import FunctionCall, Sample, function
from wizard.convert.literals import DATE_SQL
from wizard.convert.tree import Volatility, enclosed, tsql, volatile
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType

AREA: Final = "clock"
_WHY: Final = "it is the time"
_CLOCK: Final = volatile(Volatility.STATEMENT, "GETDATE()")


@function("Date", (0, 0), "CONVERT(date, GETDATE())", Sample("Date()", None, _WHY), area=AREA)
def date(call: FunctionCall) -> Typed:
    """Today at midnight: the server's day, as the message says, which need not be that of the person who asks."""
    call.note(3527)
    return Typed(tsql("CONVERT({}, CONVERT(date, {}))", DATE_SQL, _CLOCK), ColumnType.DATE, nullable=False)


@function("Now", (0, 0), "GETDATE() to the second", Sample("Now()", None, _WHY), area=AREA)
def now(call: FunctionCall) -> Typed:
    """The date and time by the server's clock, without the fraction of a second that GETDATE() has."""
    call.note(3527)
    return Typed(tsql("CONVERT({}, {})", DATE_SQL, _CLOCK), ColumnType.DATE, nullable=False)


@function("Time", (0, 0), "the time of GETDATE() on 1899-12-30", Sample("Time()", None, _WHY), area=AREA)
def time(call: FunctionCall) -> Typed:
    """The time of day on 1899-12-30, the day that Access takes for none."""
    call.note(3527)
    sql = tsql("CONVERT({}, '1899-12-30T' + CONVERT(char(8), CONVERT(time(0), {})), 126)", DATE_SQL, _CLOCK)
    return Typed(sql, ColumnType.DATE, nullable=False)


@function("Timer", (0, 0), "seconds since midnight", Sample("Timer()", None, _WHY), area=AREA)
def timer(call: FunctionCall) -> Typed:
    """Seconds since midnight, with a fraction."""
    call.note(3527)
    sql = enclosed("DATEDIFF(millisecond, CONVERT(datetime, CONVERT(date, {0})), {0}) / 1000.0E0", _CLOCK)
    return Typed(sql, ColumnType.DOUBLE, nullable=False)


@function("Date$", (0, 0), "CONVERT(nvarchar(10), GETDATE(), 110)", Sample("Date$()", None, _WHY), area=AREA,
          note="text such as 01-31-2024")  # fmt: skip
def date_text(call: FunctionCall) -> Typed:
    """Today as text, MM-DD-YYYY."""
    call.note(3527)
    return Typed(tsql("CONVERT(nvarchar(10), {}, 110)", _CLOCK), ColumnType.TEXT, nullable=False, length=10)


@function("Time$", (0, 0), "CONVERT(nvarchar(8), GETDATE(), 108)", Sample("Time$()", None, _WHY), area=AREA,
          note="text such as 13:05:09")  # fmt: skip
def time_text(call: FunctionCall) -> Typed:
    """The time of day as text, HH:MM:SS."""
    call.note(3527)
    return Typed(tsql("CONVERT(nvarchar(8), {}, 108)", _CLOCK), ColumnType.TEXT, nullable=False, length=8)
