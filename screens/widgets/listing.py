"""A list of any length with columns: only the lines on the screen are drawn, so ten thousand open at once."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from screens.widgets.rows_view import RowsView
from screens.widgets.status_signs import plain
from wizard.outcomes import Role


@dataclass(frozen=True, slots=True)
class Toned:
    """A cell in the colour of an outcome."""

    text: str
    role: Role

    def __str__(self) -> str:
        return self.text


Cell = str | Text | Toned
Row = Sequence[Cell]


MENU_BUTTON: Final = 3
"""the right one of a mouse, which opens a menu on the row and chooses nothing"""
SHORTEST: Final = 8
"""cells in which there is no room for two ends of a name"""


def _last_cells(text: str, cells: int) -> str:
    """As much of the end as `cells` hold."""
    end = len(text)
    while end and cell_len(text[end - 1 :]) <= cells:
        end -= 1
    return text[end:]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a listing: `width` in cells; 0 takes what the others leave, in proportion to `share`.

    In a listing of fewer than `least` cells the column is left out.
    """

    title: str
    width: int = 0
    right: bool = False
    share: int = 1
    least: int = 0
    middle: bool = False
    """names are cut in their middle: their ends tell them apart as often as their beginnings"""
    qualified: bool = False
    """names have a schema before them, which is cut first"""


