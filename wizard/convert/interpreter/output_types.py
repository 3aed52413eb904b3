"""What is known of an output column's type from its expression alone: whether it is text, above all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.interpreter.expressions import function_name
from wizard.definitions import ColumnType

if TYPE_CHECKING:
    from wizard.convert.interpreter.scopes import SelectScope

TEXTS: Final = (ColumnType.TEXT, ColumnType.MEMO)
_TEXTUAL: Final = """
    format left right mid ucase lcase trim ltrim rtrim chr chrw string space strreverse strconv replace str cstr hex oct
    monthname weekdayname typename partition formatnumber formatcurrency formatpercent formatdatetime hyperlinkpart
    stringfromguid date$ time$
    """
_TEXT_FUNCTIONS: Final = frozenset(_TEXTUAL.split())
_KEEPING: Final = frozenset(["min", "max", "first", "last"])
_TESTS: Final = (
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Is, exp.Like, exp.Exists, nodes.ALike,
)  # fmt: skip
_CHOICES: Final = {"iif": 1, "nz": 0, "choose": 1}
"""functions that give one of their arguments, and the first of these"""


_CONSTANTS: Final[tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], ColumnType], ...]] = (
    (exp.DPipe, ColumnType.TEXT),
    (nodes.DateLiteral, ColumnType.DATE),
    ((exp.Boolean, *_TESTS), ColumnType.BOOLEAN),
)


def kind_of(node: exp.Expr, scope: SelectScope) -> ColumnType:
    """The type of an expression's values; UNKNOWN where only the values show it."""
    node = node.unnest()
    if isinstance(node, exp.Column):
        found = scope.find(node)
        leaf = scope.leaves[found.leaf] if found is not None else None
        return leaf.kinds[leaf.slots[found.slot]] if leaf and found else ColumnType.UNKNOWN
    if isinstance(node, exp.Literal):
        return ColumnType.TEXT if node.is_string else ColumnType.DOUBLE
    if isinstance(node, exp.Anonymous):
        return _call_kind(node, scope)
    return next((kind for types, kind in _CONSTANTS if isinstance(node, types)), ColumnType.UNKNOWN)


def _call_kind(node: exp.Anonymous, scope: SelectScope) -> ColumnType:
    name = function_name(node)
    if name in _TEXT_FUNCTIONS:
        return ColumnType.TEXT
    if name in _KEEPING and node.expressions:
        return kind_of(node.expressions[0], scope)
    if name in _CHOICES:
        kinds = {kind_of(a, scope) for a in node.expressions[_CHOICES[name] :] if not isinstance(a, exp.Null)}
        if any(k in TEXTS for k in kinds):
            return ColumnType.TEXT
        return kinds.pop() if len(kinds) == 1 else ColumnType.UNKNOWN
    return ColumnType.UNKNOWN
