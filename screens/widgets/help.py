"""Help on F1, written for the stage on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Markdown, OptionList, RadioSet, Select, Static, Tabs, TextArea

from screens.widgets.grid import Grid
from screens.widgets.listing import Listing
from screens.widgets.message_line import MessageLine
from screens.widgets.object_tree import ObjectTree
from screens.widgets.text_view import TextView

KEYS = """
## Keys everywhere

| key | does |
|---|---|
| Tab | to the next field; Shift+Tab to the previous one |
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
| ? | help on what has the cursor, with all its keys |
| j, k, g, G | in lists and texts: down, up, first, last |
| Ctrl+O | a letter on every control; press it to go there |
| ., F10, right click | a menu of what can be done |
| Ctrl+P | every command, themes and a screenshot among them |
| Ctrl+Z | to the shell; `fg` comes back |
| Ctrl+Q | leave; work under way may go on without you |

## Signs of the stages

`○` can be done now, `·` waits for another stage, `▶` at work, `✓` done, `±` done with losses,
`≈` done, less guarded than in Access, `–` skipped, `!` to be done again because something changed, `✗` failed, `›` the
stage you see.

Every change is saved at once; there is nothing to save by hand.
"""


CONTROLS: Final[tuple[tuple[type[Widget], str], ...]] = (
    (ObjectTree, "A **tree**: arrow keys go through it, Right and Left open and close, Enter opens what the cursor is "
     "on, Space ticks where there are boxes."),
    (Listing, "A **list**: arrow keys, Page Up and Page Down, Home and End go through it, Enter opens the row under "
     "the cursor. What is cut off is whole in what Ctrl+Y copies."),
    (Grid, "**Rows**: arrow keys go through them, Left and Right from column to column."),
    (TextView, "A **text**: arrow keys scroll it, Ctrl+Y copies it."),
    (TextArea, "An **editor**: Ctrl+Z takes back, Ctrl+Y makes again, Shift and arrow keys select, "
     "Ctrl+Home and Ctrl+End go to its beginning and end."),
    (Input, "A **field**: Ctrl+U and Ctrl+K empty it before and behind the cursor, Enter takes what it holds."),
    (Select, "A **choice**: Enter opens its list, arrow keys go through it, Enter takes one."),
    (RadioSet, "A **choice**: arrow keys go through it, Space or Enter takes one."),
    (Checkbox, "A **box**: Space ticks or unticks it."),
    (Button, "A **button**: Enter presses it."),
    (MessageLine, "The **messages**: counts by severity and the worst one. Enter opens the list."),
    (Tabs, "**Tabs**: Left and Right, or F4, go from one to the next."),
    (OptionList, "A **list**: arrow keys go through it, Enter takes the line under the cursor."),
)  # fmt: skip


def help_on(control: Widget | None, keys: Mapping[str, str]) -> str:
    """Markdown on a control and the keys that work now, by what they do."""
    said = next((text for kind, text in CONTROLS if isinstance(control, kind)), "Tab goes to the first control.")
    lines = "\n".join(f"| `{key}` | {what} |" for what, key in keys.items())
    return f"# Here\n\n{said}\n\n| key | does |\n|---|---|\n{lines}\n"


class HelpScreen(ModalScreen[None]):
    """Markdown in a scrolling window; Escape, F1, ? or q closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical { width: 90%; max-width: 100; height: 90%; border: round $primary; background: $surface; }
    HelpScreen VerticalScroll { height: 1fr; padding: 0 1; }
    HelpScreen .foot { height: 1; color: $text-muted; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q,question_mark", "dismiss", "Close")]

    def __init__(self, text: str, *, general: bool = True) -> None:
        """With `general` the keys that work everywhere follow."""
        self._text = text + (KEYS if general else "")
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll():
                yield Markdown(self._text)
            yield Static("Esc closes, arrow keys scroll", classes="foot")
