"""How a source is read can be changed after it was added; a way that cannot be leaves it as it was."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.access import AccessFile
from wizard.events import Stage, Status
from wizard.messages import SourceError
from wizard.stages import Migration


def test_salvage_and_code_page_are_changed_after_the_file_was_added(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()

    really = AccessFile.open

    def opened(*args: Any, code_page: str | None = None, **more: Any) -> AccessFile:
        if code_page:
            raise SourceError(8200, path=args[0])
        return really(*args, **more)

    monkeypatch.setattr(AccessFile, "open", opened)

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        await d.click("#read-as")
        d.app.screen.query_one("#salvage").focus()
        await d.keys("space")
        await d.click("#ok")
        if "This change reaches further" in d.text:
            await d.keys("enter")
        assert d.app.migration.data.sources[0].salvage
        assert d.app.status(Stage.SOURCES) is Status.STALE
        await d.click("#read-as")
        d.app.screen.query_one("#code-page", Input).value = "cp1251"
        await d.click("#ok")
        assert "What is safe" in d.text
        assert d.app.migration.data.sources[0].code_page == ""
        await d.keys("enter")
        assert "Tables" in d.text

    drive(WizardApp(home / "p"), walk)
