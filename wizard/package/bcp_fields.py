"""Fields of bcp's character format read back as values, to verify what `bcp_columns` and `bcp_rows` wrote.

An empty field is NULL and a single NUL character empty text, whatever the type; what else a field may hold is what
bcp takes for a value of the column's type. Source: "Use character format to import or export data (SQL Server)".
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.arrow_buffers import buffer_of, numbers_in
from wizard.coercion.arrow_types import arrow_type
from wizard.objects import ServerColumn
from wizard.package.bcp_rows import Terminators

_LONGEST: Final = 1 << 30
"""bytes that Arrow's reader of CSV takes at once"""
_SHOWN: Final = 40
"""characters of a field that an error shows"""
_NO_BYTES: Final = pa.scalar(0, pa.int32())
_NULL: Final = pa.scalar(None, pa.binary())
_EMPTY: Final = pa.scalar("", pa.string())
_EMPTY_TEXT: Final = pa.scalar("\0", pa.string())
_BITS: Final = pa.array(["0", "1"], pa.string())
"""with their types: Arrow takes half a millisecond to find out what a value of Python's is"""

_DIGITS: Final = np.full(256, 255, np.uint8)
_DIGITS[np.frombuffer(b"0123456789", np.uint8)] = range(10)
_DIGITS[np.frombuffer(b"ABCDEF", np.uint8)] = range(10, 16)


def split(chunk: bytes, ends: Terminators, fields: int, before: int) -> list[pa.Array[Any]]:
    """Whole rows as one binary array a field. `before` rows of the file come before them.

    Raises ValueError for a row that has not so many fields.
    """
    if _is_plain(chunk, ends, fields):
        with suppress(pa.ArrowInvalid):  # what is wrong is said below
            return _split_lines(chunk, ends.field, fields)
    text = pa.array([chunk[: -len(ends.row)]], pa.binary())
    rows = pc.split_pattern(text, ends.row).flatten()
    values = pc.split_pattern(rows, ends.field)
    counts = pc.list_value_length(values)
    wrong = np.flatnonzero(pc.not_equal(counts, fields))
    if len(wrong):
        row = int(wrong[0])
        raise ValueError(f"row {before + row + 1} has {counts[row].as_py()} fields, not {fields}")
    flat = values.flatten()
    return [flat.take(pa.array(np.arange(n, len(flat), fields))) for n in range(fields)]


def _is_plain(chunk: bytes, ends: Terminators, fields: int) -> bool:
    """Whether Arrow's reader of CSV sees the same rows. It takes a carriage return for the end of a line, too, and an
    empty line for a row whose fields are all empty.
    """
    if (len(ends.field), ends.row) != (1, b"\n") or len(chunk) >= _LONGEST or b"\r" in chunk:
        return False
    return fields == 1 or not (chunk.startswith(b"\n") or b"\n\n" in chunk)


def _split_lines(chunk: bytes, end: bytes, fields: int) -> list[pa.Array[Any]]:
    """As `split`, by Arrow's reader of CSV."""
    from pyarrow import csv  # noqa: PLC0415  only where a package is verified

    names = [str(n) for n in range(fields)]
    table = csv.read_csv(
        BytesIO(chunk),
        read_options=csv.ReadOptions(column_names=names, block_size=len(chunk) + 1),
        parse_options=csv.ParseOptions(delimiter=end.decode(), quote_char=False, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.binary()), strings_can_be_null=False),
    )
    columns = [c.chunks for c in table.columns]
    return [c[0] if len(c) == 1 else pa.concat_arrays(c) for c in columns]


def decoded(fields: pa.Array[Any], column: ServerColumn, before: int) -> pa.Array[Any]:
    """A field of many rows as the column's values. Raises ValueError naming the row where one cannot be read."""
    given = pc.if_else(pc.equal(pc.binary_length(fields), _NO_BYTES), _NULL, fields)
    try:
        return _values(given, column)
    except (pa.ArrowInvalid, ValueError):
        row = _first(given, column)
    shown = given[row].as_py()[:_SHOWN].decode("utf-8", "replace")
    raise ValueError(f"row {before + row + 1}: {shown!r} is no {column.type} for {column.name}")


def _first(given: pa.Array[Any], column: ServerColumn) -> int:
    """The first field that cannot be read, by halves; one is known to be there."""
    start, end = 0, len(given)
    while end - start > 1:
        middle = (start + end) // 2
        try:
            _values(given.slice(start, middle - start), column)
        except (pa.ArrowInvalid, ValueError):
            end = middle
        else:
            start = middle
    return start


def _values(given: pa.Array[Any], column: ServerColumn) -> pa.Array[Any]:
    wanted = arrow_type(column.type)
    if pa.types.is_binary(wanted):
        return _from_hexadecimal(given)
    text = pc.cast(given, pa.string())  # which sees whether it is UTF-8
    if pa.types.is_string(wanted):
        empty = pc.equal(text, _EMPTY_TEXT)
        return pc.if_else(empty, _EMPTY, text) if pc.any(empty, min_count=0).as_py() else text
    if pa.types.is_boolean(wanted):
        bits = pc.index_in(text, _BITS)
        if bits.null_count != text.null_count:
            raise ValueError("neither 0 nor 1")
        return pc.cast(bits, wanted)
    return pc.cast(text, wanted)


def _from_hexadecimal(given: pa.Array[Any]) -> pa.Array[Any]:
    bare = pa.concat_arrays([given])
    validity, offsets, data = bare.buffers()
    places: npt.NDArray[np.int32] = numbers_in(offsets, np.int32, len(bare) + 1)
    digits = _DIGITS[numbers_in(data, np.uint8, int(places[-1]))] if data is not None else _DIGITS[:0]
    if (places % 2).any() or (digits == 255).any():
        raise ValueError("not pairs of hexadecimal digits")
    made = (digits[::2] << 4) | digits[1::2]
    halves = buffer_of((places // 2).astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), len(bare), [validity, halves, buffer_of(made)], bare.null_count)
