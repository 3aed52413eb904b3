"""Stage 2: which Access files and what of them; a look inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from screens.find_files import FindFiles
from screens.reading_options import ReadAs, ReadOptions
from screens.source_questions import ENDINGS, AskingScreen
from screens.source_tree import SourceTree, TreePlace
from screens.stage_screen import Blocked
from screens.widgets.dialogs import Answer, Ask, Question, trouble
from screens.widgets.files import SourcePicker
from screens.widgets.listing import Listing
from screens.widgets.object_pane import ObjectDialog, ObjectPane
from screens.widgets.object_tree import ObjectTree
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from wizard.events import Stage
from wizard.messages import DamagedFileError, JetferryError, PasswordError
from wizard.stages import SourceEntry, SourceObject, SourceState

WANTING = {
    SourceState.LOCKED: "is locked and needs its password",
    SourceState.MISSING: "was not found",
    SourceState.UNREADABLE: "cannot be read",
}
TRIES = 3
"""wrong passwords after which a file that is added stays in the list as locked"""
HELP = """
# 2 Sources

Choose the Access files and what of them to migrate. The files are opened for reading only.

- **Add file** opens a file browser, where a damaged file can be salvaged, and the code page of an Access 97 file
  given; **Find** searches folders for Access files.
- **Read as** changes code page and salvage of the file under the cursor.
- **Space** ticks or unticks what the cursor is on: a table, all tables, or a whole database. `[-]` means: some of it.
- **Enter** looks inside: columns, indexes, relationships, a query's SQL, the rows, fifty at a time, a form's or
  report's controls with the code behind it, a macro's steps, a module's code. Enter on an OLE column there
  lets you store the embedded files in place of the objects.
