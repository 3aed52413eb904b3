"""Typed values: literals, and what Access makes of a value where another type is wanted.

Sources: Microsoft's VBA and Access SQL references ("Type conversion functions", "Comparison of Microsoft Access SQL
and ANSI SQL"). Dates are numbers in Access: days since 1899-12-30, the time as the fraction of a day.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from wizard.convert.create import text as text_sql
from wizard.convert.dialect.dates import read_date
from wizard.convert.typed import Typed
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

SHORT_INTEGERS: Final = frozenset({ColumnType.BYTE, ColumnType.INTEGER})
INTEGERS: Final = SHORT_INTEGERS | {ColumnType.LONG, ColumnType.BIGINT}
FLOATS: Final = frozenset({ColumnType.SINGLE, ColumnType.DOUBLE})
NUMBERS: Final = INTEGERS | FLOATS | {ColumnType.CURRENCY, ColumnType.DECIMAL}
TEXTS: Final = frozenset({ColumnType.TEXT, ColumnType.MEMO})
DATES: Final = frozenset({ColumnType.DATE, ColumnType.DATE_EXTENDED})

FLAGS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""texts that Access takes for Yes/No values"""
DATE_SQL: Final = "datetime2(0)"
BASE: Final = f"CONVERT({DATE_SQL}, '18991230', 112)"
"""day 0 of Access's calendar"""
NULL: Final = Typed("NULL", ColumnType.UNKNOWN)
TRUE: Final = Typed("CONVERT(bit, 1)", ColumnType.BOOLEAN, nullable=False, constant=True)
FALSE: Final = Typed("CONVERT(bit, 0)", ColumnType.BOOLEAN, nullable=False, constant=False)


def text(value: str) -> Typed:
    return Typed(text_sql(value), ColumnType.TEXT, nullable=False, length=len(value), constant=value)


def integer(value: int) -> Typed:
    kind = ColumnType.INTEGER if -(2**15) <= value < 2**15 else ColumnType.LONG
    if not -(2**31) <= value < 2**31:
        kind = ColumnType.BIGINT if -(2**63) <= value < 2**63 else ColumnType.DOUBLE
        return Typed(f"{value}E0" if kind is ColumnType.DOUBLE else str(value), kind, nullable=False, constant=value)
    return Typed(str(value), kind, nullable=False, constant=value)


def double(value: float) -> Typed:
    """A float literal must have an exponent in T-SQL: without one it is a decimal."""
    if not math.isfinite(value):
        raise ConversionError(3505, function="A constant", reason="its value is larger than any number that there is")
    written = repr(value)
    return Typed(written if "e" in written else f"{written}E0", ColumnType.DOUBLE, nullable=False, constant=value)


def moment(value: datetime) -> Typed:
    day = value.strftime("%Y%m%d").rjust(8, "0")
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        sql = f"CONVERT({DATE_SQL}, '{day}', 112)"
    else:
        sql = f"CONVERT({DATE_SQL}, '{value.isoformat(timespec='seconds')}', 126)"
    return Typed(sql, ColumnType.DATE, nullable=False, constant=value)


def as_number(value: Typed) -> Typed:
    """The number Access calculates with: True is -1, a date its serial number, text what it says."""
    if value.type in NUMBERS or value.type is ColumnType.UNKNOWN:
        return value
    if isinstance(value.constant, bool):
        return integer(-1 if value.constant else 0)
    if value.type is ColumnType.BOOLEAN:
        return Typed(f"(-1 * {value.sql})", ColumnType.INTEGER, value.nullable)
    if value.type in DATES:
        return serial(value)
    if isinstance(value.constant, str):
        number = read_number(value.constant)
        if number is not None:
            return number
    return Typed(f"CONVERT(float, {value.sql})", ColumnType.DOUBLE, value.nullable)


def read_number(written: str) -> Typed | None:
    """A text that holds a number as Access reads it in an expression; None where it does not."""
    try:
        found = Decimal(written.strip())
    except ArithmeticError:
        return None
    if not found.is_finite() or not math.isfinite(float(found)):
        return None  # the server says at run time what Access says then: it is too large
    return integer(int(found)) if "." not in written and found == found.to_integral_value() else double(float(found))


def as_integer(value: Typed) -> Typed:
    """A whole number, halves rounded to even, as Access rounds where it wants one."""
    number = as_number(value)
    if number.type in INTEGERS:
        return number
    if isinstance(number.constant, float):
        return integer(round(number.constant))
    return Typed(f"CONVERT(int, {rounded(number.sql)})", ColumnType.LONG, number.nullable)


