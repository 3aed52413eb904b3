"""The frame around every stage: rail, heading, the stage's work, messages, Back, Skip and Next, footer.

A stage's screen subclasses `StageScreen`, yields its widgets in `compose_work`, shows what the migration has in
`refresh_work`, and either finishes in `finish` (stages a person fills in) or works in `do` (stages with a `verb`,
whose button first does the stage's work and then goes on). The frame draws and asks; nothing is decided here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TabbedContent

from screens.engine_calls import EngineCalls
from screens.widgets.key_footer import KeyFooter
from screens.widgets.message_line import MessageLine
from screens.widgets.object_pane import ObjectDialog
from screens.widgets.stage_rail import Rail
from screens.widgets.status_signs import STAGE_NAMES, plain, sentence
from screens.widgets.tabs import NEXT_TAB, Tabbed, is_shown
from screens.widgets.text_button import TextButton
from wizard.events import Event, Progress, Stage, Status
from wizard.messages import Place
from wizard.stages import SourceObject
from wizard.stages.throughput import duration

SMALLEST = (60, 20)
"""columns and rows that the frame needs"""
WITH_RAIL = 80
"""columns from which on the stages stand beside the work; below, F3 shows them"""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why Next cannot go on, and where the cursor belongs."""

    why: str
    widget: str = ""
    """a CSS selector of the widget that wants attention"""


class TooSmall(Static):
    """Covers the screen while the terminal is too small."""

    DEFAULT_CSS = """
    TooSmall {
        layer: cover; display: none; width: 100%; height: 100%; content-align: center middle; background: $surface;
        text-align: center;
    }
    """


