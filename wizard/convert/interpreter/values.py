"""Access's values as Python's, and how Access turns one kind into another.

None is Null; bool Yes/No; `Byte`, `Integer`, int (Long) and `BigInt` (Large Number) are whole numbers; `Single` and
float (Double); `Currency` and Decimal; datetime Date/Time; str text; `Guid`; bytes. `EMPTY` is
VBA's Empty, which Nz gives.

Conversions are those of the VBA language reference ("Data type summary", "Type conversion functions"): halves go to
the even number, True is -1, a date is the days since 1899-12-30 with the time of day as a fraction, which counts away
from zero on both sides of that day. Text is read as by a Windows of the United States.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, Final

from wizard.convert.dialect.date_texts import read_moment
from wizard.convert.interpreter.errors import CellError, CellFault, ErrorValue
from wizard.convert.interpreter.text_parsing import read_number

DAY_ZERO: Final = datetime(1899, 12, 30)
_MILLISECONDS: Final = 86_400_000
_FIRST_DAY: Final = (datetime(100, 1, 1) - DAY_ZERO).days
_LAST_DAY: Final = (datetime(9999, 12, 31) - DAY_ZERO).days
DIGITS: Final = Context(prec=28, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)
"""VBA's Decimal has 28 digits"""
_WIDE: Final = Context(prec=60, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)
_TEN_THOUSANDTH: Final = Decimal("0.0001")
_MOST_CURRENCY: Final = Decimal("922337203685477.5807")
_MOST_DECIMAL: Final = Decimal(2**96 - 1)


class Byte(int):
    """0 to 255."""


class Integer(int):
    """Of 16 bits; plain int is a Long, of 32."""


class BigInt(int):
    """A Large Number, of 64 bits."""


class Single(float):
    """Of 32 bits; plain float is a Double."""


class Currency(Decimal):
    """With four decimals."""


class Guid(str):
    """36 characters in capitals, without braces."""

    __slots__ = ()


class Empty:
    """VBA's Empty: 0 to numbers, nothing to text."""

    def __repr__(self) -> str:
        return "Empty"


class Missing:
    """An optional argument of a VBA function that is left out."""


EMPTY: Final = Empty()
MISSING: Final = Missing()
RANGES: Final[dict[type, tuple[int, int]]] = {
    Byte: (0, 255),
    Integer: (-(2**15), 2**15 - 1),
    int: (-(2**31), 2**31 - 1),
    BigInt: (-(2**63), 2**63 - 1),
}


def mismatch(value: object) -> CellError:
    """The error of a value that cannot be of the type wanted."""
    return CellError(CellFault.TYPE_MISMATCH, f"{type(value).__name__} {value!r:.40}")


def number_of(value: Any) -> Any:
    """The number that Access calculates with; None stays. Raises CellError."""
    if value is None or isinstance(value, int | float | Decimal):
        return Integer(-value) if isinstance(value, bool) else value
    if isinstance(value, datetime):
        return serial_of(value)
    if isinstance(value, str) and not isinstance(value, Guid):
        found = read_number(value)
        if found is not None:
            return float(found)
    if isinstance(value, Empty):
        return Integer(0)
    raise mismatch(value)


def double_of(value: Any) -> float:
    """Not of Null. Raises CellError."""
    try:
        return float(number_of(value))
    except OverflowError:
        raise CellError(CellFault.OVERFLOW) from None


def whole_of(value: Any, kind: type = int) -> int:
    """A whole number of a kind, halves rounded to even. Not of Null. Raises CellError."""
    number = number_of(value)
    if not isinstance(number, int):
        if isinstance(number, float) and not math.isfinite(number):
            raise CellError(CellFault.OVERFLOW)
        number = round(number)
    low, high = RANGES[kind]
    if not low <= number <= high:
        raise CellError(CellFault.OVERFLOW)
    return int(number)


def exact(value: Any) -> Decimal:
    """A number as a Decimal: of a Double its 15 digits, as VBA converts it. Raises CellError."""
    number = number_of(value)
    if isinstance(number, Decimal):
        return Decimal(number)
    if isinstance(number, float):
        if not math.isfinite(number):
            raise CellError(CellFault.OVERFLOW)
        return Decimal(f"{number:.{7 if isinstance(number, Single) else 15}g}")
    return Decimal(int(number))


def currency_of(value: Any) -> Currency:
    """Raises CellError."""
    number = number_of(value)
    try:
        if isinstance(number, float):
            made = Decimal(round(number * 10_000)).scaleb(-4) if abs(number) < 1e15 else Decimal(number)
        else:
            made = Decimal(number)
        made = _WIDE.quantize(made, _TEN_THOUSANDTH)
    except (InvalidOperation, ValueError, OverflowError):
        raise CellError(CellFault.OVERFLOW) from None
    if abs(made) > _MOST_CURRENCY:
        raise CellError(CellFault.OVERFLOW)
    return Currency(made)


def decimal_of(value: Any) -> Decimal:
    """Raises CellError."""
    made = DIGITS.plus(exact(value))
    if abs(made) > _MOST_DECIMAL:
        raise CellError(CellFault.OVERFLOW)
    return made


def single_of(value: Any) -> Single:
    """Raises CellError."""
    try:
        return Single(struct.unpack("f", struct.pack("f", double_of(value)))[0])
    except OverflowError:
        raise CellError(CellFault.OVERFLOW) from None


