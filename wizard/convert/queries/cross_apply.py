"""What is computed once for each row of the sources of a SELECT, by CROSS APPLY beside them."""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.convert.queries.query_context import QueryContext
from wizard.convert.tree import SqlColumn, SqlNode, applied


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
