"""F4 for the next tab, wherever a screen or a dialog has tabs."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import TabbedContent, Tabs

NEXT_TAB: Final = Binding("f4", "next_tab", "Next tab", key_display="F4")


def is_shown(widget: Widget) -> bool:
    """Neither it nor anything around it is hidden."""
    return all(w.display for w in widget.ancestors_with_self if isinstance(w, Widget))


class Tabbed(DOMNode):
    """A part of a screen with tabs, which lists `NEXT_TAB` among its keys."""

    def tabs(self) -> TabbedContent | None:
        """The first tabs that can be seen."""
        return next((t for t in self.query(TabbedContent) if is_shown(t)), None)

    def action_next_tab(self) -> None:
        """Show the next tab; the cursor goes into it."""
        tabs = self.tabs()
        if tabs is None:
            return
        self._let_go(tabs)
        tabs.query_one(Tabs).action_next_tab()
        self.call_after_refresh(self._enter, tabs)

    def show_tab(self, tabs: TabbedContent, pane: str) -> None:
        """Show a tab; the cursor goes into it."""
        self._let_go(tabs)
        tabs.active = pane
        self.call_after_refresh(self._enter, tabs)

    def _let_go(self, tabs: TabbedContent) -> None:
        """What had the cursor would, when it hears that it is hidden, take it from where it went meanwhile."""
        if isinstance(self.screen, Screen):
            self.screen.set_focus(tabs.query_one(Tabs))

    def _enter(self, tabs: TabbedContent) -> None:
        pane, screen = tabs.active_pane, self.screen
        if pane is None or not isinstance(screen, Screen):
            return
        chain = [w for w in screen.focus_chain if pane in w.ancestors]
        first = next((w for w in chain if not w.has_class("search")), None)
        (first or tabs.query_one(Tabs)).focus()
