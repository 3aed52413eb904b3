"""A large table moves in parts, several at once, and arrives as if it had moved as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from tests.migrate.fakes import NUMBERS, MemorySink, MemoryWriter, Rows, job, numbers, server_table
from tests.migrate.runs import history, reload, retry_rejects, run
from wizard.cancellation import CancellationToken
from wizard.events import BatchCommitted, Event, MessageTold, TableFinished, TableStarted
from wizard.messages import JetferryError
from wizard.migrate import RunResult, filled, partitioning
from wizard.migrate.rejects import RejectLog
from wizard.settings import Options
from wizard.sink import Delivery

ROWS = 5_000
OPTIONS = Options(batch_size=100, parallel_tables=3)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of this module are large ones."""
    monkeypatch.setattr(partitioning, "LARGE", 1_000)
    monkeypatch.setattr(partitioning, "PARTITION_ROWS", 400)


class Move:
    """Runs of one table into one target, with what they told."""

    def __init__(self, folder: Path, sink: MemorySink, rows: Rows) -> None:
        self.folder, self.sink, self.rows = folder, sink, rows
        self.of = job(NUMBERS, rows)
        self.told: list[Event] = []

    def __call__(self, options: Options = OPTIONS, until: Callable[[Event], bool] = lambda event: False) -> RunResult:
        control = CancellationToken()
        self.told.clear()

        def listener(event: Event) -> None:
            self.told.append(event)
            if until(event):
                control.cancel()

        return run([self.of], self.sink, self.folder, options, listener=listener, control=control)

    @property
    def ids(self) -> list[int]:
        return sorted(int(str(r["ID"])) for r in self.sink.rows(NUMBERS))

    @property
    def numbers(self) -> list[int]:
        return [e.message.number for e in self.told if isinstance(e, MessageTold)]

    @property
    def parts(self) -> int:
        return len(self.sink.stored[NUMBERS.name].checkpoints) - 1


@pytest.fixture
def move(tmp_path: Path) -> Move:
    slow = lambda point: time.sleep(0.001)  # noqa: E731
    return Move(tmp_path, MemorySink(hook=slow), Rows({"Numbers": numbers(ROWS)}))


def after(done: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, BatchCommitted) and event.done >= done


def test_every_row_arrives_once_and_the_table_has_one_line(move: Move) -> None:
    result = move()
    assert move.ids == list(range(ROWS))
    assert result.complete
    assert [(t.status, t.migrated, t.rows) for t in result.tables] == [("migrated", ROWS, ROWS)]
    assert move.numbers == [6020]
    assert move.parts == 0
    checkpoint = move.sink.checkpoint(NUMBERS.name)
    assert checkpoint is not None
    assert (checkpoint.complete, checkpoint.rows) == (True, ROWS)
    batches = [e for e in move.told if isinstance(e, BatchCommitted)]
    assert all(a.done < b.done and a.seconds <= b.seconds for a, b in pairwise(batches))
    assert (batches[-1].done, batches[-1].rows) == (ROWS, ROWS)
    assert [type(e) for e in move.told if isinstance(e, TableStarted | TableFinished)] == [TableStarted, TableFinished]
    assert history(move.folder) == (move.told, [])
    assert move().tables[0].status == "skipped"


def test_parts_are_at_work_at_once_but_no_more_than_places(move: Move) -> None:
    at_work, most = 0, 0

    def hook(point: str) -> None:
        nonlocal at_work, most
        at_work += {"before the commit": 1, "after the commit": -1}.get(point, 0)
        most = max(most, at_work)
        time.sleep(0.005)

    move.sink.hook = hook
    move.sink.lock = _Free()  # type: ignore[assignment]
    move()
    assert 2 <= most <= 3


