"""Arrays of parameters: as large as their values need and memory allows, exact whatever their size."""

from __future__ import annotations

import re
from typing import Any, cast

import pyarrow as pa
import pytest

from tests.migrate.fakes import column
from wizard.objects import MAX, Name, ServerColumn
from wizard.sqlserver import array_inserts
from wizard.sqlserver.connection import ServerSession

TABLE = Name("dbo", "Rows")


class Taking:
    """A connection that keeps what it is given."""

    def __init__(self, fails: bool = False) -> None:
        self.rows: list[tuple[object, ...]] = []
        self.calls: list[tuple[int, bool, list[tuple[int, int, int]]]] = []
        self.done: list[str] = []
        self.fails = fails

    def execute(self, sql: str) -> None:
        self.done.append(sql)

    def insert_many(self, sql: str, rows: list[tuple[object, ...]], *, arrays: bool, sizes: Any) -> None:
        if self.fails:
            raise OSError("gone")
        self.rows += rows
        self.calls.append((len(rows), arrays, list(sizes)))


def inserted(columns: tuple[ServerColumn, ...], batch: pa.RecordBatch) -> Taking:
    session = Taking()
    array_inserts.insert(cast(ServerSession, session), TABLE, columns, batch, keep_identity=True)
    assert session.rows == list(zip(*(batch.column(i).to_pylist() for i in range(batch.num_columns)), strict=True))
    return session


@pytest.mark.parametrize(
    ("values", "size"),
    [(["", "a", None], 1), (["é" * 300], 600), ([None, None], 1), (["a" * 4_000], 4_000)],
    ids=["short", "as UTF-8", "nothing", "the longest"],
)
def test_a_memo_is_sent_in_arrays_where_its_values_are_short(values: list[str | None], size: int) -> None:
    session = inserted((column("Memo", "nvarchar", MAX),), pa.record_batch({"Memo": pa.array(values, pa.string())}))
    ((_, in_arrays, ((_, sized, _),)),) = session.calls
    assert (in_arrays, sized) == (True, size)


@pytest.mark.parametrize("type_", [pa.string(), pa.binary()])
def test_a_long_value_is_sent_as_a_stream(type_: pa.DataType) -> None:
    name = "nvarchar" if type_ == pa.string() else "varbinary"
    batch = pa.record_batch({"Long": pa.array(["a" * 4_001, "b"], type_)})
    ((_, in_arrays, ((_, sized, _),)),) = inserted((column("Long", name, MAX),), batch).calls
    assert (in_arrays, sized) == (False, 0)


def test_arrays_stay_within_their_bound_and_every_row_is_sent_once() -> None:
    columns = tuple(column(f"C{i}", "nvarchar", 4_000) for i in range(4))
    batch = pa.record_batch({c.name: [f"{c.name} {i}" for i in range(1_500)] for c in columns})
    session = inserted(columns, batch)
    assert len(session.calls) > 1
    for rows, in_arrays, sizes in session.calls:
        assert in_arrays
        assert rows * sum(2 * size for _, size, _ in sizes) <= array_inserts._ARRAY


def test_a_batch_goes_in_groups() -> None:
    count = array_inserts.GROUP + 1
    session = inserted((column("ID", "int"),), pa.record_batch({"ID": pa.array(range(count), pa.int32())}))
    assert [rows for rows, _, _ in session.calls] == [array_inserts.GROUP, 1]


def test_the_counter_is_let_go_when_rows_fail() -> None:
    session = Taking(fails=True)
    batch = pa.record_batch({"ID": pa.array([1], pa.int32())})
    with pytest.raises(OSError, match="gone"):
        array_inserts.insert(
            cast(ServerSession, session), TABLE, (column("ID", "int", identity=True),), batch, keep_identity=True
        )
    assert session.done == [f"SET IDENTITY_INSERT {TABLE} {state}" for state in ("ON", "OFF")]


DEFAULTED = (column("ID", "int"), column("A", "int", default="7"), column("B", "nvarchar", 9, default="N'b'"))


def test_a_default_stands_for_null_where_the_column_is_left_out() -> None:
    names = ("ID", "A", "B")
    rows = [(1, 1, "x"), (2, None, "y"), (3, None, None), (4, 4, None), (5, 5, "z")]
    batch = pa.RecordBatch.from_pylist([dict(zip("IAB", r, strict=True)) for r in rows]).rename_columns(
        ["ID", "A", "B"]
    )

    class Remembering(Taking):
        def insert_many(self, sql: str, rows: list[tuple[object, ...]], *, arrays: bool, sizes: Any) -> None:
            given = re.findall(r"\[(\w+)\]", sql.split("VALUES", maxsplit=1)[0])[2:]
            found = [dict(zip(given, row, strict=True)) for row in rows]
            self.rows += [tuple(row.get(name, "default") for name in names) for row in found]

    session = Remembering()
    array_inserts.insert(
        cast(ServerSession, session), TABLE, DEFAULTED, batch, keep_identity=False, defaulted=("A", "B")
    )
    assert sorted(session.rows) == [
        (1, 1, "x"), (2, "default", "y"), (3, "default", "default"), (4, 4, "default"), (5, 5, "z"),
    ]  # fmt: skip


def test_a_row_of_nothing_but_defaults() -> None:
    session = Taking()
    batch = pa.record_batch({"A": pa.array([None, 1], pa.int32())})
    array_inserts.insert(
        cast(ServerSession, session), TABLE, DEFAULTED[1:2], batch, keep_identity=False, defaulted=("A",)
    )
    assert session.done == [f"INSERT INTO {TABLE} DEFAULT VALUES"]
    assert session.rows == [(1,)]
