"""What may be persisted or indexed ("Deterministic and nondeterministic functions", "Indexes on computed columns")."""

from __future__ import annotations

from typing import Any

from tests.sqlserver.oracle.lint.base import Base
from tests.sqlserver.oracle.lint.sqltypes import DATES, TEXTS, Type, of_type
from tests.sqlserver.oracle.lint.trees import Scope, children


class Determinism(Base):
    """Why an expression is not deterministic."""

    STYLES = {20, 21, 25, 120, 121, *range(101, 132)} - {106, 107, 109, 113, 130}

    def undetermined(self, node: Any, scope: Scope) -> str | None:
        """Why an expression may not be persisted or indexed ("Deterministic and nondeterministic functions")."""
        kind, types = type(node).__name__, []
        if kind == "FunctionCall":
            name = node.FunctionName.Value.upper()
            if name in (
                "GETDATE",
                "SYSDATETIME",
                "GETUTCDATE",
                "SYSUTCDATETIME",
                "NEWID",
                "RAND",
                "DATENAME",
                "FORMAT",
                "SUSER_SNAME",
                "USER_NAME",
                "HOST_NAME",
                "ISDATE",
                "NEWSEQUENTIALID",
            ):
                return f"{name} is not deterministic"
            params = list(node.Parameters)
            if name in ("DATEPART",) and self.bare(params[0]) in ("week", "wk", "ww", "weekday", "dw", "w"):
                return f"{self.short(node)} depends on DATEFIRST"
            if name in ("DATEADD", "DATEDIFF", "DATEPART", "DATEDIFF_BIG"):
                types = [self.quiet(p, scope) for p in params[1:]]
                if name == "DATEADD":
                    types = types[1:]
            elif name in ("YEAR", "MONTH", "DAY"):
                types = [self.quiet(p, scope) for p in params]
            if any(t and t[0] in TEXTS for t in types):
                return f"text becomes a date by itself in {self.short(node)}"
            if name in (
                "CONCAT",
                "UPPER",
                "LOWER",
                "LTRIM",
                "RTRIM",
                "REPLACE",
                "LEN",
                "CHARINDEX",
                "SUBSTRING",
                "REVERSE",
            ) and any((t := self.quiet(p, scope)) and t[0] in DATES for p in params):
                return f"a date becomes text by itself in {self.short(node)}"
        elif kind in ("LeftFunctionCall", "RightFunctionCall"):
            if (t := self.quiet(node.Parameters[0], scope)) and t[0] in DATES:
                return f"a date becomes text by itself in {self.short(node)}"
        elif kind in ("ConvertCall", "TryConvertCall", "CastCall", "TryCastCall"):
            a, b = self.quiet(node.Parameter, scope), of_type(node.DataType)
            style = getattr(node, "Style", None)
            if a and b and ((a[0] in TEXTS and b[0] in DATES) or (a[0] in DATES and b[0] in TEXTS)):
                number = int(style.Value) if type(style).__name__ == "IntegerLiteral" else None
                if number not in self.STYLES:
                    return f"{self.short(node)} has style {number}"
        elif kind in ("BooleanComparisonExpression", "BinaryExpression", "NullIfExpression"):
            types = [self.quiet(node.FirstExpression, scope), self.quiet(node.SecondExpression, scope)]
        elif kind == "BooleanTernaryExpression":
            types = [self.quiet(x, scope) for x in (node.FirstExpression, node.SecondExpression, node.ThirdExpression)]
        elif kind == "InPredicate":
            types = [self.quiet(x, scope) for x in (node.Expression, *node.Values)]
        elif kind == "CoalesceExpression":
            types = [self.quiet(x, scope) for x in node.Expressions]
        elif kind == "SearchedCaseExpression":
            types = [self.quiet(w.ThenExpression, scope) for w in node.WhenClauses] + [
                self.quiet(node.ElseExpression, scope) if node.ElseExpression is not None else None
            ]
        elif kind == "ParameterlessCall":
            return f"{self.short(node)} is not deterministic"
        if any(t and t[0] in DATES for t in types) and any(t and t[0] in TEXTS for t in types):
            return f"text becomes a date by itself in {self.short(node)}"
        for x in children(node, self.net):
            if "DataType" not in type(x).__name__ and (why := self.undetermined(x, scope)):
                return why
        return None

    def quiet(self, node: Any, scope: Scope) -> Type:
        """A type without a word about it."""
        kept, self.say = self.say, lambda *a: None
        try:
            return self.type(node, scope)
        finally:
            self.say = kept
