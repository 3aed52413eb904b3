"""An Access file in memory: tables from lists, read in small batches like a real one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from wizard.access.reader import Batch
from wizard.definitions import Column, Database, Index, IndexColumn, Relationship, Table


class MemoryFile:
    """`rows` are tuples in the order of the table's columns; positions have gaps, as a file's have."""

    def __init__(self, *tables: tuple[Table, pa.Schema, Sequence[tuple[Any, ...]]], **more: Any) -> None:
        self.definition = Database("memory.accdb", "memory", tables=tuple(t for t, _, _ in tables), **more)
        self._tables = {t.name.casefold(): (schema, rows) for t, schema, rows in tables}
        self.reads: list[tuple[str, tuple[str, ...] | None]] = []

    def row_count(self, table: str) -> int:
        return len(self._tables[table.casefold()][1])

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = 10_000,
        stop: int | None = None,
    ) -> Iterator[Batch]:
        self.reads.append((table, tuple(columns) if columns else None))
        schema, rows = self._tables[table.casefold()]
        names = list(columns) if columns else schema.names
        step = min(batch_rows, 7)
        end = len(rows) if stop is None else -(-stop // 3)
        for first in range(-(-start // 3), end, step):
            part = rows[first : min(first + step, end)]
            arrays = [pa.array([r[i] for r in part], f.type) for i, f in enumerate(schema)]
            batch = pa.record_batch(arrays, schema=schema).select(names)
            places = np.arange(first, first + len(part), dtype=np.int64) * 3
            yield Batch(batch, places, int(places[-1]) + 1)


class PartitionedMemoryFile(MemoryFile):
    """One that can be read in partitions."""

    def parts(self, table: str, rows: int) -> list[int]:
        return [0, *range(3 * rows, 3 * self.row_count(table), 3 * rows)]


def table(name: str, *columns: Column, key: Sequence[str] = (), unique: Sequence[str] = (), **more: Any) -> Table:
    indexes = []
    if key:
        indexes.append(Index("PrimaryKey", tuple(map(IndexColumn, key)), primary=True, unique=True, required=True))
    if unique:
        indexes.append(Index("Only", tuple(map(IndexColumn, unique)), unique=True))
    return Table(name, columns, tuple(indexes), **more)


def refers(own: str, column: str, other: str, other_column: str, enforced: bool = True) -> Relationship:
    return Relationship(f"{own}{other}", own, (column,), other, (other_column,), enforced=enforced)
