"""Four themes: light, dark, one of high contrast, and a plain one for terminals of sixteen colours and for NO_COLOR."""

from __future__ import annotations

import os
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from wizard import remembered

DARK: Final = Theme(
    name="jetferry-dark",
    primary="#4aa3c7",
    secondary="#7fb069",
    accent="#e6aa68",
    foreground="#e6e9ec",
    background="#10171d",
    surface="#16202a",
    panel="#1f2d3a",
    success="#7fb069",
    warning="#e6aa68",
    error="#e4646e",
    dark=True,
)
LIGHT: Final = Theme(
    name="jetferry-light",
    primary="#0f6a8b",
    secondary="#3d7a2a",
    accent="#854600",
    foreground="#1b2329",
    background="#f5f7f8",
    surface="#ffffff",
    panel="#e3eaee",
    success="#3d7a2a",
    warning="#854600",
    error="#b3261e",
    dark=False,
)
PLAIN: Final = Theme(
    name="jetferry-plain",
    primary="ansi_cyan",
    secondary="ansi_green",
    accent="ansi_bright_yellow",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    dark=True,
    ansi=True,
    variables=BUILTIN_THEMES["ansi-dark"].variables,
)
CONTRAST: Final = Theme(
    name="jetferry-contrast",
    primary="#ffff00",
    secondary="#00ff00",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    success="#00ff00",
    warning="#ffb000",
    error="#ff8080",
    dark=True,
    variables={"text-muted": "#ffffff", "text-disabled": "#c0c0c0"},
)
THEMES: Final = (DARK, LIGHT, PLAIN, CONTRAST)
FEW: Final = {"linux", "ansi", "vt100", "vt220", "xterm", "screen", "tmux", "rxvt", "dumb"}
"""terminals that promise no more than sixteen colours"""


def choose_theme(name: str) -> None:
    """Remember a person's choice."""
    remembered.remember("theme", name)


def chosen_theme() -> str | None:
    """The theme that was chosen last; None before any choice, and where NO_COLOR forbids it."""
    if without_colours():
        return None
    name = remembered.recalled("theme")
    return name if name in {t.name for t in THEMES} else None


def without_colours() -> bool:
    """NO_COLOR, as https://no-color.org has it: set, and not empty."""
    return bool(os.environ.get("NO_COLOR"))


def fitting() -> str:
    """The theme for this terminal, chosen from its environment: plain where colours are few or unwanted."""
    term = os.environ.get("TERM", "")
    few = term in FEW or term.endswith(("-16color", "-8color", "-mono"))
    rich = os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}
    plain = without_colours() or (few and not rich)
    return PLAIN.name if plain else DARK.name
