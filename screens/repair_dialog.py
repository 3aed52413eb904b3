"""A dialog for a repair rule: what becomes of values that the server cannot hold, or of rows that break a key."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Select, Static

from screens.widgets.dialogs import CheckedDialog
from screens.widgets.status_signs import plain
from wizard.messages import Message
from wizard.settings import REPAIRS, Repair, RepairRule
from wizard.stages import Migration
from wizard.stages.repair_rules import ACTIONS, WORDS, levels, worded


class RepairDialog(CheckedDialog[RepairRule]):
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
            yield from self.buttons()

    def given(self) -> RepairRule:
        """The rule as the fields say it."""
        place = self._levels[int(str(self.query_one("#place", Select).value))]
        repair = Repair(str(self.query_one("#repair", Select).value))
        value = self.query_one("#value", Input).value if repair is Repair.VALUE else ""
        return replace(place, repair=repair, value=value)

    def refusal(self, given: RepairRule) -> Message | None:
        """Why the rule cannot be made; None where it can."""
        self.query_one("#value", Input).disabled = given.repair is not Repair.VALUE
        return self._project.check_repair(given)
