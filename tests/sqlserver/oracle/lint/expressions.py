"""Types of expressions ("Data type precedence", "Data type conversion")."""

from __future__ import annotations

from typing import Any

from tests.sqlserver.oracle.lint.base import Base
from tests.sqlserver.oracle.lint.sqltypes import (
    APPROX,
    BYTES,
    DATES,
    INTS,
    MAX,
    NEW_DATES,
    NULL,
    NUMBERS,
    OLD_DATES,
    TEXTS,
    Type,
    clash,
    explicit,
    of_type,
    reads_as,
    stronger,
)
from tests.sqlserver.oracle.lint.trees import Scope, children


class Expressions(Base):
    """Everything that has a value, calls aside."""

    def both(self, node: Any, a: Type, b: Type, what: Any) -> Type:
        """The type of what is either; tells of types that do not go together."""
        out = stronger(a, b)
        if a and b and out and a != NULL and b != NULL and a[0] != b[0]:
            what = what() if callable(what) else what
            low = b if out[0] == a[0] else a
            if number := clash(low, out):
                self.tell(node, 206 if number == 206 else number, f"{a[0]} and {b[0]} do not go together: {what}")
            elif low[0] in TEXTS and len(low) > 2:
                if not reads_as(low[2], out[0]):
                    self.tell(
                        node,
                        {"uniqueidentifier": 8169}.get(out[0], 241 if out[0] in DATES else 245),
                        f"{low[2]!r} is no {out[0]}: {what}",
                    )
            elif low[0] in TEXTS and out[0] in NUMBERS + DATES + ("bit", "uniqueidentifier"):
                self.tell(
                    node, 245, f"text becomes {out[0]} by itself, and fails in rows where it is none: {what}", "warning"
                )
        return out

    # expressions

    def type(self, e: Any, scope: Scope) -> Type:
        if e is None:
            return None
        kind = type(e).__name__
        method = getattr(self, f"t_{kind}", None)
        if method:
            return method(e, scope)
        if kind.endswith("Predicate") or kind.startswith("Boolean"):
            self.truth(e, scope)
            return None
        for x in children(e, self.net):
            if "Identifier" not in type(x).__name__ and "DataType" not in type(x).__name__:
                self.type(x, scope)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        return None

    def t_IntegerLiteral(self, e: Any, scope: Scope) -> Type:
        v = int(e.Value)
        return ("int",) if v < 1 << 31 else ("decimal", len(e.Value), 0)

    def t_NumericLiteral(self, e: Any, scope: Scope) -> Type:
        a, _, b = e.Value.partition(".")
        return ("decimal", len(a) + len(b), len(b))

    def t_RealLiteral(self, e: Any, scope: Scope) -> Type:
        return ("float",)

    def t_MoneyLiteral(self, e: Any, scope: Scope) -> Type:
        return ("money",)

    def t_BinaryLiteral(self, e: Any, scope: Scope) -> Type:
        return ("varbinary", max(1, (len(e.Value) - 1) // 2))

    def t_StringLiteral(self, e: Any, scope: Scope) -> Type:
        n = len(e.Value)
        if e.IsNational:
            return ("nvarchar", max(1, n) if n <= 4000 else MAX, e.Value)
        return ("varchar", max(1, n) if n <= 8000 else MAX, e.Value)

    def t_NullLiteral(self, e: Any, scope: Scope) -> Type:
        return NULL

    def t_VariableReference(self, e: Any, scope: Scope) -> Type:
        return scope.variables.get(e.Name.lower())

    def t_GlobalVariableExpression(self, e: Any, scope: Scope) -> Type:
        return ("int",)

    def t_ParenthesisExpression(self, e: Any, scope: Scope) -> Type:
        return self.type(e.Expression, scope)

    def t_ColumnReferenceExpression(self, e: Any, scope: Scope) -> Type:
        if e.MultiPartIdentifier is None:
            return None
        return scope.find([i.Value for i in e.MultiPartIdentifier.Identifiers])[1]

    def t_UnaryExpression(self, e: Any, scope: Scope) -> Type:
        ty = self.type(e.Expression, scope)
        op = str(e.UnaryExpressionType)
        if ty and op == "Negative" and ty[0] in ("bit", *DATES, *TEXTS, "uniqueidentifier"):
            self.tell(e, 8117, f"operand type {ty[0]} is invalid for the minus operator: {self.short(e)}")
        if ty and op == "Negative" and ty[0] == "tinyint":
            return ("smallint",)
        if ty and op == "BitwiseNot" and ty[0] not in (*INTS, "bit"):
            self.tell(e, 8117, f"operand type {ty[0]} is invalid for ~: {self.short(e)}")
        return ty

    def t_BinaryExpression(self, e: Any, scope: Scope) -> Type:
        a, b = self.type(e.FirstExpression, scope), self.type(e.SecondExpression, scope)
        op = str(e.BinaryExpressionType)
        if a is None or b is None:
            return None
        x, y = a[0], b[0]

        def bad(number: int = 402) -> None:
            self.tell(e, number, f"{x} {op} {y}: {self.short(e)}")

        out = stronger(a, b)
        if a == NULL or b == NULL:
            return out
        if x == y == "bit" and op in ("Add", "Subtract", "Multiply", "Divide", "Modulo"):
            bad(8117)
        elif op.startswith("Bitwise"):
            if (x in (*APPROX, "decimal", "money", *DATES, "uniqueidentifier", *TEXTS) and y not in BYTES) or y in (
                *APPROX,
                "decimal",
                "money",
                *DATES,
                "uniqueidentifier",
            ):
                bad()
        elif x in NEW_DATES or y in NEW_DATES:
            bad(206 if {x, y} & set(NUMBERS) or "bit" in (x, y) else 402 if x != y else 8117)
            return None
        elif x in OLD_DATES or y in OLD_DATES:
            if op not in ("Add", "Subtract"):
                bad(8117 if x == y else 402)
            elif x in TEXTS or y in TEXTS:
                self.tell(e, 241, f"text becomes {out[0]} by itself: {self.short(e)}", "warning")
        elif "uniqueidentifier" in (x, y):
            bad(206 if {x, y} & set(NUMBERS) else 402)
            return None
        elif x in TEXTS and y in TEXTS:
            if op != "Add":
                bad(8117)
            n = None if len(a) < 2 or len(b) < 2 or a[1] is None or b[1] is None else a[1] + b[1]
            name = "nvarchar" if "n" in (x[0], y[0]) or "sysname" in (x, y) else "varchar"
            limit = 4000 if name == "nvarchar" else 8000
            if n is not None and n >= MAX:
                n = MAX
            elif n is not None and n > limit:
                if a[1] > limit // 2 and b[1] > limit // 2:
                    self.tell(e, "CUT", f"text of up to {n} characters is cut at {limit}: {self.short(e)}", "warning")
                n = limit
            return (name, n)
        elif (x in TEXTS and y in BYTES) or (x in BYTES and y in TEXTS):
            bad()
        elif x in BYTES and y in BYTES:
            if op != "Add":
                bad(8117)
        elif x in TEXTS or y in TEXTS:
            self.tell(
                e,
                245,
                f"text becomes {out[0]} by itself, and fails in rows where it is none: {self.short(e)}",
                "warning",
            )
        elif op == "Modulo" and (x in APPROX or y in APPROX):
            bad()
        if x == y == "tinyint" and op == "Subtract":
            self.tell(
                e, 8115, f"tinyint - tinyint is tinyint: a negative result is an overflow: {self.short(e)}", "warning"
            )
        return out

    def t_CastCall(self, e: Any, scope: Scope) -> Type:
        return self.t_ConvertCall(e, scope)

    def t_TryCastCall(self, e: Any, scope: Scope) -> Type:
        return self.t_ConvertCall(e, scope)

    def t_TryConvertCall(self, e: Any, scope: Scope) -> Type:
        return self.t_ConvertCall(e, scope)

    def t_ConvertCall(self, e: Any, scope: Scope) -> Type:
        a, b = self.type(e.Parameter, scope), of_type(e.DataType)
        style = getattr(e, "Style", None)
        if style is not None:
            self.type(style, scope)
        if explicit(a, b):
            self.tell(e, 529, f"CONVERT of {a[0]} to {b[0]} is not allowed: {self.short(e)}")
        if b and b[0] in TEXTS and b[1] is None:
            b = (b[0], 30)
            if a and (a[0] in TEXTS and (a[1] is None or a[1] > 30)):
                self.tell(e, "CUT", f"CONVERT to {b[0]} without a length has 30 characters: {self.short(e)}", "warning")
        if a and b and a[0] == "uniqueidentifier" and b[0] in TEXTS and b[1] is not None and b[1] < 36:
            self.tell(e, 8170, f"a uniqueidentifier needs 36 characters: {self.short(e)}")
        if a and b and b[0] in TEXTS and b[1] is not None and b[1] < MAX and "Try" not in type(e).__name__:
            need = {"tinyint": 3, "smallint": 6, "int": 11, "bigint": 20, "bit": 1}.get(a[0])
            n = e.Parameter
            while type(n).__name__ == "ParenthesisExpression":
                n = n.Expression
            times = (
                type(n).__name__ == "BinaryExpression"
                and str(n.BinaryExpressionType) == "Multiply"
                and ("bit",) in (self.type(n.FirstExpression, scope), self.type(n.SecondExpression, scope))
                and b[1] >= 2
            )
            short = times or self.bounded(n)
            if need and b[1] < (4 if short and need > 4 else need) and not (short and b[1] >= 2):
                self.tell(
                    e, 8115, f"{a[0]} may need {need} characters, {b[0]}({b[1]}) has less: {self.short(e)}", "warning"
                )
        return b

    def bounded(self, n: Any) -> bool:
        """True for a part of a date and for what is left of a division by a small number."""
        while type(n).__name__ == "ParenthesisExpression":
            n = n.Expression
        if type(n).__name__ == "FunctionCall":
            return n.FunctionName.Value.upper() in ("DATEPART", "DAY", "MONTH", "YEAR")
        if type(n).__name__ == "BinaryExpression":
            op = str(n.BinaryExpressionType)
            if op == "Modulo":
                return type(n.SecondExpression).__name__ == "IntegerLiteral" and len(n.SecondExpression.Value) < 4
            if op in ("Add", "Subtract"):
                small = lambda x: (type(x).__name__ == "IntegerLiteral" and len(x.Value) < 4) or self.bounded(x)  # noqa: E731
                return small(n.FirstExpression) and small(n.SecondExpression)
            return op == "Divide" and self.bounded(n.FirstExpression)
        return False

    def results(self, e: Any, nodes: Any, scope: Scope, what: Any, number: int) -> Type:
        types = [self.type(n, scope) for n in nodes]
        if types and all(t == NULL for t in types):
            self.tell(e, number, f"{what}: only NULL: {self.short(e)}")
            return NULL
        out = types[0]
        for t in types[1:]:
            out = self.both(e, out, t, lambda: f"{what} {self.short(e)}")
        return out

    def t_CoalesceExpression(self, e: Any, scope: Scope) -> Type:
        return self.results(e, list(e.Expressions), scope, "COALESCE", 4127)

    def t_NullIfExpression(self, e: Any, scope: Scope) -> Type:
        a, b = self.type(e.FirstExpression, scope), self.type(e.SecondExpression, scope)
        if a == NULL:
            self.tell(e, 4151, "NULLIF of NULL")
        self.both(e, a, b, lambda: f"NULLIF {self.short(e)}")
        return a

    def t_IIfCall(self, e: Any, scope: Scope) -> Type:
        self.truth(e.Predicate, scope)
        return self.results(e, [e.ThenExpression, e.ElseExpression], scope, "IIF", 8133)

    def t_SearchedCaseExpression(self, e: Any, scope: Scope) -> Type:
        nodes = []
        for w in e.WhenClauses:
            self.truth(w.WhenExpression, scope)
            nodes.append(w.ThenExpression)
        if e.ElseExpression is not None:
            nodes.append(e.ElseExpression)
        return self.results(e, nodes, scope, "CASE", 8133)

    def t_SimpleCaseExpression(self, e: Any, scope: Scope) -> Type:
        x, nodes = self.type(e.InputExpression, scope), []
        for w in e.WhenClauses:
            self.both(e, x, self.type(w.WhenExpression, scope), lambda: f"CASE {self.short(e)}")
            nodes.append(w.ThenExpression)
        if e.ElseExpression is not None:
            nodes.append(e.ElseExpression)
        return self.results(e, nodes, scope, "CASE", 8133)

    def t_ScalarSubquery(self, e: Any, scope: Scope) -> Type:
        out = self.query(e.QueryExpression, scope, single=True)
        return out[0][1] if out else None

    def t_ParameterlessCall(self, e: Any, scope: Scope) -> Type:
        return ("datetime",) if "Timestamp" in str(e.ParameterlessCallType) else ("nvarchar", 128)
