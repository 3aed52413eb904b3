"""A source and a target in memory for tests, with the promises of the real ones and faults on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from wizard.definitions import BATCH_ROWS
from wizard.events import Listener
from wizard.messages import TargetError
from wizard.migrate import Job, JobSource
from wizard.objects import KeyColumn, Name, ServerColumn, ServerIndex, ServerTable, ServerType, TableRef
from wizard.sink import (
    Checkpoint,
    Delivery,
    FindOrphans,
    OrphanedRows,
    Partition,
    RefusedError,
    SupersededError,
    no_orphans,
)


@dataclass
class Batch:
    rows: pa.RecordBatch
    positions: np.ndarray
    next: int
    unread: tuple[()] = ()


class Rows:
    """Tables in memory as a RowSource; positions have gaps, as pages have."""

    def __init__(self, tables: dict[str, pa.Table], gap: int = 3) -> None:
        self.tables, self.gap = tables, gap

    def row_count(self, table: str) -> int:
        return int(self.tables[table].num_rows)

    def positions(self, table: str) -> np.ndarray:
        return np.arange(self.tables[table].num_rows, dtype=np.int64) * self.gap + 7

    def parts(self, table: str, rows: int) -> list[int]:
        return [0, *(int(p) for p in self.positions(table)[rows::rows])]

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = BATCH_ROWS,
        stop: int | None = None,
    ) -> Iterator[Batch]:
        data = self.tables[table].select(list(columns)) if columns else self.tables[table]
        positions = self.positions(table)
        first = int(np.searchsorted(positions, start))
        end = data.num_rows if stop is None else int(np.searchsorted(positions, stop))
        for at in range(first, end, batch_rows):
            part = data.slice(at, min(batch_rows, end - at)).combine_chunks().to_batches()[0]
            where = positions[at : at + part.num_rows]
            yield Batch(part, where, int(where[-1]) + 1)


@dataclass
class Stored:
    rows: list[dict[str, object]] = field(default_factory=list)
    checkpoints: dict[str | Partition, tuple[Checkpoint, object]] = field(default_factory=dict)


class MemorySink:
    """Keeps rows and checkpoints together, as a server's transaction does. `refuse` says why a row may not come in."""

    def __init__(
        self,
        refuse: Callable[[dict[str, object]], str | None] = lambda row: None,
        hook: Callable[[str], None] = lambda point: None,
    ) -> None:
        self.stored: dict[Name, Stored] = {}
        self.refuse, self.hook = refuse, hook
        self.lock = Lock()
        self.writes = 0
        self.finished: list[Name] = []
        self.side_by_side = True
        self.listener: Listener | None = None
        self.orphans: tuple[OrphanedRows, ...] = ()

    def rows(self, table: ServerTable) -> list[dict[str, object]]:
        return self.stored[table.name].rows if table.name in self.stored else []

    def checkpoint(self, table: Name, part: str = "") -> Checkpoint | None:
        found = self.stored.get(table)
        if found is None or part not in found.checkpoints:
            return None
        checkpoint = found.checkpoints[part][0]
        parts = [m for name, (m, _) in found.checkpoints.items() if isinstance(name, Partition) and not part]
        rows, rejected = (sum(getattr(m, name) for m in (checkpoint, *parts)) for name in ("rows", "rejected"))
        return replace(checkpoint, rows=rows, rejected=rejected)

    def count(self, table: Name) -> int:
        return len(self.stored[table].rows) if table in self.stored else 0

    def empty(self, table: Name) -> None:
        if table not in self.stored:
            raise TargetError(5205, table=table)
        del self.stored[table]

    def prepare(self, deliveries: Sequence[Delivery]) -> list[object]:
        return []

    together = None

    def finish(
        self,
        tables: Sequence[ServerTable],
        unfinished: Sequence[ServerTable] = (),
        orphans: FindOrphans = no_orphans,
    ) -> list[object]:
        self.orphans = tuple(orphans())
        self.finished += [t.name for t in tables]
        return []

    def open(self, delivery: Delivery) -> MemoryWriter:
        writer = object()
        stored = self.stored.setdefault(delivery.table.name, Stored())
        checkpoint = stored.checkpoints.get(delivery.part, (Checkpoint(source=delivery.source), None))[0]
        if checkpoint.source != delivery.source:
            raise TargetError(5208, table=delivery.table.name)
        stored.checkpoints[delivery.part] = (checkpoint, writer)
        if not delivery.part:
            parts = {k: (m, writer) for k, (m, _) in stored.checkpoints.items() if isinstance(k, Partition)}
            stored.checkpoints |= parts
        return MemoryWriter(self, delivery, writer, delivery.part)

    def close(self) -> None:
        return