class _Free:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("why", ["one place", "few rows", "its writers would wait for each other"])
def test_a_table_that_gains_nothing_moves_as_a_whole(why: str, move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    if why == "few rows":
        monkeypatch.setattr(partitioning, "LARGE", ROWS + 1)
    move.sink.side_by_side = why != "its writers would wait for each other"
    assert move(Options(batch_size=100, parallel_tables=1 if why == "one place" else 3)).complete
    assert move.ids == list(range(ROWS))
    assert move.numbers == []


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_a_later_run_goes_on_with_the_same_parts(slots: int, move: Move) -> None:
    assert move(until=after(2_000)).cancelled
    there, parts = len(move.ids), move.parts
    assert 2_000 <= there < ROWS
    assert parts > 2
    assert filled([move.of], move.sink) == {"dbo.Numbers": there}
    assert move(Options(batch_size=100, parallel_tables=slots), until=after(there + 500)).cancelled
    assert move.parts == parts
    assert 6020 not in move.numbers
    assert 6008 not in move.numbers
    assert [e.done for e in move.told if isinstance(e, TableStarted)] == [there]
    assert move(Options(batch_size=100, parallel_tables=slots)).complete
    assert move.ids == list(range(ROWS))
    assert move.parts == 0


def test_a_table_stopped_before_there_were_parts_is_divided_behind_what_is_there(move: Move) -> None:
    assert move(Options(batch_size=100, parallel_tables=1), until=after(700)).cancelled
    there = len(move.ids)
    assert move.parts == 0
    result = move()
    assert move.numbers == [6007, 6020]
    assert [e.done for e in move.told if isinstance(e, TableStarted)] == [there]
    assert result.complete
    assert result.tables[0].migrated == ROWS
    assert move.ids == list(range(ROWS))


def test_all_parts_complete_and_not_joined_are_joined(move: Move) -> None:
    class StoppedError(Exception):
        pass

    def hook(point: str) -> None:
        if point == "before joining":
            raise StoppedError

    with pytest.raises(StoppedError):
        run([move.of], move.sink, move.folder, OPTIONS, hook=hook)
    writes = move.sink.writes
    assert move.parts
    assert move().complete
    assert (move.sink.writes, move.parts) == (writes, 0)
    assert move.ids == list(range(ROWS))


def bad(every: int) -> Rows:
    names = ["x" * 60 if i % every == 0 else f"name {i}" for i in range(ROWS)]
    return Rows({"Numbers": numbers(ROWS).set_column(1, "Name", pa.array(names))})


def test_rejects_of_all_parts_are_listed_once_by_position(tmp_path: Path) -> None:
    refuse = lambda row: "no elevens" if row["ID"] % 110 == 11 else None  # noqa: E731
    move = Move(tmp_path, MemorySink(refuse), bad(100))
    wanted = [i * 3 + 7 for i in range(ROWS) if i % 100 == 0 or i % 110 == 11]
    while move(until=after(len(move.ids) + 900)).cancelled:
        pass
    log = RejectLog(tmp_path / "rejects", NUMBERS.name)
    assert sorted(r.position for r in log.read()) == wanted
    lines = (tmp_path / "rejects" / "dbo.Numbers.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [int(line.split(",")[1]) for line in lines] == wanted
    checkpoint = move.sink.checkpoint(NUMBERS.name)
    assert checkpoint is not None
    assert (checkpoint.rows, checkpoint.rejected) == (ROWS - len(wanted), len(wanted))
    move.sink.refuse = lambda row: None
    again = retry_rejects(move.of, move.sink, tmp_path, OPTIONS)
    assert again.migrated == sum(i % 110 == 11 and i % 100 != 0 for i in range(ROWS))


def test_the_limit_of_a_table_counts_all_its_parts(tmp_path: Path) -> None:
    move = Move(tmp_path, MemorySink(), bad(10))
    result = move(Options(batch_size=100, parallel_tables=3, max_rejects_table=100))
    assert result.tables[0].status == "failed"
    assert "limit" in result.tables[0].details
    assert 100 <= result.tables[0].rejected < 200
    assert move(OPTIONS).tables[0].status == "partly"
    assert len(move.ids) == ROWS - ROWS // 10


def test_a_part_that_fails_ends_the_others_and_says_why(move: Move) -> None:
    def hook(point: str) -> None:
        time.sleep(0.002)
        if point == "before the commit" and len(move.sink.rows(NUMBERS)) > 2_000:
            raise JetferryError(5009, server="here", reason="gone")

    move.sink.hook = hook
    result = move()
    assert result.tables[0].status == "failed"
    assert "gone" in result.tables[0].details
    move.sink.hook = lambda point: None
    assert move().complete
    assert move.ids == list(range(ROWS))


def test_a_table_half_moved_in_parts_can_be_emptied_and_filled_again(move: Move) -> None:
    move(until=after(2_000))
    assert reload([move.of], move.sink, move.folder) == [move.of]
    assert move().complete
    assert move.ids == list(range(ROWS))


def test_parts_leave_their_places_to_tables(tmp_path: Path) -> None:
    tables = [NUMBERS, *(server_table(n, *NUMBERS.columns, key="ID") for n in "ABCDE")]
    rows = Rows({"Numbers": numbers(ROWS), **{n: numbers(300) for n in "ABCDE"}})
    sink = MemorySink(hook=lambda point: time.sleep(0.002))
    options = Options(batch_size=100, parallel_tables=2)
    told = list[Event]()
    result = run([job(t, rows) for t in tables], sink, tmp_path, options, listener=told.append)
    assert result.complete
    ended = [e.table for e in told if isinstance(e, TableFinished)]
    assert ended[-1] == "dbo.Numbers"
    assert all(len(sink.rows(t)) == (ROWS if t is NUMBERS else 300) for t in tables)


def test_a_table_whose_server_goes_away_when_asked_about_parts_fails_and_moves_in_the_next_run(move: Move) -> None:
    class Gone(MemoryWriter):
        def shared(self) -> bool:
            raise JetferryError(5009, server="here", reason="gone")

    class Failing(MemorySink):
        def open(self, delivery: Delivery) -> MemoryWriter:
            made = super().open(delivery)
            return Gone(self, delivery, made.token, made.key)

    sink, move.sink = move.sink, Failing()
    assert "gone" in move().tables[0].details
    assert move.ids == []
    move.sink = sink
    assert move().complete
    assert move.ids == list(range(ROWS))