def fitted(text: str, width: int, *, right: bool = False, middle: bool = False, qualified: bool = False) -> str:
    """Exactly `width` cells: cut with an ellipsis, at the end or in the middle, the schema first; or padded."""
    if cell_len(text) > width:
        schema, dot, name = text.partition(".") if qualified else ("", "", text)
        if dot:
            room = width - cell_len(name) - 2  # for the ellipsis and the dot
            return set_cell_size(schema, room) + f"….{name}" if room > 0 else fitted(name, width, middle=True)
        if middle and width > SHORTEST:
            end = _last_cells(text, (width - 1) // 3)
            return set_cell_size(text, width - 1 - cell_len(end)) + "…" + end
        return set_cell_size(text, max(width - 1, 0)) + ("…" if width else "")
    gap = " " * (width - cell_len(text))
    return gap + text if right else text + gap


class Listing(RowsView, can_focus=True):
    """Rows with a cursor. Enter or a click on the cursor's row chooses; Space toggles."""

    DEFAULT_CSS = """
    Listing { height: 1fr; background: $surface; scrollbar-size: 1 1; overflow-x: hidden; }
    Listing > .listing--header { text-style: bold; background: $panel; color: $text; }
    Listing > .listing--cursor { background: $primary 30%; text-style: bold; }
    Listing:ansi > .listing--cursor { background: ansi_default; text-style: bold underline; }
    Listing:focus > .listing--cursor { text-style: reverse; background: $surface; color: $text; }
    Listing > .listing--busy { color: $accent; }
    Listing > .listing--good { color: $success; }
    Listing > .listing--weaker { color: $primary; }
    Listing > .listing--loss { color: $warning; }
    Listing > .listing--bad { color: $error; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"listing--header", "listing--cursor", *(f"listing--{r}" for r in Role)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", show=False),
        Binding("space", "tick", show=False),
    ]

    class Posted(Message):
        """About row `index` of `listing`."""

        def __init__(self, listing: Listing, index: int) -> None:
            self.listing, self.index = listing, index
            super().__init__()

        @property
        def control(self) -> Listing:
            """The list, by which a handler's selector chooses."""
            return self.listing

    class Highlighted(Posted):
        """The cursor came to a row."""

    class Chosen(Posted):
        """Enter, or a click on the row that the cursor is on."""

    class Toggled(Posted):
        """Space."""

    def __init__(
        self, *columns: Heading, id: str | None = None, header: bool = True, empty: str = "", classes: str | None = None  # noqa: A002 - Textual's name
    ) -> None:  # fmt: skip
        super().__init__(id=id, classes=classes)
        self._columns = columns
        self._rows: Sequence[Row] = ()
        self._header = 1 if header else 0
        self._empty = empty
        self.cursor = 0

    # what it shows

    def show(self, rows: Sequence[Row], *, cursor: int | None = None) -> None:
        """Show these rows; the cursor stays where it was unless `cursor` is given."""
        self._rows = rows
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, len(rows) - 1))
        self._measure()
        self.refresh()
        if cursor is not None:
            self._into_view()

    def say(self, text: str) -> None:
        """What stands there while there are no rows."""
        self._empty = text
        self.refresh()

    def change(self, index: int, row: Row) -> None:
        """Another content of one row: only its line is drawn again, and only if it differs."""
        if not isinstance(self._rows, list):
            self._rows = list(self._rows)
        if self._rows[index] != row:
            self._rows[index] = row
            self._redraw(index)

    @property
    def rows(self) -> Sequence[Row]:
        """All lines, each a text for every column."""
        return self._rows

    @property
    def columns(self) -> tuple[Heading, ...]:
        """The headings, from left to right."""
        return self._columns

    def set_columns(self, *columns: Heading) -> None:
        """Other widths; the rows stay."""
        self._columns = columns
        self.refresh()

    def copy_text(self) -> str:
        """The cursor's row, for the clipboard."""
        return "\t".join(str(c) for c in self._rows[self.cursor]) if self._rows else ""

    # drawing

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows) + self._header)

    def on_resize(self) -> None:
        self._measure()
        self._into_view()

    def widths(self) -> list[int]:
        """Cells of each column in the present width; 0 of those that are left out."""
        whole = self.scrollable_content_region.width
        shown = [c for c in self._columns if c.least <= whole]
        free = whole - sum(c.width for c in shown) - len(shown) + 1
        shares = sum(c.share for c in shown if not c.width) or 1
        return [c.width or max(3, free * c.share // shares) if c.least <= whole else 0 for c in self._columns]

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        style = self.rich_style
        if self._header and y == 0:
            style = self.get_component_rich_style("listing--header")
            return self._strip([c.title for c in self._columns], style, width)
        index = y - self._header + self.scroll_offset.y
        if not self._rows:
            told = dict(enumerate(textwrap.wrap(self._empty, max(width, 1)), self._header)).get(y, "")
            return Strip([Segment(fitted(told, width), style)], width)
        if not 0 <= index < len(self._rows):
            return Strip([Segment(" " * width, style)], width)
        if index == self.cursor:
            style = style + self.get_component_rich_style("listing--cursor")
        return self._strip(self._rows[index], style, width)

    def _strip(self, row: Row, style: Style, width: int) -> Strip:
        segments: list[Segment] = []
        widths = self.widths()
        for cell, cells, column in zip(row, widths, self._columns, strict=False):
            if not cells:
                continue
            if segments:
                segments.append(Segment(" ", style))
            if isinstance(cell, Text):
                text = cell.copy()
                text.truncate(cells, overflow="ellipsis", pad=True)
                segments += Segment.apply_style(text.render(self.app.console), style)
            else:
                own = style + self._colour(cell.role) if isinstance(cell, Toned) else style
                how = {"right": column.right, "middle": column.middle, "qualified": column.qualified}
                segments.append(Segment(fitted(plain(str(cell)), cells, **how), own))
        return Strip(segments).adjust_cell_length(width, style)

    def _colour(self, role: Role) -> Style:
        return Style() if role is Role.QUIET else Style(color=self.get_component_rich_style(f"listing--{role}").color)

    def _redraw(self, index: int) -> None:
        y = index + self._header - self.scroll_offset.y
        if self._header <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    # the cursor

    def go_to(self, index: int) -> None:
        """The cursor to a row, and the row into view."""
        if not self._rows:
            return
        index = max(0, min(index, len(self._rows) - 1))
        if index != self.cursor:
            former, self.cursor = self.cursor, index
            self._redraw(former)
            self._redraw(index)
        self._into_view()
        self.post_message(self.Highlighted(self, index))

    def action_move(self, by: int) -> None:
        self.go_to(self.cursor + by)

    def action_choose(self) -> None:
        if self._rows:
            self.post_message(self.Chosen(self, self.cursor))

    def action_tick(self) -> None:
        if self._rows:
            self.post_message(self.Toggled(self, self.cursor))

    def row_at(self, y: int) -> int | None:
        """The row drawn at line `y` of the widget."""
        index = y - self._header + self.scroll_offset.y
        return index if y >= self._header and 0 <= index < len(self._rows) else None

    def on_click(self, event: events.Click) -> None:
        index = self.row_at(event.y)
        if index is None:
            return
        if index == self.cursor and event.button != MENU_BUTTON:
            self.action_choose()
        else:
            self.go_to(index)
