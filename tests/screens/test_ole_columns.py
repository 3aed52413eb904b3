"""Stage 2: an OLE column's embedded files can be stored in place of the objects, and put back."""

from __future__ import annotations

import shutil
from pathlib import Path

from screens.app import WizardApp
from screens.widgets.object_pane import ObjectDialog
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.settings import Target
from wizard.stages import Migration


def test_an_ole_column_is_stored_unwrapped_when_asked(home: Path) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", target=Target()) as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()
        m.convert.run()

    async def cover(d: Driver) -> None:
        """Look inside Books, and press Enter on its OLE column."""
        await d.tab_to("tree")
        await d.keys("home", *["down"] * d.row("#tree", "Books"), "enter")
        await d.until(lambda: isinstance(d.app.screen, ObjectDialog) and "Cover" in d.text)
        await d.tab_to("columns")
        await d.keys(*["down"] * d.row("#columns", "Cover"))
        await d.keys("enter")

    def unwrapped(d: Driver) -> dict[str, tuple[str, ...]]:
        return dict(d.app.migration.data.sources[0].unwrap)

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        await cover(d)
        assert "Stored now: OLE objects, as Access stores them" in d.text
        await d.click("#answer-unwrap")
        assert "6 Convert" in d.text  # which has to be done again
        await d.click("#answer-yes")
        await d.until(lambda: unwrapped(d) == {"Books": ("Cover",)})
        await d.settle()
        await cover(d)
        assert "Stored now: the embedded files" in d.text
        await d.click("#answer-as-stored")
        await d.until(lambda: unwrapped(d) == {})

    drive(WizardApp(home / "p"), walk)
