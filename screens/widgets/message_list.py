"""All messages by severity, with the place each is about; `/` searches, Enter shows one in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Static

from screens.widgets.signs import SEVERITY_SIGNS
from wizard.messages import Message


class MessageList(ModalScreen[Message | None]):
    """A table of messages; returns the one chosen with Enter, so that the caller may go to its object."""

    DEFAULT_CSS = """
    MessageList { align: center middle; }
    MessageList > Vertical { width: 96%; height: 90%; border: round $primary; background: $surface; }
    MessageList Input { height: 1; border: none; }
    MessageList DataTable { height: 1fr; }
    MessageList #full { height: auto; max-height: 7; padding: 0 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2", "dismiss(None)", "Close"),
        Binding("slash", "search", "Search"),
        Binding("ctrl+y", "copy", "Copy"),
    ]

    def __init__(self, messages: Sequence[Message]) -> None:
        self._all = sorted(messages, key=lambda m: (m.severity.rank, m.number))
        self._shown = list(self._all)
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder="/ to search: a number, a name, a word", compact=True)
            table: DataTable[Text] = DataTable(cursor_type="row", zebra_stripes=True)
            table.add_columns("", "Number", "About", "Message")
            yield table
            yield Static("No messages." if not self._all else "", id="full", markup=False)

    def on_mount(self) -> None:
        self._fill()
        self.query_one(DataTable).focus()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        wanted = event.value.casefold()
        self._shown = [m for m in self._all if wanted in f"{m.code} {m.place} {m.text}".casefold()]
        self._fill()

    def _fill(self) -> None:
        table = self.query_one(DataTable)
        table.clear()
        for m in self._shown:
            about, text = str(m.place), m.text.replace("\n", " ")
            table.add_row(Text(SEVERITY_SIGNS[m.severity]), Text(m.code), Text(about), Text(text))

    @on(DataTable.RowHighlighted)
    def _show(self, event: DataTable.RowHighlighted) -> None:
        if 0 <= event.cursor_row < len(self._shown):
            self.query_one("#full", Static).update(str(self._shown[event.cursor_row]))

    @on(DataTable.RowSelected)
    def _choose(self, event: DataTable.RowSelected) -> None:
        self.dismiss(self._shown[event.cursor_row])

    @on(Input.Submitted)
    def _to_table(self) -> None:
        self.query_one(DataTable).focus()

    def action_search(self) -> None:
        self.query_one(Input).focus()

    def action_copy(self) -> None:
        row = self.query_one(DataTable).cursor_row
        if 0 <= row < len(self._shown):
            self.app.copy_to_clipboard(str(self._shown[row]))
            self.notify("Copied.")
