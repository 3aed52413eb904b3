"""Columns of a batch as the text bcp reads in its character format (`-c`), whole columns at a time.

What bcp's character format wants of a value (Microsoft's documentation of bcp and of its ODBC conversions):
NULL is an empty field, empty text a single NUL character; bit is 0 or 1; binary is pairs of hexadecimal digits
without 0x; decimal and money have a point and no grouping; floating point has as many digits as it takes to read
the same number back; dates are `YYYY-MM-DD hh:mm:ss` with as many decimals as the type has; GUIDs are 36 characters.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.arrow_buffers import buffer_of, numbers_in
from wizard.messages import Kind, Place
from wizard.objects import ServerType
from wizard.sink import RefusedError

NUL: Final = "\x00"
"""stands for empty text; text that holds it cannot go into a data file"""

PLAIN_SCALE: Final = 6
"""Arrow writes a decimal of larger scale with an exponent where it is small, which bcp does not read"""

_ZERO: Final = pa.scalar(0, pa.int32())
_MARK: Final = pa.scalar(NUL, pa.string())
# Made once: for every plain Python value that it is given, pyarrow looks for pandas again.

_HEX: Final = np.frombuffer(b"".join(b"%02X" % i for i in range(256)), dtype=np.uint16)


def bcp_text(values: pa.Array[Any], type_: ServerType, name: str = "") -> pa.Array[Any]:
    """The column as strings for a data file: nulls stay null, empty text becomes NUL.

    Raises RefusedError where a value cannot be written exactly: NaN or infinity, or a date with a finer fraction
    of a second than the type keeps.
    """
    kind = values.type
    if pa.types.is_string(kind):
        return _with_marks(values)
    if pa.types.is_binary(kind):
        return hexadecimal(values)
    return plain_text(values, type_, name)


def plain_text(values: pa.Array[Any], type_: ServerType, name: str = "") -> pa.Array[Any]:
    """Numbers, bits, dates and GUIDs as text that needs no quoting, for data files and statements alike.

    Raises RefusedError for a float that is not finite.
    """
    kind = values.type
    if pa.types.is_boolean(kind):
        return values.cast(pa.uint8()).cast(pa.string())
    if pa.types.is_floating(kind):
        if not pc.all(pc.is_finite(values), skip_nulls=True, min_count=0).as_py():
            raise RefusedError(5610, Place(Kind.COLUMN, name=name), column=name)
        return values.cast(pa.string())
    if pa.types.is_decimal(kind):
        return values.cast(pa.string()) if kind.scale <= PLAIN_SCALE else _positional(values)
    if pa.types.is_timestamp(kind):
        return _moments(values, type_, name)
    return values.cast(pa.string())


def hexadecimal(values: pa.Array[Any]) -> pa.Array[Any]:
    """Binary as pairs of hexadecimal digits; each value takes twice its bytes. Raises RefusedError above 1 GiB."""
    if values.offset:
        values = pa.concat_arrays([values])
    count = len(values)
    validity, offsets, data = values.buffers()
    places = numbers_in(offsets, np.int32, count=count + 1) if count else np.zeros(1, np.int32)
    first, last = int(places[0]), int(places[-1])
    raw = numbers_in(data, np.uint8)[first:last] if last > first else np.zeros(0, np.uint8)
    doubled = (places.astype(np.int64) - first) * 2
    if doubled[-1] > np.iinfo(np.int32).max:
        raise RefusedError(5612, size=int(places[-1]) - first)
    return pa.Array.from_buffers(
        pa.string(),
        count,
        [validity, buffer_of(doubled.astype(np.int32)), buffer_of(_HEX[raw])],
        null_count=values.null_count,
    )


def _with_marks(values: pa.Array[Any]) -> pa.Array[Any]:
    empty = pc.equal(pc.binary_length(values), _ZERO)
    if not pc.any(empty, min_count=0).as_py():
        return values
    return pc.if_else(empty, _MARK, values)


def _positional(values: pa.Array[Any]) -> pa.Array[Any]:
    """Decimals of any scale without an exponent: the digits of the unscaled number, with a point put in."""
    scale = values.type.scale
    bare = values if not values.offset else pa.concat_arrays([values])
    whole = pa.Array.from_buffers(pa.decimal128(38, 0), len(bare), bare.buffers(), null_count=bare.null_count)
    digits = pc.utf8_lpad(pc.utf8_ltrim(whole.cast(pa.string()), "-"), scale + 1, "0")
    sign = pc.if_else(pc.less(whole, pa.scalar(0, whole.type)), "-", "")
    front = pc.utf8_slice_codeunits(digits, 0, -scale)
    back = pc.utf8_slice_codeunits(digits, -scale)
    return pc.binary_join_element_wise(sign, front, ".", back, "")


_UNITS: Final = {0: "s", 1: "ms", 2: "ms", 3: "ms"}


def _moments(values: pa.Array[Any], type_: ServerType, name: str) -> pa.Array[Any]:
    decimals = fraction_digits(type_)
    place = Place(Kind.COLUMN, name=name)
    finer = RefusedError(5611, place, column=name, type=type_, digits=decimals)
    try:
        text = values.cast(pa.timestamp(_UNITS.get(decimals, "us"))).cast(pa.string())
    except pa.ArrowInvalid as e:
        raise finer from e
    if decimals not in (1, 2, 4, 5):
        return text
    rest = pc.utf8_slice_codeunits(text, 20 + decimals)
    if pc.any(pc.match_substring_regex(rest, "[1-9]"), min_count=0).as_py():
        raise finer
    return pc.utf8_slice_codeunits(text, 0, 20 + decimals)


def fraction_digits(type_: ServerType) -> int:
    """How many decimals of a second a date type's text has."""
    name = type_.name.casefold()
    if name == "datetime":
        return 3
    if name == "datetime2":
        return 7 if type_.scale is None else type_.scale
    return 0
