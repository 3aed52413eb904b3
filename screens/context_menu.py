"""A menu of actions for the item under the cursor, at the mouse or beside the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

WIDTH = 34
"""cells"""
KEY = 7
"""of these for the key"""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu."""

    name: str
    key: str
    """which does the same; empty where none does"""
    do: Callable[[], object]


class ContextMenu(ModalScreen["MenuEntry | None"]):
    """Returns the entry that was chosen, or None."""

    DEFAULT_CSS = f"""
    ContextMenu {{ background: transparent; align: left top; }}
    ContextMenu Container {{
        position: absolute; width: {WIDTH}; height: auto; max-height: 90%; border: round $primary; background: $surface;
    }}
    ContextMenu OptionList {{ height: auto; max-height: 16; border: none; padding: 0; }}
    ContextMenu OptionList:focus {{ border: none; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close")]

    def __init__(self, entries: Sequence[MenuEntry], at: Offset) -> None:
        self._entries, self._at = entries, at
        super().__init__()

    def compose(self) -> ComposeResult:
        with Container() as box:
            yield OptionList(*(Option(_line(e), id=str(n)) for n, e in enumerate(self._entries)))
        width, height = self.app.size
        x = min(self._at.x, width - WIDTH)
        y = min(self._at.y, height - min(len(self._entries), 16) - 3)
        box.styles.offset = (max(0, x), max(0, y))

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._entries[int(event.option.id or 0)])

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside the menu
            self.dismiss(None)


def _line(entry: MenuEntry) -> str:
    name = WIDTH - KEY - 4
    return f"{entry.name[: name - 1]:<{name}}{entry.key:>{KEY}}"
