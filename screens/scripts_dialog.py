"""The scripts that were written, to be read: their names, and the text of the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.widgets.listing import Heading, Listing
from screens.widgets.sql import highlighted
from screens.widgets.status_signs import plain
from screens.widgets.text_view import TextView

MOST = 400_000
"""characters that are shown"""


class ScriptsDialog(ModalScreen[None]):
    """Enter on a name goes to its text."""

    DEFAULT_CSS = """
    ScriptsDialog { align: center middle; }
    ScriptsDialog > Vertical { width: 96%; height: 94%; border: round $primary; background: $surface; padding: 0 1; }
    ScriptsDialog Listing { height: 30%; min-height: 4; }
    ScriptsDialog TextView { border-top: hkey $primary; }
    ScriptsDialog TextView:focus { border-top: outer $accent; }
    ScriptsDialog .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close"), Binding("ctrl+y", "copy", "Copy")]

    def __init__(self, folder: Path, paths: Sequence[Path]) -> None:
        self._folder, self._paths = folder, paths
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = plain(f"Scripts in {self._folder}")
            yield Listing(Heading("Script"), Heading("KB", 8, right=True))
            yield TextView()
            yield Static("Enter goes to the text, Ctrl+Y copies it, Esc closes", classes="hint")

    def on_mount(self) -> None:
        listing = self.query_one(Listing)
        listing.show([(str(p.relative_to(self._folder)), f"{p.stat().st_size / 1024:,.1f}") for p in self._paths])
        listing.focus()
        self._look()

    @on(Listing.Highlighted)
    def _look(self) -> None:
        path = self._paths[self.query_one(Listing).cursor]
        language = "tsql" if path.suffix == ".sql" else ""
        self.query_one(TextView).show(lambda theme: highlighted(_text(path), theme, language))

    @on(Listing.Chosen)
    def _read(self) -> None:
        self.query_one(TextView).focus()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.query_one(TextView).copy_text())
        self.notify("Copied.")


def _text(path: Path) -> str:
    """In a thread."""
    try:
        with path.open(encoding="utf-8", errors="replace") as f:
            text = f.read(MOST + 1)
    except OSError as e:
        return f"{path} cannot be read: {e.strerror or e}"
    return text if len(text) <= MOST else f"{text[:MOST]}\n… the rest is in {path}"
