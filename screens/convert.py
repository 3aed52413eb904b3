"""Stage 6: source and target side by side, what differs marked; edits by hand, validated, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Static

from screens.conversion_editors import StatementEditor, TableEditor
from screens.stage_screen import StageScreen
from screens.widgets.dialogs import Answer, Question, trouble
from screens.widgets.listing import Listing
from screens.widgets.object_tree import Node, ObjectTree
from screens.widgets.sql import Beside
from screens.widgets.status_signs import OUTCOME_SIGNS, SEVERITY_SIGNS, plain
from screens.widgets.table import TableDialog
from screens.widgets.text_button import TextButton
from screens.widgets.text_view import TextView
from screens.widgets.toggles import Tick
from wizard.events import Stage
from wizard.messages import JetferryError, Message, Place, StageError
from wizard.objects import TableRef
from wizard.plurals import counted
from wizard.settings import TargetKind
from wizard.stages import ConvertItem, QueryPreview, title

HELP = """
# 6 Convert

Turns tables and queries into T-SQL. Nothing touches a server here.

- The list shows every object with what became of it: `✓` converted, `±` in part, `✗` not. `*` marks what you edited.
- Below: the Access side at the left, the T-SQL side at the right. Lines beginning with `±` differ; the words that do
  are underlined. Tab goes to a side, arrow keys scroll it, Ctrl+Y copies it.
- **Enter** or *Edit* changes a table's column types, NULLs and indexes, or a query's statement. Impossible edits are
  refused with the reason.
- **Only edited** lists what was changed by hand; *Reset* takes the edits of one object back, *Reset all* every one.
  **u** undoes the last change or reset, **U** makes it again.
- Edits survive converting again.
- **Proof** has the server run the view or function under the cursor, once it is loaded, and shows the first rows
  beside those of Access.

