"""One pass over the data: what each column holds, so that types can be chosen that hold every value."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.access import Batch
from wizard.access.prefetch import Prefetch
from wizard.arrow_buffers import numbers_in
from wizard.assess.assessed_file import AssessedFile, AssessProgress, RowProgress, never, silent
from wizard.coercion.columns import unread_in
from wizard.coercion.row_source import PartitionedReader
from wizard.definitions import ColumnProfile, TableProfile

LARGE: Final = 100_000
"""rows of a table that is worth reading in partitions"""
_BEYOND_BMP: Final = "[\\x{10000}-\\x{10FFFF}]"


def profile_data(
    file: AssessedFile,
    tables: Sequence[str] | None = None,
    *,
    check: Callable[[], None] = never,
    progress: RowProgress = silent,
) -> dict[str, TableProfile]:
    """Facts by Access table name, for all tables where None is given.

    Exact and in bounded memory: a batch at a time, and of a large table in as many partitions side by side as Arrow
    may use threads. Raises StoppedError, and SourceError where a table cannot be read.
    """
    names = [t.name for t in file.definition.tables] if tables is None else list(tables)
    watch = AssessProgress(sum(file.row_count(n) for n in names), check, progress)
    return {name: _profile(file, name, watch) for name in names}


def _profile(file: AssessedFile, table: str, watch: AssessProgress) -> TableProfile:
    found: list[_ProfiledPartition] = []
    readings: list[Iterator[int]] = []
    borders = _borders(file, table)
    for start, stop in zip(borders, [*borders[1:], None], strict=True):
        found.append(_ProfiledPartition())
        readings.append(found[-1].read(file.read(table, start=start, stop=stop)))
    if len(readings) == 1:
        watch.count(readings[0], table)
    else:
        with ExitStack() as stack:
            threads = [stack.enter_context(closing(Prefetch(r))) for r in readings]
            watch.count(_in_turn([iter(t) for t in threads]), table)
    whole = found[0]
    for partition in found[1:]:
        whole.add(partition)
    return TableProfile(whole.rows, {name: c.facts() for name, c in whole.columns.items()}, whole.unread)


def _borders(file: AssessedFile, table: str) -> list[int]:
    """Positions at which the table's partitions begin."""
    rows, threads = file.row_count(table), pa.cpu_count()
    if rows < LARGE or threads < 2 or not isinstance(file, PartitionedReader):
        return [0]
    return file.parts(table, -(-rows // threads))


def _in_turn(readings: Sequence[Iterator[int]]) -> Iterator[int]:
    """One item of each, again and again, until all have ended."""
    waiting = deque(readings)
    while waiting:
        reading = waiting.popleft()
        with suppress(StopIteration):
            yield next(reading)
            waiting.append(reading)


@dataclass
class _ProfiledPartition:
    """What is known so far of the rows of a table, or of a partition of it."""

    rows: int = 0
    unread: int = 0
    columns: dict[str, _ProfiledColumn] = field(default_factory=dict)

    def read(self, batches: Iterator[Batch]) -> Iterator[int]:
        """Look at the batches; gives how many rows each has."""
        for batch in batches:
            self.rows += batch.rows.num_rows
            self.unread += len(batch.unread)
            lost = unread_in([u for u in batch.unread if not u.text], batch.positions)
            for column, values in zip(batch.rows.schema, batch.rows.columns, strict=True):
                known = np.delete(np.arange(len(values)), list(lost.get(column.name.casefold(), ())))
                tally = self.columns.setdefault(column.name, _ProfiledColumn())
                tally.add(values.take(pa.array(known)) if lost else values)
            yield batch.rows.num_rows

    def add(self, other: _ProfiledPartition) -> None:
        """Rows that were looked at elsewhere."""
        self.rows += other.rows
        self.unread += other.unread
        for name, column in other.columns.items():
            self.columns.setdefault(name, _ProfiledColumn()).merge(column)


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

    def merge(self, other: _ProfiledColumn) -> None:
        """Values of other rows."""
        self.rows += other.rows
        self.nulls += other.nulls
        self.empty += other.empty
        self.longest = max(self.longest, other.longest)
        self.fraction = self.fraction or other.fraction
        self.not_finite += other.not_finite
        self._widen(other.low, other.high)

    def _add_lengths(self, values: pa.Array[Any]) -> None:
        lengths = text_lengths(values) if pa.types.is_string(values.type) else pc.binary_length(values)
        found = pc.min_max(lengths)
        self.longest = max(self.longest, found["max"].as_py())
        if found["min"].as_py() == 0:
            self.empty += pc.sum(pc.equal(lengths, 0)).as_py()

    def _add_range(self, values: pa.Array[Any]) -> None:
        found = pc.min_max(values)
        self._widen(found["min"].as_py(), found["max"].as_py())

    def _widen(self, low: Any, high: Any) -> None:
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
