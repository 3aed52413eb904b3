"""Stage 6: source and target side by side, what differs marked; edits by hand, validated, and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Static

from screens.convert_edits import EditingScreen
from screens.convert_sides import Sides
from screens.convert_tree import ConvertTree
from screens.stage_screen import WITH_RAIL
from screens.used_by import UsedByDialog
from screens.widgets.dialogs import trouble
from screens.widgets.listing import Listing
from screens.widgets.message_list import MessageList
from screens.widgets.object_tree import ObjectTree
from screens.widgets.status_signs import SEVERITY_SIGNS, plain
from screens.widgets.table import TableDialog
from screens.widgets.text_button import TextButton
from screens.widgets.thread_results import bring
from screens.widgets.toggles import Tick
from wizard.events import Stage
from wizard.messages import JetferryError, Message, Place, StageError
from wizard.objects import TableRef
from wizard.plurals import some_of
from wizard.settings import TargetKind
from wizard.stages import ConvertItem, UsedBy

if TYPE_CHECKING:  # what proves queries is loaded when a proof is asked for
    from wizard.stages import QueryPreview

HELP = """
# 6 Convert

Turns tables and queries into T-SQL. Nothing touches a server here.

- The list shows every object with what became of it: `✓` converted, `±` in part, `✗` not. `*` marks what you edited.
  **n** and **N** go to the next and the previous one with a problem; *Problems* shows only these, *Edited* only what
  was changed by hand.
- A table is shown line by line, Access beside T-SQL; `±` marks another name, or another type than such a column usually
  becomes. A query is shown as T-SQL; from 120 columns on beside its Access SQL, and what differs is underlined. **t**
  turns to the next view (T-SQL, Access), **z** gives it the whole screen.
- **Ctrl+F** finds in what is shown, **y** copies the T-SQL, **m** lists all messages of the object, **d** what uses it.
- **Enter** or *Edit* changes a table's column types, NULLs and indexes, or a query's statement. Impossible edits are
  refused with the reason. **u** undoes the last change or reset, **U** makes it again; *Reset* takes the changes of one
  object back, *Reset all* every one. They survive converting again.
- **Proof** has the server run the view or function under the cursor, once it is loaded, and shows the first rows
  beside those of Access.