- **/** filters: part of a name, or a pattern such as `tbl*`. Ticking a group while filtering ticks what is shown.
  Queries that Access hides (`~sq_…`, of forms and reports) are in a group of their own, and no part of *All*.
- A database that needs a password says so: Enter asks for it. Passwords are kept in memory only.
- A file that was moved, and a back end of linked tables that was not found: Enter asks where it is now.

Forms, reports, macros and modules stay in Access; stage 9 connects them to the new tables.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to add, and how it is to be read."""

    path: Path
    code_page: str = ""
    salvage: bool = False


class SourcesScreen(AskingScreen):
    """The screen of stage 2."""

    stage = Stage.SOURCES
    help_text = HELP

    DEFAULT_CSS = """
    SourcesScreen #both { height: 1fr; }
    SourcesScreen #tree { width: 1fr; }
    SourcesScreen #pane { width: 1.3fr; border-left: vkey $primary; padding-left: 1; display: none; }
    SourcesScreen.-wide #pane { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add file"),
        Binding("f", "find", "Find"),
        Binding("delete", "remove", "Remove", show=False),
    ]

    def compose_work(self) -> Iterable[Widget]:
        with Horizontal(classes="row"):
            yield TextButton("Add file", id="add", compact=True)
            yield TextButton("Find", id="find", compact=True)
            yield TextButton("Remove", id="remove", compact=True)
            yield TextButton("Read as", id="read-as", compact=True)
            yield TextButton("All", id="all", compact=True)
            yield TextButton("None", id="none", compact=True)
        yield Input(placeholder="/ filter by name or pattern", classes="search", id="filter", compact=True)
        with Horizontal(id="both"):
            yield ObjectTree(id="tree", notes=14, empty="No file yet: a adds one, f finds them.")
            yield ObjectPane(lambda: self.migration, id="pane")
        yield Static(id="note", classes="hint", markup=False)

    def __init__(self) -> None:
        super().__init__()
        self.objects = SourceTree()
        self._added = ""
        """the source that the cursor is to go to: one that was added"""

    def focus_first(self) -> None:
        self.query_one("#add" if not self.migration.data.sources else "#tree").focus()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._moved)

    def refresh_work(self) -> None:
        self.aside(self._load, self._loaded, doing="Reading the files")

    def _load(self) -> SourceTree:
        """In a thread: every source with its objects."""
        sources, tree = self.migration.sources, SourceTree(self.objects.opened, self.objects.wanted)
        for entry in sources.entries():
            usable = entry.state in (SourceState.READY, SourceState.TOUCHED, SourceState.CHANGED)
            objects = sources.objects(entry.key) if usable else ()
            tree.add(entry, objects, sources.back_ends(entry.key) if usable else ())
        return tree

    def _loaded(self, tree: SourceTree) -> None:
        self.objects = tree
        self._draw()

    def _draw(self) -> None:
        added, self._added = self._added, ""
        cursor = TreePlace(added) if added in self.objects.sources else None
        self.query_one("#tree", ObjectTree).show_nodes(self.objects.nodes(), cursor=cursor)
        self.put("#note", self.objects.counts())

    # the tree

    @property
    def _chosen(self) -> TreePlace | None:
        node = self.query_one("#tree", ObjectTree).node
        return node.key if node is not None and isinstance(node.key, TreePlace) else None

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        self.objects.wanted = event.value
        self._draw()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.query_one("#tree").focus()

    @on(ObjectTree.Folded, "#tree")
    def _fold(self) -> None:
        if self._chosen is not None:
            self.objects.fold(self._chosen)
            self._draw()

    @on(Listing.Highlighted, "#tree")
    def _moved(self) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        found = self.objects.object(chosen)
        if self.query_one("#pane").display:
            self.query_one(ObjectPane).show(chosen.source, found)
        self.put("#note", plain(self.objects.explain(chosen)) or self.objects.counts())

    @on(Listing.Chosen, "#tree")
    def _open(self) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        found, entry, back_end = (
            self.objects.object(chosen),
            self.objects.entry(chosen.source),
            self.objects.back_end(chosen),
        )
        if back_end is not None:
            self.ask_back_end(chosen.source, back_end)
        elif found is not None:
            self.app.push_screen(ObjectDialog(lambda: self.migration, chosen.source, found), self.ask_unwrapping)
        elif chosen.type is None and entry.state is SourceState.LOCKED:
            self.ask_password(entry)
        elif chosen.type is None and entry.state is SourceState.MISSING:
            self.ask_place(entry)
        elif chosen.type is None and entry.message is not None:
            self.fail(entry.message)
        else:
            self._fold()

    @on(ObjectPane.ColumnSelected)
    def _chosen_column(self, event: ObjectPane.ColumnSelected) -> None:
        self.ask_unwrapping(event.column)

    @on(Listing.Toggled, "#tree")
    def _toggle(self) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        fitting = [o for o in self.objects.shown(chosen) if o.selectable]
        if not fitting:
            self.note("This stays in Access; only tables and queries are migrated.")
            return
        self._select(chosen.source, fitting, not all(o.chosen for o in fitting))

    def _select(self, key: str, objects: Sequence[SourceObject], wanted: bool) -> None:
        sources = self.migration.sources

        def make() -> tuple[Stage, ...]:
            stale = sources.select_these(key, objects, wanted)
            found = sources.objects(key)
            self.app.call_from_thread(self.objects.replace, key, found)
            return stale

        self.change(make, lambda: sources.selected(key, objects, wanted), self._draw)

    @on(Button.Pressed, "#all")
    @on(Button.Pressed, "#none")
    def _all(self, event: Button.Pressed) -> None:
        for key in self.objects.sources:
            self._select(
                key, [o for o in self.objects.matching(key) if o.selectable and not o.hidden], event.button.id == "all"
            )

    # adding and removing

    @on(Button.Pressed, "#add")
    def action_add(self) -> None:
        picker = SourcePicker("Add an Access file", ENDINGS, start=self.migration.path.parent)
        sources = self.migration.sources
        added: list[SourceEntry] = []

        def accept(path: Path) -> None:
            """What only another dialog can mend is left to that."""
            with suppress(PasswordError, DamagedFileError), self.wizard.changing:
                sources.check_code_page(picker.code_page)
                added.append(sources.add(path, code_page=picker.code_page, salvage=picker.salvage))

        def picked(path: Path | None) -> None:
            if added:
                self._added = added[-1].key
                self.refresh_work()
            elif path is not None:
                self._add(Wanted(path, picker.code_page, picker.salvage))

        picker.accept = accept

        self.app.push_screen(picker, picked)

    def _add(self, wanted: Wanted, password: str = "", rest: Sequence[Path] = (), tries: int = 0) -> None:
        """Add a file and then the rest; what it lacks is asked for, a password three times."""
        name = plain(wanted.path.name)

        def next_one(entry: SourceEntry | None = None) -> None:
            self._added = entry.key if entry is not None else self._added
            if rest:
                self._add(Wanted(rest[0]), rest=rest[1:])
            else:
                self.refresh_work()

        def salvage(answer: str | None) -> None:
            if answer == "salvage":
                self._add(replace(wanted, salvage=True), password, rest)
            else:
                next_one()

        def locked() -> None:
            self.note(f"{name} is in the list as locked: Enter on it asks for its password.", severity="warning")
            add = self.migration.sources.add_locked
            self.aside(lambda: add(wanted.path, code_page=wanted.code_page, salvage=wanted.salvage), next_one)

        def failed(error: JetferryError) -> None:
            if isinstance(error, PasswordError) and tries == TRIES:
                locked()
            elif isinstance(error, PasswordError):
                text = f"{error.message.text}\n\nIt is kept in memory only."
                ask = Ask(f"Password of {name}", text, password=True)
                self.app.push_screen(ask, lambda p: self._add(wanted, p, rest, tries + 1) if p else locked())
            else:
                answers = [Answer("ok", "OK")]
                if not wanted.salvage and isinstance(error, DamagedFileError):
                    answers.append(Answer("salvage", "Read what can be read"))
                self.app.push_screen(trouble(error.message, safe="The file was only read.", answers=answers), salvage)

        def add() -> SourceEntry:
            return self.migration.sources.add(
                wanted.path, password=password, code_page=wanted.code_page, salvage=wanted.salvage
            )

        self.aside(add, next_one, doing=f"Reading {name}", failed=failed)

    @on(Button.Pressed, "#find")
    def action_find(self) -> None:
        self.app.push_screen(FindFiles(self.migration.path.parent), self._add_all)

    def _add_all(self, paths: list[Path] | None) -> None:
        if paths:
            self._add(Wanted(paths[0]), rest=paths[1:])

    @on(Button.Pressed, "#remove")
    def action_remove(self) -> None:
        chosen = self._chosen
        if chosen is None:
            self.note("Put the cursor on the database to remove.")
            return
        text = "It goes out of the project with its rules and changes by hand. The file itself stays as it is."
        answers = (Answer("yes", "Remove"), Answer("no", "Keep"))

        def answered(answer: str | None) -> None:
            if answer == "yes":
                self.change(lambda: self.migration.sources.remove(chosen.source), then=self.refresh_work)

        self.app.push_screen(Question(f"Remove {plain(chosen.source)}?", text, answers), answered)

    @on(Button.Pressed, "#read-as")
    def _read_as(self) -> None:
        chosen = self._chosen
        if chosen is None:
            self.note("Put the cursor on the database to read in another way.")
            return
        key = chosen.source

        def answered(way: ReadOptions | None) -> None:
            if way is not None:
                sources = self.migration.sources
                self.change(
                    lambda: sources.read_as(key, code_page=way.code_page, salvage=way.salvage), then=self.refresh_work
                )

        sources = self.migration.sources
        source = sources.source(key)
        options = ReadOptions(source.code_page, source.salvage)
        self.app.push_screen(ReadAs(key, options, sources.check_code_page), answered)

    # going on

    def ready(self) -> Blocked | None:
        if not self.migration.data.sources:
            return Blocked("Add an Access file first: press Add file, or Find to search for some.", "#add")
        bad = next((e for e in self.objects.entries() if e.state in WANTING), None)
        if bad is not None:
            self.query_one("#tree", ObjectTree).show_nodes(self.objects.nodes(), cursor=TreePlace(bad.key))
            return Blocked(f"{plain(bad.key)} {WANTING[bad.state]}: press Enter on it.", "#tree")
        if not self.objects.chosen():
            return Blocked("Nothing is ticked: choose at least one table or query.", "#tree")
        return None

    def finish(self) -> None:
        if not self.over:
            self.migration.sources.confirm(self.cancel)
