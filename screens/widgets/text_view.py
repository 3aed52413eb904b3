"""A text of any length, wrapped and in colour: made in a thread, and only the lines on the screen are drawn."""

from __future__ import annotations

import io
from collections.abc import Callable

from rich.cells import cell_len
from rich.console import Console
from rich.markdown import Markdown
from rich.style import Style
from rich.text import Text
from textual import work
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import get_current_worker

Shown = Text | Markdown
HIT = Style(reverse=True, bold=True)
TAB = 4
"""cells"""


class TextView(ScrollView, can_focus=True):
    """Arrow keys scroll it; its text is made again for another width or theme."""

    class Made(Message):
        """What was to be shown is."""

    DEFAULT_CSS = """
    TextView { height: 1fr; background: $background; scrollbar-size: 1 1; overflow-x: hidden; }
    TextView:focus { background: $surface; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._make: Callable[[str], Shown] = lambda _: Text()
        self._text = ""
        self._lines: list[Strip] = []
        self._width = 0
        self._making = self._stale = False
        """a thread makes it; something newer is wanted than what it makes"""
        self._wanted = ""
        self._hit = -1
        """what is looked for, and the line of the hit that was come to last"""

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._again())

    def show(self, make: Callable[[str], Shown]) -> None:
        """Show what `make` gives for the theme of the name given to it; it is called in a thread, maybe again."""
        self._make = make
        self.scroll_home(animate=False)
        self._again()

    def find(self, wanted: str, *, onwards: bool = False) -> bool:
        """Mark every hit, and scroll to the first from the present one on, or to the one after it; whether any is."""
        self._wanted = wanted.casefold()
        hits = [n for n, line in enumerate(self._lines) if self._wanted and self._wanted in line.text.casefold()]
        start = self._hit + 1 if onwards else max(self._hit, 0)
        self._hit = next((n for n in hits if n >= start), hits[0] if hits else -1)
        if hits:
            self.scroll_to(y=max(0, self._hit - self.size.height // 2), animate=False)
        self.refresh()
        return bool(hits)

    def copy_text(self) -> str:
        """All of it, for the clipboard."""
        return self._text

    def on_resize(self) -> None:
        if self._cells != self._width:
            self._again()

    @property
    def _cells(self) -> int:
        """What a line may take; the scroll bar's cell is left free, so that it changes nothing when it comes.

        Reckoned from outside: the size inside and the bar do not change at the same moment.
        """
        return max(1, self.outer_size.width - self.styles.gutter.width - 1)

    def _again(self) -> None:
        """One thread at a time: who runs through a list of objects does not leave a thread for each."""
        if not self.size.width:
            return
        self._stale = self._making
        if not self._making:
            self._making, self._width = True, self._cells
            self._wrap(self._make, self.app.theme, self._width)

    @work(thread=True, group="text")
    def _wrap(self, make: Callable[[str], Shown], theme: str, width: int) -> None:
        worker = get_current_worker()
        shown = make(theme)
        lines = _lines(shown, width)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._wrapped, _plain(shown), lines)

    def _wrapped(self, text: str, lines: list[Strip]) -> None:
        self._making = False
        if not self.is_attached:
            return
        if self._stale:
            self._again()
            return
        self._text, self._lines, self._hit = text, lines, -1
        self.virtual_size = Size(self._width, len(lines))
        self.refresh()
        self.post_message(self.Made())

    def render_line(self, y: int) -> Strip:
        style, width = self.rich_style, self.size.width
        index = y + self.scroll_offset.y
        if not 0 <= index < len(self._lines):
            return Strip.blank(width, style)
        line = self._lines[index].apply_style(style).adjust_cell_length(width, style)
        return self._marked(line) if self._wanted else line

    def _marked(self, line: Strip) -> Strip:
        """The line with its hits reversed."""
        text, parts, at = line.text, [], 0
        folded = text.casefold()
        if len(folded) != len(text):  # letters that fold to several: places would not fit
            folded = text.lower()
        found = folded.find(self._wanted)
        while found >= 0:
            begin, end = cell_len(text[:found]), cell_len(text[: found + len(self._wanted)])
            parts += [line.crop(at, begin), line.crop(begin, end).apply_style(HIT)]
            at = end
            found = folded.find(self._wanted, found + len(self._wanted))
        return Strip.join([*parts, line.crop(at, line.cell_length)])

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self.refresh()


def _plain(shown: Shown) -> str:
    return shown.plain if isinstance(shown, Text) else shown.markup


def _lines(shown: Shown, width: int) -> list[Strip]:
    """The text in lines of at most `width` cells."""
    console = Console(width=width, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    if isinstance(shown, Markdown):
        return [Strip(line) for line in console.render_lines(shown, pad=False)]
    return [
        Strip(list(part.render(console)))
        for line in shown.split("\n", allow_blank=True)
        for part in line.wrap(console, width, tab_size=TAB, overflow="fold")
    ]
