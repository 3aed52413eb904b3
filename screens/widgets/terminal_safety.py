"""Text of widgets made harmless before the terminal gets it, whatever it holds."""

from __future__ import annotations

import os
import sys
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from wizard.escaping import for_terminal, twin


class TerminalSafety(LineFilter):
    """Takes control characters and marks that turn text's direction out of every line; its width stays.

    Of a terminal that is not of UTF-8 it is known what it can show: the rest become signs of ASCII.
    """

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = "" if encoding.lower().replace("-", "").startswith("utf") else encoding

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [s if s.control or self._good(s.text) else self._tame(s) for s in segments]

    def _good(self, text: str) -> bool:
        return for_terminal(text) == text and (text.isascii() or self._shown(text))

    def _shown(self, text: str) -> bool:
        try:
            text.encode(self._encoding or "utf-8")
        except UnicodeEncodeError:
            return False
        return True

    def _tame(self, segment: Segment) -> Segment:
        text = "".join(c if self._good(c) else self._in_place_of(c) for c in segment.text)
        return Segment(text, segment.style, segment.control)

    def _in_place_of(self, character: str) -> str:
        sign = "?" if for_terminal(character) != character else twin(character)
        return sign * cell_len(character)


def terminal_encoding() -> str:
    """What the terminal takes, which the wizard writes to by standard error.

    Python writes UTF-8 where LC_ALL asks for the locale C, which has ASCII alone, unless PYTHONUTF8 asks for that.
    """
    if os.environ.get("LC_ALL") in ("C", "POSIX") and os.environ.get("PYTHONUTF8") != "1":
        return "ascii"
    return getattr(sys.__stderr__, "encoding", None) or "utf-8"


HARMLESS: Final = TerminalSafety(terminal_encoding())
