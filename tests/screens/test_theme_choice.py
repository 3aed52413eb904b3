"""The theme that a person chose is there in the next session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.color import Color
from rich.style import Style

from screens.app import WizardApp
from screens.themes import CONTRAST, DARK, LIGHT, PLAIN, THEMES
from tests.screens.conftest import Driver, drive
from wizard.events import Stage

LEGIBLE = 4.5
"""contrast that WCAG asks for; what cannot be pressed, in round brackets, is exempt but where contrast is high"""


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


def _light(colour: Color | None, default: tuple[int, int, int]) -> float:
    parts: list[Any] = [c / 255 for c in (colour.triplet if colour and colour.triplet else default)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(style: Style) -> float:
    text, ground = _light(style.color, (255, 255, 255)), _light(style.bgcolor, (0, 0, 0))
    return (max(text, ground) + 0.05) / (min(text, ground) + 0.05)


def _faint(d: Driver, theme: str) -> list[tuple[str, float]]:
    """Words on the screen that can hardly be read; of sixteen colours, the terminal's own on a ground of another."""
    found = []
    for strip in d.app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if not any(c.isalnum() for c in text) or style is None or (text.startswith("(") and theme != CONTRAST.name):
                continue
            if theme == PLAIN.name:
                own, ground = style.color is None or style.color.is_default, style.bgcolor
                found += [(text, 0.0)] * (own and ground is not None and not ground.is_default)
            elif not style.dim and (contrast := _contrast(style)) < LEGIBLE:
                found.append((text, round(contrast, 2)))
    return found


@pytest.mark.parametrize("theme", [t.name for t in THEMES])
def test_every_word_of_a_stage_can_be_read_in_every_theme(finished: Path, theme: str) -> None:
    async def look(d: Driver) -> None:
        await d.until(lambda: d.app.stage_screen is not None)
        d.app.theme = theme
        for stage in Stage:
            d.app.go(stage)
            await d.until(lambda s=stage: d.app.stage_screen.stage is s)  # type: ignore[misc, union-attr]
            await d.settle()
            assert (stage, _faint(d, theme)) == (stage, [])

    drive(WizardApp(finished), look, size=(120, 40))
