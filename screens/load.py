"""Stage 7: the preview of differences with an action each; progress, failures with the server's words; or scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from screens.scripts_dialog import ScriptsDialog
from screens.widgets.dialogs import Answer, Question
from screens.widgets.listing import Heading, Listing
from screens.widgets.sql import highlighted
from screens.widgets.status_signs import bar, plain
from screens.widgets.text_button import TextButton
from screens.widgets.text_view import TextView
from screens.worker_stage import WorkerStageScreen
from wizard.events import Event, ObjectLoaded, Stage
from wizard.outcomes import LoadOutcome
from wizard.plurals import counted
from wizard.settings import TargetKind
from wizard.stages import LoadAction, LoadFailure, LoadItem, LoadResult, ObjectDifference, Project
from wizard.worker import WorkerTask

DIFFERENCES = {
    ObjectDifference.CREATE: "+ new",
    ObjectDifference.SAME: "= same",
    ObjectDifference.ALTER: "± differs",
    ObjectDifference.CONFLICT: "! conflict",
}
RESULTS = {
    LoadOutcome.CREATED: "✓ created", LoadOutcome.ALTERED: "✓ altered", LoadOutcome.RECREATED: "✓ recreated",
    LoadOutcome.SAME: "= same", LoadOutcome.SKIPPED: "– skipped", LoadOutcome.FAILED: "✗ failed",
}  # fmt: skip

HELP = """
# 7 Load

Creates the converted objects on the server, or writes scripts.

- The list compares each object with the server: `+` new, `=` same, `±` differs, `!` changed on both sides.
- **Enter** or Space changes what will be done: create, alter, recreate, skip. Below: what differs, and the statement.
- **o** shows what the target has already, **b** the first rows of the table under the cursor on both sides.
- **Load** runs it in the background. A failure shows the statement and the server's own words; *Retry* tries again.
- **Save scripts** writes them to a folder instead, in the order of running; **Scripts** shows what was written.
- With an offline package as the target, Load writes the package's scripts; stage 8 adds the data.

