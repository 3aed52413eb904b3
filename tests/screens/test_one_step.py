"""Convert, load and migrate in one step, and rules for one table: from the screens alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from textual.widgets import Select

from screens.app import WizardApp
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status
from wizard.stages import Migration


def test_one_step_does_all_three_with_the_same_progress(home: Path) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.ASSESS)
        await d.keys("f8")
        await d.goes_to(Stage.CONVERT)
        await d.keys("f5")
        assert "What is not done yet of the three, one after the other" in d.words
        await d.pilot.press("enter")
        await d.until(lambda: d.app.status(Stage.MIGRATE) is Status.DONE and d.app.at_work is None, 60)
        await d.settle()
        assert "4,458/4,458 rows" in d.text
        assert [d.app.status(s) for s in (Stage.CONVERT, Stage.LOAD)] == [Status.DONE, Status.DONE]

    drive(WizardApp(home / "p"), walk)


def test_a_type_rule_for_one_table_is_made_and_refused_where_impossible(home: Path) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.PROJECT)
        await d.tab("#tabs", "tab-types")
        await d.click("#rule-table")
        await d.type("Orders")
        await d.keys("enter")
        assert d.app.screen.query_one("#level", Select).value == "harborbooks\0Orders"
        await d.click("#rule-add")
        d.app.screen.query_one("#source", Select).value = "currency"
        d.app.screen.query_one("#target").value = "bit"
        await d.settle()
        assert d.app.screen.query_one("#ok").disabled
        d.app.screen.query_one("#target").value = "decimal(19,4)"
        await d.settle()
        await d.click("#ok")
        rules = d.app.migration.data.types.tables["harborbooks", "Orders"]
        assert [(r.source, r.target) for r in rules] == [("currency", "decimal(19,4)")]
        assert "decimal(19,4)" in d.text

    drive(WizardApp(home / "p"), walk)
