"""A button of one line that can be recognised without colours: `[Next]`, and `(Next)` where it cannot be pressed."""

from __future__ import annotations

from typing import Any

from textual.content import Content, ContentText
from textual.geometry import Size
from textual.widgets import Button


class TextButton(Button):
    """A compact button in brackets."""

    DEFAULT_CSS = """
    TextButton.-textual-compact { min-width: 4; border: none !important; background: $surface; }
    TextButton.-textual-compact:focus { text-style: reverse bold; }
    TextButton.-textual-compact:disabled { border: none !important; text-style: dim; }
    TextButton.-textual-compact.-primary { background: $primary; color: $background; }
    TextButton.-textual-compact.-primary:focus { background: $primary; color: $background; text-style: reverse bold; }
    TextButton.-textual-compact:ansi { background: ansi_default; color: ansi_default; border: none !important; }
    TextButton.-textual-compact.-primary:ansi:focus { background: ansi_default; color: ansi_default; }
    TextButton:ansi.-textual-compact.-style-default:disabled { border: none !important; }
    """

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(Content(f"({label})" if options.get("disabled") else f"[{label}]"), **options)
        self.add_class("-style-default", update=False)  # as Textual does later, when the button is styled again for it

    def on_mount(self) -> None:
        self.styles.line_pad = 0

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's
        """The label alone: its brackets keep it apart."""
        return self.label.cell_length if isinstance(self.label, Content) else 0

    def watch_label(self) -> None:
        """Another label may be of another width."""
        self.refresh(layout=True)

    def validate_label(self, label: ContentText) -> Content:
        """The label in brackets, whatever signs it holds: square ones where it can be pressed."""
        plain = str(label.plain if isinstance(label, Content) else label)
        return self._bracketed(plain)

    def _bracketed(self, plain: str) -> Content:
        return Content(f"({plain})" if self.disabled else f"[{plain}]")

    def watch_disabled(self, disabled: bool) -> None:
        """Other brackets: not every terminal can show a label dim."""
        super().watch_disabled(disabled)
        if isinstance(self.label, Content):
            self.set_reactive(Button.label, self._bracketed(self.label.plain[1:-1]))
            self.refresh(layout=True)
