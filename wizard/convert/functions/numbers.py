"""Functions of numbers."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final

from wizard.convert.functions.registry import Call, Sample, function, simple
from wizard.convert.typed import Typed
from wizard.convert.values import DATE_SQL, DATES, INTEGERS, SHORT_INTEGERS, double, rounded
from wizard.definitions import ColumnType

AREA: Final = "numbers"
_HEX: Final = (
    Sample("Hex(255)", "FF", stand_in="it does not convert binary to hexadecimal text"),
    Sample("Hex(0)", "0", stand_in="it does not convert binary to hexadecimal text"),
)
_D, _L, _CURRENCY = ColumnType.DOUBLE, ColumnType.LONG, ColumnType.CURRENCY

for _name, _sql, _sample in (
    ("Sqr", "SQRT({0})", ("Sqr(6.25)", 2.5)),
    ("Exp", "EXP({0})", ("Exp(0)", 1.0)),
    ("Log", "LOG({0})", ("Log(1)", 0.0)),
    ("Sin", "SIN({0})", ("Sin(0)", 0.0)),
    ("Cos", "COS({0})", ("Cos(0)", 1.0)),
    ("Tan", "TAN({0})", ("Tan(0)", 0.0)),
    ("Atn", "ATAN({0})", ("Atn(0)", 0.0)),
):
    simple(_name, "n", _sql, _D, _sample, area=AREA)
simple("Sgn", "n", "CONVERT(int, SIGN({0}))", _L, ("Sgn(-2.5)", -1), area=AREA)


@function("Abs", (1, 1), "ABS(a)", ("Abs(-2.5)", 2.5), ("Abs(True)", 1), area=AREA)
def abs_(call: Call) -> Typed:
    value = call.number(0)
    if value.type in SHORT_INTEGERS and value.constant is None:
        return Typed(f"ABS(CONVERT(int, {value.sql}))", _L, value.nullable)
    return replace(value, sql=f"ABS({value.sql})", constant=None)


def _day(value: Typed) -> Typed:
    """A date without its time, which is what people take Int and Fix of a date for."""
    return Typed(f"CONVERT({DATE_SQL}, CONVERT(date, {value.sql}))", ColumnType.DATE, value.nullable)


@function("Int", (1, 1), "FLOOR(a)", ("Int(2.7)", 2.0), ("Int(-2.2)", -3.0), ("Hour(Int(#2024-01-31 05:00#))", 0),
          area=AREA, note="of a date: its day")  # fmt: skip
def int_(call: Call) -> Typed:
    if call.any(0).type in DATES:
        return _day(call.any(0))
    value = call.number(0)
    return value if value.type in INTEGERS else replace(value, sql=f"FLOOR({value.sql})", constant=None)


@function("Fix", (1, 1), "ROUND(a, 0, 1)", ("Fix(2.7)", 2.0), ("Fix(-2.7)", -2.0), area=AREA)
def fix(call: Call) -> Typed:
    if call.any(0).type in DATES:
        return _day(call.any(0))
    value = call.number(0)
    return value if value.type in INTEGERS else replace(value, sql=f"ROUND({value.sql}, 0, 1)", constant=None)


@function(
    "Round", (1, 2), "ROUND with halves to even",
    ("Round(2.5)", 2.0), ("Round(3.5)", 4.0), ("Round(-2.5)", -2.0), ("Round(1.25, 1)", 1.2), ("Round(2.6)", 3.0),
    area=AREA, note="Access rounds halves to even, T-SQL's ROUND away from zero",
)  # fmt: skip
def round_(call: Call) -> Typed:
    value, digits = call.number(0), call.constant_integer(1, 0)
    if not 0 <= digits <= 22:
        call.fail("the number of digits is 0 to 22")
    if value.type in INTEGERS:
        return value
    if not digits:
        whole = rounded(value.sql)
        return replace(value, sql=f"CONVERT(money, {whole})" if value.type is _CURRENCY else whole, constant=None)
    scale = 10**digits if digits < 10 else f"1E{digits}"
    sql = f"({rounded(f'({value.sql} * {scale})')} / {scale})"
    if value.type is _CURRENCY:
        if digits >= 4:
            return value
        sql = f"CONVERT(money, {sql})"
    return replace(value, sql=sql, constant=None)


@function("Rnd", (0, 1), "RAND(CHECKSUM(NEWID()))", Sample("Rnd()", None, "it is random"), area=AREA,
          note="a new number for each row")  # fmt: skip
def rnd(call: Call) -> Typed:
    call.tell(3528)
    return Typed("RAND(CHECKSUM(NEWID()))", ColumnType.SINGLE, nullable=False)


@function("Val", (1, 1), "the number at the start of the text", ('Val("12.5 pcs")', 12.5), ('Val("x")', 0.0),
          ('Val(" 1 2")', 12.0), ('Val("555-1234")', 555.0), ('Val("1.2.3")', 1.2), ('Val("1.5E3 m")', 1500.0),
          ('Val("2d-1")', 0.2), ('Val("&HFFFF")', -1.0), ('Val("&O17x")', 15.0), ('Val(Trim("-7.5-3"))', -7.5),
          ('Val(Trim("1.2.3"))', 1.2), ('Val(Trim("-2.5e2 m"))', -250.0), ('Val(Trim("12 east"))', 12.0),
          ('Val(Trim(""))', 0.0), area=AREA, note="of text known only when run, &H and &O are not read")  # fmt: skip
def val(call: Call) -> Typed:
    value = call.text(0)
    if isinstance(value.constant, str):
        found = _read(value.constant)
        return double(found) if math.isfinite(found) else call.fail("the number is larger than any that Access has")
    packed = f"REPLACE({value.sql}, N' ', N'')"
    wide = f"LEFT({packed}, PATINDEX(N'%[^-+.0-9de]%', {packed} + N'x') - 1)"
    mantissa = f"LEFT({packed}, PATINDEX(N'%[^.0-9]%', SUBSTRING({packed}, 2, 4000) + N'x'))"
    second = f"CHARINDEX(N'.', {mantissa} + N'..', CHARINDEX(N'.', {mantissa} + N'.') + 1)"
    # with its exponent where all of that is a number, else the digits up to a sign or a second point
    tries = (f"TRY_CONVERT(float, REPLACE({wide}, N'd', N'e'))", f"TRY_CONVERT(float, LEFT({mantissa}, {second} - 1))")
    return Typed(f"COALESCE({', '.join(tries)}, 0)", _D, nullable=False)


def _read(written: str) -> float:
    """The number that VBA's Val finds at the start of a text: blanks do not count, D is an exponent as E is."""
    packed = re.sub(r"[ \t\n]", "", written)
    if based := re.match(r"&(?:H([0-9A-F]{1,16})|O?([0-7]{1,22}))", packed, re.IGNORECASE):
        found = int(based[1], 16) if based[1] else int(based[2], 8)
        bits = 16 if found < 1 << 16 else 32  # a whole number is an Integer where it fits, with its sign bit
        return float(found - (1 << bits) if found >> (bits - 1) == 1 else found)
    number = re.match(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][-+]?\d+)?", packed, re.ASCII)
    return float(re.sub("[Dd]", "e", number[0])) if number else 0.0


@function("Hex", (1, 1), "CONVERT(nvarchar, CONVERT(varbinary, a), 2)", *_HEX, area=AREA)
def hex_(call: Call) -> Typed:
    number = call.integer(0)
    digits = f"CONVERT(varchar(8), CONVERT(varbinary(4), CONVERT(int, {number.sql})), 2)"
    sql = f"SUBSTRING({digits}, PATINDEX(N'%[^0]%', STUFF({digits}, 8, 1, N'x')), 8)"
    return Typed(sql, ColumnType.TEXT, number.nullable, 8)


@function("Oct", (1, 1), "octal digits, one by one", ("Oct(64)", "100"), ("Oct(8)", "10"), area=AREA,
          note="numbers from 0 on")  # fmt: skip
def oct_(call: Call) -> Typed:
    number = call.integer(0)
    digits = " + ".join(
        f"CONVERT(bigint, {number.sql}) / {8**place} % 8 * {10**place}" if place else f"{number.sql} % 8"
        for place in range(11)
    )
    return Typed(f"CONVERT(nvarchar(11), {digits})", ColumnType.TEXT, number.nullable, 11)
