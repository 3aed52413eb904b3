"""Placeholder rows: added to a table because others refer to them; they have the key and nothing else.

They come after the table's own rows, at positions that no file has, so that everything that reads the source (the
moving, its resuming, the verification) finds them at the same places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wizard.coercion.row_source import PartitionedReader, RowSource
from wizard.definitions import BATCH_ROWS

FIRST: Final = 1 << 62
"""the position of a table's first placeholder"""


class PlaceholderSource(RowSource, PartitionedReader, Protocol):
    """An opened source to which rows can be added."""

    @property
    def definition(self) -> Any:
        """What the source holds."""


@dataclass(frozen=True, slots=True)
class AddedBatch:
    """As `wizard.access.Batch`."""

    rows: pa.RecordBatch
    positions: npt.NDArray[np.int64]
    next: int
    unread: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Of one table: its schema as the reader gives it, and the values of the columns that others refer to."""

    schema: pa.Schema
    keys: Mapping[str, Sequence[Any]]
    """by case-folded Access column, a value for each row"""

    def __len__(self) -> int:
        return len(next(iter(self.keys.values()), ()))

    def batch(self, columns: Sequence[str] | None, start: int, stop: int) -> pa.RecordBatch:
        """Rows `start` to `stop`; Yes/No has no NULL, and is No."""
        names = {f.name.casefold(): f for f in self.schema}
        wanted = [names[c.casefold()] for c in columns] if columns else list(self.schema)
        arrays = []
        for field in wanted:
            given = self.keys.get(field.name.casefold())
            empty = False if pa.types.is_boolean(field.type) else None
            values = given[start:stop] if given is not None else [empty] * (stop - start)
            arrays.append(pa.array(values, field.type))
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([f.with_nullable(True) for f in wanted]))


class WithPlaceholders:
    """A source with rows added to some of its tables (by case-folded name)."""

    def __init__(self, source: PlaceholderSource, added: Mapping[str, Placeholders]) -> None:
        self._source, self._added = source, added

    @property
    def definition(self) -> Any:
        """What the source holds; added rows change nothing of it."""
        return self._source.definition

    def row_count(self, table: str) -> int:
        """Rows of the file and those added. Raises SourceError."""
        return self._source.row_count(table) + len(self._added.get(table.casefold(), ()))

    def parts(self, table: str, rows: int) -> list[int]:
        """Positions at which reading can begin; added rows follow the file's last."""
        return self._source.parts(table, rows)

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = BATCH_ROWS,
        stop: int | None = None,
    ) -> Iterator[Any]:
        """As the source's; the last part of a table has the rows that are added."""
        if start < FIRST:
            yield from self._source.read(table, columns=columns, start=start, batch_rows=batch_rows, stop=stop)
        added = self._added.get(table.casefold())
        if added is None or stop is not None:
            return
        for first in range(max(0, start - FIRST), len(added), batch_rows):
            last = min(first + batch_rows, len(added))
            positions = np.arange(FIRST + first, FIRST + last, dtype=np.int64)
            yield AddedBatch(added.batch(columns, first, last), positions, FIRST + last)
