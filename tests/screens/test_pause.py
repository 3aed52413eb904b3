"""Stage 8 from the screen: paused, left, found paused, resumed, stopped and gone on with while rows move."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from textual.widgets import Button

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.steering import wait_until_read
from wizard import worker
from wizard.events import Stage, Status
from wizard.settings import Options
from wizard.stages import Migration
from wizard.worker import Command

ROWS = 4_458


@pytest.fixture
def project(home: Path) -> Path:
    """A project before stage 8 whose rows move in many small batches, a table at a time."""
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.project.set_options(Options(batch_size=100, parallel_tables=1))
        m.sources.add(home / SAMPLE.name)
        m.prepare()
        m.one_step(through=Stage.LOAD)
    return home / "p"


def moved(d: Driver) -> int:
    assert d.app.at_work is not None
    return sum(t.done for t in d.app.at_work.lines.tables)


def test_rows_under_way_are_paused_resumed_stopped_and_gone_on_with(
    project: Path, slowly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATE_AT", "BatchCommitted")

    async def pause_and_leave(d: Driver) -> None:
        await d.goes_to(Stage.MIGRATE)
        assert d.app.screen.query_one("#pause", Button).disabled
        await d.pilot.press("f9")
        await d.until(lambda: d.app.at_work is not None and moved(d) > 0)
        await d.until(lambda: "at work on migrate" in d.text)
        await d.pilot.press("p")
        await d.until(lambda: "Paused. Resume goes on where it was." in d.text)
        slowly.touch()
        before = moved(d)
        await d.pilot.pause(3 * worker.POLL)
        assert 0 < moved(d) <= before + 100 < ROWS, "at most the batch under way came through"
        slowly.unlink()
        await d.pilot.press("ctrl+q")
        await d.pilot.pause()
        await d.pilot.press("enter")

    async def come_back(d: Driver) -> None:
        await d.until(lambda: "Paused. Resume goes on where it was." in d.text)
        assert "paused on migrate" in d.text
        pause = d.app.screen.query_one("#pause", Button)
        assert (str(pause.label), pause.disabled) == ("[Resume]", False)
        before = moved(d)
        await d.pilot.click("#pause")
        await d.until(lambda: moved(d) > before)
        await d.until(lambda: str(pause.label) == "[Pause]")
        await d.pilot.click("#stop")
        await d.pilot.pause()
        assert "What has arrived is kept" in d.text
        await d.pilot.click("#answer-stop")
        await asyncio.to_thread(wait_until_read, project, Command.CANCEL)
        slowly.touch()
        await d.until(lambda: d.app.at_work is None)
        await d.settle()
        assert "Stopped, as you asked" in d.told
        stopped = sum(t.done for t in d.app.migration.migrate.lines())
        assert 0 < stopped < ROWS
        assert d.app.status(Stage.MIGRATE) is Status.READY
        await d.pilot.press("f9")
        await d.until(lambda: d.app.status(Stage.MIGRATE) is Status.DONE and d.app.at_work is None, 60)
        await d.settle()
        assert "4,458/4,458 rows" in d.text

    drive(WizardApp(project), pause_and_leave)
    assert worker.at_work(project) is not None
    drive(WizardApp(project), come_back)
    with Migration.open(project) as m:
        assert m.migrate.verify().equal
        assert sum(t.done for t in m.migrate.lines()) == ROWS
