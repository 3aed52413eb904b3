"""Loss has a colour: a migration that leaves rows behind, from its run to the end of the wizard and opened again."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from textual.widgets import Static

from screens.app import WizardApp
from screens.rejects import RejectsDialog
from screens.run_report import ReportDialog
from screens.widgets.dialogs import Question
from screens.widgets.listing import Listing, Toned
from screens.widgets.message_line import MessageLine
from tests.conftest import SAMPLE
from tests.old_rows import OLD_ROWS, written
from tests.once import Once
from tests.screens.conftest import Driver, drive
from tests.test_unread_rows import ORDERS, a_page
from tests.test_unreadable import salvaged
from wizard import worker
from wizard.events import Stage, Status
from wizard.messages import Severity
from wizard.objects import TableRef
from wizard.outcomes import Role
from wizard.stages import Migration
from wizard.worker import WorkerTask

KEY = "harborbooks"


def narrowed(m: Migration) -> None:
    """Types by hand that are too short: some publishers cannot go, and no user at all."""
    m.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "nvarchar(12)")
    m.convert.edit_type(TableRef(KEY, "User"), "Group", "nvarchar(1)")


def make(folder: Path) -> None:
    shutil.copy(SAMPLE, folder)
    with Migration.create(folder / "p", name="Harbor Books") as m:
        m.sources.add(folder / SAMPLE.name)
        m.prepare()
        m.assess.run()
        m.convert.run()
        narrowed(m)
        m.load.run()


def _make_and_migrate(folder: Path) -> None:
    make(folder)
    with Migration.open(folder / "p") as m:
        m.migrate.run()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Once:
    return Once(tmp_path_factory.mktemp("made"), make)


@pytest.fixture(scope="module")
def made_and_migrated(tmp_path_factory: pytest.TempPathFactory) -> Once:
    return Once(tmp_path_factory.mktemp("migrated"), _make_and_migrate)


@pytest.fixture
def project(home: Path, made: Once) -> Path:
    """Before stage 8."""
    return made.again() / "p"


@pytest.fixture
def migrated(home: Path, made_and_migrated: Once) -> Path:
    return made_and_migrated.again() / "p"


def row(d: Driver, table: str) -> list[str | Toned]:
    return next(list(r) for r in d.app.screen.query_one("#tables", Listing).rows if table in str(r[1]))


async def at_stage_8(d: Driver) -> None:
    await d.until(lambda: d.stage is not None)
    d.app.go(Stage.MIGRATE)
    await d.goes_to(Stage.MIGRATE)


def test_losses_are_told_from_the_run_to_the_end_of_the_wizard(project: Path) -> None:
    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.MIGRATE)
        await d.work("f9")
        # the grid: a sign and a colour of their own, and no "= equal"
        publishers, users, books = (row(d, t) for t in ("Publishers", "User", "Books"))
        assert [str(c).strip() for c in publishers[:1] + publishers[3:4] + publishers[6:]] == ["±", "3/7", "4"]
        assert publishers[0] == Toned("±", Role.LOSS)
        assert users[0] == Toned("∅", Role.BAD), "0 of 3 arrived"
        assert str(users[3]) == "0/3"
        assert "= equal" not in f"{publishers[2]}{users[2]}"
        assert str(books[2]) == "= equal"
        # the rail, the totals, the counter of messages
        assert "± 8 Migrate" in d.text
        assert "7 rejected, 1 table missing, 1 table done with losses" in d.text
        assert d.app.screen.query_one("#totals").has_class("-bad")
        errors = [m.number for m in d.app.messages if m.severity is Severity.ERROR]
        assert sorted(n for n in errors if n > 6300) == [6301, 6301, 6310, 6311], "two losses, a key, the package"
        assert f"✗ {len(errors)} " in str(d.app.screen.query_one(MessageLine).content)
        # the children of the publishers were told of, with the key that cannot be trusted
        await d.keys("f2", "slash")
        await d.type("6310")
        assert "60 rows of [dbo].[Books] refer to rows of [dbo].[Publishers]" in " ".join(d.words.split())
        await d.keys("escape")
        # the report, the worst first
        await d.click("#report")
        lines = d.app.screen.query_one(Listing).rows
        assert [str(r[1]) for r in lines[:3]] == ["∅ missing", "± done with losses", "✓ done"]
        assert [str(r[6]) for r in lines[:3]] == ["the rest", "the rest", "equal"]
        assert " ".join(d.words.split()).count("0 of 3 rows arrived") == 1
        whole = re.sub(r"[\s│]", "", d.text)  # a long path goes over lines
        assert "dbo.User.csv" in whole, "the whole of it can be read"
        await d.keys("escape")
        # the end names them and asks
        d.app.go(Stage.LINK)
        await d.goes_to(Stage.LINK)
        await d.keys("f8")
        assert isinstance(d.app.screen, Question)
        assert d.app.screen.has_class("-loss")
        assert "Finish with losses?" in d.words
        assert "table dbo.User: 0 of 3 rows arrived, 3 rejected" in d.words
        assert "table dbo.Publishers: 3 of 7 rows arrived, 4 rejected" in d.words
        await d.keys("enter")
        assert d.stage is Stage.MIGRATE, "to look at them comes first"
        d.app.go(Stage.LINK)
        await d.goes_to(Stage.LINK)
        await d.keys("f8")
        await d.pilot.press("right", "enter")

    app = drive(WizardApp(project), walk)
    assert app.return_value == 3
    folder = project.parent / "p.jetferry"
    certificate = json.loads((folder / "reports" / "certificate.json").read_text())
    assert (certificate["verdict"], certificate["equal"]) == ("missing", False)
    assert 'class="verdict bad"' in (folder / "reports" / "certificate.html").read_text()


def test_reopened_a_finished_project_shows_what_it_showed(migrated: Path) -> None:
    async def walk(d: Driver) -> None:
        await at_stage_8(d)
        assert str(row(d, "Books")[2]) == "= equal"
        assert row(d, "User")[0] == Toned("∅", Role.BAD)
        numbers = {m.number for m in d.app.messages}
        assert {6301, 6310, 6311} <= numbers, "what stage 8 told"
        assert any(1000 <= n < 5000 for n in numbers), "and what stages 5 and 6 told"
        d.app.go(Stage.ASSESS)
        await d.goes_to(Stage.ASSESS)
        assert "work by hand" in d.text or "by hand" in d.text
        assert d.app.screen.query_one("#bars", Listing).rows
        d.app.go(Stage.LOAD)
        await d.goes_to(Stage.LOAD)
        assert "✓ created" in d.text
        assert len(d.app.screen.query_one("#objects", Listing).rows) > 5

    drive(WizardApp(migrated), walk)


def test_stage_5_says_what_will_be_lost_beside_what_converts(project: Path) -> None:
    with Migration.open(project) as m:
        m.assess.run()

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await d.settle()
        d.app.go(Stage.ASSESS)
        await d.goes_to(Stage.ASSESS)
        assert "± 7 rows will be lost, all of 1 table among them. " in d.text
        assert d.app.screen.query_one("#text").has_class("-loss")
        assert d.app.screen.query_one("#text").size.height == 5, "of two sources all of it, and of most findings"
        assert d.app.migration.detail(Stage.ASSESS).startswith("7 rows will be lost, all of 1 table among them; ")

    drive(WizardApp(project), walk)


def test_each_tab_of_stage_5_tells_of_what_its_own_cursor_is_on(project: Path) -> None:
    with Migration.open(project) as m:
        m.assess.run()

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.ASSESS)
        await d.goes_to(Stage.ASSESS)

        def told() -> str:
            return str(d.app.screen.query_one("#text", Static).content)

        whole = told()
        await d.tab("#tabs", "tab-messages")
        of_conversion = told()
        assert not d.app.screen.query_one("#text").has_class("-loss"), "no loss is told there"
        await d.tab("#tabs", "tab-data")
        assert len({whole, of_conversion, told()}) == 3
        await d.tab("#tabs", "tab-overview")
        assert told() == whole
        assert d.app.screen.query_one("#text").has_class("-loss")

    drive(WizardApp(project), walk)


def test_once_the_cause_may_be_mended_stage_8_says_so_and_one_step_sends_again(migrated: Path) -> None:
    before = json.loads((migrated.parent / "p.jetferry" / "package" / "manifest.json").read_text())
    assert (before["rejected"], len(before["unchecked"])) == (7, 1)
    with Migration.open(migrated) as m:
        m.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "nvarchar(60)")
        m.convert.edit_type(TableRef(KEY, "User"), "Group", "nvarchar(20)")
        m.load.run()

    async def walk(d: Driver) -> None:
        await at_stage_8(d)
        assert d.app.status(Stage.MIGRATE) is Status.STALE
        assert "7 earlier rejects; the cause may be mended: send again" in d.text
        await d.keys("f5")
        await d.work("enter")
        assert d.app.status(Stage.MIGRATE) is Status.DONE
        assert [str(c) for c in row(d, "User")[:1]] == ["✓"]
        assert str(row(d, "Publishers")[2]) == "= equal"

    drive(WizardApp(migrated), walk)
    folder = migrated.parent / "p.jetferry"
    manifest = json.loads((folder / "package" / "manifest.json").read_text())
    assert (manifest["rejected"], manifest["unchecked"]) == (0, []), "written anew"
    certificate = json.loads((folder / "reports" / "certificate.json").read_text())
    assert (certificate["verdict"], certificate["rejected"]) == ("equal", 0)


def test_what_an_edit_mends_is_sent_again_once_a_person_agrees_to_load_it(migrated: Path) -> None:
    with Migration.open(migrated) as m:
        m.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "nvarchar(60)")
        m.convert.edit_type(TableRef(KEY, "User"), "Group", "nvarchar(20)")

    async def send(d: Driver) -> None:
        await d.click("#tables", row=d.row("#tables", "User", 1))
        await d.keys("enter")
        assert isinstance(d.app.screen, RejectsDialog)
        await d.click("#again-all")
        assert isinstance(d.app.screen, Question)
        assert "Convert, load and send again?" in d.words

    async def walk(d: Driver) -> None:
        await at_stage_8(d)
        await send(d)
        await d.keys("right", "enter")
        assert (d.app.at_work, str(row(d, "User")[3])) == (None, "0/3"), "not now"
        await send(d)
        await d.work("enter")
        assert d.app.status(Stage.LOAD) is Status.DONE
        assert [str(row(d, t)[2]) for t in ("User", "Publishers")] == ["= equal"] * 2

    drive(WizardApp(migrated), walk)


def test_keys_that_gave_way_to_old_rows_are_named_to_the_end_of_the_wizard(home: Path) -> None:
    with Migration.create(home / "p", name="Harbor Books") as m:
        m.sources.add(written(home / "old.accdb", *OLD_ROWS))
        m.prepare()
        m.one_step(through=Stage.LOAD)

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is Stage.MIGRATE)
        await d.work("f9")
        assert "≈ 8 Migrate" in d.text
        assert "±" not in d.text, "no row is lost"
        d.app.go(Stage.LINK)
        await d.goes_to(Stage.LINK)
        await d.keys("f8")
        assert isinstance(d.app.screen, Question)
        assert d.app.screen.has_class("-weaker")
        assert "Finish, less guarded?" in d.words
        assert "Every row is there, guarded less than in Harbor Books:" in d.words
        assert d.words.count("less guarded: old.") == 2, "the fact first"
        assert ["(JF2094)" in d.words, "(JF2095)" in d.words] == [True, True]
        await d.pilot.press("right", "enter")

    app = drive(WizardApp(home / "p"), walk)
    assert app.return_value == 3


def test_characters_that_a_code_page_may_not_hold_are_told_in_stages_5_and_6(home: Path) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()
        m.convert.run()
        m.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "varchar(80)")

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.ASSESS)
        await d.goes_to(Stage.ASSESS)
        await d.keys("f9")
        await d.until(lambda: "(F4) say what it is about" in d.text)
        await d.tab("#tabs", "tab-data")
        await d.until(lambda: "JF4091" in d.text)
        d.app.go(Stage.CONVERT)
        await d.goes_to(Stage.CONVERT)
        await d.click("#tree", row=d.row("#tree", "Publishers", 0))
        await d.keys("m")
        assert "JF2191" in d.text
        assert "4 of 7 rows hold characters beyond ASCII" in " ".join(d.text.replace("│", " ").split())

    drive(WizardApp(home / "p"), walk)


def test_rows_that_could_not_be_read_have_a_column(home: Path) -> None:
    database, there = a_page(home)
    with salvaged(home / "p", database) as m:
        m.one_step()
    lost = ORDERS - there

    async def walk(d: Driver) -> None:
        await at_stage_8(d)
        await d.until(lambda: "Unread" in d.text)
        assert [str(c).strip() for c in row(d, "Orders")[6:]] == ["", str(lost)]
        assert row(d, "Orders")[7] == Toned(str(lost), Role.LOSS)
        assert f"about {lost} unreadable, 1 table done with losses" in d.words
        await d.click("#report")
        listing = d.app.screen.query_one(Listing)
        at = [c.title for c in listing.columns].index("Unread")
        assert [str(r[at]) for r in listing.rows[:2]] == [str(lost), "0"]

    drive(WizardApp(home / "p"), walk)


def test_a_report_that_is_open_follows_the_comparison(migrated: Path) -> None:
    async def walk(d: Driver) -> None:
        await at_stage_8(d)
        d.app.start_work(WorkerTask.VERIFY)
        await d.until(lambda: d.app.at_work is not None)
        await d.pilot.click("#report")
        await d.until(lambda: isinstance(d.app.screen, ReportDialog))
        await d.until(lambda: d.app.at_work is None, 60)
        await d.settle()
        found = {str(r[0]): str(r[6]) for r in d.app.screen.query_one(Listing).rows}
        assert (found["dbo.Books"], found["dbo.User"]) == ("equal", "the rest")
        await d.keys("escape")
        shown = [tuple(map(str, r)) for r in d.app.screen.query_one("#tables", Listing).rows]
        assert sum(r[2] == "= equal" for r in shown) == 8, "every table has its result"

    drive(WizardApp(migrated), walk)


def test_a_worker_that_ended_in_between_is_greeted_with_what_it_did(project: Path) -> None:
    attachment = worker.start(project, WorkerTask.MIGRATE)
    for _ in attachment.follow():
        pass
    attachment.close()

    async def walk(d: Driver) -> None:
        await d.until(lambda: isinstance(d.app.screen, Question) and bool(d.words))
        assert "8 Migrate ended with losses" in d.words
        assert "4,451 of 4,458 rows arrived in 10 tables (1 without any row), 7 rejected" in d.words
        assert "- table dbo.User: 0 of 3 rows arrived, 3 rejected" in d.words
        await d.keys("enter")

    drive(WizardApp(project), walk)

    async def again(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await d.settle()
        assert not isinstance(d.app.screen, Question), "told once"

    drive(WizardApp(project), again)


def test_a_worker_that_was_told_to_stop_has_not_failed(project: Path) -> None:
    with Migration.open(project) as m:
        m.project.set_option("batch_size", 1)
    attachment = worker.start(project, WorkerTask.MIGRATE)
    attachment.send(worker.Command.CANCEL)
    for _ in attachment.follow():
        pass
    attachment.close()

    async def walk(d: Driver) -> None:
        await d.until(lambda: isinstance(d.app.screen, Question) and bool(d.words))
        assert "8 Migrate ended early" in d.words
        assert "Stopped by a command; everything committed is kept" in d.words
        await d.keys("enter")

    drive(WizardApp(project), walk)


def test_a_worker_that_was_killed_is_not_running(project: Path) -> None:
    with Migration.open(project) as m:
        m.project.set_option("batch_size", 1)
    attachment = worker.start(project, WorkerTask.MIGRATE)
    while not any(type(e).__name__ == "BatchCommitted" for e in attachment.poll()):
        pass
    os.kill(attachment.state.pid, signal.SIGKILL)
    for _ in attachment.follow():
        pass
    attachment.close()
    with Migration.open(project, hold=False) as m:
        assert m.status(Stage.MIGRATE) is Status.READY
        states = {t.state.words for t in m.migrate.known_lines()}
    assert "running" not in states
    last = worker.last(project)
    assert last is not None
    assert "killed" in last[1].detail
