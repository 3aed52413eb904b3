"""What shows in a statement's tree alone: levels of CASE, collations, where windows may stand, names set twice."""

from __future__ import annotations

from typing import Any, Final

from tests.sqlserver.oracle.lint.base import Base
from tests.sqlserver.oracle.lint.trees import Branch, children

_CASES: Final = (
    "SearchedCaseExpression", "SimpleCaseExpression", "CoalesceExpression", "NullIfExpression", "IIfCall",
)  # fmt: skip
_LEVELS: Final = 10
_KEEPING: Final = frozenset((
    "REPLACE", "STUFF", "SUBSTRING", "UPPER", "LOWER", "LTRIM", "RTRIM", "TRIM", "REVERSE", "REPLICATE", "CONCAT",
    "TRANSLATE", "CHOOSE", "ISNULL", "MIN", "MAX",
))  # fmt: skip
"""functions whose text has the collation of their arguments"""
_COMPARING: Final = frozenset(("CHARINDEX", "PATINDEX"))
_TEXTUAL: Final = frozenset((*_CASES, "CastCall", "ConvertCall", "TryCastCall", "TryConvertCall",
    "LeftFunctionCall", "RightFunctionCall", "ParenthesisExpression", "BinaryExpression"))  # fmt: skip
_TESTS: Final = frozenset(("BooleanComparisonExpression", "LikePredicate", "InPredicate", "BooleanTernaryExpression"))
_STYLES: Final = frozenset((*range(15), *range(20, 26), *range(100, 115), 120, 121, 126, 127, 130, 131))
"""of CONVERT between dates and texts"""


class Structure(Base):
    """Looks at whole statements, whatever they are about."""

    def structure(self, node: Any) -> None:
        """Everything below a statement."""
        whole = Branch.of(node, self.net)
        if (levels := self.levels(whole)) > _LEVELS:
            self.tell(node, 125, f"CASE within CASE, {levels} levels deep; {_LEVELS} is the limit")
        self.collated(whole)
        self._each(whole)

    def levels(self, branch: Branch) -> int:
        """Levels of CASE, and of what the server makes CASE of."""
        kind, node = branch.kind, branch.node
        own = kind in _CASES or (kind == "FunctionCall" and node.FunctionName.Value.upper() == "CHOOSE")
        return own + max(map(self.levels, branch.below), default=0)

    def collated(self, branch: Branch) -> set[str]:
        """The collations that COLLATE gives a value; tells where two meet."""
        kind, node = branch.kind, branch.node
        below: set[str] = set()
        for x in branch.below:
            found = self.collated(x)
            if found and x.kind != "Identifier":
                below |= found
        name = node.FunctionName.Value.upper() if kind == "FunctionCall" else ""
        if len(below) > 1 and (kind in _TEXTUAL | _TESTS or name in _KEEPING | _COMPARING):
            self.tell(node, 468, f"{' and '.join(sorted(below))} meet in {self.short(node)}")
            below = set()
        named = any(x.kind == "Identifier" for x in branch.below)  # an attribute that is not there takes .NET long
        own = getattr(node, "Collation", None) if named else None
        if own is not None and kind != "ColumnDefinition":
            return {str(own.Value).lower()}
        if kind.endswith(("CastCall", "ConvertCall")) and "CHAR" not in self.short(node.DataType).upper():
            return set()
        return below if kind in _TEXTUAL or name in _KEEPING else set()

    def _each(self, branch: Branch) -> None:
        kind, node = branch.kind, branch.node
        if kind in ("WhereClause", "GroupByClause", "HavingClause"):
            self._no_windows(node)
        elif kind == "QualifiedJoin":
            self._no_windows(node.SearchCondition)
        elif kind == "TopRowFilter":
            self._top(node)
        elif kind in ("UpdateSpecification", "InsertSpecification"):
            self._once(node)
        elif kind in ("ConvertCall", "TryConvertCall") and type(node.Style).__name__ == "IntegerLiteral":
            words = str(getattr(node.DataType, "SqlDataTypeOption", "")).upper()
            if ("CHAR" in words or "DATE" in words) and int(node.Style.Value) not in _STYLES:
                self.tell(node, 281, f"{node.Style.Value} is no style of CONVERT: {self.short(node)}")
        for x in branch.below:
            self._each(x)

    def _no_windows(self, node: Any) -> None:
        if type(node).__name__ == "FunctionCall" and node.OverClause is not None:
            self.tell(node, 4108, f"OVER stands in the SELECT list and ORDER BY alone: {self.short(node)}")
        if type(node).__name__ not in ("ScalarSubquery", "QuerySpecification"):
            for x in children(node, self.net):
                self._no_windows(x)

    def _top(self, node: Any) -> None:
        e = node.Expression
        while type(e).__name__ == "ParenthesisExpression":
            e = e.Expression
        if type(e).__name__ == "UnaryExpression":
            self.tell(node, 127, f"a TOP that is negative: {self.short(node)}")

    def _once(self, spec: Any) -> None:
        if type(spec).__name__ == "InsertSpecification":
            named = [c.MultiPartIdentifier for c in spec.Columns]
        else:
            sets = [s.Column for s in spec.SetClauses if type(s).__name__ == "AssignmentSetClause"]
            named = [c.MultiPartIdentifier for c in sets if c is not None]
        names = [m.Identifiers[m.Count - 1].Value.lower() for m in named]
        for name in {n for n in names if names.count(n) > 1}:
            self.tell(spec, 264, f"the column {name} is set twice")
