"""No button of a stage is cut where the screen ends."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Button

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.stages import Migration


@pytest.fixture
def project(home: Path) -> Path:
    """A package through stage 8."""
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", name="P") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()
        m.assess.run()
        m.one_step()
    return home / "p"


def test_every_button_of_a_stage_is_whole(project: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.open(project)
        await d.until(lambda: d.stage is not None)
        for stage in Stage:
            d.app.go(stage)
            await d.goes_to(stage)
            shown = [b for b in d.app.screen.query(Button) if b.display and b.region.area]
            assert shown, stage
            cut = [str(b.label) for b in shown if b.region.right > d.app.size.width]
            assert not cut, stage

    for width in (60, 80):
        drive(WizardApp(), todo, size=(width, 24))
