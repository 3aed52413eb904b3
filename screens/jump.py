"""Letters on controls: pressing one moves the focus there, and presses the control where it is a button."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"


def targets(screen: Screen[object]) -> dict[str, Widget]:
    """By letter, the controls that can be seen, from top to bottom."""
    shown = [w for w in screen.focus_chain if w.region and screen.region.overlaps(w.region)]
    shown.sort(key=lambda w: (w.region.y, w.region.x))
    return dict(zip(LETTERS, shown, strict=False))


class JumpLabel(Static):
    """The letter of one control, at its corner."""

    DEFAULT_CSS = """
    JumpLabel {
        position: absolute; width: 3; height: 1; content-align: center middle;
        background: $accent; color: $background; text-style: bold;
    }
    JumpLabel:nocolor, JumpLabel:ansi { text-style: bold reverse; }
    """


class JumpLabels(ModalScreen["Widget | None"]):
    """Returns the control whose letter was pressed; any other key gives None."""

    DEFAULT_CSS = "JumpLabels { background: transparent; align: left top; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, controls: dict[str, Widget]) -> None:
        self._controls = controls
        super().__init__()

    def compose(self) -> ComposeResult:
        for letter, control in self._controls.items():
            label = JumpLabel(letter, markup=False)
            label.styles.offset = (max(0, control.region.x - 1), control.region.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.dismiss(self._controls.get(event.character or ""))
