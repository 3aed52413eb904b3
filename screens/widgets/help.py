"""What F1 shows: help written for the stage on the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Markdown, Static

KEYS = """
## Keys everywhere

| key | does |
|---|---|
| Tab | to the next field; Shift+Tab to the former one |
| F9, Ctrl+N | Next: finish this stage and go on |
| F7, Ctrl+B | Back |
| F8 | Skip, where a stage may be skipped |
| F4 | the next tab, where there are tabs |
| Enter | choose, open, press |
| Space | tick or untick |
| Esc | close a dialog; stop what is under way |
| F2 | all messages |
| F3 | the list of stages; Enter goes to one |
| F5 | convert, load and migrate in one step (from stage 6 on) |
| / | search in a list or tree |
| Ctrl+Y | copy what the cursor is on to the clipboard |
| Ctrl+P | every command, themes among them |
| Ctrl+Q | leave; work under way may go on without you |

## Signs of the stages

`○` can be done now, `·` waits for another stage, `▶` at work, `✓` done, `–` skipped, `!` to be done again because
something changed, `✗` failed, `›` the stage you see.

Every change is saved at once; there is nothing to save by hand.
"""


class HelpScreen(ModalScreen[None]):
    """Markdown in a scrolling window; Escape, F1 or q closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical { width: 90%; max-width: 100; height: 90%; border: round $primary; background: $surface; }
    HelpScreen VerticalScroll { height: 1fr; padding: 0 1; }
    HelpScreen .foot { height: 1; color: $text-muted; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "Close")]

    def __init__(self, text: str) -> None:
        self._text = text
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll():
                yield Markdown(self._text + KEYS)
            yield Static("Esc closes, arrow keys scroll", classes="foot")
