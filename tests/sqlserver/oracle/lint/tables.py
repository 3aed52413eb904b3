"""Tables, columns, defaults and checks."""

from __future__ import annotations

from typing import Any

from tests.sqlserver.oracle.lint.base import Base, Table
from tests.sqlserver.oracle.lint.sqltypes import INTS, SIZES, Type, of_type
from tests.sqlserver.oracle.lint.trees import Scope, children
from tests.sqlserver.oracle.units import Unit


class Tables(Base):
    """Definitions."""

    def table(self, u: Unit) -> None:
        t = self.tables.setdefault(u.names[0].lower(), Table(u, u.names[0]))
        for c in u.node.Definition.ColumnDefinitions:
            self.column(t, c)
        if len(t.columns) > 1024:
            self.tell(u.node, 1702, f"{len(t.columns)} columns")
        fixed = sum(self._fixed(ty) for ty in t.columns.values()) + 6 + (len(t.columns) + 7) // 8
        if fixed > 8060:
            self.tell(u.node, 1701, f"a row has {fixed} bytes of fixed length; 8,060 is the limit")

    @staticmethod
    def _fixed(ty: Type) -> int:
        """Bytes that a value has in the row in any case."""
        if ty and ty[0] in ("nchar", "char", "binary"):
            return (ty[1] or 1) * (2 if ty[0] == "nchar" else 1)
        return SIZES.get(ty[0], 0) if ty else 0

    def column(self, t: Table, c: Any) -> None:
        name, lower = c.ColumnIdentifier.Value, c.ColumnIdentifier.Value.lower()
        if c.ComputedColumnExpression is not None:
            scope = Scope()
            scope.add(None, t.columns)
            scope.add(t.unit.names[0].rsplit("].[", 1)[1][:-1].replace("]]", "]"), t.columns)
            ty = self.type(c.ComputedColumnExpression, scope)
            t.computed[lower] = (c, ty, self.unit)
            if c.IsPersisted and (why := self.undetermined(c.ComputedColumnExpression, scope)):
                self.tell(c, 4936, f"computed column {name} cannot be persisted: {why}")
            for other in t.computed:
                if other != lower and self.mentions(c.ComputedColumnExpression, other):
                    self.tell(c, 1759, f"computed column {name} refers to the computed column {other}")
        else:
            ty = of_type(c.DataType)
        t.columns[lower] = ty
        if c.IdentityOptions is not None:
            if t.identity:
                self.tell(c, 2744, "a second identity column")
            t.identity = lower
            if ty and not (ty[0] in INTS or (ty[0] == "decimal" and ty[2] == 0)):
                self.tell(c, 2749, f"identity column {name} of type {ty[0]}")
        if ty and ty[0] == "rowversion":
            if t.rowversion:
                self.tell(c, 2738, "a second rowversion column")
            t.rowversion = lower
        null = next((x for x in c.Constraints if type(x).__name__ == "NullableConstraintDefinition"), None)
        t.nullable[lower] = null.Nullable if null is not None else c.IdentityOptions is None
        if c.DefaultConstraint is not None:
            self.default(t, lower, c.DefaultConstraint.Expression, c)

    def mentions(self, node: Any, column: str) -> bool:
        if type(node).__name__ == "ColumnReferenceExpression" and node.MultiPartIdentifier is not None:
            ids = node.MultiPartIdentifier.Identifiers
            return ids[ids.Count - 1].Value.lower() == column
        return any(self.mentions(x, column) for x in children(node, self.net))

    def default(self, t: Table, column: str, expression: Any, node: Any) -> None:
        if column in t.default:
            self.tell(node, 1781, f"a second default of {column}")
        t.default.add(column)
        if column == t.identity:
            self.tell(node, 1754, f"a default of the identity column {column}")
        target = t.columns.get(column)
        if target and target[0] == "rowversion":
            self.tell(node, 1755, f"a default of the rowversion column {column}")
        if column in t.computed:
            self.tell(node, 1752, f"a default of the computed column {column}")
        got = self.type(expression, Scope())
        self.assigned(expression, got, target, f"default of {column}")

    def constraint(self, table: str, c: Any) -> None:
        t, kind = self.tables.get(table), type(c).__name__
        if t is None:
            return
        scope = Scope()
        scope.add(None, t.columns)
        scope.add(t.name.rsplit("].[", 1)[1][:-1].replace("]]", "]"), t.columns)
        if kind == "DefaultConstraintDefinition":
            self.default(t, c.Column.Value.lower(), c.Expression, c)
        elif kind == "CheckConstraintDefinition":
            self.truth(c.CheckCondition, scope)
            for name, (node, _, _) in t.computed.items():
                if not node.IsPersisted and self.mentions(c.CheckCondition, name):
                    self.tell(c, 1764, f"a check of the computed column {name}, which is not persisted")
        elif kind == "UniqueConstraintDefinition":
            columns = [x.Column.MultiPartIdentifier.Identifiers[0].Value.lower() for x in c.Columns]
            t.keys.append((frozenset(columns), c.IsPrimaryKey))
            self.key(t, columns, c)
        elif kind == "ForeignKeyConstraintDefinition":
            t.fks.append(
                (
                    self.unit,
                    c,
                    [x.Value.lower() for x in c.Columns],
                    [x.Value.lower() for x in c.ReferencedTableColumns],
                    ".".join(f"[{i.Value.replace(']', ']]')}]" for i in c.ReferenceTableName.Identifiers).lower(),
                    str(c.DeleteAction),
                    str(c.UpdateAction),
                )
            )
