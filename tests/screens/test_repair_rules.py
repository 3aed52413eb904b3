"""A repair rule made where a finding of the data assessment is shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Input, Select

from screens.app import WizardApp
from screens.repair_dialog import RepairDialog
from screens.widgets.listing import Listing
from tests.conftest import SAMPLE
from tests.old_rows import OLD_ROWS, written
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status
from wizard.messages import RowProblem
from wizard.settings import Repair, RepairRule, TypeRule
from wizard.stages import Migration, SourceObjectType


def test_a_finding_of_stage_five_gets_a_repair_rule(home: Path) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.sources.select_none("harborbooks")
        m.sources.select("harborbooks", SourceObjectType.TABLE, ["Authors"], True)
        m.project.set_rules((TypeRule("date", "datetime"),))
        m.prepare()

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.ASSESS)
        await d.keys("f9")
        await d.until(lambda: "The other tabs (F4)" in d.text)
        await d.tab("#tabs", "tab-data")
        await d.until(lambda: "JF4004" in d.text)
        assert "JF4060" in d.text, "the rows that will be rejected are announced"
        row = d.row("#data-tree", "JF4004", 1)
        await d.click("#data-tree", row=row)
        await d.keys("r")
        assert isinstance(d.app.screen, RepairDialog)
        assert "dates that the type cannot hold" in d.text
        d.app.screen.query_one("#repair", Select).value = "value"
        await d.until(lambda: not d.app.screen.query_one("#value", Input).disabled)
        await d.until(lambda: "needs the value" in d.text)
        d.app.screen.query_one("#value", Input).value = "abc"
        await d.until(lambda: "'abc' is no date" in d.text)
        d.app.screen.query_one("#value", Input).value = "1800-01-01"
        await d.until(lambda: "is no date" not in d.text)
        d.app.screen.query_one("#place", Select).value = "2"  # the source
        await d.click("#ok")
        if "Stages to be done again" in d.text:
            await d.click("#answer-yes")
        await d.until(lambda: bool(d.app.migration.data.repairs))
        (rule,) = d.app.migration.data.repairs
        assert rule == RepairRule(RowProblem.DATE, Repair.VALUE, "1800-01-01", "harborbooks")
        assert d.app.status(Stage.ASSESS) is Status.STALE

    drive(WizardApp(home / "p"), walk)


@pytest.mark.parametrize(
    ("code", "words", "trouble", "repair", "place"),
    [
        ("JF2094", "rows that are not there", RowProblem.ORPHANS, Repair.PLACEHOLDER, "Orders"),
        ("JF2095", "share what must be unique", RowProblem.DUPLICATES, Repair.REJECT, "Customers"),
    ],
)
def test_orphans_and_duplicates_get_their_rules_where_they_are_told(
    home: Path, code: str, words: str, trouble: RowProblem, repair: Repair, place: str
) -> None:
    database = written(home / "harborbooks.accdb", *OLD_ROWS)
    with Migration.create(home / "p") as m:
        m.sources.add(database)
        m.sources.select_none("harborbooks")
        m.sources.select("harborbooks", SourceObjectType.TABLE, ["Customers", "Orders"], True)
        m.prepare()
        m.assess.run()

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.ASSESS)
        await d.goes_to(Stage.ASSESS)
        await d.tab("#tabs", "tab-data")
        await d.until(lambda: code in d.text)
        await d.click("#data-tree", row=d.row("#data-tree", code, 1))
        await d.keys("r")
        assert isinstance(d.app.screen, RepairDialog)
        assert words in d.text
        d.app.screen.query_one("#repair", Select).value = repair.value
        await d.click("#ok")
        if "Stages to be done again" in d.text:
            await d.click("#answer-yes")
        await d.until(lambda: bool(d.app.migration.data.repairs))
        (rule,) = d.app.migration.data.repairs
        assert (rule.trouble, rule.repair, rule.table) == (trouble, repair, place)

    drive(WizardApp(home / "p"), walk)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["narrow", "wide"])
def test_the_report_of_stage_eight_counts_what_rules_repaired(home: Path, size: tuple[int, int]) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.sources.select_none("harborbooks")
        m.sources.select("harborbooks", SourceObjectType.TABLE, ["Authors"], True)
        m.project.set_rules((TypeRule("date", "datetime"),))
        m.project.set_repair(RepairRule(RowProblem.DATE, Repair.NEAREST))
        m.prepare()
        m.assess.run()
        m.convert.run()
        m.load.run()
        m.migrate.run()
        repaired = m.migrate.lines()[0].repaired
    assert repaired

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.MIGRATE)
        await d.goes_to(Stage.MIGRATE)
        await d.click("#report")
        listing = d.app.screen.query_one("#lines", Listing)
        titles = [c.title for c in listing.columns]
        (authors,) = listing.rows
        assert dict(zip(titles, map(str, authors), strict=True))["Repaired"] == f"{repaired}"
        assert f"{repaired} value" in d.words
        shown = listing.render_line(0).text
        assert "Repaired" in shown
        assert ("Seconds" in shown) == (size[0] > 80)
        assert " s:" in d.words, "which the line below tells in any case"
        await d.keys("ctrl+y")
        head, line = d.app.clipboard.splitlines()
        assert head.split("\t")[-3:] == ["Repaired", "Compared", "Seconds"]
        assert line.split("\t")[5] == f"{repaired}"

    drive(WizardApp(home / "p"), walk, size=size)