class MemoryWriter:
    def __init__(self, sink: MemorySink, delivery: Delivery, token: object, key: str | Partition) -> None:
        self.sink, self.delivery, self.token, self.key = sink, delivery, token, key
        self.stored = sink.stored[delivery.table.name]
        self.checkpoint = self.stored.checkpoints[key][0]
        self.rests = 0

    @property
    def parts(self) -> tuple[tuple[Partition, Checkpoint], ...]:
        found = [(k, m) for k, (m, _) in self.stored.checkpoints.items() if isinstance(k, Partition)]
        return tuple(sorted(found, key=lambda p: p[0].start))

    def shared(self) -> bool:
        return self.sink.side_by_side

    def divide(self, borders: Sequence[int]) -> None:
        for a, b in zip((self.checkpoint.next, *borders), (*borders, None), strict=True):
            self.stored.checkpoints[Partition(a, b)] = (Checkpoint(a, source=self.checkpoint.source), self.token)

    def part(self, part: Partition) -> MemoryWriter:
        return MemoryWriter(self.sink, self.delivery, self.token, part)

    def join(self, checkpoint: Checkpoint) -> None:
        assert all(m.complete for _, m in self.parts)
        self.stored.checkpoints = {k: m for k, m in self.stored.checkpoints.items() if not isinstance(k, Partition)}
        self.stored.checkpoints[""] = (checkpoint, self.token)
        self.checkpoint = checkpoint

    @property
    def partitions(self) -> MemoryWriter:
        return self

    @property
    def finder(self) -> Any:
        return None

    def rest(self) -> None:
        self.rests += 1

    def write(self, batch: pa.RecordBatch, checkpoint: Checkpoint) -> None:
        table = self.delivery.table.name
        rows = batch.to_pylist()
        self.sink.hook("before the commit")
        with self.sink.lock:
            self.sink.writes += 1
            stored = self.sink.stored[table]
            if stored.checkpoints[self.key] != (self.checkpoint, self.token):
                raise SupersededError(5202, table=table, detail="")
            reasons = [r for r in map(self.sink.refuse, rows) if r]
            if reasons:
                raise RefusedError(5201, table=table, reason=reasons[0])
            stored.rows += rows
            stored.checkpoints[self.key] = (checkpoint, self.token)
        self.checkpoint = checkpoint
        self.sink.hook("after the commit")

    def close(self) -> None:
        return


def server_table(name: str, *columns: ServerColumn, key: str = "", schema: str = "dbo") -> ServerTable:
    """A table whose columns each take the source column of the same name."""
    primary = ServerIndex(f"PK_{name}", (KeyColumn(key),), primary=True, unique=True) if key else None
    filled = tuple(c if c.source or c.computed else replace(c, source=c.name) for c in columns)
    return ServerTable(Name(schema, name), filled, primary, source=TableRef("src", name))


def column(name: str, type_: str, length: int | None = None, **more: object) -> ServerColumn:
    precision, scale = more.pop("precision", None), more.pop("scale", None)
    return ServerColumn(name, ServerType(type_, length, precision, scale), **more)  # type: ignore[arg-type]


def job(table: ServerTable, rows: Rows, fingerprint: str = "one") -> Job:
    assert table.source
    return Job(
        table, tuple(c for c in table.columns if c.source), table.source, JobSource(rows, fingerprint, "src.accdb")
    )


def numbers(count: int) -> pa.Table:
    """A table of `ID` and `Name`."""
    return pa.table({"ID": pa.array(range(count), pa.int32()), "Name": [f"name {i}" for i in range(count)]})


NUMBERS = server_table("Numbers", column("ID", "int", nullable=False), column("Name", "nvarchar", 40), key="ID")
