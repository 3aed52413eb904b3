"""Asks what shall be done about a value that the server cannot hold, or rows that break what it asks."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Select, Static

from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from wizard.settings import REPAIRS, Repair, RepairRule
from wizard.stages import Migration
from wizard.stages.repair_rules import ACTIONS, WORDS, levels, worded


class RepairDialog(ModalScreen[RepairRule | None]):
    """Gives the rule chosen; None where it is left as it is. `rule` says what it is about."""

    DEFAULT_CSS = """
    RepairDialog { align: center middle; }
    RepairDialog > Vertical { width: 70; height: auto; border: round $primary; padding: 0 2; background: $surface; }
    RepairDialog .row { height: 1; margin-bottom: 1; }
    RepairDialog .label { width: 10; }
    RepairDialog Select { width: 1fr; }
    RepairDialog Input { width: 1fr; }
    RepairDialog #why { height: auto; max-height: 3; color: $text-error; }
    RepairDialog Button { margin-right: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, migration: Migration, rule: RepairRule) -> None:
        self._project = migration.project
        counts = self._project.repair_for(rule.trouble, rule.source, rule.table, rule.part)
        self._rule = replace(rule, repair=counts.repair, value=counts.value)
        self._levels = levels(self._rule)
        super().__init__()

    def compose(self) -> ComposeResult:
        rule = self._rule
        with Vertical() as box:
            box.border_title = "Repair rule"
            yield Static(plain(f"What becomes of {WORDS[rule.trouble]}?"), markup=False)
            yield Static()
            with Horizontal(classes="row"):
                yield Label("becomes", classes="label")
                choices = [(ACTIONS[r], r.value) for r in REPAIRS[rule.trouble]]
                yield Select(choices, value=rule.repair.value, id="repair", allow_blank=False, compact=True)
            with Horizontal(classes="row"):
                yield Label("the value", classes="label")
                yield Input(rule.value, id="value", compact=True)
            with Horizontal(classes="row"):
                yield Label("in", classes="label")
                places = [(plain(worded(r)), str(n)) for n, r in enumerate(self._levels)]
                yield Select(places, value="0", id="place", allow_blank=False, compact=True)
            yield Static(id="why", markup=False)
            with Horizontal(classes="row"):
                yield TextButton("Save", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        self._check()

    def _given(self) -> RepairRule:
        place = self._levels[int(str(self.query_one("#place", Select).value))]
        repair = Repair(str(self.query_one("#repair", Select).value))
        value = self.query_one("#value", Input).value if repair is Repair.VALUE else ""
        return replace(place, repair=repair, value=value)

    @on(Input.Changed)
    @on(Select.Changed)
    def _check(self) -> None:
        rule = self._given()
        self.query_one("#value", Input).disabled = rule.repair is not Repair.VALUE
        why = self._project.check_repair(rule)
        self.query_one("#why", Static).update(plain(why.text) if why else "")
        self.query_one("#ok", Button).disabled = why is not None

    @on(Button.Pressed, "#ok")
    @on(Input.Submitted)
    def _ok(self) -> None:
        if not self.query_one("#ok", Button).disabled:
            self.dismiss(self._given())

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
