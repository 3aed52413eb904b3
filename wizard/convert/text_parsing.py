"""Numbers and dates that T-SQL, or we beforehand, read out of a text as Access does."""

from __future__ import annotations

from typing import Final

from wizard.convert.dialect.date_texts import COMMON, LEAP, read_moment
from wizard.convert.literals import BASE, DATE_SQL, moment
from wizard.convert.tree import Part, SqlNode, Volatility, case, coalesced, null_if, tsql, volatile
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType


def date_of_text(value: Part) -> SqlNode:
    """The moment that a text names or that its number is; NULL where there is none."""
    number = tsql("TRY_CONVERT(int, {})", null_if(value, "N''"))
    days = case((tsql("LEN({}) < 7", value), number))
    return case(
        (tsql("{} LIKE N'%[^0-9]%'", value), named_date(value)),
        otherwise=tsql("DATEADD(day, {}, {})", days, BASE),
    )


def named_date(value: Part) -> SqlNode:
    """The moment that a text names, NULL where it names none: month first where that can be, else day first.

    A time of day alone is on day 0, where T-SQL takes it for 1900; nothing, figures alone and what has a T before its
    time are no dates, where T-SQL takes them for some.
    """
    written = null_if(value, "N''")
    tries = [tsql("TRY_CONVERT({}, {}, {})", DATE_SQL, written, style) for style in (_MONTH_FIRST, _DAY_FIRST)]
    named = volatile(Volatility.SESSION, "TRY_CONVERT({}, {})", DATE_SQL, written)
    day = tsql("{} LIKE N'%[^0-9:APM ]%'", value)
    lettered = tsql("{} LIKE N'%[0-9]T[0-9]%'", value)
    moved = case((lettered, "NULL"), (day, 0), (tsql("{} LIKE N'%[:APM]%'", value), -2))  # and of figures alone nothing
    return tsql("DATEADD(day, {}, {})", moved, coalesced(*tries, named))


_MONTH_FIRST, _DAY_FIRST = 101, 103
"""styles of CONVERT"""


def number_of_text(value: Part) -> SqlNode:
    """The number that a text says, NULL where it says none, which is where Access shows an error.

    With commas between thousands, a dollar sign, and brackets for a minus, as Access takes them.
    """
    plain = tsql("TRY_CONVERT(float, {})", null_if(value, "N''"))
    bare_ = tsql("REPLACE(REPLACE(REPLACE(REPLACE({}, N',', N''), N'$', N''), N'(', N'-'), N')', N'')", value)
    return coalesced(plain, tsql("TRY_CONVERT(float, {})", null_if(bare_, "N''")))


_THIS_YEAR: Final = volatile(Volatility.STATEMENT, "YEAR(GETDATE())")


def written_date(written: str) -> Typed | None:
    """The date or time that a text names, if it names one; what has no year is of the year of the server's clock."""
    common, leap = read_moment(written, COMMON), read_moment(written, LEAP)
    if common == leap or common is None or leap is None:
        return moment(common) if common else None
    day = (leap.month, leap.day, leap.hour, leap.minute, leap.second)
    sql = tsql("DATETIME2FROMPARTS({}, {}, {}, {}, {}, {}, 0, 0)", _THIS_YEAR, *day)
    if common.year != COMMON:  # February 29, which other years read as a month and a year
        days = tsql("DAY(EOMONTH(DATEFROMPARTS({}, 2, 1)))", _THIS_YEAR)
        sql = case((tsql("{} = 29", days), sql), otherwise=moment(common))
    return Typed(sql, ColumnType.DATE, nullable=False)


def names_date(written: str) -> bool:
    """Whether a text names a date or a time, as IsDate has it."""
    return read_moment(written, LEAP) is not None
