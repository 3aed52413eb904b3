"""FROM: tables, queries, sub-queries and joins, nested as Access nests them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.dialect.multivalued import HIDDEN
from wizard.convert.expressions import translate_condition
from wizard.convert.queries.grouping import refuse_aggregates
from wizard.convert.queries.query_context import (
    LEVELS,
    BoundSource,
    OuterScope,
    QueryContext,
    Relation,
    SelectRequest,
)
from wizard.convert.queries.scope import QueryScope
from wizard.convert.tree import Enclosed, Indented, SqlColumn, SqlNode, applied, derived, spread, tsql
from wizard.objects import Name


def read_sources(
    context: QueryContext, sources: Sequence[exp.Expr], parent: OuterScope | None, *, sortable: bool = False
) -> tuple[SqlNode | None, list[BoundSource]]:
    """What stands in FROM and what it binds, in order. Several items become a CROSS JOIN.

    `sortable`: if the one source is a sub-query, it gives whatever it sorts by too. A saved query whose view cannot
    give that is read as a sub-query.
    """
    items: list[SqlNode] = []
    bounds: list[BoundSource] = []
    if sortable and len(sources) == 1:
        query = sources[0] if isinstance(sources[0], exp.Subquery) else _unfolded(context, sources[0])
        if query is not None:
            told = len(context.messages)
            item, bound = _derived(context, query, parent, sortable=True)
            if query is not sources[0]:
                del context.messages[told:]  # which were told of the query itself
            return item, [bound]
    for node in sources:
        item, made = _source(context, node, parent)
        items.append(Enclosed(item) if isinstance(node, nodes.SourceJoin) and len(sources) > 1 else item)
        bounds += made
    _check_names(context, bounds, sources)
    return spread("\n    CROSS JOIN ", items) if items else None, bounds


def _check_names(context: QueryContext, bounds: list[BoundSource], sources: Sequence[exp.Expr]) -> None:
    seen: set[str] = set()
    for bound in bounds:
        folded = bound.alias.casefold()
        if folded in seen:
            context.fail(3102, sources[0], name=bound.alias)
        seen.add(folded)


def _source(context: QueryContext, node: exp.Expr, parent: OuterScope | None) -> tuple[SqlNode, list[BoundSource]]:
    if isinstance(node, nodes.SourceJoin):
        return _join(context, node, parent)
    if isinstance(node, exp.Paren):
        item, bounds = _source(context, node.this, parent)
        plain = not isinstance(node.unnest(), nodes.SourceJoin)  # T-SQL has brackets about joins alone
        return (item if plain else tsql("(\n{}\n    )", Indented(Indented(item)))), bounds
    if isinstance(node, exp.Subquery):
        item, bound = _derived(context, node, parent)
        return item, [bound]
    if node.args.get("db"):
        context.fail(3105, node, name=node.name, file=node.args["db"].name)
    relation = context.catalog.relation(context, node.this)
    if relation.taken_in:
        return _taken_in(context, node, relation, parent)
    alias = node.alias or relation.label
    bound = BoundSource(alias, relation, context.server_alias(alias), hidden=HIDDEN in node.meta)
    return context.catalog.source(context, relation, bound.server_alias), [bound]


def _taken_in(
    context: QueryContext, node: exp.Expr, relation: Relation, parent: OuterScope | None
) -> tuple[SqlNode, list[BoundSource]]:
    """A saved query that nothing can read any more, as a sub-query, with the parameters that it has."""
    if not relation.deferred:
        if isinstance(context.catalog.tree(relation.label), nodes.Transform):
            context.fail(3187, node, name=relation.label, most=LEVELS)
        context.note(3188, node, name=relation.label, most=LEVELS)
    for parameter in relation.parameters:
        context.add_parameter(parameter.prompt, parameter.type, parameter.length)
    alias = exp.TableAlias(this=exp.to_identifier(node.alias or relation.label, quoted=True))
    item, bound = _derived(context, exp.Subquery(this=context.catalog.tree(relation.label), alias=alias), parent)
    return item, [bound]


def _unfolded(context: QueryContext, node: exp.Expr) -> exp.Subquery | None:
    """A saved query as a sub-query, where its view does not give what it sorts by."""
    if not isinstance(node, exp.Table) or node.args.get("db"):
        return None
    needed, level = dict(context.depends_on), context.level
    relation = context.catalog.relation(context, node.this)
    if not relation.lost or relation.parameters:
        return None
    context.depends_on, context.level = needed, level  # not on its view
    alias = exp.TableAlias(this=exp.to_identifier(node.alias or relation.label, quoted=True))
    return exp.Subquery(this=context.catalog.tree(node.name), alias=alias)


def _derived(
    context: QueryContext, node: exp.Subquery, parent: OuterScope | None, *, sortable: bool = False
) -> tuple[SqlNode, BoundSource]:
    rows = context.rows(context, node, SelectRequest(QueryScope(context, [], parent), sortable=sortable))
    alias = node.alias or context.alias()
    relation = Relation(
        alias, Name("", alias), rows.fields, order=rows.sorting, closure=rows.closure, deletes=rows.deletes
    )
    inner = () if node.alias else nodes.members(node.this.args.get("sources") or ())
    names = frozenset(name.casefold() for t in inner if (name := t.alias or t.name))
    bound = BoundSource(alias, relation, context.server_alias(alias), inner=names)
    return derived(rows.select, bound.server_alias), bound


def _join(
    context: QueryContext, node: nodes.SourceJoin, parent: OuterScope | None
) -> tuple[SqlNode, list[BoundSource]]:
    left, left_bounds = _source(context, node.this, parent)
    right, right_bounds = _source(context, node.expression, parent)
    side = node.args["side"]
    for bound in right_bounds if side == "LEFT" else left_bounds if side == "RIGHT" else ():
        bound.outer = True
    bounds = left_bounds + right_bounds
    refuse_aggregates(context, "ON", [node.args["on"]])
    condition = translate_condition(node.args["on"], QueryScope(context, bounds, parent))
    return tsql("{}\n    {} JOIN {}\n        ON {}", left, side, right, condition), bounds


@dataclass
class CrossApply:
    """`names` are those of the SELECT's sources, and of what is computed beside them."""

    context: QueryContext
    names: set[str]
    applied: list[SqlNode] = field(default_factory=list)
    _known: dict[SqlNode, SqlColumn] = field(default_factory=dict)

    def column(self, node: SqlNode, name: str) -> SqlColumn:
        """The column that holds a value."""
        table = self.context.alias()
        self.names.add(table)
        self.applied.append(applied(node, table, name))
        return SqlColumn(table, name)

    def once(self, node: SqlNode) -> SqlColumn:
        """The column that holds a value, the same for the same."""
        if node not in self._known:
            self._known[node] = self.column(node, "value")
        return self._known[node]
