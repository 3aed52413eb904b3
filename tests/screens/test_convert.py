"""Stage 6: an object on the whole screen, from one view to the next, problems, finding, copying, what uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.conversion_editors import StatementEditor
from screens.convert_sides import Shown, Sides
from screens.convert_tree import ConvertTree, is_problem
from screens.used_by import UsedByDialog
from screens.widgets.help import help_on
from screens.widgets.listing import Listing
from screens.widgets.message_list import MessageList
from screens.widgets.object_tree import ObjectTree
from screens.widgets.sql_editor import SqlEditor, possible
from screens.widgets.text_view import TextView
from tests.screens.conftest import Driver, drive, sample_project
from wizard.events import Stage
from wizard.messages import Message, Place
from wizard.objects import Outcome, TableRef
from wizard.stages import ConvertItem

BOOKS, VIEW = (TableRef("harborbooks", name) for name in ("Books", "Books In Print"))


@pytest.fixture
def project(home: Path) -> Path:
    """Converted, with another type and another name than usual."""
    with sample_project(home) as m:
        m.convert.run()
        m.convert.edit_type(BOOKS, "Pages", "int")
    return home / "p"


async def opened(d: Driver, project: Path) -> Sides:
    d.app.open(project)
    await d.until(lambda: d.stage is not None)
    d.app.go(Stage.CONVERT)
    await d.goes_to(Stage.CONVERT)
    return d.app.screen.query_one(Sides)


async def show(d: Driver, ref: TableRef) -> None:
    d.app.screen.show_object(ref)
    await d.settle()


def lines(d: Driver) -> list[tuple[str, ...]]:
    return [tuple(str(c) for c in row) for row in d.app.screen.query_one("#lines", Listing).rows]


def test_a_table_is_shown_line_by_line_and_the_other_views_follow(project: Path) -> None:
    async def todo(d: Driver) -> None:
        sides = await opened(d, project)
        await show(d, BOOKS)
        found = lines(d)
        assert ("", "Title", "text(120)", "nvarchar(120) NOT NULL") in found
        assert ("±", "Pages", "integer", "int NULL") in found, "another type than usual is marked"
        assert ("±", "", "", "[RowVersion] rowversion NOT NULL") in found, "what Access lacks is marked"
        assert ("", "PublishersBooks", "relationship") in [f[:3] for f in found]
        await d.keys("z")
        assert d.app.focused is sides.query_one("#lines")
        assert not d.app.screen.query_one("#tree").display
        assert "1 Project" not in d.text, "the whole screen is the object's"
        await d.keys("t")
        assert sides.shown is Shown.TARGET
        assert "CREATE TABLE [dbo].[Books] (" in d.text
        assert "±" not in d.text
        await d.keys("ctrl+f")
        await d.type("rating")
        text = sides.query_one("#target", TextView)
        first = text._hit
        assert "rating" in text._lines[first].text.casefold()
        await d.keys("enter")
        assert text._hit > first, "Enter goes to the next"
        assert "Books: T-SQL" in d.text
        await d.type("?!")
        assert "Not found. Books: T-SQL" in d.text
        await d.keys("escape", "t")
        assert sides.shown is Shown.SOURCE
        styles = {segment.style.color for line in text._lines[:3] for segment in line if segment.style}
        source = sides.query_one("#source", TextView)
        assert {s.style.color for line in source._lines for s in line if s.style} <= {None}, "Access's words are no SQL"
        assert len(styles) > 1, "and T-SQL is in colour"
        await d.keys("escape")
        assert d.app.screen.query_one("#tree").display

    drive(WizardApp(), todo)


def test_a_text_has_the_name_of_its_own_object_while_another_is_made(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def todo(d: Driver) -> None:
        sides = await opened(d, project)
        await show(d, BOOKS)
        await d.keys("t")
        assert "Books: T-SQL" in d.text
        monkeypatch.setattr(sides.query_one("#target", TextView), "_wrap", lambda *_: None)
        await show(d, VIEW)
        assert "CREATE TABLE [dbo].[Books]" in d.text
        assert "Books: T-SQL" in d.text

    drive(WizardApp(), todo)


def test_problems_are_gone_through_and_listed_and_messages_users_and_the_text_are_at_hand(project: Path) -> None:
    copied: list[str] = []

    async def todo(d: Driver) -> None:
        sides = await opened(d, project)
        d.app.copy_to_clipboard = copied.append  # type: ignore[method-assign]
        screen = d.app.screen
        problems = [i.ref for i in screen.objects.items if is_problem(i)]
        assert 1 < len(problems) < len(screen.objects.items)
        await show(d, BOOKS)
        seen = []
        for _ in problems:
            await d.keys("n")
            seen.append(screen._under_cursor)
        assert sorted(seen, key=str) == sorted(problems, key=str), "round and round, each once"
        await d.keys("N")
        assert screen._under_cursor == seen[-2]
        await d.click("#problems")
        tree = screen.query_one("#tree", ObjectTree)
        assert [n.key for n in tree.nodes if n.depth] == [i.ref for i in screen.objects.items if is_problem(i)]
        await show(d, VIEW)
        assert not screen.query_one("#problems").value, "what is gone to is shown, whatever the filter was"
        assert sides.shown is Shown.BOTH
        assert "SELECT" in d.text
        await d.keys("y")
        assert copied == [d.app.migration.convert.sides(VIEW).target]
        await show(d, TableRef("harborbooks", "Publishers"))
        await d.keys("m")
        assert isinstance(d.app.screen, MessageList)
        assert "Messages of Publishers" in d.text
        of_column, row = d.app.screen.query_one("#messages", Listing).rows
        assert [str(c) for c in row][0:4:3] == ["i", "JF2041"], "the number is at the end"
        assert "Website" in str(of_column[2]), "what is about a column of it is there too"
        await d.keys("down")
        assert "(JF2041)." in d.text
        await d.keys("escape", "d")
        assert isinstance(d.app.screen, UsedByDialog)
        listing = d.app.screen.query_one(Listing)
        listing.go_to(next(n for n, row in enumerate(listing.rows) if str(row[0]).startswith("query Books In Print")))
        await d.keys("enter")
        assert screen._under_cursor == VIEW

    drive(WizardApp(), todo, size=(120, 40))


NAMES = {"Books": ("ISBN", "In Print"), "Book Authors": ("ISBN", "AuthorID"), "Überlauf": ("a]b",)}


@pytest.mark.parametrize(
    ("before", "begun", "found"),
    [
        ("SELECT Bo", "Bo", ("Books", "[Book Authors]")),
        ("SELECT [Bo", "[Bo", ("[Books]", "[Book Authors]")),
        ("SELECT [Book Authors].A", "A", ("AuthorID", "[a]]b]")),
        ("SELECT Books.", "", ("ISBN", "[In Print]", "Books", "[Book Authors]", "Überlauf", "AuthorID", "[a]]b]")),
        ("WHERE x = üb", "üb", ("Überlauf",)),
        ("[a", "[a", ("[AuthorID]", "[a]]b]")),
        ("SELECT nothing", "nothing", ()),
        ("WHERE 12", "", ("Books", "[Book Authors]", "Überlauf", "ISBN", "[In Print]", "AuthorID", "[a]]b]")),
    ],
)
def test_names_that_go_on_as_was_typed(before: str, begun: str, found: tuple[str, ...]) -> None:
    assert possible(before, NAMES) == (begun, found)


def test_names_are_completed_while_one_types_and_from_a_list(home: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.push_screen(StatementEditor(VIEW, "", NAMES))
        await d.settle()
        editor = d.app.screen.query_one(SqlEditor)
        await d.type("SELECT [Book A")
        assert editor.suggestion == "uthors]"
        await d.keys("right")
        assert editor.text == "SELECT [Book Authors]"
        await d.type(".I")
        assert editor.suggestion == "", "one letter is too little"
        await d.keys("ctrl+@")
        await d.keys("enter")
        assert editor.text == "SELECT [Book Authors].ISBN"
        await d.keys("ctrl+a")
        assert editor.suggestion == "", "nothing is in grey in the middle of a word"

    drive(WizardApp(), todo)


def test_the_ends_of_a_statement_are_a_key_away_and_help_says_so(home: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.push_screen(StatementEditor(VIEW, "SELECT 1\nFROM T\nWHERE x = 2", NAMES))
        await d.settle()
        editor = d.app.screen.query_one(SqlEditor)
        await d.keys("ctrl+end")
        assert editor.cursor_location == (2, 11)
        await d.keys("ctrl+shift+home")
        assert editor.selected_text == editor.text
        await d.keys("ctrl+home", "down", "ctrl+shift+end")
        assert editor.selected_text == "FROM T\nWHERE x = 2"
        keys = {b.binding.description for b in d.app.screen.active_bindings.values()}
        assert {"To the beginning of the text", "To the end of the text"} <= keys
        assert "Ctrl+Home and Ctrl+End" in help_on(editor, {})

    drive(WizardApp(), todo)


def test_a_problem_is_what_is_not_whole_or_warned_of() -> None:
    def item(name: str, outcome: Outcome, *numbers: int) -> ConvertItem:
        told = tuple(Message.of(n, Place(), **{}) for n in numbers)
        return ConvertItem(TableRef("s", name), "queries", outcome, "", False, told)

    whole, part, warned = item("a", Outcome.CONVERTED), item("b", Outcome.PARTLY), item("c", Outcome.CONVERTED, 3164)
    tree = ConvertTree((whole, part, warned))
    assert tree.next_problem(None, 1) == part
    assert tree.next_problem(part.ref, -1) in (part, warned)
    assert ConvertTree((whole,)).next_problem(None, 1) is None
    tree.problems = True
    assert whole.ref not in [n.key for n in tree.nodes()]
