"""What an expression of Access SQL names (its columns, its aggregates), and whether two of them say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from wizard.convert.dialect import nodes, to_access
from wizard.convert.functions import find
from wizard.convert.typed_sql import Typed


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a call is of an aggregate function."""
    found = find(node.name) if isinstance(node, exp.Anonymous) else None
    return bool(found and found.aggregate)


def aggregates(node: exp.Expr | None) -> list[exp.Anonymous]:
    """The aggregate calls of an expression, those of its sub-queries not counted."""
    return [n for n in _own(node) if isinstance(n, exp.Anonymous) and is_aggregate(n)]


def own_columns(node: exp.Expr | None) -> list[exp.Column]:
    """The columns an expression names, those of its sub-queries not counted."""
    return [n for n in _own(node) if isinstance(n, exp.Column)]


def _own(node: exp.Expr | None) -> Iterator[exp.Expr]:
    inner = (exp.Subquery, exp.Select, exp.Union)
    if node is not None:
        yield from node.walk(prune=lambda n: isinstance(n, inner))


class ExpressionNumbers:
    """Numbers for the expressions of one SELECT, the same for those that say the same.

    Parentheses, the case of names, and whether a column's source is named do not count; sub-queries are taken as they
    are written. `find` gives the alias and the name of the column that is meant, None where it is of no source.
    """

    def __init__(self, find: Callable[[exp.Column], tuple[str, str] | None]) -> None:
        self._find = find
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[int, tuple[exp.Expr, int]] = {}

    def number(self, node: exp.Expr) -> int:
        """Raises ConversionError where a column may be of two sources."""
        node = node.unnest()
        known = self._known.get(id(node))
        if known is None:
            key = self._key(node)
            known = self._known[id(node)] = (node, self._numbers.setdefault(key, len(self._numbers)))
        return known[1]

    def _key(self, node: exp.Expr) -> tuple[object, ...]:
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, nodes.Bang) and len(node.expressions) == 2:
            table, column = node.expressions
            return self._column(exp.Column(this=column.copy(), table=table.copy()))
        if isinstance(node, exp.Subquery | exp.Select | exp.Union):
            return "query", to_access(node).casefold()
        if isinstance(node, exp.Literal):
            return "text" if node.is_string else "number", node.name
        return type(node), *((name, self._argument(v)) for name, v in node.args.items() if v not in (None, False, []))

    def _column(self, node: exp.Column) -> tuple[object, ...]:
        found = self._find(node)
        return found or ("", to_access(node).casefold())

    def _argument(self, value: object) -> object:
        if isinstance(value, exp.Expression):
            return self.number(value)
        if isinstance(value, list):
            return tuple(self._argument(v) for v in value)
        return value.casefold() if isinstance(value, str) else value


@dataclass
class GroupBy:
    """What a SELECT groups by and what became of it; columns, which are themselves everywhere, are not kept."""

    essences: ExpressionNumbers
    _values: dict[int, Typed] = field(default_factory=dict)
    _kinds: set[type] = field(default_factory=set)

    def add(self, node: exp.Expr, value: Typed) -> None:
        """Group by an expression whose value is known."""
        bare = node.unnest()
        if not isinstance(bare, exp.Column):
            self._kinds.add(type(bare))
            self._values[self.essences.number(bare)] = value

    @property
    def any(self) -> bool:
        """Whether anything but columns is grouped by."""
        return bool(self._values)

    def may_have(self, node: exp.Expr) -> bool:
        """Whether it is worth a closer look."""
        return type(node.unnest()) in self._kinds

    def value(self, node: exp.Expr) -> Typed | None:
        """The value of an expression that is grouped by."""
        return self._values.get(self.essences.number(node)) if self.may_have(node) else None
