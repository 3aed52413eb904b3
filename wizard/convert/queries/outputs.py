"""The output columns of a SELECT: stars expanded, every column named as Access names it, names made unique."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.dialect.multivalued import SHOWN
from wizard.convert.expression_types import as_text
from wizard.convert.literals import FALSE
from wizard.convert.names import NameRegister, legal, renamed
from wizard.convert.queries.expression_names import own_columns
from wizard.convert.queries.query_context import BoundSource, Field, Origin, QueryContext
from wizard.convert.queries.scope import OUTPUT, QueryScope
from wizard.convert.queries.type_names import DEFAULT_LENGTH, server_type
from wizard.convert.tree import SqlColumn, coalesced, tsql
from wizard.convert.typed_sql import NUMBERS, Typed
from wizard.definitions import ColumnType

MOST_COLUMNS: Final = 1024
"""of a view or table; Access has at most 255"""
FIRST_EXPRESSION: Final = 1000
"""Access calls a column without a name Expr1000 and on, by its place in the output"""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column before translation: an expression, or a column that a star stood for. `alias`: the name was given."""

    name: str
    server_name: str
    node: exp.Expr | None = None
    read: tuple[BoundSource, Field] | None = None
    alias: bool = False


def mark_outputs(context: QueryContext, scope: QueryScope, outputs: list[OutputColumn]) -> None:
    """Mark the names in expressions that mean another output column, though a source has a column of that name.

    Access looks among the output first: "the alias of a calculated field cannot be identical to any of the field names
    used to calculate the field" (Microsoft's article Q97526), as that would be a circle. What Access would refuse so is
    read from the source here. Raises nothing.
    """
    given = {o.name.casefold() for o in outputs if o.alias}
    for output in outputs:
        if output.node is None or isinstance(output.node.unnest(), exp.Column):
            continue
        for column in own_columns(output.node):
            name = column.name.casefold()
            if len(column.parts) > 1 or name not in given or name == output.name.casefold():
                continue
            if any(s.relation.field(name) for s in scope.sources):
                column.meta[OUTPUT] = True
                context.note(3129, column, name=column.name)


def expand(context: QueryContext, select: nodes.AccessSelect, scope: QueryScope) -> list[OutputColumn]:
    """The output columns with their names. Raises ConversionError for a star over a source that is not there."""
    made: list[OutputColumn] = []
    stars = 0
    for node in select.expressions:
        if isinstance(node, exp.Star):
            made += [
                _read(bound, f) for bound in scope.sources if not bound.hidden for f in _plain(context, node, bound)
            ]
            stars += 1
        elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            bound = scope.source(node.table)
            if bound is None:
                context.fail(3113, node, name=node.table)
            made += [_read(bound, f) for f in _plain(context, node, bound)]
        elif isinstance(node, exp.Alias):
            made.append(OutputColumn(node.alias, "", node.this, alias=True))
        elif isinstance(node, exp.Column):
            made.append(_column(scope, node))
        else:
            made.append(OutputColumn("", "", node))
    if stars and sum(not s.hidden for s in scope.sources) > 1 and context.task.options.warn_wildcards:
        context.note(3114, select)
    if not 0 < len(made) <= MOST_COLUMNS:
        context.fail(3115 if not made else 3123, select, **({"most": MOST_COLUMNS} if made else {}))
    return _named(context, made)


def _plain(context: QueryContext, star: exp.Expr, bound: BoundSource) -> list[Field]:
    """What a star gives of a source: all but columns with several values, which are read on their own."""
    for found in bound.relation.fields:
        if found.type is ColumnType.COMPLEX:
            context.note(3116, star, name=f"{bound.alias}.{found.name}")
    return [f for f in bound.relation.fields if f.type is not ColumnType.COMPLEX]


def _read(bound: BoundSource, found: Field) -> OutputColumn:
    return OutputColumn(found.name, "", read=(bound, found))


