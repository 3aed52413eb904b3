"""Stage 2: what is offered, asked for and told where a file is not simply read; and a search that is stopped."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Button, Checkbox, Input

import screens.find_files
from screens.app import WizardApp
from screens.find_files import FindFiles
from screens.source_tree import TreePlace
from screens.widgets.listing import Listing
from screens.widgets.object_tree import ObjectTree
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.stages import Migration
from wizard.stages.access_files import FoundFile

PAGE = 4096


@pytest.fixture
def project(home: Path) -> Path:
    """A new project before stage 2."""
    with Migration.create(home / "p") as m:
        m.project.confirm()
    return home / "p"


async def add(d: Driver, path: Path) -> None:
    """Add a file by typing its path."""
    await d.click("#add")
    await d.click("#path")
    d.app.screen.query_one("#path", Input).value = str(path)
    await d.click("#ok")


def test_the_list_goes_to_the_source_that_was_added_and_says_that_it_is_salvaged(project: Path) -> None:
    for name in ("one", "two"):
        shutil.copy(SAMPLE, project.parent / f"{name}.accdb")

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        for number, name in enumerate(("one", "two"), 1):
            await d.click("#add")
            await d.click("#path")
            d.app.screen.query_one("#path", Input).value = str(project.parent / f"{name}.accdb")
            if name == "two":
                d.app.screen.query_one("#salvage", Checkbox).value = True
            await d.click("#ok")
            await d.until(lambda n=number: len(d.app.migration.data.sources) == n)
            await d.until(lambda n=name: f"{n}  ({n}.accdb" in d.text)
            tree = d.app.screen.query_one("#tree", ObjectTree)
            assert tree.node is not None
            assert tree.node.key == TreePlace(name)
        assert "two  (two.accdb, salvaged)" in d.text
        assert "one.accdb, salvaged" not in d.text

    drive(WizardApp(project), walk, size=(80, 24))


@pytest.mark.parametrize("how", ["typed", "pasted"])
def test_a_path_may_be_typed_at_once_though_the_cursor_is_in_the_tree(project: Path, how: str) -> None:
    shutil.copy(SAMPLE, project.parent / "books.accdb")
    path = str(project.parent / "books.accdb")

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        await d.keys("a")
        if how == "pasted":
            d.app.post_message(events.Paste(path))
            await d.settle()
        else:
            await d.type(path)
        assert d.app.screen.query_one("#path", Input).value == path
        await d.keys("enter")
        await d.until(lambda: bool(d.app.migration.data.sources))

    drive(WizardApp(project), walk)


def test_what_cannot_be_read_is_refused_with_the_reason_and_no_salvage_is_offered(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No Access file, and one that another program or its rights keep from us."""
    notes, locked = project.parent / "notes.mdb", project.parent / "locked.accdb"
    notes.write_text("not a database at all" * 500, encoding="utf-8")
    shutil.copy(SAMPLE, locked)
    really = Path.open

    def opened(path: Path, *how: Any, **more: Any) -> Any:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, *how, **more)

    monkeypatch.setattr(Path, "open", opened)

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        for path, why in ((notes, "not an Access database"), (locked, "Permission denied")):
            await add(d, path)
            assert why in str(d.app.screen.query_one("#why").content)
            assert d.app.screen.query_one("#path", Input).value == str(path), "what was typed stays"
            await d.keys("escape")
            assert not d.app.migration.data.sources
        await d.keys("f9")
        assert "Add an Access file first" in d.told

    drive(WizardApp(project), walk)


def test_a_damaged_file_is_read_as_far_as_it_goes_where_one_says_so(project: Path) -> None:
    """The definition pages of the tables that have an ISBN are gone."""
    data = bytearray(SAMPLE.read_bytes())
    for at in range(0, len(data), PAGE):
        if data[at] == 2 and "ISBN".encode("utf-16-le") in data[at : at + PAGE]:
            data[at : at + PAGE] = bytes(PAGE)
    damaged = project.parent / "damaged.accdb"
    damaged.write_bytes(data)

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        await add(d, damaged)
        assert "'Books' on page" in d.text
        assert "The file was only read" in d.text
        await d.click("#answer-ok")
        assert not d.app.migration.data.sources
        await add(d, damaged)
        await d.click("#answer-salvage")
        assert [s.salvage for s in d.app.migration.data.sources] == [True]
        names = {o.name for o in d.app.migration.sources.objects("damaged")}
        assert "Publishers" in names
        assert "Books" not in names
        assert "Publishers" in d.text
        await d.until(lambda: bool(d.app.messages))
        await d.keys("f2")
        assert "JF1517" in d.text, "what is missing is told before anything is decided on it"
        await d.keys("escape")
        await d.keys("f9")
        await d.goes_to(Stage.CONNECT)

    drive(WizardApp(project), walk)


