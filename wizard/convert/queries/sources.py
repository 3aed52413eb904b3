"""FROM: tables, queries, sub-queries and joins, nested as Access nests them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.dialect.complexes import HIDDEN
from wizard.convert.expressions import translate_condition
from wizard.convert.queries.grouping import refuse_aggregates
from wizard.convert.queries.scope import QueryScope
from wizard.convert.queries.work import Bound, OuterScope, Relation, Work
from wizard.convert.tree import Enclosed, Indented, Node, derived, spread, tsql
from wizard.objects import Name


def read_sources(
    work: Work, sources: Sequence[exp.Expr], parent: OuterScope | None, *, sortable: bool = False
) -> tuple[Node | None, list[Bound]]:
    """What stands in FROM and what it binds, in order. Several items become a CROSS JOIN.

    `sortable`: if the one source is a sub-query, it gives whatever it sorts by too. A saved query whose view cannot
    give that is read as a sub-query.
    """
    items: list[Node] = []
    bounds: list[Bound] = []
    if sortable and len(sources) == 1:
        query = sources[0] if isinstance(sources[0], exp.Subquery) else _unfolded(work, sources[0])
        if query is not None:
            told = len(work.messages)
            item, bound = _derived(work, query, parent, sortable=True)
            if query is not sources[0]:
                del work.messages[told:]  # which were told of the query itself
            return item, [bound]
    for node in sources:
        item, made = _source(work, node, parent)
        items.append(Enclosed(item) if isinstance(node, nodes.SourceJoin) and len(sources) > 1 else item)
        bounds += made
    _check_names(work, bounds, sources)
    return spread("\n    CROSS JOIN ", items) if items else None, bounds


def _check_names(work: Work, bounds: list[Bound], sources: Sequence[exp.Expr]) -> None:
    seen: set[str] = set()
    for bound in bounds:
        folded = bound.alias.casefold()
        if folded in seen:
            work.fail(3102, sources[0], name=bound.alias)
        seen.add(folded)


def _source(work: Work, node: exp.Expr, parent: OuterScope | None) -> tuple[Node, list[Bound]]:
    if isinstance(node, nodes.SourceJoin):
        return _join(work, node, parent)
    if isinstance(node, exp.Paren):
        item, bounds = _source(work, node.this, parent)
        plain = not isinstance(node.unnest(), nodes.SourceJoin)  # T-SQL has brackets about joins alone
        return (item if plain else tsql("(\n{}\n    )", Indented(Indented(item)))), bounds
    if isinstance(node, exp.Subquery):
        item, bound = _derived(work, node, parent)
        return item, [bound]
    if node.args.get("db"):
        work.fail(3105, node, name=node.name, file=node.args["db"].name)
    relation = work.catalog.relation(work, node.this)
    if relation.deferred:
        return _taken_in(work, node, relation, parent)
    alias = node.alias or relation.label
    bound = Bound(alias, relation, work.server_alias(alias), hidden=HIDDEN in node.meta)
    return work.catalog.source(work, relation, bound.server_alias), [bound]


def _taken_in(work: Work, node: exp.Expr, relation: Relation, parent: OuterScope | None) -> tuple[Node, list[Bound]]:
    """A saved query that became a procedure, as a sub-query, with the parameters that it has."""
    for parameter in relation.parameters:
        work.add_parameter(parameter.prompt, parameter.type, parameter.length)
    alias = exp.TableAlias(this=exp.to_identifier(node.alias or relation.label, quoted=True))
    item, bound = _derived(work, exp.Subquery(this=work.catalog.tree(relation.label), alias=alias), parent)
    return item, [bound]


def _unfolded(work: Work, node: exp.Expr) -> exp.Subquery | None:
    """A saved query as a sub-query, where its view does not give what it sorts by."""
    if not isinstance(node, exp.Table) or node.args.get("db"):
        return None
    needed = dict(work.depends_on)
    relation = work.catalog.relation(work, node.this)
    if not relation.lost or relation.parameters:
        return None
    work.depends_on = needed  # not on its view
    alias = exp.TableAlias(this=exp.to_identifier(node.alias or relation.label, quoted=True))
    return exp.Subquery(this=work.catalog.tree(node.name), alias=alias)


def _derived(
    work: Work, node: exp.Subquery, parent: OuterScope | None, *, sortable: bool = False
) -> tuple[Node, Bound]:
    rows = work.rows(work, node, QueryScope(work, [], parent), sortable)
    alias = node.alias or work.alias()
    relation = Relation(alias, Name("", alias), rows.fields, order=rows.sorting, agreeing=rows.agreeing)
    inner = () if node.alias else (t.alias or t.name for t in node.this.args.get("sources") or () if t.name or t.alias)
    bound = Bound(alias, relation, work.server_alias(alias), inner=frozenset(name.casefold() for name in inner))
    return derived(rows.select, bound.server_alias), bound


def _join(work: Work, node: nodes.SourceJoin, parent: OuterScope | None) -> tuple[Node, list[Bound]]:
    left, left_bounds = _source(work, node.this, parent)
    right, right_bounds = _source(work, node.expression, parent)
    side = node.args["side"]
    for bound in right_bounds if side == "LEFT" else left_bounds if side == "RIGHT" else ():
        bound.outer = True
    bounds = left_bounds + right_bounds
    refuse_aggregates(work, "ON", [node.args["on"]])
    condition = translate_condition(node.args["on"], QueryScope(work, bounds, parent))
    return tsql("{}\n    {} JOIN {}\n        ON {}", left, side, right, condition), bounds
