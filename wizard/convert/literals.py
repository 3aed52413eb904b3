"""Literals: values written in T-SQL with their Access type, and texts that hold a number."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from wizard.convert.tree import Number, SqlNode, Text, Volatility, tsql, volatile
from wizard.convert.typed_sql import NULL_NODE, Typed
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

DATE_SQL: Final = "datetime2(0)"
DAY_0: Final = volatile(Volatility.SESSION, "'18991230'")
MIDNIGHT: Final = volatile(Volatility.SESSION, "'00:00:00'")
"""texts that the server makes a date and a time of: every language reads them alike, and it takes no notice of that"""
BASE: Final = tsql("CONVERT({}, '18991230', 112)", DATE_SQL)
"""day 0 of Access's calendar"""
NULL: Final = Typed(NULL_NODE, ColumnType.UNKNOWN)
TRUE: Final = Typed(tsql("CONVERT(bit, 1)"), ColumnType.BOOLEAN, nullable=False, constant=True)
FALSE: Final = Typed(tsql("CONVERT(bit, 0)"), ColumnType.BOOLEAN, nullable=False, constant=False)


def text(value: str) -> Typed:
    """A text literal."""
    return Typed(Text(value), ColumnType.TEXT, nullable=False, length=len(value), constant=value)


def integer(value: int) -> Typed:
    """A whole number: a Long, which Access's engine takes the shortest for too (measured), or what has room for it."""
    kind = ColumnType.LONG
    if not -(2**31) <= value < 2**31:
        kind = ColumnType.BIGINT if -(2**63) <= value < 2**63 else ColumnType.DOUBLE
    node = Number(value, exact=False) if kind is ColumnType.DOUBLE else whole(value)
    return Typed(node, kind, nullable=False, constant=value)


def short(value: int) -> Typed:
    """A whole number as VBA has it: an Integer where it has room for it."""
    made = integer(value)
    return replace(made, type=ColumnType.INTEGER) if -(2**15) <= value < 2**15 else made


def whole(value: int) -> SqlNode:
    """A whole number as one, also beyond int: alone it is a decimal there, without bits or whole quotients."""
    small = -(2**31) <= value < 2**31
    return Number(value) if small else tsql("CONVERT(bigint, {})", Number(value))


def double(value: float) -> Typed:
    """A Double. Raises ConversionError for what is not finite."""
    if not math.isfinite(value):
        raise ConversionError(3505, function="A constant", reason="its value is larger than any number that there is")
    return Typed(Number(value), ColumnType.DOUBLE, nullable=False, constant=value)


def moment(value: datetime) -> Typed:
    """A literal of a date and time."""
    day = value.strftime("%Y%m%d").rjust(8, "0")
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        sql = tsql("CONVERT({}, '{}', 112)", DATE_SQL, day)
    else:
        sql = tsql("CONVERT({}, '{}', 126)", DATE_SQL, value.isoformat(timespec="seconds"))
    return Typed(sql, ColumnType.DATE, nullable=False, constant=value)


_NUMERAL: Final = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][-+]?[0-9]+)?\s*", re.ASCII)


_RADIX: Final = re.compile(r"\s*&(?:H([0-9A-F]{1,8})|O?([0-7]{1,10}))(&?)\s*", re.ASCII | re.IGNORECASE)
_SIGN_BEHIND: Final = re.compile(r"\s*([$0-9.][$0-9,. ]*?)\s*([-+])\s*", re.ASCII)
_SIGN_APART: Final = re.compile(r"\A([-+])\s+", re.ASCII)
_BRACKETED: Final = re.compile(r"\s*\$?\s*\((\s*[$0-9.][$0-9,. ]*)\)\s*", re.ASCII)
_THOUSANDS: Final = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]*)?(?:[eEdD][-+]?[0-9]+)?", re.ASCII)


def read_number(written: str) -> Typed | None:
    """A text that holds a number as Access reads it in an expression; None where it does not."""
    if radix := _RADIX.fullmatch(written):
        return integer(_signed(int(radix[1], 16) if radix[1] else int(radix[2], 8)))
    if written.count("$") > 1:
        return None
    bracketed = _BRACKETED.fullmatch(written)
    behind = _SIGN_BEHIND.fullmatch(written)
    plain = f"-{bracketed[1]}" if bracketed else f"{behind[2]}{behind[1]}" if behind else written
    plain = _SIGN_APART.sub(r"\1", plain.replace("$", "").strip())
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _NUMERAL.fullmatch(plain):
        return None
    written = plain.strip().upper().replace("D", "E")
    found = Decimal(written)
    if not math.isfinite(float(found)):
        return None  # the server says at run time what Access says then: it is too large
    return integer(int(found)) if "." not in written and found == found.to_integral_value() else double(float(found))


def _signed(number: int) -> int:
    """As a text `&HFFFF` is 65535 (measured of Access's engine), and `&HFFFFFFFF` is -1."""
    bits = 32
    return number - (1 << bits) if number >> (bits - 1) == 1 else number
