"""Rejected rows of a table: the reason, their values, and where the files are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static

from screens.widgets.listing import Heading, Listing
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from screens.widgets.text_view import TextView
from screens.widgets.thread_results import bring
from wizard.messages import JetferryError
from wizard.stages import Migration, Reject

PAGE = 200


class RejectsDialog(ModalScreen["tuple[str, ...] | Reject | None"]):
    """Returns the tables whose rejected rows are sent again, none for all; a reject whose kind of trouble a rule is to
    repair; None where nothing is done."""

    DEFAULT_CSS = """
    RejectsDialog { align: center middle; }
    RejectsDialog > Vertical { width: 96%; height: 94%; border: round $primary; background: $surface; padding: 0 1; }
    RejectsDialog .row { height: 1; }
    RejectsDialog Button { margin-right: 1; }
    RejectsDialog TextView { border-top: hkey $primary; }
    RejectsDialog TextView:focus { border-top: outer $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close"),
        Binding("ctrl+y", "copy", "Copy"),
        Binding("r", "repair", "Repair"),
    ]

    def __init__(self, migration: Migration, table: str) -> None:
        self._migration, self._table = migration, table
        self._rejects: list[Reject] = []
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(f"Rejected rows of {plain(self._table)}", markup=False)
            yield Static(id="where", markup=False)
            yield Listing(
                Heading("Key", 16), Heading("Column", 16), Heading("Reason"), Heading("Number", 6), id="rejects",
                empty="Reading …",
            )  # fmt: skip
            yield TextView(id="values")
            with Horizontal(classes="row"):
                yield TextButton("Close", id="close", variant="primary", compact=True)
                yield TextButton("Send again", id="again", compact=True)
                yield TextButton("Send all again", id="again-all", compact=True)
                yield TextButton("Repair", id="repair", compact=True)
                yield TextButton("More", id="more", compact=True, disabled=True)

    def on_mount(self) -> None:
        self._read()

    @on(Button.Pressed, "#more")
    def _more(self) -> None:
        self._read()

    @work(thread=True, exclusive=True)
    def _read(self) -> None:
        try:
            found = self._migration.migrate.rejects(self._table, start=len(self._rejects), limit=PAGE)
        except JetferryError as e:
            bring(self, self._say_why, e.message.text)
            return
        where = self._migration.migrate.reject_folder
        bring(self, self._show, found, f"The files (CSV and Parquet) are in {where}")

    def _say_why(self, text: str) -> None:
        self.query_one(Listing).say(plain(text))

    def _show(self, found: Sequence[Reject], where: str) -> None:
        self._rejects += found
        listing = self.query_one(Listing)
        listing.say("No rejected rows are kept.")
        listing.show([(r.key or f"row {r.position}", r.column, r.reason, f"JF{r.number}") for r in self._rejects])
        listing.focus()
        self.query_one("#where", Static).update(plain(where))
        self.query_one("#more", Button).disabled = len(found) < PAGE
        self._look()

    @on(Listing.Highlighted)
    def _look(self) -> None:
        cursor = self.query_one(Listing).cursor
        if cursor >= len(self._rejects):
            return
        reject = self._rejects[cursor]
        self.query_one("#values", TextView).show(lambda _: _values(reject))

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.query_one("#values", TextView).copy_text())
        self.app.notify("Copied.")

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#again")
    def _again(self) -> None:
        self.dismiss((self._table,))

    @on(Button.Pressed, "#repair")
    def action_repair(self) -> None:
        cursor = self.query_one(Listing).cursor
        if cursor < len(self._rejects):
            self.dismiss(self._rejects[cursor])

    @on(Button.Pressed, "#again-all")
    def _again_all(self) -> None:
        self.dismiss(())


def _values(reject: Reject) -> Text:
    """The reason, then every column's value; the column at fault is underlined."""
    text = Text(f"{plain(reject.reason)}\n\n")
    for name, value in reject.values.items():
        text.append(f"{plain(name)}: ", style="bold" if name != reject.column else "bold underline")
        text.append("NULL\n" if value is None else f"{plain(value)}\n", style="italic" if value is None else "")
    return text
