"""A short run of the battery at every change; `python -m tests.bench.battery` runs it long."""

from __future__ import annotations

import pytest

from tests.sqlserver.battering import PAIRS, SHAPES, Maker, run
from tests.sqlserver.client import Checker

pytestmark = pytest.mark.oracle
SECONDS = 15
"""of a machine that does nothing else; what a slower one has not done by then is left out"""
MOST = 600


@pytest.mark.parametrize(("version", "seed", "maker"), [("2016", 1, PAIRS), ("azure", 2, PAIRS), ("2017", 3, SHAPES)])
def test_nothing_that_the_battery_makes_is_refused(checker: Checker, version: str, seed: int, maker: Maker) -> None:
    outcome = run(checker, version, seed, seconds=SECONDS / 3, most=MOST // 3, maker=maker)
    assert outcome.converted >= min(outcome.queries, 100) // 2
    assert not outcome.refused, "\n".join(map(str, outcome.refused[:10]))
