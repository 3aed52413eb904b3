"""Functions of numbers."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final

from wizard.convert.collations import binary
from wizard.convert.expression_types import rounded
from wizard.convert.functions.registry import FunctionCall, Handler, Sample, function, simple
from wizard.convert.literals import DATE_SQL, double, whole
from wizard.convert.tree import (
    Part,
    SqlNode,
    Volatility,
    case,
    choose_sql,
    coalesced,
    enclosed,
    failing,
    only_where,
    spread,
    tsql,
    volatile,
)
from wizard.convert.typed_sql import DATES, INTEGERS, NUMBERS, SHORT_INTEGERS, TEXTS, Typed
from wizard.definitions import ColumnType

AREA: Final = "numbers"
_HEX: Final = (
    Sample("Hex(255)", "FF", stand_in="it does not convert binary to hexadecimal text"),
    Sample("Hex(0)", "0", stand_in="it does not convert binary to hexadecimal text"),
    Sample("Hex(-1)", "FFFFFFFF", stand_in="it does not convert binary to hexadecimal text"),
    Sample("Hex(CInt(-1))", "FFFF", stand_in="it does not convert binary to hexadecimal text"),
)
_D, _L, _CURRENCY = ColumnType.DOUBLE, ColumnType.LONG, ColumnType.CURRENCY

for _name, _sql, _sample in (
    ("Sin", "SIN({0})", ("Sin(0)", 0.0)),
    ("Cos", "COS({0})", ("Cos(0)", 1.0)),
    ("Tan", "TAN({0})", ("Tan(0)", 0.0)),
    ("Atn", "ATAN({0})", ("Atn(0)", 0.0)),
):
    simple(_name, "n", _sql, _D, _sample, area=AREA)


def _within(name: str, condition: str) -> Handler:
    """A function of numbers that meet a condition over {0}."""

    def handler(call: FunctionCall) -> Typed:
        number = call[0]
        allowed = tsql(condition, number)
        sql = tsql("{}({})", name, number)
        if isinstance(number.constant, int | float):
            if not _FIT[name](number.constant):
                call.fail(f"{number.constant} is outside the numbers it takes")
            return Typed(sql, _D, nullable=False)
        if not call.guarded:
            return Typed(sql, _D, number.nullable)
        call.note(3529)
        return Typed(only_where(allowed, sql), _D)

    return handler


_FIT: Final = {"SQRT": lambda x: x >= 0, "LOG": lambda x: x > 0, "EXP": lambda x: x <= 709}
for _name, _becomes, _condition, _samples in (
    ("Sqr", "SQRT", "{0} >= 0", (("Sqr(6.25)", 2.5), ("Sqr(Int(-4.5))", None), ("Sqr(Int(4.5))", 2.0))),
    ("Log", "LOG", "{0} > 0", (("Log(1)", 0.0), ("Log(Int(0.5))", None))),
    ("Exp", "EXP", "{0} <= 709", (("Exp(0)", 1.0), ("Exp(Int(1000.5))", None))),
):
    function(_name, (1, 1), f"{_becomes}(a)", *_samples, takes="n", area=AREA)(_within(_becomes, _condition))
simple("Sgn", "n", "CONVERT(int, SIGN({0}))", _L, ("Sgn(-2.5)", -1), area=AREA)


@function("Abs", (1, 1), "ABS(a)", ("Abs(-2.5)", 2.5), ("Abs(True)", 1), takes="n", area=AREA)
def abs_(call: FunctionCall) -> Typed:
    """A number without its sign. One of 8 or 16 bits is widened first: the least of them has no counterpart."""
    value = call[0]
    if value.type in SHORT_INTEGERS and value.constant is None:
        return Typed(tsql("ABS(CONVERT(int, {}))", value), _L, value.nullable)
    return replace(value, node=tsql("ABS({})", value), constant=None)


def _day(value: Typed) -> Typed:
    """A date without its time, which is what people take Int and Fix of a date for."""
    return Typed(tsql("CONVERT({}, CONVERT(date, {}))", DATE_SQL, value), ColumnType.DATE, value.nullable)


@function("Int", (1, 1), "FLOOR(a)", ("Int(2.7)", 2.0), ("Int(-2.2)", -3.0), ("Hour(Int(#2024-01-31 05:00#))", 0),
          takes="n", area=AREA, note="of a date: its day")  # fmt: skip
def int_(call: FunctionCall) -> Typed:
    """The whole number that is not above; of a date its day."""
    if call.any(0).type in DATES:
        return _day(call.any(0))
    value = call[0]
    return value if value.type in INTEGERS else replace(value, node=tsql("FLOOR({})", value), constant=None)


@function("Fix", (1, 1), "ROUND(a, 0, 1)", ("Fix(2.7)", 2.0), ("Fix(-2.7)", -2.0), takes="n", area=AREA)
def fix(call: FunctionCall) -> Typed:
    """The number without its fraction; of a date its day."""
    if call.any(0).type in DATES:
        return _day(call.any(0))
    value = call[0]
    return value if value.type in INTEGERS else replace(value, node=tsql("ROUND({}, 0, 1)", value), constant=None)


@function(
    "Round", (1, 2), "ROUND with halves to even",
    ("Round(2.5)", 2.0), ("Round(3.5)", 4.0), ("Round(-2.5)", -2.0), ("Round(1.25, 1)", 1.2), ("Round(2.6)", 3.0),
    ("Round(2.435, 2)", 2.44), ("Round(-2.345, 2)", -2.34), ("Round(1.015, 2)", 1.02), ("Round(2.225, 2)", 2.22),
    takes="ni", area=AREA, note="Access rounds halves to even, T-SQL's ROUND away from zero", written=(1,),
)  # fmt: skip
def round_(call: FunctionCall) -> Typed:
    """Rounded to digits behind the point, halves to even. T-SQL's ROUND is not used: its halves go away from zero."""
    value, digits = call[0], call.constant_integer(1, 0)
    if not 0 <= digits <= 22:
        call.fail("the number of digits is 0 to 22")
    if value.type in INTEGERS:
        return value
    if value.node.facts.volatility is Volatility.ROW:
        return replace(value, node=tsql("ROUND({}, {})", value, digits))
    if value.type is _D and digits <= _MOST_DIGITS:
        return Typed(_of_shown(value, digits), _D, value.nullable)
    if not digits:
        even = rounded(value)
        made = tsql("CONVERT(money, {})", even) if value.type is _CURRENCY else even
        return replace(value, node=made, constant=None)
    scale: Part = 10**digits if digits < 10 else f"1E{digits}"
    sql: SqlNode = enclosed("{} / {}", rounded(enclosed("{} * {}", value, scale)), scale)
    if value.type is _CURRENCY:
        if digits >= 4:
            return value
        sql = tsql("CONVERT(money, {})", sql)
    return replace(value, node=sql, constant=None)


