"""Statements of a package and of rows sent singly stay within what SQL Server takes at once."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from tests.migrate.fakes import column, server_table
from wizard.coercion.arrow_types import batch_schema
from wizard.package import insert_reader, insert_statements, long_row_inserts
from wizard.sqlserver import array_inserts


def batches(texts: list[str]) -> list[bytes]:
    table = server_table("T", column("Text", "nvarchar", -1))
    rows = pa.RecordBatch.from_pylist([{"Text": t} for t in texts], schema=batch_schema(table.columns))
    return b"".join(insert_statements.statements(rows, table.name, table.columns, 0)).split(b"\nGO\n")


def test_a_batch_has_a_hundred_statements() -> None:
    assert [b.count(b"INSERT") for b in batches(["a"] * 250)] == [100, 100, 50]


START = len("INSERT INTO [dbo].[T] ([Text]) VALUES (")


@pytest.mark.parametrize(
    ("size", "expected"),
    [(insert_statements.LONG - START - 3, [3]), (insert_statements.LONG - START - 2, [1, 1, 1, 0])],
)
def test_a_long_statement_ends_its_batch(size: int, expected: list[int]) -> None:
    """A batch has 65,536 times the packet's size at most: a hundred long texts would be more."""
    made = batches(["x" * size] * 3)
    assert [b.count(b"INSERT") for b in made] == expected


def test_many_columns_of_long_names_end_a_batch_too() -> None:
    table = server_table("T", *(column(f"{n:04}" + "n" * 124, "int") for n in range(1_024)))
    schema = batch_schema(table.columns)
    rows = pa.RecordBatch.from_arrays([pa.nulls(3, f.type) for f in schema], schema=schema)
    made = b"".join(insert_statements.statements(rows, table.name, table.columns, 0)).split(b"\nGO\n")
    assert [b.count(b"INSERT") for b in made] == [1, 1, 1, 0]


@pytest.fixture
def small_packets(monkeypatch: pytest.MonkeyPatch) -> int:
    """Packets of a byte or so: a batch of 50,000 characters in place of 16 million; the characters it takes."""
    monkeypatch.setattr(insert_statements, "LONG", 100)
    monkeypatch.setattr(insert_statements, "LONGEST", 50_000 - 100 * insert_statements.IN_A_BATCH)
    monkeypatch.setattr(long_row_inserts, "PIECE", 50_000 // 8)
    return 50_000


LONG_TABLE = server_table(
    "T",
    column("ID", "int"),
    column("Text", "nvarchar", -1),
    column("Bytes", "varbinary", -1),
    column("At", "datetime2", None),
    column("More", "nvarchar", -1),
)
LONG_VALUES: list[tuple[str | None, bytes | None, str | None]] = [
    ("it's\r\na tilde ~0 and \0" * 5_000, b"\x00\xff'" * 20_000, "\n"),
    ("😀'" * 20_000, None, None),
    (None, bytes(range(256)) * 200, "a" * 4_097),
    ("GO\nGO\n:r x\n" * 4_000, b"", ""),
    ("short", b"short", "short"),
]


def written(values: list[tuple[str | None, bytes | None, str | None]], before: int = 0) -> tuple[pa.RecordBatch, str]:
    schema = batch_schema(LONG_TABLE.columns)
    found = [
        {"ID": n, "Text": t, "Bytes": b, "At": "2024-01-31 12:30:00.0000000", "More": m}
        for n, (t, b, m) in enumerate(values)
    ]
    rows = pa.RecordBatch.from_pylist(found, schema=schema)
    return rows, b"".join(insert_statements.statements(rows, LONG_TABLE.name, LONG_TABLE.columns, before)).decode()


def test_a_row_longer_than_a_batch_comes_in_pieces_and_is_read_back_as_it_was(small_packets: int) -> None:
    rows, text = written(LONG_VALUES)
    made = text.split("\nGO\n")
    assert max(len(b.encode("utf-16-le")) // 2 for b in made) <= small_packets
    assert sum(line.startswith("UPDATE [#jetferry_long]") for line in text.splitlines()) > len(LONG_VALUES)
    back = insert_reader.batches(text.splitlines(keepends=True), LONG_TABLE.name, LONG_TABLE.columns, rows.schema)
    assert pa.Table.from_batches(back).to_pylist() == rows.to_pylist()


@pytest.mark.parametrize(("over", "pieces"), [(0, False), (1, True)])
def test_the_longest_row_in_one_statement_and_the_one_beyond_it(small_packets: int, over: int, pieces: bool) -> None:
    start = long_row_inserts.insert_start(LONG_TABLE.name, LONG_TABLE.columns)
    room = insert_statements.LONGEST - len(start) - 64 * len(LONG_TABLE.columns) - 2 * 27
    rows, text = written([("x" * (room // 2 + over), None, None)])
    assert (long_row_inserts.TABLE in text) is pieces
    assert max(map(len, text.split("\nGO\n"))) <= small_packets
    (back,) = insert_reader.batches(text.splitlines(keepends=True), LONG_TABLE.name, LONG_TABLE.columns, rows.schema)
    assert back.to_pylist() == rows.to_pylist()


def test_a_damaged_piece_is_no_shorter_value(small_packets: int) -> None:
    rows, text = written(LONG_VALUES[:1])
    lines = text.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith("UPDATE"))
    for damaged in (lines[at].replace(".WRITE(", ".WRITE(X", 1), lines[at].replace(", NULL, 0)", "", 1)):
        with pytest.raises(ValueError, match=r"piece|value"):
            list(
                insert_reader.batches(
                    [*lines[:at], damaged, *lines[at + 1 :]], LONG_TABLE.name, LONG_TABLE.columns, rows.schema
                )
            )


def test_the_real_limit_is_that_of_the_smallest_packet_of_sqlcmd() -> None:
    """512 to 32,767 bytes ("sqlcmd utility", -a)."""
    assert long_row_inserts.BATCH * 2 == 65_536 * 512
    assert insert_statements.LONGEST + insert_statements.IN_A_BATCH * insert_statements.LONG == long_row_inserts.BATCH
    assert 4 * long_row_inserts.PIECE <= long_row_inserts.BATCH


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
    search = array_inserts._Search(Session(), table.name, table.columns, rows)  # type: ignore[arg-type]
    edges = [*range(0, 200, search.together), 200]
    for start, end in pairwise(edges):
        search.among(start, end)
    assert max(sent) <= 2_100
    assert sum(sent) == 200 * columns
