"""Making nodes: `tsql("DATEADD({}, {}, {})", "day", days, date)` and the like.

What goes into a template is a node, what stands for one, or a word (a type's name, a number). A template holds the
names of functions, operators and punctuation; what a translation must know of (CASE, SELECT, aggregates, what is
random) has a maker of its own, and a template that hides it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from string import Formatter
from typing import Final, Protocol

from wizard.convert.tree.facts import NodeFacts, Volatility
from wizard.convert.tree.nodes import (
    STEP,
    Case,
    Choosing,
    Enclosed,
    Failing,
    Marked,
    SqlNode,
    SqlSubquery,
    Text,
)


class HasNode(Protocol):
    """What stands for a node: a typed value, a condition."""

    @property
    def node(self) -> SqlNode:
        """The tree."""


Part = SqlNode | HasNode | str | int
_HIDDEN: Final = re.compile(
    r"\b(?:CASE|COALESCE|NULLIF|CHOOSE|IIF|SELECT|SUM|AVG|MIN|MAX|COUNT|STDEVP?|VARP?"
    r"|NEWID|RAND|GETDATE|SUSER_SNAME|FORMAT|DATENAME|ISDATE)\b"
)
"""what a template may not hold, each of which has a maker. Templates are words of this program, before any name or text
of a source is put in"""


@lru_cache(maxsize=4096)
def _parsed(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fixed texts of a template, and the names or numbers between them."""
    if _HIDDEN.search(template):
        raise ValueError(f"{template!r} hides what a translation must know of")
    return _cut(template)


@lru_cache(maxsize=1024)
def _cut(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    texts, fields = [""], list[str]()
    for text, field, _, _ in Formatter().parse(template):
        texts[-1] += text
        if field is not None:
            fields.append(field or str(len(fields)))
            texts.append("")
    return tuple(texts), tuple(fields)


def node_of(part: Part) -> SqlNode:
    """Text, number or node as a node."""
    if isinstance(part, SqlNode):
        return part
    return SqlNode((str(part),)) if isinstance(part, str | int) else part.node


def _filled(
    cut: tuple[tuple[str, ...], tuple[str, ...]], parts: tuple[Part, ...], named: dict[str, Part]
) -> tuple[tuple[str, ...], tuple[SqlNode, ...]]:
    fixed, fields = cut
    texts, children = [fixed[0]], []
    for field, text in zip(fields, fixed[1:], strict=True):
        part = parts[int(field)] if field.isdecimal() else named[field]
        if isinstance(part, str | int):
            texts[-1] += f"{part}{text}"
        else:
            children.append(node_of(part))
            texts.append(text)
    return tuple(texts), tuple(children)


def tsql(template: str, *parts: Part, **named: Part) -> SqlNode:
    """A node of a template with places as `str.format` has them: `{}`, `{0}`, `{name}`."""
    return SqlNode(*_filled(_parsed(template), parts, named))


def made_by(template: str, node: SqlNode) -> bool:
    """Whether a node was made of that template."""
    return type(node) is SqlNode and node.texts == _parsed(template)[0]


def enclosed(template: str, *parts: Part, **named: Part) -> Enclosed:
    """The same in parentheses."""
    return Enclosed(tsql(template, *parts, **named))


def aggregate(template: str, *parts: Part) -> SqlNode:
    """A value over the rows of a group."""
    return Marked(*_filled(_cut(template), parts, {}), NodeFacts(aggregate=True))


def volatile(volatility: Volatility, template: str, *parts: Part) -> SqlNode:
    """A value that is another in another session, statement or row."""
    return Marked(*_filled(_cut(template), parts, {}), NodeFacts(volatility=volatility))


def scalar(template: str, *parts: Part) -> SqlNode:
    """A sub-query that is not one SELECT over sources: an XML value, a set from JSON."""
    return SqlSubquery.of(*_filled(_cut(template), parts, {}))


def case(*branches: tuple[Part, Part], otherwise: Part | None = None, of: Part | None = None) -> Case:
    """CASE of conditions, or of the values of an operand (`of`)."""
    pairs = tuple((node_of(c), node_of(r)) for c, r in branches)
    return Case(pairs, None if otherwise is None else node_of(otherwise), None if of is None else node_of(of))


def spread(separator: str, parts: Iterable[Part]) -> SqlNode:
    """Parts one after the other, a text between each two."""
    nodes = tuple(map(node_of, parts))
    if len(nodes) == 1:
        return nodes[0]
    return SqlNode(("", *(separator,) * (len(nodes) - 1), "") if nodes else ("",), nodes)


def called(name: str, *parts: Part) -> SqlNode:
    """A function of its arguments."""
    nodes = tuple(map(node_of, parts))
    return SqlNode((f"{name}(", *(", ",) * (len(nodes) - 1), ")") if nodes else (f"{name}()",), nodes)


def coalesced(*parts: Part) -> SqlNode:
    """The first that is not NULL. One among others is not within them: that would be a level of CASE more."""
    nodes: list[SqlNode] = []
    for node in map(node_of, parts):
        among = isinstance(node, Choosing) and node.function == _COALESCE
        nodes += node.children if among else [node]
    return Choosing(_COALESCE, tuple(nodes))


_COALESCE: Final = "COALESCE"


def null_if(value: Part, other: Part) -> SqlNode:
    """The value, NULL where it is the other."""
    return Choosing("NULLIF", (node_of(value), node_of(other)))


def choose_sql(index: Part, *values: Part) -> SqlNode:
    """The value of that number, counted from 1; NULL where there is none."""
    return Choosing("CHOOSE", (node_of(index), *map(node_of, values)))


def bare(node: SqlNode) -> SqlNode:
    """Without the parentheses around it."""
    if isinstance(node, Text):
        return SqlNode((node.joined,))
    if isinstance(node, Failing):
        return bare(node.value)
    return node.inner if isinstance(node, Enclosed) else node


def lines(*parts: Part | None) -> SqlNode:
    """The parts that there are, a line each."""
    return spread("\n", [p for p in parts if p is not None])


def listed(parts: Iterable[Part]) -> SqlNode:
    """One item a line, a step to the right."""
    nodes = tuple(map(node_of, parts))
    return SqlNode((STEP, *(f",\n{STEP}",) * (len(nodes) - 1), "") if nodes else ("",), nodes)
