"""Stage 8: a line a table with bar, rows, rate, remaining and rejects; totals; pause, resume, stop; verification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from screens.migrate_columns import BAR, ROWS, columns, figure, lost, repaired
from screens.rejects import RejectsDialog
from screens.run_report import ReportDialog
from screens.widgets.chooser import Chooser
from screens.widgets.dialogs import Answer, Question
from screens.widgets.listing import Cell, Listing, Toned
from screens.widgets.status_signs import bar, plain
from screens.widgets.text_button import TextButton
from screens.worker_stage import WorkerStageScreen
from wizard.events import (
    BatchCommitted,
    Event,
    PauseChanged,
    Retrying,
    Stage,
    TableFinished,
    TableStarted,
    TableVerified,
)
from wizard.outcomes import Role, TableState, worst
from wizard.plurals import counted
from wizard.settings import TargetKind
from wizard.stages import Reject, TableProgress
from wizard.stages.throughput import duration, megabytes
from wizard.worker import Command, WorkerTask

HELP = """
# 8 Migrate

Copies the rows. A process of its own does it: closing this terminal, or losing the connection, does not stop it.

- One line a table: how far it is, rows, rows a second, the time left, rejected rows. `▶` at work, `✓` all there,
  `±` done with losses: some rows were rejected, or could not be read in a damaged file (*Unread*),
  `∅` missing: none arrived, `≠` differs, `✗` failed, `■` stopped.
- **Pause** and **Resume** take effect at the next batch. **Stop** keeps everything that arrived; *Migrate* goes on.
- **Rejects** (or Enter on a table) shows the rows that stayed behind, with the reason and where the files are.
  *Repair* makes a rule for what such rows were rejected for. After mending the cause, *Send again* tries this
  table's once more, *Send all again* every table's; *Migrate* and *One step* do it by themselves where the cause may
  be mended.
- **b** shows the first rows of the table under the cursor on both sides, **o** what the target has.
- **Verify** compares rows and figures on both sides and writes the certificate. **Report** is the table of what
  became of every table; it says where the certificate is and, of a package, where and when it was deployed and what
  failed there. *Runs* shows all runs side by side.
- **Refill** empties tables that Jetferry filled (all, those whose rows changed in Access since, or the one under the
  cursor) and migrates them again; it asks first.

