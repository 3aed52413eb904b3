"""Verification finds a changed byte, a missing, a foreign and a doubled row, and names the key."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.migrate.compared import OPTIONS, MemoryCheck, checked, moved
from tests.migrate.fakes import NUMBERS, MemorySink, Rows, column, job, numbers, server_table
from tests.migrate.runs import run, verify
from tests.migrate.servers import test_server as connect
from tests.migrate.test_server_run import EVERYTHING, ROW
from wizard.cancellation import CancellationToken
from wizard.coercion.arrow_types import batch_schema
from wizard.coercion.row_plan import RowPlan
from wizard.events import Event, TableVerified
from wizard.messages import SourceError, TargetError
from wizard.migrate import Job
from wizard.migrate.row_diff import differing_rows
from wizard.migrate.row_fingerprints import digests
from wizard.objects import MAX, ServerColumn, ServerTable
from wizard.settings import Repair, RepairRule
from wizard.sqlserver import ServerSink
from wizard.sqlserver.column_sums import ColumnSums, Hashing, RunningSums
from wizard.sqlserver.table_sums import ServerTableSums

TYPES = (pa.string(), pa.bool_(), pa.int16())


@pytest.mark.parametrize(
    ("gone", "arrived", "equal"),
    [
        ([7], (119, 119, 0), True),  # the rejected row was deleted: all 119 are there
        ([0], (118, 119, 1), False),  # another one was: the rejected row stands one place nearer
        ([], (119, 119, 1), True),  # nothing but the file's other bytes
    ],
)
@pytest.mark.parametrize("key", ["ID", ""])
def test_of_a_source_that_changed_since_the_rows_are_counted_as_they_are_now(
    tmp_path: Path, key: str, gone: list[int], arrived: tuple[int, int, int], equal: bool
) -> None:
    table = server_table("Numbers", column("ID", "int", nullable=False), column("Name", "nvarchar", 9), key=key)
    names = [f"name {i}" + " and much more" * (i == 7) for i in range(120)]
    every = pa.table({"ID": pa.array(range(120), pa.int32()), "Name": names})
    sink = MemorySink()
    run([job(table, Rows({"Numbers": every}))], sink, tmp_path, OPTIONS)
    now = every.take([i for i in range(120) if i not in gone])
    other = job(table, Rows({"Numbers": now}), fingerprint="two")
    (proof,) = verify([other], MemoryCheck(sink), sink, tmp_path, OPTIONS)
    assert (proof.source_rows, proof.target_rows, proof.rejected, proof.equal) == (*arrived, equal)
    (told,) = [m for m in proof.messages if m.number == 6290]
    assert f"{len(now)} rows now" in told.text
    (proof,) = verify([job(table, Rows({"Numbers": every}))], MemoryCheck(sink), sink, tmp_path, OPTIONS)
    assert (proof.source_rows, proof.rejected, proof.equal) == (119, 1, True)
    assert 6290 not in {m.number for m in proof.messages}


@pytest.mark.parametrize("repair", [Repair.REJECT, Repair.NULL])
def test_a_repair_rule_changed_after_the_rows_went_is_told_as_that(tmp_path: Path, repair: Repair) -> None:
    """The rows that a former rule had repaired were said not to be in the source."""
    table = server_table("Numbers", column("ID", "int", nullable=False), column("Name", "nvarchar", 9), key="ID")
    names = [f"name {i}" + " and much more" * (i % 40 == 7) for i in range(120)]
    plain = job(table, Rows({"Numbers": pa.table({"ID": pa.array(range(120), pa.int32()), "Name": names})}))

    def by(repair: Repair) -> Job:
        return replace(plain, plan=RowPlan(lambda trouble, _: RepairRule(trouble, repair)))

    sink = MemorySink()
    run([by(Repair.NEAREST)], sink, tmp_path, OPTIONS)
    (proof,) = verify([by(Repair.NEAREST)], MemoryCheck(sink), sink, tmp_path, OPTIONS)
    assert proof.equal
    (proof,) = verify([by(repair)], MemoryCheck(sink), sink, tmp_path, OPTIONS)
    assert not proof.equal
    assert proof.messages[0].number == 6291
    assert "dbo.Numbers: 3 rows went otherwise than repair rules and types say now" in proof.messages[0].text
    assert {m.number for m in proof.messages} <= {6291, 6202, 6203}, "figures, and no row that is not in the source"
    sink.stored[table.name].rows[0]["Name"] = "other"
    (proof,) = verify([by(Repair.NEAREST)], MemoryCheck(sink), sink, tmp_path, OPTIONS)
    assert 6291 not in {m.number for m in proof.messages}, "a value that differs is one"
    assert 6207 in {m.number for m in proof.messages}


def test_what_was_moved_is_equal(tmp_path: Path) -> None:
    of, sink = moved(tmp_path)
    proof = verify([of], MemoryCheck(sink), sink, tmp_path, OPTIONS)[0]
    assert proof.equal
    assert (proof.source_rows, proof.target_rows) == (1_000, 1_000)
    assert proof.source_figures["ID"]["sum"] == sum(range(1_000))


def test_columns_that_are_read_back_are_hashed_alike_on_both_sides(tmp_path: Path) -> None:
    of, sink = moved(tmp_path)

    class ReadBack(MemoryCheck):
        def read_back(self, columns: Sequence[ServerColumn]) -> frozenset[str]:
            return frozenset(c.name for c in columns) & {"Name"}

        def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, ColumnSums, list[str]]:
            tally = RunningSums(columns, self.hashing, own=self.read_back(columns))
            for batch in self.rows(table, columns):
                tally.add(batch)
            return tally.rows, tally.figures, ["Name"]

    (proof,) = verify([of], ReadBack(sink), sink, tmp_path, OPTIONS)
    assert proof.equal
    assert Hashing.OWN in proof.source_figures["Name"]
    assert Hashing.SERVER not in proof.source_figures["Name"]
    sink.stored[of.table.name].rows[7]["Name"] = "other"
    (proof,) = verify([of], ReadBack(sink), sink, tmp_path, OPTIONS)
    assert not proof.equal


def test_rejected_rows_are_not_missed(tmp_path: Path) -> None:
    names = ["x" * (41 if i % 100 == 5 else 3) for i in range(1_000)]
    of, sink = moved(tmp_path, numbers(1_000).set_column(1, "Name", [names]))
    proof = verify([of], MemoryCheck(sink), sink, tmp_path, OPTIONS)[0]
    assert (proof.equal, proof.source_rows, proof.rejected) == (True, 990, 10)


def test_a_table_that_cannot_be_compared_has_its_rows_all_the_same(tmp_path: Path) -> None:
    names = ["x" * (41 if i % 100 == 5 else 3) for i in range(1_000)]
    of, sink = moved(tmp_path, numbers(1_000).set_column(1, "Name", [names]))

    class Unreadable(Rows):
        def read(self, table: str, **more: Any) -> Iterator[Any]:  # type: ignore[override]
            raise SourceError(1017, table=table, column="ID")

    class Broken(MemoryCheck):
        def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, ColumnSums, list[str]]:
            raise TargetError(5605, table=table.name, detail="no rows yet")

    unreadable = replace(of, source=replace(of.source, reader=Unreadable({"Numbers": numbers(1_000)})))
    for job_, check in ((unreadable, MemoryCheck(sink)), (of, Broken(sink))):
        proof = verify([job_], check, sink, tmp_path, OPTIONS)[0]
        assert (proof.equal, proof.rows, proof.target_rows, proof.rejected) == (False, 1_000, 990, 10)

    class Gone(MemoryCheck):
        def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, ColumnSums, list[str]]:
            raise TargetError(5207, table=table.name)

    told: list[Event] = []
    proof = verify([of], Gone(sink), sink, tmp_path, OPTIONS, listener=told.append)[0]
    assert (proof.rows, proof.target_rows) == (1_000, 0), "whatever its checkpoint says"
    (seen,) = [e for e in told if isinstance(e, TableVerified)]
    assert seen.detail.count("is not in the database") == 1


def test_a_table_all_of_whose_rows_were_rejected_has_them(tmp_path: Path) -> None:
    of, sink = moved(tmp_path, numbers(200).set_column(1, "Name", [["x" * 41] * 200]))
    proof = verify([of], MemoryCheck(sink), sink, tmp_path, OPTIONS)[0]
    assert (proof.equal, proof.rows, proof.target_rows, proof.rejected) == (True, 200, 0, 200)


def _change(rows: list[dict[str, object]]) -> None:
    rows[500]["Name"] = "name 50O"


def _lose(rows: list[dict[str, object]]) -> None:
    del rows[500]


def _double(rows: list[dict[str, object]]) -> None:
    rows.append(dict(rows[500]))


def _add(rows: list[dict[str, object]]) -> None:
    rows.append({"ID": 5_000, "Name": "stranger"})


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (_change, (6207, "ID=500")),
        (_lose, (6204, "ID=500")),
        (_double, (6206, "ID=500")),
        (_add, (6205, "ID=5000")),
    ],
)
def test_what_differs_is_named(
    damage: Callable[[list[dict[str, object]]], None], found: tuple[int, str], tmp_path: Path
) -> None:
    of, sink = moved(tmp_path)
    damage(sink.stored[NUMBERS.name].rows)
    assert checked(of, sink, tmp_path) == [found]


def test_changes_that_cancel_out_in_a_sum_are_found_by_another_column(tmp_path: Path) -> None:
    of, sink = moved(tmp_path)
    rows = sink.stored[NUMBERS.name].rows
    rows[3]["Name"], rows[4]["Name"] = "name 33", "name 44"
    assert checked(of, sink, tmp_path) == [(6207, "ID=3"), (6207, "ID=4")]


def test_tables_without_a_key_are_compared_by_whole_rows(tmp_path: Path) -> None:
    table = server_table("Keyless", column("A", "int"), column("B", "nvarchar", 9))
    data = pa.table({"A": pa.array([1, 1, 2], pa.int32()), "B": list("xxy")})
    of, sink = job(table, Rows({"Keyless": data})), MemorySink()
    run([of], sink, tmp_path, OPTIONS)
    del sink.stored[table.name].rows[0]
    assert checked(of, sink, tmp_path) == [(6206, "A=1, B=x")]


def test_no_more_are_listed_than_are_and_in_the_order_of_their_keys(tmp_path: Path) -> None:
    of, sink = moved(tmp_path)
    for row in sink.stored[NUMBERS.name].rows[::-2]:
        row["Name"] = "another"
    sink.stored[NUMBERS.name].rows.reverse()
    proof = verify([of], MemoryCheck(sink), sink, tmp_path, OPTIONS)[0]
    named = [m.place.part for m in proof.messages if m.number == 6207]
    assert named == [f"ID={n}" for n in range(1, 41, 2)]
    assert proof.messages[-1].number == 6208


def test_every_column_that_differs_is_named_whatever_its_type(tmp_path: Path) -> None:
    types = {"A": "float", "B": "bit", "C": "datetime", "D": "varbinary", "E": "nvarchar", "F": "decimal", "G": "int"}
    table = server_table("Wide", column("ID", "int"), *(column(n, t, 9) for n, t in types.items()), key="ID")
    at = datetime(1999, 12, 31, 23, 59)
    row = {"A": 1.5, "B": True, "C": at, "D": b"\0x", "E": "é", "F": Decimal(7), "G": None}
    data = pa.Table.from_pylist([{"ID": n, **row} for n in range(3)], schema=batch_schema(table.columns))
    of, sink = job(table, Rows({"Wide": data})), MemorySink()
    run([of], sink, tmp_path, OPTIONS)
    other = {"A": None, "B": False, "C": None, "D": b"0x", "E": "e", "F": Decimal(-7), "G": 0}
    sink.stored[table.name].rows[1] |= other
    proof = verify([of], MemoryCheck(sink), sink, tmp_path, OPTIONS)[0]
    assert [m.text for m in proof.messages if m.number == 6207] == [
        "dbo.Wide: the row ID=1 differs in A, B, C, D, E, F, G."
    ]


def test_a_sign_of_zero_is_no_difference(tmp_path: Path) -> None:
    table = server_table("Zeros", column("A", "float"), column("B", "int"), key="B")
    data = pa.table({"A": [0.0, -0.0, 1.0], "B": pa.array([1, 2, 3], pa.int32())})
    of, sink = job(table, Rows({"Zeros": data})), MemorySink()
    run([of], sink, tmp_path, OPTIONS)
    rows = sink.stored[table.name].rows
    rows[0]["A"], rows[1]["A"], rows[2]["A"] = -0.0, 0.0, 2.0
    assert checked(of, sink, tmp_path) == [(6207, "B=3")]


@pytest.mark.parametrize("key", ["ID", ""])
def test_rows_that_differ_are_not_kept_however_long_they_are(key: str, tmp_path: Path) -> None:
    count, size = 2_000, 20_000
    table = server_table("Long", column("ID", "int"), column("Text", "nvarchar", MAX), key=key)

    def rows(letter: str) -> Iterator[pa.RecordBatch]:
        for at in range(0, count, 50):
            texts = pa.array([letter * size] * 50, pa.string())
            yield pa.record_batch([pa.array(range(at, at + 50), pa.int32()), texts], names=["ID", "Text"])

    of = job(table, Rows({}))
    tracemalloc.start()
    messages = differing_rows(of, lambda: (rows("a"), rows("b")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(messages) == 21
    assert peak < 10 << 20  # all rows of one side are 40 MB


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(max_size=3), st.none() | st.booleans(), st.integers(0, 9)), min_size=1))
def test_digests_do_not_depend_on_how_rows_come_in_batches(rows: list[tuple[str | None, bool | None, int]]) -> None:
    whole = pa.record_batch([pa.array(c, t) for c, t in zip(zip(*rows, strict=True), TYPES, strict=True)], names="abc")
    found = [d.tobytes() for d in digests(whole)]
    assert found == [digests(whole.slice(n, 1)).tobytes() for n in range(len(rows))]
    assert len(set(found)) == len(set(rows))


class Counting(CancellationToken):
    """Says to stop at the n-th time it is asked."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.left = most

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("most", range(15))
def test_verification_ends_at_any_batch_of_either_side(most: int, tmp_path: Path) -> None:
    of, sink = moved(tmp_path)
    _change(sink.stored[NUMBERS.name].rows)
    cancelled = Counting(most)
    # asked before the table, at the three batches of the source, then thrice at three of it and at four of the target
    assert verify([of, of], MemoryCheck(sink), sink, tmp_path, OPTIONS, cancelled=cancelled) == []
    assert cancelled.left == -1