def rounded(sql: str) -> str:
    """Half to even without losing NULL: round half up, less one where that made an odd number of a half.

    The fraction of x/2 is a quarter exactly where x is a half above an even number. The divisor is a decimal, as
    money divided by a whole number would be rounded to four places.
    """
    return f"(FLOOR({sql} + 0.5) - CASE WHEN {sql} / 2.0 - FLOOR({sql} / 2.0) = 0.25 THEN 1 ELSE 0 END)"


def as_text(value: Typed) -> Typed:
    """The text Access shows for a value where text is wanted."""
    if value.type in TEXTS:
        return value
    if value.constant is not None and (made := _constant_text(value)) is not None:
        return text(made)
    kind, sql = value.type, value.sql
    if kind is ColumnType.BOOLEAN:
        made_sql, length = f"CONVERT(nvarchar(2), (-1 * {sql}))", 2
    elif kind in INTEGERS:
        made_sql, length = f"CONVERT(nvarchar(20), {sql})", 20
    elif kind in (ColumnType.CURRENCY, ColumnType.DECIMAL):
        made_sql, length = _without_zeros(f"CONVERT(nvarchar(41), {sql} * 1.0)"), 41
    elif kind in FLOATS:
        made_sql, length = f"FORMAT({sql}, N'{'G7' if kind is ColumnType.SINGLE else SHORTEST}', N'en-US')", 30
    elif kind in DATES:
        return general_date(value)
    elif kind is ColumnType.GUID:
        made_sql, length = f"(N'{{' + CONVERT(nchar(36), {sql}) + N'}}')", 38
    else:
        made_sql, length = f"CONVERT(nvarchar(max), {sql})", 0
    return Typed(made_sql, ColumnType.TEXT, value.nullable, length)


SHORTEST: Final = "G15"
"""the picture of FORMAT that writes a float as Access does: with up to 15 digits, none of them without need"""


def needs_format(value: Typed) -> bool:
    """Whether the text of a value takes T-SQL's FORMAT, whose cost is told."""
    return value.type in FLOATS and value.constant is None


def _without_zeros(sql: str) -> str:
    """A decimal's text without the zeros at its end, and without a point that is then the last: one turned into
    blanks, those cut off on the right, the rest turned back."""
    zeros = f"REPLACE(RTRIM(REPLACE({sql}, N'0', N' ')), N' ', N'0')"
    return f"REPLACE(RTRIM(REPLACE({zeros}, N'.', N' ')), N' ', N'.')"


def _constant_text(value: Typed) -> str | None:
    found = value.constant
    if isinstance(found, bool):
        return "-1" if found else "0"
    if isinstance(found, int):
        return str(found)
    if isinstance(found, float):
        return f"{found:.15G}"
    return None


def general_date(value: Typed) -> Typed:
    """`1/31/2024 2:05:09 PM`, without a part that says nothing: midnight, or day 0."""
    sql = value.sql
    hour = f"DATEPART(hour, {sql})"
    half = f"CASE WHEN {hour} < 12 THEN N' AM' ELSE N' PM' END"
    clock = f"({hour} + 11) % 12 + 1, RIGHT(CONVERT(nchar(19), {sql}, 120), 6), {half}"
    day = f"MONTH({sql}), N'/', DAY({sql}), N'/', CONVERT(nchar(4), {sql}, 112)"
    midnight = f"CONVERT(time(0), {sql}) = '00:00:00'"
    first = f"CONVERT(date, {sql}) = '18991230'"
    made = (
        f"CASE WHEN {midnight} THEN CONCAT({day}) WHEN {first} THEN CONCAT({clock}) "
        f"WHEN {sql} IS NOT NULL THEN CONCAT({day}, N' ', {clock}) END"
    )
    return Typed(made, ColumnType.TEXT, value.nullable, 22)


def serial(value: Typed) -> Typed:
    """A date as Access's number. Before day 0 the time still counts away from zero, which is Access's own oddity."""
    sql = value.sql
    days = f"DATEDIFF(day, '18991230', {sql})"
    fraction = f"DATEDIFF(millisecond, CONVERT(date, {sql}), {sql}) / 86400000.0E0"
    made = f"({days} + CASE WHEN {sql} < '18991230' THEN -1 ELSE 1 END * {fraction})"
    return Typed(made, ColumnType.DOUBLE, value.nullable)


