"""All messages by severity, with the place each is about; `/` searches, Enter goes to its object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.widgets.listing import Heading, Listing
from screens.widgets.status_signs import SEVERITY_SIGNS, plain
from wizard.messages import Message


class MessageList(ModalScreen[Message | None]):
    """A table of messages; returns the one chosen with Enter, so that the caller may go to its object."""

    DEFAULT_CSS = """
    MessageList { align: center middle; }
    MessageList > Vertical { width: 96%; height: 90%; border: round $primary; background: $surface; }
    MessageList Input { height: 1; border: none; }
    MessageList #full { height: auto; max-height: 7; padding: 0 1; background: $panel; }
    MessageList .hint { color: $text-muted; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f2", "dismiss(None)", "Close"),
        Binding("slash", "search", "Search"),
        Binding("ctrl+y", "copy", "Copy"),
    ]

    def __init__(self, messages: Sequence[Message], *, title: str = "Messages") -> None:
        self._title = title
        self._all = sorted(messages, key=lambda m: (m.severity.rank, m.number))
        self._shown = list(self._all)
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            yield Input(placeholder="/ to search: a number, a name, a word", compact=True)
            yield Listing(
                Heading("", 1), Heading("Message", share=3), Heading("About", share=2, middle=True),
                Heading("Number", 6), id="messages", empty="No messages." if not self._all else "No message fits.",
            )  # fmt: skip
            yield Static(id="full", markup=False)
            yield Static("Enter goes to the object, Ctrl+Y copies, Esc closes", classes="hint")

    def on_mount(self) -> None:
        self._fill()
        self.query_one(Listing).focus()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        wanted = event.value.casefold()
        self._shown = [m for m in self._all if wanted in f"{m.code} {m.place} {m.text}".casefold()]
        self._fill()

    def _fill(self) -> None:
        self.query_one(Listing).show([(SEVERITY_SIGNS[m.severity], m.text, str(m.place), m.code) for m in self._shown])
        self._show()

    @property
    def _message(self) -> Message | None:
        cursor = self.query_one(Listing).cursor
        return self._shown[cursor] if cursor < len(self._shown) else None

    @on(Listing.Highlighted)
    def _show(self) -> None:
        message = self._message
        self.query_one("#full", Static).update(plain(_whole(message)) if message else "")

    @on(Listing.Chosen)
    def _choose(self) -> None:
        self.dismiss(self._message)

    @on(Input.Submitted)
    def _to_list(self) -> None:
        self.query_one(Listing).focus()

    def action_search(self) -> None:
        self.query_one(Input).focus()

    def action_copy(self) -> None:
        message = self._message
        if message is not None:
            self.app.copy_to_clipboard(_whole(message))
            self.notify("Copied.")


def _whole(message: Message) -> str:
    return f"{message.fact_first}."
