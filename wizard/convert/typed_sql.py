"""Typed T-SQL, which the translation of expressions gives, and the scope that resolves names for it.

`wizard.convert.expressions` translates; queries, rules, defaults and calculated columns each bring a scope.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from sqlglot import exp

from wizard.convert.dialect.nodes import Bang
from wizard.convert.tree import SqlNode
from wizard.definitions import ColumnType
from wizard.messages import Place

SHORT_INTEGERS: Final = frozenset({ColumnType.BYTE, ColumnType.INTEGER})
INTEGERS: Final = SHORT_INTEGERS | {ColumnType.LONG, ColumnType.BIGINT}
FLOATS: Final = frozenset({ColumnType.SINGLE, ColumnType.DOUBLE})
NUMBERS: Final = INTEGERS | FLOATS | {ColumnType.CURRENCY, ColumnType.DECIMAL}
TEXTS: Final = frozenset({ColumnType.TEXT, ColumnType.MEMO})
DATES: Final = frozenset({ColumnType.DATE, ColumnType.DATE_EXTENDED})


class ExpressionUse(StrEnum):
    """Where an expression will stand; a rule and a computed column cannot have sub-queries, for one."""

    QUERY = "query"
    CHECK = "check"
    DEFAULT = "default"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Typed:
    """A T-SQL value with its Access type. A BOOLEAN is a bit there (1 and 0), a DATE is datetime or datetime2.

    `type` is UNKNOWN where nothing is known of it (NULL, an undeclared parameter). What its tree holds (columns,
    sub-queries, aggregates, what is random, levels of CASE) `node.facts` says.
    """

    node: SqlNode
    """an operand as it stands, with its own parentheses where it needs them"""
    type: ColumnType
    nullable: bool = True
    length: int = 0
    """characters of text where they are known, else 0"""
    constant: object = None
    """the Python value (str, int, float, Decimal, bool, datetime) where the expression is a literal"""
    shown: SqlNode | None = None
    """its text, where that is not what its type says: of `Nz([Placed], 0)`, a date, 0 is shown as 0"""
    dated: bool = False
    """whether it is such a text, of a date among numbers"""
    grown: bool = False
    """whether it is calculated from Longs, and a Double in Access where no Long holds it"""

    @property
    def is_null(self) -> bool:
        """Whether it is a NULL that is written out."""
        return self.node == NULL_NODE


NULL_NODE: Final = SqlNode(("NULL",))


@dataclass(frozen=True, slots=True)
class GroupEdge:
    """The first (or last) row of a group: that whose `number` is 1. `any`: all rows of any group certainly agree.

    Where there is neither, nothing says which row comes first.
    """

    number: SqlNode | None = None
    any: bool = False


class NameScope(Protocol):
    """What a translation asks of its surroundings. Every method may raise ConversionError."""

    @property
    def use(self) -> ExpressionUse:
        """What expressions are translated for."""

    @property
    def names(self) -> frozenset[str]:
        """The names of its own sources."""
        ...

    def column(self, node: exp.Column) -> Typed:
        """The value of a column reference (or of a name that is a parameter)."""
        ...

    def parameter(self, node: Bang) -> Typed:
        """The value of a reference out of the query, such as `[Forms]![F]![C]`."""
        ...

    def rows(self, query: exp.Expr) -> Typed:
        """A sub-query, with the type of its first output column."""
        ...

    def domain(self, name: str) -> tuple[Callable[[], SqlNode], NameScope]:
        """For DLookup and the other domain functions: a table or view as it stands in FROM, and the scope of its
        columns.

        What stands in FROM is asked for last: columns that the scope has been asked for may be joined to it.
        """
        ...

    def row_order(self, node: exp.Anonymous, *, last: bool) -> tuple[SqlNode, ...]:
        """What sorts the rows of a domain as Access reads them, or from the last on; empty where nothing is known."""
        ...

    def beside(self, value: Typed, node: exp.Expr) -> Typed:
        """The value as a column computed beside the sources, for an aggregate, which takes no sub-query."""
        ...

    def reads_outer(self, node: SqlNode) -> bool:
        """Whether it reads a column of a query around, which an aggregate takes only where it is the one column it
        reads (message 8124), and then belongs to that query."""
        ...

    def known(self, node: exp.Expr, *, aggregated: bool) -> Typed | None:
        """The value of an expression that is grouped by, here (unless within an aggregate) or in a query around."""
        ...

    def edge(self, node: exp.Expr, *, last: bool) -> GroupEdge:
        """Which row's value of the expression is its group's first (or last)."""
        ...

    def own(self, node: exp.Anonymous, walker: Walker) -> Typed | None:
        """A call of a VBA function of the database's own; None where there is none of that name, or none may stand."""
        ...

    def place(self, node: exp.Expr) -> Place:
        """Where the node stands, for messages."""
        ...

    def note(self, number: int, node: exp.Expr, **facts: Any) -> None:
        """Note a message about the node."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """A T-SQL search condition with its own parentheses; `nullable` where it can be unknown."""

    node: SqlNode
    nullable: bool = True
    opposite: SqlNode | None = None
    """the negation, where there is a better one than NOT before it"""


class Walker(Protocol):
    """What operators and functions need of the translation they are part of."""

    @property
    def scope(self) -> NameScope:
        """What resolves names."""

    def walk(self, node: exp.Expr) -> Typed | Condition:
        """The node as what it is in T-SQL: a value or a condition."""
        ...

    def value(self, node: exp.Expr) -> Typed:
        """The node as a value; a condition becomes a bit."""
        ...

    def condition(self, node: exp.Expr) -> Condition:
        """The node as a condition; a value is true where it is not 0."""
        ...

    def known(self, node: exp.Expr) -> Typed | None:
        """The value of an expression that is there already: one that is grouped by."""
        ...

    def aggregating(self) -> Walker:
        """The same for the argument of an aggregate, which takes no sub-query."""
        ...

    def within(self, scope: NameScope) -> Walker:
        """The same for another scope: that of a domain function's table."""
        ...
