"""Columns: the types of the file, the Arrow types they become, and where a column's values are in a batch's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from wizard.access.long_values import headers, resolve
from wizard.access.pages import PageFile
from wizard.access.rows import RowLayout
from wizard.access.spans import Spans
from wizard.access.tables import RawColumn
from wizard.definitions import Column, ColumnType

TYPES: Final[Mapping[int, ColumnType]] = {
    1: ColumnType.BOOLEAN,
    2: ColumnType.BYTE,
    3: ColumnType.INTEGER,
    4: ColumnType.LONG,
    5: ColumnType.CURRENCY,
    6: ColumnType.SINGLE,
    7: ColumnType.DOUBLE,
    8: ColumnType.DATE,
    9: ColumnType.BINARY,
    10: ColumnType.TEXT,
    11: ColumnType.LONGBINARY,
    12: ColumnType.MEMO,
    15: ColumnType.GUID,
    16: ColumnType.DECIMAL,
    18: ColumnType.COMPLEX,
    19: ColumnType.BIGINT,
    20: ColumnType.DATE_EXTENDED,
}
"""type bytes (Jackcess' DataType; the last two from the corpus); any other is ColumnType.UNKNOWN"""

SIZES: Final[Mapping[ColumnType, int]] = {
    ColumnType.BOOLEAN: 1,
    ColumnType.BYTE: 1,
    ColumnType.INTEGER: 2,
    ColumnType.LONG: 4,
    ColumnType.CURRENCY: 8,
    ColumnType.SINGLE: 4,
    ColumnType.DOUBLE: 8,
    ColumnType.DATE: 8,
    ColumnType.GUID: 16,
    ColumnType.DECIMAL: 17,
    ColumnType.COMPLEX: 4,
    ColumnType.BIGINT: 8,
    ColumnType.DATE_EXTENDED: 42,
}
"""bytes of a value of types that have one size"""

LONG_TYPES: Final = frozenset({ColumnType.MEMO, ColumnType.LONGBINARY})

_ARROW: Final[Mapping[ColumnType, pa.DataType]] = {
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.BYTE: pa.uint8(),
    ColumnType.INTEGER: pa.int16(),
    ColumnType.LONG: pa.int32(),
    ColumnType.COMPLEX: pa.int32(),
    ColumnType.BIGINT: pa.int64(),
    ColumnType.SINGLE: pa.float32(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.CURRENCY: pa.decimal128(19, 4),
    ColumnType.DATE: pa.timestamp("ms"),
    ColumnType.DATE_EXTENDED: pa.string(),
    ColumnType.TEXT: pa.string(),
    ColumnType.MEMO: pa.string(),
    ColumnType.GUID: pa.string(),
    ColumnType.BINARY: pa.binary(),
    ColumnType.LONGBINARY: pa.binary(),
    ColumnType.UNKNOWN: pa.binary(),
}
CALCULATED_DECIMAL: Final = pa.decimal256(56, 28)
"""each value of a calculated Decimal has a scale of its own, up to 28, and up to 28 digits"""
CALCULATED_DECIMAL_SIZE: Final = 16

_WRAPPER_SIZE_AT: Final = 16
_WRAPPER: Final = 20
"""a calculated value follows 20 bytes, the last four of which are its size"""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How a column is read: the file's record, and the type, which for calculated columns only a property has."""

    raw: RawColumn
    type: ColumnType
    precision: int = 0
    scale: int = 0

    @classmethod
    def of(cls, raw: RawColumn, known: Column | None = None) -> ColumnPlan:
        """What becomes of a column of the file; `known` says what a calculated one gives."""
        kind = known.type if known and raw.calculated else TYPES.get(raw.type, ColumnType.UNKNOWN)
        precision = min(raw.precision or 28, 38)
        return cls(raw, kind, precision, min(raw.scale, precision))

    @property
    def name(self) -> str:
        """Access's name of the column."""
        return self.raw.name

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type of its values."""
        if self.type is ColumnType.DECIMAL:
            return CALCULATED_DECIMAL if self.raw.calculated else pa.decimal128(self.precision, self.scale)
        return _ARROW[self.type]

    @property
    def size(self) -> int:
        """Bytes of a value where all have the same number, else 0."""
        own = self.type is ColumnType.DECIMAL and self.raw.calculated
        return CALCULATED_DECIMAL_SIZE if own else SIZES.get(self.type, 0)

    @property
    def in_null_mask(self) -> bool:
        """Yes/No: the bit of the null mask is the value."""
        return self.type is ColumnType.BOOLEAN and not self.raw.calculated


def values(plan: ColumnPlan, layout: RowLayout, pages: PageFile) -> Spans:
    """Where the column's values are: long values fetched, calculated ones taken out of their wrapper."""
    raw = plan.raw
    if plan.type in LONG_TYPES:
        spans = resolve(headers(layout, raw), pages, layout, raw.name)
    else:
        spans = layout.fixed(raw, SIZES.get(plan.type, raw.length)) if raw.is_fixed else layout.variable(raw)
    if raw.calculated:
        spans = _unwrapped(spans)
    size = plan.size
    if size and not raw.is_fixed:
        spans = spans.where(spans.valid & (spans.length > 0))
        layout.lose(spans.valid & (spans.length < size), f"a value has less than {size} bytes", raw.name)
        spans = spans.where(spans.valid & (spans.length >= size))
    return spans


def _unwrapped(spans: Spans) -> Spans:
    wrapped = spans.valid & (spans.length >= _WRAPPER)
    room = spans.length - _WRAPPER
    size = np.clip(spans.take("<i4", _WRAPPER_SIZE_AT), 0, np.maximum(room, 0))
    start = spans.start + _WRAPPER * wrapped
    return Spans(spans.buffer, start, np.where(wrapped, start + size, spans.end), spans.valid)
