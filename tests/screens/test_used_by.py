"""Stages 2 and 6 show what depends on the object under the cursor."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Static, TabbedContent

from screens.app import WizardApp
from screens.widgets.object_pane import ObjectDialog
from tests.conftest import SHARED
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.stages import Migration, SourceObjectType

FILE = SHARED / "application" / "corpus" / "faculty.accdb"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILE.is_file(), reason="needs the databases of ../shared, which is not here"),
]


def test_dependents_of_a_table(home: Path) -> None:
    shutil.copy(FILE, home)
    with Migration.create(home / "p") as m:
        key = m.sources.add(home / FILE.name).key
        table = next(o for o in m.sources.objects(key) if (o.type, o.name) == (SourceObjectType.TABLE, "Faculty"))
        m.prepare()
        m.convert.run()

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        dialog = ObjectDialog(lambda: d.app.migration, key, table)
        await d.app.push_screen(dialog)
        await d.until(lambda: dialog.query_one("#pane-tabs").display)
        dialog.query_one("#pane-tabs", TabbedContent).active = "pane-uses"
        await d.until(lambda: "query Faculty Extended" in d.text and "form Faculty Details" in d.text)
        await d.keys("escape")
        d.app.go(Stage.CONVERT)
        await d.goes_to(Stage.CONVERT)
        await d.keys("home", "down")
        told = d.app.screen.query_one("#told-text", Static)
        await d.until(lambda: "Used by" in str(told.content))

    drive(WizardApp(home / "p"), walk)
