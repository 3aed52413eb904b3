"""Scopes for tests of expressions: none but literals, or columns with given types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.tree import Clauses, SqlColumn, SqlNode, SqlSelect, SqlSubquery, Variable, node_of
from wizard.convert.typed_sql import ExpressionUse, GroupEdge, NameScope, Typed, Walker
from wizard.definitions import ColumnType
from wizard.messages import ConversionError, Place
from wizard.objects import quote


@dataclass
class Columns:
    """Columns by name; what is told is kept in `told`."""

    types: Mapping[str, ColumnType] = field(default_factory=dict)
    use: ExpressionUse = ExpressionUse.QUERY
    told: list[int] = field(default_factory=list)
    nullable: bool = True

    @property
    def names(self) -> frozenset[str]:
        return frozenset()

    def column(self, node: exp.Column) -> Typed:
        if node.name not in self.types:
            raise ConversionError(3509, Place(), name=node.name, table="the test")
        return Typed(SqlColumn("", node.name), self.types[node.name], self.nullable)

    def parameter(self, node: nodes.Bang) -> Typed:
        return Typed(Variable(f"@{node.parts[-1]}"), ColumnType.UNKNOWN)

    def rows(self, query: exp.Expr) -> Typed:
        table = node_of("[dbo].[T]")
        return Typed(
            SqlSubquery(SqlSelect(Clauses((SqlColumn("", "ID"),), table, inline=True)), inline=True), ColumnType.LONG
        )

    def domain(self, name: str) -> tuple[Callable[[], SqlNode], NameScope]:
        return lambda: node_of(f"[dbo].{quote(name)}"), self

    def row_order(self, node: exp.Anonymous, *, last: bool) -> tuple[SqlNode, ...]:
        return ()

    def beside(self, value: Typed, node: exp.Expr) -> Typed:
        raise ConversionError(3530, self.place(node))

    def reads_outer(self, node: SqlNode) -> bool:
        return False

    def known(self, node: exp.Expr, *, aggregated: bool) -> Typed | None:
        return None

    def own(self, node: exp.Anonymous, walker: Walker) -> Typed | None:
        return None

    def edge(self, node: exp.Expr, *, last: bool) -> GroupEdge:  # the protocol's signature
        return GroupEdge()

    def place(self, node: exp.Expr) -> Place:
        return Place()

    def note(self, number: int, node: exp.Expr, **facts: Any) -> None:
        self.told.append(number)
