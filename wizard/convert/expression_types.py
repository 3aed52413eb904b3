"""What Access makes of an expression of one type where another is wanted: a number, a text, a date, a truth value.

Sources: Microsoft's VBA and Access SQL references ("Type conversion functions", "Comparison of Microsoft Access SQL
and ANSI SQL"). Dates are numbers in Access: days since 1899-12-30, the time as the fraction of a day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from wizard.convert.literals import BASE, DATE_SQL, DAY_0, FALSE, MIDNIGHT, TRUE, integer, read_number, short, text
from wizard.convert.text_parsing import date_of_text, number_of_text, written_date
from wizard.convert.tree import (
    Faults,
    Part,
    SqlNode,
    Text,
    Volatility,
    called,
    case,
    enclosed,
    error,
    failing,
    node_of,
    only_where,
    tsql,
    volatile,
)
from wizard.convert.typed_sql import DATES, FLOATS, INTEGERS, NUMBERS, SHORT_INTEGERS, TEXTS, Typed
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

FLAGS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""texts that Access takes for Yes/No values"""


def as_number(value: Typed) -> Typed:
    """The number Access calculates with: True is -1, a date its serial number, text what it says.

    Raises ConversionError (3536) for what is no number in Access either: a GUID, bytes.
    """
    if value.type in NUMBERS or value.type is ColumnType.UNKNOWN:
        return value
    if isinstance(value.constant, bool):
        return short(-1 if value.constant else 0)
    if value.type is ColumnType.BOOLEAN:
        return Typed(enclosed("-1 * {}", value), ColumnType.INTEGER, value.nullable)
    if value.type in DATES:
        return serial(value)
    if isinstance(value.constant, str):
        number = read_number(value.constant)
        return number or Typed(error("float", Faults.NUMBER_OF_TEXT), ColumnType.DOUBLE)
    if value.type in TEXTS:
        read = number_of_text(value)
        fault = tsql("{} IS NOT NULL AND {} IS NULL", value, read)
        return Typed(failing(read, fault, Faults.NUMBER_OF_TEXT), ColumnType.DOUBLE, nullable=True)
    raise unlike(value, "a number")


def unlike(value: Typed, wanted: str) -> ConversionError:
    """What to raise where a value of a type that stands apart meets another."""
    return ConversionError(3536, kind=APART.get(value.type, value.type.value), wanted=wanted)


APART: Final[Mapping[ColumnType, str]] = {
    ColumnType.GUID: "a Replication ID",
    ColumnType.BINARY: "a Binary value",
    ColumnType.LONGBINARY: "an OLE Object",
    ColumnType.COMPLEX: "a list of values",
}


def as_integer(value: Typed, *, guarded: bool = False) -> Typed:
    """A whole number, halves rounded to even, as Access rounds where it wants one.

    One that is larger than a Long is an error in Access: it ends the query, or is NULL where that is `guarded`.
    """
    number = as_number(value)
    if number.type in INTEGERS:
        return number
    if isinstance(number.constant, float):
        return integer(round(number.constant))
    whole = rounded(number)
    if not guarded or value.type in DATES:
        return Typed(tsql("CONVERT(int, {})", whole), ColumnType.LONG, number.nullable)
    large = tsql("NOT ({0} >= -2147483648.5 AND {0} < 2147483647.5)", number)
    return Typed(failing(tsql("TRY_CONVERT(int, {})", whole), large, Faults.LARGE), ColumnType.LONG)


def rounded(value: Part) -> SqlNode:
    """Half to even without losing NULL: round half up, less one where that made an odd number of a half.

    The fraction of x/2 is a quarter exactly where x is a half above an even number. The divisor is a decimal, as
    money divided by a whole number would be rounded to four places. What is random is half of nothing.
    """
    if node_of(value).facts.volatility is Volatility.ROW:
        return tsql("ROUND({}, 0)", value)
    half = case((tsql("{0} / 2.0 - FLOOR({0} / 2.0) = 0.25", value), 1), otherwise=0)
    return enclosed("FLOOR({} + 0.5) - {}", value, half)


_MOST_MONEY: Final = 9e14


def as_currency(value: Typed) -> Typed:
    """Currency: four decimals, half of the last one to even, where T-SQL rounds it away from zero.

    Source: Microsoft's article Q196652, "Implement custom rounding procedures", of CCur.
    """
    number = as_number(value)
    if number.type is ColumnType.CURRENCY and number.constant is None:
        return number
    if isinstance(number.constant, float) and abs(number.constant) < _MOST_MONEY:
        exact = Decimal(round(number.constant * 10_000)).scaleb(-4)
        return Typed(tsql("CONVERT(money, {})", f"{exact.normalize():f}"), ColumnType.CURRENCY, number.nullable)
    if number.type in FLOATS | {ColumnType.DECIMAL}:
        even = tsql("{} / 10000", rounded(enclosed("{} * 10000", number)))
        return Typed(tsql("CONVERT(money, {})", even), ColumnType.CURRENCY, number.nullable)
    return Typed(tsql("CONVERT(money, {})", number), ColumnType.CURRENCY, number.nullable)