def as_date(value: Typed) -> Typed:
    """A moment; a number is days since 1899-12-30."""
    if value.type in DATES or value.type is ColumnType.UNKNOWN:
        return value
    if value.type in TEXTS:
        day = read_date(value.constant) if isinstance(value.constant, str) else None
        return moment(day) if day else Typed(f"CONVERT({DATE_SQL}, {value.sql})", ColumnType.DATE, value.nullable)
    number = as_number(value)
    if number.type in INTEGERS:
        return Typed(f"DATEADD(day, {number.sql}, {BASE})", ColumnType.DATE, value.nullable)
    whole = f"ROUND({number.sql}, 0, 1)"
    seconds = f"CONVERT(int, ROUND(ABS({number.sql} - {whole}) * 86400, 0))"
    made = f"DATEADD(second, {seconds}, DATEADD(day, CONVERT(int, {whole}), {BASE}))"
    return Typed(made, ColumnType.DATE, value.nullable)


def as_type(value: Typed, kind: ColumnType) -> Typed:  # noqa: PLR0911  # a table of cases
    """The value as a column of that type would take it in Access."""
    if value.type is kind or value.type is ColumnType.UNKNOWN:
        return value
    if kind in TEXTS:
        return as_text(value)
    if kind in DATES:
        return as_date(value)
    if kind is ColumnType.BOOLEAN:
        return as_bit(value)
    if kind in INTEGERS:
        return replace(as_integer(value), type=kind)
    if kind in NUMBERS:
        return as_number(value)
    return value


def as_bit(value: Typed) -> Typed:
    """A bit: every number but 0 is true."""
    if value.type is ColumnType.BOOLEAN or value.type is ColumnType.UNKNOWN:
        return value
    if isinstance(value.constant, str) and value.constant.strip().casefold() in FLAGS:
        return TRUE if FLAGS[value.constant.strip().casefold()] else FALSE
    number = as_number(value)
    if isinstance(number.constant, int | float):
        return TRUE if number.constant else FALSE
    sql = f"CONVERT(bit, {number.sql})"
    if value.type in TEXTS:
        flags = " ".join(f"WHEN N'{name}' THEN CONVERT(bit, {bit})" for name, bit in (("True", 1), ("False", 0)))
        sql = f"CASE {value.sql} {flags} ELSE {sql} END"
    return Typed(sql, ColumnType.BOOLEAN, value.nullable)


_WIDTH: Final = (
    ColumnType.BOOLEAN, ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG, ColumnType.BIGINT, ColumnType.SINGLE,
    ColumnType.DOUBLE, ColumnType.CURRENCY, ColumnType.DECIMAL,
)  # fmt: skip


def common_type(values: tuple[Typed, ...]) -> ColumnType:  # noqa: PLR0911  # a table of cases
    """The type that holds all of them without loss: one column has one type on a server, where Access has Variants."""
    kinds = {v.type for v in values} - {ColumnType.UNKNOWN}
    if not kinds:
        return ColumnType.UNKNOWN
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds <= set(_WIDTH):
        if kinds & FLOATS and kinds & {ColumnType.LONG, ColumnType.BIGINT, ColumnType.CURRENCY, ColumnType.DECIMAL}:
            return ColumnType.DOUBLE
        return max(kinds, key=_WIDTH.index)
    if kinds <= DATES:
        return ColumnType.DATE_EXTENDED
    if kinds <= TEXTS:
        return ColumnType.MEMO
    return ColumnType.MEMO if ColumnType.MEMO in kinds else ColumnType.TEXT


def aligned(values: tuple[Typed, ...]) -> tuple[ColumnType, tuple[Typed, ...]]:
    """The values as branches of one CASE or COALESCE: of one family of types."""
    kind = common_type(values)
    if kind is ColumnType.DOUBLE:
        return kind, tuple(_as_float(v) for v in values)
    if kind in NUMBERS:
        return kind, tuple(as_number(v) for v in values)
    return kind, tuple(as_type(v, kind) for v in values)


def _as_float(value: Typed) -> Typed:
    """real is not enough beside float; every other number widens by itself."""
    number = as_number(value)
    if number.type is ColumnType.SINGLE:
        return Typed(f"CONVERT(float, {number.sql})", ColumnType.DOUBLE, number.nullable)
    return number
