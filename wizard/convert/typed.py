"""What the translation of expressions gives and needs: typed T-SQL, and the scope that resolves names.

`wizard.convert.expressions` translates; queries, rules, defaults and calculated columns each bring a scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlglot import exp

from wizard.convert.dialect.nodes import Bang
from wizard.definitions import ColumnType
from wizard.messages import Place


class Use(StrEnum):
    """Where an expression will stand; a rule and a computed column cannot have sub-queries, for one."""

    QUERY = "query"
    CHECK = "check"
    DEFAULT = "default"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Typed:
    """A T-SQL value with its Access type. A BOOLEAN is a bit there (1 and 0), a DATE is datetime or datetime2.

    `type` is UNKNOWN where nothing is known of it (NULL, an undeclared parameter).
    """

    sql: str
    """the text; an operand as it stands, with its own parentheses where it needs them"""
    type: ColumnType
    nullable: bool = True
    length: int = 0
    """characters of text where they are known, else 0"""
    constant: object = None
    """the Python value (str, int, float, Decimal, bool, datetime) where the expression is a literal"""

    @property
    def expression(self) -> exp.Expression:
        """The text as a node that every generator of sqlglot writes as it stands."""
        return exp.Var(this=self.sql)


class Scope(Protocol):
    """What a translation asks of its surroundings. Every method may raise ConversionError."""

    @property
    def use(self) -> Use: ...

    def column(self, node: exp.Column) -> Typed:
        """The value of a column reference (or of a name that is a parameter)."""
        ...

    def parameter(self, node: Bang) -> Typed:
        """The value of a reference out of the query, such as `[Forms]![F]![C]`."""
        ...

    def rows(self, query: exp.Expr) -> tuple[str, Typed]:
        """A sub-query as T-SQL without parentheses, and its first output column (whose `sql` means nothing)."""
        ...

    def domain(self, name: str) -> tuple[str, Scope]:
        """For DLookup and its kin: the quoted name of a table or view, and the scope of its columns."""
        ...

    def beside(self, value: Typed, node: exp.Expr) -> Typed:
        """The value of a sub-query as a column computed beside the sources: an aggregate takes no sub-query."""
        ...

    def edge(self, node: exp.Expr, *, last: bool) -> str | None:
        """The number, as T-SQL, that is 1 in the row whose value of the expression is its group's first (or last).

        Empty where all rows of any group certainly give one value; None where nothing says which row comes first.
        """
        ...

    def place(self, node: exp.Expr) -> Place:
        """Where the node stands, for messages."""
        ...

    def tell(self, number: int, node: exp.Expr, **facts: Any) -> None:
        """Note a message about the node."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """A T-SQL search condition with its own parentheses; `nullable` where it can be unknown."""

    sql: str
    nullable: bool = True
    opposite: str = ""
    """the negation, where there is a better one than NOT before it"""


class Walker(Protocol):
    """What operators and functions need of the translation they are part of."""

    @property
    def scope(self) -> Scope: ...

    def walk(self, node: exp.Expr) -> Typed | Condition:
        """The node as what it is in T-SQL: a value or a condition."""
        ...

    def value(self, node: exp.Expr) -> Typed:
        """The node as a value; a condition becomes a bit."""
        ...

    def condition(self, node: exp.Expr) -> Condition:
        """The node as a condition; a value is true where it is not 0."""
        ...

    def aggregating(self) -> Walker:
        """The same for the argument of an aggregate, which takes no sub-query."""
        ...

    def within(self, scope: Scope) -> Walker:
        """The same for another scope: that of a domain function's table."""
        ...