**F5** converts, loads and migrates in one step.
"""
CATEGORIES = {"tables": "Tables", "queries": "Queries", "functions": "VBA functions"}


USERS = 12
"""users of an object that are named below its texts"""


class ConvertScreen(StageScreen):
    """The screen of stage 6."""

    stage = Stage.CONVERT
    help_text = HELP
    verb = "Convert"

    DEFAULT_CSS = """
    ConvertScreen #tree { height: 6; }
    ConvertScreen.-tall #tree { height: 12; }
    ConvertScreen #sides { height: 1fr; }
    ConvertScreen .side { width: 1fr; border-left: vkey $primary; }
    ConvertScreen .side:focus { border-left: outer $accent; }
    ConvertScreen #told { height: auto; max-height: 3; color: $text-accent; scrollbar-size: 1 1; }
    ConvertScreen.-tall #told { max-height: 8; }
    ConvertScreen #filter { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit"),
        Binding("r", "reset", "Reset"),
        Binding("u", "undo", "Undo"),
        Binding("U", "redo", "Redo", show=False),
        Binding("p", "proof", "Proof"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[ConvertItem, ...] = ()
        self._shut: set[str] = set()
        self._wanted: TableRef | None = None
        self._under_cursor: TableRef | None = None

    def compose_work(self) -> Iterable[Widget]:
        with Horizontal(classes="row"):
            yield Input(placeholder="/ filter", classes="search", id="filter", compact=True)
            yield TextButton("Proof", id="proof", compact=True)
            yield Tick("Only edited", id="edited", compact=True)
        yield ObjectTree(id="tree", notes=10, empty="Press Convert: tables and queries become T-SQL.")
        with Horizontal(id="sides"):
            yield TextView(classes="side", id="source")
            yield TextView(classes="side", id="target")
        with VerticalScroll(id="told"):
            yield Static(id="told-text", markup=False)
        with Horizontal(classes="row"):
            yield TextButton("Edit", id="edit", compact=True)
            yield TextButton("Reset", id="reset", compact=True)
            yield TextButton("Reset all", id="reset-all", compact=True)
            yield TextButton("Convert again", id="again", compact=True)
            yield TextButton("One step (F5)", id="one-step", compact=True)

    def focus_first(self) -> None:
        self.query_one("#tree" if self.over else "#next").focus()

    def refresh_work(self) -> None:
        def failed(error: JetferryError) -> None:
            if not isinstance(error, StageError):
                self.fail(error.message)

        self.aside(self.migration.convert.items, self._loaded, failed=failed)

    def _loaded(self, items: tuple[ConvertItem, ...]) -> None:
        self.items = items
        self._draw()
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.show_object(wanted)
        self._look()

    def _draw(self) -> None:
        self.query_one("#tree", ObjectTree).show_nodes(self._lines_of())

    def _lines_of(self) -> Iterable[Node]:
        wanted = self.query_one("#filter", Input).value.casefold()
        only = self.query_one("#edited", Checkbox).value
        shown = [i for i in self.items if wanted in i.ref.table.casefold() and (i.edited or not only)]
        several = len({i.ref.source for i in self.items}) > 1
        for category, plural in CATEGORIES.items():
            members = [i for i in shown if i.category == category]
            if not members:
                continue
            is_open = category not in self._shut or bool(wanted)
            yield Node(category, plural, 0, is_open, note=f"{len(members):,}")
            if is_open:
                yield from (self._node(i, several) for i in members)

    @staticmethod
    def _node(i: ConvertItem, several: bool) -> Node:
        name = f"{i.ref.source}.{i.ref.table}" if several else i.ref.table
        told = f"{len(i.messages)} note{'s' if len(i.messages) > 1 else ''}" if i.messages else ""
        return Node(i.ref, f"{OUTCOME_SIGNS[i.outcome]}{'*' if i.edited else ' '} {name}", 1, note=told)

    @property
    def _ref(self) -> TableRef | None:
        node = self.query_one("#tree", ObjectTree).node
        return node.key if node is not None and isinstance(node.key, TableRef) else None

    def _item(self, ref: TableRef) -> ConvertItem | None:
        return next((i for i in self.items if i.ref == ref), None)

    def show_object(self, ref: TableRef) -> None:
        """The cursor to an object."""
        tree = self.query_one("#tree", ObjectTree)
        tree.show_nodes(self._lines_of(), cursor=ref)
        tree.focus()
        self._look()

    def jump(self, place: Place) -> None:
        """To the object that a message is about."""
        if place.name:
            self.show_object(TableRef(place.source, place.name))

    @on(Input.Changed, "#filter")
    @on(Checkbox.Changed, "#edited")
    def _filter(self) -> None:
        self._draw()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.query_one("#tree").focus()

    @on(ObjectTree.Folded, "#tree")
    def _fold(self) -> None:
        node = self.query_one("#tree", ObjectTree).node
        if node is not None and isinstance(node.key, str):
            self._shut ^= {node.key}
            self._draw()

    @on(Listing.Highlighted, "#tree")
    def _moved(self) -> None:
        self._look()

    @on(Listing.Chosen, "#tree")
    def _chosen(self) -> None:
        if self._ref is None:
            self._fold()
        else:
            self.action_edit()

    def _look(self) -> None:
        ref = self._ref
        if ref is None and self.items and self.query_one("#tree", ObjectTree).cursor == 0:
            ref = self.items[0].ref
        if ref is not None:
            self._show_sides(ref)

    def _show_sides(self, ref: TableRef) -> None:
        self._under_cursor = ref
        convert = self.migration.convert

        def read() -> tuple[str, str]:
            try:
                sides = convert.sides(ref)
            except JetferryError as e:
                return "", e.message.text
            return sides.source, sides.target

        both = Beside(read)
        self.query_one("#source", TextView).show(both.source)
        self.query_one("#target", TextView).show(both.target)
        item = self._item(ref)
        self.put("#told-text", plain_messages(item.messages) if item else "")
        self.query_one("#told").scroll_home(animate=False)
        self._show_uses(ref, item)

    @work(thread=True, group="uses", exclusive=True)
    def _show_uses(self, ref: TableRef, item: ConvertItem | None) -> None:
        """What depends on the object under the cursor, below what its conversion told."""
        try:
            found = self.migration.sources.used_by(ref.source, ref.table)
        except JetferryError:
            return  # the other texts say why
        users = tuple(dict.fromkeys(plain(u.user) for u in found))
        if users:
            more = f" and {len(users) - USERS:,} more" if len(users) > USERS else ""
            told = plain_messages(item.messages) if item else ""
            text = f"{told}\nUsed by {', '.join(users[:USERS])}{more}".strip()
            self.app.call_from_thread(self._put_uses, ref, text)

    def _put_uses(self, ref: TableRef, text: str) -> None:
        if ref == self._under_cursor:
            self.put("#told-text", text)

    # work

    def do(self) -> None:
        self.aside(lambda: self.migration.convert.run(self.cancel), lambda _: self._done(), doing="Converting")

    @on(Button.Pressed, "#again")
    def _again(self) -> None:
        self.work_or_say()

    def _done(self) -> None:
        self.refresh_work()
        self.query_one("#tree").focus()

    # edits

    @on(Button.Pressed, "#edit")
    def action_edit(self) -> None:
        ref = self._ref
        item = self._item(ref) if ref else None
        if ref is None or item is None:
            self.tell("Put the cursor on a table or a query.")
        elif item.category == "tables":
            self.app.push_screen(TableEditor(ref), lambda _: self.refresh_work())
        else:
            self.aside(lambda: self._statement(ref), lambda sql: self._edit_statement(ref, sql))

    def _statement(self, ref: TableRef) -> str:
        modules = self.migration.convert.conversion.modules
        return next((m.sql for m in modules if m.source == ref), "")

    def _edit_statement(self, ref: TableRef, sql: str) -> None:
        if not sql:
            self.tell("This query was not converted, so there is nothing to edit; the messages below say why.")
            return
        self.app.push_screen(StatementEditor(ref, sql), lambda _: self.refresh_work())

    @on(Button.Pressed, "#reset")
    def action_reset(self) -> None:
        if self._ref is not None:
            self._take_back(self._ref)

    @on(Button.Pressed, "#reset-all")
    def _reset_all(self) -> None:
        self._take_back(None)

    def _take_back(self, ref: TableRef | None) -> None:
        """The changes by hand of an object, or all: asked where there are some, nothing else."""
        convert = self.migration.convert
        edits = convert.edits_of(ref)
        name = plain(ref.table) if ref is not None else counted(len({(e.source, e.name) for e in edits}), "object")
        if not edits:
            self.tell("Nothing was changed by hand." if ref is None else f"{name} was not changed by hand.")
            return
        behind = [f"  {title(s)}" for s in Stage if s.number > self.stage.number and self.wizard.status(s).done]
        again = "\n\nTo be done again after that:\n" + "\n".join(behind) if behind else ""
        text = f"u (undo) makes {'it' if len(edits) == 1 else 'them'} again.{again}"
        answers = (Answer("yes", "Take back"), Answer("no", "Keep"))

        def answered(answer: str | None) -> None:
            if answer == "yes":
                self.wizard.agree(self.stage)
                self._make(lambda: convert.reset(ref), self.refresh_work)

        self.app.push_screen(Question(f"Take back {counted(len(edits), 'change')} of {name}?", text, answers), answered)

    def action_undo(self) -> None:
        """Take the last change by hand back, or a reset."""
        convert = self.migration.convert
        if convert.can_undo:
            self._step(convert.undo, "Undone")
        else:
            self.tell("Nothing to undo.")

    def action_redo(self) -> None:
        """Make again what was undone last."""
        convert = self.migration.convert
        if convert.can_redo:
            self._step(convert.redo, "Made again")
        else:
            self.tell("Nothing to make again.")

    def _step(self, step: Callable[[], tuple[TableRef, ...]], done: str) -> None:
        found: list[TableRef] = []

        def make() -> tuple[Stage, ...]:
            found.extend(step())
            return ()

        def then() -> None:
            self._wanted = found[0]
            more = f" and {counted(len(found) - 1, 'other object')}" if len(found) > 1 else ""
            self.refresh_work()
            self.tell(f"{done}: {plain(found[0].table)}{more}.")

        self.change(make, then=then)

    # proof

    @on(Button.Pressed, "#proof")
    def action_proof(self) -> None:
        ref = self._ref
        item = self._item(ref) if ref else None
        if ref is None or item is None or item.category != "queries":
            self.tell("Put the cursor on a query: the server runs it and its first rows are shown.")
        elif self.migration.data.target.kind is TargetKind.PACKAGE:
            self.tell("An offline package has no server that could run the query.", severity="warning")
        elif self.migration.load.result is None:
            self.tell("The server does not have the query yet: load it first, in stage 7.", severity="warning")
        else:
            self.aside(lambda: self._proof(ref), self._show_proof, doing=f"The server runs {plain(ref.table)}")

    def _proof(self, ref: TableRef) -> QueryPreview | None:
        return next((s for s in self.migration.migrate.sides([ref.table]) if s.proof.source == ref), None)

    def _show_proof(self, found: QueryPreview | None) -> None:
        if found is None:
            self.tell("This query was not converted, so there is nothing to run; the messages below say why.")
            return
        proof = found.proof
        if proof.problem is not None:
            self.app.push_screen(trouble(proof.problem, safe="Nothing was changed: a proof only reads."))
        elif not proof.sql:
            self.tell(f"{plain(proof.name)} is a procedure: running it would change data, so it is not run.")
        else:
            note = proof.sql if proof.rows else f"{proof.sql}: it runs, and gives no rows"
            rows = [("server", *row) for row in proof.rows]
            if len(found.columns) == len(proof.columns):
                rows += [("Access", *row) for row in found.rows]
            note = f"{note}\n{found.note}"
            self.app.push_screen(TableDialog(f"Proof of {proof.name}", note, ("side", *proof.columns), rows))

    @on(Button.Pressed, "#one-step")
    def _one_step(self) -> None:
        self.action_one_step()


def plain_messages(messages: Sequence[Message]) -> str:
    """What an object's conversion told, a line each."""
    return "\n".join(plain(f"{SEVERITY_SIGNS[m.severity]} {m.code} {m.text}") for m in messages)
