"""Defaults, validation rules and calculated columns, through the same translation as queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlglot import exp

from wizard.convert.columns import column_facts
from wizard.convert.dialect import nodes, parse_expression, parse_rule
from wizard.convert.draft import ConversionTask, TableDraft
from wizard.convert.expression_types import as_type
from wizard.convert.expressions import check_depth, translate_condition, translate_value
from wizard.convert.item_guard import one_item
from wizard.convert.retyped_columns import held
from wizard.convert.tree import Enclosed, SqlColumn, SqlNode, Volatility, bare, tsql, volatile
from wizard.convert.typed_sql import DATES, ExpressionUse, GroupEdge, NameScope, Typed, Walker
from wizard.definitions import AutoNumber, ColumnType
from wizard.definitions import Column as AccessColumn
from wizard.messages import ConversionError, Kind, Message, Place
from wizard.objects import MAX, CheckConstraint, ServerColumn, quote

_TEXTS: Final = (ColumnType.TEXT, ColumnType.MEMO)


@dataclass
class TableScope:
    """The names that a rule of a table may use: its columns. `found` gathers messages."""

    draft: TableDraft
    use: ExpressionUse
    where: Place
    found: list[Message] = field(default_factory=list)

    @property
    def names(self) -> frozenset[str]:
        """None: a rule reads its own table's columns without a name before them."""
        return frozenset()

    def column(self, node: exp.Column) -> Typed:
        """A column of the table. Raises ConversionError."""
        table, name = node.table, node.name
        mine = not table or table.casefold() == self.draft.table.name.casefold()
        column = (
            self.draft.table.by_name.get(name.casefold()) if mine and self.use is not ExpressionUse.DEFAULT else None
        )
        made = self.draft.column(name)
        if column is None or made is None:
            shown = f"{table}.{name}" if table else name
            raise ConversionError(3509, self.where, name=shown, table=self.draft.table.name)
        computed = Enclosed(self.draft.computed[made.name]) if made.computed else None
        read = computed or SqlColumn("", made.name)
        return held(Typed(read, column.type, made.nullable, column.length), made.type)

    def parameter(self, node: nodes.Bang) -> Typed:
        """`[Table]![Column]` is a column of the table. Raises ConversionError for others."""
        table, _, name = node.prompt.partition("!")
        if name and table.casefold() == self.draft.table.name.casefold():
            return self.column(exp.Column(this=exp.Identifier(this=name, quoted=True)))
        raise ConversionError(3502, self.where, what=f"The reference {node.prompt}")

    def rows(self, query: exp.Expr) -> Typed:  # noqa: ARG002  # the protocol's signature
        """Raises ConversionError: no rule can have a sub-query."""
        raise ConversionError(3506, self.where, what="A sub-query", where="a rule, a default or a computed column")

    def domain(self, name: str) -> tuple[Callable[[], SqlNode], NameScope]:
        """Raises ConversionError: no rule can look into tables."""
        raise ConversionError(
            3506, self.where, what=f"A look into {name}", where="a rule, a default or a computed column"
        )

    def row_order(self, node: exp.Anonymous, *, last: bool) -> tuple[SqlNode, ...]:  # noqa: ARG002
        """There is no domain."""
        return ()

    def beside(self, value: Typed, node: exp.Expr) -> Typed:  # noqa: ARG002  # the protocol's signature
        """Raises ConversionError: there is no FROM."""
        raise ConversionError(3506, self.where, what="A sub-query", where="a rule, a default or a computed column")

    def reads_outer(self, node: SqlNode) -> bool:  # noqa: ARG002  # the protocol's signature
        """False: nothing is around."""
        return False

    def known(self, node: exp.Expr, *, aggregated: bool) -> Typed | None:  # noqa: ARG002  # the protocol's signature
        """None: nothing is grouped."""
        return None

    def own(self, node: exp.Anonymous, walker: Walker) -> Typed | None:  # noqa: ARG002  # the protocol's signature
        """Nothing: Access lets no rule, default or calculated column call VBA."""
        return None

    def edge(self, node: exp.Expr, *, last: bool) -> GroupEdge:  # noqa: ARG002  # the protocol's signature
        """None: nothing is grouped."""
        return GroupEdge()

    def place(self, node: exp.Expr) -> Place:
        """Where a message about a node belongs."""
        line, column = nodes.position(node) if isinstance(node, exp.Expression) else (0, 0)
        return replace(self.where, line=line, column=column)

    def note(self, number: int, node: exp.Expr, **facts: Any) -> None:
        """Note a message."""
        self.found.append(Message.of(number, self.place(node), **facts))


