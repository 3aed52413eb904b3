"""A dialog that shows rows as a table, with a line or two about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from screens.widgets.grid import Grid, Row
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton


class TableDialog(ModalScreen[None]):
    """Rows under their columns' names; they can be copied."""

    DEFAULT_CSS = """
    TableDialog { align: center middle; }
    TableDialog > Vertical { width: 96%; height: 80%; border: round $primary; background: $surface; padding: 0 1; }
    TableDialog #note { max-height: 8; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close"), Binding("ctrl+y", "copy", "Copy")]

    def __init__(self, title: str, note: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        self._title, self._note, self._columns, self._rows = title, note, columns, rows
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = plain(self._title)
            yield Static(plain(self._note), id="note", markup=False)
            yield Grid()
            yield TextButton("Close", id="close", variant="primary", compact=True)

    def on_mount(self) -> None:
        table = self.query_one(Grid)
        table.show(self._columns, self._rows)
        (table if self._rows else self.query_one("#close")).focus()

    def action_copy(self) -> None:
        lines = [self._columns, *(["" if v is None else v for v in row] for row in self._rows)]
        self.app.copy_to_clipboard("\n".join("\t".join(line) for line in lines))
        self.app.notify("Copied.")

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss()
