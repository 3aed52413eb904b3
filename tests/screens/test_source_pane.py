"""Stage 2 shows what stays in Access: a form with the code behind it, a module, a macro."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.widgets.object_pane import ObjectDialog, ObjectPane
from tests.conftest import SHARED
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.stages import Migration, SourceObjectType

FILE = SHARED / "application" / "corpus" / "vcs_testing2020.accdb"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILE.is_file(), reason="needs the databases of ../shared, which is not here"),
]


def test_forms_modules_and_macros_are_looked_into(home: Path) -> None:
    shutil.copy(FILE, home)
    with Migration.create(home / "p") as m:
        key = m.sources.add(home / FILE.name).key
        objects = m.sources.objects(key)

    def shows(d: Driver, text: str) -> bool:
        return text in d.app.screen.query_one(ObjectPane).copy_text() and "Source" in d.text

    def found(kind: SourceObjectType, name: str) -> ObjectDialog:
        one = next(o for o in objects if (o.type, o.name) == (kind, name))
        return ObjectDialog(lambda: d_app[0].migration, key, one)

    d_app: list[WizardApp] = []

    async def walk(d: Driver) -> None:
        d_app.append(d.app)
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        for kind, name, text in (
            (SourceObjectType.FORM, "frmMain", "Sub "),
            (SourceObjectType.MODULE, "basUtility", "Option "),
            (SourceObjectType.MACRO, "AutoExec", 'OpenForm "frmMain"'),
        ):
            await d.app.push_screen(found(kind, name))
            await d.until(partial(shows, d, text))
            await d.keys("escape")

    drive(WizardApp(home / "p"), walk)