Loading again is harmless.
"""


class LoadScreen(WorkerStageScreen):
    """The screen of stage 7."""

    stage = Stage.LOAD
    help_text = HELP
    verb = "Load"
    work = WorkerTask.LOAD

    DEFAULT_CSS = """
    LoadScreen #objects { height: 1fr; }
    LoadScreen #detail { height: 6; border-top: hkey $primary; }
    LoadScreen #both { height: 1fr; layout: vertical; }
    LoadScreen.-tall #detail { height: 14; }
    LoadScreen.-wide #both { layout: horizontal; }
    LoadScreen.-wide #objects { width: 1.2fr; }
    LoadScreen.-wide #detail { width: 1fr; height: 1fr; border-top: none; border-left: vkey $primary; }
    LoadScreen.-wide #detail:focus { border-top: none; border-left: outer $accent; }
    LoadScreen.-tiny #detail { height: 3; }
    LoadScreen #detail:focus { border-top: outer $accent; }
    LoadScreen #bar { height: 1; }
    LoadScreen #find { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+r", "compare", "Compare", key_display="^r")]

    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[LoadItem, ...] = ()
        self.shown: list[LoadItem | ObjectLoaded] = []
        self.loaded: list[ObjectLoaded] = []
        self.failures: dict[str, LoadFailure] = {}
        """of the last run, those that the comparison does not show as mended"""

    def compose_work(self) -> Iterable[Widget]:
        yield Static(id="what", classes="hint", markup=False)
        yield Input(placeholder="/ search an object", classes="search", id="find", compact=True)
        with Container(id="both"):
            yield Listing(
                Heading("Object", middle=True), Heading("Kind", 12), Heading("Compared", 11), Heading("Action", 12),
                id="objects",
            )  # fmt: skip
            yield TextView(id="detail")
        yield Static(id="bar", markup=False)
        with Horizontal(classes="row"):
            yield TextButton("Compare", id="compare", compact=True)
            yield TextButton("Action", id="action", compact=True)
            yield TextButton("Retry", id="retry", compact=True)
            yield TextButton("Stop", id="stop", compact=True)
            yield TextButton("Save scripts", id="scripts", compact=True)
            yield TextButton("Scripts", id="read-scripts", compact=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not self.offline if action == "compare" else super().check_action(action, parameters)

    @property
    def offline(self) -> bool:
        """Whether stage 3 chose to work without a server."""
        return self.migration.connect.is_offline

    @property
    def table_here(self) -> str:
        """The name of the table under the cursor; empty where it is no table."""
        cursor = self.query_one("#objects", Listing).cursor
        item = self.shown[cursor] if cursor < len(self.shown) else None
        return item.name if item is not None and item.kind == "table" else ""

    def focus_first(self) -> None:
        self.query_one("#next").focus()

    def refresh_work(self) -> None:
        watch, package = self.wizard.at_work, self.migration.data.target.kind is TargetKind.PACKAGE
        self.query_one("#stop", Button).disabled = watch is None
        for name in ("compare", "action"):
            self.query_one(f"#{name}", Button).disabled = watch is not None
            self.query_one(f"#{name}", Button).display = not self.offline
        if package:
            folder = self.migration.files.package
            done = "The scripts are in" if self.over else "Load writes the package's scripts to"
            self.put("#what", f"{done}\n{folder}")
        elif self.offline:
            done = "Scripts are in" if self.over else "Working offline: Load writes scripts to"
            self.put("#what", f"{done}\n{self.migration.files.scripts}")
        else:
            self.put("#what", "What differs from the server, and what will be done. Nothing happens before Load.")
        self.query_one("#objects", Listing).say(
            "Press Load." if self.offline else "Press Load, or Compare again to see what differs."
        )
        if watch is not None:
            self.loaded = list(watch.loaded)
            self._draw()
        elif self.items or self.loaded:
            self._draw()
        else:
            self.aside(self._earlier, self._shown_earlier)
        self._to_failed()

    def _earlier(self) -> LoadResult | None:
        """In a thread: what the last load made, where nothing has changed since."""
        return self.migration.load.result if self.over else None

    def _shown_earlier(self, result: LoadResult | None) -> None:
        """Reopened, it shows what it showed; else what differs from the server."""
        if result is not None and result.objects:
            failed = {f.name: f for f in reversed(result.failures)}
            self.loaded = [
                ObjectLoaded(0.0, o.name, o.kind, o.action, o.detail, failed[o.name].sql if o.name in failed else "")
                for o in result.objects
            ]
            self._draw()
            self._to_failed()
        elif not self.offline:
            self.action_compare()
        else:
            self._draw()

    def _to_failed(self) -> None:
        """Once nothing is under way: the cursor to the first failure, if there is one, and Retry to be pressed."""
        idle = self.wizard.at_work is None
        failed = [n for n, o in enumerate(self.shown) if o.name in self.failures or o.action is LoadOutcome.FAILED]
        self.query_one("#retry", Button).disabled = not (idle and failed)
        if idle and failed:
            self.query_one("#objects", Listing).go_to(failed[0])

    @on(Button.Pressed, "#compare")
    def action_compare(self) -> None:
        if not self.offline and self.wizard.at_work is None:
            self.loaded = []
            self.aside(self._look, self._compared, doing="Comparing")

    def _look(self) -> tuple[tuple[LoadItem, ...], Sequence[LoadFailure]]:
        """In a thread."""
        load = self.migration.load
        return load.preview(self.cancel), load.result.failures if load.result else ()

    def _compared(self, found: tuple[tuple[LoadItem, ...], Sequence[LoadFailure]]) -> None:
        self.items, failures = found
        wanting = {i.name for i in self.items if i.difference is not ObjectDifference.SAME}
        self.failures = {f.name: f for f in reversed(failures) if f.name in wanting}  # an object's first is the cause
        self._draw()
        self._to_failed()

    def _draw(self) -> None:
        wanted = self.query_one("#find", Input).value.casefold()
        everything: Sequence[LoadItem | ObjectLoaded] = self.loaded or self.items
        self.shown = [i for i in everything if wanted in i.name.casefold()]
        self.query_one("#objects", Listing).show([_row(i, i.name in self.failures) for i in self.shown])
        self._progress()
        self._detail()

    def _progress(self) -> None:
        watch = self.wizard.at_work
        p = watch.progress if watch else None
        if p is not None and p.stage is self.stage and p.total:
            self.put("#bar", plain(f"{bar(p.done / p.total, 24)} {p.done:,} of {p.total:,}  {p.what}"))
        elif self.loaded:
            failed = sum(o.action is LoadOutcome.FAILED for o in self.loaded)
            self.put("#bar", f"{counted(len(self.loaded), 'object')}, {failed:,} failed")
        else:
            counts = [f"{sum(i.difference is d for i in self.items):,} {text}" for d, text in DIFFERENCES.items()]
            self.put("#bar", "   ".join(counts) if self.items else "")

    def show_events(self, told: Sequence[Event]) -> None:
        loaded = [e for e in told if isinstance(e, ObjectLoaded)]
        if loaded:
            self.loaded += loaded
            self._draw()
            listing = self.query_one("#objects", Listing)
            if not listing.has_focus:
                listing.go_to(len(listing.rows) - 1)
        elif told:
            self._progress()

    @on(Input.Changed, "#find")
    def _find(self) -> None:
        self._draw()

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        self.query_one("#objects").focus()

    @on(Listing.Highlighted, "#objects")
    def _detail(self) -> None:
        cursor = self.query_one("#objects", Listing).cursor
        item = self.shown[cursor] if cursor < len(self.shown) else None
        failure = self.failures.get(item.name) if isinstance(item, LoadItem) else None
        self.query_one("#detail", TextView).show(lambda theme: _detail(item, failure, theme))

    # actions

    @on(Listing.Chosen, "#objects")
    @on(Listing.Toggled, "#objects")
    @on(Button.Pressed, "#action")
    def _action(self) -> None:
        cursor = self.query_one("#objects", Listing).cursor
        item = self.shown[cursor] if cursor < len(self.shown) else None
        if not isinstance(item, LoadItem) or not item.choices:
            return
        answers = [Answer(a.value, a.value.capitalize(), dangerous=a is LoadAction.RECREATE) for a in item.choices]
        text = f"Compared with the server: {DIFFERENCES[item.difference]}. {item.detail}\nNow: {item.action.value}"

        def answered(answer: str | None) -> None:
            if answer is not None:
                self._choose(item, LoadAction(answer))

        self.app.push_screen(Question(plain(item.name), plain(text), answers), answered)

    def _choose(self, item: LoadItem, action: LoadAction) -> None:
        def done() -> None:
            self.items = tuple(replace(i, action=action) if i.name == item.name else i for i in self.items)
            self._draw()

        def changed() -> Project:
            data = self.migration.data
            return replace(data, actions={**data.actions, item.name: action.value})

        self.change(lambda: self.migration.load.choose(item.name, action), changed, done)

    def do(self) -> None:
        self.loaded, self.failures = [], {}
        super().do()

    @on(Button.Pressed, "#retry")
    def _retry(self) -> None:
        self.do()

    @on(Button.Pressed, "#stop")
    def _stop(self) -> None:
        self.ask_to_cancel()

    @on(Button.Pressed, "#scripts")
    def _scripts(self) -> None:
        def written(paths: tuple[Path, ...]) -> None:
            where = paths[0].parent if paths else self.migration.folder
            self.note(f"{counted(len(paths), 'script')} written to {where}")
            self.put("#what", f"{counted(len(paths), 'script')} {'is' if len(paths) == 1 else 'are'} in\n{where}")

        self.aside(lambda: self.migration.load.scripts(cancel=self.cancel), written, doing="Writing scripts")

    @on(Button.Pressed, "#read-scripts")
    def _read_scripts(self) -> None:
        """Those of the package, or those that were saved."""
        load = self.migration.load

        def show(found: tuple[Path, tuple[Path, ...]]) -> None:
            folder, paths = found
            if paths:
                self.app.push_screen(ScriptsDialog(folder, paths))
            else:
                self.note("There are no scripts yet: Load writes a package's, Save scripts those for a server.")

        self.aside(load.written_scripts, show)


def _row(item: LoadItem | ObjectLoaded, failed: bool = False) -> tuple[str, str, str, str]:
    """`failed` says that an object to be made could not be made last time."""
    kind = item.kind.replace("_", " ")
    if isinstance(item, LoadItem):
        return (
            item.name,
            kind,
            DIFFERENCES[item.difference],
            RESULTS[LoadOutcome.FAILED] if failed else item.action.value,
        )
    return item.name, kind, "", RESULTS[item.action]


def _detail(item: LoadItem | ObjectLoaded | None, failure: LoadFailure | None, theme: str) -> Text:
    """What differs, or the server's words, above the statement."""
    if item is None:
        return Text()
    name = Text(f"{plain(item.name)}\n", style="bold")
    told, sql = (f"Failed: {failure.reason}", failure.sql) if failure else (item.detail, item.sql)
    return name.append(f"{plain(told)}\n" if told else "", style="not bold").append_text(highlighted(sql, theme))