def test_a_code_page_changes_what_is_read_and_an_unknown_one_changes_nothing(project: Path, shared: Path) -> None:
    jet3 = project.parent / "old.mdb"
    data = next((shared / "corpus").rglob("testV1997.mdb")).read_bytes()
    assert b"abcdefg" in data
    jet3.write_bytes(data.replace(b"abcdefg", "Привет!".encode("cp1251")))

    async def shown(d: Driver) -> str:
        d.app.screen.query_one("#tree").focus()
        await d.keys("home", "down", "down", "enter")
        await d.tab("#pane-tabs", "pane-rows")
        text = d.text
        await d.keys("escape")
        return text

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        await add(d, jet3)
        assert "Ïðèâåò!" in await shown(d)
        for code_page, told in (("cp99999", True), ("cp1251", False)):
            await d.click("#read-as")
            d.app.screen.query_one("#code-page", Input).value = code_page
            await d.click("#ok")
            if told:
                assert "cp1251 or cp932" in str(d.app.screen.query_one("#why").content)
                await d.keys("escape")
                assert "Ïðèâåò!" in await shown(d)
        assert "Привет!" in await shown(d)
        assert d.app.migration.data.sources[0].code_page == "cp1251"

    drive(WizardApp(project), walk)


def test_a_password_is_asked_for_in_place_and_again_in_the_next_session(project: Path, shared: Path) -> None:
    path = next((shared / "corpus").rglob("V2010_with-password.accdb"))

    async def answer(d: Driver) -> None:
        """A wrong password, then the right one."""
        assert "Password of" in d.text
        await d.type("qwertz7")
        await d.keys("enter")
        assert "Password of" in d.text
        assert "qwertz7" not in d.text, "a password is never shown"
        await d.keys("ctrl+u")
        await d.type("password")
        await d.keys("enter")
        assert "Tables" in d.text
        assert '"password"' not in (project.parent / "p.jetferry.toml").read_text(encoding="utf-8")

    async def first(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        await add(d, path)
        await answer(d)

    async def later(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        assert "✗ locked" in d.text
        await d.keys("f9")
        assert "is locked and needs its password: press Enter on it" in d.told
        await d.keys("enter")
        await answer(d)
        await d.keys("f9")
        await d.goes_to(Stage.CONNECT)

    drive(WizardApp(project), first)
    drive(WizardApp(project), later)


def test_files_arrive_while_it_searches_and_a_search_can_be_stopped(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("a", "b", "c"):
        (project.parent / folder).mkdir()
        shutil.copy(SAMPLE, project.parent / folder / f"{folder}.accdb")
    really = screens.find_files.find

    def held(search: Any, stopped: Callable[[], bool]) -> Iterator[Any]:
        """The real search, which waits after its second file until it is stopped."""
        files = 0
        for finding in really(search, stopped):
            yield finding
            files += isinstance(finding, FoundFile)
            while files == 2 and not stopped():
                time.sleep(0.01)

    monkeypatch.setattr(screens.find_files, "find", held)

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.SOURCES)
        await d.click("#find")
        dialog = d.app.screen
        assert isinstance(dialog, FindFiles)
        found = dialog.query_one("#found", Listing)
        dialog.query_one("#part", Input).value = "nothing of this name"
        whole = dialog.query_one("#folder", Input).value
        dialog.query_one("#folder", Input).value = str(project.parent / "a")
        await d.click("#search")
        await d.until(lambda: "Searched: 1 folder, 0 files found" in d.text)
        assert "No Access file that fits" in d.text
        await d.until(lambda: dialog.query_one("#stop", Button).disabled)
        dialog.query_one("#part", Input).value = ""
        dialog.query_one("#folder", Input).value = whole
        await d.settle()
        dialog.query_one("#search").press()  # what a click does; it searches until it is stopped, nothing settles
        await d.until(lambda: len(found.rows) == 2)
        assert dialog._searching
        assert not dialog.query_one("#stop", Button).disabled
        await d.pilot.press("space")
        await d.pilot.press("escape")
        await d.until(lambda: "Stopped: " in d.text)
        await d.until(lambda: not dialog._searching)
        assert len(found.rows) == 2, "the third was not looked for"
        assert str(found.rows[0][0]) == "[x]", "what was ticked stays ticked"
        await d.until(lambda: dialog.query_one("#stop", Button).disabled)
        await d.click("#ok")
        assert [s.key for s in d.app.migration.data.sources] == ["a"]

    drive(WizardApp(project), walk)
