"""An open project: its listeners, work that is cancelled, and its lock handed over."""

from __future__ import annotations

import pytest

from wizard.events import Event, Progress, Stage, StageChanged, Status
from wizard.messages import (
    ProjectError,
)
from wizard.stages import CancellationToken, Migration, StoppedError


@pytest.mark.parametrize("stage", [Stage.ASSESS, Stage.CONVERT, Stage.LOAD, Stage.MIGRATE])
def test_a_stage_cancelled_between_units_loses_nothing(migration: Migration, stage: Stage) -> None:
    migration.prepare()
    if stage.number > Stage.CONVERT.number:
        migration.one_step(through=list(Stage)[stage.number - 2])
    cancel = CancellationToken()

    def stop(event: Event) -> None:
        if isinstance(event, StageChanged) and event.stage is stage and event.status is Status.RUNNING:
            cancel.cancel("test")

    ended = migration.listen(stop)
    work = {Stage.ASSESS: migration.assess.run, Stage.CONVERT: migration.convert.run, Stage.LOAD: migration.load.run}
    with pytest.raises(StoppedError):
        work.get(stage, migration.migrate.run)(cancel)
    ended()
    assert migration.status(stage) is Status.READY
    migration.one_step()
    assert migration.status(Stage.MIGRATE) is Status.DONE


def test_a_listener_hears_everything_and_can_leave(migration: Migration) -> None:
    told: list[Event] = []
    ended = migration.listen(told.append)
    migration.prepare()
    ended()
    count = len(told)
    migration.convert.run()
    assert len(told) == count
    assert any(isinstance(e, Progress) for e in told)
    last = {e.stage: e.status for e in told if isinstance(e, StageChanged)}
    assert last[Stage.MAP] is Status.DONE


def test_handing_over_and_taking_back(migration: Migration) -> None:
    migration.prepare()
    migration.release()
    with pytest.raises(ProjectError, match="JF8011"):
        migration.project.set_name("other")
    with Migration.open(migration.path, what="worker") as worker:
        worker.one_step()
    migration.take_back()
    assert migration.status(Stage.MIGRATE) is Status.DONE
    assert migration.convert.conversion.tables
