"""What a change makes stale, and that it is known before it is made."""

from __future__ import annotations

from dataclasses import replace

from wizard.events import Stage, Status
from wizard.messages import (
    RowProblem,
)
from wizard.settings import Repair, RepairRule, SqlVersion, Target, TargetKind
from wizard.stages import Migration


def test_an_option_makes_stale_what_it_matters_to_and_nothing_else(converted: Migration) -> None:
    assert converted.project.set_option("batch_size", 500) == ()
    dates = RepairRule(RowProblem.DATE, Repair.NULL)
    assert converted.project.set_repair(dates) == (), "stages 5 and 8 were not run"
    orphans = RepairRule(RowProblem.ORPHANS, Repair.NULL)
    assert converted.project.set_repair(orphans) == (Stage.CONVERT, Stage.LOAD)
    assert converted.project.reset_repair(orphans) == ()
    assert converted.project.set_option("load_attempts", 5) == ()
    assert converted.project.set_option("descriptions", False) == (Stage.CONVERT, Stage.LOAD)
    assert converted.detail(Stage.CONVERT) == "changed since: options"
    assert converted.project.set_option("descriptions", True) == ()
    assert converted.status(Stage.LOAD) is Status.DONE


def test_what_a_change_makes_stale_is_known_before_it_is_made(converted: Migration) -> None:
    changed = replace(converted.data, target=Target(TargetKind.SQL_SERVER, SqlVersion.V2016))
    foretold = converted.effects(changed)
    assert Stage.CONNECT in foretold
    assert converted.status(Stage.CONNECT) is Status.SKIPPED
    assert converted.project.set_target(changed.target) == foretold
