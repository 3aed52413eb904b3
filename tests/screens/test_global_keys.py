"""What users of good terminal programs expect: jump letters, a menu, help on what has the cursor, keys of vi, signs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button, OptionList

from screens.app import WizardApp, say_how_to_go_on
from screens.context_menu import ContextMenu
from screens.global_keys import LONG
from screens.jump import JumpLabels
from screens.themes import CONTRAST, THEMES
from screens.widgets.dialogs import fact_of
from screens.widgets.help import HelpScreen
from screens.widgets.listing import Listing
from screens.widgets.message_line import MessageLine
from screens.widgets.text_button import TextButton
from tests.screens.conftest import Driver, drive, sample_project
from wizard.events import MessageTold, Stage
from wizard.messages import Kind, Message, Place


@pytest.fixture
def project(home: Path) -> Path:
    with sample_project(home):
        return home / "p"


def test_every_control_can_be_jumped_to_and_has_help_and_a_menu(project: Path, home: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.open(project)
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        tree = d.app.screen.query_one("#tree", Listing)
        assert d.app.focused is tree
        await d.keys("j", "j", "j", "k")
        assert tree.cursor == 2, "j and k as arrow keys"
        await d.keys("G")
        assert tree.cursor == len(tree.rows) - 1
        await d.keys("question_mark")
        assert isinstance(d.app.screen, HelpScreen)
        assert "A tree" in d.text
        assert "Space ticks" in d.text
        await d.keys("question_mark", "full_stop")
        assert isinstance(d.app.screen, ContextMenu)
        names = [str(o.prompt).split("  ")[0] for o in d.app.screen.query_one(OptionList).options]
        assert names[:2] == ["Add file", "Find"], "what this stage can do is first"
        assert len(names) == len(set(names))
        await d.keys("down", "enter")
        assert type(d.app.screen).__name__ == "FindFiles"
        await d.keys("escape", "ctrl+o")
        jump = d.app.screen
        assert isinstance(jump, JumpLabels)
        controls = {w.id: letter for letter, w in jump._controls.items()}
        assert {"rail", "tree", "filter", "add", "next", "back"} <= controls.keys()
        await d.keys(controls["filter"])
        assert d.app.focused.id == "filter"
        await d.type("jkG?.")
        assert d.app.screen.query_one("#filter").value == "jkG?.", "in a field they are letters"
        await d.keys("ctrl+o", controls["back"])
        await d.goes_to(Stage.PROJECT)
        await d.keys("ctrl+c")
        assert "Ctrl+Q leaves" in d.told
        before = set(home.rglob("*.svg"))
        d.app.save_picture()
        kept = set(home.rglob("*.svg")) - before
        assert len(kept) == 1
        assert kept.pop().parent == d.app.migration.folder

    drive(WizardApp(), todo)


def test_a_right_click_opens_the_menu_on_the_row_and_chooses_nothing(project: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.open(project)
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        tree = d.app.screen.query_one("#tree", Listing)
        await d.pilot.click("#tree", offset=(6, 3), button=3)
        await d.settle()
        assert isinstance(d.app.screen, ContextMenu)
        assert tree.cursor == 3
        await d.keys("escape")
        assert d.stage is Stage.SOURCES

    drive(WizardApp(), todo)


def test_the_worst_message_stands_in_the_line_and_a_sign_says_what_cannot_be_pressed(project: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.open(project)
        await d.until(lambda: d.stage is not None)
        for number, facts in ((8104, {}), (8202, {"path": "b.mdb"}), (8204, {"names": "x", "source": "y"})):
            d.app.inbox.append(MessageTold(1.0, Stage.SOURCES, Message.of(number, Place(), **facts)))
        await d.settle()
        assert "✗ No source was added" in str(d.app.screen.query_one(MessageLine).content)
        d.app.go(Stage.MIGRATE)
        await d.goes_to(Stage.MIGRATE)
        stop = d.app.screen.query_one("#stop", Button)
        assert stop.disabled
        assert str(stop.label) == "(Stop)"
        stop.disabled = False
        assert str(stop.label) == "[Stop]"

    drive(WizardApp(), todo)


def test_a_label_keeps_its_brackets() -> None:
    assert str(TextButton("Next").label) == "[Next]"
    assert str(TextButton("More", disabled=True).label) == "(More)"


def test_long_work_calls_back_and_short_work_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    app, rung = WizardApp(), []
    monkeypatch.setattr(app, "bell", lambda: rung.append(True))
    app.call_back(time.monotonic() - LONG / 2, "short")
    assert not rung
    app.call_back(time.monotonic() - LONG * 2, "long")
    assert rung == [True]


@pytest.mark.parametrize(
    ("message", "fact"),
    [
        (Message.of(8104, Place(Kind.PROJECT)), "No source was added"),
        (Message.of(8200, Place(), path="a.mdb"), "a.mdb is not there"),
    ],
)
def test_a_dialog_says_the_fact_first(message: Message, fact: str) -> None:
    title, rest = fact_of(message)
    assert title == fact
    assert rest
    assert not rest.startswith(title)


def test_who_leaves_is_told_how_to_go_on(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say_how_to_go_on(home / "my books.jetferry.toml")
    say_how_to_go_on(Path("/elsewhere/b.jetferry.toml"))
    assert capsys.readouterr().err.splitlines() == ["Go on: jetferry 'my books'", "Go on: jetferry /elsewhere/b"]


def test_the_theme_of_high_contrast_has_contrast() -> None:
    def light(colour: str) -> float:
        parts: list[Any] = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert CONTRAST in THEMES
    for colour in (CONTRAST.foreground, CONTRAST.primary, CONTRAST.accent, CONTRAST.warning, CONTRAST.error):
        for ground in (CONTRAST.background, CONTRAST.panel):
            assert colour
            assert ground
            assert (light(colour) + 0.05) / (light(ground) + 0.05) >= 7
