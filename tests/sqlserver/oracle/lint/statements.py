"""Modules and statements that change rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.sqlserver.oracle.lint.base import Base, Table, Temp
from tests.sqlserver.oracle.lint.sqltypes import DATES, NUMBERS, TEXTS, Type, clash, of_type, reads_as
from tests.sqlserver.oracle.lint.trees import Columns, Scope, children


class Statements(Base):
    """Views, functions, procedures, and the statements in them."""

    def columns_of(self, name: str) -> Columns:
        """{column: type} of a table, view or function; None where it is not known."""
        name = name.lower()
        if name in self.tables:
            return self.tables[name].columns
        if name in self.done:
            return self.done[name]
        u = self.modules.get(name)
        if u is None:
            return None
        self.done[name] = None
        kept, self.unit = self.unit, u
        try:
            n, kind = u.node, type(u.node).__name__
            variables = {}
            for p in n.Parameters if hasattr(n, "Parameters") else ():
                variables[p.VariableName.Value.lower()] = of_type(p.DataType)
            if "View" in kind:
                out = self.select(n.SelectStatement, Scope(None, {}))
                names = [c.Value.lower() for c in n.Columns]
                if out is not None:
                    if names:
                        out = [(a, ty) for a, (_, ty) in zip(names, out, strict=False)]
                    self.done[name] = {a: ty for a, ty in out if a}
                    if len(out) > 1024:
                        self.tell(n, 4505, f"{len(out)} columns")
            elif "Function" in kind and type(n.ReturnType).__name__ == "SelectFunctionReturnType":
                out = self.select(n.ReturnType.SelectStatement, Scope(None, variables))
                if out is not None:
                    self.done[name] = {a: ty for a, ty in out if a}
                for x in self.side_effects(n.ReturnType.SelectStatement):
                    self.tell(
                        x,
                        443,
                        f"invalid use of the side-effecting operator '{x.FunctionName.Value.lower()}' within "
                        "a function",
                    )
            elif n.StatementList is not None:
                for x in self.side_effects(n.StatementList) if "Function" in kind else ():
                    self.tell(x, 443, f"{x.FunctionName.Value.lower()} within a function")
                temp = {}
                for s in n.StatementList.Statements:
                    self.statement(s, Scope(None, variables), temp)
        finally:
            self.unit = kept
        return self.done.get(name)

    def side_effects(self, node: Any) -> Iterator[Any]:
        if type(node).__name__ == "FunctionCall" and node.FunctionName.Value.upper() in (
            "NEWID",
            "RAND",
            "NEWSEQUENTIALID",
        ):
            yield node
        for x in children(node, self.net):
            yield from self.side_effects(x)

    def statement(self, s: Any, scope: Scope, temp: Temp) -> None:
        kind = type(s).__name__
        again = lambda x: self.statement(x, scope, temp)  # noqa: E731
        if kind == "BeginEndBlockStatement":
            for x in s.StatementList.Statements:
                again(x)
        elif kind == "TryCatchStatement":
            for x in (*s.TryStatements.Statements, *s.CatchStatements.Statements):
                again(x)
        elif kind == "IfStatement":
            self.truth(s.Predicate, self.over(scope, temp))
            again(s.ThenStatement)
            if s.ElseStatement is not None:
                again(s.ElseStatement)
        elif kind == "WhileStatement":
            self.truth(s.Predicate, self.over(scope, temp))
            again(s.Statement)
        elif kind == "DeclareVariableStatement":
            for d in s.Declarations:
                scope.variables[d.VariableName.Value.lower()] = of_type(d.DataType)
                if d.Value is not None:
                    self.assigned(
                        d.Value, self.type(d.Value, self.over(scope, temp)), of_type(d.DataType), d.VariableName.Value
                    )
        elif kind == "SetVariableStatement" and s.Expression is not None:
            got = self.type(s.Expression, self.over(scope, temp))
            self.assigned(s.Expression, got, scope.variables.get(s.Variable.Name.lower()), s.Variable.Name)
        elif kind == "CreateTableStatement":
            t = {c.ColumnIdentifier.Value.lower(): of_type(c.DataType) for c in s.Definition.ColumnDefinitions}
            temp[self.name(s.SchemaObjectName)] = t
        elif kind == "SelectStatement":
            out = self.select(s, self.over(scope, temp))
            if s.Into is not None:
                name = self.name(s.Into)
                if out is None:
                    temp[name] = None
                else:
                    seen = set()
                    for a, _ in out:
                        if not a:
                            self.tell(s, 1038, "SELECT INTO: a column has no name")
                        elif a in seen:
                            self.tell(s, 2705, f"SELECT INTO: column {a} is there twice")
                        seen.add(a)
                    temp[name] = dict(out)
        elif kind == "SetIdentityInsertStatement":
            name = self.name(s.Table)
            temp["identity_insert"] = name if s.IsOn else None
        elif kind == "InsertStatement":
            self.insert(s.InsertSpecification, scope, temp)
        elif kind == "UpdateStatement":
            self.update(s, scope, temp)
        elif kind == "DeleteStatement":
            spec = s.DeleteSpecification
            inner = self.over(scope, temp)
            self.ctes(s, inner)
            self.sources(spec, inner, temp)
            self.changed(spec, None)
            if spec.WhereClause is not None:
                self.truth(spec.WhereClause.SearchCondition, inner)

    def over(self, scope: Scope, temp: Temp) -> Scope:
        inner = Scope(None, scope.variables)
        inner.ctes = {k: v for k, v in temp.items() if isinstance(v, dict) or (v is None and k != "identity_insert")}
        return inner

    def name(self, n: Any) -> str:
        parts = [i.Value.lower() for i in n.Identifiers]
        if len(parts) == 1 and not parts[0].startswith("#"):
            parts.insert(0, "dbo")
        return parts[-1] if parts[-1].startswith("#") else ".".join(f"[{p.replace(']', ']]')}]" for p in parts[-2:])

    def known(self, n: Any, scope: Scope) -> Columns:
        """The columns of what a name in FROM stands for."""
        parts = [i.Value.lower() for i in n.Identifiers]
        if len(parts) == 1 and parts[0] in scope.ctes:
            return scope.ctes[parts[0]]
        name = self.name(n)
        if name in scope.ctes:
            return scope.ctes[name]
        return self.columns_of(name)

    def sources(self, spec: Any, scope: Scope, temp: Temp) -> None:
        if spec.FromClause is not None:
            for tr in spec.FromClause.TableReferences:
                self.table_reference(tr, scope)
        else:
            target = spec.Target
            if type(target).__name__ == "NamedTableReference":
                ids = target.SchemaObject.Identifiers
                scope.add(
                    target.Alias.Value if target.Alias is not None else ids[ids.Count - 1].Value,
                    self.known(target.SchemaObject, scope),
                )

    def target(self, spec: Any, scope: Scope) -> tuple[str | None, Table | None]:
        """(name of the table, its facts) that an UPDATE changes."""
        n = spec.Target
        if type(n).__name__ != "NamedTableReference":
            return None, None
        ids = [i.Value for i in n.SchemaObject.Identifiers]
        if len(ids) == 1 and spec.FromClause is not None:
            found = self.named(spec.FromClause.TableReferences, ids[0].lower())
            if found is not None:
                return self.name(found.SchemaObject), self.tables.get(self.name(found.SchemaObject))
        return self.name(n.SchemaObject), self.tables.get(self.name(n.SchemaObject))

    def named(self, nodes: Any, alias: str) -> Any:
        for n in nodes:
            if type(n).__name__ == "NamedTableReference":
                ids = n.SchemaObject.Identifiers
                if (n.Alias.Value if n.Alias is not None else ids[ids.Count - 1].Value).lower() == alias:
                    return n
            found = self.named(list(children(n, self.net)), alias)
            if found is not None:
                return found
        return None

    def insert(self, spec: Any, scope: Scope, temp: Temp) -> None:
        if type(spec.Target).__name__ != "NamedTableReference":
            return
        name = self.name(spec.Target.SchemaObject)
        t, inner = self.tables.get(name), self.over(scope, temp)
        columns = [
            c.MultiPartIdentifier.Identifiers[c.MultiPartIdentifier.Count - 1].Value.lower() for c in spec.Columns
        ]
        if t is not None and columns:
            for c in columns:
                if c == t.identity and temp.get("identity_insert") != name:
                    self.tell(spec, 544, f"INSERT of the identity column {c} without IDENTITY_INSERT")
                if c == t.rowversion:
                    self.tell(spec, 273, f"INSERT of the rowversion column {c}")
                if c in t.computed:
                    self.tell(spec, 271, f"INSERT of the computed column {c}")
            if t.identity and t.identity not in columns and temp.get("identity_insert") == name:
                self.tell(spec, 545, f"IDENTITY_INSERT is on and no value is given for {t.identity}")
            for c in t.columns:
                if (
                    c not in columns
                    and not t.nullable.get(c, True)
                    and c not in t.default
                    and c not in (t.identity, t.rowversion)
                    and c not in t.computed
                ):
                    self.tell(spec, 515, f"INSERT leaves out {c}, which is NOT NULL and has no default", "warning")
        source, kind = spec.InsertSource, type(spec.InsertSource).__name__
        rows = []
        if kind == "SelectInsertSource":
            out = self.query(source.Select, inner)
            rows = [[(source.Select, ty) for _, ty in out]] if out is not None else []
        elif kind == "ValuesInsertSource":
            rows = [[(v, self.type(v, inner)) for v in r.ColumnValues] for r in source.RowValues]
        for row in rows:
            if columns and len(row) != len(columns):
                self.tell(spec, 109, f"{len(columns)} columns, {len(row)} values")
            elif t is not None:
                for c, (node, ty) in zip(columns, row, strict=False):
                    self.assigned(node, ty, t.columns.get(c), c)

    def update(self, s: Any, scope: Scope, temp: Temp) -> None:
        spec, inner = s.UpdateSpecification, self.over(scope, temp)
        self.ctes(s, inner)
        self.sources(spec, inner, temp)
        name, t = self.target(spec, inner)
        set_columns = [s.Column.MultiPartIdentifier for s in spec.SetClauses if getattr(s, "Column", None) is not None]
        self.changed(spec, [c.Identifiers[c.Count - 1].Value.lower() for c in set_columns])
        for set_ in spec.SetClauses:
            if type(set_).__name__ != "AssignmentSetClause" or set_.NewValue is None:
                continue
            got = self.type(set_.NewValue, inner)
            if set_.Column is not None and t is not None:
                c = set_.Column.MultiPartIdentifier
                c = c.Identifiers[c.Count - 1].Value.lower()
                if c == t.identity:
                    self.tell(set_, 8102, f"UPDATE of the identity column {c}")
                if c == t.rowversion:
                    self.tell(set_, 272, f"UPDATE of the rowversion column {c}")
                if c in t.computed:
                    self.tell(set_, 271, f"UPDATE of the computed column {c}")
                if c not in t.columns:
                    self.tell(set_, 207, f"UPDATE of {c}, which {name} has not")
                self.assigned(set_.NewValue, got, t.columns.get(c), c)
                if self.aggregates(set_.NewValue):
                    self.tell(set_, 157, "an aggregate in the SET list of an UPDATE")
        if spec.WhereClause is not None:
            self.truth(spec.WhereClause.SearchCondition, inner)

    def assigned(self, node: Any, got: Type, target: Type, what: Any) -> None:
        if number := clash(got, target):
            self.tell(node, number, f"{got[0]} cannot become {target[0]} by itself: {what}")
        elif got and target and got[0] in TEXTS and target[0] in NUMBERS + DATES + ("uniqueidentifier", "bit"):
            self.literal_text(node, target, what)
        elif got and target and got[0] in ("money", "smallmoney") and target[0] in TEXTS:
            self.tell(node, 257, f"{got[0]} cannot become {target[0]} by itself: {what}", "warning")

    def literal_text(self, node: Any, target: Type, what: Any) -> None:
        n = node
        while type(n).__name__ == "ParenthesisExpression":
            n = n.Expression
        if type(n).__name__ == "StringLiteral":
            if not reads_as(n.Value, target[0]):
                self.tell(
                    node,
                    {"uniqueidentifier": 8169}.get(target[0], 241 if target[0] in DATES else 245),
                    f"{n.Value!r} is no {target[0]}: {what}",
                )
        else:
            self.tell(
                node, 245, f"text becomes {target[0]} by itself, and fails in rows where it is none: {what}", "warning"
            )

    # queries
