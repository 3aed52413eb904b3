"""Rejected rows in stage 8: looked at in place, repaired by a rule made there, sent again, and there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Select

from screens.app import WizardApp
from screens.rejects import RejectsDialog
from screens.repair_dialog import RepairDialog
from screens.widgets.listing import Listing
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage, Status
from wizard.messages import RowProblem
from wizard.objects import TableRef
from wizard.settings import Repair, RepairRule
from wizard.stages import Migration, SourceObjectType


@pytest.fixture
def project(home: Path) -> Path:
    """Before stage 8, with a type by hand that cannot hold when the older authors were born."""
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.sources.select_none("harborbooks")
        m.sources.select("harborbooks", SourceObjectType.TABLE, ["Authors", "User"], True)
        m.prepare()
        m.convert.run()
        m.convert.edit_type(TableRef("harborbooks", "Authors"), "Born", "datetime")
        m.one_step(through=Stage.LOAD)
    return home / "p"


def line(d: Driver, table: str) -> list[str]:
    """What stage 8 shows of a table: sign, rows and rejects."""
    listing = d.app.screen.query_one("#tables", Listing)
    row = next(r for r in listing.rows if table in str(r[1]))
    return [str(row[0]), str(row[3]).strip(), str(row[6]).strip()]


def test_rejected_rows_are_looked_at_and_sent_again_once_their_cause_is_fixed(project: Path) -> None:
    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.MIGRATE)
        await d.work("f9")
        assert d.app.status(Stage.MIGRATE) is Status.LOSSES
        assert "± 8 Migrate" in d.text, "the rail"
        assert "± 1 rejected, 1 table done with losses" in d.text, "the totals"
        assert "= equal" not in d.text.partition("Authors")[2].partition("\n")[0]
        assert line(d, "Authors") == ["±", "7/8", "1"]
        assert line(d, "User") == ["✓", "3", ""]
        # the row itself, why it stayed, what can be done, and where the files are
        row = d.row("#tables", "Authors", 1)
        await d.click("#tables", row=row)
        await d.keys("enter")
        assert isinstance(d.app.screen, RejectsDialog)
        assert "AuthorID=1" in d.text
        assert "Born is 1564-04-26 00:00:00" in d.text
        assert "repaired by a rule" in " ".join(d.text.replace("│", " ").split()), "wherever the line breaks"
        assert "Last Name: Shakespeare" in d.text
        assert (project.parent / "p.jetferry" / "rejects" / "dbo.Authors.csv").is_file()
        # one of the remedies named: a rule for such dates, made where the row is shown
        await d.click("#repair")
        assert isinstance(d.app.screen, RepairDialog)
        assert "dates that the type cannot hold" in d.text
        d.app.screen.query_one("#repair", Select).value = "nearest"
        await d.click("#ok")
        await d.until(lambda: "Stages to be done again" in d.text)
        await d.click("#answer-yes")
        await d.until(lambda: bool(d.app.migration.data.repairs))
        (rule,) = d.app.migration.data.repairs
        assert rule == RepairRule(RowProblem.DATE, Repair.NEAREST, "", "harborbooks", "Authors", "Born")
        assert d.app.status(Stage.MIGRATE) is Status.STALE
        assert "1 earlier reject; the cause may be mended: send again" in d.text
        await d.click("#tables", row=row)
        await d.keys("enter")
        await d.work("#again")
        assert line(d, "Authors") == ["✓", "8", ""]
        assert "11/11 rows" in d.text
        assert "0 rejected, 1 value repaired" in d.text
        assert d.app.status(Stage.MIGRATE) is Status.DONE
        # nothing is left to send, and what is there is what was sent
        await d.click("#tables", row=row)
        await d.keys("enter")
        assert "no rejected rows" in d.told
        await d.work("v")
        assert "✗ diff." not in d.text

    drive(WizardApp(project), walk)
    written = b"".join(p.read_bytes() for p in (project.parent / "p.jetferry" / "package" / "data").glob("*.dat"))
    assert b"Shakespeare" in written
    assert b"1753-01-01" in written
