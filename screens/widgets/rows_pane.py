"""The rows of a source's table: fifty at a time, or those that hold a text, in the order of a column; saved as CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from screens.recent import here
from screens.widgets.chooser import Chooser
from screens.widgets.dialogs import Ask
from screens.widgets.grid import Grid
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from screens.widgets.thread_results import bring
from wizard.file_writing import expanded
from wizard.messages import JetferryError
from wizard.plurals import counted
from wizard.stages import CancellationToken, Migration, PreviewPage, RowsFound, RowsWanted, StoppedError

PAGE = 50
"""rows"""
AS_STORED = "(as stored)"
DOWNWARDS = ", descending"


class RowsPane(Vertical):
    """Reads when `read` is called for the table that `show` was given."""

    DEFAULT_CSS = """
    RowsPane { height: 1fr; }
    RowsPane Input { width: 1fr; }
    RowsPane .row { height: 1; }
    RowsPane .row Button { margin-right: 1; }
    """

    def __init__(self, migration: Callable[[], Migration]) -> None:
        super().__init__()
        self._migration = migration
        self._key = self._table = ""
        self._page: PreviewPage | None = None
        self._former: list[int] = []
        self._wanted = RowsWanted()
        self._columns: tuple[str, ...] = ()
        self._cancel = CancellationToken()

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Input(placeholder="rows that hold this text; Enter looks for them", id="rows-wanted", compact=True)
            yield TextButton("Sort", id="rows-sort", compact=True)
            yield TextButton("Save CSV", id="rows-save", compact=True)
        yield Grid(id="rows")
        with Horizontal(classes="row"):
            yield TextButton("Previous page", id="rows-back", compact=True)
            yield TextButton("Next page", id="rows-next", compact=True)
            yield Static(id="rows-note", markup=False)

    def show(self, key: str, table: str) -> None:
        """Another table; it is read when `read` is called."""
        self._cancel.cancel("another table is shown")
        self._key, self._table, self._page, self._former = key, table, None, []
        self._wanted, self._columns = RowsWanted(), ()
        self.query_one(Grid).show((), ())
        with self.prevent(Input.Changed):
            self.query_one("#rows-wanted", Input).value = ""

    def read(self) -> None:
        """The first page, unless it is there."""
        if self._page is None and self._table:
            self._read(0)

    @on(Button.Pressed, "#rows-next")
    def _next(self) -> None:
        if self._page is not None and self._page.next is not None:
            self._former.append(self._page.start)
            self._read(self._page.next)

    @on(Button.Pressed, "#rows-back")
    def _back(self) -> None:
        if self._former:
            self._read(self._former.pop())

    @work(thread=True, group="preview", exclusive=True)
    def _read(self, start: int) -> None:
        key, table = self._key, self._table
        try:
            page = self._migration().sources.preview(key, table, start=start, rows=PAGE)
        except JetferryError as e:
            bring(self, self._note, e.message.text)
            return
        bring(self, self._show_page, table, page)

    def _note(self, text: str) -> None:
        self.query_one("#rows-note", Static).update(plain(text))

    def _show_page(self, table: str, page: PreviewPage) -> None:
        if table != self._table:
            return
        self._page, self._columns = page, tuple(c.name for c in page.columns)
        self.query_one(Grid).show(self._columns, page.rows)
        number = len(self._former) * PAGE
        self._note(f"rows {number + 1:,} to {number + len(page.rows):,}" if page.rows else "no rows")
        self._pages(back=bool(self._former), forth=page.next is not None)

    def _pages(self, *, back: bool, forth: bool) -> None:
        self.query_one("#rows-next", Button).disabled = not forth
        self.query_one("#rows-back", Button).disabled = not back

    # rows that are looked for, and their order

    @on(Input.Submitted, "#rows-wanted")
    def _look_for(self, event: Input.Submitted) -> None:
        event.stop()
        self._want(RowsWanted(event.value, self._wanted.column, self._wanted.descending))
        self.query_one(Grid).focus()

    @on(Button.Pressed, "#rows-sort")
    def _sort(self) -> None:
        names = [n for c in self._columns for n in (c, f"{c}{DOWNWARDS}")]

        def chosen(name: str | None) -> None:
            if name is not None:
                column = "" if name == AS_STORED else name.removesuffix(DOWNWARDS)
                self._want(RowsWanted(self._wanted.text, column, name != column and bool(column)))

        self.app.push_screen(Chooser("Order of the rows", (AS_STORED, *names)), chosen)

    def _want(self, wanted: RowsWanted) -> None:
        self._wanted = wanted
        self._cancel.cancel("something else is wanted")
        self._cancel = CancellationToken()
        if wanted == RowsWanted():
            self._former = []
            self._read(0)
            return
        self._note("looking …")
        self._find(self._key, self._table, wanted, self._cancel)

    @work(thread=True, group="preview", exclusive=True)
    def _find(self, key: str, table: str, wanted: RowsWanted, cancel: CancellationToken) -> None:
        try:
            found = self._migration().sources.find_rows(key, table, wanted, cancel)
        except StoppedError:
            return
        except JetferryError as e:
            bring(self, self._note, e.message.text)
            return
        bring(self, self._show_found, table, wanted, found)

    def _show_found(self, table: str, wanted: RowsWanted, found: RowsFound) -> None:
        if table != self._table or wanted != self._wanted:
            return
        self.query_one(Grid).show([c.name for c in found.columns], found.rows)
        shown = "" if len(found.rows) == found.matching else f", the first {len(found.rows):,} shown"
        self._note(f"{found.matching:,} of {counted(found.read, 'row')}{shown}")
        self._pages(back=False, forth=False)

    # saving

    @on(Button.Pressed, "#rows-save")
    def _save(self) -> None:
        key, table, wanted = self._key, self._table, self._wanted
        sources, saved = self._migration().sources, []
        name = "".join(c if c.isalnum() or c in " -_." else "_" for c in table)

        def save(path: str) -> None:
            saved.append(sources.save_rows(key, table, wanted, expanded(path), CancellationToken()))

        def done(path: str | None) -> None:
            if path is not None:
                self.notify(f"{counted(saved[-1], 'row')} written to {path}", markup=False)

        text = "All rows that are wanted go into the file, as CSV."
        self.app.push_screen(Ask("Save rows", text, value=str(_new_file(here(), name)), accept=save), done)


def _new_file(folder: Path, name: str) -> Path:
    """A file that is not there yet."""
    names = [f"{name}.csv", *(f"{name}-{n}.csv" for n in range(2, 100))]
    return next((folder / n for n in names if not (folder / n).exists()), folder / names[0])
