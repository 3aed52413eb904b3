"""Data macros as candidates for triggers: scripts for a person to read and run.

Simple ones are written: SetField in BeforeChange, RaiseError there, rows added to another table (audits) and fields of
the own row set in the events after a change, each perhaps under conditions. Access runs a data macro for each row; a
trigger runs once for all rows of a statement, so that each statement of the macro becomes one over `inserted` and
`deleted`. What reads or changes other rows is not written, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import parse_expression
from wizard.convert.draft import GivenTable, TableDraft, given_draft
from wizard.convert.expression_types import as_type
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.item_guard import one_item
from wizard.convert.names import NameRegister
from wizard.convert.tree import (
    Clauses,
    Enclosed,
    Indented,
    SqlNode,
    SqlSelect,
    SqlSubquery,
    bare,
    case,
    lines,
    node_of,
    spread,
    tsql,
)
from wizard.convert.trigger_scope import CHANGED, FORMER, NotSimpleError, TriggerScope
from wizard.convert.typed_sql import ExpressionUse
from wizard.definitions import MacroStatement, TableMacro
from wizard.escaping import visible
from wizard.messages import ConversionError, Kind, Place
from wizard.objects import Name, literal, quote

_EVENTS: Final = {
    "BeforeChange": "INSERT, UPDATE",
    "BeforeDelete": "DELETE",
    "AfterInsert": "INSERT",
    "AfterUpdate": "UPDATE",
    "AfterDelete": "DELETE",
}
_DEEPEST: Final = 20
_LONGEST: Final = 100_000
"""characters of a trigger, and of what is put in for variables: each branch repeats the conditions of those before it,
and variables may stand for one another many times over"""


@dataclass(frozen=True, slots=True)
class TriggerCandidate:
    """A data macro and the trigger that would do its work."""

    table: str
    event: str
    name: str = ""
    """on the server, with its schema"""
    sql: str = ""
    """CREATE TRIGGER; empty where none is written"""
    why: str = ""
    """why none is"""


def convert_triggers(
    tables: Mapping[str, GivenTable], macros: Sequence[TableMacro], *, source: str, taken: Sequence[str] = ()
) -> tuple[TriggerCandidate, ...]:
    """A candidate for each data macro of a table that is on the server. Nothing is raised.

    Args:
        tables: by the name that the macros have for them.
        taken: names of the schema's other objects.
    """
    drafts = {name.casefold(): given_draft(name, table) for name, table in tables.items()}
    names = NameRegister(tuple(taken))
    found = []
    for macro in macros:
        draft = drafts.get(macro.table.casefold())
        if draft is None or not macro.statements:
            continue
        place = Place(Kind.TABLE, source, macro.table, macro.event)
        name = Name(draft.name.schema, names.take(f"TR_{draft.name.name}_{macro.event}"))
        found.append(_candidate(draft, drafts, macro, name, place))
    return tuple(found)


def _candidate(
    draft: TableDraft, drafts: Mapping[str, TableDraft], macro: TableMacro, name: Name, place: Place
) -> TriggerCandidate:
    try:
        with one_item(place):
            try:
                return TriggerCandidate(
                    macro.table, macro.event, str(name), _Trigger(draft, drafts, macro, name, place).sql()
                )
            except NotSimpleError as e:
                return TriggerCandidate(macro.table, macro.event, why=str(e))
    except ConversionError as e:
        return TriggerCandidate(macro.table, macro.event, why=e.message.clause)


@dataclass
class _Trigger:
    draft: TableDraft
    drafts: Mapping[str, TableDraft]
    macro: TableMacro
    name: Name
    place: Place
    variables: dict[str, str] = field(default_factory=dict)
    """local variables, by case-folded name: the expression that each stands for"""
    statements: list[SqlNode] = field(default_factory=list)
    own_row: bool = False
    """it changes the own row, so that it must not answer to its own change"""
    key: list[str] = field(default_factory=list)
    """columns of the primary key on the server"""

    def sql(self) -> str:
        events = _EVENTS.get(self.macro.event)
        if events is None:
            raise NotSimpleError(f"{self.macro.event} is no event of a row")
        key = self.draft.primary_key
        if key is None:
            raise NotSimpleError("the table has no primary key, by which the rows before and after are paired")
        self.key = [c.name for c in key.columns]
        self.run(self.macro.statements, [], 0)
        if not self.statements:
            raise NotSimpleError("it changes nothing")
        guard = tsql("IF TRIGGER_NESTLEVEL(OBJECT_ID({})) > 1 RETURN;", _as_it_is(literal(str(self.name))))
        whole = lines(
            tsql("CREATE TRIGGER {} ON {}", _as_it_is(str(self.name)), _as_it_is(str(self.draft.name))),
            f"AFTER {events}", "AS", "BEGIN",
            Indented(lines("SET NOCOUNT ON;", guard if self.own_row else None, *self.statements)),
            "END;",
        )  # fmt: skip
        written_out = (text for node in whole.walk() if not node.children for text in node.texts)
        if any("\n" in text or "\r" in text for text in written_out):  # a line GO ends a batch, within a text too
            raise NotSimpleError("a name or a text in it goes over several lines")
        return str(whole)

    # --- rows ---

    @property
    def deletes(self) -> bool:
        return self.macro.event.endswith("Delete")

    def scope(self, ambiguous: frozenset[str] = frozenset()) -> TriggerScope:
        alias = FORMER if self.deletes else CHANGED
        return TriggerScope(self.draft, ExpressionUse.QUERY, self.place, [], alias, ambiguous, self.key[0])

    def rows(self, *, current: bool) -> SqlNode:
        """FROM: the rows of the statement, as the table has them now or as they were put in; and the former ones."""
        if self.deletes:
            return node_of(f"deleted AS {FORMER}")
        keys = [_as_it_is(quote(c)) for c in self.key]
        same = spread(" AND ", [tsql("i.{0} = {1}.{0}", k, CHANGED) for k in keys])
        former = spread(" AND ", [tsql("{1}.{0} = {2}.{0}", k, FORMER, CHANGED) for k in keys])
        joined = tsql("LEFT JOIN deleted AS {} ON {}", FORMER, former)
        if not current:
            return lines(f"inserted AS {CHANGED}", joined)
        return lines(
            tsql("{} AS {}", _as_it_is(str(self.draft.name)), CHANGED), tsql("JOIN inserted AS i ON {}", same), joined
        )

    def selected(self, output: Sequence[SqlNode], conditions: Sequence[SqlNode]) -> SqlSelect:
        """A SELECT over the rows of the statement."""
        return SqlSelect(Clauses(tuple(output), self.rows(current=False), where=_where(conditions)))

    # --- statements ---

    def run(self, statements: Sequence[MacroStatement], conditions: Sequence[SqlNode], depth: int) -> None:
        if depth > _DEEPEST:
            raise NotSimpleError("its conditions are nested too deep")
        for statement in statements:
            if sum(s.size for s in self.statements) > _LONGEST:
                raise NotSimpleError(f"it would be a trigger of more than {_LONGEST:,} characters")
            match statement.name:
                case "SetField":
                    self.set_field(statement, conditions)
                case "RaiseError":
                    self.raise_error(statement, conditions)
                case "CreateRecord":
                    self.create(statement, conditions)
                case "SetLocalVar":
                    self.variable(statement)
                case "If":
                    self.branches(statement, conditions, depth)
                case "ForEachRecord" | "LookupRecord" | "LookUpRecord":
                    self.own(statement, conditions)
                case "EditRecord":
                    raise NotSimpleError("it edits records of other tables")
                case "StopMacro" | "OnError" | "ClearMacroError":
                    raise NotSimpleError(f"{statement.name} decides what runs after it")
                case other:
                    raise NotSimpleError(f"it has {other}")

    def branches(self, statement: MacroStatement, conditions: Sequence[SqlNode], depth: int) -> None:
        before: list[SqlNode] = []
        for branch in statement.body:
            own = list(before)
            if "Condition" in branch.arguments:
                condition = self.condition(branch.arguments["Condition"])
                own.append(condition)
                before.append(tsql("{} = 0", case((condition, 1), otherwise=0)))
            self.run(branch.body, [*conditions, *own], depth + 1)

    def variable(self, statement: MacroStatement) -> None:
        name, value = statement.arguments.get("Name", ""), statement.arguments.get("Value", "")
        if name.casefold() in self.variables:
            raise NotSimpleError(f"the variable {name} is set twice")
        self.variables[name.casefold()] = value

    def set_field(self, statement: MacroStatement, conditions: Sequence[SqlNode], *, of: str = "") -> None:
        if self.deletes:
            raise NotSimpleError("it sets a field of a row that is deleted")
        if self.macro.event != "BeforeChange" and not of:
            raise NotSimpleError("SetField stands outside of a record")
        column, value = self.assigned(self.draft, statement, self.scope())
        self.own_row = True
        where = _where(conditions)
        self.statements.append(
            lines(
                tsql("UPDATE {0} SET {0}.{1} = {2}", CHANGED, column, value),
                tsql("FROM {}{}", self.rows(current=True), "" if where else ";"),
                tsql("WHERE {};", where) if where else None,
            )
        )

    def assigned(self, target: TableDraft, statement: MacroStatement, scope: TriggerScope) -> tuple[SqlNode, SqlNode]:
        """The column on the server and its value."""
        named = statement.arguments.get("Field", "").rpartition(".")[2].strip("[] ")
        access, made = target.table.by_name.get(named.casefold()), target.column(named)
        if access is None or made is None:
            raise NotSimpleError(f"{target.table.name} has no column {named}")
        value = translate_value(self.tree(statement.arguments.get("Value", "")), scope)
        return _as_it_is(quote(made.name)), bare(as_type(value, access.type).node)

    def raise_error(self, statement: MacroStatement, conditions: Sequence[SqlNode]) -> None:
        said = statement.arguments.get("Description", "").strip().removeprefix("=").strip('"')
        self.statements.append(
            lines(
                tsql("IF EXISTS {}", SqlSubquery(self.selected((node_of(1),), conditions))),
                "BEGIN",
                Indented(lines("ROLLBACK TRANSACTION;", tsql("THROW 50001, {}, 1;", _as_it_is(literal(said))))),
                "END;",
            )
        )

    def create(self, statement: MacroStatement, conditions: Sequence[SqlNode]) -> None:
        table = statement.arguments.get("Reference", "")
        target = self.drafts.get(table.casefold())
        if target is None:
            raise NotSimpleError(f"it adds rows to {table}, which is not on the server")
        scope = self.scope(frozenset(target.table.by_name) & frozenset(self.draft.table.by_name))
        pairs = []
        for inner in statement.body:
            if inner.name != "SetField":
                raise NotSimpleError(f"it has {inner.name} within CreateRecord")
            pairs.append(self.assigned(target, inner, scope))
        if not pairs:
            raise NotSimpleError("it adds a row without values")
        name, columns = _as_it_is(str(target.name)), spread(", ", [c for c, _ in pairs])
        rows = self.selected([v for _, v in pairs], conditions)
        self.statements.append(lines(tsql("INSERT INTO {} ({})", name, columns), tsql("{};", rows)))

    def own(self, statement: MacroStatement, conditions: Sequence[SqlNode]) -> None:
        """The own row looked up again and edited: `[ID] = [kept]`, where the variable holds the row's `[ID]`."""
        table = statement.arguments.get("Reference", "")
        edits = [s for s in statement.body if s.name == "EditRecord"]
        if table.casefold() != self.draft.table.name.casefold() or len(edits) != len(statement.body):
            raise NotSimpleError(f"it goes through rows of {table or 'a table'}")
        if not self.is_own(statement.arguments.get("WhereCondition", "")):
            raise NotSimpleError(f"it may change other rows of {table}: its condition is not on the primary key alone")
        for inner in (s for e in edits for s in e.body):
            if inner.name != "SetField":
                raise NotSimpleError(f"it has {inner.name} within EditRecord")
            self.set_field(inner, conditions, of=table)

    def is_own(self, condition: str) -> bool:
        if len(self.key) != 1:
            return False
        tree = parse_expression(condition).unnest()
        sides = [tree.this.unnest(), tree.expression.unnest()] if isinstance(tree, exp.EQ) else []
        names = [s.name.casefold() for s in sides if isinstance(s, exp.Column)]
        keys = {c.source.casefold() for c in self.draft.columns.values() if c.name == self.key[0]}
        held = [self.variables.get(n, n).strip("[] ").casefold() for n in names]
        return len(held) == 2 and held[0] in keys and held[1] in keys and bool(set(names) & set(self.variables))

    # --- expressions ---

    def condition(self, text: str) -> SqlNode:
        return Enclosed(translate_condition(self.tree(text), self.scope()))

    def tree(self, text: str) -> exp.Expr:
        """The expression, with what local variables stand for in their place."""
        tree, left = parse_expression(text.strip().removeprefix("=")), _LONGEST
        for _ in range(_DEEPEST):
            found = [c for c in tree.find_all(exp.Column) if not c.table and c.name.casefold() in self.variables]
            if not found:
                return tree
            for column in found:
                value = self.variables[column.name.casefold()].removeprefix("=")
                left -= len(value)
                if left < 0:
                    raise NotSimpleError("its variables stand for one another too often")
                inner = exp.Paren(this=parse_expression(value))
                if column is tree:
                    tree = inner
                else:
                    column.replace(inner)
        raise NotSimpleError("its variables stand for one another")


def _as_it_is(shown: str) -> SqlNode:
    """A quoted name or text: what is within it is no layout."""
    return SqlNode((shown,))


def _where(conditions: Sequence[SqlNode]) -> SqlNode | None:
    return spread("\n  AND ", conditions) if conditions else None


def review_script(candidates: Sequence[TriggerCandidate]) -> str:
    """The triggers as one script for review, those that are not written as remarks; empty without candidates."""
    return "\n".join(_reviewed(candidates))


def _reviewed(candidates: Sequence[TriggerCandidate]) -> Iterator[str]:
    if candidates:
        yield "-- Candidates for triggers, made of data macros. Nobody runs this: read it, try it, run what you want."
        yield "-- Access runs a data macro for each row; a trigger runs once for all rows of a statement."
        yield "-- With sqlcmd, say -x: it would put variables in where a text holds $(name)."
    for found in candidates:
        yield ""
        yield f"-- {_one_line(found.table)}, {_one_line(found.event)}"
        if found.sql:
            yield f"GO\n{found.sql}\nGO"
        else:
            yield f"-- not written: {_one_line(found.why)}"
    if candidates:
        yield ""


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))


__all__ = ["TriggerCandidate", "convert_triggers", "review_script"]
