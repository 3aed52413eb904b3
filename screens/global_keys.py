"""Keys and signs that every screen has: letters to jump by, a context menu, help for what has the
focus, keys of vi in lists, a hint after Ctrl+C, suspending, and a sign when long work has ended."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, TextArea

from screens.application import ApplicationPart
from screens.context_menu import ContextMenu, MenuEntry
from screens.jump import JumpLabels, targets
from screens.recent import here
from screens.widgets.help import HelpScreen, help_on
from screens.widgets.listing import MENU_BUTTON
from wizard.escaping import for_terminal

LONG: Final = 10.0
"""seconds of work after which a person may look elsewhere, and is called back"""
TEXTUALS: Final = {b.action for _, b in Screen._merge_bindings()}
"""what every screen of Textual's can do"""


class GlobalKeys(ApplicationPart):
    """What the application does at keys that every screen has."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help_here", "Help on this", show=False, key_display="?"),
        Binding("ctrl+o", "jump", "Jump", show=False, key_display="^o"),
        Binding("f10,full_stop", "menu", "Menu", show=False, key_display="."),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False),
        *(
            Binding(key, f"simulate_key('{arrow}')", show=False)
            for key, arrow in (("j", "down"), ("k", "up"), ("h", "left"), ("l", "right"), ("g", "home"), ("G", "end"))
        ),
    ]

    def action_help_quit(self) -> None:
        """Ctrl+C, where nothing is there to be copied."""
        self.notify("Ctrl+Q leaves Jetferry. Ctrl+Y copies what the cursor is on.", markup=False)

    def action_help_here(self) -> None:
        """What the focused control is, and the keys that it and its screen understand now."""
        keys: dict[str, str] = {}
        for active in self.screen.active_bindings.values():
            if active.enabled and active.binding.description and not active.binding.action.startswith("page_"):
                keys.setdefault(active.binding.description, self.get_key_display(active.binding))
        self.push_screen(HelpScreen(help_on(self.focused, keys), general=False))

    def action_jump(self) -> None:
        """A letter on every control."""

        def chosen(control: Widget | None) -> None:
            if control is not None and control.is_attached:
                control.focus()
                if isinstance(control, Button):
                    control.press()

        self.push_screen(JumpLabels(targets(self.screen)), chosen)

    # the context menu

    def action_menu(self) -> None:
        """Beside the cursor."""
        focused = self.focused
        corner = focused.region.offset if focused is not None else Offset(0, 0)
        self.open_menu(corner + Offset(4, 1))

    def open_menu(self, at: Offset) -> None:
        """What can be done with what the cursor is on."""
        entries = list(self._entries())

        def chosen(entry: MenuEntry | None) -> None:
            if entry is not None:
                entry.do()

        if entries:
            self.push_screen(ContextMenu(entries, at), chosen)

    def _entries(self) -> Iterable[MenuEntry]:
        """What is the screen's own first, what every stage can do behind it; each once."""
        found: dict[str, tuple[bool, MenuEntry]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            ours = binding.action not in TEXTUALS and not binding.action.startswith(("app.", "page_", "scroll_"))
            if ours and active.node is not self and active.enabled and binding.description and binding.key != "escape":
                do = partial(self.call_later, partial(self.run_action, binding.action, active.node))
                common = binding.action in self.wizard.common_actions
                found.setdefault(
                    binding.description, (common, MenuEntry(binding.description, self.get_key_display(binding), do))
                )
        yield from (entry for _, entry in sorted(found.values(), key=lambda pair: pair[0]))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The right button: the cursor comes to the row, and the menu opens there."""
        if event.button == MENU_BUTTON and not isinstance(self.focused, Input | TextArea):
            self.call_later(self.open_menu, Offset(event.screen_x, event.screen_y))

    # pictures, and the end of long work

    def save_picture(self) -> None:
        """The screen as an SVG file beside the project, or in the working directory."""
        folder = self.wizard.picture_folder or here()
        try:
            kept = self.save_screenshot(path=str(folder))
        except OSError as e:
            self.notify(f"The picture could not be written: {e.strerror or e}", severity="warning", markup=False)
        else:
            self.notify(f"The picture is {for_terminal(Path(kept).name)} in {for_terminal(folder)}", markup=False)

    def call_back(self, began: float, what: str) -> None:
        """After long work that began then (by `time.monotonic`): a bell, and a notification where terminals have them
        (OSC 9)."""
        if time.monotonic() - began < LONG:
            return
        self.bell()
        if self._driver is not None and not self.is_headless:
            self._driver.write(f"\x1b]9;Jetferry: {for_terminal(what)}\x07")
