"""First and Last over a source that has an order: the rows of each group are numbered, and number 1 gives the value.

What Access does: First and Last "return the value of a specified field in the first or last record of the result set";
"because records are usually returned in no particular order (unless the query includes an ORDER BY clause), the
records returned by these functions will be arbitrary" (Microsoft's Access SQL reference, "First, Last Functions").
A totals query's own ORDER BY sorts its groups, so that the order meant is that of what it reads. The roads:

- All rows of a group must agree in the value (`wizard.convert.queries.functional_dependencies`): MIN, or MAX, is that
  value.
- The one source is a sub-query or a saved query with ORDER BY, or one that reads such a one without grouping (a saved
  query whose view does not give what it sorts by is read as a sub-query):
  ROW_NUMBER() over the group (of a crosstab's cell: the group and the heading) by that order, reversed for Last.
  WHERE goes with it, as rows left out are not numbered. NULL in the first row is the answer, as in Access.
  Rows that tie in that order and may differ in the value get a message (3128): any of them may be first.
- Else (a table alone, a join): MIN and MAX, with a message (3521).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from wizard.convert.functions import find
from wizard.convert.names import NameRegister
from wizard.convert.queries.query_context import BoundSource
from wizard.convert.tree import As, Clauses, SqlNode, SqlSelect, derived, spread, tsql

CELL = "cell"
"""marks, in an expression's `meta`, what a crosstab's aggregate takes for one heading: IIf(its rows, value, Null)"""
_EDGES = ("First", "Last")


def asks_for_edges(nodes: Iterable[exp.Expr | None]) -> bool:
    """Whether First or Last is called."""
    wanted = {find(name) for name in _EDGES}
    return any(find(call.name) in wanted for node in nodes if node for call in node.find_all(exp.Anonymous))


@dataclass
class NumberedRows:
    """The rows of one ordered source, with as many numbers as there are ways to group and to look at them."""

    bound: BoundSource
    _numbers: dict[SqlNode, str] = field(default_factory=dict)

    def number(self, group: Sequence[SqlNode], *, last: bool) -> SqlNode:
        """The number that is 1 in the first (or last) row of each group, which is given as T-SQL."""
        order = [s.at(self.bound.column(s.by)) for s in self.bound.relation.order]
        by = spread(", ", [replace(s, descending=s.descending is not last).node for s in order])
        partition = tsql("PARTITION BY {} ", spread(", ", group)) if group else ""
        over = tsql("ROW_NUMBER() OVER ({}ORDER BY {})", partition, by)
        if over not in self._numbers:
            taken = NameRegister((*(f.server_name for f in self.bound.relation.fields), *self._numbers.values()))
            self._numbers[over] = taken.take("last row" if last else "first row")
        return self.bound.column(self._numbers[over])

    def numbered(self, source: SqlNode, condition: SqlNode | None) -> tuple[SqlNode, SqlNode | None]:
        """What stands in FROM and WHERE: unchanged where nothing was numbered."""
        if not self._numbers:
            return source, condition
        columns: list[SqlNode] = [self.bound.column(f.server_name) for f in self.bound.relation.fields]
        columns += [As(over, name) for over, name in self._numbers.items()]
        alias = self.bound.server_alias
        clauses = Clauses(tuple(columns), source, where=condition, sources=frozenset((alias,)))
        return derived(SqlSelect(clauses), alias), None
