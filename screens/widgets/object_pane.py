"""A look at one object of a source: columns, indexes, relationships, SQL, and a page of its rows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static, TabbedContent, TabPane

from screens.widgets.listing import Heading, Listing
from screens.widgets.rows_pane import RowsPane
from screens.widgets.sql import highlighted
from screens.widgets.status_signs import plain
from screens.widgets.tabs import NEXT_TAB, Tabbed
from screens.widgets.text_button import TextButton
from screens.widgets.text_view import TextView
from screens.widgets.thread_results import bring
from wizard.definitions import Column, ColumnType, Database, Query, Table
from wizard.messages import JetferryError
from wizard.stages import Migration, SourceObject, SourceObjectType, UsedBy

STAYING = (SourceObjectType.FORM, SourceObjectType.REPORT, SourceObjectType.MACRO, SourceObjectType.MODULE)
"""what stays in Access, and is shown as text"""


@dataclass(frozen=True, slots=True)
class OleColumn:
    """An OLE Object column of a source, which can be stored unwrapped."""

    source: str
    table: str
    name: str
    unwrapped: bool
    """whether it is stored so now"""


class ObjectPane(Vertical):
    """Shows what `show` is given; rows are read when their tab is opened."""

    class ColumnSelected(Message):
        """Enter was pressed on an OLE Object column."""

        def __init__(self, column: OleColumn) -> None:
            self.column = column
            super().__init__()

    DEFAULT_CSS = """
    ObjectPane { height: 1fr; }
    ObjectPane .name { text-style: bold; }
    ObjectPane TabbedContent { height: 1fr; }
    ObjectPane TabPane { padding: 0; }
    ObjectPane .row { height: 1; }
    ObjectPane .row Button { margin-right: 1; }
    """

    def __init__(self, migration: Callable[[], Migration], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._migration = migration
        self._key = ""
        self._object: SourceObject | None = None
        self._query: Query | None = None
        self._source = ""
        self._columns: tuple[OleColumn | None, ...] = ()

    def compose(self) -> ComposeResult:
        yield Label("", classes="name", id="pane-name", markup=False)
        with TabbedContent(id="pane-tabs"):
            with TabPane("Columns", id="pane-columns"):
                yield Listing(Heading("Column"), Heading("Type", 15), Heading("Properties", share=1), id="columns")
            with TabPane("Indexes", id="pane-indexes"):
                yield Listing(
                    Heading("Index"), Heading("Kind", 12), Heading("Columns"), id="indexes", empty="No indexes."
                )
            with TabPane("Relations", id="pane-relations"):
                yield Listing(
                    Heading("From"), Heading("To"), Heading("", 14), id="relations", empty="No relationships."
                )
            with TabPane("Rows", id="pane-rows"):
                yield RowsPane(self._migration)
            with TabPane("SQL", id="pane-sql"):
                yield TextView(id="sql")
            with TabPane("Used by", id="pane-uses"):
                empty = "Nothing of the application uses it."
                yield Listing(Heading("Used by"), Heading("As", share=1), id="uses", empty=empty)

    def on_mount(self) -> None:
        self.query_one("#pane-tabs").display = False

    def show(self, key: str, wanted: SourceObject | None) -> None:
        """An object of the source `key`; None clears the pane."""
        self._key, self._object = key, wanted
        tabs = self.query_one("#pane-tabs", TabbedContent)
        title = "" if wanted is None else f"{wanted.type.value.capitalize()} {plain(wanted.name)}"
        self.query_one("#pane-name", Label).update(f"{title} …" if title else "")
        self._query, self._source = None, ""
        if wanted is None:
            tabs.display = False
        else:
            self._define(key, wanted, title)

    @work(thread=True, group="define", exclusive=True)
    def _define(self, key: str, wanted: SourceObject, title: str) -> None:
        sources = self._migration().sources
        try:
            database = sources.definition(key)
            source = sources.source_text(key, wanted.type, wanted.name) if wanted.type in STAYING else ""
        except JetferryError as e:
            bring(self, self._say_why, e.message.text)
            return
        bring(self, self._defined, wanted, title, database, source)

    def _say_why(self, text: str) -> None:
        self.query_one("#pane-name", Label).update(plain(text))

    def _defined(self, wanted: SourceObject, title: str, database: Database, source: str) -> None:
        """Show what the file says of it, if it is still what is wanted."""
        if wanted is not self._object:
            return
        if wanted.type in STAYING:
            self._show_source(title, wanted, source)
            return
        tabs = self.query_one("#pane-tabs", TabbedContent)
        table = (
            database.tables_by_name.get(wanted.name.casefold()) if wanted.type is not SourceObjectType.QUERY else None
        )
        query = next((q for q in database.queries if q.name == wanted.name), None) if table is None else None
        self._query = query
        self.query_one("#pane-name", Label).update(title)
        tabs.display = table is not None or query is not None
        for name in ("columns", "indexes", "relations", "rows"):
            tabs.get_tab(f"pane-{name}").display = table is not None
        tabs.get_tab("pane-sql").display = query is not None
        tabs.get_tab("pane-sql").label = "SQL"
        tabs.get_tab("pane-uses").display = tabs.display
        self.query_one("#uses", Listing).show([])
        if tabs.active == "pane-uses":
            self._find_uses()
        if table is not None:
            self._show_table(database, table)
        elif query is not None:
            self._show_query(query)
        else:
            self.query_one("#pane-name", Label).update(f"{title}: {plain(wanted.note) or 'nothing to look at'}")

    def copy_text(self) -> str:
        """A query's SQL; the name of anything else."""
        if self._query is not None:
            return self._query.sql
        if self._source:
            return self._source
        return self._object.name if self._object else ""

    def _show_table(self, database: Database, table: Table) -> None:
        tabs = self.query_one("#pane-tabs", TabbedContent)
        if tabs.active in ("", "pane-sql"):
            tabs.active = "pane-columns"
        choices = self._migration().sources.source(self._key).unwrap
        unwrapped = {c.casefold() for t, cs in choices.items() if t.casefold() == table.name.casefold() for c in cs}
        self._columns = tuple(
            OleColumn(self._key, table.name, c.name, c.name.casefold() in unwrapped)
            if c.type is ColumnType.LONGBINARY
            else None
            for c in table.columns
        )
        self.query_one("#columns", Listing).show([_column(c, unwrapped) for c in table.columns], cursor=0)
        self.query_one("#indexes", Listing).show(
            [
                (i.name, "primary key" if i.primary else ("unique" if i.unique else "index"),
                 ", ".join(k.name for k in i.columns))
                for i in table.indexes
            ], cursor=0,
        )  # fmt: skip
        name = table.name.casefold()
        self.query_one("#relations", Listing).show(
            [
                (f"{r.table}.{', '.join(r.columns)}", f"{r.referenced_table}.{', '.join(r.referenced_columns)}",
                 "enforced" if r.enforced else "not enforced")
                for r in database.relationships
                if name in (r.table.casefold(), r.referenced_table.casefold())
            ], cursor=0,
        )  # fmt: skip
        self.query_one(RowsPane).show(self._key, table.name)
        if tabs.active == "pane-rows":
            self.query_one(RowsPane).read()

    def _show_source(self, title: str, wanted: SourceObject, source: str) -> None:
        """A form, report, macro or module as text."""
        tabs = self.query_one("#pane-tabs", TabbedContent)
        self._source = source
        note = "" if source else ": it has no source here that can be read"
        self.query_one("#pane-name", Label).update(f"{title} ({plain(wanted.note)}){note}")
        tabs.display = bool(source)
        for name in ("columns", "indexes", "relations", "rows"):
            tabs.get_tab(f"pane-{name}").display = False
        tabs.get_tab("pane-sql").display = True
        tabs.get_tab("pane-uses").display = False
        tabs.get_tab("pane-sql").label = "Source"
        tabs.active = "pane-sql"
        self.query_one("#sql", TextView).show(lambda theme: highlighted(source, theme, "vbnet"))

    def _show_query(self, query: Query) -> None:
        self.query_one("#pane-tabs", TabbedContent).active = "pane-sql"
        self.query_one("#sql", TextView).show(lambda theme: highlighted(query.sql, theme))

    @on(Listing.Chosen, "#columns")
    def _choose(self, event: Listing.Chosen) -> None:
        column = self._columns[event.index]
        if column is not None:
            self.post_message(self.ColumnSelected(column))

    @on(TabbedContent.TabActivated, "#pane-tabs")
    def _tab(self, event: TabbedContent.TabActivated) -> None:
        if event.pane.id == "pane-rows":
            self.query_one(RowsPane).read()
        if event.pane.id == "pane-uses":
            self._find_uses()

    @work(thread=True, group="uses", exclusive=True)
    def _find_uses(self) -> None:
        wanted, key = self._object, self._key
        if wanted is None or wanted.type in STAYING:
            return
        try:
            found = self._migration().sources.used_by(key, wanted.name)
        except JetferryError as e:
            bring(self, self._say_why, e.message.text)
            return
        bring(self, self._show_uses, wanted, found)

    def _show_uses(self, wanted: SourceObject, found: tuple[UsedBy, ...]) -> None:
        if wanted is self._object:
            rows = [(plain(u.user), plain(u.words)) for u in found]
            self.query_one("#uses", Listing).show(rows, cursor=0)


