"""No button of a stage is cut where the screen ends."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Button

from screens.app import WizardApp
from tests.screens.conftest import Driver, drive
from wizard.events import Stage


def test_every_button_of_a_stage_is_whole(finished: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.open(finished)
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
