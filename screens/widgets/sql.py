"""SQL in colour, and the differences between two texts: underlined and with a sign, not by colour alone."""

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

STYLES: Final = {
    "jetferry-dark": "github-dark",
    "jetferry-contrast": "github-dark",
    "jetferry-light": "default",
    "jetferry-plain": "ansi_dark",
}
LONGEST: Final = 60_000
"""characters that are coloured; longer texts are shown plain, so that nothing waits"""
MOST_WORDS: Final = 6_000
"""words that are compared"""
_WORD = re.compile(r"\w+|[^\w\s]")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def highlighted(sql: str, theme: str, language: str = "tsql") -> Text:
    """The text in the colours of the theme; what a terminal would obey is shown as a sign.

    `language` is a lexer's name in Pygments: `vbnet` has VBA's words and comments; empty where it is no code.
    """
    sql = _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", sql.replace("\r\n", "\n"))
    if len(sql) > LONGEST or not language:
        return Text(sql)
    syntax = Syntax(sql, language, theme=STYLES.get(theme, "ansi_dark"), background_color="default")
    text = syntax.highlight(sql)
    text.rstrip()
    spans = [Span(s.start, s.end, _without_ground(s.style)) for s in text.spans if isinstance(s.style, Style)]
    return Text(text.plain, spans=spans)


def _without_ground(style: Style) -> Style:
    """The screen's own background shows through."""
    return Style(color=style.color, bold=style.bold, italic=style.italic)


def marked(source: Text, target: Text) -> tuple[Text, Text]:
    """Both texts; words that are in only one of them are underlined, their lines begin with `±`."""
    texts = source, target
    words = [list(_WORD.finditer(t.plain)) for t in texts]
    if max(len(w) for w in words) <= MOST_WORDS:
        one, other = ([m.group().casefold() for m in w] for w in words)
        matcher = SequenceMatcher(None, one, other, autojunk=min(len(one), len(other)) > 1_500)
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag != "equal":
                for text, found in ((source, words[0][a:b]), (target, words[1][c:d])):
                    for m in found:
                        text.stylize("underline", m.start(), m.end())
    return _signed(source), _signed(target)


def _signed(text: Text) -> Text:
    """`±` before every line with something underlined."""
    ends = [m.start() for m in re.finditer("\n", text.plain)]
    marked = {bisect_left(ends, s.start) for s in text.spans if s.style == "underline"}
    result = Text()
    for number, line in enumerate(text.split("\n", allow_blank=True)):
        result.append("± " if number in marked else "  ").append_text(line).append("\n")
    return result


class TextPair:
    """An object's two texts for two views; `read` gives them and is called in a thread, once for each theme.

    `language` is that of the source; empty where it is no code, which is then shown without colours. `marked` texts
    are compared word by word.
    """

    def __init__(self, read: Callable[[], tuple[str, str]], *, language: str, marked: bool) -> None:
        self._read, self._language, self._marked = read, language, marked
        self._made: dict[str, tuple[Text, Text]] = {}
        self._lock = threading.Lock()

    def source(self, theme: str) -> Text:
        """The text of Access, in the colours of a theme."""
        return self._both(theme)[0]

    def target(self, theme: str) -> Text:
        """The text of the server, in the colours of a theme."""
        return self._both(theme)[1]

    def _both(self, theme: str) -> tuple[Text, Text]:
        with self._lock:
            if theme not in self._made:
                source, target = self._read()
                texts = highlighted(source, theme, self._language), highlighted(target, theme)
                self._made[theme] = marked(*texts) if self._marked else texts
            return self._made[theme]
