"""What VBA expressions are made of when they are run: functions of the variables, and what names mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from sqlglot import exp

from wizard.convert.interpreter.values import text_of
from wizard.convert.vba import Compare

Variables = dict[str, Any]
Code = Callable[[Variables], Any]
"""variables' values to the expression's; may raise CellError"""


class Names(Protocol):
    """What an expression asks of the function that it stands in. Methods may raise InterpreterError."""

    compare: Compare
    now: datetime

    def read(self, name: str) -> tuple[Code, bool] | exp.Expr | None:
        """A variable, and whether it is a Variant; or the expression of a constant; None where it is neither."""
        ...

    def is_missing(self, name: str) -> Code:
        """Whether an optional parameter was left out."""
        ...

    def own(self, name: str, arguments: list[tuple[exp.Expr, Code]]) -> tuple[Code, bool] | None:
        """A function of the database's own, and whether it gives a Variant; None where there is none."""
        ...

    def used(self, what: str) -> None:
        """Note that `clock`, `random` or `user` is asked for."""
        ...


CompiledCode = tuple[Code, bool]
"""an expression, and whether it is a Variant"""


def text(value: Any) -> str:
    """The text VBA makes of a value: of True a word."""
    return str(value) if isinstance(value, bool) else text_of(value)
