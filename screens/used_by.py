"""A list of what uses an object; Enter goes to the query under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.widgets.listing import Heading, Listing
from screens.widgets.status_signs import plain
from wizard.stages import UsedBy

QUERY = "query "
"""how a query is named among users"""


class UsedByDialog(ModalScreen[str | None]):
    """Returns the name of the query that was chosen, or None."""

    DEFAULT_CSS = """
    UsedByDialog { align: center middle; }
    UsedByDialog > Vertical { width: 90%; height: 80%; border: round $primary; background: $surface; padding: 0 1; }
    UsedByDialog .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close")]

    def __init__(self, name: str, users: Sequence[UsedBy]) -> None:
        self._of, self._users = name, users
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = plain(f"What uses {self._of}")
            yield Listing(Heading("Used by"), Heading("As", share=1), empty="Nothing of the application uses it.")
            yield Static("Enter goes to a query, Esc closes", classes="hint")

    def on_mount(self) -> None:
        listing = self.query_one(Listing)
        listing.show([(u.user, u.words) for u in self._users])
        listing.focus()

    @on(Listing.Chosen)
    def _choose(self, event: Listing.Chosen) -> None:
        user = self._users[event.index].user
        if user.startswith(QUERY):
            self.dismiss(user.removeprefix(QUERY).partition(",")[0])
        else:
            self.notify("Only queries are among the converted objects.")