def convert_rules(task: ConversionTask, draft: TableDraft) -> None:
    """Give the draft its computed columns, defaults and checks; each is an item of its own."""
    for column in _in_order(draft.table.columns):
        if made := draft.column(column.name):
            draft.change(column.name, _calculated(draft, column, made))
    for column in draft.table.columns:
        made = draft.column(column.name)
        if made is None:
            continue
        if column.default and not made.computed:
            draft.change(column.name, _default(draft, column, made))
        if column.name.casefold() in draft.without_value and not made.computed:
            _given(task, draft, column, made)
        if column.validation_rule:
            _check(task, draft, column.validation_rule, column.validation_text, column)
        if column.allow_zero_length is False and column.type in _TEXTS and not made.computed:
            _filled(task, draft, column, made)
    if draft.table.validation_rule:
        _check(task, draft, draft.table.validation_rule, draft.table.validation_text, None)


def _in_order(columns: tuple[AccessColumn, ...]) -> list[AccessColumn]:
    """Calculated columns, each after those that it is calculated from: the server wants them written out within."""
    waiting = {c.name.casefold(): c for c in columns if c.calculated}
    read = {name: _columns_read(column.calculated) for name, column in waiting.items()}
    done: list[AccessColumn] = []
    while waiting:
        ready = [n for n in waiting if not any(o in read[n] for o in waiting if o != n)]
        done += [waiting.pop(n) for n in ready or list(waiting)]
    return done


def _columns_read(calculated: str) -> frozenset[str]:
    """The case-folded names in an expression of Access; none of one that cannot be read, which is told elsewhere."""
    try:
        with one_item(Place(Kind.COLUMN)):
            tree = parse_expression(calculated.strip().removeprefix("="))
            return frozenset(c.name.casefold() for c in tree.find_all(exp.Column))
    except ConversionError:
        return frozenset()


def name_defaults(task: ConversionTask, draft: TableDraft) -> None:
    """A default is a constraint on the server, with a name that must be free in the schema."""
    for access_name, column in draft.columns.items():
        draft.columns[access_name] = _named(task, draft, column)
    draft.added[:] = [_named(task, draft, c) for c in draft.added]


def _named(task: ConversionTask, draft: TableDraft, column: ServerColumn) -> ServerColumn:
    if not column.default:
        return column
    return replace(column, default_name=task.constraint(f"DF_{draft.name.name}_{column.name}"))


def _default(draft: TableDraft, column: AccessColumn, made: ServerColumn) -> ServerColumn:
    if column.auto is not AutoNumber.NONE:
        return made
    place = draft.place(column.name)
    scope = TableScope(draft, ExpressionUse.DEFAULT, place)
    try:
        with one_item(place):
            value = translate_value(parse_expression(column.default.strip().removeprefix("=")), scope)
            value = as_type(value, column.type)
            check_depth(value.node, place)
    except ConversionError as e:
        message = Message.of(2080, place, expression=column.default, reason=e.message.text)
        draft.note("defaults", column.name, "", (message,))
        return made
    constant = value.constant
    sql = str(int(constant)) if isinstance(constant, bool) else str(bare(value.node))
    draft.note("defaults", column.name, sql, tuple(scope.found))
    return made if value.is_null else replace(made, default=sql)


def _check(task: ConversionTask, draft: TableDraft, rule: str, text: str, column: AccessColumn | None) -> None:
    part = column.name if column else ""
    place = draft.place(part)
    scope = TableScope(draft, ExpressionUse.CHECK, place)
    written = rule.strip().removeprefix("=") if column is None else rule.strip()
    try:
        with one_item(place):
            tree = parse_rule(written, column.name) if column else parse_expression(written)
            condition = str(translate_condition(tree, scope))
    except ConversionError as e:
        message = Message.of(2081, place, expression=rule, reason=e.message.text)
        draft.note("check_constraints", part or draft.table.name, "", (message,))
        return
    suffix = f"_{column.name}" if column else ""
    name = task.constraint(f"CK_{draft.name.name}{suffix}")
    draft.checks.append(CheckConstraint(name, condition, text, part, rule=rule))
    draft.note("check_constraints", part or draft.table.name, name, tuple(scope.found))


