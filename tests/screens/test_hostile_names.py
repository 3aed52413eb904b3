"""Names with markup, control characters, turned and double-width writing: shown as they are, nothing obeyed."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len

from screens.app import WizardApp
from screens.source_tree import SourceTree
from screens.widgets.listing import fitted
from screens.widgets.object_tree import ObjectTree
from screens.widgets.sql import highlighted, marked
from screens.widgets.status_signs import plain
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.messages import Message, Place
from wizard.stages import SourceEntry, SourceObject, SourceObjectType, SourceState

NAMES = (
    "[bold red]Umsatz[/]",
    "[@click=app.bell]ring[/]",
    "\x1b[31mred\x1b[0m\x07",
    "\u202egnp.exe",
    "טבלת לקוחות",
    "顧客マスター一覧表のとても長い名前です",
    "tab\tand\nline",
    "$ref {x} %s",
)


def tree() -> SourceTree:
    made = SourceTree()
    objects = [SourceObject(SourceObjectType.TABLE, n, True, rows=3) for n in NAMES]
    made.add(SourceEntry("k[b]", Path("/x/[i]a.accdb"), SourceState.READY, tables=len(NAMES)), objects, ())
    return made


def test_no_line_is_longer_or_shorter_than_its_column() -> None:
    for name in NAMES:
        for width in (0, 1, 5, 17, 80):
            assert cell_len(fitted(plain(name), width)) == width


def test_nothing_that_a_terminal_obeys_passes() -> None:
    for name in NAMES:
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in plain(name))
        assert "\x1b" not in highlighted(f"SELECT [{name}]", "jetferry-dark").plain
        texts = (highlighted(sql, "jetferry-plain") for sql in (f"SELECT [{name}]", f"SELECT {name}"))
        assert "\x1b" not in marked(*texts)[0].plain


def test_they_are_shown_literally_on_a_screen_and_in_the_messages(home: Path) -> None:
    async def walk(d: Driver) -> None:
        await d.keys("s")
        await d.goes_to(Stage.PROJECT)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        d.app.screen._loaded(tree())
        d.app.screen.query_one("#tree", ObjectTree).go_to(3)
        await d.settle()
        assert "[bold red]Umsatz[/]" in d.text
        assert "[@click=app.bell]ring[/]" in d.text
        assert "顧客マスター一覧表" in d.text
        assert "gnp.exe" in d.text
        assert all(cell_len(line) <= 80 for line in d.text.splitlines())
        for name in NAMES:
            d.app._told[Message.of(8200, Place(source=name, name=name), path=name)] = Stage.SOURCES
        d.app.screen.show_state()
        await d.keys("f2")
        assert "[bold red]Umsatz[/]" in d.text
        await d.keys("escape")
        d.app.screen.note(f"{NAMES[0]} {NAMES[1]}")
        d.app.screen.fail(Message.of(8200, Place(source=NAMES[0]), path=NAMES[1]))
        await d.settle()
        assert "[@click=app.bell]ring[/]" in d.text

    drive(WizardApp(), walk)
