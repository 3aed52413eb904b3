"""Many databases: an estate's list, scanned live, sorted, filtered, families folded; its waves, and a wave at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static, TabbedContent, TabPane

from screens.application import WizardContract, wizard_of
from screens.estate_dialogs import FactsDialog
from screens.widgets.dialogs import Answer, Question, trouble
from screens.widgets.help import HelpScreen
from screens.widgets.key_footer import KeyFooter
from screens.widgets.listing import Heading, Listing, Row, Toned
from screens.widgets.status_signs import plain
from screens.widgets.tabs import NEXT_TAB, Tabbed
from screens.widgets.thread_results import bring
from wizard.cancellation import CancellationToken
from wizard.estate.browser import Browser, DatabaseRow, SortBy, arranged, in_common
from wizard.estate.model import FileState, Readiness, ScanPhase, ScanProgress, WorkState
from wizard.estate.overview import Overview, WorkRow
from wizard.messages import JetferryError
from wizard.outcomes import Role
from wizard.plurals import counted, hours

SHOW: Final = 0.25
"""seconds between two views of what a thread has reported"""
AGAIN: Final = 3.0
"""seconds between two readings of the list while a scan or a wave is at work"""
HELP: Final = """
# Many databases

**Scan** (`s`) goes through the folders again and looks at what is new or changed; it may be stopped with Esc and goes
on later. **/** filters, **o** sorts in another way, **f** folds families of copies to their likely master, Enter
shows what is known of a database.

**Plan** (`p`) proposes waves and writes them to a file to edit; planned again, what you edited stays. F4 shows them.
There **w** runs the wave of the row: a project for each application. Enter opens an application's project, as any
other; *Close the project* comes back here.
"""
_SIGNS: Final = {Readiness.ITSELF: ("✓", Role.GOOD), Readiness.WORK: ("±", Role.LOSS), Readiness.NOT: ("✗", Role.BAD)}
_STATES: Final = {
    "waiting": ("·", Role.QUIET), "running": ("▶", Role.BUSY), "done": ("✓", Role.GOOD), "losses": ("±", Role.LOSS),
    "failed": ("✗", Role.BAD), "stopped": ("■", Role.LOSS),
}  # fmt: skip


class _DatabaseRows(Sequence[Row]):
    """Rows that are made when they are shown: ten thousand open at once."""

    def __init__(self, found: Sequence[DatabaseRow], common: int, folded: bool) -> None:
        self._found, self._common, self._folded = found, common, folded

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, index: Any) -> Any:
        return _row(self._found[index], self._common, self._folded)


def _row(r: DatabaseRow, common: int, folded: bool) -> Row:
    """`common` characters that all paths begin with are left out: the line below the list has the whole path."""
    sign, role = _SIGNS[r.readiness]
    sign, role = ("…", Role.QUIET) if r.state is FileState.WAITING else (sign, role)
    told = r.readiness.value if r.state is FileState.ASSESSED else r.state.value
    family = f"{r.members} files" if folded and r.family else r.relation
    dead = " (dead)" if r.dead else ""
    work_left = hours(r.effort) if r.effort else ""
    size = f"{r.size / 1e6:,.1f} MB"
    place = plain(r.path[common:])
    return (Toned(sign, role), place, told + dead, work_left, f"{r.rows:,}", family, size, r.modified)


class EstateScreen(Tabbed, Screen[None]):
    """An estate; it is scanned at once where it was just made."""

    DEFAULT_CSS = """
    EstateScreen #top { height: 1; background: $primary 30%; text-style: bold; padding: 0 1; }
    EstateScreen #top:ansi { background: ansi_default; color: ansi_default; text-style: bold reverse; }
    EstateScreen #figures { height: auto; padding: 0 1; color: $text-muted; }
    EstateScreen #filter { height: 1; border: none; }
    EstateScreen TabbedContent { height: 1fr; }
    EstateScreen TabPane { padding: 0; }
    EstateScreen #path, EstateScreen #plan { height: auto; max-height: 2; padding: 0 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="Esc"),
        Binding("s", "scan", "Scan"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("o", "order", "Sort"),
        Binding("f", "fold", "Fold"),
        Binding("p", "plan", "Plan"),
        Binding("w", "wave", "Run"),
        NEXT_TAB,
        Binding("f1", "explain", "Help", key_display="F1"),
    ]

    def __init__(self, browser: Browser, folders: Sequence[Path] = ()) -> None:
        self.browser, self._folders = browser, tuple(folders)
        self._all: list[DatabaseRow] = []
        self._shown: list[DatabaseRow] = []
        self._work: list[WorkRow] = []
        self._order, self._folded, self._common = SortBy.WORST, True, 0
        self._cancel: CancellationToken | None = None
        self._told = ""
        super().__init__()

    @property
    def wizard(self) -> WizardContract:
        """The application."""
        return wizard_of(self)

    @property
    def busy(self) -> bool:
        """A scan, planning or a wave is under way here."""
        return self._cancel is not None

    def compose(self) -> ComposeResult:
        yield Static(id="top", markup=False)
        yield Static(id="figures", markup=False)
        with TabbedContent(id="tabs"):
            with TabPane("Databases", id="tab-list"), Vertical():
                yield Input(placeholder="/ to filter: parts of a path or of an application", id="filter", compact=True)
                yield Listing(
                    Heading("", 1), Heading("File", middle=True), Heading("Converts", 16),
                    Heading("Work", 10, right=True, least=70), Heading("Rows", 9, right=True),
                    Heading("Family", 12, least=70), Heading("Size", 10, right=True, least=100),
                    Heading("Changed", 10, least=100), id="databases",
                    empty="Nothing was found yet. Press s to scan.",
                )  # fmt: skip
                yield Static(id="path", markup=False)
            with TabPane("Waves", id="tab-waves"), Vertical():
                yield Listing(
                    Heading("", 1), Heading("Wave", 4, right=True), Heading("Application", middle=True),
                    Heading("State", 18),
                    Heading("Rows", 15, right=True), Heading("Lost", 8, right=True, least=70),
                    Heading("Responsible", 14, least=100), id="waves",
                    empty="There is no plan yet. Press p to have one proposed.",
                )  # fmt: skip
                yield Static(id="plan", markup=False)
        yield KeyFooter(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.set_interval(SHOW, self._show_head)
        self.set_interval(AGAIN, self._look_again)
        self.query_one("#databases").focus()
        if self._folders:
            self._scan(self._folders)
        else:
            self.fill()

    def on_screen_resume(self) -> None:
        if self.browser.exists:
            self.fill()

    # showing

    @work(thread=True, group="estate-fill", exclusive=True)
    def fill(self) -> None:
        """Read the list, the waves and the figures again, in a thread."""
        try:
            found = self.browser.rows(), self.browser.overview()
        except JetferryError as e:
            bring(self, self._failed, e)
            return
        try:
            waves, wrong = self.browser.work(), ""
        except JetferryError as e:
            waves, wrong = [], e.message.text
        bring(self, self._filled, *found, waves, wrong)

    def _filled(self, rows: list[DatabaseRow], figures: Overview, waves: list[WorkRow], wrong: str) -> None:
        self._all, self._work, self._common = rows, waves, in_common(rows)
        self.query_one("#figures", Static).update(
            f"{counted(figures.databases, 'database')}, {counted(figures.applications, 'application')}, "
            f"{counted(figures.copies, 'copy', 'copies')}, {figures.dead:,} dead, {figures.personal:,} with personal "
            f"data; converts by itself {figures.itself:,}, with work {figures.work:,}, not {figures.impossible:,}; "
            f"work left: {hours(figures.effort)}"
        )
        self._arrange()
        self.query_one("#waves", Listing).show([_work_row(r) for r in waves])
        told = wrong or f"{self.browser.plan_file}" * self.browser.plan_file.exists()
        self.query_one("#plan", Static).update(plain(told))

    def _arrange(self) -> None:
        words = self.query_one("#filter", Input).value
        self._shown = arranged(self._all, self._order, words, folded=self._folded)
        listing = self.query_one("#databases", Listing)
        if self._all:
            listing.say("No database fits.")
        listing.show(_DatabaseRows(self._shown, self._common, self._folded))
        self._show_path()
        self._show_head()

    def _show_head(self) -> None:
        many = f"{len(self._shown):,} of {len(self._all):,} shown, {self._order}" + (", families folded" * self._folded)
        self.query_one("#top", Static).update(plain(f"Many databases   {self.browser.name}   {self._told or many}"))

    @on(Listing.Highlighted, "#databases")
    def _show_path(self) -> None:
        cursor = self.query_one("#databases", Listing).cursor
        told = ""
        if cursor < len(self._shown):
            row = self._shown[cursor]
            told = row.path + (f"   application {row.application}" if row.application else "")
        self.query_one("#path", Static).update(plain(told))

    def _look_again(self) -> None:
        if self.busy and self.is_current and self.browser.exists:
            self.fill()

    # keys of the list

    def action_filter(self) -> None:
        self.query_one("#tabs", TabbedContent).active = "tab-list"
        self.query_one("#filter").focus()

    @on(Input.Changed, "#filter")
    def _filtered(self) -> None:
        self._arrange()

    @on(Input.Submitted, "#filter")
    def _to_list(self) -> None:
        self.query_one("#databases").focus()

    def action_order(self) -> None:
        orders = list(SortBy)
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self._arrange()

    def action_fold(self) -> None:
        self._folded = not self._folded
        self._arrange()

    @on(Listing.Chosen, "#databases")
    def _facts(self, event: Listing.Chosen) -> None:
        self._aside(lambda: self.browser.facts(self._shown[event.index].id), self._show_facts)

    def _show_facts(self, found: list[tuple[str, str]]) -> None:
        self.app.push_screen(FactsDialog(found))

    # scanning, planning, running

    def action_scan(self) -> None:
        if not self.busy:
            self._scan(())

    def _scan(self, folders: Sequence[Path]) -> None:
        def task(cancel: CancellationToken) -> str:
            found = self.browser.scan(folders, lambda: cancel.cancelled, self._progress)
            if found.stopped:
                return "The scan was stopped; what was found is kept. Press s to go on."
            seen = f"{counted(found.found, 'file')} found, {found.looked_at:,} looked at"
            return f"{seen}, {found.failed:,} of them not read."

        self._begin(task)

    def _say(self, text: str) -> None:
        """Show what a thread is at; while it is being stopped, that."""
        if self._cancel is None or not self._cancel.cancelled:
            self._told = text

    def _progress(self, p: ScanProgress) -> None:
        left = p.seconds_left
        rest = f", {left / 60:.0f} min left" if left is not None and left >= 90 else ""
        failed = f", {p.failed:,} not read" if p.failed else ""
        self._say(
            "comparing" if p.phase is ScanPhase.COMPARING else f"scanning: {p.done:,} of {p.found:,}{failed}{rest}"
        )

    def action_plan(self) -> None:
        def task(_: CancellationToken) -> str:
            found = self.browser.plan()
            planned = f"{counted(found.applications, 'application')} in {counted(found.waves, 'wave')}"
            return f"{planned}, {found.added:,} of them new. Edit {found.path.name} as you like."

        if not self.busy:
            self._begin(task)
            self.show_tab(self.query_one("#tabs", TabbedContent), "tab-waves")

    def action_wave(self) -> None:
        """Run the wave of the row that the cursor is on."""
        listing = self.query_one("#waves", Listing)
        if self.busy or not self._work or self.query_one("#tabs", TabbedContent).active != "tab-waves":
            self.notify("Go to a wave first: F4 shows them, p proposes them.", markup=False)
            return
        wave = self._work[listing.cursor].wave
        try:
            servers = self.browser.servers(wave)
        except JetferryError as e:
            self._failed(e)
            return
        text = f"Create objects and write rows to {', '.join(servers)}?" if servers else "Packages are made of it."
        count = sum(r.wave == wave for r in self._work)
        answers = (Answer("run", "Run it"), Answer("no", "Not now"))
        self.app.push_screen(
            Question(f"Wave {wave}: {counted(count, 'application')}", text, answers),
            lambda answer: self._run(wave) if answer == "run" else None,
        )

    def _run(self, wave: int) -> None:
        def task(cancel: CancellationToken) -> str:
            found = self.browser.run(wave, lambda: cancel.cancelled, lambda n, s, _: self._say(f"{n}: {s}"))
            over = sum(s.over for s in found.states.values())
            return f"Wave {wave}: {over} of {len(found.states)} done."

        self._told = f"wave {wave} at work"
        self._begin(task)

    @on(Listing.Chosen, "#waves")
    def _open(self, event: Listing.Chosen) -> None:
        row = self._work[event.index]
        if row.project and Path(row.project).exists():
            self.wizard.open(Path(row.project))
        else:
            self.notify(f"The project of {row.name} is made when its wave runs.", markup=False)

    # threads

    def _begin(self, task: Callable[[CancellationToken], str]) -> None:
        self._cancel = CancellationToken()
        self._thread(task, self._cancel)

    @work(thread=True, group="estate")
    def _thread(self, task: Callable[[CancellationToken], str], cancel: CancellationToken) -> None:
        error: Exception | None = None
        told = ""
        try:
            told = task(cancel)
        except (JetferryError, OSError) as e:
            error = e
        bring(self, self._over, told, error)

    def _over(self, told: str, error: Exception | None) -> None:
        self._cancel, self._told = None, ""
        if error is not None:
            self._failed(error)
        elif told:
            self.notify(told, markup=False)
        if self.browser.exists:
            self.fill()

    @work(thread=True, group="estate-aside")
    def _aside(self, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        try:
            found = task()
        except JetferryError as e:
            bring(self, self._failed, e)
            return
        bring(self, then, found)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, JetferryError):
            self.app.push_screen(trouble(error.message, safe="What the estate knew is kept."))
        else:
            self.notify(plain(str(error)), severity="error", markup=False)

    def action_back(self) -> None:
        """Esc: out of the filter, else stop what is under way, else back to the start."""
        field = self.query_one("#filter", Input)
        if field.has_focus:
            field.value = ""
            self.query_one("#databases").focus()
        elif self._cancel is not None:
            self._cancel.cancel("you stopped it")
            self._told = "stopping"
        else:
            self.app.pop_screen()

    def action_explain(self) -> None:
        self.app.push_screen(HelpScreen(HELP))


def _work_row(r: WorkRow) -> Row:
    sign, role = _STATES.get(r.state, ("·", Role.QUIET))
    rows = f"{r.done:,} of {r.rows:,}" if r.state == WorkState.RUNNING and r.rows else f"{r.rows:,}" if r.rows else ""
    state = f"{r.state} ({r.verdict})" if r.verdict else r.state
    return (
        Toned(sign, role), str(r.wave), plain(r.name), state, rows, f"{r.rejected:,}" if r.rejected else "",
        plain(r.responsible),
    )  # fmt: skip
