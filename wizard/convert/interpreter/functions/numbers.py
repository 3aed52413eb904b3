"""Mathematical functions."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from wizard.convert.interpreter import operators
from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.functions.registry import function
from wizard.convert.interpreter.text_parsing import radix_number
from wizard.convert.interpreter.values import (
    DIGITS,
    EMPTY,
    BigInt,
    Byte,
    Currency,
    Integer,
    Single,
    currency_of,
    double_of,
    exact,
    moment_of,
    number_of,
    text_of,
    whole_of,
)


def _of_double(names: str, calculate: Callable[[float], float]) -> None:
    def value(number: Any) -> float:
        try:
            return calculate(double_of(number))
        except ValueError:
            raise CellError(CellFault.INVALID_CALL) from None
        except OverflowError:
            raise CellError(CellFault.OVERFLOW) from None

    function(names, 1, 1)(value)


_of_double("Sin", math.sin)
_of_double("Cos", math.cos)
_of_double("Tan", math.tan)
_of_double("Atn", math.atan)
_of_double("Sqr", math.sqrt)
_of_double("Log", math.log)
_of_double("Exp", math.exp)


@function("Abs", 1, 1)
def _abs(value: Any) -> Any:
    number = number_of(value)
    return operators.negative(number) if number < 0 else number


@function("Sgn", 1, 1)
def _sgn(value: Any) -> int:
    number = number_of(value)
    return Integer((number > 0) - (number < 0))


def _cut(value: Any, how: Callable[[Any], int]) -> Any:
    """A whole number of the type that came; of a date a date."""
    number = number_of(value)
    if isinstance(value, datetime):
        return moment_of(how(number))
    if isinstance(number, int):
        return number
    made = how(number)
    kind = type(number)
    return currency_of(made) if kind is Currency else kind(made)


@function("Int", 1, 1)
def _int(value: Any) -> Any:
    """The whole number below."""
    return _cut(value, math.floor)


@function("Fix", 1, 1)
def _fix(value: Any) -> Any:
    """Towards zero."""
    return _cut(value, math.trunc)


@function("Round", 1, 2)
def _round(value: Any, digits: Any = EMPTY) -> Any:
    """Halves to even, of the 15 digits that a Double has."""
    number, places = number_of(value), 0 if digits is EMPTY else whole_of(digits)
    if places < 0:
        raise CellError(CellFault.INVALID_CALL)
    if isinstance(number, int):
        return number
    if isinstance(number, float) and not math.isfinite(number):
        raise CellError(CellFault.OVERFLOW)
    made = exact(number).quantize(Decimal(1).scaleb(-min(places, 30)), ROUND_HALF_EVEN, DIGITS_WIDE)
    if isinstance(number, Single):
        return Single(made)
    if isinstance(number, float):
        return float(made)
    return currency_of(made) if isinstance(number, Currency) else made


DIGITS_WIDE: Final = DIGITS.copy()
DIGITS_WIDE.prec = 400


@function("Rnd", 0, 1, takes_null=True, uses="random")
def _rnd(_: Any = EMPTY) -> Single:
    return Single(random.random())  # noqa: S311  # Rnd is no secret either


_VAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[ED][+-]?[0-9]+)?", re.IGNORECASE)
_VAL_RADIX: Final = re.compile(r"&(?:H([0-9A-F]{1,8})|O([0-7]{1,11}))&?", re.IGNORECASE)


@function("Val", 1, 1)
def _val(value: Any) -> float:
    """The number at the start of a text, spaces left out; what is none is 0."""
    text = text_of(value).translate({ord(c): None for c in " \t\n"})
    radix = _VAL_RADIX.match(text)
    if radix:
        return float(radix_number(radix[1], radix[2], long=radix[0].endswith("&")))
    found = _VAL.match(text)
    if not found:
        return 0.0
    made = float(found[0].upper().replace("D", "E"))
    if math.isinf(made):
        raise CellError(CellFault.OVERFLOW)
    return made


def _based(value: Any, write: str) -> str:
    """Digits of a whole number, below zero of its complement in as many bits as its type has.

    All that is no whole number, text with it, has 64 (measured of Access's engine).
    """
    number = number_of(value)
    whole = whole_of(number, BigInt)
    short, long = isinstance(number, Integer | Byte), isinstance(number, int) and not isinstance(number, BigInt)
    bits = 16 if short else 32 if long else 64
    return format(whole % (1 << bits) if whole < 0 else whole, write)


@function("Hex", 1, 1)
def _hex(value: Any) -> str:
    return _based(value, "X")


@function("Oct", 1, 1)
def _oct(value: Any) -> str:
    return _based(value, "o")


@function("RGB", 3, 3)
def _rgb(red: Any, green: Any, blue: Any) -> int:
    made = 0
    for place, value in enumerate((red, green, blue)):
        part = whole_of(value)
        if part < 0:
            raise CellError(CellFault.INVALID_CALL)
        made += min(part, 255) << (8 * place)
    return made


_COLORS: Final = (
    0, 0x800000, 0x8000, 0x808000, 0x80, 0x800080, 0x8080, 0xC0C0C0,
    0x808080, 0xFF0000, 0xFF00, 0xFFFF00, 0xFF, 0xFF00FF, 0xFFFF, 0xFFFFFF,
)  # fmt: skip


@function("QBColor", 1, 1)
def _qb_color(value: Any) -> int:
    number = whole_of(value)
    if not 0 <= number <= 15:
        raise CellError(CellFault.INVALID_CALL)
    return _COLORS[number]


@function("Partition", 4, 4)
def _partition(number: Any, start: Any, stop: Any, interval: Any) -> str:
    """`"  0:  9"`: the range of `interval` numbers in which a number lies, as wide as the widest bound."""
    value, first, last, step = (whole_of(v) for v in (number, start, stop, interval))
    if first < 0 or last <= first or step < 1:
        raise CellError(CellFault.INVALID_CALL)
    width = max(len(str(first - 1)), len(str(last + 1)))
    if value < first:
        return f"{'':{width}}:{first - 1:{width}}"
    if value > last:
        return f"{last + 1:{width}}:{'':{width}}"
    low = (value - first) // step * step + first
    low, high = max(first, low), min(last, low + step - 1)
    return f"{low:{width}}:{high:{width}}"


_FLOOR: Final = ROUND_FLOOR
