"""Keys, indexes, foreign keys and cascades.

Sources: "Maximum capacity specifications for SQL Server", "Primary and foreign key constraints".
"""

from __future__ import annotations

from typing import Any

from tests.sqlserver.oracle.lint.base import Base, Table
from tests.sqlserver.oracle.lint.sqltypes import APPROX, BYTES, MAX, SIZES, TEXTS
from tests.sqlserver.oracle.lint.trees import Scope
from tests.sqlserver.oracle.units import Unit


class Keys(Base):
    """Keys and what refers to them."""

    def key(self, t: Table, columns: list[str], node: Any, limit: int = 1700) -> None:
        clustered = getattr(node, "Clustered", None)
        if (
            type(node).__name__ == "UniqueConstraintDefinition"
            and ((node.IsPrimaryKey and clustered is not False) or clustered)
        ) or clustered:
            limit = 900
        if len(columns) > 32:
            self.tell(node, 1904, f"{len(columns)} key columns; 32 is the limit")
        seen, size, fixed = set(), 0, 0
        for c in columns:
            if c in seen:
                self.tell(node, 1909, f"key column {c} is named twice")
            seen.add(c)
            ty = t.columns.get(c)
            if ty is None:
                continue
            if (ty[0] in TEXTS + BYTES and len(ty) > 1 and ty[1] == MAX) or ty[0] in ("xml", "text", "ntext", "image"):
                self.tell(node, 1919, f"key column {c} is {ty[0]}(max)")
                continue
            n = SIZES.get(ty[0]) or (ty[1] or 0 if len(ty) > 1 else 0) * (2 if ty[0][0] == "n" else 1)
            size += n
            fixed += n if ty[0] in SIZES or ty[0] in ("nchar", "char", "binary") else 0
        if fixed > limit:
            self.tell(node, 1944, f"the key has {fixed} bytes of fixed length; {limit} is the limit")
        elif size > limit:
            self.tell(node, 1945, f"the key may have {size} bytes; a row with more than {limit} is refused", "warning")

    def index(self, u: Unit) -> None:
        n = u.node
        t = self.tables.get(u.names[0].lower().rsplit(".[", 1)[0])
        if t is None:
            return
        columns = [x.Column.MultiPartIdentifier.Identifiers[0].Value.lower() for x in n.Columns]
        if n.Unique and n.FilterPredicate is None:
            t.keys.append((frozenset(columns), False))
        self.key(t, columns, n)
        for c in columns:
            if c in t.computed:
                node, ty, at = t.computed[c]
                self.unit = at
                why = self.undetermined(node.ComputedColumnExpression, self.row(t))
                self.unit = u
                if why:
                    self.tell(n, 2729, f"an index on the computed column {c}: {why}")
                elif ty and ty[0] in APPROX and not node.IsPersisted:
                    self.tell(n, 2799, f"an index on the computed column {c} of type {ty[0]} that is not persisted")
        if n.FilterPredicate is not None:
            self.truth(n.FilterPredicate, self.row(t))
            for c in t.computed:
                if self.mentions(n.FilterPredicate, c):
                    self.tell(n, 10609, f"the filter names the computed column {c}")

    def row(self, t: Table) -> Scope:
        scope = Scope()
        scope.add(None, t.columns)
        return scope

    def foreign_keys(self) -> None:
        edges = []
        for name, t in self.tables.items():
            for unit, c, columns, referenced, to, on_delete, on_update in t.fks:
                self.unit = unit
                other = self.tables.get(to)
                if other is None:
                    continue
                if not referenced:
                    continue
                if not any(k == frozenset(referenced) for k, _ in other.keys):
                    self.tell(
                        c,
                        1776,
                        f"{other.name} has no key or unique index (without a filter) of just {', '.join(referenced)}",
                    )
                for a, b in zip(columns, referenced, strict=False):
                    x, y = t.columns.get(a), other.columns.get(b)
                    if x and y and (x[0] != y[0] or (x[0] == "decimal" and x != y)):
                        self.tell(c, 1778, f"{a} is {x}, {b} is {y}")
                    if x and y and x[0] == y[0] and x[0] in TEXTS + BYTES and x[1:] != y[1:]:
                        self.tell(c, 1753, f"{a} is {x}, {b} is {y}: other lengths")
                for action in (on_delete, on_update):
                    if action == "SetNull" and any(not t.nullable.get(a) for a in columns):
                        self.tell(c, 1761, f"SET NULL of {', '.join(columns)}, which is NOT NULL")
                if any(a in t.computed for a in columns) and (on_delete == "Cascade" or on_update == "Cascade"):
                    self.tell(c, 1764, "a cascade over a computed column")
                acts = ("Cascade", "SetNull", "SetDefault")
                edges.append(
                    (
                        name,
                        to,
                        on_delete if on_delete in acts else "none",
                        on_update if on_update in acts else "none",
                        unit,
                        c,
                    )
                )
        self._cascades(edges)

    def _cascades(self, edges: list[Any]) -> None:
        """1785: what one DELETE or UPDATE sets off reaches no table twice, and never the one that was changed.

        SET NULL is taken for any other action: the server counts paths and asks no more.
        """
        down: dict[str, list[Any]] = {}
        for edge in edges:
            down.setdefault(edge[1], []).append(edge)
        for start in down:
            for how in ("DELETE", "UPDATE"):
                reached, stack = {start}, [(start, {how})]
                while stack:
                    table, states = stack.pop()
                    for child, _, on_delete, on_update, unit, c in down.get(table, ()):
                        then = {"DELETE"} if "DELETE" in states and on_delete != "none" else set()
                        if (then and on_delete != "Cascade") or ("UPDATE" in states and on_update != "none"):
                            then.add("UPDATE")
                        if then and child in reached:
                            self.unit = unit
                            self.tell(c, 1785, f"ON {how} of {start}: cascades reach {child} twice")
                        elif then:
                            reached.add(child)
                            stack.append((child, then))
