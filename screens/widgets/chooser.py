"""A list to choose one name from, with a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from screens.widgets.listing import Heading, Listing
from screens.widgets.text_button import TextButton


class Chooser(ModalScreen[str | None]):
    """Returns the chosen name, or None."""

    DEFAULT_CSS = """
    Chooser { align: center middle; }
    Chooser > Vertical { width: 60; height: 80%; border: round $primary; background: $surface; padding: 0 1; }
    Chooser Horizontal { height: 1; }
    Chooser Button { margin-right: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str]) -> None:
        self._title, self._names = title, names
        self._shown = list(names)
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            yield Input(placeholder="type to filter, arrow keys choose", compact=True)
            yield Listing(Heading(""), header=False, empty="Nothing fits.")
            with Horizontal():
                yield TextButton("Choose", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self._fill()
        self.query_one(Input).focus()

    def action_move(self, by: int) -> None:
        self.query_one(Listing).action_move(by)

    def _fill(self) -> None:
        self.query_one(Listing).show([(n,) for n in self._shown], cursor=0)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._shown = [n for n in self._names if event.value.casefold() in n.casefold()]
        self._fill()

    @on(Input.Submitted)
    @on(Listing.Chosen)
    @on(Button.Pressed, "#ok")
    def _ok(self) -> None:
        if self._shown:
            self.dismiss(self._shown[self.query_one(Listing).cursor])

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
