"""Rows under any number of columns, as wide as they need: only what is on the screen is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from screens.widgets.listing import fitted
from screens.widgets.rows_view import RowsView
from screens.widgets.status_signs import plain

Row = Sequence[str | None]
"""None stands for NULL"""
WIDEST = 40
"""cells; what is longer ends with an ellipsis, and is whole in what is copied"""
MEASURED = 500
"""rows that say how wide a column is"""


class Grid(RowsView, can_focus=True):
    """A cursor goes from row to row; left and right scroll."""

    DEFAULT_CSS = """
    Grid { height: 1fr; background: $surface; scrollbar-size: 1 1; }
    Grid > .grid--header { text-style: bold; background: $panel; color: $text; }
    Grid > .grid--cursor { background: $primary 30%; text-style: bold; }
    Grid:ansi > .grid--cursor { background: ansi_default; text-style: bold underline; }
    Grid:focus > .grid--cursor { text-style: reverse; background: $surface; color: $text; }
    Grid > .grid--null { text-style: italic dim; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"grid--header", "grid--cursor", "grid--null"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "aside(-1)", show=False),
        Binding("right", "aside(1)", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.columns: Sequence[str] = ()
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self._widths: list[int] = []

    def show(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Show these in place of what was there."""
        self.columns, self.rows, self.cursor = columns, rows, 0
        self._widths = [min(WIDEST, max(cell_len(plain(c)), 4)) for c in columns]
        for row in rows[:MEASURED]:
            for i, value in enumerate(row):
                if value and self._widths[i] < WIDEST:
                    self._widths[i] = max(self._widths[i], min(WIDEST, cell_len(plain(value[:WIDEST]))))
        self.virtual_size = Size(sum(self._widths) + len(self._widths), len(rows) + 1)
        self.scroll_home(animate=False)
        self.refresh()

    def copy_text(self) -> str:
        """The cursor's row, for the clipboard."""
        return "\t".join(v or "" for v in self.rows[self.cursor]) if self.rows else ""

    def render_line(self, y: int) -> Strip:
        width, x = self.size.width, self.scroll_offset.x
        if y == 0:
            style = self.get_component_rich_style("grid--header")
            return self._strip(self.columns, style, x, width)
        index = y - 1 + self.scroll_offset.y
        style = self.rich_style
        if index >= len(self.rows):
            return Strip.blank(width, style)
        if index == self.cursor:
            style = style + self.get_component_rich_style("grid--cursor")
        return self._strip(self.rows[index], style, x, width)

    def _strip(self, row: Row, style: Style, x: int, width: int) -> Strip:
        null = style + self.get_component_rich_style("grid--null")
        segments: list[Segment] = []
        at = skipped = 0
        for value, cells in zip(row, self._widths, strict=False):
            if at >= x + width:
                break
            if at + cells + 1 <= x:
                skipped += cells + 1
            elif value is None:
                segments.append(Segment(fitted("NULL", cells) + " ", null))
            else:
                segments.append(Segment(fitted(plain(value), cells) + " ", style))
            at += cells + 1
        return Strip(segments).crop(x - skipped, x - skipped + width).adjust_cell_length(width, style)

    # the cursor

    def action_move(self, by: int) -> None:
        if self.rows:
            self.cursor = max(0, min(self.cursor + by, len(self.rows) - 1))
            self._into_view()
            self.refresh()

    def action_aside(self, by: int) -> None:
        """To the next or former column's left edge."""
        edges = [sum(self._widths[:i]) + i for i in range(len(self._widths))]
        x = self.scroll_offset.x
        wanted = next((e for e in edges if e > x), x) if by > 0 else next((e for e in reversed(edges) if e < x), 0)
        self.scroll_to(x=wanted, animate=False, force=True)

    def on_resize(self) -> None:
        self._into_view()

    def watch_scroll_x(self, old: float, new: float) -> None:
        super().watch_scroll_x(old, new)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = event.y - 1 + self.scroll_offset.y
        if event.y > 0 and index < len(self.rows):
            self.action_move(index - self.cursor)
