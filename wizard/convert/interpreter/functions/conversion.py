"""Functions that turn one kind of value into another, and those that say what kind it is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.functions.registry import function
from wizard.convert.interpreter.text_parsing import read_number
from wizard.convert.interpreter.values import (
    EMPTY,
    BigInt,
    Byte,
    Currency,
    Empty,
    Guid,
    Integer,
    Single,
    bool_of,
    currency_of,
    date_of,
    decimal_of,
    double_of,
    named_date,
    number_of,
    single_of,
    text_of,
    whole_of,
)


def _converts(names: str, convert: Callable[[Any], Any]) -> None:
    """VBA refuses to convert Null."""

    def value(given: Any) -> Any:
        if given is None:
            raise CellError(CellFault.INVALID_NULL)
        return convert(given)

    function(names, 1, 1, takes_null=True)(value)


_converts("CBool", bool_of)
_converts("CByte", lambda value: Byte(whole_of(value, Byte)))
_converts("CInt", lambda value: Integer(whole_of(value, Integer)))
_converts("CLng", whole_of)
_converts("CLngLng", lambda value: BigInt(whole_of(value, BigInt)))
_converts("CSng", single_of)
_converts("CDbl", double_of)
_converts("CCur", currency_of)
_converts("CDec", decimal_of)
_converts("CStr", text_of)


@function("CVar", 1, 1)
def _c_var(value: Any) -> Any:
    return value


@function("CDate", 1, 1, takes_null=True, clocked=True)
def _c_date(now: datetime, value: Any) -> datetime:
    if value is None:
        raise CellError(CellFault.INVALID_NULL)
    return date_of(value, now)


@function("CVDate", 1, 1, clocked=True)
def _cv_date(now: datetime, value: Any) -> datetime:
    return date_of(value, now)


@function("Str", 1, 1)
def _str(value: Any) -> str:
    """With a space where a plus would stand, and no 0 before the point; a date is written as one (measured)."""
    if isinstance(value, datetime):
        return text_of(value)
    number = number_of(value)
    text = text_of(number)
    sign, digits = ("-", text[1:]) if text.startswith("-") else (" ", text)
    return sign + (digits[1:] if digits.startswith("0.") else digits)


@function("IsNull", 1, 1, takes_null=True)
def _is_null(value: Any) -> bool:
    return value is None


@function("IsEmpty", 1, 1, takes_null=True)
def _is_empty(value: Any) -> bool:
    return isinstance(value, Empty)


@function("IsObject IsArray", 1, 1, takes_null=True)
def _never(_: Any) -> bool:
    return False


@function("IsNumeric", 1, 1, takes_null=True)
def _is_numeric(value: Any) -> bool:
    if isinstance(value, str) and not isinstance(value, Guid):
        return read_number(value) is not None
    return isinstance(value, int | float | Decimal | Empty)


@function("IsDate", 1, 1, takes_null=True, clocked=True)
def _is_date(now: datetime, value: Any) -> bool:
    return isinstance(value, datetime) or named_date(value, now) is not None


_KINDS: Final[dict[type, tuple[int, str]]] = {
    Empty: (0, "Empty"),
    type(None): (1, "Null"),
    Integer: (2, "Integer"),
    int: (3, "Long"),
    Single: (4, "Single"),
    float: (5, "Double"),
    Currency: (6, "Currency"),
    datetime: (7, "Date"),
    str: (8, "String"),
    bool: (11, "Boolean"),
    Decimal: (14, "Decimal"),
    Byte: (17, "Byte"),
    BigInt: (20, "LongLong"),
    bytes: (8209, "Byte()"),
    Guid: (8209, "Byte()"),
}
"""VarType's number and TypeName's name"""


@function("VarType", 1, 1, takes_null=True)
def _var_type(value: Any) -> int:
    return Integer(_KINDS[type(value)][0])


@function("TypeName", 1, 1, takes_null=True)
def _type_name(value: Any) -> str:
    return _KINDS[type(value)][1]


@function("GenGUID", 0, 1, takes_null=True, uses="random")
def _gen_guid(_: Any = EMPTY) -> Guid:
    return Guid(str(uuid.uuid4()).upper())


@function("CurrentUser", 0, 0, uses="user")
def _current_user() -> str:
    """Whoever has not signed in is Admin."""
    return "Admin"
