"""Which variables a condition shows not to be Null: where it is true, and where it is false."""

from __future__ import annotations

from sqlglot import exp

_TESTS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like)
_SOUND = frozenset(["isnumeric", "isdate"])


def not_null(node: exp.Expr, outcome: bool) -> set[str]:
    """Case-folded names that are not Null where the condition is true, or (`outcome` False) where it is not true."""
    node = node.unnest()
    if isinstance(node, exp.Not):
        return not_null(node.this, not outcome) if _is_sure(node.this) else set()
    if isinstance(node, exp.And if outcome else exp.Or):
        return not_null(node.this, outcome) | not_null(node.expression, outcome)
    if isinstance(node, exp.Anonymous) and len(node.expressions) == 1:
        name, bare = node.name.casefold(), _name(node.expressions[0])
        if bare and name == "isnull":
            return set() if outcome else {bare}
        return {bare} if bare and outcome and name in _SOUND else set()
    if isinstance(node, _TESTS) and outcome:
        return {n for n in (_name(node.this), _name(node.expression)) if n}
    return set()


def _is_sure(node: exp.Expr) -> bool:
    """Whether the condition is never Null itself: then what is not true is false."""
    node = node.unnest()
    if isinstance(node, exp.Anonymous):
        return node.name.casefold() in ("isnull", *_SOUND)
    if isinstance(node, exp.And | exp.Or):
        return _is_sure(node.this) and _is_sure(node.expression)
    return isinstance(node, exp.Not) and _is_sure(node.this)


def _name(node: exp.Expr) -> str:
    """The name of a variable that stands alone."""
    node = node.unnest()
    return node.name.casefold() if isinstance(node, exp.Column) and len(node.parts) == 1 else ""