def _column(scope: QueryScope, node: exp.Column) -> OutputColumn:
    found = scope.find(node)
    return OutputColumn(node.meta.get(SHOWN) or (found[1].name if found else ""), "", node, found)


def _named(context: QueryContext, made: list[OutputColumn]) -> list[OutputColumn]:
    """Access's names: `Table.Column` for columns of one name, Expr1000 for what has none."""
    counts = Counter(o.name.casefold() for o in made if o.name)
    names = NameRegister()
    result = []
    for index, output in enumerate(made):
        name = output.name or f"Expr{FIRST_EXPRESSION + index}"
        if output.name and output.read and not output.alias and counts[name.casefold()] > 1:
            name = f"{output.read[0].alias}.{name}"
        server_name = names.take(name, temporary=False)
        if legal(name) != name:
            context.messages += [
                m for m in renamed(name, server_name, context.place(output.node)) if m not in context.messages
            ]
        result.append(OutputColumn(name, server_name, output.node, output.read, output.alias))
    return result


def typed_null(kind: ColumnType) -> Typed:
    """NULL as a column of that type."""
    kind = ColumnType.TEXT if kind is ColumnType.UNKNOWN else kind
    return Typed(tsql("CONVERT({}, NULL)", server_type(kind)), kind)


def as_shown(value: Typed, *, plain: bool) -> Typed:
    """A column as Access shows it: a NULL is text, where a server takes it for a number, and numbers among dates stay.

    `plain`: the value must be the one that is grouped by or made distinct.
    """
    if value.is_null:
        return typed_null(ColumnType.TEXT)
    return as_text(value) if value.shown is not None and not plain else value


def as_made(scope: QueryScope, value: Typed) -> Typed:
    """A column of a table to make, as Access makes it: one that takes NULL, but Yes/No, which has No for it.

    Text that is no table's column has room for 255 characters, where SELECT INTO takes the longest that the expression
    can give: of `"" AS Note` one.
    """
    if value.is_null:
        return value
    if value.type is ColumnType.BOOLEAN:
        return replace(value, node=coalesced(value, FALSE), nullable=False) if value.nullable else value
    short = value.type is ColumnType.TEXT and value.length <= DEFAULT_LENGTH and not origin(scope, value)
    if not short and (value.constant is None or value.type not in NUMBERS):
        return value
    length = DEFAULT_LENGTH if short else value.length
    made = tsql("CONVERT({}, {})", server_type(value.type, length), value)
    return replace(value, node=made, length=length, constant=None)


def origin(scope: QueryScope, value: Typed) -> Origin | None:
    """The table's column that an output column is; None for what is calculated."""
    column = value.node
    if not isinstance(column, SqlColumn):
        return None
    bound = next((s for s in scope.sources if s.server_alias == column.source), None)
    found = next((f.origin for f in bound.relation.fields if f.server_name == column.name), None) if bound else None
    return replace(found, path=(column.source, *found.path)) if found else None


def reads_one_table(scope: QueryScope) -> bool:
    """Whether the sources are one table, or a query over one."""
    return len(scope.sources) == 1 and scope.sources[0].relation.deletes


def expressions(outputs: Iterable[OutputColumn]) -> list[exp.Expr | None]:
    """The output as expressions, also where a star stood for it."""
    return [
        exp.column(o.read[1].name, o.read[0].alias, quoted=True) if o.read and o.node is None else o.node
        for o in outputs
    ]


def wanted_aliases(scope: QueryScope, outputs: Sequence[OutputColumn], order: exp.Expr | None) -> set[str]:
    """The output columns that other expressions of their SELECT name."""
    given = {o.name.casefold() for o in outputs if o.alias} - scope.context.declared
    named: set[str] = set()
    for node in (*(o.node for o in outputs), order):
        for column in own_columns(node):
            name = column.name.casefold()
            if name in given and not column.args.get("table") and not scope.find(column):
                named.add(name)
    return named
