"""The rate and the time left that people are shown while rows move."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wizard.events import BatchCommitted, PauseChanged, Retrying, TableStarted
from wizard.stages.pace import Pace
from wizard.stages.views import TableProgress


def batch(at: float, table: str, done: int) -> BatchCommitted:
    return BatchCommitted(at, table, done, 0, 100_000, done * 10, at)


def test_the_time_left_does_not_jump() -> None:
    pace = Pace()
    pace(TableStarted(1_000.0, "a", 100_000))
    assert pace.left([TableProgress("a", 100_000)]) is None
    shown = []
    for step in range(1, 40):
        hiccup = 0.4 if step % 5 == 0 else 0.0
        pace(batch(1_000 + step * 0.5 + hiccup, "a", step * 1_000))
        shown.append(pace.left([TableProgress("a", 100_000, done=step * 1_000, status="running")]) or 0)
    assert all(abs(b - a) < 12 for a, b in pairwise(shown[5:]))
    assert shown[-1] == pytest.approx(30, rel=0.3)


def test_tables_that_begin_and_end_do_not_change_the_rate() -> None:
    pace, rates = Pace(), []
    for n in range(20):
        pace(TableStarted(10.0 + n, f"t{n}", 1_000))
        for part in range(1, 5):
            pace(batch(10.0 + n + part / 4, f"t{n}", part * 250))
            rates.append(pace.rate)
    assert rates == [pytest.approx(1_000)] * len(rates)
    assert pace.bytes == 200_000
    done = [TableProgress(f"t{n}", 1_000, done=1_000, status="migrated") for n in range(20)]
    assert pace.left([*done, TableProgress("next", 5_000)]) == pytest.approx(5)


def test_rows_of_an_earlier_run_and_pauses_do_not_count() -> None:
    pace = Pace()
    pace(TableStarted(0.5, "a", 100_000, done=90_000))
    pace(batch(1.5, "a", 91_000))
    pace(PauseChanged(1.5, paused=True))
    pace(PauseChanged(601.5, paused=False))
    pace(batch(602.5, "a", 92_000))
    assert pace.rate == pytest.approx(1_000)


def test_retries_are_counted_by_table() -> None:
    pace = Pace()
    for table in ("a", "a", ""):
        pace(Retrying(1.0, "writing", 1, 0.5, "busy", table))
    assert pace.retries == {"a": 2, "": 1}
