"""SELECT: columns and types of queries, and what a server says of their clauses."""

from __future__ import annotations

from typing import Any

from tests.sqlserver.oracle.lint.base import Base, Row
from tests.sqlserver.oracle.lint.sqltypes import INTS, NULL, of_type
from tests.sqlserver.oracle.lint.trees import Scope, children


class Queries(Base):
    """Queries, sub-queries and what they read from."""

    def ctes(self, s: Any, scope: Scope) -> None:
        w = getattr(s, "WithCtesAndXmlNamespaces", None)
        if w is None:
            return
        for c in w.CommonTableExpressions:
            out = self.query(c.QueryExpression, scope)
            names = [x.Value.lower() for x in c.Columns]
            if out is None:
                scope.ctes[c.ExpressionName.Value.lower()] = None
            else:
                scope.ctes[c.ExpressionName.Value.lower()] = (
                    dict(zip(names, (ty for _, ty in out), strict=False)) if names else {a: ty for a, ty in out if a}
                )

    def select(self, s: Any, scope: Scope) -> Row:
        self.ctes(s, scope)
        return self.query(s.QueryExpression, scope, top=True)

    def query(self, q: Any, outer: Scope, top: bool = False, single: bool = False) -> Row:
        """[(name, type)] of the columns, or None."""
        kind = type(q).__name__
        if kind == "QueryParenthesisExpression":
            return self.query(q.QueryExpression, outer, single=single)
        if kind == "BinaryQueryExpression":
            a, b = self.query(q.FirstQueryExpression, outer), self.query(q.SecondQueryExpression, outer)
            if a is None or b is None:
                return a
            if len(a) != len(b):
                self.tell(q, 205, f"{len(a)} and {len(b)} columns in a {q.BinaryQueryExpressionType}")
                return a
            out = []
            for (name, x), (other, y) in zip(a, b, strict=False):
                out.append((name, self.both(q, x, y, f"{q.BinaryQueryExpressionType}, column {name or other}")))
            if q.OrderByClause is not None:
                names = {n for n, _ in out}
                for e in q.OrderByClause.OrderByElements:
                    if type(e.Expression).__name__ == "ColumnReferenceExpression":
                        ids = e.Expression.MultiPartIdentifier.Identifiers
                        if ids[ids.Count - 1].Value.lower() not in names or ids.Count > 1:
                            self.tell(e, 104, "ORDER BY of a UNION names what is not in the select list")
                    elif type(e.Expression).__name__ != "IntegerLiteral":
                        self.tell(e, 104, "ORDER BY of a UNION has an expression")
            return out
        if kind != "QuerySpecification":
            return None
        scope = Scope(outer)
        if q.FromClause is not None:
            for tr in q.FromClause.TableReferences:
                self.table_reference(tr, scope)
        if q.WhereClause is not None:
            self.truth(q.WhereClause.SearchCondition, scope)
            for f in self.aggregates(q.WhereClause.SearchCondition):
                if self.local(f, scope):
                    self.tell(f, 147, "an aggregate in WHERE")
        group = []
        if q.GroupByClause is not None:
            for g in q.GroupByClause.GroupingSpecifications:
                e = g.Expression
                self.type(e, scope)
                if self.aggregates(e) or self.has(e, "ScalarSubquery"):
                    self.tell(g, 144, "an aggregate or a sub-query in GROUP BY")
                if not self.local(e, scope):
                    self.tell(g, 164, "a GROUP BY expression without a column of this query")
                group.append(self.bare(e))
        out, exprs, starred, unknown = [], [], False, False
        for e in q.SelectElements:
            k = type(e).__name__
            if k == "SelectScalarExpression":
                ty = self.type(e.Expression, scope)
                name = e.ColumnName.Value.lower() if e.ColumnName is not None else None
                if name is None and type(e.Expression).__name__ == "ColumnReferenceExpression":
                    ids = e.Expression.MultiPartIdentifier.Identifiers
                    name = ids[ids.Count - 1].Value.lower()
                out.append((name, ty))
                exprs.append(e.Expression)
            elif k == "SelectStarExpression":
                starred = True
                want = None
                if e.Qualifier is not None:
                    ids = e.Qualifier.Identifiers
                    want = ids[ids.Count - 1].Value.lower()
                for alias, columns in scope.sources:
                    if want is None or alias == want:
                        if columns is None:
                            unknown = True
                        else:
                            out += list(columns.items())
            elif k == "SelectSetVariable":
                got = self.type(e.Expression, scope)
                self.assigned(e.Expression, got, scope.variables.get(e.Variable.Name.lower()), e.Variable.Name)
                exprs.append(e.Expression)
        if q.HavingClause is not None:
            self.truth(q.HavingClause.SearchCondition, scope)
        order = list(q.OrderByClause.OrderByElements) if q.OrderByClause is not None else []
        names = {n for n, _ in out if n}
        for e in order:
            x = e.Expression
            if type(x).__name__ == "ColumnReferenceExpression":
                ids = x.MultiPartIdentifier.Identifiers
                if ids.Count == 1 and ids[0].Value.lower() in names:
                    continue
            self.type(x, scope)
            if self.constant(x) and type(x).__name__ != "IntegerLiteral":
                self.tell(e, 408, "a constant in ORDER BY")
            elif type(x).__name__ == "VariableReference":
                self.tell(e, 1008, "a variable in ORDER BY")
        found = [f for x in exprs for f in self.aggregates(x)]
        found += [f for e in order for f in self.aggregates(e.Expression)]
        if q.HavingClause is not None:
            found += self.aggregates(q.HavingClause.SearchCondition)
        for f in found:
            self.outer_in_aggregate(f, scope)
        if q.WhereClause is not None:
            for f in self.aggregates(q.WhereClause.SearchCondition):
                self.tell(f, 147, "an aggregate in WHERE")
        if group or found or q.HavingClause is not None or q.GroupByClause is not None:
            if starred:
                self.tell(q, 8120, "a star in a query with groups")
            for x in exprs:
                self.grouped(x, scope, group, 8120, "the select list")
            if q.HavingClause is not None:
                self.grouped(q.HavingClause.SearchCondition, scope, group, 8121, "HAVING")
            aliases = {n for n, _ in out if n}
            for e in order:
                x = e.Expression
                if (
                    type(x).__name__ == "ColumnReferenceExpression"
                    and x.MultiPartIdentifier.Identifiers.Count == 1
                    and x.MultiPartIdentifier.Identifiers[0].Value.lower() in aliases
                ):
                    continue
                self.grouped(x, scope, group, 8127, "ORDER BY")
        if q.UniqueRowFilter is not None and str(q.UniqueRowFilter) == "Distinct" and order:
            chosen = {self.bare(x) for x in exprs} | {n for n, _ in out if n} | {f"[{n}]" for n, _ in out if n}
            for e in order:
                if (
                    not starred
                    and self.bare(e.Expression) not in chosen
                    and type(e.Expression).__name__ != "IntegerLiteral"
                ):
                    self.tell(e, 145, "ORDER BY of a SELECT DISTINCT names what is not in the select list")
        if q.TopRowFilter is not None:
            ty = self.type(q.TopRowFilter.Expression, scope)
            if q.TopRowFilter.WithTies and not order:
                self.tell(q, 1062, "TOP WITH TIES without ORDER BY")
            if ty and not q.TopRowFilter.Percent and ty[0] not in INTS and ty != NULL:
                self.tell(q.TopRowFilter, 1060, f"TOP of type {ty[0]}")
        if single and len(out) != 1 and not unknown:
            self.tell(q, 116, f"a sub-query of {len(out)} columns where one is wanted")
        return None if unknown else out

    def table_reference(self, tr: Any, scope: Scope) -> None:
        kind = type(tr).__name__
        alias = tr.Alias.Value if getattr(tr, "Alias", None) is not None else None
        if kind == "NamedTableReference":
            ids = tr.SchemaObject.Identifiers
            scope.add(alias or ids[ids.Count - 1].Value, self.known(tr.SchemaObject, scope))
        elif kind == "QueryDerivedTable":
            around = Scope(scope.outer, scope.variables)
            around.ctes = scope.ctes
            if self.applying:
                around.sources = scope.sources
            out = self.query(tr.QueryExpression, around)
            names = [c.Value.lower() for c in tr.Columns]
            if out is None:
                scope.add(alias, None)
                return
            seen = set()
            for n, (own, _) in enumerate(out):
                a = names[n] if n < len(names) else own
                if not a:
                    self.tell(tr, 8155, f"no name for column {n + 1} of {alias}")
                elif a in seen:
                    self.tell(tr, 8156, f"column {a} is there twice in {alias}")
                seen.add(a)
            named = zip(names, (ty for _, ty in out), strict=False) if names else ((a, ty) for a, ty in out if a)
            scope.add(alias, dict(named))
        elif kind == "InlineDerivedTable":
            names = [c.Value.lower() for c in tr.Columns]
            types = [None] * len(names)
            around = Scope(scope.outer, scope.variables)
            around.ctes, around.sources = scope.ctes, scope.sources
            for r in tr.RowValues:
                got = [self.type(v, around) for v in r.ColumnValues]
                if len(got) != len(names):
                    self.tell(tr, 10709, "rows of VALUES with other numbers of columns")
                pairs = zip(types, got, strict=False)
                types = [self.both(tr, a, b, "VALUES") if a is not None else b for a, b in pairs]
            scope.add(alias, dict(zip(names, types, strict=False)))
        elif kind == "QualifiedJoin":
            self.table_reference(tr.FirstTableReference, scope)
            self.table_reference(tr.SecondTableReference, scope)
            self.truth(tr.SearchCondition, scope)
            for f in self.aggregates(tr.SearchCondition):
                self.tell(f, 1015, "an aggregate in ON")
        elif kind == "UnqualifiedJoin":
            self.table_reference(tr.FirstTableReference, scope)
            apply = "Apply" in str(tr.UnqualifiedJoinType)
            self.applying += apply
            self.table_reference(tr.SecondTableReference, scope)
            self.applying -= apply
        elif kind == "JoinParenthesisTableReference":
            self.table_reference(tr.Join, scope)
        elif kind == "SchemaObjectFunctionTableReference":
            name = self.name(tr.SchemaObject)
            u = self.modules.get(name)
            got = [self.type(p, scope) for p in tr.Parameters]
            if u is not None and hasattr(u.node, "Parameters"):
                wanted = [of_type(p.DataType) for p in u.node.Parameters]
                if len(wanted) != len(got):
                    self.tell(tr, 313, f"{name} takes {len(wanted)} arguments, {len(got)} are given")
                for p, a, b in zip(tr.Parameters, got, wanted, strict=False):
                    self.assigned(p, a, b, f"argument of {name}")
            scope.add(alias or tr.SchemaObject.BaseIdentifier.Value, self.columns_of(name))
        else:
            scope.add(alias, None)
            for x in children(tr, self.net):
                if "TableReference" in type(x).__name__:
                    self.table_reference(x, Scope(scope.outer, scope.variables))
