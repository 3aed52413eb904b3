"""A worker killed while a screen is attached: the screen says so at once and goes on with the work."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.steering import wait_until_read
from wizard import worker
from wizard.events import Stage, Status
from wizard.settings import Options
from wizard.stages import Migration
from wizard.worker import Command


@pytest.fixture
def long_project(home: Path, slowly: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project before stage 8 whose rows move in small batches, and wait after the first for the gate to open."""
    monkeypatch.setenv("GATE_AT", "BatchCommitted")
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "long") as m:
        m.project.set_options(Options(batch_size=100, parallel_tables=1))
        m.sources.add(home / SAMPLE.name)
        m.prepare()
        m.one_step(through=Stage.LOAD)
    return home / "long"


def test_a_killed_worker_is_noticed_and_its_work_resumed(long_project: Path, slowly: Path) -> None:
    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.MIGRATE)
        await d.pilot.press("f9")
        await d.until(lambda: d.app.at_work is not None and any(t.done for t in d.app.at_work.lines.tables))
        assert "at work" in d.text
        assert d.app.at_work is not None
        os.kill(d.app.at_work.attachment.state.pid, signal.SIGKILL)
        await d.until(lambda: "was cut off" in d.text)
        assert "What is safe" in d.text
        done = sum(t.done for t in d.app.migration.migrate.lines())
        assert 0 < done < 4_458
        slowly.touch()
        await d.pilot.press("enter")
        await d.until(lambda: d.app.status(Stage.MIGRATE) is Status.DONE and d.app.at_work is None, 90)
        await d.settle()
        assert "4,458/4,458 rows" in d.text
        assert "✗ diff." not in d.text

    drive(WizardApp(long_project), walk)


def test_leaving_lets_the_work_go_on_and_coming_back_attaches(long_project: Path, slowly: Path) -> None:
    async def leave(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await d.goes_to(Stage.MIGRATE)
        await d.pilot.press("f9")
        await d.until(lambda: d.app.at_work is not None and bool(d.app.at_work.lines.tables))
        await d.pilot.press("ctrl+q")
        await d.pilot.pause()
        assert "Go on in the background" in d.text
        await d.pilot.press("enter")

    assert drive(WizardApp(long_project), leave).return_value == 0
    assert worker.at_work(long_project) is not None

    async def come_back(d: Driver) -> None:
        await d.until(lambda: d.stage is Stage.MIGRATE)
        await d.until(lambda: any(t.done for t in d.app.migration.migrate.known_lines()))
        watch = d.app.at_work
        assert watch is not None
        await d.pilot.press("ctrl+q")
        await d.pilot.pause()
        await d.pilot.press("tab", "enter")  # stop at the next batch

    drive(WizardApp(long_project), come_back)
    wait_until_read(long_project, Command.CANCEL)
    slowly.touch()
    attachment = worker.attach(long_project)
    for _ in attachment.follow():
        pass
    with Migration.open(long_project) as m:
        assert m.status(Stage.MIGRATE) is Status.READY
        assert 0 < sum(t.done for t in m.migrate.lines()) < 4_458
