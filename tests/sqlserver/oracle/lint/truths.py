"""Conditions."""

from __future__ import annotations

from typing import Any

from tests.sqlserver.oracle.lint.base import Base
from tests.sqlserver.oracle.lint.sqltypes import BYTES
from tests.sqlserver.oracle.lint.trees import Scope


class Truths(Base):
    """Conditions: their parts have types that go together."""

    def truth(self, b: Any, scope: Scope) -> None:
        kind = type(b).__name__
        if kind in ("BooleanParenthesisExpression", "BooleanNotExpression"):
            self.truth(b.Expression, scope)
        elif kind == "BooleanBinaryExpression":
            self.truth(b.FirstExpression, scope)
            self.truth(b.SecondExpression, scope)
        elif kind == "BooleanComparisonExpression":
            x, y = self.type(b.FirstExpression, scope), self.type(b.SecondExpression, scope)
            self.both(b, x, y, lambda: f"comparison {self.short(b)}")
        elif kind == "BooleanTernaryExpression":
            x = self.type(b.FirstExpression, scope)
            for e in (b.SecondExpression, b.ThirdExpression):
                self.both(b, x, self.type(e, scope), lambda: f"BETWEEN {self.short(b)}")
        elif kind == "BooleanIsNullExpression":
            self.type(b.Expression, scope)
        elif kind == "LikePredicate":
            for e in (b.FirstExpression, b.SecondExpression):
                ty = self.type(e, scope)
                if ty and ty[0] in BYTES:
                    self.tell(b, 8116, f"LIKE of {ty[0]}")
        elif kind == "InPredicate":
            x = self.type(b.Expression, scope)
            if b.Subquery is not None:
                out = self.query(b.Subquery.QueryExpression, scope, single=True)
                if out:
                    self.both(b, x, out[0][1], "IN (SELECT …)")
            for v in b.Values:
                self.both(b, x, self.type(v, scope), lambda: f"IN {self.short(b)}")
        elif kind == "ExistsPredicate":
            self.query(b.Subquery.QueryExpression, scope)
        elif kind == "SubqueryComparisonPredicate":
            x = self.type(b.Expression, scope)
            out = self.query(b.Subquery.QueryExpression, scope, single=True)
            if out:
                self.both(b, x, out[0][1], "comparison with a sub-query")
