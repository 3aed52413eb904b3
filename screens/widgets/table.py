"""A dialog that shows rows as a table, with a line or two about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, DataTable, Static

from screens.widgets.press import Press
from screens.widgets.signs import plain

Row = Sequence[str | None]
"""None stands for NULL"""


class TableDialog(ModalScreen[None]):
    """Rows under their columns' names; they can be copied."""

    DEFAULT_CSS = """
    TableDialog { align: center middle; }
    TableDialog > Vertical { width: 96%; height: 80%; border: round $primary; background: $surface; padding: 0 1; }
    TableDialog #note { max-height: 8; }
    TableDialog DataTable { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close"), Binding("ctrl+y", "copy", "Copy")]

    def __init__(self, title: str, note: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        self._title, self._note, self._columns, self._rows = title, note, columns, rows
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = plain(self._title)
            yield Static(plain(self._note), id="note", markup=False)
            yield DataTable(zebra_stripes=True, cursor_type="row")
            yield Press("Close", id="close", variant="primary", compact=True)

    def on_mount(self) -> None:
        table: DataTable[Text] = self.query_one(DataTable)
        for name in self._columns:
            table.add_column(Text(plain(name)))
        for row in self._rows:
            table.add_row(*(Text("NULL", style="italic dim") if v is None else Text(plain(v)) for v in row))
        (table if self._rows else self.query_one("#close")).focus()

    def action_copy(self) -> None:
        lines = [self._columns, *(["" if v is None else v for v in row] for row in self._rows)]
        self.app.copy_to_clipboard("\n".join("\t".join(line) for line in lines))
        self.app.notify("Copied.")

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss()
