"""What a change makes stale, and that it is known before it is made."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from tests.stages.conftest import reopened
from wizard.events import Stage, Status
from wizard.messages import (
    RowProblem,
    StageError,
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


def test_a_source_that_is_gone_is_not_told_as_changed(converted: Migration) -> None:
    converted.migrate.run()
    known = {s.key: s.fingerprint for s in converted.data.sources}
    converted.session.observe(dict.fromkeys(known))
    stale = [converted.detail(s) for s in (Stage.SOURCES, Stage.CONVERT, Stage.LOAD, Stage.MIGRATE)]
    gone = "gone: harborbooks.accdb"
    assert stale == [gone, gone, "6 Convert is to be done again", gone]
    assert "8 Migrate must be run again (gone: harborbooks.accdb)" in converted.detail(Stage.LINK)
    converted.project.set_option("descriptions", False)
    assert converted.detail(Stage.CONVERT) == f"{gone}; changed since: options"
    converted.session.observe(known)
    assert converted.detail(Stage.CONVERT) == "changed since: options"


def test_why_a_stage_failed_is_not_told_any_more_once_that_has_changed(migration: Migration) -> None:
    source, known = migration.sources, {s.key: s.fingerprint for s in migration.data.sources}
    kept = migration.path.with_name("away.accdb")
    (path,) = (e.path for e in source.entries())
    path.rename(kept)
    with pytest.raises(StageError):
        migration.prepare()
    assert "is not there" in migration.detail(Stage.SOURCES)
    kept.rename(path)
    migration.session.observe(known)
    assert (migration.status(Stage.SOURCES), migration.detail(Stage.SOURCES)) == (Status.READY, "")


def test_nobody_is_told_to_send_rejects_again_of_a_file_that_is_gone(narrow: Migration) -> None:
    narrow.migrate.run()
    narrow.project.set_repair(RepairRule(RowProblem.UNFIT, Repair.NEAREST))
    assert narrow.migrate.may_be_mended() is not None
    narrow.session.observe({s.key: None for s in narrow.data.sources})
    assert narrow.migrate.may_be_mended() is None


def test_a_kit_that_is_not_there_any_more_is_written_again(narrow: Migration) -> None:
    narrow.migrate.run()
    narrow.link.run()
    again = reopened(narrow)
    assert again.status(Stage.LINK) is Status.DONE
    shutil.rmtree(again.files.link)
    again = reopened(again)
    assert again.status(Stage.LINK) is Status.STALE
    again.one_step(through=Stage.LINK)
    assert again.status(Stage.LINK) is Status.DONE
    assert (again.files.link / "LINKING.md").is_file()
