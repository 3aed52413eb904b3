"""The whole way at 80x24 with keys only: from the sample to an offline package, with detours."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.app import WizardApp
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status


async def to_convert(d: Driver) -> None:
    """From the start screen through the first stages, leaving a table out and skipping stage 5."""
    await d.keys("s")
    await d.goes_to(Stage.PROJECT)
    assert "Say where the data goes" in d.text
    await d.keys("f9")
    await d.goes_to(Stage.SOURCES)
    await d.keys("slash")
    await d.type("user")
    await d.keys("enter", "end")
    assert d.app.screen.query_one("#tree").node.label == "User"
    await d.keys("space")
    assert "9 tables" in d.text or "9 of 10" in d.text
    await d.keys("slash", "ctrl+u", "enter")
    await d.keys("f9")
    await d.goes_to(Stage.CONNECT)
    assert "no server is needed" in d.text
    await d.keys("f9")
    await d.goes_to(Stage.MAP)
    await d.keys("f9")
    await d.goes_to(Stage.ASSESS)
    await d.keys("f8")
    await d.goes_to(Stage.CONVERT)


@pytest.mark.timeout(300)
def test_from_the_sample_to_an_offline_package_with_keys(home: Path) -> None:
    async def walk(d: Driver) -> None:
        await to_convert(d)
        assert d.app.status(Stage.ASSESS) is Status.SKIPPED
        await d.keys("f9")
        assert "✓  Publishers" in d.text
        # a column is edited: refused where impossible, kept where it can be
        await d.keys("home", "down", "enter")
        assert "Edit Publishers" in d.text
        await d.keys("down", "enter", "enter")
        await d.keys("end", "ctrl+u")
        await d.type("nonsense(3)")
        await d.keys("enter")
        assert d.app.screen.query_one("#why").content
        assert d.app.screen.query_one("#answer").value == "nonsense(3)", "what was typed is still there"
        await d.keys("end", "ctrl+u")
        await d.type("nvarchar(120)")
        await d.keys("enter")
        assert "nvarchar(120)" in d.text
        await d.keys("escape")
        assert "✓* Publishers" in d.text
        # back to the assessment that was skipped, and forward again
        await d.keys("f7")
        await d.goes_to(Stage.ASSESS)
        await d.keys("f9")
        await d.goes_to(Stage.CONVERT)
        await d.keys("f9")
        await d.goes_to(Stage.LOAD)
        await d.keys("f9")
        await d.until(lambda: d.app.status(Stage.LOAD) is Status.DONE)
        await d.settle()
        await d.keys("f9")
        await d.goes_to(Stage.MIGRATE)
        await d.keys("f9")
        await d.until(lambda: d.app.status(Stage.MIGRATE) is Status.DONE)
        await d.settle()
        # a change of heart in stage 2 reaches further, says so first, and loses nothing
        await d.keys("f3", *["up"] * 6, "enter")
        await d.goes_to(Stage.SOURCES)
        await d.keys("home", "down", "down", "space")
        assert "Stages to be done again" in d.text
        assert "6 Convert" in d.text
        await d.keys("enter")
        assert d.app.status(Stage.CONVERT) is Status.STALE
        for _ in range(40):
            if d.stage is Stage.LINK:
                break
            await d.keys("f9")
            await d.pilot.pause(0.1)
            await d.settle()
        assert d.stage is Stage.LINK
        assert d.app.migration.data.edits, "the edit by hand is still there"
        await d.keys("f9")
        assert d.app.status(Stage.LINK) is Status.DONE
        # queries of the table that was left out cannot go: who finishes is told
        await d.keys("f9")
        assert "Finish with losses?" in d.text
        assert "was not converted" in d.text
        await d.pilot.press("right", "enter")

    app = drive(WizardApp(), walk)
    assert app.return_value == 3
    package = home / "jetferry-demo" / "harborbooks.jetferry" / "package"
    tables = (package / "010-tables.sql").read_text(encoding="utf-8-sig")
    assert "nvarchar(120)" in tables
    assert "[User]" not in tables
