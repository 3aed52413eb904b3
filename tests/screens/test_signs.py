"""Nothing is told by colour alone, and a terminal gets the theme it can show."""

from __future__ import annotations

import pytest

from screens.themes import DARK, PLAIN, fitting
from screens.widgets.help import KEYS
from screens.widgets.sql import highlighted, marked
from screens.widgets.status_signs import OUTCOME_SIGNS, SEVERITY_SIGNS, STATUS_SIGNS, bar, sentence
from wizard.escaping import twin
from wizard.events import Stage


@pytest.mark.parametrize(
    ("environment", "theme"),
    [
        ({"TERM": "xterm-256color"}, DARK),
        ({"TERM": "linux"}, PLAIN),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, DARK),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, PLAIN),
    ],
)
def test_the_theme_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], theme: object
) -> None:
    for name in ("TERM", "COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert fitting() == theme.name


def test_every_state_has_a_sign_of_its_own() -> None:
    for signs in (STATUS_SIGNS, SEVERITY_SIGNS, OUTCOME_SIGNS):
        assert len(set(signs.values())) == len(signs)


def test_the_help_says_every_sign_of_a_stage() -> None:
    assert [sign for sign in STATUS_SIGNS.values() if f"`{sign}`" not in KEYS] == []


def test_a_bar_is_full_only_when_all_is_there_and_empty_only_when_nothing_is() -> None:
    assert bar(1, 8) == "█" * 8
    assert bar(0, 8) == "░" * 8
    assert bar(0.9999, 8) != bar(1, 8)
    assert bar(0.0001, 8) != bar(0, 8)
    assert {len(bar(n / 97, 8)) for n in range(98)} == {8}


def test_in_ascii_too_a_bar_is_full_only_when_all_is_there() -> None:
    for share in (0.951, 0.97, 0.99, 0.999):
        assert "".join(map(twin, bar(share, 10))) == "#########|"
    assert "".join(map(twin, bar(1, 10))) == "##########"


def test_lines_that_differ_are_marked_with_a_sign() -> None:
    texts = (highlighted(sql, "jetferry-dark") for sql in ("SELECT a\nFROM t", "SELECT a\nFROM dbo.t"))
    source, target = marked(*texts)
    assert source.plain.splitlines() == ["  SELECT a", "  FROM t"]
    assert target.plain.splitlines() == ["  SELECT a", "± FROM dbo.t"]


def test_a_heading_fits_one_line_of_the_smallest_terminal() -> None:
    for stage in Stage:
        assert len(f"{stage.number} {stage.value}: {sentence(stage)}") <= 62