def bool_of(value: Any) -> bool:
    """Not of Null. Raises CellError."""
    if isinstance(value, str) and value.strip(" ").casefold() in ("true", "false"):
        return value.strip(" ").casefold() == "true"
    return bool(number_of(value))


def serial_of(moment: datetime) -> float:
    """Days since 1899-12-30; before that day the time of day is subtracted."""
    passed = moment - DAY_ZERO
    fraction = (passed.seconds + passed.microseconds / 1_000_000) / 86_400
    return passed.days - fraction if passed.days < 0 else passed.days + fraction


def moment_of(serial: float) -> datetime:
    """Raises CellError for what is no date of Access: they are of the years 100 to 9999."""
    if not math.isfinite(serial):
        raise CellError(CellFault.OVERFLOW)
    days = math.trunc(serial)
    milliseconds = round(abs(serial - days) * _MILLISECONDS)
    days, milliseconds = days + milliseconds // _MILLISECONDS, milliseconds % _MILLISECONDS
    if not _FIRST_DAY <= days <= _LAST_DAY:
        raise CellError(CellFault.OVERFLOW)
    return DAY_ZERO + timedelta(days=days, milliseconds=milliseconds)


def date_of(value: Any, now: datetime | None = None) -> datetime:
    """Not of Null; `now` gives the year that text leaves out. Text that names no date may be the number of one.

    Raises CellError.
    """
    if isinstance(value, datetime):
        return value
    found = named_date(value, now)
    return moment_of(double_of(value)) if found is None else found


def named_date(value: Any, now: datetime | None = None) -> datetime | None:
    """The date or time that text names; None where it names none, and of all that is no text."""
    named = isinstance(value, str) and not isinstance(value, Guid)
    return read_moment(value, (now or DAY_ZERO).year) if named else None


def text_of(value: Any) -> str:
    """The text Access shows for a value: of Null nothing. Raises CellError."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"{{{value}}}" if isinstance(value, Guid) else value
    write = _WRITERS.get(type(value))
    if write is None:
        raise mismatch(value)
    return write(value)


def _float_text(value: float, digits: int) -> str:
    if not math.isfinite(value):
        raise CellError(CellFault.OVERFLOW)
    made = f"{value + 0.0:.{digits}G}"
    return "0" if made == "-0" else made


def _decimal_text(value: Decimal) -> str:
    made = f"{value:f}"
    made = made.rstrip("0").rstrip(".") if "." in made else made
    return "0" if made == "-0" else made


def short_date(value: datetime) -> str:
    """`1/31/2024`, as Windows of the United States writes dates."""
    return f"{value.month}/{value.day}/{value.year}"


def long_time(value: datetime) -> str:
    """`1:05:09 PM`, as Windows of the United States writes times."""
    half = "AM" if value.hour < 12 else "PM"
    return f"{(value.hour + 11) % 12 + 1}:{value.minute:02d}:{value.second:02d} {half}"


def to_second(value: datetime) -> datetime:
    """Access shows no fraction of a second: it rounds."""
    if not value.microsecond:
        return value
    try:
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:  # the last second there is
        return value.replace(microsecond=0)


def general_date(value: datetime) -> str:
    """Date and time without the part that says nothing: midnight, or the day 1899-12-30."""
    value = to_second(value)
    if value.date() == DAY_ZERO.date():
        return long_time(value)
    if not (value.hour or value.minute or value.second):
        return short_date(value)
    return f"{short_date(value)} {long_time(value)}"


def _bytes_text(value: bytes) -> str:
    """Binary is taken for UTF-16."""
    return value.decode("utf-16-le", "replace")


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    bool: lambda value: "-1" if value else "0",
    int: str,
    Byte: lambda value: str(int(value)),
    Integer: lambda value: str(int(value)),
    BigInt: lambda value: str(int(value)),
    float: lambda value: _float_text(value, 15),
    Single: lambda value: _float_text(float(value), 7),
    Decimal: _decimal_text,
    Currency: _decimal_text,
    datetime: general_date,
    Empty: lambda _: "",
    bytes: _bytes_text,
}


def plain(value: Any) -> Any:
    """A value as Python's own types have it, for those outside: Empty is empty text, a GUID text in capitals."""
    kind = type(value)
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    return value


_PLAIN: Final[dict[type, Callable[[Any], Any]]] = {
    Byte: int,
    Integer: int,
    BigInt: int,
    Single: float,
    Currency: Decimal,
    Guid: str,
    Empty: lambda _: "",
}


def known(value: Any) -> Any:
    """A value that a row holds. Raises CellError where it is #Error."""
    if isinstance(value, ErrorValue):
        raise CellError(value.fault)
    return value


def fitted_literal(text: str) -> Any:
    """A number as written in a query: a Long, be it as short (measured of Access's engine), or a Double."""
    return int(text) if text.isdigit() and int(text) < 2**31 else float(text)


def fitted_vba_literal(text: str) -> Any:
    """A number as written in VBA: an Integer, a Long or a Double."""
    found = fitted_literal(text)
    return Integer(found) if isinstance(found, int) and found < 2**15 else found


def fitted_sum(number: int, kind: type) -> Any:
    """A sum of whole numbers: a Long, or what is wider."""
    if kind is BigInt:
        return BigInt(number) if -(2**63) <= number < 2**63 else float(number)
    return number if -(2**31) <= number < 2**31 else float(number)
