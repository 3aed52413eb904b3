"""The line of messages: counts by severity and the worst text; Enter or a click opens the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message as Posted
from textual.widgets import Static

from screens.widgets.status_signs import SEVERITY_SIGNS
from wizard.messages import Message, Severity


class MessageLine(Static, can_focus=True):
    """One row: `F2  ✗ 0  ! 3  i 12   the latest of the worst messages`."""

    DEFAULT_CSS = """
    MessageLine {
        height: 1; padding: 0 1; background: $panel; color: $text; text-wrap: nowrap; text-overflow: ellipsis;
    }
    MessageLine:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "Messages")]

    class Opened(Posted):
        """A person wants to read the messages."""

    def show(self, messages: Sequence[Message]) -> None:
        """Count and show; the text is cut by the terminal's width, never wrapped."""
        counts = Counter(m.severity for m in messages)
        head = "  ".join(f"{SEVERITY_SIGNS[s]} {counts[s]}" for s in Severity)
        worst = min(reversed(messages), key=lambda m: m.severity.rank, default=None)
        told = f"   {SEVERITY_SIGNS[worst.severity]} {worst.text}" if worst else "   no messages"
        self.update(Text("F2  " + head + told.replace("\n", " "), no_wrap=True, overflow="ellipsis"))

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def on_click(self) -> None:
        self.action_open()
