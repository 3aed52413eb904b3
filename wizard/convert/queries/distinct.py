"""DISTINCT and DISTINCTROW where a server must choose the rows first, and cut or sort them afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from wizard.convert.dialect import nodes
from wizard.convert.names import NameRegister
from wizard.convert.queries.expression_names import own_columns
from wizard.convert.queries.outputs import OutputColumn
from wizard.convert.queries.query_context import BoundSource, Sort
from wizard.convert.queries.scope import QueryScope
from wizard.convert.tree import As, Clauses, SqlColumn, SqlNode, SqlSelect, derived

_ALIAS: Final = "distinct rows"


def row_key(
    scope: QueryScope, node: nodes.AccessSelect, outputs: Sequence[OutputColumn], sorts: Sequence[Sort[SqlNode]]
) -> tuple[SqlNode, ...]:
    """What makes DISTINCTROW's rows distinct: the keys of the sources that give columns, where others give none.

    TOP cuts such rows by what these sources have alone.
    """
    giving = [s for s in scope.sources if any(_gives(scope, s, o) for o in outputs)]
    if not giving or len(giving) == len(scope.sources):
        return ()
    own = {s.server_alias for s in giving}
    other = node.args.get("top") and any(source not in own for s in sorts for source, _ in s.by.facts.columns)
    if other or not all(s.relation.key for s in giving):
        scope.context.note(3120, node)
        return ()
    return tuple(s.column(column) for s in giving for column in s.relation.key)


def _gives(scope: QueryScope, bound: BoundSource, output: OutputColumn) -> bool:
    """Whether an output column is of a source, or made of its columns."""
    if output.read:
        return output.read[0] is bound
    found = (scope.find(c) for c in own_columns(output.node))
    return any(f and f[0] is bound for f in found)


def made_distinct(
    clauses: Clauses, names: Sequence[str], keys: Iterable[SqlNode], sorts: Sequence[Sort[SqlNode]] = (), top: str = ""
) -> SqlSelect:
    """The columns of those names, of rows that are made distinct by their keys first and then sorted and cut."""
    taken = NameRegister(tuple(names))
    hidden = [As(key, taken.take(f"key {number}")) for number, key in enumerate(keys, start=1)]
    ordering = [(s, taken.take(f"order {number}")) for number, s in enumerate(sorts, start=1)]
    output = (*clauses.output, *hidden, *(As(s.by, name) for s, name in ordering))
    return SqlSelect(
        Clauses(
            tuple(SqlColumn("", name) for name in names),
            derived(SqlSelect(replace(clauses, output=output, head=" DISTINCT", into="")), _ALIAS),
            order=tuple(s.at(SqlColumn("", name)).node for s, name in ordering),
            head=top,
            into=clauses.into,
            sources=frozenset((_ALIAS,)),
        )
    )


def sorted_after(
    clauses: Clauses, head: str, sorts: Sequence[Sort[SqlNode]], names: Sequence[tuple[SqlNode, str]]
) -> SqlSelect | None:
    """Rows that are made distinct first and then sorted, and cut by `head`, by what is made of their columns.

    A server sorts what is DISTINCT by nothing but its columns as they are (145). `names` are the columns, each with
    its value; None where something else is sorted by.
    """
    columns: dict[SqlNode, SqlNode] = {node: SqlColumn(_ALIAS, name) for node, name in names}
    outside = [s.at(s.by.replaced(columns)) for s in sorts]
    if any(source != _ALIAS for s in outside for source, _ in s.by.facts.columns):
        return None
    inner = SqlSelect(replace(clauses, order=(), head=" DISTINCT", into=""))
    return SqlSelect(
        Clauses(
            tuple(SqlColumn(_ALIAS, name) for _, name in names),
            derived(inner, _ALIAS),
            order=tuple(s.node for s in outside),
            head=head,
            into=clauses.into,
            sources=frozenset((_ALIAS,)),
        )
    )
