"""A short run of the battery at every change; `python -m tests.bench.battery` runs it long."""

from __future__ import annotations

import pytest

from tests.sqlserver.battering import PAIRS, SHAPES, Maker, run
from tests.sqlserver.client import Checker

pytestmark = pytest.mark.oracle
SECONDS = 15
"""of a machine that does nothing else; what a slower one has not done by then is left out"""
MOST = 600


@pytest.mark.parametrize(
    ("version", "seed", "maker", "types"),
    [("2016", 1, PAIRS, False), ("azure", 2, PAIRS, False), ("2017", 3, SHAPES, False), ("2016", 11, PAIRS, True)],
)
def test_nothing_that_the_battery_makes_is_refused(
    checker: Checker, version: str, seed: int, maker: Maker, *, types: bool
) -> None:
    outcome = run(checker, version, seed, seconds=SECONDS / 4, most=MOST // 4, maker=maker, types=types)
    assert outcome.converted >= min(outcome.queries, 100) // 2
    assert not outcome.refused, "\n".join(map(str, outcome.refused[:10]))