_MOST_DIGITS: Final = 9
"""up to which a Double is rounded as the decimal that it is shown as"""


def _of_shown(value: Typed, digits: int) -> SqlNode:
    """A Double rounded as it is shown, not as it is held: `Round(2.435, 2)` is 2.44, as others have measured.

    Times a hundred it would be 243.49999999999997, no half. Decimals of 28 digits leave room for what is made of them.
    """
    exact: SqlNode = tsql("CONVERT(decimal(28, {}), {})", max(8, digits + 6), value)
    if digits:
        exact = enclosed("{} * {}", exact, 10**digits)
    half = case((tsql("{} % 2 IN (0.5, -1.5)", exact), 1), otherwise=0)
    whole = tsql("CONVERT(float, FLOOR({} + 0.5) - {})", exact, half)
    return enclosed("{} / {}", whole, 10**digits) if digits else whole


@function("Rnd", (0, 1), "RAND(CHECKSUM(NEWID()))", Sample("Rnd()", None, "it is random"), area=AREA,
          note="a new number for each row")  # fmt: skip
def rnd(call: FunctionCall) -> Typed:
    """A random number from 0 to below 1. Its argument, which begins or repeats a row of numbers in Access, is left."""
    call.note(3528)
    return Typed(volatile(Volatility.ROW, "RAND(CHECKSUM(NEWID()))"), ColumnType.SINGLE, nullable=False)


