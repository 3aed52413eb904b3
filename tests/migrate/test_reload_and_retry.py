"""Reloading empties only what Jetferry filled; rejected rows can be sent again after their cause is mended."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.migrate.compared import MemoryCheck
from tests.migrate.fakes import NUMBERS, MemorySink, Rows, column, job, numbers, server_table
from tests.migrate.runs import keep_run, records, reload, retry_rejects, run, verify
from wizard.cancellation import CancellationToken
from wizard.events import BatchCommitted, Event, RowRejected, TableFinished, TableStarted
from wizard.messages import MoveError
from wizard.migrate import Job, filled, rows_moved
from wizard.migrate.rejects import RejectLog
from wizard.migrate.run_history import run_record, side_by_side
from wizard.settings import Options

OPTIONS = Options(batch_size=100, parallel_tables=1)
WIDER = server_table("Numbers", column("ID", "int", nullable=False), column("Name", "nvarchar", 80), key="ID")


def long_names(count: int = 1_000, every: int = 50) -> Rows:
    names = ["x" * 60 if i % every == 0 else f"name {i}" for i in range(count)]
    return Rows({"Numbers": numbers(count).set_column(1, "Name", pa.array(names))})


def ids(sink: MemorySink) -> list[int]:
    return sorted(int(str(r["ID"])) for r in sink.rows(NUMBERS))


def rejected(tmp_path: Path) -> list[int]:
    return [r.position for r in RejectLog(tmp_path / "rejects", NUMBERS.name).read()]


def wider(of: Job, rows: Rows) -> Job:
    return replace(job(WIDER, rows), source=of.source)


def test_a_wider_column_takes_the_rejected_rows(tmp_path: Path) -> None:
    sink, rows = MemorySink(), long_names()
    of = job(NUMBERS, rows)
    run([of], sink, tmp_path, OPTIONS)
    assert len(ids(sink)) == 980
    result = retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS)
    assert (result.status, result.migrated, result.rejected) == ("migrated", 20, 0)
    assert ids(sink) == list(range(1_000))
    assert not rejected(tmp_path)
    assert not (tmp_path / "rejects" / "dbo.Numbers.csv").exists()
    assert rows_moved(sink, NUMBERS.name) == (1_000, 0)
    proof = verify([wider(of, rows)], MemoryCheck(sink), sink, tmp_path, OPTIONS)[0]
    assert (proof.equal, proof.rejected) == (True, 0)


def test_rows_that_are_refused_again_stay_rejected(tmp_path: Path) -> None:
    refuse = lambda row: "no hundreds" if row["ID"] % 100 == 0 else None  # noqa: E731
    sink, rows = MemorySink(refuse), long_names()
    of = job(NUMBERS, rows)
    run([of], sink, tmp_path, OPTIONS)
    told = list[Event]()
    result = retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS, listener=told.append)
    assert (result.status, result.migrated, result.rejected) == ("partly", 10, 10)
    # what is told is of the whole table: who shows a line a table shows it right
    assert [(e.done, e.rows) for e in told if isinstance(e, TableStarted)] == [(980, 1_000)]
    committed = [e for e in told if isinstance(e, BatchCommitted)]
    assert [e.done for e in committed][-1] == 990
    assert all((e.done + e.rejected, e.rows) == (1_000, 1_000) for e in committed)
    assert [(e.done, e.rejected, e.status) for e in told if isinstance(e, TableFinished)] == [(990, 10, "partly")]
    assert rejected(tmp_path) == [i * 3 + 7 for i in range(0, 1_000, 100)]
    sink.refuse = lambda row: None
    retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS)
    assert ids(sink) == list(range(1_000))
    assert rows_moved(sink, NUMBERS.name) == (1_000, 0)


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("point", ["after the write", "before the exchange", "before the rejects"])
@pytest.mark.parametrize("occurrence", [1, 8])
def test_a_retry_that_was_stopped_goes_on(point: str, occurrence: int, tmp_path: Path) -> None:
    sink, rows = MemorySink(), long_names()
    of = job(NUMBERS, rows)
    run([of], sink, tmp_path, OPTIONS)
    seen = 0

    def hook(at: str) -> None:
        nonlocal seen
        seen += at == point
        if seen == occurrence and at == point:
            raise StoppedError

    if point == "before the exchange" and occurrence > 1:
        return
    with pytest.raises(StoppedError):
        retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS, hook=hook)
    retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS)
    assert ids(sink) == list(range(1_000))
    assert not rejected(tmp_path)


def test_a_reload_empties_and_fills_again(tmp_path: Path) -> None:
    sink = MemorySink()
    of = job(NUMBERS, long_names())
    assert filled([of], sink) == {}
    assert reload([of], sink, tmp_path) == []
    run([of], sink, tmp_path, OPTIONS)
    assert filled([of], sink) == {"dbo.Numbers": 980}
    newer = job(NUMBERS, Rows({"Numbers": numbers(30)}), fingerprint="newer")
    assert reload([newer], sink, tmp_path) == [newer]
    assert not rejected(tmp_path)
    assert run([newer], sink, tmp_path, OPTIONS).complete
    assert ids(sink) == list(range(30))


def test_pausing_holds_at_a_batch_border(tmp_path: Path) -> None:
    control, told = CancellationToken(), list[Event]()

    def listener(event: Event) -> None:
        told.append(event)
        if isinstance(event, BatchCommitted) and len([e for e in told if isinstance(e, BatchCommitted)]) == 2:
            control.pause()
            assert control.paused
            control.resume()

    sink = MemorySink()
    assert run([job(NUMBERS, long_names())], sink, tmp_path, OPTIONS, listener=listener, control=control).tables
    assert len(ids(sink)) == 980


def test_rehearsals_stand_side_by_side(tmp_path: Path) -> None:
    for count in (100, 1_000):
        sink = MemorySink()
        result = run([job(NUMBERS, long_names(count))], sink, tmp_path, OPTIONS)
        path = keep_run(result, tmp_path)
        line = next(csv.DictReader(path.with_suffix(".csv").open(encoding="utf-8-sig", newline="")))
        assert (line["state"], line["from"]) == ("done with losses", "src.Numbers")
        assert run_record(result)["tables"][0]["migrated"] == count - count // 50
    compared = side_by_side(records(tmp_path))
    assert [(c.table, c.rejected) for c in compared] == [("dbo.Numbers", (2, 20))]


def compacted(rows: Rows, gone: int) -> Rows:
    """The same table in a file that was compacted after a row was deleted: the rows behind it moved up."""
    table = rows.tables["Numbers"]
    return Rows({"Numbers": pa.concat_tables([table.slice(0, gone), table.slice(gone + 1)])})


@pytest.mark.parametrize("key", ["ID", ""], ids=["with a key", "without"])
def test_rejects_of_a_file_that_changed_are_not_other_rows_of_the_same_places(key: str, tmp_path: Path) -> None:
    narrow, wide = (
        server_table("Numbers", column("ID", "int", nullable=False), column("Name", "nvarchar", n), key=key)
        for n in (40, 80)
    )
    sink, rows = MemorySink(), long_names()
    run([job(narrow, rows)], sink, tmp_path, OPTIONS)
    before = ids(sink)
    told = list[Event]()
    changed = compacted(rows, 10)
    result = retry_rejects(job(wide, changed, "two"), sink, tmp_path, OPTIONS, listener=told.append)
    assert ids(sink) == [0, *before], "only the row before the one that went is still in its place"
    assert (result.migrated, result.rejected) == (1, 19)
    assert {e.number for e in told if isinstance(e, RowRejected)} == {6305}
    assert len(rejected(tmp_path)) == 19


def test_rejects_that_the_target_refused_are_known_again_in_a_file_that_changed_elsewhere(tmp_path: Path) -> None:
    keyless = server_table("Numbers", column("ID", "int", nullable=False), column("Name", "nvarchar", 40))
    sink = MemorySink(lambda row: "no hundreds" if row["ID"] % 100 == 0 else None)
    rows = Rows({"Numbers": numbers(1_000)})
    run([job(keyless, rows)], sink, tmp_path, OPTIONS)
    assert len(rejected(tmp_path)) == 10
    sink.refuse = lambda row: None
    retry_rejects(job(keyless, rows, "two"), sink, tmp_path, OPTIONS)
    assert ids(sink) == list(range(1_000))


def test_rows_that_are_refused_first_do_not_keep_later_ones_from_being_tried(tmp_path: Path) -> None:
    refuse = lambda row: "not yet" if row["ID"] % 5 == 0 else None  # noqa: E731
    sink, rows = MemorySink(refuse), Rows({"Numbers": numbers(1_000)})
    of = job(NUMBERS, rows)
    run([of], sink, tmp_path, OPTIONS)
    sink.refuse = lambda row: "not yet" if row["ID"] < 750 else None
    result = retry_rejects(of, sink, tmp_path, OPTIONS)
    assert (result.migrated, result.rejected) == (50, 150)


def test_many_rejects_are_sent_together(tmp_path: Path) -> None:
    sink, rows = MemorySink(), long_names(every=1)
    of = job(NUMBERS, rows)
    run([of], sink, tmp_path, OPTIONS)
    writes = sink.writes
    assert retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS).migrated == 1_000
    assert sink.writes - writes < 5
    assert ids(sink) == list(range(1_000))


def test_a_later_run_counts_what_a_retry_brought(tmp_path: Path) -> None:
    sink, rows = MemorySink(), long_names()
    of = job(NUMBERS, rows)
    run([of], sink, tmp_path, OPTIONS)
    retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS)
    (table,) = run([wider(of, rows)], sink, tmp_path, OPTIONS).tables
    assert (table.status, table.migrated, table.rejected) == ("skipped", 1_000, 0)


def test_a_list_of_rejects_that_was_cut_is_not_taken_for_all_of_them(tmp_path: Path) -> None:
    """The rows that it lacks were taken for tried, and could not be sent again any more."""
    sink, rows = MemorySink(), long_names(every=100)
    of = job(NUMBERS, rows)
    run([of], sink, tmp_path, OPTIONS)
    log = RejectLog(tmp_path / "rejects", NUMBERS.name)
    whole = log.read()
    assert len(whole) == 10
    log.replace(whole[:4])
    with pytest.raises(MoveError, match=r"of 10 rejected rows the list .* has 4"):
        retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS)
    assert sink.checkpoint(NUMBERS.name, "retry-1") is None, "nothing was begun"
    log.replace(whole)
    assert retry_rejects(wider(of, rows), sink, tmp_path, OPTIONS).migrated == 10