**F5** converts, loads and migrates in one step.
"""


USERS = 12
"""users of an object that are named below its texts"""


class ConvertScreen(EditingScreen):
    """The screen of stage 6."""

    stage = Stage.CONVERT
    help_text = HELP
    verb = "Convert"
    HORIZONTAL_BREAKPOINTS = [(0, "-single"), (WITH_RAIL, "-narrow"), (120, "-wide"), (180, "-huge")]  # noqa: RUF012 - typed by Textual

    DEFAULT_CSS = """
    ConvertScreen #both { height: 1fr; layout: vertical; }
    ConvertScreen.-wide #both, ConvertScreen.-huge #both { layout: horizontal; }
    ConvertScreen #tree { height: 6; }
    ConvertScreen.-tall #tree { height: 12; }
    ConvertScreen.-wide #tree { height: 1fr; width: 40; }
    ConvertScreen.-huge #tree { height: 1fr; width: 64; }
    ConvertScreen #beside { height: 1fr; }
    ConvertScreen.-wide #beside, ConvertScreen.-huge #beside { width: 1fr; }
    ConvertScreen #told { height: auto; max-height: 3; color: $text-accent; scrollbar-size: 1 1; }
    ConvertScreen.-tall #told { max-height: 8; }
    ConvertScreen.-huge #beside { layout: horizontal; }
    ConvertScreen.-huge #told { width: 44; height: 1fr; max-height: 100%; margin-left: 1; }
    ConvertScreen.-wide #beside, ConvertScreen.-huge #beside { margin-left: 1; }
    ConvertScreen.-tiny #tree { height: 4; }
    ConvertScreen.-tiny #told, ConvertScreen.-tiny #line { max-height: 1; }
    ConvertScreen #filter { width: 1fr; }
    ConvertScreen.-zoomed #tree, ConvertScreen.-zoomed .row, ConvertScreen.-zoomed #told { display: none; }
    ConvertScreen.-zoomed Rail, ConvertScreen.-zoomed #heading { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zoom", "Zoom"),
        Binding("t", "turn", "Turn"),
        Binding("n", "problem(1)", "Next problem", show=False),
        Binding("N", "problem(-1)", "Previous problem", show=False),
        Binding("m", "object_messages", "Messages of it", show=False),
        Binding("d", "used_by", "What uses it", show=False),
        Binding("y", "copy_sql", "Copy T-SQL", show=False),
        Binding("ctrl+f", "find", "Find", show=False, key_display="^f"),
        Binding("p", "proof", "Proof", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.objects = ConvertTree()
        self._wanted: TableRef | None = None
        self._under_cursor: TableRef | None = None

    def compose_work(self) -> Iterable[Widget]:
        with Horizontal(classes="row"):
            yield Input(placeholder="/ filter", classes="search", id="filter", compact=True)
            yield Tick("Problems", id="problems", compact=True)
            yield Tick("Edited", id="edited", compact=True)
        with Container(id="both"):
            yield ObjectTree(id="tree", notes=12, empty="Press Convert: tables and queries become T-SQL.")
            with Vertical(id="beside"):
                yield Sides(lambda: self.migration.convert, id="sides")
                with VerticalScroll(id="told"):
                    yield Static(id="told-text", markup=False)
        with Horizontal(classes="row"):
            yield TextButton("Edit", id="edit", compact=True)
            yield TextButton("Reset", id="reset", compact=True)
            yield TextButton("Reset all", id="reset-all", compact=True)
            yield TextButton("Proof", id="proof", compact=True)
            yield TextButton("Convert again", id="again", compact=True)
            yield TextButton("One step", id="one-step", compact=True)

    def focus_first(self) -> None:
        self.query_one("#tree" if self.over else "#next").focus()

    def refresh_work(self) -> None:
        def failed(error: JetferryError) -> None:
            if not isinstance(error, StageError):
                self.fail(error.message)

        self.aside(self.migration.convert.items, self._loaded, failed=failed)

    def _loaded(self, items: tuple[ConvertItem, ...]) -> None:
        self.objects.items = items
        self._draw(self._wanted)
        self._wanted = None
        self._look()

    def _draw(self, cursor: TableRef | None = None) -> None:
        self.query_one("#tree", ObjectTree).show_nodes(self.objects.nodes(), cursor=cursor)

    # what the cursor is on

    @property
    def _ref(self) -> TableRef | None:
        node = self.query_one("#tree", ObjectTree).node
        return node.key if node is not None and isinstance(node.key, TableRef) else None

    @property
    def item(self) -> ConvertItem | None:
        """The object under the cursor."""
        return self.objects.item(self._ref)

    def show_object(self, ref: TableRef) -> None:
        """The cursor to an object, be it only when the objects are read."""
        item, shown = self.objects.item(ref), {n.key for n in self.objects.nodes()}
        self._wanted = ref if item is None else None
        if item is not None and ref not in shown:  # it was filtered out, or folded away
            self.objects.shut.discard(item.category)
            for tick in self.query("#problems, #edited").results(Checkbox):
                tick.value = False
            self.query_one("#filter", Input).value = ""
            self._filter()
        self._draw(ref)
        if not self.has_class("-zoomed"):
            self.query_one("#tree").focus()
        self._look()

    def jump(self, place: Place) -> None:
        """To the object that a message is about."""
        if place.name:
            self.show_object(TableRef(place.source, place.name))

    def action_problem(self, by: int) -> None:
        """To the next object with a problem, or the one before."""
        found = self.objects.next_problem(self._under_cursor, by)
        if found is None:
            self.note("No object has a problem." if self.objects.items else "Convert first.")
        else:
            self.show_object(found.ref)

    @on(Input.Changed, "#filter")
    @on(Checkbox.Changed)
    def _filter(self) -> None:
        self.objects.wanted = self.query_one("#filter", Input).value
        self.objects.edited = self.query_one("#edited", Checkbox).value
        self.objects.problems = self.query_one("#problems", Checkbox).value
        self._draw()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.query_one("#tree").focus()

    @on(ObjectTree.Folded, "#tree")
    def _fold(self) -> None:
        node = self.query_one("#tree", ObjectTree).node
        if node is not None and isinstance(node.key, str):
            self.objects.shut ^= {node.key}
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
        item = self.item
        if item is None and self.objects.items and self.query_one("#tree", ObjectTree).cursor == 0:
            item = self.objects.items[0]
        if item is None:
            return
        self._under_cursor = item.ref
        self.query_one(Sides).show(item.ref, item.category)
        self.put("#told-text", plain_messages(item.messages))
        self.query_one("#told").scroll_home(animate=False)
        self._show_uses(item)

    @work(thread=True, group="uses", exclusive=True)
    def _show_uses(self, item: ConvertItem) -> None:
        """What depends on the object under the cursor, below the messages of its conversion."""
        try:
            found = self.migration.sources.used_by(item.ref.source, item.ref.table)
        except JetferryError:
            return  # the other texts say why
        users = tuple(dict.fromkeys(plain(u.user) for u in found))
        if users:
            text = f"{plain_messages(item.messages)}\nUsed by {some_of(users, USERS)}".strip()
            bring(self, self._put_uses, item.ref, text)

    def _put_uses(self, ref: TableRef, text: str) -> None:
        if ref == self._under_cursor:
            self.put("#told-text", text)

    # how it is shown

    def action_zoom(self) -> None:
        """Give the object the whole screen, or take it back."""
        self.toggle_class("-zoomed")
        (self.query_one(Sides).view if self.has_class("-zoomed") else self.query_one("#tree")).focus()

    def action_turn(self) -> None:
        """To the next view of the object."""
        sides = self.query_one(Sides)
        within = self.focused is not None and sides in self.focused.ancestors
        sides.turn()
        if within:
            sides.view.focus()

    def action_find(self) -> None:
        """Find in what is shown."""
        self.query_one(Sides).start_find()

    def action_stop(self) -> None:
        if not self.busy and self.has_class("-zoomed"):
            self.action_zoom()
        else:
            super().action_stop()

    def action_object_messages(self) -> None:
        """All messages of the object under the cursor."""
        item = self.item
        if item is None or not item.messages:
            self.note("There are no messages about this object." if item else "Put the cursor on an object.")
        else:
            self.app.push_screen(MessageList(item.messages, title=f"Messages of {plain(item.ref.table)}"))

    def action_used_by(self) -> None:
        """What uses the object under the cursor."""
        item = self.item
        if item is None:
            self.note("Put the cursor on an object.")
            return
        ref = item.ref

        def chosen(name: str | None) -> None:
            if name is not None:
                self.show_object(TableRef(ref.source, name))

        def show(users: tuple[UsedBy, ...]) -> None:
            self.app.push_screen(UsedByDialog(ref.table, users), chosen)

        self.aside(lambda: self.migration.sources.used_by(ref.source, ref.table), show)

    def action_copy_sql(self) -> None:
        """The T-SQL of the object to the clipboard, over SSH too (OSC 52)."""
        item = self.item
        if item is None:
            self.note("Put the cursor on an object.")
            return

        def copy(sql: str) -> None:
            self.app.copy_to_clipboard(sql)
            self.note(f"The T-SQL of {plain(item.ref.table)} is on the clipboard.")

        self.aside(lambda: self.migration.convert.sides(item.ref).target, copy)

    # work

    def do(self) -> None:
        self.aside(lambda: self.migration.convert.run(self.cancel), lambda _: self._done(), doing="Converting")

    @on(Button.Pressed, "#again")
    def _again(self) -> None:
        self.work_or_say()

    def _done(self) -> None:
        self.refresh_work()
        self.query_one("#tree").focus()

    # proof

    @on(Button.Pressed, "#proof")
    def action_proof(self) -> None:
        item = self.item
        if item is None or item.category != "queries":
            self.note("Put the cursor on a query: the server runs it and its first rows are shown.")
        elif self.migration.data.target.kind is TargetKind.PACKAGE:
            self.note("An offline package has no server that could run the query.", severity="warning")
        elif self.migration.load.result is None:
            self.note("The server does not have the query yet: load it first, in stage 7.", severity="warning")
        else:
            ref = item.ref
            self.aside(lambda: self._proof(ref), self._show_proof, doing=f"The server runs {plain(ref.table)}")

    def _proof(self, ref: TableRef) -> QueryPreview | None:
        return next((s for s in self.migration.migrate.sides([ref.table]) if s.proof.source == ref), None)

    def _show_proof(self, found: QueryPreview | None) -> None:
        if found is None:
            self.note("This query was not converted, so there is nothing to run; the messages below say why.")
            return
        proof = found.proof
        if proof.problem is not None:
            self.app.push_screen(trouble(proof.problem, safe="Nothing was changed: a proof only reads."))
        elif not proof.sql:
            self.note(f"{plain(proof.name)} is a procedure: running it would change data, so it is not run.")
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
    """The messages of an object's conversion, a line each: what is about a column or index begins with its name."""
    return "\n".join(
        plain(f"{SEVERITY_SIGNS[m.severity]} {f'{m.place.part}: ' if m.place.part else ''}{m.clause} ({m.code})")
        for m in messages
    )
