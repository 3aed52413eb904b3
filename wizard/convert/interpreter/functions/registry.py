"""The table of Access's functions over values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wizard.convert.interpreter.values import EMPTY


@dataclass(frozen=True, slots=True)
class RowFunction:
    """`calculate` is given the arguments, none of them Null unless it `takes_null`: else Null gives Null.

    An argument left out is EMPTY. `clocked`: the moment of Now() comes before the arguments. `uses` says what its value
    depends on beside them: `clock`, `random` or `user`.
    """

    calculate: Callable[..., Any]
    least: int
    most: int
    takes_null: bool = False
    clocked: bool = False
    uses: str = ""


def padded(given: Sequence[Any], count: int) -> list[Any]:
    """So many arguments, those left out EMPTY."""
    return [*given, *[EMPTY] * (count - len(given))]


FUNCTIONS: Final[dict[str, RowFunction]] = {}
"""by case-folded name; the `$` form of a name is the same function where it has no entry of its own"""


def function(
    names: str, least: int, most: int, *, takes_null: bool = False, clocked: bool = False, uses: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function under names that spaces part."""

    def keep(calculate: Callable[..., Any]) -> Callable[..., Any]:
        register(names.split(), RowFunction(calculate, least, most, takes_null, clocked, uses))
        return calculate

    return keep


def register(names: Iterable[str], made: RowFunction) -> None:
    """Raises ValueError where a name is taken."""
    for name in names:
        if FUNCTIONS.setdefault(name.casefold(), made) is not made:
            raise ValueError(f"{name} is registered twice")
