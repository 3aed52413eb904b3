"""ScriptDom's trees: children, tokens, and the names a query sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.sqlserver.oracle.lint.sqltypes import Type

Columns = dict[str, Type] | None
"""by lower-case name; None where they are not known"""


_TOKEN = re.compile(
    r"""N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\s+|[()]|[\w@#$]+|.""", re.S | re.I
)


def tokens(text: str) -> str:
    """A text's tokens without blanks, comments and parentheses: expressions with equal ones are one to GROUP BY."""
    out = []
    for m in _TOKEN.finditer(text):
        t = m.group()
        if t.isspace() or t in "()" or t.startswith(("--", "/*")):
            continue
        out.append(t if t[-1] == "'" else t.lower())
    return " ".join(out)


_props: dict[type, list[tuple[str, bool]]] = {}


def children(node: Any, net: Any) -> Iterator[Any]:
    """The fragments under a node."""
    found = _props.get(type(node))
    if found is None:
        t = node.GetType()
        fragment = net.clr.GetClrType(net.dom.TSqlFragment)
        found = []
        for p in t.GetProperties():
            if p.GetIndexParameters().Length or p.Name in ("ScriptTokenStream",):
                continue
            pt = p.PropertyType
            if fragment.IsAssignableFrom(pt):
                found.append((p.Name, False))
            elif (
                pt.IsGenericType
                and pt.GetGenericArguments()[0] is not None
                and fragment.IsAssignableFrom(pt.GetGenericArguments()[0])
            ):
                found.append((p.Name, True))
        _props[type(node)] = found
    for prop, many in found:
        v = getattr(node, prop)
        if v is None:
            continue
        if many:
            yield from v
        else:
            yield v


@dataclass(frozen=True, slots=True)
class Branch:
    """A fragment with its kind and those below it: what is walked through more than once, as each step asks .NET."""

    node: Any
    kind: str
    below: tuple[Branch, ...]

    @classmethod
    def of(cls, node: Any, net: Any) -> Branch:
        return cls(node, type(node).__name__, tuple(cls.of(x, net) for x in children(node, net)))


class Scope:
    """What a query sees by name: its own sources, and those of the queries around it."""

    def __init__(self, outer: Scope | None = None, variables: dict[str, Type] | None = None) -> None:
        self.sources: list[tuple[str | None, Columns]] = []
        self.outer = outer
        self.variables: dict[str, Type] = variables if variables is not None else outer.variables if outer else {}
        self.ctes: dict[str, Columns] = dict(outer.ctes) if outer else {}

    def add(self, alias: str | None, columns: Columns) -> None:
        self.sources.append((alias.lower() if alias else None, columns))

    def find(self, parts: list[str]) -> tuple[int | None, Type, Scope | None]:
        """Level, type and scope of a column: level 0 is this query, 1 the one around it; None where it is not known."""
        scope: Scope | None
        level, scope = 0, self
        name = parts[-1].lower()
        while scope is not None:
            for alias, columns in scope.sources:
                if len(parts) > 1 and alias != parts[-2].lower():
                    continue
                if columns is None:
                    if len(parts) > 1:
                        return level, None, scope
                    continue
                if name in columns:
                    return level, columns[name], scope
            if len(parts) == 1 and any(c is None for _, c in scope.sources):
                return level, None, scope
            level, scope = level + 1, scope.outer
        return None, None, None
