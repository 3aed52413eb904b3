"""The contract of a walk through an expression of VBA code: what the functions and operators in it may ask."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlglot import exp

from wizard.convert.own.values import Value
from wizard.convert.tree import SqlNode
from wizard.convert.typed_sql import Condition, Walker
from wizard.convert.vba import Compare


class ExpressionWalk(Walker, Protocol):
    """A walk through an expression; it is what the functions of queries ask, too. Methods may raise RefusedError."""

    @property
    def compare(self) -> Compare:
        """How text is compared."""
        ...

    def fail_if(self, condition: SqlNode) -> None:
        """Note a condition under which VBA raises an error."""
        ...

    def of(self, node: exp.Expr) -> Value:
        """The value of an expression."""
        ...

    def truth(self, node: exp.Expr) -> Condition:
        """An expression as a condition."""
        ...

    def is_missing(self, node: exp.Expr) -> bool:
        """Whether IsMissing of a parameter is true."""
        ...

    def asking(self, *, queries: bool) -> AbstractContextManager[None]:
        """Within, a sub-query may be made, or none."""
        ...
