"""Data macros as candidates for triggers: scripts for a person to read and run.

Simple ones are written: SetField in BeforeChange, RaiseError there, rows added to another table (audits) and fields of
the own row set in the events after a change, each perhaps under conditions. Access runs a data macro for each row; a
trigger runs once for all rows of a statement, so that each statement of the macro becomes one over `inserted` and
`deleted`. What reads or changes other rows is not written, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import parse_expression
from wizard.convert.draft import GivenTable, TableDraft, given_draft
from wizard.convert.expression_types import as_type, held
from wizard.convert.expressions import translate_condition, translate_value
from wizard.convert.item_guard import one_item
from wizard.convert.names import NameRegister
from wizard.convert.rules import TableScope
from wizard.convert.tree import SqlColumn, SqlNode, bare, case, tsql
from wizard.convert.typed_sql import ExpressionUse, Typed, Walker
from wizard.definitions import ColumnType, MacroStatement, TableMacro
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
_CHANGED: Final = "t"
_FORMER: Final = "d"
_DEEPEST: Final = 20
_LONGEST: Final = 100_000
"""characters of a trigger, and of what is put in for variables: each branch repeats the conditions of those before it,
and variables may stand for one another many times over"""
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]")
"""a text or a name"""


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
            except _NotSimpleError as e:
                return TriggerCandidate(macro.table, macro.event, why=str(e))
    except ConversionError as e:
        return TriggerCandidate(macro.table, macro.event, why=e.message.clause)


class _NotSimpleError(Exception):
    """The macro does more than a trigger is written for; the text says what."""


@dataclass
class _TriggerScope(TableScope):
    """The names of a data macro: the changed row, `[Old]`, and what the macro itself has set."""

    alias: str = _CHANGED
    ambiguous: frozenset[str] = frozenset()
    """columns that another row at hand has too"""
    key: str = ""
    """of the table on the server"""

    def column(self, node: exp.Column) -> Typed:
        table, name = node.table.casefold(), node.name
        if not table and name.casefold() == "isinsert" and name.casefold() not in self.draft.table.by_name:
            return _truth(tsql("{} IS NULL", SqlColumn(_FORMER, self.key)))
        if table not in ("", "old", self.draft.table.name.casefold()):
            raise _NotSimpleError(f"it reads {node.table}.{name}, another row")
        if not table and name.casefold() in self.ambiguous:
            raise _NotSimpleError(f"{name} may be of either table: say [{self.draft.table.name}].[{name}]")
        bare_column = exp.Column(this=exp.to_identifier(name, quoted=True))
        known = super().column(bare_column)
        made = self.draft.column(name)
        alias = _FORMER if table == "old" else self.alias
        column = SqlColumn(alias, made.name if made else name)
        access = self.draft.table.by_name[name.casefold()]
        value = Typed(column, access.type, known.nullable or table == "old", access.length)
        return held(value, made.type) if made else value

    def own(self, node: exp.Anonymous, walker: Walker) -> Typed | None:  # noqa: ARG002  # the protocol's signature
        if str(node.this).casefold() != "updated" or len(node.expressions) != 1:
            return None
        named = node.expressions[0]
        made = self.draft.column(named.name) if isinstance(named, exp.Literal) else None
        if made is None:
            raise ConversionError(3509, self.where, name=named.name, table=self.draft.table.name)
        different = tsql(
            "({0} <> {1} OR ({0} IS NULL AND {1} IS NOT NULL) OR ({0} IS NOT NULL AND {1} IS NULL))",
            SqlColumn(self.alias, made.name), SqlColumn(_FORMER, made.name),
        )  # fmt: skip
        return _truth(different)


def _truth(condition: SqlNode) -> Typed:
    chosen = case((condition, tsql("1")), otherwise=tsql("0"))
    return Typed(tsql("CONVERT(bit, {})", chosen), ColumnType.BOOLEAN, nullable=False)


@dataclass
class _Trigger:
    draft: TableDraft
    drafts: Mapping[str, TableDraft]
    macro: TableMacro
    name: Name
    place: Place
    variables: dict[str, str] = field(default_factory=dict)
    """local variables, by case-folded name: the expression that each stands for"""
    statements: list[str] = field(default_factory=list)
    own_row: bool = False
    """it changes the own row, so that it must not answer to its own change"""
    key: list[str] = field(default_factory=list)
    """columns of the primary key on the server"""

    def sql(self) -> str:
        events = _EVENTS.get(self.macro.event)
        if events is None:
            raise _NotSimpleError(f"{self.macro.event} is no event of a row")
        key = self.draft.primary_key
        if key is None:
            raise _NotSimpleError("the table has no primary key, by which the rows before and after are paired")
        self.key = [c.name for c in key.columns]
        self.run(self.macro.statements, [], 0)
        if not self.statements:
            raise _NotSimpleError("it changes nothing")
        quoted = (
            q[0] for text in (str(self.name), str(self.draft.name), *self.statements) for q in _QUOTED.finditer(text)
        )
        if any("\n" in q or "\r" in q for q in quoted):  # a line GO ends a batch, within a text too
            raise _NotSimpleError("a name or a text in it goes over several lines")
        guard = f"    IF TRIGGER_NESTLEVEL({_object(self.name)}) > 1 RETURN;\n" if self.own_row else ""
        body = "\n".join("    " + line for s in self.statements for line in s.split("\n"))
        return (
            f"CREATE TRIGGER {self.name} ON {self.draft.name}\nAFTER {events}\nAS\nBEGIN\n    SET NOCOUNT ON;\n"
            f"{guard}{body}\nEND;"
        )

    # --- rows ---

    @property
    def deletes(self) -> bool:
        return self.macro.event.endswith("Delete")

    def scope(self, ambiguous: frozenset[str] = frozenset()) -> _TriggerScope:
        alias = _FORMER if self.deletes else _CHANGED
        return _TriggerScope(self.draft, ExpressionUse.QUERY, self.place, [], alias, ambiguous, self.key[0])

    def rows(self, *, current: bool) -> str:
        """FROM: the rows of the statement, as the table has them now or as they were put in; and the former ones."""
        if self.deletes:
            return f"FROM deleted AS {_FORMER}"
        pairs = " AND ".join(f"i.{quote(c)} = {_CHANGED}.{quote(c)}" for c in self.key)
        former = " AND ".join(f"{_FORMER}.{quote(c)} = {_CHANGED}.{quote(c)}" for c in self.key)
        first = (
            f"{self.draft.name} AS {_CHANGED}\nJOIN inserted AS i ON {pairs}" if current else f"inserted AS {_CHANGED}"
        )
        return f"FROM {first}\nLEFT JOIN deleted AS {_FORMER} ON {former}"

    # --- statements ---

    def run(self, statements: Sequence[MacroStatement], conditions: Sequence[str], depth: int) -> None:
        if depth > _DEEPEST:
            raise _NotSimpleError("its conditions are nested too deep")
        for statement in statements:
            if sum(map(len, self.statements)) > _LONGEST:
                raise _NotSimpleError(f"it would be a trigger of more than {_LONGEST:,} characters")
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
                    raise _NotSimpleError("it edits records of other tables")
                case "StopMacro" | "OnError" | "ClearMacroError":
                    raise _NotSimpleError(f"{statement.name} decides what runs after it")
                case other:
                    raise _NotSimpleError(f"it has {other}")

    def branches(self, statement: MacroStatement, conditions: Sequence[str], depth: int) -> None:
        before: list[str] = []
        for branch in statement.body:
            own = list(before)
            if "Condition" in branch.arguments:
                condition = self.condition(branch.arguments["Condition"])
                own.append(condition)
                before.append(f"CASE WHEN {condition} THEN 1 ELSE 0 END = 0")
            self.run(branch.body, [*conditions, *own], depth + 1)

    def variable(self, statement: MacroStatement) -> None:
        name, value = statement.arguments.get("Name", ""), statement.arguments.get("Value", "")
        if name.casefold() in self.variables:
            raise _NotSimpleError(f"the variable {name} is set twice")
        self.variables[name.casefold()] = value

    def set_field(self, statement: MacroStatement, conditions: Sequence[str], *, of: str = "") -> None:
        if self.deletes:
            raise _NotSimpleError("it sets a field of a row that is deleted")
        if self.macro.event != "BeforeChange" and not of:
            raise _NotSimpleError("SetField stands outside of a record")
        column, sql_value = self.assigned(self.draft, statement, self.scope())
        self.own_row = True
        where = _where(conditions)
        self.statements.append(
            f"UPDATE {_CHANGED} SET {_CHANGED}.{quote(column)} = {sql_value}\n{self.rows(current=True)}{where};"
        )

    def assigned(self, target: TableDraft, statement: MacroStatement, scope: _TriggerScope) -> tuple[str, str]:
        """The column on the server and its value."""
        named = statement.arguments.get("Field", "").rpartition(".")[2].strip("[] ")
        access, made = target.table.by_name.get(named.casefold()), target.column(named)
        if access is None or made is None:
            raise _NotSimpleError(f"{target.table.name} has no column {named}")
        value = translate_value(self.tree(statement.arguments.get("Value", "")), scope)
        return made.name, str(bare(as_type(value, access.type).node))

    def raise_error(self, statement: MacroStatement, conditions: Sequence[str]) -> None:
        said = statement.arguments.get("Description", "").strip().removeprefix("=").strip('"')
        rows = self.rows(current=False).replace("\n", "\n    ")
        where = _where(conditions).replace("\n", "\n    ")
        self.statements.append(
            f"IF EXISTS (\n    SELECT 1\n    {rows}{where}\n)\nBEGIN\n    ROLLBACK TRANSACTION;\n"
            f"    THROW 50001, {literal(said)}, 1;\nEND;"
        )

    def create(self, statement: MacroStatement, conditions: Sequence[str]) -> None:
        table = statement.arguments.get("Reference", "")
        target = self.drafts.get(table.casefold())
        if target is None:
            raise _NotSimpleError(f"it adds rows to {table}, which is not on the server")
        scope = self.scope(frozenset(target.table.by_name) & frozenset(self.draft.table.by_name))
        pairs = []
        for inner in statement.body:
            if inner.name != "SetField":
                raise _NotSimpleError(f"it has {inner.name} within CreateRecord")
            pairs.append(self.assigned(target, inner, scope))
        if not pairs:
            raise _NotSimpleError("it adds a row without values")
        columns = ", ".join(quote(c) for c, _ in pairs)
        values = ", ".join(v for _, v in pairs)
        self.statements.append(
            f"INSERT INTO {target.name} ({columns})\nSELECT {values}\n{self.rows(current=False)}{_where(conditions)};"
        )

    def own(self, statement: MacroStatement, conditions: Sequence[str]) -> None:
        """The own row looked up again and edited: `[ID] = [kept]`, where the variable holds the row's `[ID]`."""
        table = statement.arguments.get("Reference", "")
        edits = [s for s in statement.body if s.name == "EditRecord"]
        if table.casefold() != self.draft.table.name.casefold() or len(edits) != len(statement.body):
            raise _NotSimpleError(f"it goes through rows of {table or 'a table'}")
        if not self.is_own(statement.arguments.get("WhereCondition", "")):
            raise _NotSimpleError(f"it changes other rows of {table}")
        for inner in (s for e in edits for s in e.body):
            if inner.name != "SetField":
                raise _NotSimpleError(f"it has {inner.name} within EditRecord")
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

    def condition(self, text: str) -> str:
        return f"({translate_condition(self.tree(text), self.scope())})"

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
                    raise _NotSimpleError("its variables stand for one another too often")
                inner = exp.Paren(this=parse_expression(value))
                if column is tree:
                    tree = inner
                else:
                    column.replace(inner)
        raise _NotSimpleError("its variables stand for one another")


def _object(name: Name) -> str:
    return f"OBJECT_ID({literal(str(name))})"


def _where(conditions: Sequence[str]) -> str:
    return "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""


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
