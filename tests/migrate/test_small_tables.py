"""Small tables go several to a transaction; whatever stops it, every row is there once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.migrate.fakes import NUMBERS, Rows, job, numbers, server_table
from tests.migrate.runs import history, run
from tests.migrate.sqlite_sink import SqliteSink
from tests.migrate.test_kills import in_a_process
from wizard.events import BatchCommitted, Event, TableFinished, TableStarted
from wizard.migrate import RunResult, small_tables
from wizard.migrate.rejects import RejectLog
from wizard.objects import ForeignKey
from wizard.settings import Constraints, Options
from wizard.sink import TableBatch

SIZES = {"None": 0, "One": 1, "Few": 40, "Some": 300, "More": 700, "Most": 900}
TABLES = {name: server_table(name, *NUMBERS.columns, key="ID") for name in SIZES}
POINTS = (
    "before the write", "before the transaction", "before the copy", "before the commit", "after the commit",
    "after the write", "before the journal", "after the journal", "before finishing",
)  # fmt: skip
OPTIONS = Options(parallel_tables=2)


def data(**others: pa.Table) -> Rows:
    return Rows({name: others.get(name, numbers(size)) for name, size in SIZES.items()})


class Counting(SqliteSink):
    """Counts the transactions that move rows or checkpoints; `certain`: whether it knows what it has committed."""

    def __init__(self, path: Path, hook: Callable[[str], None] = lambda point: None, *, certain: bool = True) -> None:
        self.transactions = 0
        self.certain = certain

        def seen(point: str) -> None:
            self.transactions += point == "before the transaction"
            hook(point)

        super().__init__(path, seen)

    def write_several(self, batches: Sequence[TableBatch]) -> bool:
        return super().write_several(batches) and self.certain


def move(folder: Path, hook: Callable[[str], None] = lambda point: None, rows: Rows | None = None) -> RunResult:
    return run([job(t, rows or data()) for t in TABLES.values()], Counting(folder / "target.db", hook), folder, OPTIONS,
               hook=hook)  # fmt: skip


def ids(folder: Path, name: str) -> list[int]:
    return [r[0] for r in sqlite3.connect(folder / "target.db").execute(f'SELECT ID FROM "{name}" ORDER BY ID')]


def assert_exactly_once(folder: Path) -> None:
    result = move(folder)
    assert {t.status for t in result.tables} <= {"migrated", "skipped"}
    assert {name: ids(folder, name) for name in SIZES} == {name: list(range(n)) for name, n in SIZES.items()}
    assert not history(folder)[1]
    assert all(t.status == "skipped" for t in move(folder).tables)


def test_small_tables_share_a_transaction_and_each_is_told_of(tmp_path: Path) -> None:
    sink, told = Counting(tmp_path / "target.db"), list[Event]()
    result = run([job(t, data()) for t in TABLES.values()], sink, tmp_path, OPTIONS, listener=told.append)
    assert sink.transactions == 1
    assert [(t.table, t.status, t.migrated, t.moved) for t in result.tables] == [
        (f"dbo.{name}", "migrated", size, size) for name, size in SIZES.items()
    ]
    for kind in (TableStarted, BatchCommitted, TableFinished):
        assert sorted(e.table for e in told if isinstance(e, kind)) == sorted(f"dbo.{name}" for name in SIZES)
    assert_exactly_once(tmp_path)


def test_more_tables_than_go_together_take_more_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_tables, "TABLES", 2)
    sink = Counting(tmp_path / "target.db")
    run([job(t, data()) for t in TABLES.values()], sink, tmp_path, Options(parallel_tables=1))
    assert sink.transactions == 3
    assert_exactly_once(tmp_path)


def test_a_table_with_rows_that_are_rejected_goes_by_itself_and_the_others_together(tmp_path: Path) -> None:
    names = pa.array(["x" * 60 if i == 17 else "good" for i in range(SIZES["Some"])])
    rows = data(Some=numbers(SIZES["Some"]).set_column(1, "Name", names))
    sink = Counting(tmp_path / "target.db")
    result = run([job(t, rows) for t in TABLES.values()], sink, tmp_path, OPTIONS)
    status = {t.table: (t.status, t.rejected) for t in result.tables}
    assert status.pop("dbo.Some") == ("partly", 1)
    assert set(status.values()) == {("migrated", 0)}
    assert sink.transactions <= 3
    assert ids(tmp_path, "Some") == [i for i in range(SIZES["Some"]) if i != 17]
    assert [r.key for r in RejectLog(tmp_path / "rejects", TABLES["Some"].name).read()] == ["ID=17"]


def test_a_row_that_the_target_refuses_is_found_though_its_table_went_with_others(tmp_path: Path) -> None:
    rows = data(Most=numbers(1_100))
    result = run([job(t, rows) for t in TABLES.values()], Counting(tmp_path / "target.db"), tmp_path, OPTIONS)
    status = Counter((t.status, t.rejected) for t in result.tables)
    assert status == {("partly", 1): 1, ("migrated", 0): len(SIZES) - 1}
    assert ids(tmp_path, "Most") == [i for i in range(1_100) if i != 999]
    assert [r.key for r in RejectLog(tmp_path / "rejects", TABLES["Most"].name).read()] == ["ID=999"]


def test_what_is_in_and_not_known_to_be_in_is_not_sent_again(tmp_path: Path) -> None:
    sink = Counting(tmp_path / "target.db", certain=False)
    result = run([job(t, data()) for t in TABLES.values()], sink, tmp_path, OPTIONS)
    assert sink.transactions == 1
    assert all(t.status == "skipped" for t in result.tables)
    assert_exactly_once(tmp_path)


def test_children_follow_their_parents_in_the_same_transaction(tmp_path: Path) -> None:
    key = ForeignKey("FK", ("ID",), TABLES["Most"].name, ("ID",))
    tables = [replace(TABLES["Some"], foreign_keys=(key,)), TABLES["Most"], TABLES["One"]]
    order: list[str] = []

    class Ordered(Counting):
        def write_several(self, batches: Sequence[TableBatch]) -> bool:
            order.extend(b.writer.delivery.table.name.name for b in batches)  # type: ignore[attr-defined]
            return super().write_several(batches)

    strict = replace(OPTIONS, constraints=Constraints.KEEP)
    run([job(t, data()) for t in (tables[1], tables[0], tables[2])], Ordered(tmp_path / "target.db"), tmp_path, strict)
    assert order == ["Most", "Some", "One"]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("occurrence", [1, 4])
def test_the_process_dies_at_a_point(point: str, occurrence: int, tmp_path: Path) -> None:
    seen = 0

    def hook(at: str) -> None:
        nonlocal seen
        seen += at == point
        if seen == occurrence:
            os._exit(9)

    child = in_a_process(lambda: move(tmp_path, hook))
    died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert died == 9 or occurrence > 1
    assert_exactly_once(tmp_path)


def test_kills_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(18)
    slow = lambda point: time.sleep(0.01)  # noqa: E731
    killed = 0
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        child = in_a_process(lambda folder=folder: move(folder, slow))
        time.sleep(chance.uniform(0.0, 0.15))
        os.kill(child, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert_exactly_once(folder)
    assert killed
