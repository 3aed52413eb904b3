"""Statements of a package and of rows sent singly stay within what SQL Server takes at once."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from tests.migrate.fakes import column, server_table
from wizard.fit.arrow import batch_schema
from wizard.target import arrays
from wizard.target.package import inserts


def batches(texts: list[str]) -> list[bytes]:
    table = server_table("T", column("Text", "nvarchar", -1))
    rows = pa.RecordBatch.from_pylist([{"Text": t} for t in texts], schema=batch_schema(table.columns))
    return inserts.statements(rows, table.name, table.columns, 0).split(b"\nGO\n")


def test_a_batch_has_a_hundred_statements() -> None:
    assert [b.count(b"INSERT") for b in batches(["a"] * 250)] == [100, 100, 50]


@pytest.mark.parametrize(("size", "expected"), [(inserts.LONG - 3, [3]), (inserts.LONG - 2, [1, 1, 1, 0])])
def test_a_long_statement_ends_its_batch(size: int, expected: list[int]) -> None:
    """A batch has 65,536 times the packet's 4,096 bytes at most: a hundred long texts would be more."""
    made = batches(["x" * size] * 3)
    assert [b.count(b"INSERT") for b in made] == expected
    assert all(len(b) < 256 << 20 for b in made)


@pytest.mark.parametrize("columns", [1, 31, 32, 33, 1_023, 1_024])
def test_rows_tried_together_have_at_most_2100_parameters(columns: int) -> None:
    sent: list[int] = []

    class Session:
        def insert_many(self, sql: str, rows: list[tuple[object, ...]], **_: object) -> None:
            assert sql.count("?") == len(rows[0])
            sent.append(len(rows[0]))

    table = server_table("T", *(column(f"c{n}", "int") for n in range(columns)))
    schema = batch_schema(table.columns)
    rows = pa.RecordBatch.from_arrays([pa.nulls(200, f.type) for f in schema], schema=schema)
    search = arrays._Search(Session(), table.name, table.columns, rows)  # type: ignore[arg-type]
    edges = [*range(0, 200, search.together), 200]
    for start, end in pairwise(edges):
        search.among(start, end)
    assert max(sent) <= 2_100
    assert sum(sent) == 200 * columns
