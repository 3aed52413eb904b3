"""What was typed stays until it is accepted; what was changed can be undone; a locked file stays in the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from screens.app import WizardApp
from screens.conversion_editors import StatementEditor
from screens.map import DestinationDialog
from screens.new_project import NewProjectDialog, free_name
from screens.widgets.dialogs import Ask, Question
from screens.widgets.files import SourcePicker
from screens.widgets.listing import Listing
from tests.screens.conftest import Driver, drive, sample_project
from wizard.events import Stage
from wizard.objects import TableRef
from wizard.project import Project, ProjectFile
from wizard.settings import Options, Target, TargetKind
from wizard.stages import Migration


@pytest.fixture
def project(home: Path) -> Path:
    """A package through all stages up to 8."""
    with sample_project(home) as m:
        m.one_step()
    return home / "p"


async def refill(d: Driver, field: str, text: str) -> None:
    """Another text in a field, and Enter."""
    d.app.screen.query_one(field, Input).focus()
    await d.keys("end", "ctrl+u")
    await d.type(text)
    await d.keys("enter")


def why(d: Driver) -> str:
    return str(d.app.screen.query_one("#why").content)


def test_a_new_project_that_cannot_be_made_keeps_its_form(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Migration.create(home / "taken").close()
    monkeypatch.setattr("wizard.stages.templates.user_config_path", lambda _name: home / "own")
    defaults = Project("", target=Target(TargetKind.SQL_SERVER), options=Options(batch_size=7))
    (home / "own").mkdir()
    ProjectFile.create(home / "own" / "defaults.jetferry.toml", defaults).close()

    async def todo(d: Driver) -> None:
        await d.keys("n")
        await refill(d, "#name", "taken")
        assert isinstance(d.app.screen, NewProjectDialog)
        assert "taken" in why(d)
        assert "own/defaults.jetferry.toml" in str(d.app.screen.query_one("#like").content).replace("\n", "")
        assert d.app.screen.query_one("#name", Input).value == "taken"
        await refill(d, "#name", "free")
        await d.goes_to(Stage.PROJECT)
        made = d.app.migration.data
        assert (made.name, made.target.kind, made.options.batch_size) == ("free", TargetKind.SQL_SERVER, 7)

    drive(WizardApp(), todo)


def test_what_is_refused_stays_in_its_dialog(project: Path, home: Path) -> None:
    notes = home / "notes.mdb"
    notes.write_text("not a database at all" * 500, encoding="utf-8")

    async def todo(d: Driver) -> None:
        d.app.open(project)
        await d.until(lambda: d.stage is not None)
        # stage 1: an option
        d.app.go(Stage.PROJECT)
        await d.goes_to(Stage.PROJECT)
        await d.tab("#tabs", "tab-options")
        await d.click("#options", row=d.row("#options", "Batch size"), times=2)
        for typed, told in (("many", "must be a whole number"), ("0", "from 1 to 1,000,000")):
            await refill(d, "#answer", typed)
            assert isinstance(d.app.screen, Ask)
            assert told in why(d)
            assert d.app.screen.query_one("#answer", Input).value == typed
        await refill(d, "#answer", "2,500")
        if isinstance(d.app.screen, Question):
            await d.keys("enter")
        assert d.app.migration.data.options.batch_size == 2_500
        # stage 2: a file
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        await d.keys("a")
        for typed, told in ((home / "nothing.mdb", "There is no file"), (notes, "not an Access database")):
            await refill(d, "#path", str(typed))
            assert isinstance(d.app.screen, SourcePicker)
            assert told in why(d)
            assert d.app.screen.query_one("#path", Input).value == str(typed)
        await refill(d, "#path", str(home))
        assert not d.app.screen.has_class("-refused"), "what was said of a file is not said of the folder"
        await d.keys("escape")
        await d.click("#read-as")
        await refill(d, "#code-page", "cp99999")
        assert "cp1251 or cp932" in why(d)
        await d.keys("escape")
        # stage 4: a schema
        d.app.go(Stage.MAP)
        await d.goes_to(Stage.MAP)
        assert "(as deployed)" in d.text, "a package has no database of stage 3"
        await d.keys("enter")
        for typed in ("", "x" * 129):
            await refill(d, "#schema", typed)
            assert isinstance(d.app.screen, DestinationDialog)
            assert "1 to 128 characters" in why(d)

    drive(WizardApp(), todo)


def test_a_statement_is_not_thrown_away_and_every_change_can_be_undone(project: Path) -> None:
    view = TableRef("harborbooks", "Countries")

    async def todo(d: Driver) -> None:
        d.app.open(project)
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.CONVERT)
        await d.goes_to(Stage.CONVERT)
        convert = d.app.migration.convert
        d.app.screen.show_object(view)
        await d.settle()
        await d.keys("r")
        assert "Countries was not changed by hand" in d.told
        await d.keys("u")
        assert "Nothing to undo" in d.told
        assert d.stage is Stage.CONVERT, "nothing was asked"
        assert d.app.migration.status(Stage.MIGRATE).over
        await d.keys("e", "escape")
        assert d.stage is Stage.CONVERT, "nothing was typed, nothing is asked"
        await d.keys("e")
        d.app.screen.query_one(TextArea).move_cursor(d.app.screen.query_one(TextArea).document.end)
        await d.type("-- mine")
        await d.keys("escape")
        assert isinstance(d.app.screen, Question)
        await d.keys("enter")
        assert isinstance(d.app.screen, StatementEditor)
        assert "-- mine" in d.app.screen.query_one(TextArea).text
        await d.keys("escape")
        await d.click("#answer-save")
        await d.until(lambda: d.stage is Stage.CONVERT)
        assert [e.name for e in d.app.migration.data.edits] == ["Countries"]
        await d.keys("r")
        assert "Take back 1 change of Countries?" in d.text
        await d.keys("enter")
        assert d.app.migration.data.edits == ()
        await d.keys("u")
        assert [e.name for e in d.app.migration.data.edits] == ["Countries"]
        assert "-- mine" in convert.sides(view).target
        await d.keys("u")
        assert d.app.migration.data.edits == ()
        await d.keys("U")
        assert [e.name for e in d.app.migration.data.edits] == ["Countries"]
        await d.keys("e")
        await d.type("x")
        await d.keys("escape")
        await d.click("#answer-discard")
        await d.until(lambda: d.stage is Stage.CONVERT)
        assert "-- mine" in convert.sides(view).target
        convert.edit_statement(view, f"CREATE VIEW [dbo].[Countries] AS SELECT 1{'+1' * 100_000} AS a")
        await d.keys("e")
        await d.until(lambda: "more than can be edited here" in d.told)
        assert d.stage is Stage.CONVERT

    drive(WizardApp(), todo)


@pytest.mark.corpus
@pytest.mark.parametrize("answers", [["no", "nor", "never"], [None]], ids=["three wrong", "cancelled"])
def test_a_file_whose_password_is_not_known_stays_in_the_list_as_locked(
    home: Path, shared: Path, answers: list[str | None]
) -> None:
    path = next((shared / "corpus").rglob("V2010_with-password.accdb"))
    with Migration.create(home / "q") as m:
        m.project.confirm()

    async def todo(d: Driver) -> None:
        d.app.open(home / "q")
        await d.goes_to(Stage.SOURCES)
        await d.keys("a")
        await refill(d, "#path", str(path))
        for answer in answers:
            assert "Password of" in d.text
            if answer is not None:
                await d.type(answer)
            await d.keys("escape" if answer is None else "enter")
        assert "✗ locked" in d.text
        assert "in the list as locked" in d.told
        listing = d.app.screen.query_one("#tree", Listing)
        listing.focus()
        await d.keys("home", "enter")
        await d.type("password")
        await d.keys("enter")
        assert "✗ locked" not in d.text
        assert "Tables" in d.text
        await d.keys("f9")
        await d.goes_to(Stage.CONNECT)

    drive(WizardApp(), todo)


def test_a_new_project_is_offered_a_name_that_is_free(tmp_path: Path) -> None:
    assert free_name(tmp_path) == "migration"
    for name in ("migration", "migration-2"):
        Migration.create(tmp_path / name).close()
    assert free_name(tmp_path) == "migration-3"