@function("Val", (1, 1), "the number at the start of the text", ('Val("12.5 pcs")', 12.5), ('Val("x")', 0.0),
          ('Val(" 1 2")', 12.0), ('Val("555-1234")', 555.0), ('Val("1.2.3")', 1.2), ('Val("1.5E3 m")', 1500.0),
          ('Val("2d-1")', 0.2), ('Val("&HFFFF")', -1.0), ('Val("&O17x")', 15.0), ('Val(Trim("-7.5-3"))', -7.5),
          ('Val(Trim("1.2.3"))', 1.2), ('Val(Trim("-2.5e2 m"))', -250.0), ('Val(Trim("12 east"))', 12.0),
          ('Val(Trim(""))', 0.0), ('Val(Trim("5e3-1"))', 5000.0), ('Val(Trim("12E5D3"))', 1200000.0),
          ('Val(Trim("1d3"))', 1000.0), ('Val(Trim("1e-2x"))', 0.01), ('Val(Trim(" 2 4 + 1"))', 24.0),
          ('Val(Trim(".5.5"))', 0.5), ('Val(Trim("+3,000"))', 3.0), ('Val(Trim("12 pcs 1e5"))', 12.0),
          ('Val(Trim("e5"))', 0.0), ('Val(Trim("$5"))', 0.0), ("Val(Trim(Null))", None), ("Val(2 + 2)", 4.0),
          takes="t", area=AREA, note="of text known only when run, &H and &O are not read (told)")  # fmt: skip
def val(call: FunctionCall) -> Typed:
    """Blanks do not count, D is an exponent as E is, and the first character that cannot go on ends the number."""
    value = call.any(0)
    if value.type in NUMBERS:
        return Typed(tsql("CONVERT(float, {})", value), _D, value.nullable)
    value = call[0]
    if isinstance(value.constant, str):
        found = _read(value.constant)
        return double(found) if math.isfinite(found) else call.fail("the number is larger than any that Access has")
    call.note(3532, reason="text that begins with &H or &O, known only when run, gives 0 and not the number so written")
    packed = value.node
    for blank in ("N' '", "NCHAR(9)", "NCHAR(10)"):
        packed = tsql("REPLACE({}, {}, N'')", packed, blank)
    packed = binary(packed)
    power = tsql("PATINDEX(N'%[DEde]%', {} + N'e')", packed)
    longest = tsql("LEFT({0}, {1} + PATINDEX(N'%[^0-9]%', SUBSTRING({0}, {1} + 2, 400) + N'x'))", packed, power)
    mantissa = tsql("LEFT({0}, PATINDEX(N'%[^.0-9]%', SUBSTRING({0}, 2, 4000) + N'x'))", packed)
    second = tsql("CHARINDEX(N'.', {0} + N'..', CHARINDEX(N'.', {0} + N'.') + 1)", mantissa)
    # with its exponent where all of that is a number, else the digits up to a sign or a second point
    tries = (tsql("TRY_CONVERT(float, REPLACE(LOWER({}), N'd', N'e'))", longest),
             tsql("TRY_CONVERT(float, LEFT({}, {} - 1))", mantissa, second))  # fmt: skip
    return Typed(coalesced(*tries, tsql("0.0E0 * LEN({})", value)), _D, value.nullable)


def _read(written: str) -> float:
    """The number that VBA's Val finds at the start of a text: blanks do not count, D is an exponent as E is."""
    packed = re.sub(r"[ \t\n]", "", written)
    if based := re.match(r"&(?:H([0-9A-F]{1,16})|O?([0-7]{1,22}))", packed, re.IGNORECASE):
        found = int(based[1], 16) if based[1] else int(based[2], 8)
        bits = 16 if found < 1 << 16 else 32  # a whole number is an Integer where it fits, with its sign bit
        return float(found - (1 << bits) if found >> (bits - 1) == 1 else found)
    number = re.match(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][-+]?\d+)?", packed, re.ASCII)
    return float(re.sub("[Dd]", "e", number[0])) if number else 0.0


_BYTES: Final = {ColumnType.BYTE: 2, ColumnType.INTEGER: 2, ColumnType.LONG: 4}
"""of a whole number; of all else Access writes eight (measured of its engine)"""
_MOST_BYTES: Final = 8


