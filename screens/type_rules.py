"""Type rules of stage 1 as an editable table: those of the project, a database or a table, then the built-in ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Select, Static

from screens.widgets.chooser import Chooser
from screens.widgets.dialogs import CheckedDialog
from screens.widgets.listing import Heading, Listing
from screens.widgets.text_button import TextButton
from wizard.messages import Message
from wizard.settings import TypeRule
from wizard.stages import RuleLevel, RuleRow

if TYPE_CHECKING:
    from screens.stage_screen import StageScreen
    from wizard.stages.project import ProjectStage


def worded(source: str) -> str:
    """An Access type as people read it: 'replication ID, auto'."""
    return source.replace("replication_id_autonumber", "replication ID, auto").replace("_", " ")


def length(rule: TypeRule) -> str:
    """The lengths a rule is for: '1 to 50', 'from 51', 'any'."""
    if rule.low is None and rule.high is None:
        return "any"
    if rule.high is None:
        return f"from {rule.low:,}"
    return f"{rule.low or 0:,} to {rule.high:,}"


def _number(given: int | None) -> str:
    return "" if given is None else str(given)


def _cells(row: RuleRow) -> tuple[str, str, str, str]:
    level = "built in" if row.level is RuleLevel.DEFAULT else row.level.value
    return worded(row.rule.source), length(row.rule), row.rule.target, level


class RulesPane(Vertical):
    """The tab with the type rules."""

    DEFAULT_CSS = """
    RulesPane { height: 1fr; }
    RulesPane Select { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("insert,a", "add", "Add", key_display="a"),
        Binding("delete", "remove", "Remove"),
    ]

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Label("Rules of", classes="label")
            yield Select([("the whole project", "")], id="level", allow_blank=False, compact=True)
            yield TextButton("For a table", id="rule-table", compact=True)
        yield Listing(
            Heading("Access type", 21), Heading("Length", 11), Heading("becomes"), Heading("Rule of", 8), id="rules"
        )
        with Horizontal(classes="row"):
            yield TextButton("Add", id="rule-add", compact=True)
            yield TextButton("Change", id="rule-change", compact=True)
            yield TextButton("Remove", id="rule-remove", compact=True)
            yield TextButton("Reset", id="rule-reset", compact=True)
        yield Static("The first rule that fits a column is used.", classes="hint")

    def __init__(self) -> None:
        super().__init__()
        self._picked: list[tuple[str, str]] = []
        """tables chosen for rules of their own, without any yet"""

    @property
    def _stage(self) -> StageScreen:
        return cast("StageScreen", self.screen)

    @property
    def _project(self) -> ProjectStage:
        return self._stage.migration.project

    @property
    def _level(self) -> tuple[str, str]:
        """Source and table whose rules are shown; empty for the project's."""
        source, _, table = str(self.query_one("#level", Select).value).partition("\0")
        return source, table

    def fill(self) -> None:
        """The rules of the chosen level, and all that follow."""
        data = self._stage.migration.data
        levels = [("the whole project", "")]
        levels += [(f"the database {s.key}", s.key) for s in data.sources]
        tables = dict.fromkeys([*data.types.tables, *self._picked])
        levels += [(f"the table {s}.{t}", f"{s}\0{t}") for s, t in tables]
        select = self.query_one("#level", Select)
        with self.prevent(Select.Changed):
            former = select.value
            select.set_options(levels)
            select.value = former if any(v == former for _, v in levels) else ""
        self._show()

    def _show(self) -> None:
        self.rows: tuple[RuleRow, ...] = self._project.rules(*self._level)
        self.query_one("#rules", Listing).show([_cells(r) for r in self.rows])

    @on(Select.Changed, "#level")
    def _changed_level(self) -> None:
        self._show()

    @on(Button.Pressed, "#rule-table")
    def _pick_table(self) -> None:
        stage = self._stage

        def tables() -> dict[str, tuple[str, str]]:
            sources = stage.migration.sources
            keys = [s.key for s in stage.migration.data.sources]
            return {f"{k}.{t.name}": (k, t.name) for k in keys for t in sources.definition(k).tables}

        def picked(found: dict[str, tuple[str, str]], name: str | None) -> None:
            if name:
                self._picked.append(found[name])
                self.fill()
                self.query_one("#level", Select).value = "\0".join(found[name])

        def ask(found: dict[str, tuple[str, str]]) -> None:
            if found:
                chooser = Chooser("Rules of their own for a table", tuple(found))
                self.app.push_screen(chooser, lambda name: picked(found, name))
            else:
                stage.note("Add a source in stage 2 first; then its tables can be chosen here.")

        stage.aside(tables, ask, doing="Reading the tables")

    @property
    def _own(self) -> tuple[TypeRule, ...]:
        return self._project.own_rules(*self._level)

    @property
    def _row(self) -> RuleRow | None:
        cursor = self.query_one("#rules", Listing).cursor
        return self.rows[cursor] if cursor < len(self.rows) else None

    @on(Button.Pressed, "#rule-add")
    def action_add(self) -> None:
        start = self._row.rule if self._row else TypeRule("text", "nvarchar(*)")
        self.app.push_screen(RuleDialog(self._project, start), lambda r: self._set((r, *self._own)) if r else None)

    @on(Button.Pressed, "#rule-change")
    @on(Listing.Chosen, "#rules")
    def _change(self) -> None:
        row = self._row
        if row is None:
            return
        if row.rule not in self._own:
            self.action_add()
            return
        old = row.rule

        def changed(rule: TypeRule | None) -> None:
            if rule is not None:
                self._set(tuple(rule if r == old else r for r in self._own))

        self.app.push_screen(RuleDialog(self._project, old), changed)

    @on(Button.Pressed, "#rule-remove")
    def action_remove(self) -> None:
        row = self._row
        if row is None or row.rule not in self._own:
            self._stage.note("A built-in rule stays; add a rule of your own before it.")
            return
        self._set(tuple(r for r in self._own if r != row.rule))

    @on(Button.Pressed, "#rule-reset")
    def _reset(self) -> None:
        self._set(())

    def _set(self, rules: tuple[TypeRule, ...]) -> None:
        source, table = self._level
        stage, types = self._stage, self._stage.migration.data.types
        if table:
            types = replace(types, tables={**types.tables, (source, table): rules})
        elif source:
            types = replace(types, databases={**types.databases, source: rules})
        else:
            types = replace(types, project=rules)
        stage.change(
            lambda: self._project.set_rules(rules, source, table),
            lambda: replace(stage.migration.data, types=types),
            self.fill,
        )


