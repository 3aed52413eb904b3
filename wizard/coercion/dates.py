"""Dates on their way to a server: fractions of a second, and 100 ns steps as text."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.coercion.type_ranges import DATES
from wizard.objects import ServerType

KINDS: Final = frozenset(("date", "datetime", "datetime2", "smalldatetime"))

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND


Mask = npt.NDArray[np.bool_]


def coerce(values: pa.Array[Any], type_: ServerType) -> tuple[pa.Array[Any], Mask | None, Mask | None]:
    """The dates as the type takes them, NULL and a mark for those that cannot go, and which lost a part of them."""
    name = type_.name.casefold()
    if name == "datetime2" and type_.scale in (None, 7):
        return *_extended(values), None
    stamps, unfit = _stamps(values)
    if name in DATES:
        low, high = (pa.scalar(edge, pa.timestamp("us")) for edge in DATES[name])
        outside = pc.or_(pc.less(stamps, low), pc.greater(stamps, high))
        count = pc.sum(outside).as_py() or 0
        if count:
            mask = pc.fill_null(outside, False).to_numpy(zero_copy_only=False)
            unfit = mask if unfit is None else unfit | mask
            stamps = pc.if_else(outside, pa.scalar(None, stamps.type), stamps)
    fitted = pc.floor_temporal(stamps, unit="day") if name == "date" else _rounded(stamps, name, type_.scale)
    rounded = pc.not_equal(fitted, stamps)
    if pa.types.is_string(values.type):  # a seventh digit is beyond what is counted in here
        rounded = pc.or_(rounded, pc.match_substring_regex(values, r"\.\d{6}[1-9]$"))
    return (pc.cast(fitted, pa.date32()) if name == "date" else fitted), unfit, marked(rounded)


def marked(found: pa.Array[Any]) -> Mask | None:
    """Booleans as a mask; None where none is true."""
    if not pc.any(found).as_py():
        return None
    mask: Mask = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return mask


def _stamps(values: pa.Array[Any]) -> tuple[pa.Array[Any], Mask | None]:
    """Microseconds without zone; NULL and a mark where a text is no date."""
    if pa.types.is_timestamp(values.type):
        return pc.cast(values, pa.timestamp("us"), safe=False), None
    if pa.types.is_string(values.type) or pa.types.is_date(values.type):
        if pa.types.is_string(values.type):
            values = pc.utf8_slice_codeunits(values, 0, 26)
        try:
            return pc.cast(values, pa.timestamp("us")), None
        except pa.ArrowInvalid:
            pass
    found = [_parsed(v) for v in values.to_pylist()]
    given = pc.is_valid(values).to_numpy(zero_copy_only=False)
    result = pa.array(found, pa.timestamp("us"))
    mask: Mask = given & pc.is_null(result).to_numpy(zero_copy_only=False)
    return result, mask


def _parsed(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)[:26]) if value is not None else None
    except ValueError:
        return None


def _rounded(stamps: pa.Array[Any], name: str, scale: int | None) -> pa.Array[Any]:
    """To the type's own steps, half up, as the server does when it converts."""
    if name == "datetime2" and (scale or 0) >= 6:
        return stamps
    raw = pc.cast(stamps, pa.int64())
    micro = np.asarray(pc.fill_null(raw, 0))
    if name == "datetime2":
        step = 10 ** (6 - (scale or 0))
        fitted = (micro + step // 2) // step * step
    elif name == "smalldatetime":
        fitted = (micro + _MINUTE // 2) // _MINUTE * _MINUTE
    else:
        # datetime counts 300ths of a second, which it shows as .000, .003 and .007
        seconds, fraction = micro // _SECOND, micro % _SECOND
        ticks = (fraction * 300 + _SECOND // 2) // _SECOND
        fitted = seconds * _SECOND + (ticks * 10 + 1) // 3 * 1_000
    if np.array_equal(fitted, micro):
        return stamps
    mask = np.asarray(pc.is_null(stamps))
    return pa.array(fitted, pa.int64(), mask=mask).cast(pa.timestamp("us"))


def _extended(values: pa.Array[Any]) -> tuple[pa.Array[Any], Mask | None]:
    """`YYYY-MM-DD hh:mm:ss.fffffff`."""
    if pa.types.is_string(values.type):
        values = pc.replace_substring(values, "T", " ", max_replacements=1)
        whole = pc.match_substring_regex(values, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{7}$")
        if not pc.any(pc.invert(whole)).as_py():
            return values, None
    stamps, unfit = _stamps(values)
    return pc.binary_join_element_wise(_iso(stamps), pa.scalar("0"), ""), unfit


def _iso(stamps: pa.Array[Any]) -> pa.Array[Any]:
    """`YYYY-MM-DD hh:mm:ss.ffffff`, years with four digits."""
    return pc.cast(stamps, pa.string())
