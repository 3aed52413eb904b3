"""Edits by hand of stage 6: a table's columns and indexes, a query's statement; refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static, TabbedContent, TabPane, TextArea

from screens.application import wizard_of
from screens.widgets.dialogs import Answer, Ask, Question
from screens.widgets.listing import Heading, Listing
from screens.widgets.sql_editor import SqlEditor
from screens.widgets.status_signs import plain
from screens.widgets.tabs import NEXT_TAB, Tabbed
from screens.widgets.text_button import TextButton
from screens.widgets.thread_results import bring
from wizard.messages import JetferryError
from wizard.objects import TableRef
from wizard.stages import ColumnRow, IndexRow
from wizard.stages.edits import LEAVE_OUT

if TYPE_CHECKING:
    from wizard.stages.convert import ConvertStage

_CSS = """
{name} {{ align: center middle; }}
{name} > Vertical {{ width: 96%; height: 94%; border: round $primary; background: $surface; padding: 0 1; }}
{name} .row {{ height: 1; }}
{name} TabbedContent {{ height: 1fr; }}
{name} TabPane {{ padding: 0; }}
{name} Button {{ margin-right: 1; }}
{name} #why {{ height: 2; color: $text-error; }}
"""


class Editor(ModalScreen[None], Tabbed):
    """What both editors share: making an edit, and showing why it is refused."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close"), NEXT_TAB]

    def __init__(self, ref: TableRef) -> None:
        self.ref = ref
        super().__init__()

    @property
    def convert(self) -> ConvertStage:
        """Stage 6 of the open project."""
        return wizard_of(self).migration.convert

    @work(thread=True, group="edit")
    def edit(self, make: Callable[[], object], then: Callable[[], None]) -> None:
        """Make an edit in a thread; a refusal is shown here, in words."""
        try:
            with wizard_of(self).changing:
                make()
        except JetferryError as e:
            bring(self, self.why, e.message.text)
            return
        found = " ".join(m.text for m in self.convert.found(self.ref))
        bring(self, then)
        bring(self, self.why, found)

    def why(self, text: str) -> None:
        """Show why an edit was refused, or what follows from it."""
        self.query_one("#why", Static).update(plain(text))


