"""Dialogs by the keys alone."""

from __future__ import annotations

from textual.containers import VerticalScroll

from screens.app import WizardApp
from screens.widgets.dialogs import Answer, Question
from tests.screens.conftest import Driver, drive


def test_a_long_text_is_read_to_its_end_with_keys() -> None:
    answers: list[str | None] = []

    async def walk(d: Driver) -> None:
        text = "\n".join(f"line {n}" for n in range(60))
        d.app.push_screen(Question("Long", text, [Answer("ok", "OK")]), answers.append)
        await d.settle()
        scrolled = d.app.screen.query_one(VerticalScroll)
        assert "line 59" not in d.text
        await d.keys("pagedown", "down", "up")
        assert scrolled.scroll_y > 0
        await d.keys("end")
        assert "line 59" in d.text
        await d.keys("home")
        assert "line 0" in d.text
        await d.keys("enter")
        assert answers == ["ok"]

    drive(WizardApp(), walk)