def _given(task: ConversionTask, draft: TableDraft, column: AccessColumn, made: ServerColumn) -> None:
    """A value, asked of new rows: old ones have none."""
    name = task.constraint(f"CK_{draft.name.name}_{column.name}_required")
    expression = f"{quote(made.name)} IS NOT NULL"
    draft.checks.append(CheckConstraint(name, expression, column=column.name, unchecked=True, tightens=made.name))
    draft.note("check_constraints", f"{column.name} (required)", name)


def _filled(task: ConversionTask, draft: TableDraft, column: AccessColumn, made: ServerColumn) -> None:
    """No zero length: counted in bytes, as SQL Server takes a blank for empty text when it compares."""
    name = task.constraint(f"CK_{draft.name.name}_{column.name}_filled")
    known = column_facts(task, draft).get(column.name.casefold())
    old = known.empty if known is not None else 0
    draft.checks.append(
        CheckConstraint(
            name, f"DATALENGTH({quote(made.name)}) > 0", column=column.name, unchecked=bool(old), filled=True
        )
    )
    place = draft.place(column.name)
    told = (Message.of(2092, place, count=old, rows=known.rows),) if known is not None and old else ()
    draft.note("check_constraints", f"{column.name} (zero length)", name, told)


def calculated_value(
    draft: TableDraft, column: AccessColumn, made: ServerColumn, found: list[Message]
) -> SqlNode | None:
    """The expression of a computed column, of the column's type; `found` is given messages. None, with a message of the
    draft, where there is none."""
    place = Place(Kind.COLUMN, draft.ref.source, draft.table.name, column.name)
    scope = TableScope(draft, ExpressionUse.COMPUTED, place, found)
    try:
        with one_item(place):
            value = translate_value(parse_expression(column.calculated.strip().removeprefix("=")), scope)
            node = as_type(value, column.type).node
            if value.type is not ColumnType.BOOLEAN or made.type.name != "bit":
                node = _as_made(bare(node), column, made)
            check_depth(node, place)
    except ConversionError as e:
        message = Message.of(2082, place, expression=column.calculated, reason=e.message.text)
        draft.note("columns", f"{column.name} (calculated)", made.name, (message,))
        return None
    return node


def _calculated(draft: TableDraft, column: AccessColumn, made: ServerColumn) -> ServerColumn:
    """A computed column, stored where an index needs it; a plain column with the values where it cannot be."""
    found: list[Message] = []
    node = calculated_value(draft, column, made, found)
    if node is None:
        return made
    place = Place(Kind.COLUMN, draft.ref.source, draft.table.name, column.name)
    keys = [k for k in (draft.primary_key, *draft.indexes) if k and any(c.name == made.name for c in k.columns)]
    unsteady = _UNSTEADY.get(node.facts.volatility, "it may change by itself")
    if keys and (any(k.where or k.primary for k in keys) or unsteady):
        reason = f"an index needs it, and {unsteady or 'the index is filtered, or the primary key'}."
        message = Message.of(2082, place, expression=column.calculated, reason=reason)
        draft.note("columns", f"{column.name} (calculated)", made.name, (message,))
        return made
    draft.note("columns", f"{column.name} (calculated)", made.name, (Message.of(2083, place), *found))
    stored = bool(keys) and made.type.length != MAX
    draft.computed[made.name] = node
    return replace(made, computed=str(node), persisted=stored, nullable=True, default="", source="")


_UNSTEADY: Final = {
    Volatility.STEADY: "",
    Volatility.SESSION: "to the server the session's language or date format may change it",
}


def _as_made(node: SqlNode, column: AccessColumn, made: ServerColumn) -> SqlNode:
    """The value as the column's own type; a date among texts, or a text among dates, by the session's language."""
    if (column.type in DATES) is (made.type.name in _DATES):
        return tsql("CONVERT({}, {})", str(made.type), node)
    return volatile(Volatility.SESSION, "CONVERT({}, {})", str(made.type), node)


_DATES: Final = ("date", "time", "datetime", "datetime2", "smalldatetime", "datetimeoffset")
