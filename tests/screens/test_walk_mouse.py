"""The whole way at 80x24 with the mouse only: Back, Skip, an option, an edit and a stale stage among the clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList
from textual.widgets._footer import FooterKey

from screens.app import WizardApp
from screens.widgets.listing import Listing
from screens.widgets.stage_rail import Rail
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status


async def choose(d: Driver, row: int) -> None:
    """A click on a line of the start screen."""
    await d.pilot.click(OptionList, offset=(4, row))
    await d.settle()


@pytest.mark.timeout(300)
def test_from_the_sample_to_an_offline_package_with_the_mouse(home: Path) -> None:
    async def walk(d: Driver) -> None:
        await choose(d, 2)
        await d.goes_to(Stage.PROJECT)
        await d.click("#--content-tab-tab-options")
        options = d.app.screen.query_one("#options", Listing)
        at = d.row("#options", "Descriptions")
        await d.click("#options", row=at)
        await d.click("#options", row=at)
        assert str(options.rows[at][1]).strip() == "* no"
        assert not d.app.migration.data.options.descriptions
        await d.click("#next")
        await d.goes_to(Stage.SOURCES)
        publishers = d.row("#tree", "Publishers")
        await d.click("#tree", row=publishers, x=7)
        assert "Publishers" not in [
            o.name for o in d.app.migration.sources.objects("harborbooks") if o.chosen and o.type == "table"
        ]
        await d.click("#tree", row=publishers, x=7)
        await d.click("#tree", row=publishers, x=14)
        await d.click("#pane-tabs #--content-tab-pane-rows")
        assert "Harbor" in d.text or "rows 1 to 7" in d.text
        await d.click("#close")
        await d.click("#next")
        await d.goes_to(Stage.CONNECT)
        await d.click("#back")
        await d.goes_to(Stage.SOURCES)
        await d.click("#next")
        await d.goes_to(Stage.CONNECT)
        await d.click("#next")
        await d.goes_to(Stage.MAP)
        await d.click("#next")
        await d.goes_to(Stage.ASSESS)
        await d.click("#next")
        assert "Check constraints" in d.text
        await d.click("#--content-tab-tab-messages")
        await d.click("#messages-tree", row=0, x=0)
        assert "harborbooks." in d.text
        await d.click("#next")
        await d.goes_to(Stage.CONVERT)
        await d.click("#next")
        await d.click("#tree", row=d.row("#tree", "Authors"), x=12)
        assert "Authors: Access and T-SQL; ± has another name or type" in d.text
        await d.pilot.click(next(k for k in d.app.screen.query(FooterKey) if k.action == "turn"), offset=(1, 0))
        await d.settle()
        assert "CREATE TABLE" in d.text
        assert "[dbo].[Authors]" in d.text
        await d.click("#edit")
        born = d.row("#columns", "Born", 1)
        await d.click("#columns", row=born)
        await d.click("#columns", row=born)
        await d.click("#answer-null")
        await d.until(lambda: len(d.app.migration.data.edits) == 1)
        await d.click("#done")
        assert "✓* Authors" in d.text
        await d.click("#next")
        await d.goes_to(Stage.LOAD)
        await d.click("#next")
        await d.until(lambda: d.app.status(Stage.LOAD) is Status.DONE)
        await d.settle()
        await d.click("#next")
        await d.goes_to(Stage.MIGRATE)
        await d.click("#next")
        # Born is NOT NULL by hand now, and two authors have none
        await d.until(lambda: d.app.status(Stage.MIGRATE) is Status.LOSSES)
        await d.settle()
        await d.click("#report")
        assert "What became of every table" in d.text
        await d.click("#close")
        # a change of heart in stage 2 reaches further, says so first, and is gone through again
        await d.pilot.click(Rail, offset=(4, Stage.SOURCES.number - 1))
        await d.goes_to(Stage.SOURCES)
        await d.click("#tree", row=d.row("#tree", "Publishers"), x=7)
        await d.until(lambda: "Stages to be done again" in d.text)
        await d.click("#answer-yes")
        assert d.app.status(Stage.CONVERT) is Status.STALE
        while d.stage is not Stage.LINK:
            await d.pilot.click("#next")
            await d.pilot.pause(0.1)
            await d.until(lambda: d.app.at_work is None and not d.app.starting)
            await d.settle()
        await d.click("#skip")
        assert "Finish with losses?" in d.text
        assert "Authors" in d.text
        await d.pilot.click("#answer-leave")

    app = drive(WizardApp(), walk)
    assert app.return_value == 3
    data = home / "jetferry-demo" / "harborbooks.jetferry" / "package" / "data"
    assert len(list(data.glob("*.dat"))) == 9
    assert not list(data.glob("*Publishers*")), "what was left out later is not in the package any more"
