"""Styling is the most work of opening a stage: each widget is styled when it comes and when its screen is shown."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.widget import Widget
from textual.widgets import Button

from screens.app import WizardApp
from screens.widgets.key_footer import KeyFooter
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.stages import Migration

FOCUSED = 2
"""times more, as the focus comes and as it stays while dialogs come and go"""


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)], ids=str)
def test_a_stage_that_is_opened_styles_its_widgets_twice(
    home: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p") as m:
        m.sources.add(home / SAMPLE.name)
        m.prepare()
    styled: Counter[Any] = Counter()
    apply = Stylesheet.apply

    def counted(sheet: Stylesheet, node: Any, **given: Any) -> None:
        styled[node] += 1
        apply(sheet, node, **given)

    async def walk(d: Driver) -> None:
        await d.goes_to(Stage.ASSESS)
        monkeypatch.setattr(Stylesheet, "apply", counted)
        d.app.go(Stage.CONVERT)
        await d.goes_to(Stage.CONVERT)
        screen = d.app.screen
        again = [w for w in (*screen.query(Button), *screen.query_one(KeyFooter).children) if not w.has_focus]
        assert len(again) > 10
        assert {str(w): styled[w] for w in again if styled[w] > 2} == {}
        more = {str(w): styled[w] for w in screen.query(Widget) if styled[w] > 2 + FOCUSED}
        assert more == {}

    drive(WizardApp(home / "p"), walk, size)


def test_a_widget_is_styled_when_it_is_on_a_screen_and_not_before(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def walk(d: Driver) -> None:
        styled: list[Any] = []
        monkeypatch.setattr(Stylesheet, "update_nodes", lambda _sheet, nodes, **_: styled.extend(nodes))
        button = Button("Go", variant="primary", compact=True)
        button.add_class("-waiting")
        assert styled == []
        await d.app.screen.mount(button)
        button.add_class("-late")
        assert button in styled

    drive(WizardApp(), walk)
