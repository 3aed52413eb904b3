"""What may stand in a SELECT that groups: what it groups by, aggregates, and what is made of the two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from wizard.convert.dialect import to_access
from wizard.convert.queries.outputs import aggregates, is_aggregate, own_columns
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.work import Work


def check_grouped(scope: QueryScope, group: Sequence[exp.Expr], nodes: Sequence[exp.Expr | None]) -> None:
    """Raises ConversionError (3125) for a column that is neither grouped nor aggregated: Access refuses it too."""
    grouped = {essence(node, scope) for node in group}
    kinds = {type(node.unnest()) for node in group}
    stack = [node for node in reversed(nodes) if node is not None]
    while stack:
        node = stack.pop()
        if is_aggregate(node) or isinstance(node, exp.Subquery | exp.Select | exp.Union):
            continue
        if type(node.unnest()) in kinds and essence(node, scope) in grouped:
            continue
        if isinstance(node, exp.Column):
            if scope.find(node):
                scope.work.fail(3125, node, name=".".join(p.name for p in node.parts))
        else:
            stack += node.iter_expressions()


def refuse_aggregates(work: Work, clause: str, nodes: Iterable[exp.Expr | None]) -> None:
    """Raises ConversionError (3106) for an aggregate where none can be."""
    for call in (c for node in nodes for c in aggregates(node)):
        work.fail(3106, call, name=call.name, clause=clause)


def essence(node: exp.Expr, scope: QueryScope) -> str:
    """An expression's text without what may differ between SELECT and GROUP BY: parentheses, case, tables' names.

    A column is that of its source, which may be named or not; those within sub-queries are left as they are written.
    """
    bare = node.unnest()
    if isinstance(bare, exp.Column):
        read = scope.find(bare)
        return f"{read[0].alias}!{read[1].name}".casefold() if read else to_access(bare).casefold()
    bare = bare.copy()
    for inner in list(bare.find_all(exp.Paren)):
        inner.replace(inner.this)
    for column in own_columns(bare):
        found = scope.find(column)
        if found:
            column.set("table", exp.to_identifier(found[0].alias))
            column.set("this", exp.to_identifier(found[1].name))
            column.set("db", None)
            column.set("catalog", None)
    return to_access(bare).casefold()
