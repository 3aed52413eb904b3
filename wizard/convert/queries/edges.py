"""First and Last over a source that has an order: the rows of each group are numbered, and number 1 gives the value.

What Access does: First and Last "return the value of a specified field in the first or last record of the result set";
"because records are usually returned in no particular order (unless the query includes an ORDER BY clause), the
records returned by these functions will be arbitrary" (Microsoft's Access SQL reference, "First, Last Functions").
A totals query's own ORDER BY sorts its groups, so that the order meant is that of what it reads. The roads:

- All rows of a group must agree in the value (`wizard.convert.queries.agreement`): MIN, or MAX, is that value.
- The one source is a sub-query or a saved query with ORDER BY, or one that reads such a one without grouping (a saved
  query whose view does not give what it sorts by is read as a sub-query):
  ROW_NUMBER() over the group (of a crosstab's cell: the group and the heading) by that order, reversed for Last.
  WHERE goes with it, as rows left out are not numbered. NULL in the first row is the answer, as in Access.
  Rows that tie in that order and may differ in the value are told (3128): any of them may be first.
- Else (a table alone, a join): MIN and MAX, told (3521).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from wizard.convert.functions import find
from wizard.convert.names import Names
from wizard.convert.queries.scope import Bound
from wizard.convert.queries.text import clauses, indented, listed
from wizard.objects import quote

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

    bound: Bound
    _numbers: dict[str, str] = field(default_factory=dict)

    def number(self, group: Sequence[str], *, last: bool) -> str:
        """The number that is 1 in the first (or last) row of each group, which is given as T-SQL."""
        order = [s.at(f"{self.bound.sql}.{quote(s.by)}") for s in self.bound.relation.order]
        order = [replace(s, descending=s.descending is not last) for s in order]
        by = f"PARTITION BY {', '.join(group)} " if group else ""
        over = f"ROW_NUMBER() OVER ({by}ORDER BY {', '.join(map(str, order))})"
        if over not in self._numbers:
            taken = Names((*(f.server_name for f in self.bound.relation.fields), *self._numbers.values()))
            self._numbers[over] = taken.take("last row" if last else "first row")
        return f"{self.bound.sql}.{quote(self._numbers[over])}"

    def numbered(self, source: str, condition: str) -> tuple[str, str]:
        """What stands in FROM and WHERE: unchanged where nothing was numbered."""
        if not self._numbers:
            return source, condition
        columns = [f"{self.bound.sql}.{quote(f.server_name)}" for f in self.bound.relation.fields]
        columns += [f"{over} AS {quote(name)}" for over, name in self._numbers.items()]
        inner = clauses(f"SELECT\n{listed(columns)}", f"FROM {source}", f"WHERE {condition}" if condition else "")
        return f"(\n{indented(inner)}\n) AS {self.bound.sql}", ""
