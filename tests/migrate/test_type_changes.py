"""Columns that get other types after their rows arrived on a server, which converts what is there in silence."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from tests.migrate.compared import MemoryCheck
from tests.migrate.fakes import MemorySink, Rows, column, job, server_table
from tests.migrate.runs import keep_run, reload, retry_rejects, run, verify
from wizard.cancellation import CancellationToken
from wizard.events import BatchCommitted, Event, MessageTold, TableFinished
from wizard.messages import Message
from wizard.migrate import Job, RunResult
from wizard.migrate.repairs import RepairLog, rounded
from wizard.objects import ServerTable
from wizard.outcomes import TableState
from wizard.settings import Options

OPTIONS = Options(batch_size=100, parallel_tables=1)


def table(type_: str, **more: object) -> ServerTable:
    key = column("ID", "int", nullable=False)
    return server_table("Books", key, column("Weight", type_, **more), key="ID")


EXACT = table("float")
CENTS = table("decimal", precision=9, scale=2)
TENTHS = table("decimal", precision=9, scale=1)
WEIGHTS = [n + (0.127 if n % 50 == 0 else 0.27 if n % 10 == 0 else 0.5) for n in range(500)]
"""10 have three decimals, 40 two, the others one"""


def books() -> Rows:
    ids = pa.array(range(500), pa.int32())
    return Rows({"Books": pa.table({"ID": ids, "Weight": pa.array(WEIGHTS, pa.float64())})})


def moved(
    of: ServerTable, sink: MemorySink, folder: Path, told: list[Event] | None = None, **more: object
) -> RunResult:
    events: list[Event] = [] if told is None else told
    return run([job(of, books())], sink, folder, OPTIONS, listener=events.append)


def messages(told: list[Event], number: int) -> list[Message]:
    return [e.message for e in told if isinstance(e, MessageTold) and e.message.number == number]


def log_of(folder: Path, of: ServerTable) -> RepairLog:
    return RepairLog(folder / "repairs", of.name)


def test_what_the_server_converted_is_counted_once_and_is_a_loss(tmp_path: Path) -> None:
    sink, told = MemorySink(), list[Event]()
    assert moved(EXACT, sink, tmp_path).complete
    before, writes = list(sink.rows(EXACT)), sink.writes
    for again in range(2):
        told.clear()
        result = moved(CENTS, sink, tmp_path, told)
        (line,) = result.tables
        assert (line.status, line.state, line.rounded) == (TableState.THERE, TableState.LOSSES, 10)
        assert not result.complete
        assert [e.rounded for e in told if isinstance(e, TableFinished)] == [10]
        assert rounded(log_of(tmp_path, CENTS).counts()) == 10
        assert len(messages(told, 6044)) == (0 if again else 1)
        if not again:
            (found,) = messages(told, 6044)
            assert "Weight (float, now decimal(9,2))" in found.text
            assert "10 values were rounded or cut" in found.text
    assert (sink.rows(CENTS), sink.writes) == (before, writes)
    assert (tmp_path / "repairs" / "dbo.Books.csv").is_file()
    (kept,) = csv.DictReader(keep_run(result, tmp_path).with_suffix(".csv").open(encoding="utf-8-sig", newline=""))
    assert kept["state"] == "done with losses"


def test_a_second_change_counts_all_that_is_lost_now(tmp_path: Path) -> None:
    sink = MemorySink()
    moved(EXACT, sink, tmp_path)
    moved(CENTS, sink, tmp_path)
    (line,) = moved(TENTHS, sink, tmp_path).tables
    assert line.rounded == 50


def test_what_is_lost_stays_lost_under_a_type_that_would_have_held_it(tmp_path: Path) -> None:
    sink = MemorySink()
    moved(CENTS, sink, tmp_path)
    (line,) = moved(EXACT, sink, tmp_path).tables
    assert (line.state, line.rounded) == (TableState.LOSSES, 10)


def test_a_wider_type_reads_no_source_again(tmp_path: Path) -> None:
    class NoRows(Rows):
        def read(self, *args: object, **more: object) -> None:  # type: ignore[override]
            raise AssertionError("read")

    sink, told = MemorySink(), list[Event]()
    moved(CENTS, sink, tmp_path)
    wider = table("decimal", precision=18, scale=6)
    (line,) = run([job(wider, NoRows(books().tables))], sink, tmp_path, OPTIONS, listener=told.append).tables
    assert line.status is TableState.THERE
    assert not messages(told, 6044)


def test_of_a_table_that_a_former_version_filled_the_comparison_counts(tmp_path: Path) -> None:
    sink = MemorySink()
    moved(EXACT, sink, tmp_path)
    (tmp_path / "journal" / "types.jsonl").unlink()
    (line,) = moved(CENTS, sink, tmp_path).tables
    assert (line.status, line.rounded) == (TableState.THERE, 0)
    for row in sink.rows(CENTS):  # as ALTER COLUMN does
        row["Weight"] = Decimal(str(row["Weight"])).quantize(Decimal("0.01"), ROUND_HALF_UP)
    (proof,) = verify([job(CENTS, books())], MemoryCheck(sink), sink, tmp_path, OPTIONS)
    assert (proof.equal, proof.state, proof.rounded) == (True, TableState.LOSSES, 10)


def test_a_reload_begins_to_count_anew(tmp_path: Path) -> None:
    sink, told = MemorySink(), list[Event]()
    moved(EXACT, sink, tmp_path)
    moved(TENTHS, sink, tmp_path)
    reload([job(EXACT, books())], sink, tmp_path)
    (line,) = moved(EXACT, sink, tmp_path, told).tables
    assert (line.state, line.rounded) == (TableState.DONE, 0)
    assert not messages(told, 6043)
    assert not messages(told, 6044)


def test_rows_that_went_before_the_change_of_a_table_that_was_stopped_are_counted_too(tmp_path: Path) -> None:
    sink, control, told = MemorySink(), CancellationToken(), list[Event]()

    def stop(event: Event) -> None:
        if isinstance(event, BatchCommitted):
            control.cancel()

    (line,) = run([job(EXACT, books())], sink, tmp_path, OPTIONS, listener=stop, control=control).tables
    assert line.status is TableState.STOPPED
    assert 0 < len(sink.rows(EXACT)) < 500
    (line,) = moved(CENTS, sink, tmp_path, told).tables
    assert (line.status, line.rounded) == (TableState.LOSSES, 10)
    assert len(messages(told, 6044)) == 1


def test_a_count_that_is_stopped_is_made_by_the_next_run(tmp_path: Path) -> None:
    sink = MemorySink()
    moved(EXACT, sink, tmp_path)
    control = CancellationToken()

    class Stopping(Rows):
        def read(self, *args: object, **more: object):  # type: ignore[no-untyped-def,override]
            for batch in Rows.read(self, *args, **more):  # type: ignore[arg-type]
                yield batch
                control.cancel()

    (line,) = run([job(CENTS, Stopping(books().tables))], sink, tmp_path, OPTIONS, control=control).tables
    assert line.status is TableState.STOPPED
    (line,) = moved(CENTS, sink, tmp_path).tables
    assert line.rounded == 10


@pytest.mark.parametrize("later", [True, False], ids=["rejects sent again", "rejects left"])
def test_rejected_rows_have_lost_nothing(later: bool, tmp_path: Path) -> None:
    refuse = lambda row: "no" if row["ID"] in (0, 50) else None  # noqa: E731  both would be rounded
    sink = MemorySink(refuse)
    moved(EXACT, sink, tmp_path)
    if later:
        sink.refuse = lambda row: None
        of: Job = job(EXACT, books())
        assert retry_rejects(of, sink, tmp_path, OPTIONS).migrated == 2
    (line,) = moved(CENTS, sink, tmp_path).tables
    assert line.rounded == (10 if later else 8)


def test_a_source_that_cannot_be_read_is_no_success(tmp_path: Path) -> None:
    sink = MemorySink()
    moved(EXACT, sink, tmp_path)

    class Gone(Rows):
        def read(self, *args: object, **more: object):  # type: ignore[no-untyped-def,override]
            raise OSError("no such file")

    (line,) = run([job(CENTS, Gone(books().tables))], sink, tmp_path, OPTIONS).tables
    assert line.status is TableState.FAILED
