"""A target in memory that can be verified, and rows that were moved there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from tests.migrate.fakes import NUMBERS, MemorySink, Rows, job, numbers
from tests.migrate.runs import run, verify
from wizard.coercion.arrow_types import batch_schema
from wizard.migrate import Job
from wizard.objects import ServerColumn, ServerTable
from wizard.settings import Options
from wizard.sqlserver.column_sums import ColumnSums, Hashing, RunningSums

OPTIONS = Options(batch_size=400, parallel_tables=1)


class MemoryCheck:
    """The memory sink's rows as a target that can be verified."""

    def __init__(self, sink: MemorySink) -> None:
        self.sink = sink

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
        rows = self.sink.stored[table.name].rows
        for at in range(0, len(rows), 300):
            yield pa.RecordBatch.from_pylist(rows[at : at + 300], schema=batch_schema(columns))

    hashing = Hashing.SERVER

    def read_back(self, columns: Sequence[ServerColumn]) -> frozenset[str]:
        return frozenset()

    def expect(self, tables: object) -> None:
        return

    def close(self) -> None:
        return

    def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, ColumnSums, list[str]]:
        tally = RunningSums(columns, self.hashing)
        for batch in self.rows(table, columns):
            tally.add(batch)
        return tally.rows, tally.figures, []


def moved(tmp_path: Path, data: pa.Table | None = None) -> tuple[Job, MemorySink]:
    sink = MemorySink()
    of = job(NUMBERS, Rows({"Numbers": numbers(1_000) if data is None else data}))
    run([of], sink, tmp_path, OPTIONS)
    return of, sink


def checked(of: Job, sink: MemorySink, tmp_path: Path) -> list[tuple[int, str]]:
    proof = verify([of], MemoryCheck(sink), sink, tmp_path, OPTIONS)[0]
    return [(m.number, m.place.part) for m in proof.messages if 6203 < m.number < 6209 or m.number == 6201]
