"""The value nearest to one that a type cannot hold, and a value that a person gave as text."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Final

import pyarrow as pa

from wizard.coercion import dates
from wizard.coercion.arrow_types import arrow_type
from wizard.coercion.type_ranges import DATES, LARGEST_FLOATS, MONEY, WHOLE
from wizard.objects import MAX, ServerType

_WIDE: Final = Context(prec=400)


def nearest(value: Any, type_: ServerType) -> Any:
    """The nearest value that the type holds, as Arrow takes it; None where there is none (NaN, a text for a number).

    Numbers are cut at the ends of the type's range and rounded to its digits, halves away from zero; texts are cut to
    as many UTF-16 units as find room, never through a character.
    """
    name = type_.name.casefold()
    if name in DATES:
        return _date(value, *DATES[name])
    if isinstance(value, str) and type_.length not in (None, MAX):
        return _cut(value, type_.length or 0)
    if isinstance(value, bytes) and type_.length not in (None, MAX):
        return value[: type_.length]
    if isinstance(value, int | float | Decimal):
        return _number(value, type_)
    return None


def _date(value: Any, low: datetime, high: datetime) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value[:26])
        except ValueError:
            return None
    return min(max(value, low), high) if isinstance(value, datetime) else None


def _cut(text: str, limit: int) -> str:
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _number(value: float | Decimal, type_: ServerType) -> Any:
    name = type_.name.casefold()
    if math.isnan(value):
        return None
    if name in LARGEST_FLOATS:
        return min(max(float(value), -LARGEST_FLOATS[name]), LARGEST_FLOATS[name])
    whole = WHOLE.get(name)
    if whole is not None:
        return whole[value > 0] if math.isinf(value) else min(max(_rounded(value, 0), whole[0]), whole[1])
    kind = arrow_type(type_)
    if not pa.types.is_decimal(kind):
        return None
    largest = Decimal(1).scaleb(kind.precision - kind.scale) - Decimal(1).scaleb(-kind.scale)
    low, high = MONEY.get(name, (-largest, largest))
    if math.isinf(value):
        return high if value > 0 else low
    return min(max(Decimal(_scaled(value, kind.scale)), low), high)


def _scaled(value: float | Decimal, scale: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _WIDE)


def _rounded(value: float | Decimal, scale: int) -> int:
    return int(_scaled(value, scale))


def given(text: str, type_: ServerType) -> Any:
    """A person's value as Arrow takes it; None where it is none of the type's."""
    kind, is_date = arrow_type(type_), type_.name.casefold() in dates.KINDS
    try:
        if is_date:
            return _given_date(text, type_)
        if pa.types.is_string(kind):
            return text if type_.length in (None, MAX) or _cut(text, type_.length or 0) == text else None
        if pa.types.is_binary(kind):
            return bytes.fromhex(text.removeprefix("0x"))
        return _given_number(text, type_)
    except (ValueError, InvalidOperation, pa.ArrowException):
        return None


def _given_date(text: str, type_: ServerType) -> Any:
    found, kind = datetime.fromisoformat(text[:26]), arrow_type(type_)
    if pa.types.is_string(kind):
        return found.isoformat(sep=" ", timespec="microseconds") + "0"
    if pa.types.is_date(kind):
        return found.date()
    return found if _date(found, *DATES.get(type_.name.casefold(), (found, found))) == found else None


def _given_number(text: str, type_: ServerType) -> Any:
    kind = arrow_type(type_)
    if pa.types.is_boolean(kind):
        return {"0": False, "1": True, "-1": True, "false": False, "true": True}.get(text.strip().casefold())
    number = Decimal(text.strip())
    fitting = _number(number, type_)
    return fitting if fitting == number or pa.types.is_floating(kind) else None
