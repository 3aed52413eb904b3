"""One pass over the data: what each column holds, so that types can be chosen that hold every value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.arrow_buffers import numbers_in
from wizard.assess.assessed_file import AssessedFile, AssessProgress, Progress, never, silent
from wizard.coercion.columns import unread_in
from wizard.definitions import ColumnProfile, TableProfile

BATCH_ROWS: Final = 20_000
_BEYOND_BMP: Final = "[\\x{10000}-\\x{10FFFF}]"


def profile_data(
    file: AssessedFile,
    tables: Sequence[str] | None = None,
    *,
    cancelled: Callable[[], bool] = never,
    progress: Progress = silent,
) -> dict[str, TableProfile]:
    """Facts by Access table name, for all tables where None is given.

    Exact and in bounded memory: a batch at a time. Raises CancelledError, and SourceError where a table cannot be
    read.
    """
    names = [t.name for t in file.definition.tables] if tables is None else list(tables)
    watch = AssessProgress(sum(file.row_count(n) for n in names), cancelled, progress)
    return {name: _facts(file, name, watch) for name in names}


def _facts(file: AssessedFile, table: str, watch: AssessProgress) -> TableProfile:
    rows = unread = 0
    columns: dict[str, _ProfiledColumn] = {}
    for batch in watch.batches(file.read(table, batch_rows=BATCH_ROWS), table):
        rows += batch.rows.num_rows
        unread += len(batch.unread)
        lost = unread_in([u for u in batch.unread if not u.text], batch.positions)
        for field, values in zip(batch.rows.schema, batch.rows.columns, strict=True):
            known = np.delete(np.arange(len(values)), list(lost.get(field.name.casefold(), ())))
            columns.setdefault(field.name, _ProfiledColumn()).add(values.take(pa.array(known)) if lost else values)
    return TableProfile(rows, {name: c.facts() for name, c in columns.items()}, unread)


@dataclass
class _ProfiledColumn:
    """What is known of a column so far."""

    rows: int = 0
    nulls: int = 0
    empty: int = 0
    longest: int = 0
    low: Any = None
    high: Any = None
    fraction: bool = False
    not_finite: int = 0

    def add(self, values: pa.Array[Any]) -> None:
        kind = values.type
        self.rows += len(values)
        self.nulls += values.null_count
        if values.null_count == len(values):
            return
        if pa.types.is_string(kind) or pa.types.is_binary(kind):
            self._add_lengths(values)
        elif pa.types.is_floating(kind):
            finite = pc.is_finite(values)
            odd = pc.sum(pc.invert(finite)).as_py()
            self.not_finite += odd
            self._add_range(values.filter(finite) if odd else values)
        elif not pa.types.is_nested(kind):
            self._add_range(values)
            if pa.types.is_timestamp(kind) and not self.fraction:
                self.fraction = has_fraction(values)

    def _add_lengths(self, values: pa.Array[Any]) -> None:
        lengths = text_lengths(values) if pa.types.is_string(values.type) else pc.binary_length(values)
        found = pc.min_max(lengths)
        self.longest = max(self.longest, found["max"].as_py())
        if found["min"].as_py() == 0:
            self.empty += pc.sum(pc.equal(lengths, 0)).as_py()

    def _add_range(self, values: pa.Array[Any]) -> None:
        found = pc.min_max(values)
        low, high = found["min"].as_py(), found["max"].as_py()
        if low is not None:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)

    def facts(self) -> ColumnProfile:
        return ColumnProfile(
            rows=self.rows,
            nulls=self.nulls,
            empty=self.empty,
            max_length=self.longest,
            minimum=self.low,
            maximum=self.high,
            fraction_of_second=self.fraction,
            not_finite=self.not_finite,
        )


def text_lengths(values: pa.Array[Any]) -> pa.Array[Any]:
    """Lengths in UTF-16 units, as Access and nvarchar count: a character beyond the first 65,536 counts twice."""
    lengths = pc.utf8_length(values)
    data = values.buffers()[2]
    if data is None or not np.any(numbers_in(data, np.uint8) >= 0xF0):
        return lengths
    return pc.add(lengths, pc.count_substring_regex(values, _BEYOND_BMP))


def has_fraction(values: pa.Array[Any]) -> bool:
    """Whether a time stamp has a part smaller than a second."""
    per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[values.type.unit]
    ticks = values.drop_null().view(pa.int64()).to_numpy(zero_copy_only=False)
    return bool(np.any(ticks % per_second))
