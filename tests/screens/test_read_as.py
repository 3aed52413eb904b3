"""How a source is read can be changed after it was added (code pages: test_adding)."""

from __future__ import annotations

import shutil
from pathlib import Path

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status
from wizard.stages import Migration


def test_salvage_is_chosen_after_the_file_was_added_and_makes_stage_2_stale(home: Path) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        await d.click("#read-as")
        await d.click("#salvage")
        await d.click("#ok")
        await d.until(lambda: "Stages to be done again" in d.text)
        await d.keys("enter")
        assert d.app.migration.data.sources[0].salvage
        assert d.app.status(Stage.SOURCES) is Status.STALE
        assert "Tables" in d.text

    drive(WizardApp(home / "p"), walk)