def as_text(value: Typed) -> Typed:
    """The text Access shows for a value where text is wanted."""
    if value.shown is not None:
        return Typed(value.shown, ColumnType.TEXT, value.nullable, _LONGEST_SHOWN, dated=True)
    if value.type in TEXTS:
        return value
    if value.constant is not None and (made := _constant_text(value)) is not None:
        return text(made)
    kind, sql = value.type, value.node
    if kind is ColumnType.BOOLEAN:
        made_sql, length = tsql("CONVERT(nvarchar(2), (-1 * {}))", sql), 2
    elif kind in INTEGERS:
        made_sql, length = tsql("CONVERT(nvarchar(20), {})", sql), 20
    elif kind in (ColumnType.CURRENCY, ColumnType.DECIMAL):
        made_sql, length = _without_zeros(tsql("CONVERT(nvarchar(41), {} * 1.0)", sql)), 41
    elif kind in FLOATS:
        made_sql, length = format_of(sql, "G7" if kind is ColumnType.SINGLE else SHORTEST), 30
    elif kind in DATES:
        return general_date(value)
    elif kind is ColumnType.GUID:
        made_sql, length = enclosed("N'{{' + CONVERT(nchar(36), {}) + N'}}'", sql), 38
    else:
        made_sql, length = tsql("CONVERT(nvarchar(max), {})", sql), 0
    return Typed(made_sql, ColumnType.TEXT, value.nullable, length)


_LONGEST_SHOWN: Final = 30
"""characters of a number's or a date's text"""
SHORTEST: Final = "G15"
"""the picture of FORMAT that writes a float as Access does: with up to 15 digits, none of them without need"""


def format_of(value: Part, picture: str) -> SqlNode:
    """T-SQL's FORMAT, as the United States have it."""
    return volatile(Volatility.SESSION, "FORMAT({}, {}, N'en-US')", value, Text(picture))


def needs_format(value: Typed) -> bool:
    """Whether the text of a value takes T-SQL's FORMAT, whose cost a message names."""
    return value.type in FLOATS and value.constant is None


def _without_zeros(sql: SqlNode) -> SqlNode:
    """A decimal's text without the zeros at its end, and without a point that is then the last: one turned into
    blanks, those cut off on the right, the rest turned back."""
    zeros = tsql("REPLACE(RTRIM(REPLACE({}, N'0', N' ')), N' ', N'0')", sql)
    return tsql("REPLACE(RTRIM(REPLACE({}, N'.', N' ')), N' ', N'.')", zeros)


SHOWN_WHOLE: Final = 10**15
"""from here on what is written out is a Double that is shown with an exponent"""


def _constant_text(value: Typed) -> str | None:
    found = value.constant
    if isinstance(found, bool):
        return "-1" if found else "0"
    if isinstance(found, int) and abs(found) < SHOWN_WHOLE:
        return str(found)
    if isinstance(found, int | float):
        return f"{float(found):.15G}"
    return None


def general_date(value: Typed) -> Typed:
    """`1/31/2024 2:05:09 PM`, without a part that says nothing: day 0, else midnight."""
    hour = tsql("DATEPART(hour, {})", value)
    half = case((tsql("{} < 12", hour), "N' AM'"), otherwise="N' PM'")
    clock = (tsql("({} + 11) % 12 + 1", hour), tsql("RIGHT(CONVERT(nchar(19), {}, 120), 6)", value), half)
    day = (tsql("MONTH({})", value), "N'/'", tsql("DAY({})", value), "N'/'", tsql("CONVERT(nchar(4), {}, 112)", value))
    made = case(
        (tsql("CONVERT(date, {}) = {}", value, DAY_0), called("CONCAT", *clock)),
        (tsql("CONVERT(time(0), {}) = {}", value, MIDNIGHT), called("CONCAT", *day)),
        (tsql("{} IS NOT NULL", value), called("CONCAT", *day, "N' '", *clock)),
    )
    return Typed(made, ColumnType.TEXT, value.nullable, 22)


def serial(value: Typed) -> Typed:
    """A date as Access's number. Before day 0 the time still counts away from zero, which is Access's own oddity."""
    days = tsql("DATEDIFF(day, {}, {})", DAY_0, value)
    fraction = tsql("DATEDIFF(millisecond, CONVERT(date, {0}), {0}) / 86400000.0E0", value)
    sign = case((tsql("{} < {}", value, DAY_0), -1), otherwise=1)
    return Typed(enclosed("{} + {} * {}", days, sign, fraction), ColumnType.DOUBLE, value.nullable)


_FIRST_DAY, _LAST_DAY = -657_434, 2_958_465
"""the days of the years 100 to 9999, which Access's dates are of"""


