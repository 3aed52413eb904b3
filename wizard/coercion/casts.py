"""Arrow columns cast to the types in which a server takes them: what cannot be cast, and what the cast rounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.coercion import dates
from wizard.coercion.guids import guid_texts
from wizard.objects import ServerColumn


def reason(source: pa.DataType, wanted: pa.DataType) -> int:
    """The message for a value that could not be cast."""
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    if not any(is_(source) for is_ in numbers) or not any(is_(wanted) for is_ in numbers):
        return 6107
    fraction = pa.types.is_decimal(source) or pa.types.is_floating(source)
    return 6106 if fraction else 6102


def cast(
    values: pa.Array[Any], wanted: pa.DataType, column: ServerColumn
) -> tuple[pa.Array[Any], dates.Mask | None, dates.Mask | None]:
    """The values as the wanted type, NULL where they cannot be; which those are, and which lost digits."""
    if column.type.name.casefold() == "uniqueidentifier":
        return *guid_texts(values), None
    if values.type.equals(wanted):
        return values, None, None
    prepared = _prepared(values, wanted)
    try:
        result = pc.cast(prepared, wanted)
        unfit = None
    except pa.ArrowInvalid:
        result, unfit = _cast_singly(prepared, wanted)
    if _may_round(values.type, wanted):
        back = pc.cast(result, values.type, safe=False)
        return result, unfit, dates.marked(pc.not_equal(back, values))
    return result, unfit, None


def _prepared(values: pa.Array[Any], wanted: pa.DataType) -> pa.Array[Any]:
    """Detours Arrow needs: a truth value is 1 or 0, as text too, and text is trimmed before it becomes a number."""
    if not pa.types.is_string(wanted) and (pa.types.is_temporal(values.type) or pa.types.is_binary(values.type)):
        # Arrow would take the bits of a date, or the text in binary, for a number
        raise pa.ArrowNotImplementedError("neither dates nor binary are numbers")
    if pa.types.is_boolean(values.type) and not pa.types.is_boolean(wanted):
        values = pc.cast(values, pa.int8())
    if pa.types.is_boolean(wanted) and pa.types.is_floating(values.type):
        return pc.not_equal(values, 0.0)
    if pa.types.is_decimal(wanted) and pa.types.is_integer(values.type):
        return pc.cast(values, pa.decimal128(20, 0))
    if pa.types.is_string(values.type) and not pa.types.is_binary(wanted) and not pa.types.is_string(wanted):
        return pc.utf8_trim_whitespace(values)
    return values


def _may_round(source: pa.DataType, wanted: pa.DataType) -> bool:
    """Casts that Arrow rounds without a word."""
    floating, decimal = pa.types.is_floating(source), pa.types.is_decimal(source)
    narrower = pa.types.is_float64(source) and pa.types.is_float32(wanted)
    return narrower or bool(floating and pa.types.is_decimal(wanted)) or bool(decimal and pa.types.is_floating(wanted))


def _cast_singly(values: pa.Array[Any], wanted: pa.DataType) -> tuple[pa.Array[Any], npt.NDArray[np.bool_]]:
    """Cast by halves until the values that cannot be cast stand alone; they become NULL."""
    unfit = np.zeros(len(values), dtype=np.bool_)

    def half(start: int, end: int) -> list[pa.Array[Any]]:
        try:
            return [pc.cast(values.slice(start, end - start), wanted)]
        except pa.ArrowInvalid:
            if end - start == 1:
                unfit[start] = True
                return [pa.array([None], wanted)]
            middle = (start + end) // 2
            return half(start, middle) + half(middle, end)

    return pa.concat_arrays(half(0, len(values))), unfit


def infinite(values: pa.Array[Any]) -> npt.NDArray[np.bool_] | None:
    """Which are NaN or infinity; None where none are."""
    wild = pc.invert(pc.is_finite(values))
    if not pc.any(wild).as_py():
        return None
    mask: npt.NDArray[np.bool_] = pc.fill_null(wild, False).to_numpy(zero_copy_only=False)
    return mask
