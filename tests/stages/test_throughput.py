"""The rate and the time left that people are shown while rows move."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wizard.events import BatchCommitted, Event, PauseChanged, Retrying, TableFinished, TableStarted
from wizard.outcomes import TableState
from wizard.stages.project_log import line
from wizard.stages.table_history import table_runs
from wizard.stages.table_throughput import TableThroughput
from wizard.stages.throughput import Throughput, duration
from wizard.stages.views import TableProgress


def batch(at: float, table: str, done: int) -> BatchCommitted:
    return BatchCommitted(at, table, done, 0, 100_000, done * 10, at)


def test_the_time_left_does_not_jump() -> None:
    pace = Throughput()
    pace(TableStarted(1_000.0, "a", 100_000))
    assert pace.left([TableProgress("a", 100_000)]) is None
    shown = []
    for step in range(1, 40):
        hiccup = 0.4 if step % 5 == 0 else 0.0
        pace(batch(1_000 + step * 0.5 + hiccup, "a", step * 1_000))
        shown.append(pace.left([TableProgress("a", 100_000, done=step * 1_000, status=TableState("running"))]) or 0)
    assert all(abs(b - a) < 12 for a, b in pairwise(shown[5:]))
    assert shown[-1] == pytest.approx(30, rel=0.3)


def test_tables_that_begin_and_end_do_not_change_the_rate() -> None:
    pace, rates = Throughput(), []
    for n in range(20):
        pace(TableStarted(10.0 + n, f"t{n}", 1_000))
        for part in range(1, 5):
            pace(batch(10.0 + n + part / 4, f"t{n}", part * 250))
            rates.append(pace.rate)
    assert rates == [pytest.approx(1_000)] * len(rates)
    assert pace.bytes == 200_000
    done = [TableProgress(f"t{n}", 1_000, done=1_000, status=TableState("migrated")) for n in range(20)]
    assert pace.left([*done, TableProgress("next", 5_000)]) == pytest.approx(5)


def test_rows_of_an_earlier_run_and_pauses_do_not_count() -> None:
    pace = Throughput()
    pace(TableStarted(0.5, "a", 100_000, done=90_000))
    pace(batch(1.5, "a", 91_000))
    pace(PauseChanged(1.5, paused=True))
    pace(PauseChanged(601.5, paused=False))
    pace(batch(602.5, "a", 92_000))
    assert pace.rate == pytest.approx(1_000)


def test_retries_are_counted_by_table() -> None:
    pace = Throughput()
    for table in ("a", "a", ""):
        pace(Retrying(1.0, "writing", 1, 0.5, "busy", table))
    assert pace.retries == {"a": 2, "": 1}


GONE_ON_WITH: tuple[Event, ...] = (
    TableStarted(0.5, "a", 100_000, done=90_000),
    batch(1.5, "a", 91_000),
    PauseChanged(1.5, paused=True),
    PauseChanged(601.5, paused=False),
    batch(602.5, "a", 92_000),
)
"""a table of which most was there before the run, paused for ten minutes"""


def test_a_table_alone_is_as_fast_as_all_tables_together() -> None:
    pace, throughput = Throughput(), TableThroughput()
    for event in GONE_ON_WITH:
        pace(event)
        throughput(event)
        assert throughput.rate("a") == pace.rate
    assert throughput.rate("a") == pytest.approx(1_000)
    together = pace.left([TableProgress("a", 100_000, done=92_000, status=TableState("running"))])
    assert together is not None
    assert throughput.left("a", 8_000) == duration(together) == "8 s"
    assert throughput.left("a", 0) == ""
    assert (throughput.rate("b"), throughput.left("b", 100)) == (0, "")


def test_a_table_that_begins_during_a_pause_is_not_slowed_by_it() -> None:
    throughput = TableThroughput()
    for event in (
        PauseChanged(1.0, paused=True),
        TableStarted(2.0, "a", 5_000),
        PauseChanged(102.0, paused=False),
        batch(103.0, "a", 1_000),
    ):
        throughput(event)
    assert throughput.rate("a") == pytest.approx(1_000)


def test_lines_tell_the_rate_of_this_run_and_not_of_rows_that_were_there() -> None:
    throughput, lines = TableThroughput(), []
    for event in (*GONE_ON_WITH, TableFinished(603.0, "a", 100_000, 0, 602.5, TableState("migrated"))):
        throughput(event)
        lines.append(line(event, throughput))
    assert lines[1].startswith("a: 91,000/100,000 rows, 1,000 rows/s")
    assert lines[4].startswith("a: 92,000/100,000 rows, 1,000 rows/s")
    assert lines[4].endswith(", 8 s left")
    assert lines[5] == "a: done, 100,000 rows, 10,000 of them now, in 602.5 s"


def test_the_seconds_of_a_table_are_those_of_all_its_runs_since_it_was_begun() -> None:
    events: tuple[Event, ...] = (
        TableStarted(1, "a", 900),
        TableFinished(2, "a", 900, 0, 9.0, TableState("migrated")),
        TableFinished(3, "a", 0, 0, 0.0, TableState("waiting")),  # emptied
        TableStarted(4, "a", 900),
        BatchCommitted(5, "a", 100, 0, 900, 1, 1.5),
        TableFinished(6, "a", 100, 0, 2.0, TableState("cancelled")),
        TableStarted(7, "a", 900, done=100),
        BatchCommitted(8, "a", 400, 0, 900, 1, 3.0),  # and killed
        TableFinished(9, "b", 0, 0, 0.0, TableState("skipped")),
        TableStarted(10, "a", 900, done=400),
        TableFinished(11, "a", 900, 0, 4.0, TableState("migrated")),
    )
    found = [(t.status, t.rows, t.seconds, t.in_all) for t in table_runs(events)]
    assert found == [("migrated", 900, 9.0, 9.0), ("cancelled", 100, 2.0, 2.0), ("migrated", 500, 4.0, 9.0)]


@pytest.mark.parametrize("lost", ["damaged", "unread", "rounded"])
def test_the_log_calls_no_table_done_that_has_losses(lost: str) -> None:
    event = TableFinished(0.0, "dbo.A", 3, 0, 1.0, TableState.LOSSES, **{lost: 2})
    assert "done with losses" in line(event, TableThroughput())
