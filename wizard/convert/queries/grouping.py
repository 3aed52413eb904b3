"""What a SELECT with GROUP BY may give: the values it groups by, aggregates, and expressions of the two.

An expression that is grouped is recognised where it is used again by what it says in Access SQL (`ExpressionNumbers`),
so that it is translated once and has one T-SQL everywhere: within a longer text or a longer IIf, as a condition, in
HAVING and ORDER BY. Servers find the same T-SQL again, but not within a sub-query, and they group by no sub-query:
there the value is computed once beside the sources (CROSS APPLY), and that column is what is grouped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.queries.expression_names import ExpressionNumbers, aggregates, is_aggregate, own_columns
from wizard.convert.queries.outputs import OutputColumn, expressions
from wizard.convert.queries.query_context import QueryContext
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.type_names import DEFAULT_LENGTH
from wizard.convert.tree import SqlColumn, SqlNode, SqlSubquery
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType


def refuse_misplaced(
    scope: QueryScope,
    essences: ExpressionNumbers,
    node: nodes.AccessSelect,
    outputs: Sequence[OutputColumn],
    group: Sequence[exp.Expr],
    *,
    aggregated: bool,
) -> None:
    """Raises ConversionError for aggregates where none may stand, and for columns that are not grouped by."""
    where, having, order = (node.args.get(clause) for clause in ("where", "having", "order"))
    refuse_aggregates(scope.context, "WHERE", [where and where.this])
    refuse_aggregates(scope.context, "GROUP BY", group)
    named = {o.name.casefold(): o.node for o in outputs if o.alias}
    refuse_nested_aggregates(scope, (*expressions(outputs), having, order), named)
    if aggregated:
        sorted_by_top = [o.this for o in order.expressions] if order and node.args.get("top") else []
        check_grouped(scope, essences, group, [*expressions(outputs), having, *sorted_by_top])


def note_long_texts(context: QueryContext, node: exp.Expr, values: Iterable[Typed]) -> None:
    """Note where Access compares, and gives, no more than 255 characters of a Long Text.

    Source: Allen Browne, "Truncation of Memo fields": by grouping, by unique values, by UNION without ALL.
    """
    if any(v.type is ColumnType.MEMO and not 0 < v.length <= DEFAULT_LENGTH for v in values):
        context.note(3200, node)


def check_grouped(
    scope: QueryScope, essences: ExpressionNumbers, group: Sequence[exp.Expr], used: Sequence[exp.Expr | None]
) -> None:
    """Raises ConversionError (3125) for a column that is neither grouped nor aggregated: Access refuses it too."""
    grouped = {essences.number(node) for node in group}
    kinds = {type(node.unnest()) for node in group}
    stack = [node for node in reversed(used) if node is not None]
    while stack:
        node = stack.pop()
        if is_aggregate(node) or isinstance(node, exp.Subquery | exp.Select | exp.Union):
            continue
        if type(node.unnest()) in kinds and essences.number(node) in grouped:
            continue
        if isinstance(node, exp.Column):
            if scope.find(node):
                scope.context.fail(3125, node, name=".".join(p.name for p in node.parts))
        else:
            stack += node.iter_expressions()


def refuse_aggregates(context: QueryContext, clause: str, used: Iterable[exp.Expr | None]) -> None:
    """Raises ConversionError (3106) for an aggregate where none can be."""
    for call in (c for node in used for c in aggregates(node)):
        context.fail(3106, call, name=call.name, clause=clause)


def refuse_nested_aggregates(
    scope: QueryScope, used: Iterable[exp.Expr | None], given: Mapping[str, exp.Expr | None]
) -> None:
    """An aggregate of an aggregate, be it by the name of an output column: `given` are these, by case-folded name.

    Raises ConversionError (3106).
    """
    for node in used:
        for call in aggregates(node):
            inner = list(call.expressions)
            named = (given.get(c.name.casefold()) for a in inner for c in own_columns(a) if not scope.find(c))
            refuse_aggregates(scope.context, f"{call.name}(…)", [*inner, *named])


def within_subqueries(used: Iterable[SqlNode], group: Sequence[SqlNode]) -> list[SqlNode]:
    """Those that are grouped by and stand within a sub-query too, where a server does not find them again."""
    found: dict[SqlNode, None] = {}
    wanted = [g for g in group if not isinstance(g, SqlColumn)]
    inner = [n for tree in used if wanted and tree.facts.subquery for n in tree.walk() if isinstance(n, SqlSubquery)]
    for node in inner:
        found |= {g: None for g in wanted if node.replaced({g: _ELSEWHERE}) is not node}
    return list(found)


_ELSEWHERE: Final = SqlColumn("", "elsewhere")


def ungrouped(tree: SqlNode, group: Iterable[SqlNode], own: frozenset[str]) -> SqlColumn | None:
    """A column of the SELECT's own sources that is neither within an aggregate nor grouped, alone or in a whole."""
    rest = tree.replaced(dict.fromkeys(group, _ELSEWHERE))
    waiting = [(rest, own)]
    while waiting:
        node, names = waiting.pop()
        if isinstance(node, SqlColumn) and node.source in names:
            return node
        if any(source in names for source, _ in node.facts.columns) and not node.is_aggregate:
            waiting += [(child, names - node.names) for child in node.children]
    return None
