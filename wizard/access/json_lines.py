"""Rows as JSON Lines, a batch at a time with Arrow kernels: no value passes through Python where the data is regular.

Currency and Decimal are strings, dates ISO strings, GUIDs text in braces, binary `{"base64": …}`; numbers that JSON
does not have are the strings NaN, Infinity and -Infinity; Single is written with the digits of its exact value.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa

from wizard.access.arrow_kernels import call, cast, joined, replaced, with_replaced
from wizard.access.spans import booleans
from wizard.arrow_buffers import numbers_in

_QUOTE: Final = pa.scalar('"', pa.string())
_NOTHING: Final = pa.scalar("", pa.string())
_PLAIN_SCALE: Final = 6
"""up to this scale Arrow writes decimals without exponent"""


def header(table: str, columns: Sequence[str]) -> bytes:
    """The line before a table's rows."""
    return json.dumps({"table": table, "columns": list(columns)}, ensure_ascii=False).encode() + b"\n"


def lines(batch: pa.RecordBatch, lists: Mapping[int, Sequence[object]]) -> memoryview:
    """One JSON array per row, each with its line end, as UTF-8.

    Args:
        lists: for columns by position, values ready for `json.dumps` that take the place of the batch's.
    """
    if not batch.num_rows:
        return memoryview(b"")
    if not batch.num_columns:
        return memoryview(b"[]\n" * batch.num_rows)
    cells = [_python(lists[i]) if i in lists else cell(column) for i, column in enumerate(batch.columns)]
    row = joined(*(cast(c, pa.large_string()) for c in cells), between=_large(","), null="null")
    return content(joined(_large("["), row, _large("]\n"), between=_large("")))


def _large(text: str) -> pa.Scalar[Any]:
    return pa.scalar(text, pa.large_string())


def content(array: pa.Array[Any]) -> memoryview:
    """All of a large_string array's text, end to end."""
    _, offsets, data = array.buffers()
    ends = numbers_in(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])] if data is not None else memoryview(b"")


def cell(column: pa.Array[Any]) -> pa.Array[Any]:
    """A column's values as JSON text; nulls stay null."""
    writer = next((write for fits, write in _WRITERS if fits(column.type)), None)
    return writer(column) if writer else _python(column.to_pylist())


def iso_dates(column: pa.Array[Any], between: str) -> pa.Array[Any]:
    """Dates as `YYYY-MM-DD HH:MM:SS` with a fraction where there is one; `between` stands between day and time."""
    try:
        written = cast(cast(column, pa.timestamp("s")), pa.string())
    except pa.ArrowInvalid:  # some have a fraction of a second
        written = replaced(cast(column, pa.string()), r"\.?0+$", "", regex=True)
    return written if between == " " else replaced(written, " ", between)


def arrow_writes_plainly(kind: pa.DataType) -> bool:
    """Whether Arrow writes a decimal type's values without exponent."""
    return pa.types.is_decimal128(kind) and kind.scale <= _PLAIN_SCALE


def plain_decimals(column: pa.Array[Any]) -> pa.Array[Any]:
    """Decimals without exponent; those of a type so wide that each value has a scale of its own, without padding."""
    if arrow_writes_plainly(column.type):
        return cast(column, pa.string())
    own_scale = pa.types.is_decimal256(column.type)
    return pa.array([_plain(v, own_scale) for v in column.to_pylist()], pa.string())


def _plain(value: Decimal | None, own_scale: bool) -> str | None:
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if own_scale and "." in text else text


def _real(column: pa.Array[Any]) -> pa.Array[Any]:
    written = cast(column, pa.string())
    finite = call("is_finite", column)
    if finite.true_count + finite.null_count == len(column):
        return written
    infinite = call("if_else", call("greater", column, 0.0), '"Infinity"', '"-Infinity"')
    return call("if_else", finite, written, call("if_else", call("is_nan", column), '"NaN"', infinite))


def _quoted(column: pa.Array[Any]) -> pa.Array[Any]:
    return joined(_QUOTE, column, _QUOTE, between=_NOTHING)


def _text(column: pa.Array[Any]) -> pa.Array[Any]:
    special = _special(column)
    if not len(special):
        return _quoted(column)
    chosen = np.zeros(len(column), np.bool_)
    chosen[special] = True
    mask = booleans(chosen)
    escaped = [json.dumps(v, ensure_ascii=False) for v in call("filter", column, mask).to_pylist()]
    return with_replaced(_quoted(column), mask, pa.array(escaped, pa.string()))


def _special(column: pa.Array[Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The rows with a character that JSON escapes."""
    _, offsets, data = column.buffers()
    if data is None:
        return np.zeros(0, np.int64)
    ends = numbers_in(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    text = numbers_in(data, np.uint8)[ends[0] : ends[-1]]
    found = np.flatnonzero((text < 0x20) | (text == 0x22) | (text == 0x5C))
    return np.unique(np.searchsorted(ends, found + ends[0], "right") - 1)


def _binary(column: pa.Array[Any]) -> pa.Array[Any]:
    return _python([None if v is None else _base64(v) for v in column.to_pylist()])


def _base64(value: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode("ascii")}


def _python(values: Sequence[object]) -> pa.Array[Any]:
    """Values written one by one."""
    return pa.array([None if v is None else json.dumps(v, ensure_ascii=False) for v in values], pa.string())


_WRITERS: Final[tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array[Any]], pa.Array[Any]]], ...]] = (
    (pa.types.is_boolean, lambda column: cast(column, pa.string())),
    (pa.types.is_integer, lambda column: cast(column, pa.string())),
    (pa.types.is_floating, lambda column: _real(cast(column, pa.float64()))),
    (pa.types.is_string, _text),
    (pa.types.is_timestamp, lambda column: _quoted(iso_dates(column, "T"))),
    (pa.types.is_decimal, lambda column: _quoted(plain_decimals(column))),
    (pa.types.is_binary, _binary),
)
