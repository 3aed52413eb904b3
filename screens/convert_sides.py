"""What stage 6 shows of one object: a table line by line on both sides, a query's two texts; or one side alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from screens.widgets.listing import Heading, Listing
from screens.widgets.sql import TextPair
from screens.widgets.status_signs import plain
from screens.widgets.text_view import TextView
from screens.widgets.thread_results import bring
from wizard.messages import JetferryError
from wizard.objects import TableRef
from wizard.stages import AlignedLine

if TYPE_CHECKING:
    from wizard.stages.convert import ConvertStage

TABLES = "tables"
LANGUAGES = {TABLES: "", "functions": "vbnet"}
"""of the Access side, by category; queries are SQL"""


class Shown(Enum):
    """What is shown, and what it is called."""

    LINES = "Access and T-SQL; ± has another name or type"
    BOTH = "Access at the left, T-SQL at the right; ± differs"
    TARGET = "T-SQL"
    SOURCE = "Access"


class Sides(Vertical):
    """Shows what `show` is given; `turn` goes from one view of it to the next."""

    DEFAULT_CSS = """
    Sides { height: 1fr; }
    Sides #side-name { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    Sides .side { width: 1fr; border-left: vkey $primary; display: none; }
    Sides .side:focus { border-left: outer $accent; }
    Sides.-lines #lines, Sides.-both TextView, Sides.-target #target, Sides.-source #source { display: block; }
    Sides #line { display: none; height: auto; max-height: 3; color: $text-accent; }
    Sides.-lines #line { display: block; }
    Sides #find-text { display: none; height: 1; }
    Sides.-finding #find-text { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "end_find", show=False)]

    def __init__(self, convert: Callable[[], ConvertStage], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._convert = convert
        self._ref: TableRef | None = None
        self._category = ""
        self._turned = {True: 0, False: 0}
        """by whether it is a table, which of its views is shown"""
        self._lines: Sequence[AlignedLine] = ()
        self._wide = False

    def compose(self) -> ComposeResult:
        yield Static(id="side-name", markup=False)
        with Horizontal():
            yield Listing(
                Heading("", 1), Heading("Access", share=2), Heading("Type", 13), Heading("T-SQL", share=3), id="lines",
                classes="side",
            )  # fmt: skip
            yield TextView(id="source", classes="side")
            yield TextView(id="target", classes="side")
        yield Static(id="line", markup=False)
        yield Input(placeholder="find; Enter goes to the next, Esc ends it", id="find-text", compact=True)

    # what is shown

    def show(self, ref: TableRef, category: str) -> None:
        """An object of the conversion."""
        self._ref, self._category = ref, category
        self._arrange()

    def turn(self) -> None:
        """To the next view of the object."""
        if self._ref is not None:
            self._turned[self._is_table] += 1
            self._arrange()

    @property
    def _is_table(self) -> bool:
        return self._category == TABLES

    @property
    def shown(self) -> Shown:
        """The view of the object."""
        first = Shown.LINES if self._is_table else Shown.BOTH
        views = [v for v in (first, Shown.TARGET, Shown.SOURCE) if v is not Shown.BOTH or self._wide]
        return views[self._turned[self._is_table] % len(views)]

    @property
    def view(self) -> Widget:
        """What has the text."""
        return self.query_one({Shown.LINES: "#lines", Shown.SOURCE: "#source"}.get(self.shown, "#target"))

    def on_resize(self) -> None:
        wide = self.screen.has_class("-wide") or self.screen.has_class("-huge")
        if wide != self._wide:
            self._wide = wide
            self._arrange()

    def _arrange(self) -> None:
        ref, shown = self._ref, self.shown
        for view in Shown:
            self.set_class(ref is not None and view is shown, f"-{view.name.lower()}")
        if ref is None:
            return
        if shown is Shown.LINES:
            self._align(ref)
            return
        convert = self._convert()

        def read() -> tuple[str, str]:
            try:
                sides = convert.sides(ref)
            except JetferryError as e:
                return "", e.message.text
            return sides.source, sides.target

        language = LANGUAGES.get(self._category, "tsql")
        texts = TextPair(read, language=language, marked=shown is Shown.BOTH)
        if shown is not Shown.TARGET:
            self.query_one("#source", TextView).show(texts.source)
        if shown is not Shown.SOURCE:
            self.query_one("#target", TextView).show(texts.target)

    @on(TextView.Made)
    def _made(self) -> None:
        self._head()

    def _head(self, *, missed: bool = False) -> None:
        """Say what is shown, once it is: over the text of the object before, its name would be wrong."""
        if self._ref is not None:
            begin = "Not found. " if missed else ""
            self.query_one("#side-name", Static).update(plain(f"{begin}{self._ref.table}: {self.shown.value}"))

    @work(thread=True, group="lines", exclusive=True)
    def _align(self, ref: TableRef) -> None:
        lines: Sequence[AlignedLine] = ()
        why = ""
        try:
            lines = self._convert().aligned(ref)
        except JetferryError as e:
            why = e.message.text
        bring(self, self._aligned, ref, lines, why)

    def _aligned(self, ref: TableRef, lines: Sequence[AlignedLine], why: str) -> None:
        if ref != self._ref:
            return
        self._lines = lines
        listing = self.query_one("#lines", Listing)
        listing.say(plain(why))
        listing.show([("±" if one.differs else "", one.name, one.kind, one.server) for one in lines], cursor=0)
        self._head()
        self._look()

    @on(Listing.Highlighted, "#lines")
    def _look(self) -> None:
        cursor = self.query_one("#lines", Listing).cursor
        told = self._lines[cursor].whole if cursor < len(self._lines) else ""
        self.query_one("#line", Static).update(plain(told))

    # find

    def start_find(self) -> None:
        """Ask what to look for in what is shown."""
        self.add_class("-finding")
        self.query_one("#find-text").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return self.has_class("-finding") if action == "end_find" else True  # else Escape is the screen's

    def action_end_find(self) -> None:
        self.remove_class("-finding")
        self._find("")
        self.view.focus()

    @on(Input.Changed, "#find-text")
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    @on(Input.Submitted, "#find-text")
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self._find(event.value, onwards=True)

    def _find(self, wanted: str, *, onwards: bool = False) -> None:
        if self.shown is Shown.LINES:
            found = self._find_line(wanted, onwards=onwards)
        else:
            shown = [v for v in self.query(TextView) if v.display]
            found = sum(v.find(wanted, onwards=onwards) for v in shown) > 0  # in each, not up to the first
        self._head(missed=bool(wanted) and not found)

    def _find_line(self, wanted: str, *, onwards: bool) -> bool:
        listing = self.query_one("#lines", Listing)
        hits = [n for n, one in enumerate(self._lines) if wanted and wanted.casefold() in one.whole.casefold()]
        start = listing.cursor + 1 if onwards else listing.cursor
        if hits:
            listing.go_to(next((n for n in hits if n >= start), hits[0]))
        return bool(hits)
