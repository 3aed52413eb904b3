"""A run moves every row once, rejects what cannot go, and goes on where it was stopped."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.migrate.fakes import NUMBERS, Batch, MemorySink, MemoryWriter, Rows, column, job, numbers, server_table
from tests.migrate.runs import history, run
from wizard.cancellation import CancellationToken
from wizard.events import BatchCommitted, Event, MessageTold, RowRejected, TableFinished, TableStarted
from wizard.messages import Kind, MoveError, Place, SourceError, TargetError
from wizard.migrate import Job, partitioning
from wizard.objects import ForeignKey, Name, ServerTable
from wizard.outcomes import TableState
from wizard.settings import Constraints, Options
from wizard.sink import Checkpoint, Delivery, RefusedError
from wizard.stages.table_progress import TableProgressLines


def small(**options: object) -> Options:
    return Options(batch_size=100, parallel_tables=1, **options)  # type: ignore[arg-type]


def ids(sink: MemorySink) -> list[object]:
    return [r["ID"] for r in sink.rows(NUMBERS)]


def test_all_rows_arrive_in_order_and_the_journal_tells_of_them(tmp_path: Path) -> None:
    sink, told = MemorySink(), list[Event]()
    result = run([job(NUMBERS, Rows({"Numbers": numbers(1_050)}))], sink, tmp_path, small(), listener=told.append)
    assert ids(sink) == list(range(1_050))
    assert result.complete
    assert [(t.status, t.migrated, t.ratio) for t in result.tables] == [("migrated", 1_050, 1.0)]
    batches = [e for e in told if isinstance(e, BatchCommitted)]
    assert [b.done for b in batches] == [100, 300, 700, 1_050]
    events, wrong = history(tmp_path)
    assert events == told
    assert not wrong
    assert sink.finished == [NUMBERS.name]


def test_the_first_rows_are_written_while_the_next_are_read(tmp_path: Path) -> None:
    written, waited = threading.Event(), list[bool]()

    class Slow(Rows):
        def read(self, table: str, **others: Any) -> Iterator[Batch]:
            for number, batch in enumerate(super().read(table, **others)):
                if number == 1:
                    waited.append(written.wait(10))
                yield batch

    hook = lambda point: written.set() if point == "after the write" else None  # noqa: E731
    result = run([job(NUMBERS, Slow({"Numbers": numbers(250)}))], MemorySink(), tmp_path, small(), hook=hook)
    assert result.complete
    assert waited == [True]


def test_an_empty_table_is_complete(tmp_path: Path) -> None:
    sink = MemorySink()
    result = run([job(NUMBERS, Rows({"Numbers": numbers(0)}))], sink, tmp_path, small())
    assert result.complete
    checkpoint = sink.checkpoint(NUMBERS.name)
    assert checkpoint is not None
    assert checkpoint.complete


def test_running_again_skips_what_is_there(tmp_path: Path) -> None:
    sink, rows = MemorySink(), Rows({"Numbers": numbers(250)})
    run([job(NUMBERS, rows)], sink, tmp_path, small())
    writes = sink.writes
    result = run([job(NUMBERS, rows)], sink, tmp_path, small())
    assert sink.writes == writes
    assert [t.status for t in result.tables] == ["skipped"]
    assert result.tables[0].migrated == 250


def test_a_changed_source_is_told_table_by_table(tmp_path: Path) -> None:
    sink, told = MemorySink(), list[Event]()
    run([job(NUMBERS, Rows({"Numbers": numbers(250)}))], sink, tmp_path, small())
    changed = job(NUMBERS, Rows({"Numbers": numbers(260)}), fingerprint="two")
    result = run([changed], sink, tmp_path, small(), listener=told.append)
    assert [e.message.number for e in told if isinstance(e, MessageTold)] == [6005]
    assert "reload" in result.tables[0].details
    assert len(ids(sink)) == 250


def test_a_half_filled_table_is_not_continued_from_another_source(tmp_path: Path) -> None:
    sink, control = MemorySink(), CancellationToken()
    stopping = lambda e: control.cancel() if isinstance(e, BatchCommitted) else None  # noqa: E731
    source = Rows({"Numbers": numbers(250)})
    run([job(NUMBERS, source)], sink, tmp_path, small(), listener=stopping, control=control)
    result = run([job(NUMBERS, source, fingerprint="two")], sink, tmp_path, small())
    assert [t.status for t in result.tables] == ["failed"]
    assert len(ids(sink)) == 100


def test_cancelling_stops_at_a_batch_border_and_the_next_run_goes_on(tmp_path: Path) -> None:
    sink, control = MemorySink(), CancellationToken()
    rows = Rows({"Numbers": numbers(1_000)})

    def listener(event: Event) -> None:
        if isinstance(event, BatchCommitted) and event.done == 300:
            control.cancel()

    first = run([job(NUMBERS, rows)], sink, tmp_path, small(), listener=listener, control=control)
    assert first.cancelled
    assert first.tables[0].status == "cancelled"
    assert len(ids(sink)) == 300
    told = list[Event]()
    second = run([job(NUMBERS, rows)], sink, tmp_path, small(), listener=told.append)
    assert [e.done for e in told if isinstance(e, TableStarted)] == [300]
    assert second.complete
    assert ids(sink) == list(range(1_000))


def test_a_table_that_a_stopped_run_never_began_is_not_shown_as_an_empty_one(tmp_path: Path) -> None:
    sink, control, followed = MemorySink(), CancellationToken(), TableProgressLines()
    later = server_table("Later", column("ID", "int", nullable=False), key="ID")
    rows = Rows({"Numbers": numbers(1_000), "Later": numbers(40)})

    def listener(event: Event) -> None:
        followed(event)
        if isinstance(event, BatchCommitted):
            control.cancel()

    made = [job(NUMBERS, rows), job(later, rows)]
    result = run(made, sink, tmp_path, small(), listener=listener, control=control)
    assert [(t.status, t.rows, t.migrated, t.ratio) for t in result.tables] == [
        ("cancelled", 1_000, 100, 0.1), ("cancelled", 40, 0, 0.0),
    ]  # fmt: skip
    assert [(t.table, t.rows, t.done) for t in followed.tables] == [("dbo.Numbers", 1_000, 100), ("dbo.Later", 40, 0)]


def test_a_row_the_target_refuses_is_singled_out(tmp_path: Path) -> None:
    sink = MemorySink(lambda row: "no thirteens" if str(row["ID"]).endswith("13") else None)
    result = run([job(NUMBERS, Rows({"Numbers": numbers(1_000)}))], sink, tmp_path, small())
    bad = [i for i in range(1_000) if str(i).endswith("13")]
    assert sorted(map(int, map(str, ids(sink)))) == [i for i in range(1_000) if i not in bad]
    assert (result.tables[0].status, result.tables[0].rejected) == ("partly", len(bad))
    with (tmp_path / "rejects" / "dbo.Numbers.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["key"] for line in lines] == [f"ID={i}" for i in bad]
    assert [line["value: Name"] for line in lines] == [f"name {i}" for i in bad]
    assert {line["number"] for line in lines} == {"6109"}
    assert all("no thirteens" in line["reason"] for line in lines)
    parquet = pq.read_table(tmp_path / "rejects" / "dbo.Numbers.parquet")
    assert parquet["position"].to_pylist() == [i * 3 + 7 for i in bad]


def test_checks_find_bad_values_before_the_target_does(tmp_path: Path) -> None:
    data = pa.table({"ID": pa.array([1, 2, 3, None], pa.int32()), "Name": ["a" * 40, "b" * 41, "c", "d"]})
    sink, told = MemorySink(), list[Event]()
    run([job(NUMBERS, Rows({"Numbers": data}))], sink, tmp_path, small(), listener=told.append)
    assert ids(sink) == [1, 3]
    assert sink.writes == 2
    rejected = [(e.number, e.column) for e in told if isinstance(e, RowRejected)]
    assert rejected == [(6101, "Name"), (6103, "ID")]


def test_checks_and_refusals_in_one_batch_are_counted_right(tmp_path: Path) -> None:
    data = numbers(500).set_column(1, "Name", [["x" * 50 if i % 7 == 0 else "x" for i in range(500)]])
    sink = MemorySink(lambda row: "eleven" if row["ID"] % 11 == 0 else None)  # type: ignore[operator]
    result = run([job(NUMBERS, Rows({"Numbers": data}))], sink, tmp_path, small())
    good = [i for i in range(500) if i % 7 and i % 11]
    assert ids(sink) == good
    assert result.tables[0].rejected == 500 - len(good)


def test_a_limit_stops_a_table_and_running_again_goes_on(tmp_path: Path) -> None:
    refuse = [True]
    sink = MemorySink(lambda row: "odd" if refuse[0] and row["ID"] % 2 else None)  # type: ignore[operator]
    rows = Rows({"Numbers": numbers(1_000)})
    result = run([job(NUMBERS, rows)], sink, tmp_path, small(max_rejects_table=60))
    assert result.tables[0].status == "failed"
    assert "limit" in result.tables[0].details
    found = list(csv.DictReader((tmp_path / "rejects" / "dbo.Numbers.csv").open(encoding="utf-8-sig")))
    assert f"100 of 1,000 rows arrived, {len(found)} rejected" in result.tables[0].details
    assert len(found) >= 60
    assert len(ids(sink)) == 100
    refuse[0] = False
    result = run([job(NUMBERS, rows)], sink, tmp_path, small())
    assert len(ids(sink)) == 900
    assert result.tables[0].rejected == 100


def test_the_limit_of_all_tables_stops_the_run(tmp_path: Path) -> None:
    tables = [server_table(n, *NUMBERS.columns, key="ID") for n in ("A", "B", "C")]
    rows = Rows({n: numbers(300) for n in ("A", "B", "C")})
    sink = MemorySink(lambda row: "odd" if row["ID"] % 2 else None)  # type: ignore[operator]
    result = run([job(t, rows) for t in tables], sink, tmp_path, small(max_rejects=120))
    assert [t.status for t in result.tables] == ["failed", "cancelled", "cancelled"]


def test_a_table_that_takes_nothing_is_given_up(tmp_path: Path) -> None:
    sink = MemorySink(lambda row: "the table is gone")
    result = run([job(NUMBERS, Rows({"Numbers": numbers(5_000)}))], sink, tmp_path, small())
    assert result.tables[0].status == "failed"
    assert "given up" in result.tables[0].details
    assert sink.writes < 1_000


def test_a_table_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    other = server_table("Other", *NUMBERS.columns, key="ID")
    rows = Rows({"Numbers": numbers(100), "Other": numbers(100)})
    sink = MemorySink()
    sink.open(_delivery(job(NUMBERS, rows, "another file")))
    result = run([job(NUMBERS, rows), job(other, rows)], sink, tmp_path, small())
    assert [t.status for t in result.tables] == ["failed", "migrated"]


def _delivery(of: Job) -> Delivery:
    return Delivery(of.table, of.columns, of.source.fingerprint)


def test_with_checks_on_children_wait_for_their_parents(tmp_path: Path) -> None:
    parent = server_table("Parent", *NUMBERS.columns, key="ID")
    key = ForeignKey("FK", ("ID",), Name("dbo", "Parent"), ("ID",))
    child = server_table("Child", *NUMBERS.columns, key="ID")
    child = type(child)(child.name, child.columns, child.primary_key, foreign_keys=(key,), source=child.source)
    rows = Rows({"Parent": numbers(2_000), "Child": numbers(10)})
    told = list[Event]()
    options = Options(batch_size=100, parallel_tables=4, constraints=Constraints.KEEP)
    run([job(child, rows), job(parent, rows)], MemorySink(), tmp_path, options, listener=told.append)
    order = [type(e).__name__ + e.table for e in told if isinstance(e, TableStarted | TableFinished)]
    assert order.index("TableFinisheddbo.Parent") < order.index("TableStarteddbo.Child")


def test_what_is_rounded_is_told(tmp_path: Path) -> None:
    table = server_table("T", column("ID", "int", nullable=False), column("D", "datetime2", scale=0), key="ID")
    stamps = pa.array([0, 1_500], pa.timestamp("ms"))
    data = pa.table({"ID": pa.array([1, 2], pa.int32()), "D": stamps})
    told = list[Event]()
    run([job(table, Rows({"T": data}))], MemorySink(), tmp_path, small(), listener=told.append)
    assert [(e.message.number, e.message.place.part) for e in told if isinstance(e, MessageTold)] == [(6017, "D")]


@pytest.mark.parametrize(
    ("page", "number", "state", "arrives"),
    [
        (1252, 6090, TableState.LOSSES, "?ód? é"),
        (1250, None, TableState.DONE, "Łódź é"),
        (0, 6091, TableState.DONE, "Łódź é"),
    ],
)
def test_what_a_code_page_does_not_hold_is_a_loss_and_what_is_not_known_is_told(
    tmp_path: Path, page: int, number: int | None, state: TableState, arrives: str
) -> None:  # fmt: skip
    table = server_table(
        "T", column("ID", "int", nullable=False), column("C", "varchar", 9, code_page=page), key="ID"
    )  # fmt: skip
    data = pa.table({"ID": pa.array([1, 2], pa.int32()), "C": ["plain", "Łódź é"]})
    told, sink = list[Event](), MemorySink()
    (line,) = run([job(table, Rows({"T": data}))], sink, tmp_path, small(), listener=told.append).tables
    assert [e.message.number for e in told if isinstance(e, MessageTold)] == ([number] if number else [])
    lost = int(state is TableState.LOSSES)
    assert (line.status, line.rounded, line.repaired, line.rejected) == (state, lost, lost, 0)
    assert [r["C"] for r in sink.rows(table)] == ["plain", arrives]


def test_a_journal_that_cannot_be_written_stops_the_run_and_loses_nothing(tmp_path: Path) -> None:
    sink, rows = MemorySink(), Rows({"Numbers": numbers(500)})
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(MoveError) as failure:
        run([job(NUMBERS, rows)], sink, tmp_path, small())
    assert failure.value.message.number == 6012
    (tmp_path / "journal.jsonl").rmdir()
    run([job(NUMBERS, rows)], sink, tmp_path, small())
    assert ids(sink) == list(range(500))


def test_a_column_that_cannot_become_the_type_fails_its_table_with_the_reason(tmp_path: Path) -> None:
    table = server_table("T", column("ID", "int", nullable=False), column("B", "int"), key="ID")
    data = pa.table({"ID": pa.array([1], pa.int32()), "B": pa.array([b"1"], pa.binary())})
    result = run([job(table, Rows({"T": data}))], MemorySink(), tmp_path, small())
    assert result.tables[0].status == "failed"
    assert "B" in result.tables[0].details
    assert "Choose another type" in result.tables[0].details


def test_a_source_that_cannot_be_read_any_more_fails_its_table_with_the_reason(tmp_path: Path) -> None:
    class Gone(Rows):
        def read(self, *args: object, **more: object) -> Iterator[Batch]:
            raise OSError(5, "Input/output error")

    result = run([job(NUMBERS, Gone({"Numbers": numbers(5)}))], MemorySink(), tmp_path, small())
    assert result.tables[0].status == "failed"
    assert "Input/output error" in result.tables[0].details


class Announced(MemorySink):
    """Keeps what is announced."""

    def __init__(self) -> None:
        super().__init__()
        self.announced: list[tuple[str, int]] = []

    def prepare(self, deliveries: Sequence[Delivery]) -> list[object]:
        self.announced = [(d.table.name.name, d.writers) for d in deliveries]
        return super().prepare(deliveries)


def test_the_target_is_told_beforehand_where_rows_will_come_and_how_many_writers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning, "LARGE", 1_000)
    large, empty = (server_table(n, column("ID", "int"), column("Name", "nvarchar", 40)) for n in ("Large", "Empty"))
    source = Rows({"Large": numbers(1_000), "Numbers": numbers(300), "Empty": numbers(0)})
    jobs = [job(t, source) for t in (large, NUMBERS, empty)]
    sink = Announced()
    run(jobs, sink, tmp_path, Options(batch_size=100, parallel_tables=3))
    assert sink.announced == [("Large", 3), ("Numbers", 1), ("Empty", 0)]
    run(jobs, sink, tmp_path, Options(batch_size=100, parallel_tables=3))
    assert [writers for _, writers in sink.announced] == [0, 0, 0], "all rows are there"


def test_a_table_whose_rows_cannot_be_counted_fails_alone(tmp_path: Path) -> None:
    class Broken(Rows):
        def row_count(self, table: str) -> int:
            if table == "Bad":
                raise SourceError(1016, Place(Kind.TABLE, name=table), table=table)
            return super().row_count(table)

    bad = server_table("Bad", column("ID", "int"))
    source = Broken({"Bad": numbers(10), "Numbers": numbers(300)})
    sink = Announced()
    result = run([job(bad, source), job(NUMBERS, source)], sink, tmp_path, small())
    assert sink.announced == [("Bad", 0), ("Numbers", 1)]
    assert [t.status for t in result.tables] == ["failed", "migrated"]


def test_what_was_prepared_is_finished_or_named_unfinished(tmp_path: Path) -> None:
    class Ending(MemorySink):
        def finish(
            self, tables: Sequence[ServerTable], unfinished: Sequence[ServerTable] = (), orphans: object = None
        ) -> list[object]:
            self.ended = [[t.name.name for t in some] for some in (tables, unfinished)]
            return super().finish(tables)

        def open(self, delivery: Delivery) -> MemoryWriter:
            if delivery.table.name.name == "Bad":
                raise TargetError(5207, table=delivery.table.name)
            return super().open(delivery)

    bad = server_table("Bad", column("ID", "int"), column("Name", "nvarchar", 40))
    source = Rows({"Bad": numbers(10), "Numbers": numbers(300)})
    sink = Ending()
    run([job(bad, source), job(NUMBERS, source)], sink, tmp_path, small())
    assert sink.ended == [["Numbers"], ["Bad"]]


class Telling(MemorySink):
    """A target that can say which rows it refuses, and why."""

    def __init__(self, *, sure: bool, dear: bool) -> None:
        super().__init__(lambda row: "bad" if row["ID"] % 100 == 7 else None)
        self.sure, self.dear, self.tried = sure, dear, list[int]()

    def open(self, delivery: Delivery) -> MemoryWriter:
        made = super().open(delivery)
        return TellingWriter(self, delivery, made.token, made.key)


class TellingWriter(MemoryWriter):
    @property
    def finder(self) -> TellingWriter:
        return self

    @property
    def dear(self) -> bool:
        return bool(cast(Telling, self.sink).dear)

    def write(self, batch: pa.RecordBatch, checkpoint: Checkpoint) -> None:
        cast(Telling, self.sink).tried.append(batch.num_rows)
        super().write(batch, checkpoint)

    def sift(self, batch: pa.RecordBatch) -> dict[int, RefusedError | None]:
        bad = [i for i, row in enumerate(batch.column(0).to_pylist()) if row % 100 == 7][:64]
        why = RefusedError(5201, table="it", reason="bad")
        return dict.fromkeys(bad, why if cast(Telling, self.sink).sure else None)


@pytest.mark.parametrize("dear", [True, False])
@pytest.mark.parametrize("sure", [True, False])
@pytest.mark.parametrize("size", [1, 50, 1_000, 10_000])
def test_a_target_that_says_which_rows_it_refuses_is_asked(size: int, sure: bool, dear: bool, tmp_path: Path) -> None:
    sink, told = Telling(sure=sure, dear=dear), list[Event]()
    options, count = Options(batch_size=size, parallel_tables=1), min(30_000, 300 * size)
    run([job(NUMBERS, Rows({"Numbers": numbers(count)}))], sink, tmp_path, options, listener=told.append)
    assert ids(sink) == [i for i in range(count) if i % 100 != 7]
    assert [e.position for e in told if isinstance(e, RowRejected)] == [i * 3 + 7 for i in range(7, count, 100)]
    if size < 10_000:
        assert len(sink.tried) < 4 * count / size + 600
        return
    assert sink.tried.count(1) == (0 if sure else 300)
    assert sum(rows > 1_000 for rows in sink.tried) == (1 if dear else 3), "asked first after refused rows, where dear"


def test_batches_of_long_values_are_not_committed_together(tmp_path: Path) -> None:
    table = server_table("Long", column("ID", "int"), column("Text", "nvarchar", -1), key="ID")
    data = pa.table({"ID": pa.array(range(40), pa.int32()), "Text": ["x" * (2 << 20)] * 40})
    sink, told = MemorySink(), list[Event]()
    options = Options(batch_size=5, parallel_tables=1)
    run([job(table, Rows({"Long": data}))], sink, tmp_path, options, listener=told.append)
    assert max(b - a for a, b in pairwise([0, *(e.done for e in told if isinstance(e, BatchCommitted))])) == 10
