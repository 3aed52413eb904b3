"""Secrets planted in a source are on no screen, in no toast and in no report of an error."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from screens.app import WizardApp
from tests.screens.conftest import Driver, drive
from wizard import crash_report
from wizard.events import Stage
from wizard.stages import Migration

PLANTED = "SEKRET"


def project(shared: Path, folder: Path) -> tuple[Path, list[str]]:
    """Everything done to a source full of secrets, into a package; and what panes show of its objects."""
    source = folder / "pwd.accdb"
    shutil.copyfile(shared / "hostile" / source.name, source)
    with Migration.create(folder / "p") as migration:
        migration.sources.add(source)
        migration.prepare()
        migration.assess.run()
        migration.one_step(through=Stage.LINK)
        sources, told = migration.sources, []
        for found in sources.objects("pwd"):
            told.append(repr(found))
            told.append(sources.source_text("pwd", found.type, found.name))
        told += [repr(migration.convert.sides(item.ref)) for item in migration.convert.items()]
        told += [repr(sources.entries()), repr(sources.back_ends("pwd")), repr(migration.migrate.result)]
        return migration.path, told


@pytest.mark.corpus
def test_every_screen_of_a_source_full_of_secrets_shows_none(home: Path, shared: Path) -> None:
    path, shown = project(shared, home)

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.app.has_project)
        for stage in Stage:
            d.app.go(stage)
            await d.goes_to(stage)
            shown.extend((d.text, d.words, d.told, d.app.export_screenshot()))
        await d.keys("f2")  # all messages of all stages
        shown.extend((d.text, d.words))

    drive(WizardApp(path), walk, size=(220, 70))
    whole = "\n".join(shown)
    assert "DATABASE=" in whole, "connection strings are shown, without their secrets"
    assert PLANTED not in whole


def test_a_report_of_an_error_holds_no_value(home: Path) -> None:
    try:
        try:
            int(PLANTED)
        except ValueError as e:
            raise RuntimeError(PLANTED) from e
    except RuntimeError as e:
        report = crash_report.write(e, "test")
    assert report
    text = report.read_text(encoding="utf-8")
    assert "which led to" in text
    assert "RuntimeError" in text
    assert PLANTED not in text.replace("(PLANTED)", "")
