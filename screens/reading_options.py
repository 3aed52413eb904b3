"""How an Access file that was added is to be read: its code page, and whether it is salvaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Checkbox, Input, Label, Static

from screens.widgets.attempts import AttemptScreen
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from screens.widgets.toggles import Tick


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """An empty code page is the file's own."""

    code_page: str
    salvage: bool


class ReadAs(AttemptScreen[ReadOptions | None]):
    """Returns the way to read the file, or None where it stays as it is."""

    DEFAULT_CSS = """
    ReadAs { align: center middle; }
    ReadAs > Vertical {
        width: 72; max-width: 95%; height: auto; border: round $primary; padding: 0 2; background: $surface;
    }
    ReadAs Input { margin-bottom: 1; }
    ReadAs Horizontal { height: auto; align-horizontal: right; margin-top: 1; }
    ReadAs Button { margin-left: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, key: str, way: ReadOptions, check: Callable[[str], None]) -> None:
        """`check` raises JetferryError where there is no such code page."""
        self._key, self._way, self._check = key, way, check
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"How to read {plain(self._key)}"
            yield Label("Code page of an Access 97 file, such as cp1251")
            yield Input(self._way.code_page, id="code-page", compact=True, placeholder="as the file says")
            yield Static(id="why", markup=False)
            yield Tick("Salvage: read a damaged file as far as it goes", self._way.salvage, id="salvage", compact=True)
            with Horizontal():
                yield TextButton("OK", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    @on(Input.Submitted)
    @on(Button.Pressed, "#ok")
    def _ok(self) -> None:
        code_page = self.query_one("#code-page", Input).value.strip()
        options = ReadOptions(code_page, self.query_one("#salvage", Checkbox).value)
        self.attempt(lambda: self._check(code_page), options, field="#code-page")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
