"""Killed anywhere, as often as one likes: the rows are there once, the rejects are listed once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest

from tests.migrate.fakes import NUMBERS, Rows, job, numbers, server_table
from tests.migrate.runs import history, run
from tests.migrate.sqlite_sink import SqliteSink
from wizard.events import Event, TableFinished
from wizard.messages import MoveError, RecordError
from wizard.migrate import RunResult, checksummed_lines, partitioning
from wizard.migrate.rejects import RejectLog
from wizard.settings import Options

ROWS = 5_000
OPTIONS = Options(batch_size=250, parallel_tables=2)
OTHER = server_table("Other", *NUMBERS.columns, key="ID")
TABLES = (NUMBERS, OTHER)

POINTS = (
    "before the rejects", "before the write", "before the transaction", "before the copy", "before the commit",
    "after the commit", "after the write", "before the journal", "after the journal", "before the table's end",
    "after the table's end", "before finishing",
)  # fmt: skip
POINTS_OF_PARTS = ("before dividing", "after dividing", "before joining", "after joining")


@pytest.fixture(params=["whole", "in parts"])
def divided(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether tables move in parts, two of them at once."""
    if request.param == "in parts":
        in_parts(monkeypatch)
    return request.param == "in parts"


def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitioning, "LARGE", 1_000)
    monkeypatch.setattr(partitioning, "PARTITION_ROWS", 600)


def data() -> Rows:
    """Every thousandth name is too long for its column, and the target refuses every ID that ends in 999."""
    names = ["x" * 60 if i % 1_000 == 500 else f"name {i}" for i in range(ROWS)]
    table = numbers(ROWS).set_column(1, "Name", pa.array(names))
    return Rows({"Numbers": table, "Other": table})


def move(folder: Path, hook: Callable[[str], None] = lambda point: None) -> RunResult:
    sink = SqliteSink(folder / "target.db", hook)
    return run([job(t, data()) for t in TABLES], sink, folder, OPTIONS, hook=hook)


def in_a_process(work: Callable[[], object]) -> int:
    """Run in a child that ends without cleaning up; its number."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def assert_exactly_once(folder: Path) -> None:
    result = move(folder)
    assert all(t.status in ("partly", "skipped") for t in result.tables)
    good = [i for i in range(ROWS) if i % 1_000 not in (500, 999)]
    bad = [i * 3 + 7 for i in range(ROWS) if i % 1_000 in (500, 999)]
    for table in TABLES:
        found = sqlite3.connect(folder / "target.db").execute(f"SELECT ID FROM {table.name.name} ORDER BY ID")
        assert [r[0] for r in found] == good
        assert sorted(r.position for r in RejectLog(folder / "rejects", table.name).read()) == bad
    assert not history(folder)[1]
    assert all(t.status == "skipped" for t in move(folder).tables)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.usefixtures("divided")
def test_the_process_dies_at_a_point(point: str, tmp_path: Path) -> None:
    dies_at(point, tmp_path)


@pytest.mark.parametrize("point", POINTS_OF_PARTS)
def test_the_process_dies_while_a_table_is_divided_or_joined(
    point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_parts(monkeypatch)
    assert dies_at(point, tmp_path)


def dies_at(point: str, tmp_path: Path) -> int:
    """Move until the point is reached, twice, then to the end; how often the process died."""
    died = 0
    for occurrence in (1, 8):
        seen = 0

        def hook(at: str, occurrence: int = occurrence) -> None:
            nonlocal seen
            seen += at == point
            if seen == occurrence:
                os._exit(9)

        child = in_a_process(lambda hook=hook: move(tmp_path, hook))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, 9)
        died += status == 9
    assert_exactly_once(tmp_path)
    return died


@pytest.mark.usefixtures("divided")
def test_twenty_kills_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(20)
    slow = lambda point: time.sleep(0.008)  # noqa: E731
    kills = [0]  # by migration: one that ends before its next kill is followed by another
    while sum(kills) < 20:
        folder = tmp_path / str(len(kills))
        folder.mkdir(exist_ok=True)
        child = in_a_process(lambda folder=folder: move(folder, slow))
        time.sleep(chance.uniform(0.0, 0.2))
        os.kill(child, signal.SIGKILL)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL:
            kills[-1] += 1
        else:
            kills.append(0)
        assert len(kills) < 10
    for number in range(1, len(kills) + 1):
        assert_exactly_once(tmp_path / str(number))


@pytest.mark.parametrize("file", ["journal.jsonl", "rejects"])
@pytest.mark.parametrize("writes", [0, 1, 12])
def test_a_disk_that_is_full(file: str, writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many writes to the file a write leaves half a line and fails."""
    done, append = 0, checksummed_lines.ChecksummedFile.append

    def full(
        self: checksummed_lines.ChecksummedFile,
        records: Sequence[checksummed_lines.LineRecord],
        *,
        durable: bool = True,
    ) -> None:
        nonlocal done
        if file in str(self.path) and records:
            done += 1
            if done > writes:
                with self.path.open("ab") as half:
                    half.write(checksummed_lines.with_checksum(records[0]).encode()[:40])
                raise RecordError(6012, file=self.path, reason="No space left on device")
        append(self, records, durable=durable)

    monkeypatch.setattr(checksummed_lines.ChecksummedFile, "append", full)
    with pytest.raises(MoveError) as stopped:
        move(tmp_path)
    assert stopped.value.message.number == 6012
    monkeypatch.undo()
    assert_exactly_once(tmp_path)


def test_a_journal_cut_off_in_the_middle_of_a_line_goes_on(tmp_path: Path) -> None:
    move(tmp_path)
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-25])
    assert_exactly_once(tmp_path)


@pytest.mark.usefixtures("divided")
def test_two_at_once_on_one_project(tmp_path: Path) -> None:
    results: list[RunResult] = []
    slow = lambda point: time.sleep(0.002)  # noqa: E731
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    def one(folder: str) -> None:
        sink = SqliteSink(tmp_path / "target.db", slow)
        told: list[Event] = []
        results.append(run([job(t, data()) for t in TABLES], sink, tmp_path / folder, OPTIONS, listener=told.append))
        assert sum(isinstance(e, TableFinished) for e in told) == len(TABLES)

    first = Thread(target=one, args=("a",))
    first.start()
    time.sleep(0.05)
    one("b")
    first.join()
    move(tmp_path)
    good = [i for i in range(ROWS) if i % 1_000 not in (500, 999)]
    for table in TABLES:
        found = sqlite3.connect(tmp_path / "target.db").execute(f"SELECT ID FROM {table.name.name} ORDER BY ID")
        assert [r[0] for r in found] == good
    statuses = sorted(t.status for r in results for t in r.tables)
    assert "failed" in statuses or "skipped" in statuses
