"""Dialogs: ask a question with named answers, ask for a line of text, say what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Select, Static
from textual.widgets.button import ButtonVariant

from screens.widgets.attempts import AttemptScreen
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from wizard.messages import Message
from wizard.outcomes import Role

Given = TypeVar("Given")
_CSS = """
{name} {{ align: center middle; }}
{name} > Vertical {{
    width: 72; max-width: 95%; height: auto; max-height: 90%;
    border: round $primary; padding: 0 2; background: $surface;
}}
{name} VerticalScroll {{ height: auto; max-height: 12; }}
{name} .title {{ width: 100%; text-style: bold; margin-bottom: 1; }}
{name} Horizontal {{ height: auto; margin-top: 1; align-horizontal: right; }}
{name} Button {{ margin-left: 1; }}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A button of a question."""

    key: str
    """what the dialog returns"""
    label: str
    dangerous: bool = False


class Question(ModalScreen[str | None]):
    """Shows a title and a text with answers; returns the chosen answer's key, or None on Escape."""

    DEFAULT_CSS = (
        _CSS.format(name="Question")
        + """
    Question.-loss > Vertical { border: round $warning; }
    Question.-loss .title { color: $warning; }
    Question.-bad > Vertical { border: round $error; }
    Question.-bad .title { color: $error; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        *(Binding(key, f"move('{key}')", show=False) for key in ("up", "down", "pageup", "pagedown", "home", "end")),
    ]

    def __init__(self, title: str, text: str, answers: Sequence[Answer], *, role: Role = Role.QUIET) -> None:
        """`role` gives it the colour of its content."""
        self._title, self._text, self._answers = title, text, tuple(answers)
        super().__init__(classes=f"-{role}")

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._text, markup=False)
            with Horizontal():
                for answer in self._answers:
                    variant: ButtonVariant = "error" if answer.dangerous else "default"
                    yield TextButton(answer.label, id=f"answer-{answer.key}", variant=variant, compact=True)

    def on_mount(self) -> None:
        self.query(Button).first().focus()

    def action_move(self, key: str) -> None:
        """A long text scrolls while the buttons keep the cursor."""
        text = self.query_one(VerticalScroll)
        moves = {
            "up": text.scroll_up, "down": text.scroll_down, "pageup": text.scroll_page_up,
            "pagedown": text.scroll_page_down, "home": text.scroll_home, "end": text.scroll_end,
        }  # fmt: skip
        moves[key](animate=False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss((event.button.id or "").removeprefix("answer-"))


class CheckedDialog(ModalScreen[Given | None]):
    """Fields that say while one types why what is given cannot be: gives what they say, or None.

    A subclass yields the fields, a `Static` of the id `why` and `buttons`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def given(self) -> Given:
        """What the fields say."""
        raise NotImplementedError

    def refusal(self, given: Given) -> Message | None:
        """Why it cannot be; None where it can. Called at each change, which may show what else follows from it."""
        raise NotImplementedError

    def buttons(self, take: str = "Save") -> ComposeResult:
        """The row of the two buttons."""
        with Horizontal(classes="row"):
            yield TextButton(take, id="ok", variant="primary", compact=True)
            yield TextButton("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self._check()

    @on(Input.Changed)
    @on(Select.Changed)
    def _check(self) -> None:
        why = self.refusal(self.given())
        self.query_one("#why", Static).update(plain(why.text) if why else "")
        self.query_one("#ok", Button).disabled = why is not None

    @on(Button.Pressed, "#ok")
    @on(Input.Submitted)
    def _ok(self) -> None:
        if not self.query_one("#ok", Button).disabled:
            self.dismiss(self.given())

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)


_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_SMALL: Final = frozenset(
    {"the", "a", "an", "no", "there", "this", "it", "column", "columns", "names", "rows", "linked"}
)
"""words that begin a message: names of things keep their first letter"""


def fact_of(message: Message) -> tuple[str, str]:
    """What a message says first, as a title, and the rest of it."""
    first, _, rest = _SENTENCE.sub("\0", message.text, count=1).partition("\0")
    if first.partition(" ")[0] in _SMALL:
        first = first[0].upper() + first[1:]
    return first.rstrip("."), rest


def trouble(message: Message, *, safe: str, answers: Sequence[Answer] = (Answer("ok", "OK"),)) -> Question:
    """A dialog for something that went wrong: what happened, then what can be done and what is safe."""
    where, (fact, rest) = str(message.place), fact_of(message)
    text = (f"{rest}\n\n" if rest else "") + (f"Where: {where}\n" if where else "")
    return Question(fact, f"{text}What is safe: {safe}\n\n{message.code}", answers)


class Ask(AttemptScreen[str | None]):
    """Asks for one line, hidden where it is a password; returns it, or None on Escape.

    `accept` is called in a thread with the line; where it raises JetferryError the dialog stays and says why.
    """

    DEFAULT_CSS = _CSS.format(name="Ask")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        value: str = "",
        password: bool = False,
        accept: Callable[[str], object] | None = None,
    ) -> None:
        self._title, self._text, self._value, self._password = title, text, value, password
        self._accept = accept
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            if self._text:
                yield Static(self._text, markup=False)
            yield Input(self._value, password=self._password, id="answer", compact=True)
            yield Static(id="why", markup=False)
            with Horizontal():
                yield TextButton("OK", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    def on_input_submitted(self) -> None:
        value, accept = self.query_one(Input).value, self._accept
        if accept is None:
            self.dismiss(value)
        else:
            self.attempt(lambda: accept(value), value, field="#answer")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "ok":
            self.on_input_submitted()
        else:
            self.dismiss(None)