When you leave, you are asked whether the work goes on in the background.
"""


class MigrateScreen(WorkerStageScreen):
    """The screen of stage 8."""

    stage = Stage.MIGRATE
    help_text = HELP
    verb = "Migrate"
    work = WorkerTask.MIGRATE

    DEFAULT_CSS = """
    MigrateScreen #totals { height: 3; color: $text-accent; text-wrap: nowrap; text-overflow: ellipsis; }
    MigrateScreen #totals.-loss { color: $warning; }
    MigrateScreen #totals.-bad { color: $error; }
    MigrateScreen #tables { height: 1fr; }
    MigrateScreen #row { height: 2; display: none; }
    MigrateScreen.-tall #row { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("v", "verify", "Verify"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, TableProgress] = {}
        self.earlier: dict[str, int] = {}
        """by table, rows rejected earlier whose cause may be mended"""
        self._known: tuple[TableProgress, ...] = ()
        """the lines as the journal had them"""
        self._deployed: tuple[str, ...] = ()
        """what is known of the package's deployment"""
        self._order: list[str] = []
        self._places: dict[str, int] = {}
        """where each shown table's line is"""
        self._bar = BAR
        """cells of the bars: they grow with the terminal"""
        self._unread = False
        """rows of some table could not be read, and are shown"""
        self._schema = ""
        """what all tables' names begin with: it need not be shown with each"""

    def compose_work(self) -> Iterable[Widget]:
        yield Static(id="totals", markup=False)
        yield Input(placeholder="/ search a table", classes="search", id="find", compact=True)
        yield Listing(*columns(self._bar), id="tables", empty="Reading …")
        yield Static(id="row", classes="hint", markup=False)
        with Horizontal(classes="row"):
            yield TextButton("Pause", id="pause", compact=True)
            yield TextButton("Stop", id="stop", compact=True)
            yield TextButton("Rejects", id="rejects", compact=True)
            yield TextButton("Verify", id="verify", compact=True)
            yield TextButton("Report", id="report", compact=True)
            yield TextButton("Refill", id="reload", compact=True)

    @property
    def table_here(self) -> str:
        """The name of the table under the cursor; empty where there is none."""
        cursor = self.query_one("#tables", Listing).cursor
        return self._order[cursor] if cursor < len(self._order) else ""

    def focus_first(self) -> None:
        self.query_one("#next").focus()

    def refresh_work(self) -> None:
        watch = self.wizard.at_work
        self.query_one("#pause", Button).disabled = self.query_one("#stop", Button).disabled = watch is None
        for name in ("verify", "reload"):
            self.query_one(f"#{name}", Button).disabled = watch is not None
        self._show_pause()
        self.aside(self._load, self._loaded, failed=lambda e: self.put("#totals", plain(e.message.text)))

    def _show_pause(self) -> None:
        watch = self.wizard.at_work
        self.query_one("#pause", Button).label = "Resume" if watch is not None and watch.paused else "Pause"
        self.show_state()

    def _load(self) -> tuple[tuple[TableProgress, ...], tuple[str, ...]]:
        return self.migration.migrate.lines(), self.migration.migrate.deployments().lines

    def _loaded(self, found: tuple[tuple[TableProgress, ...], tuple[str, ...]]) -> None:
        lines, self._deployed = found
        self._known = lines
        self._follow()
        self._draw()
        self.earlier = {}
        if self.wizard.at_work is None and not self.over and any(t.rejected for t in lines):
            # a server that is not there to be asked is no trouble yet
            self.aside(self.migration.migrate.mended, self._found_earlier, failed=lambda _: None)

    def _found_earlier(self, earlier: dict[str, int]) -> None:
        self.earlier = earlier
        self._totals()

    def _follow(self) -> None:
        """The lines as they are now."""
        watch = self.wizard.at_work
        self.tables = watch.seen(self._known) if watch is not None else {t.table: t for t in self._known}

    def _draw(self) -> None:
        wanted = self.query_one("#find", Input).value.casefold()
        self._order = [name for name in self.tables if wanted in name.casefold()]
        self._places = {name: index for index, name in enumerate(self._order)}
        schemas = {name.partition(".")[0] for name in self.tables}
        self._schema = f"{schemas.pop()}." if len(schemas) == 1 else ""
        listing = self.query_one("#tables", Listing)
        if self._unread is not self._any_unread():
            self._unread = not self._unread
            listing.set_columns(*columns(self._bar, unread=self._unread))
        listing.say("No tables to migrate.")
        listing.show([self._row(self.tables[name]) for name in self._order])
        self._look()
        self._totals()

    def _any_unread(self) -> bool:
        return any(t.unread for t in self.tables.values())

    def _row(self, t: TableProgress) -> tuple[Cell, ...]:
        state = t.state
        rows = f"{t.done:,}/{t.rows:,}" if t.done != t.rows or state.under_way else f"{t.rows:,}"
        if len(rows) > ROWS:  # the bar shows the share
            rows = f"{t.done:,}"
        name = t.table.removeprefix(self._schema)
        share = bar(t.ratio if state is not TableState.WAITING or t.done else 0, self._bar)
        if state is TableState.DIFFERS:
            share = "✗ diff."
        elif t.equal and state.role is Role.GOOD:
            share = "= equal"
        role = state.role if state.lost else Role.QUIET
        speed = self._speed(t)
        lost = [Toned(figure(n), role) for n in (t.rejected, *((t.unread,) if self._unread else ()))]
        return Toned(state.sign, state.role), name, Toned(share, role), rows, *speed, *lost

    def _speed(self, t: TableProgress) -> tuple[str, str]:
        """Of a table whose rows move now: its rate, and the time left."""
        watch = self.wizard.at_work
        if watch is None or t.status is not TableState.RUNNING:
            return "", ""
        return figure(watch.throughput.rate(t.table)), watch.throughput.left(t.table, t.rows - t.done - t.rejected)

    def _totals(self) -> None:
        tables = self.tables.values()
        done, rows, rejected = (sum(getattr(t, n) for t in tables) for n in ("done", "rows", "rejected"))
        finished = sum(t.status.over for t in tables)
        parts = [f"{bar(done / rows if rows else 0, 10)} {done:,}/{rows:,} rows", f"{finished}/{len(tables)} tables"]
        state = worst(t.state for t in tables if t.state.lost)
        busy = self.wizard.at_work is not None  # its pace needs the room
        told = f"{rejected:,} rejected" if busy or not state.lost else lost(self.tables.values())
        told = f"{state.sign} {told}" if state.lost else told
        became = ", ".join([told, *(self._pace() or repaired(self.tables.values()))])
        self.put("#totals", f"{'  '.join(parts)}\n{became}\n{self._line()}")
        totals = self.query_one("#totals")
        for role in (Role.LOSS, Role.BAD):
            totals.set_class(state.role is role, f"-{role}")

    def _pace(self) -> list[str]:
        """Of the work that goes on: rate, megabytes, the time left, retries."""
        watch = self.wizard.at_work
        if watch is None or not watch.pace.rate:
            return []
        pace, left = watch.pace, watch.pace.left(self.tables.values())
        found = [f"{pace.rate:,.0f} rows/s", megabytes(pace.bytes)]
        found += [f"about {duration(left)} left"] if left else []
        retries = pace.retries.total()
        return found + ([counted(retries, "retry", "retries")] if retries else [])

    def _line(self) -> str:
        watch = self.wizard.at_work
        if watch is None and self.earlier and not self.over:
            count = counted(sum(self.earlier.values()), "earlier reject")
            return f"{count}; the cause may be mended: send again."
        if watch is None:
            return plain(self._what_became()) if self.over else "Press Migrate to copy the rows."
        if watch.paused:
            return "Paused. Resume goes on where it was."
        busy = [t.table for t in self.tables.values() if t.status is TableState.RUNNING]
        if busy:
            return plain("At work on " + ", ".join(busy))
        over = bool(self.tables) and not any(t.status.under_way for t in self.tables.values())
        return "All rows were sent. Making keys and comparing both sides." if over else "At work"

    def _what_became(self) -> str:
        """Where the rows are: of a package, what became of it."""
        if self.migration.data.target.kind is not TargetKind.PACKAGE:
            return self.migration.detail(self.stage)
        return ". ".join(self._deployed) or f"Package: {self.migration.files.package}"

    def show_events(self, told: Sequence[Event]) -> None:
        watch = self.wizard.at_work
        if watch is None:
            return
        if any(isinstance(e, PauseChanged) for e in told):
            self._show_pause()
        again = next((e for e in reversed(told) if isinstance(e, Retrying)), None)
        told_of = {
            e.table for e in told if isinstance(e, TableStarted | BatchCommitted | TableFinished | TableVerified)
        }
        former = self.tables.keys()
        self._follow()
        if not self.tables.keys() <= former or self._unread is not self._any_unread():
            self._draw()
        listing = self.query_one("#tables", Listing)
        for name in told_of & self._places.keys():
            listing.change(self._places[name], self._row(self.tables[name]))
        self._totals()
        if again is not None:
            self.note(f"{again.what}: {again.reason}. Trying again in {again.delay:.0f} seconds.", severity="warning")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        cells = max(BAR, (event.size.width - 80) // 2)
        if cells != self._bar:
            self._bar = cells
            self.query_one("#tables", Listing).set_columns(*columns(cells, unread=self._unread))
            self._draw()

    @on(Listing.Highlighted, "#tables")
    def _look(self) -> None:
        """The whole name of the table under the cursor, and what became of it."""
        cursor = self.query_one("#tables", Listing).cursor
        table = self.tables[self._order[cursor]] if cursor < len(self._order) else None
        told = f"{table.table}: {table.state.words}. {table.detail} {table.found}" if table else ""
        self.put("#row", plain(told.strip()))

    @on(Input.Changed, "#find")
    def _find(self) -> None:
        self._draw()

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        self.query_one("#tables").focus()

    # commands

    @on(Button.Pressed, "#pause")
    def action_pause(self) -> None:
        watch = self.wizard.at_work
        if watch is not None:
            self.send(Command.RESUME if watch.paused else Command.PAUSE)

    @on(Button.Pressed, "#stop")
    def _stop(self) -> None:
        self.ask_to_cancel()

    @on(Button.Pressed, "#verify")
    def action_verify(self) -> None:
        if self.wizard.at_work is None:
            self.wizard.start_work(WorkerTask.VERIFY)

    @on(Button.Pressed, "#report")
    def _report(self) -> None:
        self.app.push_screen(ReportDialog(lambda: list(self.tables.values()), self.migration))

    @on(Listing.Chosen, "#tables")
    @on(Button.Pressed, "#rejects")
    def _rejects(self, event: Listing.Chosen | Button.Pressed) -> None:
        cursor = self.query_one("#tables", Listing).cursor
        table = self.tables[self._order[cursor]] if cursor < len(self._order) else None
        some = {f"{name}: {counted(t.rejected, 'row')}": t for name, t in self.tables.items() if t.rejected}
        if table is not None and (table.rejected or isinstance(event, Listing.Chosen)):
            self._show_rejects(table)
        elif len(some) == 1:
            self._show_rejects(next(iter(some.values())))
        elif some:
            chooser = Chooser("Tables with rejected rows", tuple(some))
            self.app.push_screen(chooser, lambda name: self._show_rejects(some[name]) if name else None)
        else:
            self.note("No row was rejected.")

    def _show_rejects(self, table: TableProgress) -> None:
        if not table.rejected:
            self.note(plain(f"{table.table}: no rejected rows. {table.detail}"))
            return

        def answered(answer: Sequence[str] | Reject | None) -> None:
            if isinstance(answer, Reject):
                self._repair(table.table, answer)
            elif answer is not None:
                self._send_again(answer)

        self.app.push_screen(RejectsDialog(self.migration, table.table), answered)

    def _send_again(self, tables: Sequence[str]) -> None:
        """Asks first where that changes objects, too."""

        def answered(answer: str | None) -> None:
            if answer == "go":
                self.wizard.start_work(WorkerTask.RETRY_REJECTS, tables)

        if not self.migration.loads_before_retry:
            answered("go")
            return
        text = "Something changed since the objects were made. It is converted and loaded first, then rows are sent."
        self.app.push_screen(
            Question("Convert, load and send again?", text, (Answer("go", "Start"), Answer("no", "Not now"))), answered
        )

    def _repair(self, table: str, reject: Reject) -> None:
        self.ask_repair(self.migration.migrate.repair_about(table, reject))

    @on(Button.Pressed, "#reload")
    def _reload(self) -> None:
        of = self.migration.migrate
        self.aside(lambda: (of.filled(), of.to_reload()), lambda found: self._ask_reload(*found), doing="Comparing")

    def _ask_reload(self, filled: dict[str, int], changed: Sequence[str]) -> None:
        cursor = self.query_one("#tables", Listing).cursor
        table = self._order[cursor] if cursor < len(self._order) else ""
        text = (
            f"{counted(sum(filled.values()), 'row')} in {counted(len(filled), 'table')} that Jetferry filled will be "
            "deleted and copied again.\n\nRows that others added to these tables are lost; no other table is touched."
        )
        answers = [Answer("all", "All again", dangerous=True), Answer("no", "Leave them")]
        tables: dict[str | None, Sequence[str]] = {"all": (), "one": (table,), "changed": changed}
        if table in filled:
            text += f"\n\nOnly the table under the cursor: {plain(table)}, {counted(filled[table], 'row')}."
            answers.insert(1, Answer("one", "Only this table", dangerous=True))
        if changed:
            text += f"\n\nOnly what changed in the Access files since: {plain(', '.join(changed))}."
            answers.insert(1, Answer("changed", "What changed", dangerous=True))

        def answered(answer: str | None) -> None:
            if answer in tables:
                self.wizard.start_work(WorkerTask.RELOAD, tables[answer])

        self.app.push_screen(Question("Empty the tables and fill them again?", text, answers), answered)