class RuleDialog(CheckedDialog[TypeRule]):
    """Asks for one rule and refuses impossible ones while one types."""

    DEFAULT_CSS = """
    RuleDialog { align: center middle; }
    RuleDialog > Vertical { width: 66; height: auto; border: round $primary; padding: 0 2; background: $surface; }
    RuleDialog .row { height: 1; margin-bottom: 1; }
    RuleDialog .label { width: 18; }
    RuleDialog Select { width: 1fr; }
    RuleDialog #why { height: auto; max-height: 3; color: $text-error; }
    RuleDialog Button { margin-right: 1; }
    """

    def __init__(self, project: ProjectStage, rule: TypeRule) -> None:
        self._project, self._rule = project, rule
        super().__init__()

    def compose(self) -> ComposeResult:
        rule = self._rule
        with Vertical() as box:
            box.border_title = "Type rule"
            with Horizontal(classes="row"):
                yield Label("Access type", classes="label")
                names = [(worded(n), n) for n in self._project.rule_sources()]
                yield Select(names, value=rule.source, id="source", allow_blank=False, compact=True)
            with Horizontal(classes="row"):
                yield Label("Length from", classes="label")
                yield Input(_number(rule.low), id="low", type="integer", compact=True, placeholder="any")
            with Horizontal(classes="row"):
                yield Label("Length to", classes="label")
                yield Input(_number(rule.high), id="high", type="integer", compact=True, placeholder="any")
            with Horizontal(classes="row"):
                yield Label("becomes", classes="label")
                yield Input(rule.target, id="target", compact=True)
            yield Static(id="targets", markup=False)
            yield Static(id="why", markup=False)
            yield from self.buttons()

    def given(self) -> TypeRule:
        """The rule as the fields say it."""

        def number(which: str) -> int | None:
            text = self.query_one(which, Input).value.strip()
            return int(text) if text.isdigit() else None

        source = str(self.query_one("#source", Select).value)
        return TypeRule(source, self.query_one("#target", Input).value.strip(), number("#low"), number("#high"))

    def refusal(self, given: TypeRule) -> Message | None:
        """Why the rule cannot be made; None where it can."""
        possible = ", ".join(self._project.rule_targets(given.source))
        self.query_one("#targets", Static).update(f"It can become: {possible}. '*' stands for the column's own length.")
        return self._project.check_rule(given)
