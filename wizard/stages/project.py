"""Stage 1: name, target, options with their presets, type rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from wizard.convert import type_rules
from wizard.definitions import Database
from wizard.events import Stage
from wizard.messages import ConversionError, Kind, Message, Place, ProjectError, RowProblem, SourceError, StageError
from wizard.objects import ServerColumn
from wizard.options import Preset
from wizard.project import Project, check_name
from wizard.settings import REPAIRS, Options, RepairRule, Target, TypeMap, TypeRule, declarations
from wizard.stages.project_session import ProjectSession
from wizard.stages.repair_rules import place_refused, value_refused
from wizard.stages.views import RuleLevel, RuleRow


class ProjectStage:
    """What a person decides first. Setters save at once and return the stages they made stale."""

    def __init__(
        self,
        session: ProjectSession,
        definition: Callable[[str], Database],
        made: Callable[[RepairRule], Collection[str]],
        column: Callable[[RepairRule], ServerColumn | None],
    ) -> None:
        """`definition`: what a source holds, by its key. `made`: names on the server that a repair rule may name;
        `column`: the column there that it names, as far as it is known."""
        self._session, self._definition, self._made, self._column = session, definition, made, column

    @property
    def data(self) -> Project:
        """Everything decided so far."""
        return self._session.project

    def set_name(self, name: str) -> tuple[Stage, ...]:
        """The name shown; the file's name stays. Raises ProjectError where it cannot be a name."""
        check_name(name)
        return self._session.change(replace(self.data, name=name))

    def set_target(self, target: Target) -> tuple[Stage, ...]:
        """Save where the project goes; returns the stages made stale."""
        return self._session.change(replace(self.data, target=target))

    def set_options(self, options: Options) -> tuple[Stage, ...]:
        """Raises ProjectError naming the option whose number is out of range."""
        for name in declarations():
            _check_number(name, getattr(options, name))
        return self._session.change(replace(self.data, options=options))

    def set_option(self, name: str, value: Any) -> tuple[Stage, ...]:
        """One option by its field name. Raises ProjectError where the number is out of range."""
        changed: dict[str, Any] = {name: value}
        return self.set_options(replace(self.data.options, **changed))

    def read_number(self, name: str, text: str) -> int:
        """An option's number as a person wrote it. Raises ProjectError where it is none, or out of range."""
        digits = text.replace(",", "").replace(" ", "").strip()
        if not digits.isdecimal():
            what = "it must be a whole number"
            raise ProjectError(8021, Place(Kind.OPTION, name=name), value=text, what=what)
        _check_number(name, int(digits))
        return int(digits)

    def use_preset(self, preset: Preset) -> tuple[Stage, ...]:
        """Every option as the preset has it."""
        return self._session.change(replace(self.data, preset=preset, options=Options.preset(preset)))

    @property
    def repairs(self) -> tuple[RepairRule, ...]:
        """The repair rules that a person made."""
        return self.data.repairs

    def repair_for(self, trouble: RowProblem, source: str = "", table: str = "", part: str = "") -> RepairRule:
        """The rule that counts there, be it the default."""
        return self.data.repairing.of(trouble, source, table, part)

    def check_repair(self, rule: RepairRule) -> Message | None:
        """Why a repair rule is refused; None where it may stand."""
        place = Place(Kind.OPTION, rule.source, rule.table, rule.part)
        if rule.repair not in REPAIRS[rule.trouble]:
            known = ", ".join(REPAIRS[rule.trouble])
            return Message.of(8024, place, trouble=rule.trouble, repair=rule.repair, known=known)
        if (rule.part and not rule.table) or (rule.table and not rule.source):
            return Message.of(8025, place)
        if rule.source and self.data.source(rule.source) is None:
            return Message.of(8113, place, what="source", name=rule.source, where="the project")
        database: Database | None = None
        if rule.table:
            with suppress(SourceError):  # a file that cannot be opened now cannot be asked either
                database = self._definition(rule.source)
        made = self._made(rule) if rule.part else ()
        refused = place_refused(rule, database, made) if database else None
        table = database.tables_by_name.get(rule.table.casefold()) if database else None
        if refused is not None:
            return refused
        return value_refused(rule, table.by_name.get(rule.part.casefold()) if table else None, self._column(rule))

    def set_repair(self, rule: RepairRule) -> tuple[Stage, ...]:
        """Add the rule, in place of one for the same trouble of the same thing. Raises StageError where refused."""
        refused = self.check_repair(rule)
        if refused is not None:
            raise StageError.of(refused)
        return self._session.change(self.with_repair(rule))

    def with_repair(self, rule: RepairRule) -> Project:
        """The project as it would be with the rule."""
        return replace(self.data, repairs=(*self._other_repairs(rule), rule))

    def reset_repair(self, rule: RepairRule) -> tuple[Stage, ...]:
        """Take the rule for that trouble of that thing away."""
        return self._session.change(replace(self.data, repairs=self._other_repairs(rule)))

    def _other_repairs(self, rule: RepairRule) -> tuple[RepairRule, ...]:
        def place(r: RepairRule) -> tuple[str, ...]:
            return (r.trouble, r.source, r.table.casefold(), r.part.casefold())

        return tuple(r for r in self.data.repairs if place(r) != place(rule))

    def rules(self, source: str = "", table: str = "") -> tuple[RuleRow, ...]:
        """The rules in the order in which they are tried: of the table, its database, the project, the defaults."""
        own = self.data.types
        rows = [RuleRow(r, RuleLevel.TABLE) for r in own.tables.get((source, table), ())]
        rows += [RuleRow(r, RuleLevel.DATABASE) for r in own.databases.get(source, ())]
        rows += [RuleRow(r, RuleLevel.PROJECT) for r in own.project]
        return tuple(rows + [RuleRow(r, RuleLevel.DEFAULT) for r in type_rules.DEFAULT_RULES])

    def own_rules(self, source: str = "", table: str = "") -> tuple[TypeRule, ...]:
        """The rules of exactly that level: the project's, a database's or a table's."""
        own = self.data.types
        if table:
            return own.tables.get((source, table), ())
        return own.databases.get(source, ()) if source else own.project

    def rule_sources(self) -> tuple[str, ...]:
        """What a rule may name as its source type."""
        return tuple(type_rules.POSSIBLE)

    def rule_targets(self, source: str) -> tuple[str, ...]:
        """The server types a rule for that source type may name, without their lengths."""
        return type_rules.POSSIBLE.get(source, ())

    def check_rule(self, rule: TypeRule) -> Message | None:
        """Why a rule is refused; None where it may stand."""
        try:
            type_rules.check_rule(rule)
        except ConversionError as e:
            return e.message
        return None

    def set_rules(self, rules: Iterable[TypeRule], source: str = "", table: str = "") -> tuple[Stage, ...]:
        """Replace the rules of one level; none resets it. Raises ConversionError where one is impossible."""
        rules = tuple(rules)
        for rule in rules:
            type_rules.check_rule(rule)
        return self._session.change(replace(self.data, types=self._with_rules(rules, source, table)))

    def _with_rules(self, rules: tuple[TypeRule, ...], source: str, table: str) -> TypeMap:
        own = self.data.types
        if table:
            tables = {**own.tables, (source, table): rules}
            return replace(own, tables={k: v for k, v in tables.items() if v})
        if source:
            databases = {**own.databases, source: rules}
            return replace(own, databases={k: v for k, v in databases.items() if v})
        return replace(own, project=rules)

    def confirm(self) -> None:
        """The stage done."""
        with self._session.run(Stage.PROJECT) as ending:
            target = self.data.target
            ending.detail = f"{target.kind.value} {target.version.value}"


def _check_number(name: str, value: object) -> None:
    what = declarations()[name].refusal(value)
    if what:
        raise ProjectError(8021, Place(Kind.OPTION, name=name), value=value, what=what)