def _of_bits(call: FunctionCall) -> tuple[Typed, int]:
    """The whole number that an argument is rounded to, and how many bytes its digits are of."""
    value = call.any(0)
    number = call.number(0)
    size = _BYTES.get(number.type, _MOST_BYTES) if value.type not in TEXTS else _MOST_BYTES
    if number.type in INTEGERS or number.constant is not None:
        return call.integer(0), size
    return Typed(tsql("CONVERT(bigint, {})", rounded(number)), ColumnType.BIGINT, number.nullable), size


@function("Hex", (1, 1), "CONVERT(nvarchar, CONVERT(varbinary, a), 2)", *_HEX, area=AREA)
def hex_(call: FunctionCall) -> Typed:
    """Hexadecimal digits of a whole number; of a negative one its bits, 16, 32 or 64 by its type."""
    number, size = _of_bits(call)
    sql_type = {2: "smallint", 4: "int", 8: "bigint"}[size]
    length = 2 * size
    digits = tsql("CONVERT(varchar({}), CONVERT(varbinary({}), CONVERT({}, {})), 2)", length, size, sql_type, number)
    sql = tsql("SUBSTRING({0}, PATINDEX(N'%[^0]%', STUFF({0}, {1}, 1, N'x')), {1})", digits, length)
    return Typed(sql, ColumnType.TEXT, number.nullable, length)


@function("Oct", (1, 1), "octal digits, one by one", ("Oct(64)", "100"), ("Oct(8)", "10"), ("Oct(0)", "0"),
          ("Oct(-1)", "37777777777"), ("Oct(CInt(-1))", "177777"), area=AREA)  # fmt: skip
def oct_(call: FunctionCall) -> Typed:
    """Of a negative number its bits: 16 of an Integer, else 32."""
    number, size = _of_bits(call)
    if size == _MOST_BYTES and number.constant is None:
        call.note(3532, reason="32 bits are written of what is no whole number of 32 bits, where Access writes 64")
    bits = enclosed("CONVERT(bigint, {}) & {}", number, whole(2 ** (8 * min(size, 4)) - 1))
    places = range(6 if size == 2 else 11)
    digits = spread(" + ", (tsql("{} / {} % 8 * {}", bits, whole(8**place), whole(10**place)) for place in places))
    return Typed(tsql("CONVERT(nvarchar(11), {})", digits), ColumnType.TEXT, number.nullable, 11)


@function("RGB", (3, 3), "a + b * 256 + c * 65536", ("RGB(255, 0, 0)", 255), ("RGB(1, 2, 3)", 197121),
          ("RGB(300, 0, Abs(-300))", 16711935), ("RGB(Int(-1.5), 0, 0)", None), takes="iii", area=AREA)  # fmt: skip
def rgb(call: FunctionCall) -> Typed:
    """Parts above 255 are taken for 255."""
    parts = [call[i] for i in range(3)]
    made: list[Part] = []
    nullable = False
    for part in parts:
        if isinstance(part.constant, int) and part.constant >= 0:
            made.append(min(part.constant, 255))
            continue
        call.note(3529)
        nullable = True
        byte = case((tsql("{} > 255", part), 255), (tsql("{} >= 0", part), part))
        made.append(failing(byte, tsql("{} < 0", part)))
    return Typed(enclosed("{} + {} * 256 + {} * 65536", *made), _L, nullable)


_COLOURS: Final = (
    0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080, 0x008080, 0xC0C0C0,
    0x808080, 0xFF0000, 0x00FF00, 0xFFFF00, 0x0000FF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip


@function("QBColor", (1, 1), "CHOOSE(a + 1, …)", ("QBColor(4)", 128), ("QBColor(15)", 16777215), takes="i", area=AREA)
def qb_color(call: FunctionCall) -> Typed:
    """The RGB number of a colour of QuickBasic, 0 to 15; all other numbers are an error."""
    number = call[0]
    colour = choose_sql(tsql("{} + 1", number), *_COLOURS)
    return Typed(failing(colour, tsql("{} NOT BETWEEN 0 AND {}", number, len(_COLOURS) - 1)), _L)
