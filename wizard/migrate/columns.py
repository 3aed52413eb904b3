"""Checks and coercions between reader and target, a column at a time as Arrow kernels.

A value that cannot go exactly is never bent in silence: its row is rejected with a numbered reason, or, where an
option or a chosen type says so (dates replaced, digits rounded), the change is counted and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.messages import Kind, MoveError, Place
from wizard.migrate import dates
from wizard.migrate.shown import shown
from wizard.objects import MAX, ServerColumn
from wizard.settings import BadDates
from wizard.target.sink import arrow_type, batch_schema

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot go: `row` is its place in the batch, `facts` fill the text of message `number`."""

    row: int
    column: str
    number: int
    facts: dict[str, object]


@dataclass(slots=True)
class Changes:
    """What was changed on the way because options or types say so: counts by column."""

    rounded: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)

    def add(self, other: Changes) -> None:
        self.rounded.update(other.rounded)
        self.dates.update(other.dates)


@dataclass(frozen=True, slots=True)
class Coerced:
    """The good rows as the target takes them, their places in the batch, and the bad ones with reasons."""

    rows: pa.RecordBatch
    kept: Rows
    bad: tuple[Bad, ...]
    changes: Changes


def coerce(
    batch: pa.RecordBatch, columns: Sequence[ServerColumn], bad_dates: BadDates, *, keep_nulls: bool = True
) -> Coerced:
    """A source batch as a batch of these columns. A column takes the field its `source` names.

    NULL is bad where the column takes none; without `keep_nulls` a default stands for it, where there is one.

    Raises MoveError 6010 where no value of a column can become the type.
    """
    changes = Changes()
    bad: list[Bad] = []
    arrays = []
    for column in columns:
        values = batch.column(batch.schema.get_field_index(column.source))
        try:
            array, found = _column(values, column, bad_dates, changes, filled=bool(column.default) and not keep_nulls)
        except pa.ArrowNotImplementedError as e:
            place = Place(Kind.COLUMN, part=column.source)
            facts = {"column": column.name, "source": str(values.type), "type": str(column.type), "reason": str(e)}
            raise MoveError(6010, place, **facts) from e
        arrays.append(array)
        bad += found
    rows = pa.RecordBatch.from_arrays(arrays, schema=batch_schema([_loose(c) for c in columns]))
    kept = np.arange(batch.num_rows, dtype=np.int64)
    if bad:
        kept = np.setdiff1d(kept, np.fromiter({b.row for b in bad}, dtype=np.int64))
        rows = rows.take(pa.array(kept))
    return Coerced(rows, kept, tuple(bad), changes)


def _loose(column: ServerColumn) -> ServerColumn:
    """The column with NULL allowed: the batch's schema must hold bad rows too until they are taken out."""
    return column if column.nullable else ServerColumn(column.name, column.type)


def _column(
    values: pa.Array, column: ServerColumn, bad_dates: BadDates, changes: Changes, *, filled: bool
) -> tuple[pa.Array, list[Bad]]:
    wanted = arrow_type(column.type)
    name = column.type.name.casefold()
    bad: list[Bad] = []
    if name in dates.KINDS:
        array, outside, counts = dates.coerce(values, column.type, bad_dates)
        changes.rounded[column.name] += counts.rounded
        changes.dates[column.name] += counts.replaced
        bad += _each(outside, values, column, 6104)
    else:
        array, unfit = _cast(values, wanted, column, changes)
        bad += _each(unfit, values, column, _reason(values.type, wanted))
    checks: list[Callable[[], list[Bad]]] = []
    if pa.types.is_floating(wanted):
        checks.append(lambda: _each(_infinite(array), values, column, 6105))
    if pa.types.is_string(wanted) and name not in dates.KINDS and name != "uniqueidentifier":
        checks.append(lambda: _too_long(array, column))
    if pa.types.is_binary(wanted):
        checks.append(lambda: _too_many_bytes(array, column))
    if not (column.nullable or filled):
        refused = {b.row for b in bad}
        checks.append(lambda: [b for b in _missing(array, column) if b.row not in refused])
    for check in checks:
        bad += check()
    return array, bad


def _each(mask: npt.NDArray[np.bool_] | None, values: pa.Array, column: ServerColumn, number: int) -> list[Bad]:
    if mask is None:
        return []
    return [
        Bad(int(row), column.name, number, {"value": shown(values[int(row)].as_py()), "type": str(column.type)})
        for row in np.flatnonzero(mask)
    ]


def _reason(source: pa.DataType, wanted: pa.DataType) -> int:
    """The message for a value that could not be cast."""
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    if not any(is_(source) for is_ in numbers) or not any(is_(wanted) for is_ in numbers):
        return 6107
    fraction = pa.types.is_decimal(source) or pa.types.is_floating(source)
    return 6106 if fraction else 6102


