"""The line of keys at the bottom."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer


class KeyFooter(Footer):
    """Textual's footer, made again only where its keys changed: the cursor moves much more often than they do."""

    _shown: object = None

    def compose(self) -> ComposeResult:
        """The keys have from the beginning the class that Textual gives each later, and styles it for again."""
        for key in super().compose():
            key.set_class(self.compact, "-compact", update=False)
            yield key

    async def recompose(self) -> None:
        if not self.is_attached or self.screen not in self.app.screen_stack:  # it is being left, its project closed
            return
        bindings = self.screen.active_bindings.values()
        shown = [(b, enabled, tooltip) for _, b, enabled, tooltip in bindings if b.show]
        if shown != self._shown:
            self._shown = shown
            await super().recompose()
