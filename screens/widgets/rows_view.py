"""The base of lists and grids of rows: a cursor on a row, moved by keys, that stays in view."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.scroll_view import ScrollView


class RowsView(ScrollView, can_focus=True):
    """Draws only the lines that are on the screen; `action_move` is each kind's own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-100000000)", show=False),
        Binding("end", "move(100000000)", show=False),
    ]
    cursor = 0
    _header = 1
    """lines above the rows"""

    def action_move(self, by: int) -> None:
        raise NotImplementedError

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - self._header - 1))

    def _into_view(self) -> None:
        lines, top = max(1, self.size.height - self._header), self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + lines:
            self.scroll_to(y=self.cursor - lines + 1, animate=False, force=True)

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self.refresh()