def test_a_target_ends_by_the_token_it_was_made_with(tmp_path: Path) -> None:
    of, sink = moved(tmp_path)

    class Slow(MemoryCheck):
        batches = 0

        def __init__(self, sink: MemorySink, between: Callable[[], None]) -> None:
            super().__init__(sink)
            self.between = between

        def rows(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
            for batch in super().rows(table, columns):
                yield batch
                self.batches += 1
                if self.batches == 2:
                    token.cancel()
                self.between()

    token = CancellationToken()
    target = Slow(sink, token.check)
    assert verify([of], target, sink, tmp_path, OPTIONS, cancelled=token) == []
    assert target.batches == 2
    assert verify([of], Slow(sink, lambda: None), sink, tmp_path, OPTIONS)[0].equal


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=5), min_size=1, max_size=5))
def test_figures_do_not_depend_on_how_rows_come_in_batches(batches: list[list[str]]) -> None:
    columns = [ServerColumn("c", column("c", "nvarchar", 9).type)]
    apart, together = RunningSums(columns), RunningSums(columns)
    for batch in batches:
        apart.add(pa.RecordBatch.from_pydict({"c": pa.array(batch, pa.string())}))
    together.add(pa.RecordBatch.from_pydict({"c": pa.array([v for b in reversed(batches) for v in b], pa.string())}))
    assert apart.figures == together.figures