def _column(c: Column, unwrapped: Collection[str]) -> tuple[str, str, str]:
    """A column as a row: name, type, and what else is set."""
    kind = f"{c.type.value}({c.length})" if c.length else c.type.value
    told = ["AutoNumber"] if c.auto else []
    told += ["required"] if c.required else []
    told += [f"default {c.default}"] if c.default else []
    told += [f"rule {c.validation_rule}"] if c.validation_rule else []
    told += [f"calculated {c.calculated}"] if c.calculated else []
    told += ["hyperlink"] if c.hyperlink else []
    told += [c.complex_kind.value.replace("_", " ")] if c.complex_kind else []
    if c.type is ColumnType.LONGBINARY:
        told.append("embedded files stored (Enter)" if c.name.casefold() in unwrapped else "OLE objects stored (Enter)")
    return c.name, kind, ", ".join(told)


class ObjectDialog(ModalScreen[OleColumn | None], Tabbed):
    """The pane by itself, as large as the terminal; it ends with the OLE column that was chosen, if one was."""

    DEFAULT_CSS = """
    ObjectDialog { align: center middle; }
    ObjectDialog > Vertical { width: 96%; height: 94%; border: round $primary; background: $surface; padding: 0 1; }
    ObjectDialog .row { height: 1; }
    ObjectDialog .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close"),
        Binding("ctrl+y", "copy", "Copy"),
        NEXT_TAB,
    ]

    def __init__(self, migration: Callable[[], Migration], key: str, wanted: SourceObject) -> None:
        self._migration, self._key, self._object = migration, key, wanted
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield ObjectPane(self._migration)
            with Horizontal(classes="row"):
                yield TextButton("Close", id="close", compact=True)
                yield Static("  F4 shows the next tab, Ctrl+Y copies, Esc closes", classes="hint")

    def on_mount(self) -> None:
        self.query_one(ObjectPane).show(self._key, self._object)

    @on(ObjectPane.ColumnSelected)
    def _chosen(self, event: ObjectPane.ColumnSelected) -> None:
        self.dismiss(event.column)

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.query_one(ObjectPane).copy_text())
        self.app.notify("Copied.")
