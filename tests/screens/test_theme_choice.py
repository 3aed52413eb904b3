"""The theme that a person chose is there in the next session."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.themes import DARK, LIGHT, PLAIN
from tests.screens.conftest import Driver, drive


def test_a_chosen_theme_is_remembered_but_no_color_comes_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WizardApp().theme == DARK.name

    async def choose(d: Driver) -> None:
        commands = {c.title: c for c in d.app.get_system_commands(d.app.screen)}
        commands["Theme: light"].callback()
        await d.settle()
        assert d.app.theme == LIGHT.name

    drive(WizardApp(), choose)
    assert WizardApp().theme == LIGHT.name
    monkeypatch.setenv("NO_COLOR", "1")
    assert WizardApp().theme == PLAIN.name


def test_a_choice_that_cannot_be_read_changes_nothing(home: Path) -> None:
    kept = home / "state" / "jetferry" / "theme"
    kept.parent.mkdir(parents=True)
    for content in (b"no-such-theme", b"\xff\xfe"):
        kept.write_bytes(content)
        assert WizardApp().theme == DARK.name


def test_without_colours_texts_have_the_terminals_own_and_the_cursor_is_seen(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def look(d: Driver) -> None:
        for keys in ((), ("down",)):
            await d.keys(*keys)
            segments = [s for strip in d.app.screen._compositor.render_strips() for s in strip if s.style]
            assert not [s for s in segments if s.style.color and not s.style.color.is_default]
            marked = "".join(s.text for s in segments if s.style.underline)
            assert marked.strip() == ("Open a project" if keys else "New project")

    drive(WizardApp(), look)
