"""A server that is asked for too much is asked for less, and for more again when it has been calm."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Thread

import pytest

from tests.migrate.fakes import NUMBERS, MemorySink, Rows, job, numbers, server_table
from tests.migrate.runs import history, keep_run, records, run
from wizard.events import BatchCommitted, Event, MessageTold, Retrying
from wizard.migrate.run_history import run_record, side_by_side
from wizard.migrate.worker_slots import CALM, SETTLING, WorkerSlots
from wizard.settings import Options
from wizard.sqlserver import RetryPolicy
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def border(slots: WorkerSlots) -> None:
    slots.yield_slot(lambda: True, lambda: None)


def test_places_are_halved_once_for_all_that_are_told_at_the_same_time() -> None:
    clock, changes = Clock(), list[tuple[int, int]]()
    slots = WorkerSlots(8, lambda now, before: changes.append((now, before)), clock)
    for _ in range(5):
        slots.throttle()
    clock.now += SETTLING
    slots.throttle()
    slots.throttle()
    assert changes == [(4, 8), (2, 4)]
    assert [slots.acquire() for _ in range(4)] == [True, True, False, False]
    for _ in range(5):
        clock.now += SETTLING
        slots.throttle()
    assert (slots.open, changes[2:]) == (1, [(1, 2)])


def test_a_calm_time_opens_a_place_and_another_throttling_makes_it_longer() -> None:
    clock, changes = Clock(), list[tuple[int, int]]()
    slots = WorkerSlots(4, lambda now, before: changes.append((now, before)), clock)
    assert slots.acquire()
    slots.throttle()
    clock.now += CALM - 1
    border(slots)
    assert slots.open == 2
    clock.now += 1
    border(slots)
    border(slots)
    assert slots.open == 3
    slots.throttle()
    assert slots.open == 3  # that soon, it is the same trouble
    clock.now += SETTLING
    slots.throttle()
    assert slots.open == 1
    clock.now += CALM
    border(slots)
    assert slots.open == 1
    for _ in range(10):
        clock.now += CALM
        border(slots)
    assert slots.open == 4
    assert changes == [(2, 4), (3, 2), (1, 3), (2, 1), (3, 2), (4, 3)]


def test_who_has_no_place_any_more_stands_back_until_there_is_one() -> None:
    slots, rested = WorkerSlots(2), list[str]()
    assert slots.acquire()
    assert slots.acquire()
    slots.throttle()
    waiting = Thread(target=slots.yield_slot, args=(lambda: True, lambda: rested.append("closed")))
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    assert rested == ["closed"]
    border(slots)  # the other goes on
    assert not slots.acquire()
    slots.release()
    waiting.join(5)
    assert not waiting.is_alive()
    assert not slots.acquire()


def test_who_stands_back_ends_when_the_run_is_cancelled() -> None:
    slots = WorkerSlots(2)
    assert slots.acquire()
    assert slots.acquire()
    slots.throttle()
    slots.yield_slot(lambda: False, lambda: None)
    slots.release()
    slots.release()
    assert slots.acquire()


def test_a_spare_place_is_one_that_no_table_waits_for() -> None:
    slots = WorkerSlots(2)
    slots.queue(1)
    assert not slots.acquire(spare=True)
    slots.queue(0)
    assert slots.acquire(spare=True)


@pytest.mark.parametrize(("number", "throttled"), [(10928, True), (40501, True), (49918, True), (1205, False)])
def test_a_throttled_server_is_told_counted_and_asked_for_less(number: int, throttled: bool, tmp_path: Path) -> None:
    tables = [server_table(n, *NUMBERS.columns, key="ID") for n in "ABCDEF"]
    sink = MemorySink()
    policy = RetryPolicy(first=0.001, longest=0.002)
    busy, at_work, most, told = [2], 0, 0, list[Event]()

    def hook(point: str) -> None:
        nonlocal at_work, most
        if point == "after the commit":
            at_work -= 1
        if point != "before the commit":
            return

        def ask() -> None:
            if busy[0] and sum(isinstance(e, BatchCommitted) for e in told) > 4:
                busy[0] -= 1
                kind = ErrorKind.DEADLOCK if number == 1205 else ErrorKind.BUSY
                raise ServerError(DriverError(number, "The service is busy", kind))

        assert sink.listener is not None
        policy.run(ask, "writing to A", "server", sink.listener, "dbo.A")
        at_work += 1
        if sum(isinstance(e, BatchCommitted) for e in told) > 12:
            most = max(most, at_work)
        time.sleep(0.004)

    sink.hook = hook
    rows = Rows({n: numbers(2_000) for n in "ABCDEF"})
    options = Options(batch_size=100, parallel_tables=4)
    result = run([job(t, rows) for t in tables], sink, tmp_path, options, listener=told.append)
    assert result.complete
    again = [e for e in told if isinstance(e, Retrying)]
    assert [e.throttled for e in again] == [throttled] * 2
    assert [e for e in history(tmp_path)[0] if isinstance(e, Retrying)] == again
    assert (result.retries, result.tables[0].retries, result.tables[1].retries) == (2, 2, 0)
    messages = [e.message.number for e in told if isinstance(e, MessageTold)]
    assert messages == ([6021] if throttled else [])
    assert most <= 2 if throttled else most > 2


def test_retries_are_in_the_figures_of_rehearsals_and_certificate(tmp_path: Path) -> None:
    sink = MemorySink()
    waits = [3]

    def hook(point: str) -> None:
        if waits[0] and point == "before the commit" and sink.listener:
            waits[0] -= 1
            sink.listener(Retrying(1.0, "writing", 1, 0.1, "busy", "dbo.Numbers"))

    sink.hook = hook
    result = run([job(NUMBERS, Rows({"Numbers": numbers(900)}))], sink, tmp_path, Options(batch_size=100))
    path = keep_run(result, tmp_path)
    assert run_record(result)["retries"] == 3
    assert path.with_suffix(".csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")[6] == '"retries"'
    assert side_by_side(records(tmp_path))[0].retries == (3,)