def as_date(value: Typed) -> Typed:
    """A moment; a number is days since 1899-12-30.

    Raises ConversionError for a type that is never one, such as a GUID.
    """
    if value.type in DATES or value.type is ColumnType.UNKNOWN:
        return value
    if value.type in TEXTS:
        if not isinstance(value.constant, str):
            read = date_of_text(value)
            fault = tsql("{} IS NOT NULL AND {} IS NULL", value, read)
            return Typed(failing(read, fault), ColumnType.DATE, nullable=True)
        named, number = written_date(value.constant), read_number(value.constant)
        return named or (as_date(number) if number else Typed(error(DATE_SQL), ColumnType.DATE))
    if value.type in APART:
        raise unlike(value, "a date")
    number = as_number(value)
    if isinstance(number.constant, int | float | Decimal) and not _FIRST_DAY <= number.constant < _LAST_DAY + 1:
        return Typed(error(DATE_SQL, Faults.DATE), ColumnType.DATE)
    if number.type in INTEGERS:
        return _of_years(number, tsql("DATEADD(day, {}, {})", number, BASE))
    return _of_years(number, moment_of_serial(number))


def moment_of_serial(number: Typed) -> SqlNode:
    """The moment of a number of the years that there are; a fraction counts away from day zero on both sides."""
    whole = tsql("ROUND({}, 0, 1)", number)
    seconds = tsql("CONVERT(int, ROUND(ABS({} - {}) * 86400, 0))", number, whole)
    return tsql("DATEADD(second, {}, DATEADD(day, CONVERT(int, {}), {}))", seconds, whole, BASE)


def _of_years(number: Typed, moment: SqlNode) -> Typed:
    """The moment of a number, NULL where it would be of no year that Access has."""
    if number.constant is not None or number.type in SHORT_INTEGERS:
        return Typed(moment, ColumnType.DATE, number.nullable)
    within = tsql("{} >= {} AND {} < {}", number, _FIRST_DAY, number, _LAST_DAY + 1)
    return Typed(only_where(within, moment, Faults.DATE), ColumnType.DATE)


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
        number = as_number(value)
        exact = number.type in INTEGERS or (
            isinstance(number.constant, float) and round(number.constant, 4) == number.constant
        )
        return number if exact or kind is not ColumnType.CURRENCY else as_currency(number)
    return as_apart(value, kind)


def as_apart(value: Typed, kind: ColumnType) -> Typed:
    """The value for a column of GUIDs or bytes, which takes text alone. Raises ConversionError (3536)."""
    same = _BYTES if kind in _BYTES else {kind}
    if value.type in same:
        return value
    if value.type in TEXTS and kind is ColumnType.GUID:
        return as_guid(value)
    if value.type in TEXTS and kind in _BYTES:
        return Typed(tsql("CONVERT(varbinary(max), {})", value), kind, value.nullable)
    raise unlike(value if value.type in APART else replace(value, type=kind), _FAMILIES.get(value.type, "a number"))


_BYTES: Final = frozenset({ColumnType.BINARY, ColumnType.LONGBINARY})
_FAMILIES: Final = dict.fromkeys(DATES, "a date") | dict.fromkeys(TEXTS, "a text") | dict(APART)
_GUID: Final = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.ASCII | re.IGNORECASE)


def as_guid(value: Typed) -> Typed:
    """A text as the GUID that it names, braces or not. Raises ConversionError (3508) where it names none."""
    if isinstance(value.constant, str):
        found = _GUID.search(value.constant)
        if found is None:
            raise ConversionError(3508, text=value.constant, type="Replication ID")
        return Typed(Text(found[0].upper()), ColumnType.GUID, nullable=False)
    if value.type is ColumnType.GUID:
        return value
    made = tsql("TRY_CONVERT(uniqueidentifier, REPLACE(REPLACE({}, N'{{', N''), N'}}', N''))", value)
    return Typed(made, ColumnType.GUID, nullable=True)


def as_bit(value: Typed) -> Typed:
    """A bit: every number but 0 is true."""
    if value.type is ColumnType.BOOLEAN or value.type is ColumnType.UNKNOWN:
        return value
    if isinstance(value.constant, str) and value.constant.strip().casefold() in FLAGS:
        return TRUE if FLAGS[value.constant.strip().casefold()] else FALSE
    number = as_number(value)
    if isinstance(number.constant, int | float):
        return TRUE if number.constant else FALSE
    sql: SqlNode = tsql("CONVERT(bit, {})", number)
    if value.type in TEXTS:
        sql = case(("N'True'", TRUE), ("N'False'", FALSE), otherwise=sql, of=value)
    return Typed(sql, ColumnType.BOOLEAN, number.nullable)


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
    if kinds <= DATES | set(_WIDTH) and kinds & DATES:  # a number among dates is one: 0 is 1899-12-30
        return ColumnType.DATE if kinds & DATES == {ColumnType.DATE} else ColumnType.DATE_EXTENDED
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


def mixed(kind: ColumnType, values: tuple[Typed, ...]) -> bool:
    """Whether values of that common type look otherwise where they are shown: numbers among dates stay numbers."""
    return kind in DATES and any(v.type not in DATES and v.type is not ColumnType.UNKNOWN for v in values)


def _as_float(value: Typed) -> Typed:
    """real is not enough beside float; every other number widens by itself."""
    number = as_number(value)
    if number.type is ColumnType.SINGLE:
        return Typed(tsql("CONVERT(float, {})", number), ColumnType.DOUBLE, number.nullable)
    return number
