"""SQL in colour, and what differs between two texts: underlined and with a sign, not by colour alone."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Final

from rich.style import Style
from rich.syntax import Syntax
from rich.text import Span, Text

STYLES: Final = {"jetferry-dark": "github-dark", "jetferry-light": "default", "jetferry-plain": "ansi_dark"}
LONGEST: Final = 60_000
"""characters that are coloured; longer texts are shown plain, so that nothing waits"""
MOST_WORDS: Final = 6_000
"""words that are compared"""
_WORD = re.compile(r"\w+|[^\w\s]")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def highlighted(sql: str, theme: str, language: str = "tsql") -> Text:
    """The text in the colours of the theme; what a terminal would obey is shown as a sign.

    `language` is a lexer's name in Pygments: `vbnet` has VBA's words and comments.
    """
    sql = _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", sql.replace("\r\n", "\n"))
    if len(sql) > LONGEST:
        return Text(sql)
    syntax = Syntax(sql, language, theme=STYLES.get(theme, "ansi_dark"), background_color="default")
    text = syntax.highlight(sql)
    text.rstrip()
    spans = [Span(s.start, s.end, _without_ground(s.style)) for s in text.spans if isinstance(s.style, Style)]
    return Text(text.plain, spans=spans)


def _without_ground(style: Style) -> Style:
    """The screen's own background shows through."""
    return Style(color=style.color, bold=style.bold, italic=style.italic)


def beside(source: str, target: str, theme: str) -> tuple[Text, Text]:
    """Both texts in colour; words that are in only one of them are underlined, their lines begin with `±`."""
    texts = highlighted(source, theme), highlighted(target, theme)
    words = [list(_WORD.finditer(t.plain)) for t in texts]
    if max(len(w) for w in words) <= MOST_WORDS:
        one, other = ([m.group().casefold() for m in w] for w in words)
        matcher = SequenceMatcher(None, one, other, autojunk=min(len(one), len(other)) > 1_500)
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag != "equal":
                for text, found in ((texts[0], words[0][a:b]), (texts[1], words[1][c:d])):
                    for m in found:
                        text.stylize("underline", m.start(), m.end())
    return _signed(texts[0]), _signed(texts[1])


def _signed(text: Text) -> Text:
    """`±` before every line with something underlined."""
    ends = [m.start() for m in re.finditer("\n", text.plain)]
    marked = {bisect_left(ends, s.start) for s in text.spans if s.style == "underline"}
    result = Text()
    for number, line in enumerate(text.split("\n", allow_blank=True)):
        result.append("± " if number in marked else "  ").append_text(line).append("\n")
    return result


class Beside:
    """Two texts for two views, compared once for each theme; `read` gives them and is called in a thread."""

    def __init__(self, read: Callable[[], tuple[str, str]]) -> None:
        self._read = read
        self._made: dict[str, tuple[Text, Text]] = {}
        self._lock = threading.Lock()

    def source(self, theme: str) -> Text:
        return self._both(theme)[0]

    def target(self, theme: str) -> Text:
        return self._both(theme)[1]

    def _both(self, theme: str) -> tuple[Text, Text]:
        with self._lock:
            if theme not in self._made:
                self._made[theme] = beside(*self._read(), theme)
            return self._made[theme]
