"""The order of a SELECT's rows: its ORDER BY, in words and by columns of its output.

`names` are the output's columns by the value that they hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from wizard.convert.names import NameRegister
from wizard.convert.queries.outputs import OutputColumn
from wizard.convert.queries.query_context import BoundSource, Sort
from wizard.convert.tree import SqlNode
from wizard.objects import quote


def inherited(bound: BoundSource) -> list[Sort[SqlNode]]:
    """The order of a source, by its columns."""
    return [s.at(bound.column(s.by), s.said or quote(s.by)) for s in bound.relation.order]


def outside(order: Sequence[Sort[SqlNode]], names: Mapping[SqlNode, str]) -> tuple[str, bool]:
    """What to sort by, as those can say it who read the rows; and whether it is not all in the output."""
    said = ", ".join(s.at(quote(names[s.by])).words if s.by in names else s.words for s in order)
    return said, any(s.by not in names for s in order)


def by_columns(
    order: Sequence[Sort[SqlNode]], names: Mapping[SqlNode, str], *, more: bool
) -> tuple[tuple[Sort[str], ...], dict[SqlNode, str]]:
    """The order by columns of the output, and columns added for it (`more`), by value. Empty where unknown."""
    taken = NameRegister(tuple(names.values()))
    missing = [s.by for s in order if s.by not in names] if more else []
    hidden = {by: taken.take(f"order {number}") for number, by in enumerate(missing, start=1)}
    every = {**names, **hidden}
    if any(s.by not in every for s in order):
        return (), {}
    said = {s.by: s.said or str(s.by) if s.by in hidden else quote(every[s.by]) for s in order}
    return tuple(s.at(every[s.by], said[s.by]) for s in order), hidden


def by_nz(node: exp.Expr, outputs: Sequence[OutputColumn]) -> bool:
    """Whether what is sorted by is a call of Nz, be it by the name or the number of an output column."""
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        node = outputs[int(node.name) - 1].node or node
    elif isinstance(node, exp.Column) and not node.table:
        name = node.name.casefold()
        node = next((o.node for o in outputs if o.alias and o.node and o.name.casefold() == name), node)
    called = node.unnest()
    return isinstance(called, exp.Anonymous) and str(called.this).casefold() == "nz"
