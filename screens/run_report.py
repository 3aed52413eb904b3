"""The report of stage 8: what became of every table, worst first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static

from screens.widgets.listing import Cell, Heading, Listing, Toned
from screens.widgets.status_signs import plain
from screens.widgets.table import TableDialog
from screens.widgets.text_button import TextButton
from screens.widgets.thread_results import bring
from wizard.events import BatchCommitted, Event, TableFinished, TableStarted, TableVerified
from wizard.outcomes import WORST
from wizard.plurals import counted
from wizard.stages import Migration, TableProgress


class ReportDialog(ModalScreen[None]):
    """A table that can be copied."""

    DEFAULT_CSS = """
    ReportDialog { align: center middle; }
    ReportDialog > Vertical { width: 98%; height: 94%; border: round $primary; background: $surface; padding: 0 1; }
    ReportDialog .row { height: 1; }
    ReportDialog Button { margin-right: 1; }
    ReportDialog #detail { height: auto; min-height: 3; max-height: 40%; color: $text-accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close"), Binding("ctrl+y", "copy", "Copy")]

    def __init__(self, tables: Callable[[], Sequence[TableProgress]], migration: Migration) -> None:
        """`tables` are asked for again at every event: the work may go on below."""
        self._source, self._migration = tables, migration
        self._tables: list[TableProgress] = []
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label("What became of every table, the worst first")
            yield Listing(*self._columns(), id="lines")
            yield Static(id="detail", markup=False)
            certificate = self._migration.migrate.certificate
            kept = f"Certificate: {certificate}" if certificate else f"Everything is kept in {self._migration.folder}"
            yield Static(plain(kept), markup=False)
            for line in self._migration.migrate.deployments().lines:
                yield Static(plain(line), markup=False)
            with Horizontal(classes="row"):
                yield TextButton("Close", id="close", variant="primary", compact=True)
                yield TextButton("Copy", id="copy", compact=True)
                yield TextButton("Runs", id="runs", compact=True)

    @property
    def _unread(self) -> bool:
        """Rows of some table could not be read."""
        return any(t.unread for t in self._tables)

    def _columns(self) -> tuple[Heading, ...]:
        unread = [Heading("Unread", 7, right=True)] if self._unread else []
        repaired = any(t.repaired for t in self._tables)  # what became of rows counts more than how many there are
        return (
            Heading("Table", middle=True, qualified=True), Heading("State", 18),
            Heading("Rows", 9, right=True, least=90 if repaired else 70), Heading("Arrived", 9, right=True),
            Heading("Rejected", 8, right=True), *unread,
            Heading("Repaired", 8, right=True, least=70 if repaired else 90), Heading("Compared", 8, least=90),
            Heading("Seconds", 7, right=True, least=90),
        )  # fmt: skip

    def on_mount(self) -> None:
        self._show()
        self.query_one(Listing).focus()

    def on_events(self, told: Sequence[Event]) -> None:
        if any(isinstance(e, TableStarted | BatchCommitted | TableFinished | TableVerified) for e in told):
            self._show()

    def _show(self) -> None:
        self._tables = sorted(self._source(), key=lambda t: (WORST.index(t.state), t.table))
        listing = self.query_one(Listing)
        listing.set_columns(*self._columns())
        listing.show([self._row(t) for t in self._tables])
        self._look()

    def _row(self, t: TableProgress) -> tuple[Cell, ...]:
        state = t.state
        compared = "" if t.equal is None else "differs" if not t.equal else "equal" if not state.lost else "the rest"
        lost = [t.rejected, *([t.unread] if self._unread else ())]
        figures = [f"{n:,}" for n in (t.rows, t.done, *lost, t.repaired)]
        return t.table, Toned(f"{state.sign} {state.words}", state.role), *figures, compared, f"{t.seconds:,.1f}"

    @on(Listing.Highlighted)
    def _look(self) -> None:
        cursor = self.query_one(Listing).cursor
        if cursor < len(self._tables):
            table = self._tables[cursor]
            arrived = f"{table.done:,} of {counted(table.rows, 'row')} arrived" if table.state.lost else ""
            arrived = "" if not arrived or arrived in table.detail else f"{arrived}."  # once, and there is room
            mended, cut = table.repaired - table.rounded, table.rounded
            repaired = f"{counted(mended, 'value')} repaired." if mended else ""
            repaired += f" {counted(cut, 'value')} rounded or cut." if cut else ""
            took = f"{table.table}, {table.seconds:,.1f} s:"
            told = " ".join(t for t in (took, arrived, repaired, table.detail, table.found) if t)
            self.query_one("#detail", Static).update(plain(told))

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        head = "\t".join(c.title for c in self.query_one(Listing).columns)
        self.app.copy_to_clipboard("\n".join([head, *("\t".join(map(str, self._row(t))) for t in self._tables)]))
        self.app.notify("The report is on the clipboard.")

    @on(Button.Pressed, "#runs")
    @work(thread=True, exclusive=True)
    def _runs(self) -> None:
        """Seconds and rejects of all runs side by side: what the next one will take."""
        began, tables = self._migration.migrate.rehearsals()
        columns = ["Table", *(f"{_moment(b)} {what}" for b in began for what in ("s", "rej."))]
        rows = [
            (
                t.table,
                *(c for s, r in zip(t.seconds, t.rejected, strict=True) for c in (_shown(s, ",.1f"), _shown(r, ","))),
            )
            for t in tables
        ]
        runs = counted(len(began), "run") + (", the oldest first" if len(began) > 1 else "")
        note = f"{runs}: seconds and rejected rows of each table" if began else "No run yet"
        bring(self, self.app.push_screen, TableDialog("All runs side by side", note, columns, rows))

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss()


def _moment(began: str) -> str:
    """When a run began, to the minute, and whether it was stopped."""
    moment, _, ended = began.partition(" ")
    return " ".join(filter(None, (moment[:16].replace("T", " "), ended)))


def _shown(figure: float | None, how: str) -> str:
    """Nothing where the run did not move the table."""
    return "" if figure is None else format(figure, how)