class StageScreen(EngineCalls, Tabbed):
    """One of the nine stages."""

    help_text: ClassVar[str] = ""
    """Markdown that F1 shows"""
    skippable: ClassVar[bool] = False
    verb: ClassVar[str] = ""
    """what Next is called until the stage's work is done; empty where a person fills the stage in"""
    HORIZONTAL_BREAKPOINTS = [(0, "-single"), (WITH_RAIL, "-narrow"), (110, "-wide")]  # noqa: RUF012 - typed by Textual
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (24, "-short"), (34, "-tall")]  # noqa: RUF012 - typed by Textual

    DEFAULT_CSS = """
    StageScreen { layers: base cover; }
    StageScreen #top { height: 1; background: $primary; color: $background; padding: 0 1; text-style: bold; }
    StageScreen #top:ansi { background: ansi_default; color: ansi_default; text-style: bold reverse; }
    StageScreen #body { height: 1fr; }
    StageScreen #heading { height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; background: $panel; }
    StageScreen #work { height: 1fr; padding: 0 1; }
    StageScreen #buttons { height: 1; padding: 0 1; }
    StageScreen #buttons Button { margin-right: 1; min-width: 10; }
    StageScreen #buttons #doing { width: 1fr; color: $text-accent; text-wrap: nowrap; text-overflow: ellipsis; }
    StageScreen .row { height: 1; }
    StageScreen .row Button { margin-right: 1; }
    StageScreen.-single .row { overflow-x: auto; scrollbar-size: 0 0; }
    StageScreen.-single .row TextButton { margin-right: 0; }
    StageScreen.-single Rail { display: none; }
    StageScreen.-single.-railed Rail { display: block; }
    StageScreen.-single #work { padding: 0; }
    StageScreen.-single .label { width: 12; }
    StageScreen .label { width: 16; }
    StageScreen .hint { color: $text-muted; height: auto; }
    StageScreen .gap { margin-top: 1; }
    StageScreen Input.search { height: 1; }
    StageScreen TabbedContent { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9,ctrl+n", "next", "Next", key_display="F9"),
        Binding("f7,ctrl+b", "back", "Back", key_display="F7"),
        Binding("f8", "skip", "Skip", key_display="F8"),
        Binding("f1", "explain", "Help", key_display="F1"),
        Binding("f2", "messages", "Messages", show=False, key_display="F2"),
        Binding("f3", "rail", "Stages", show=False, key_display="F3"),
        Binding("f5", "one_step", "One step", show=False, key_display="F5"),
        NEXT_TAB,
        Binding("slash", "search", "Search", key_display="/"),
        Binding("ctrl+y", "copy", "Copy", show=False, key_display="^y"),
        Binding("escape", "stop", "Stop", show=False),
    ]

    @property
    def over(self) -> bool:
        """The stage is done or skipped, and still so."""
        return self.wizard.status(self.stage).over

    # what a stage's screen fills in

    def compose_work(self) -> Iterable[Widget]:
        """The widgets of this stage, from top to bottom."""
        raise NotImplementedError

    def refresh_work(self) -> None:
        """Show the stage as the migration has it now; called when the screen is entered and when work ended."""

    def ready(self) -> Blocked | None:
        """None where Next may go on; else why not."""
        return None

    def finish(self) -> None:
        """What Next does before it goes on, in a thread; may raise JetferryError."""

    def do(self) -> None:
        """The stage's work, where it has a `verb`."""

    def show_events(self, told: Sequence[Event]) -> None:
        """Events of the engine or the worker since the last call; called at most four times a second."""

    # the frame

    def compose(self) -> ComposeResult:
        self._fit()
        yield Static(id="top", markup=False)
        with Horizontal(id="body"):
            yield Rail(self.stage, self.wizard.status)
            with Vertical():
                name = STAGE_NAMES[self.stage]
                yield Static(f"{self.stage.number} {name}: {sentence(self.stage)}", id="heading", markup=False)
                with Vertical(id="work"):
                    yield from self.compose_work()
        yield MessageLine(id="messages")
        with Horizontal(id="buttons"):
            yield TextButton("Back", id="back", compact=True, disabled=self.stage is Stage.PROJECT)
            if self.skippable:
                yield TextButton("Skip", id="skip", compact=True)
            yield TextButton(self.next_label(), id="next", variant="primary", compact=True)
            yield Static(id="doing", markup=False)
        yield KeyFooter(compact=True)
        name = self.migration.path.name.removesuffix(".jetferry.toml")
        yield TooSmall(
            f"This terminal is too small: {SMALLEST[0]} columns\nand {SMALLEST[1]} rows are needed.\n\n"
            f"In any terminal: jetferry run {name}",
            markup=False,
        )

    def _fit(self) -> None:
        """Classes by the terminal's size before there are widgets: Textual, which sets them once it has drawn a size,
        then has none to change, and styles no widget again."""
        for size, steps in (
            (self.app.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.app.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            self.add_class(max(step for step in steps if step[0] <= size)[1], update=False)

    def next_label(self) -> str:
        """What Next is called now."""
        if self.verb and not self.over:
            return self.verb
        return "Finish" if self.stage is Stage.LINK else "Next"

    def on_mount(self) -> None:
        self.set_interval(1, self._second)
        self.show_state()
        self.refresh_work()
        if self.focused is None or isinstance(self.focused, Rail):
            self.focus_first()

    def focus_first(self) -> None:
        """The cursor to the first widget of the stage's work."""
        first = next((w for w in self.query("#work *") if w.focusable), None)
        (first or self.query_one("#next")).focus()

    def on_screen_resume(self) -> None:
        self.show_state()

    def on_resize(self, event: events.Resize) -> None:
        small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        self.query_one(TooSmall).display = small

    def show_state(self) -> None:
        """Rail, top line, message line and buttons as they are now."""
        if not self.is_mounted or not self.query("#top"):  # being made, or being taken away
            return
        self.query_one("#top", Static).update(plain(self.wizard.title_line()))
        self.query_one(Rail).show()
        self.query_one(MessageLine).show(self.wizard.messages)
        self.query_one("#next", Button).label = self.next_label()
        for skip in self.query("#skip"):
            skip.disabled = not self.may_skip()
        self.query_one("#doing", Static).update(self.doing())

    def doing(self) -> str:
        """What stands beside the buttons: the work under way, else how the stage stands."""
        if self.busy and self.progress is not None:
            p = self.progress
            count = f" {p.done:,} of {p.total:,}" if p.total else f" {p.done:,}"
            return plain(f"{self.busy}{count} {p.what} … {self._so_far()}Esc stops")
        if self.busy:
            return f"{self.busy} … {self._so_far()}Esc stops"
        status, detail = self.wizard.status(self.stage), self.migration.detail(self.stage)
        if status is Status.STALE:
            return plain(f"To be done again, {detail}")
        return plain(f"{status.value.capitalize()}{': ' + detail if detail else ''}")

    def _so_far(self) -> str:
        """How long the work under way has taken, from the second second on."""
        seconds = int(time.monotonic() - self.began) if self.began else 0
        return f"{duration(seconds)}, " if seconds else ""

    def _second(self) -> None:
        if self.busy and self.is_current:
            self.query_one("#doing", Static).update(self.doing())

    def on_events(self, told: Sequence[Event]) -> None:
        """Events for the screen, with the frame's own share of them."""
        mine = [e for e in told if isinstance(e, Progress) and e.stage is self.stage]
        if mine and self.busy:
            self.progress = mine[-1]
            self.query_one("#doing", Static).update(self.doing())
        self.show_events(told)

    # going from stage to stage

    def action_next(self) -> None:
        if self.busy:
            self.note(f"{self.busy}: wait for its end, or press Esc to stop it.")
            return
        blocked = self.ready()
        if blocked is not None:
            self.note(blocked.why, severity="warning")
            if blocked.widget:
                self.query_one(blocked.widget).focus()
        elif self.verb and not self.over:
            self.work_or_say()
        elif self.verb:
            self.go_on()
        else:
            self.aside(self.finish, lambda _: self.go_on(), doing="Looking at what you chose")

    def work_or_say(self) -> None:
        """The stage's work, or why it cannot be done now."""
        message = self.migration.blocked(self.stage)
        if message is not None:
            self.note(message.text, severity="warning")
            self.query_one(Rail).focus()
        else:
            self.do()

    def go_on(self) -> None:
        """To the stage after this one."""
        if self.stage is Stage.LINK:
            self.wizard.finished()
        else:
            self.wizard.go(list(Stage)[self.stage.number])

    def action_back(self) -> None:
        if self.stage is not Stage.PROJECT and not self.busy:
            self.wizard.go(list(Stage)[self.stage.number - 2])

    def may_skip(self) -> bool:
        """Whether there is something to skip."""
        return self.skippable and not self.wizard.status(self.stage).done

    def action_skip(self) -> None:
        if self.may_skip() and not self.busy:
            self.aside(lambda: self.migration.skip(self.stage), lambda _: self.go_on())

    def action_stop(self) -> None:
        if self.busy:
            self.cancel.cancel("you pressed Esc")
            self.query_one("#doing", Static).update("Stopping at the next step …")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "skip":
            return self.may_skip()
        if action == "back":
            return self.stage is not Stage.PROJECT
        if action == "one_step":
            return self.stage.number >= Stage.CONVERT.number
        if action == "search":
            return self._search_field() is not None
        if action == "next_tab":
            return self.tabs() is not None
        return True

    def action_explain(self) -> None:
        self.wizard.explain(self.help_text)

    def action_messages(self) -> None:
        self.wizard.show_messages()

    def action_rail(self) -> None:
        self.add_class("-railed")
        self.query_one(Rail).focus()

    @on(events.DescendantBlur, "#rail")
    def _leave_rail(self) -> None:
        self.remove_class("-railed")

    def action_one_step(self) -> None:
        self.wizard.one_step()

    def action_search(self) -> None:
        found = self._search_field()
        if found is not None:
            found.focus()

    def _search_field(self) -> Input | None:
        return next((i for i in self.query(Input) if i.has_class("search") and i.focusable and is_shown(i)), None)

    @on(TabbedContent.TabActivated)
    def _other_tab(self) -> None:
        self.refresh_bindings()

    def action_copy(self) -> None:
        """Copy what the cursor is on."""
        copied: Callable[[], str] | None = getattr(self.focused, "copy_text", None)
        text = copied() if copied else ""
        if text:
            self.app.copy_to_clipboard(text)
            self.note("Copied.")
        else:
            self.note("There is nothing to copy here.")

    @on(Rail.StageSelected)
    def _go_to(self, event: Rail.StageSelected) -> None:
        self.visit(event.stage)

    @on(MessageLine.Opened)
    def _messages(self) -> None:
        self.action_messages()

    @on(Button.Pressed, "#next")
    def _next(self) -> None:
        self.action_next()

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()

    @on(Button.Pressed, "#skip")
    def _skip(self) -> None:
        self.action_skip()

    def visit(self, stage: Stage) -> None:
        """Go to a stage that can be visited; else say why not."""
        if self.wizard.status(stage) is Status.PENDING:
            self.note(self.migration.detail(stage), severity="warning")
        elif stage is not self.stage and not self.busy:
            self.wizard.go(stage)

    def look_inside(self, place: Place) -> None:
        """Show the object that a message is about."""
        if not place.name or not place.source:
            return

        def found(objects: tuple[SourceObject, ...]) -> None:
            behind = place.name.removeprefix("Form_").removeprefix("Report_")  # code is shown with its form
            names = (place.name.casefold(), behind.casefold())
            wanted = next((o for o in objects if o.name.casefold() in names), None)
            if wanted is None:
                self.note(f"{plain(place.name)} is not an object of the Access file.")
            else:
                self.app.push_screen(ObjectDialog(lambda: self.migration, place.source, wanted))

        self.aside(lambda: self.migration.sources.objects(place.source), found)

    def jump(self, place: Place) -> None:
        """To the object that a message is about, as this stage shows it."""
        self.look_inside(place)

    def put(self, selector: str, text: Any) -> None:
        """Show a text in a Static of this screen, where it is (still) there."""
        try:
            self.query_one(selector, Static).update(text)
        except NoMatches:
            return
