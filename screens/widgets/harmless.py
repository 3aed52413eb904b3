"""The last thing before the terminal: nothing that a terminal would obey leaves a widget, whatever its text holds."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from wizard.escaping import for_terminal


class Harmless(LineFilter):
    """Takes control characters and marks that turn text's direction out of every line; its width stays."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [s if s.control or for_terminal(s.text) == s.text else _tame(s) for s in segments]


def _tame(segment: Segment) -> Segment:
    text = "".join(c if for_terminal(c) == c else "?" * cell_len(c) for c in segment.text)
    return Segment(text, segment.style, segment.control)


HARMLESS: Final = Harmless()