class TableEditor(Editor):
    """Types, NULLs and indexes of a converted table."""

    DEFAULT_CSS = _CSS.format(name="TableEditor")

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(f"Edit {plain(self.ref.table)}: Enter changes the line under the cursor", markup=False)
            with TabbedContent():
                with TabPane("Columns", id="tab-columns"):
                    yield Listing(
                        Heading("", 1), Heading("Column"), Heading("Access type", 14), Heading("T-SQL type", 20),
                        Heading("NULL", 8), id="columns",
                    )  # fmt: skip
                with TabPane("Indexes", id="tab-indexes"):
                    yield Listing(
                        Heading("", 1), Heading("Index"), Heading("Columns"), Heading("Kind", 11), Heading("Kept", 8),
                        id="indexes", empty="No indexes.",
                    )  # fmt: skip
            yield Static(id="why", markup=False)
            with Horizontal(classes="row"):
                yield TextButton("Done", id="done", variant="primary", compact=True)
                yield TextButton("Reset this line", id="reset", compact=True)
                yield Static("* changed by hand   F4: columns or indexes")

    def on_mount(self) -> None:
        self.fill()
        self.query_one("#columns").focus()

    @work(thread=True, group="edit")
    def fill(self) -> None:
        """Show the columns and indexes as they are now; read in a thread."""
        try:
            found = self.convert.columns(self.ref), self.convert.indexes(self.ref)
        except JetferryError as e:
            bring(self, self.why, e.message.text)
            return
        bring(self, self._show, *found)

    def _show(self, columns: tuple[ColumnRow, ...], indexes: tuple[IndexRow, ...]) -> None:
        self.columns, self.indexes = columns, indexes
        self.query_one("#columns", Listing).show(
            [
                ("*" if c.edited else "", c.name, c.source_type or "(added)", c.type, _null(c.nullable))
                for c in columns
            ]
        )  # fmt: skip
        self.query_one("#indexes", Listing).show(
            [
                ("*" if i.edited else "", i.name, i.columns,
                 "primary key" if i.primary else ("unique" if i.unique else "not unique"),
                 "kept" if i.kept else "left out")
                for i in indexes
            ]
        )  # fmt: skip

    @on(Listing.Chosen, "#columns")
    def _column(self, event: Listing.Chosen) -> None:
        column = self.columns[event.index]
        if not column.source:
            self.why("Jetferry added this column; there is nothing of yours to change.")
            return
        other = _null(not column.nullable)
        answers = (Answer("type", "Change the type"), Answer("null", f"Make it {other}"), Answer("no", "Leave it"))

        def answered(answer: str | None) -> None:
            if answer == "null":
                self.edit(lambda: self.convert.edit_nullable(self.ref, column.source, not column.nullable), self.fill)
            elif answer == "type":
                text = (
                    f"Access type {column.source_type}. Write it as in T-SQL: nvarchar(80), decimal(18,4), datetime2(0)"
                )
                ask = Ask(f"Type of {plain(column.name)}", text, value=column.type, accept=change)
                self.app.push_screen(ask, lambda value: self._typed() if value is not None else None)

        def change(value: str) -> None:
            if value.strip() != column.type:
                with wizard_of(self).changing:
                    self.convert.edit_type(self.ref, column.source, value.strip())

        self.app.push_screen(
            Question(plain(column.name), f"{column.type}, now {_null(column.nullable)}", answers), answered
        )

    def _typed(self) -> None:
        """Another type was accepted: what the rows say of it."""
        self.edit(lambda: None, self.fill)

    @on(Listing.Chosen, "#indexes")
    def _index(self, event: Listing.Chosen) -> None:
        index = self.indexes[event.index]
        if index.primary:
            self.why("The primary key stays; Access itself relies on it.")
            return
        answers = (
            Answer("unique", "Unique"), Answer("not-unique", "Not unique"), Answer("leave-out", "Leave it out"),
        )  # fmt: skip

        def answered(answer: str | None) -> None:
            if answer:
                value = LEAVE_OUT if answer == "leave-out" else answer.replace("-", " ")
                self.edit(lambda: self.convert.edit_index(self.ref, index.source, value), self.fill)

        self.app.push_screen(Question(plain(index.name), f"On {index.columns}", answers), answered)

    @on(Button.Pressed, "#reset")
    def _reset(self) -> None:
        listing = self.query_one("#columns", Listing)
        rows: tuple[ColumnRow | IndexRow, ...] = self.columns
        if self.query_one(TabbedContent).active == "tab-indexes":
            listing, rows = self.query_one("#indexes", Listing), self.indexes
        if listing.cursor < len(rows):
            part = rows[listing.cursor].source
            self.edit(lambda: self.convert.reset(self.ref, part), self.fill)

    @on(Button.Pressed, "#done")
    def _done(self) -> None:
        self.dismiss()


def _null(nullable: bool) -> str:
    return "NULL" if nullable else "NOT NULL"


class StatementEditor(Editor):
    """The whole CREATE statement of a converted query; saved only where it may stand."""

    DEFAULT_CSS = _CSS.format(name="StatementEditor") + "StatementEditor TextArea { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f9", "save", "Save"),
        Binding("escape", "leave", "Close", priority=True),
    ]

    def __init__(self, ref: TableRef, sql: str, names: Mapping[str, Sequence[str]]) -> None:
        """`names` are the tables and the like that it may name, with their columns."""
        self._sql, self._names = sql, names
        super().__init__(ref)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(
                f"{plain(self.ref.table)}: F9 saves, Esc closes, Right completes, Ctrl+Space lists names",
                markup=False,
            )
            yield SqlEditor(self._sql, self._names, id="sql")
            yield Static(id="why", markup=False)
            with Horizontal(classes="row"):
                yield TextButton("Save", id="save", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        sql = self.query_one(TextArea).text
        if sql == self._sql:
            self.dismiss()
            return
        self.edit(lambda: self.convert.edit_statement(self.ref, sql), lambda: self.dismiss(None))

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """What was typed is not thrown away without asking."""
        if self.query_one(TextArea).text == self._sql:
            self.dismiss()
            return
        answers = (
            Answer("stay", "Go on editing"), Answer("save", "Save"), Answer("discard", "Discard", dangerous=True),
        )  # fmt: skip

        def answered(answer: str | None) -> None:
            if answer == "save":
                self.action_save()
            elif answer == "discard":
                self.dismiss()

        self.app.push_screen(Question("The statement was changed", "Save what you typed?", answers), answered)