@pytest.mark.server
def test_the_server_computes_the_same_figures(server: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(EVERYTHING) as table:
        of = job(table, Rows({"Every Thing": pa.table({**ROW, "ID": pa.array(ROW["ID"], pa.int32())})}))
        sink = ServerSink(target.connection, target.password, OPTIONS)
        run([of], sink, tmp_path, OPTIONS)
        check = ServerTableSums(target.connection, target.password)
        proof = verify([of], check, sink, tmp_path, OPTIONS)[0]
        assert proof.equal, [str(m) for m in proof.messages]
        target.execute(f"UPDATE {table.name} SET Ole = CAST(0x01 AS varbinary(max)) + Ole WHERE ID = 2")
        target.execute(f"UPDATE {table.name} SET Money = Money + 0.0001 WHERE ID = 1")
        target.execute(f"DELETE FROM {table.name} WHERE ID = 3")
        proof = verify([of], check, sink, tmp_path, OPTIONS)[0]
    named = [(m.number, m.place.part) for m in proof.messages if 6203 < m.number < 6209]
    assert named == [(6207, "ID=1"), (6207, "ID=2"), (6204, "ID=3")]
    assert isinstance(proof.target_figures["Money"]["sum"], int)
    assert proof.source_figures["Money"]["sum"] == int(Decimal("-922337203685477.5807").scaleb(4))