def _cast(
    values: pa.Array, wanted: pa.DataType, column: ServerColumn, changes: Changes
) -> tuple[pa.Array, npt.NDArray[np.bool_] | None]:
    """The values as the wanted type, NULL where they cannot be; and which those are."""
    if column.type.name.casefold() == "uniqueidentifier":
        return _guids(values)
    if values.type.equals(wanted):
        return values, None
    prepared = _prepared(values, wanted)
    try:
        result = pc.cast(prepared, wanted)
        unfit = None
    except pa.ArrowInvalid:
        result, unfit = _cast_singly(prepared, wanted)
    if _may_round(values.type, wanted):
        back = pc.cast(result, values.type, safe=False)
        rounded = pc.sum(pc.not_equal(back, values)).as_py() or 0
        if rounded:
            changes.rounded[column.name] += rounded
    return result, unfit


def _prepared(values: pa.Array, wanted: pa.DataType) -> pa.Array:
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


def _cast_singly(values: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Cast by halves until the values that cannot be cast stand alone; they become NULL."""
    unfit = np.zeros(len(values), dtype=np.bool_)

    def half(start: int, end: int) -> list[pa.Array]:
        try:
            return [pc.cast(values.slice(start, end - start), wanted)]
        except pa.ArrowInvalid:
            if end - start == 1:
                unfit[start] = True
                return [pa.nulls(1, wanted)]
            middle = (start + end) // 2
            return half(start, middle) + half(middle, end)

    return pa.concat_arrays(half(0, len(values))), unfit


_GUID: Final = r"^\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?$"
_FORM: Final = np.frombuffer(b"{00000000-0000-0000-0000-000000000000}", np.uint8)
_DIGIT: Final = np.equal(_FORM, ord("0"))


def _guids(values: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_] | None]:
    """36 characters, upper case, without braces."""
    bare = _as_read(values)
    if bare is not None:
        return bare, None
    given = values if pa.types.is_string(values.type) else pc.cast(values, pa.string())
    good = pc.match_substring_regex(given, _GUID)
    unfit = None
    if pc.any(pc.invert(good)).as_py():
        unfit = pc.fill_null(pc.invert(good), False).to_numpy(zero_copy_only=False)
        given = pc.if_else(good, given, pa.scalar(None, pa.string()))
    return pc.utf8_upper(pc.utf8_trim(given, "{}")), unfit


def _as_read(values: pa.Array) -> pa.Array | None:
    """GUIDs without their braces; None where they are not all as the reader gives them, upper case in braces.

    All at once: a third of the time that looking at each takes.
    """
    count, size = len(values), len(_FORM)
    if not pa.types.is_string(values.type) or not count or values.offset:
        return None
    validity, offsets, data = values.buffers()
    places = np.frombuffer(offsets, np.int32, count + 1)
    if data is None or not np.array_equal(places, np.arange(count + 1, dtype=np.int32) * size):
        return None
    found = np.frombuffer(data, np.uint8, count * size).reshape(count, size)
    digits = (found - np.uint8(ord("0")) < 10) | (found - np.uint8(ord("A")) < 6)  # below "0" and "A" they wrap
    if (digits != _DIGIT).any() or (found[:, ~_DIGIT] != _FORM[~_DIGIT]).any():
        return None
    bare = np.ascontiguousarray(found[:, 1:-1])
    starts = np.arange(count + 1, dtype=np.int32) * (size - 2)
    buffers = [validity, pa.py_buffer(starts), pa.py_buffer(bare)]
    return pa.Array.from_buffers(pa.string(), count, buffers, values.null_count)


def _infinite(values: pa.Array) -> npt.NDArray[np.bool_] | None:
    wild = pc.invert(pc.is_finite(values))
    if not pc.any(wild).as_py():
        return None
    mask: npt.NDArray[np.bool_] = pc.fill_null(wild, False).to_numpy(zero_copy_only=False)
    return mask


def _too_long(values: pa.Array, column: ServerColumn) -> list[Bad]:
    """A server counts UTF-16 code units, of which a text has at most as many as bytes of UTF-8."""
    limit = column.type.length
    if limit is None or limit == MAX:
        return []
    candidates = np.flatnonzero(pc.fill_null(pc.greater(pc.binary_length(values), limit), False))
    bad = []
    for row in candidates:
        units = len(values[int(row)].as_py().encode("utf-16-le")) // 2
        if units > limit:
            bad.append(Bad(int(row), column.name, 6101, {"length": units, "limit": limit, "type": str(column.type)}))
    return bad


def _too_many_bytes(values: pa.Array, column: ServerColumn) -> list[Bad]:
    limit = column.type.length
    if limit is None or limit == MAX:
        return []
    lengths = pc.fill_null(pc.binary_length(values), 0).to_numpy(zero_copy_only=False)
    facts = {"limit": limit, "type": str(column.type)}
    return [
        Bad(int(row), column.name, 6108, {"length": int(lengths[row]), **facts})
        for row in np.flatnonzero(lengths > limit)
    ]


def _missing(values: pa.Array, column: ServerColumn) -> list[Bad]:
    if values.null_count == 0:
        return []
    mask = pc.is_null(values).to_numpy(zero_copy_only=False)
    return [Bad(int(row), column.name, 6103, {}) for row in np.flatnonzero(mask)]
