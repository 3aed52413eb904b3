"""The FROM clause of a saved query: tables put together by the joins that MSysQueries lists one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

_WORDS: Final = {1: "INNER JOIN", 2: "LEFT JOIN", 3: "RIGHT JOIN"}

Join = tuple[str, str, int, str]
"""left name, right name, kind, condition"""


@dataclass
class JoinSource:
    """A table, or tables joined so far, of a FROM clause."""

    name: str
    """alias or name of a single table, empty for a join"""
    text: str
    kind: int = 0
    """of the outermost join, 0 for a single table"""
    conditions: list[str] = field(default_factory=list)
    names: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.names:
            self.names = frozenset([self.name.casefold()])

    def written(self) -> str:
        """It as FROM has it, its conditions behind ON."""
        if not self.conditions:
            return self.text
        if len(self.conditions) == 1:
            return f"{self.text} ON {self.conditions[0]}"
        return f"{self.text} ON " + " AND ".join(f"({c})" for c in self.conditions)

    def nested(self) -> str:
        """It as a side of a join, in parentheses where it is a join itself."""
        return f"({self.written()})" if self.conditions else self.text


def joined(tables: Iterable[JoinSource], joins: Sequence[Join], quoted: Callable[[str], str]) -> tuple[str, list[str]]:
    """The text after FROM, and what was odd.

    The joins come from the innermost to the outermost; several rows for the same pair are conditions of one join,
    the last of them written first.
    """
    sources = list(tables)
    odd: list[str] = []
    for left_name, right_name, kind, condition in joins:
        left, right = _ends(sources, left_name, right_name, quoted)
        if left is right:
            if left.kind != kind:
                odd.append(f"{left_name!r} and {right_name!r} are joined in two ways")
            left.conditions.insert(0, condition)
            continue
        if kind not in _WORDS:
            odd.append(f"{left_name!r} and {right_name!r} are joined in an unknown way ({kind})")
        text = f"{left.nested()} {_WORDS.get(kind, 'INNER JOIN')} {right.nested()}"
        sources = [s for s in sources if s is not left and s is not right]
        sources.append(JoinSource("", text, kind, [condition], left.names | right.names))
    return ", ".join(s.written() for s in sources), odd


def _ends(
    sources: list[JoinSource], left: str, right: str, quoted: Callable[[str], str]
) -> tuple[JoinSource, JoinSource]:
    """The sources that hold the two names. Each source is taken for the left name if it holds it."""
    first = second = None
    for source in sources:
        if first is None and left.casefold() in source.names:
            first = source
            if second is None and right.casefold() in source.names:
                return source, source
        elif second is None and right.casefold() in source.names:
            second = source
    return first or JoinSource(left, quoted(left)), second or JoinSource(right, quoted(right))
