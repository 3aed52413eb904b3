"""Changes by hand of stage 6: made, taken back, undone and made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Button

from screens.conversion_editors import StatementEditor, TableEditor
from screens.stage_screen import StageScreen
from screens.widgets.dialogs import Answer, Question
from screens.widgets.status_signs import plain
from wizard.events import Stage
from wizard.objects import TableRef
from wizard.plurals import counted
from wizard.stages import ConvertItem, title

LONGEST_EDITED: Final = 100_000
"""characters; a text area that wraps longer lines keeps every key waiting"""


class EditingScreen(StageScreen):
    """A stage's screen whose object under the cursor can be changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit"),
        Binding("u", "undo", "Undo"),
        Binding("U", "redo", "Redo", show=False),
        Binding("r", "reset", "Reset", show=False),
    ]

    @property
    def item(self) -> ConvertItem | None:
        """What the cursor is on."""
        raise NotImplementedError

    def show_object(self, ref: TableRef) -> None:
        """The cursor to an object, once it is there."""
        raise NotImplementedError

    @on(Button.Pressed, "#edit")
    def action_edit(self) -> None:
        item = self.item
        if item is None:
            self.note("Put the cursor on a table or a query.")
        elif item.category == "tables":
            self.app.push_screen(TableEditor(item.ref), lambda _: self.refresh_work())
        else:
            self.aside(lambda: self._editor(item.ref), self._edit_statement, opens=True)

    def _editor(self, ref: TableRef) -> StatementEditor | str:
        """In a thread; in words, why there is none."""
        convert = self.migration.convert
        sql = next((m.sql for m in convert.conversion.modules if m.source == ref), "")
        if not sql:
            return "This query was not converted, so there is nothing to edit; the messages below say why."
        if len(sql) > LONGEST_EDITED:
            return f"The statement has {len(sql):,} characters, more than can be edited here ({LONGEST_EDITED:,})."
        return StatementEditor(ref, sql, convert.names())

    def _edit_statement(self, editor: StatementEditor | str) -> None:
        if isinstance(editor, str):
            self.note(editor)
            return
        self.app.push_screen(editor, lambda _: self.refresh_work())

    @on(Button.Pressed, "#reset")
    def action_reset(self) -> None:
        if self.item is not None:
            self._take_back(self.item.ref)

    @on(Button.Pressed, "#reset-all")
    def _reset_all(self) -> None:
        self._take_back(None)

    def _take_back(self, ref: TableRef | None) -> None:
        """The changes by hand of an object, or all: asked where there are some, nothing else."""
        convert = self.migration.convert
        edits = convert.edits_of(ref)
        name = plain(ref.table) if ref is not None else counted(len({(e.source, e.name) for e in edits}), "object")
        if not edits:
            self.note("Nothing was changed by hand." if ref is None else f"{name} was not changed by hand.")
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
            self.note("Nothing to undo.")

    def action_redo(self) -> None:
        """Make again what was undone last."""
        convert = self.migration.convert
        if convert.can_redo:
            self._step(convert.redo, "Made again")
        else:
            self.note("Nothing to make again.")

    def _step(self, step: Callable[[], tuple[TableRef, ...]], done: str) -> None:
        found: list[TableRef] = []

        def make() -> tuple[Stage, ...]:
            found.extend(step())
            return ()

        def then() -> None:
            self.show_object(found[0])
            more = f" and {counted(len(found) - 1, 'other object')}" if len(found) > 1 else ""
            self.refresh_work()
            self.note(f"{done}: {plain(found[0].table)}{more}.")

        self.change(make, then=then)
