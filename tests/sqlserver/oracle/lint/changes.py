"""What can be changed through a view, an inline function or a sub-query.

Source: "CREATE VIEW (Transact-SQL)", updatable views.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.sqlserver.oracle.lint.base import Base

Path = tuple[str, ...]


@dataclass
class Change:
    """Of rows: the table by whose path each column can be changed, in lower case; whether they are one table's."""

    columns: dict[str, Path | None] = field(default_factory=dict)
    deletes: bool = False
    grouped: bool = False


class Changes(Base):
    """UPDATE and DELETE of what is no table."""

    def change(self, name: str) -> Change | None:
        """Of a table, view or inline function; None where it is not known."""
        table = self.tables.get(name)
        if table is not None:
            return Change(dict.fromkeys(table.columns, ()), deletes=True)
        unit = self.modules.get(name)
        kind = type(unit.node).__name__ if unit is not None else ""
        if unit is None:
            return None
        if "View" in kind:
            return self.change_of(unit.node.SelectStatement.QueryExpression)
        returned = getattr(unit.node, "ReturnType", None)
        if returned is not None and type(returned).__name__ == "SelectFunctionReturnType":
            return self.change_of(returned.SelectStatement.QueryExpression)
        return None

    def change_of(self, q: Any) -> Change:
        while type(q).__name__ == "QueryParenthesisExpression":
            q = q.QueryExpression
        if type(q).__name__ != "QuerySpecification":
            return Change(grouped=True)
        distinct = q.UniqueRowFilter is not None and str(q.UniqueRowFilter) == "Distinct"
        elements = [e.Expression for e in q.SelectElements if type(e).__name__ == "SelectScalarExpression"]
        if distinct or q.GroupByClause is not None or any(self.aggregates(e) for e in elements):
            return Change(grouped=True)
        read: dict[str, Change] = {}
        plain = self._read(q.FromClause.TableReferences if q.FromClause is not None else (), read)
        made = Change(deletes=plain and len(read) == 1 and all(c.deletes for c in read.values()))
        for e in q.SelectElements:
            if type(e).__name__ == "SelectScalarExpression":
                self._column(e, read, made)
            elif type(e).__name__ == "SelectStarExpression":
                for alias, of in read.items():
                    made.columns |= {n: None if p is None else (alias, *p) for n, p in of.columns.items()}
        return made

    def _column(self, e: Any, read: dict[str, Change], made: Change) -> None:
        x = e.Expression
        ids = list(x.MultiPartIdentifier.Identifiers) if type(x).__name__ == "ColumnReferenceExpression" else []
        own = ids[-1].Value.lower() if ids else None
        name = e.ColumnName.Value.lower() if e.ColumnName is not None else own
        if name is None:
            return
        made.columns[name] = None
        for alias, of in read.items():
            if own in of.columns and (len(ids) == 1 or ids[-2].Value.lower() == alias):
                path = of.columns[own]
                made.columns[name] = None if path is None else (alias, *path)

    def _read(self, references: Any, read: dict[str, Change]) -> bool:
        """The sources by alias; whether there is nothing but tables and joins of them."""
        plain = True
        for tr in references:
            kind = type(tr).__name__
            alias = tr.Alias.Value.lower() if getattr(tr, "Alias", None) is not None else None
            if kind in ("NamedTableReference", "SchemaObjectFunctionTableReference"):
                found = self.change(self.name(tr.SchemaObject))
                read[alias or tr.SchemaObject.BaseIdentifier.Value.lower()] = found or Change()
            elif kind == "QueryDerivedTable":
                read[alias or ""] = self.change_of(tr.QueryExpression)
            elif kind in ("QualifiedJoin", "UnqualifiedJoin"):
                plain &= self._read((tr.FirstTableReference, tr.SecondTableReference), read)
            elif kind == "JoinParenthesisTableReference":
                plain &= self._read((tr.Join,), read)
            else:
                plain = False
        return plain

    def changed(self, spec: Any, columns: list[str] | None) -> None:
        """Tells of what an UPDATE of columns, or a DELETE (None), cannot change."""
        target = spec.Target
        if type(target).__name__ != "NamedTableReference":
            return
        ids, read = target.SchemaObject.Identifiers, dict[str, Change]()
        if spec.FromClause is not None:
            self._read(spec.FromClause.TableReferences, read)
        alias = ids[0].Value.lower()
        found = read.get(alias) if ids.Count == 1 else None
        found = found or self.change(self.name(target.SchemaObject))
        if found is None:
            return
        shown = self.short(target)
        if found.grouped:
            self.tell(spec, 4403, f"{shown} has groups, DISTINCT or UNION: nothing is changed through it")
        elif columns is None and not found.deletes:
            self.tell(spec, 4405, f"DELETE through {shown}, whose rows are not those of one table")
        paths = {found.columns[c] for c in columns or () if found.columns.get(c) is not None}
        if len(paths) > 1:
            self.tell(spec, 4405, f"UPDATE of columns of several tables through {shown}")
        for c in columns or ():
            if not found.grouped and c in found.columns and found.columns[c] is None:
                self.tell(spec, 4406, f"{c} of {shown} is derived")
