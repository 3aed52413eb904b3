"""Grouping: what may stand beside GROUP BY and in aggregates (8120, 8121, 8127, 130, 147, 8124)."""

from __future__ import annotations

from typing import Any

from tests.sqlserver.oracle.lint.base import Base
from tests.sqlserver.oracle.lint.sqltypes import AGGREGATES
from tests.sqlserver.oracle.lint.trees import Scope, children


class Grouping(Base):
    """What is found again in GROUP BY, and what is an aggregate."""

    def has(self, node: Any, kind: str) -> bool:
        return type(node).__name__ == kind or any(self.has(x, kind) for x in children(node, self.net))

    def aggregates(self, node: Any) -> list[Any]:
        """The aggregates of this query in an expression; those of sub-queries and windows are others'."""
        kind = type(node).__name__
        if kind in ("ScalarSubquery", "QueryDerivedTable"):
            return []
        if kind == "FunctionCall" and node.OverClause is None and node.FunctionName.Value.upper() in AGGREGATES:
            return [node]
        return [f for x in children(node, self.net) for f in self.aggregates(x)]

    def local(self, node: Any, scope: Scope) -> bool:
        """True where a column of this very query is in the expression."""
        if type(node).__name__ == "ColumnReferenceExpression" and node.MultiPartIdentifier is not None:
            level, _, _ = scope.find([i.Value for i in node.MultiPartIdentifier.Identifiers])
            return level in (0, None)
        return any(self.local(x, scope) for x in children(node, self.net))

    def columns(self, node: Any) -> list[Any]:
        if type(node).__name__ == "ColumnReferenceExpression" and node.MultiPartIdentifier is not None:
            return [node]
        return [c for x in children(node, self.net) for c in self.columns(x)]

    def outer_in_aggregate(self, call: Any, scope: Scope) -> None:
        """A column of a query around in an aggregate: it must be the one column there, and gives the aggregate away."""
        read = {self.bare(c): c for c in self.columns(call)}
        levels = [scope.find([i.Value for i in c.MultiPartIdentifier.Identifiers])[0] for c in read.values()]
        if any(levels) and len(levels) > 1:
            self.tell(call, 8124, "an aggregate over a column of a query around and another column")
        elif any(levels):
            self.tell(call, 147, "an aggregate over a column of a query around alone, which is that query's")

    def constant(self, node: Any) -> bool:
        kind = type(node).__name__
        if kind.endswith("Literal"):
            return True
        if kind == "FunctionCall" and node.FunctionName.Value.upper() in ("GETDATE", "NEWID", "RAND", "SUSER_SNAME"):
            return False
        if kind in ("ColumnReferenceExpression", "ScalarSubquery", "VariableReference", "ParameterlessCall"):
            return False
        below = [
            x
            for x in children(node, self.net)
            if "Expression" in type(x).__name__
            or "Call" in type(x).__name__
            or "Literal" in type(x).__name__
            or type(x).__name__ in ("ScalarSubquery", "VariableReference")
        ]
        if kind in ("BinaryExpression", "UnaryExpression", "ParenthesisExpression", "CastCall", "ConvertCall"):
            return all(self.constant(x) for x in below if "DataType" not in type(x).__name__)
        return False

    def grouped(self, node: Any, scope: Scope, group: list[str], number: int, where: str) -> None:
        kind = type(node).__name__
        if group and self.bare(node) in group:
            return
        if kind == "FunctionCall" and node.OverClause is None and node.FunctionName.Value.upper() in AGGREGATES:
            for p in node.Parameters:
                if self.aggregates(p) or self.has(p, "ScalarSubquery"):
                    self.tell(node, 130, "an aggregate of an aggregate or a sub-query")
            return
        if kind == "ColumnReferenceExpression":
            if node.MultiPartIdentifier is None:
                return
            parts = [i.Value for i in node.MultiPartIdentifier.Identifiers]
            level, _, _ = scope.find(parts)
            if level == 0:
                self.tell(node, number, f"{self.bare(node)} in {where} is neither in an aggregate nor in GROUP BY")
            return
        if kind == "ScalarSubquery":
            for x in self.outer_columns(node.QueryExpression, scope):
                if self.bare(x) not in group:
                    self.tell(x, number, f"{self.bare(x)} in a sub-query of {where} is not in GROUP BY")
            return
        for x in children(node, self.net):
            if "Identifier" not in type(x).__name__:
                self.grouped(x, scope, group, number, where)

    def outer_columns(self, q: Any, scope: Scope) -> list[Any]:
        """Columns in a sub-query that can only be the outer query's: qualified with a name that the outer FROM has."""
        inside, aliases = set(), {a for a, _ in scope.sources if a}

        def names(n: Any) -> None:
            if type(n).__name__ in ("NamedTableReference", "QueryDerivedTable", "SchemaObjectFunctionTableReference"):
                if n.Alias is not None:
                    inside.add(n.Alias.Value.lower())
                elif hasattr(n, "SchemaObject"):
                    inside.add(n.SchemaObject.BaseIdentifier.Value.lower())
            for x in children(n, self.net):
                names(x)

        names(q)
        out = []

        def walk(n: Any) -> None:
            if type(n).__name__ == "ColumnReferenceExpression" and n.MultiPartIdentifier is not None:
                ids = n.MultiPartIdentifier.Identifiers
                if ids.Count > 1 and ids[ids.Count - 2].Value.lower() in aliases - inside:
                    out.append(n)
            for x in children(n, self.net):
                walk(x)

        walk(q)
        return out
