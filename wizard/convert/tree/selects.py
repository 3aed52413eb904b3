"""A SELECT as its clauses, a UNION as its members, and what stands in FROM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from wizard.convert.tree.facts import NO_FAULTS, merged
from wizard.convert.tree.nodes import STEP, Indented, SqlColumn, SqlNode
from wizard.objects import quote


def _name(name: str) -> SqlNode:
    return SqlNode((quote(name),))


class As(SqlNode):
    """An output column under its name, which need not be said of a column that has it already."""

    __slots__ = ("name",)
    name: str

    def __init__(self, value: SqlNode, name: str) -> None:
        self.name = name
        said = not (isinstance(value, SqlColumn) and value.source and value.name == name)
        super().__init__(*((("", " AS ", ""), (value, _name(name))) if said else (("", ""), (value,))))

    @property
    def value(self) -> SqlNode:
        """What has the name."""
        return self.children[0]

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The same name for another child."""
        return As(children[0], self.name)


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of a SELECT. `head` is what stands between SELECT and the output: DISTINCT, TOP."""

    output: tuple[SqlNode, ...]
    source: SqlNode | None = None
    applied: tuple[SqlNode, ...] = ()
    """what CROSS APPLY computes beside the sources"""
    where: SqlNode | None = None
    group: tuple[SqlNode, ...] = ()
    having: SqlNode | None = None
    order: tuple[SqlNode, ...] = ()
    head: str = field(default="", kw_only=True)
    into: str = field(default="", kw_only=True)
    sources: frozenset[str] = field(default=frozenset(), kw_only=True)
    """the names of its sources, whose columns are its own"""
    inline: bool = field(default=False, kw_only=True)
    """on one line"""


class SqlSelect(SqlNode):
    """A SELECT, written from its clauses."""

    __slots__ = ("clauses",)
    clauses: Clauses

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        texts, children = _inline(clauses) if clauses.inline else _laid_out(clauses)
        facts = merged(children)
        outer = frozenset(c for c in facts.columns if c[0] not in clauses.sources)
        super().__init__(texts, children, replace(facts, columns=outer, aggregate=False, faults=NO_FAULTS))

    @property
    def names(self) -> frozenset[str]:
        """The aliases of its FROM."""
        return self.clauses.sources

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The children stand in the order of the clauses."""
        left = list(children)
        changed: dict[str, SqlNode | tuple[SqlNode, ...]] = {}
        for one in fields(self.clauses):
            value = getattr(self.clauses, one.name)
            if isinstance(value, SqlNode):
                changed[one.name] = left.pop(0)
            elif isinstance(value, tuple):
                changed[one.name], left = tuple(left[: len(value)]), left[len(value) :]
        return SqlSelect(replace(self.clauses, **changed))  # type: ignore[arg-type]


class _Layout:
    """Fixed texts and children, one after the other."""

    def __init__(self, start: str) -> None:
        self.texts, self.children = [start], list[SqlNode]()

    def add(self, before: str, node: SqlNode | None, after: str = "") -> None:
        if node is not None:
            self.texts[-1] += before
            self.children.append(node)
            self.texts.append(after)

    def many(self, before: str, nodes: Sequence[SqlNode], between: str) -> None:
        for number, node in enumerate(nodes):
            self.add(between if number else before, node)

    @property
    def made(self) -> tuple[tuple[str, ...], tuple[SqlNode, ...]]:
        return tuple(self.texts), tuple(self.children)


def _laid_out(clauses: Clauses) -> tuple[tuple[str, ...], tuple[SqlNode, ...]]:
    layout = _Layout(f"SELECT{clauses.head}")
    layout.many(f"\n{STEP}", clauses.output, f",\n{STEP}")
    if clauses.into:
        layout.texts[-1] += f"\nINTO {clauses.into}"
    layout.add("\nFROM ", clauses.source)
    layout.many("\n", clauses.applied, "\n")
    layout.add("\nWHERE ", clauses.where)
    layout.many(f"\nGROUP BY\n{STEP}", clauses.group, f",\n{STEP}")
    layout.add("\nHAVING ", clauses.having)
    layout.many("\nORDER BY ", clauses.order, ", ")
    return layout.made


def _inline(clauses: Clauses) -> tuple[tuple[str, ...], tuple[SqlNode, ...]]:
    layout = _Layout(f"SELECT{clauses.head}")
    layout.many(" ", clauses.output, ", ")
    layout.add(" FROM ", clauses.source)
    layout.many(" ", clauses.applied, " ")
    layout.add(" WHERE ", clauses.where)
    layout.many(" GROUP BY ", clauses.group, ", ")
    layout.add(" HAVING ", clauses.having)
    layout.many(" ORDER BY ", clauses.order, ", ")
    return layout.made


def around(select: SqlSelect, number: int) -> tuple[SqlNode, SqlNode, SqlNode]:
    """What stands before an output column, its value, and what stands after it: for a statement made at run time.

    The column's comma goes with what is before it.
    """
    item = select.clauses.output[number]
    value = item.children[0] if isinstance(item, As) else item
    texts, children = select.texts, select.children
    comma = f",\n{STEP}" if number else f"\n{STEP}"
    before = SqlNode((*texts[:number], texts[number].removesuffix(comma)), children[:number])
    after = SqlNode(texts[number + 1 :], children[number + 1 :])
    return before, value, after


def union(first: SqlNode, others: Sequence[tuple[str, SqlNode]]) -> SqlNode:
    """Members, each but the first with the word before it."""
    nodes = (first, *(n for _, n in others))
    return SqlNode(("", *(f"\n{word}\n" for word, _ in others), ""), nodes)


def named(name: str, alias: str, arguments: Sequence[SqlNode] = ()) -> SqlNode:
    """A table, a view, or a function with its arguments, in FROM; `name` is quoted."""
    read = SqlNode((name,))
    if arguments:
        read = SqlNode(("", "(", *(", ",) * (len(arguments) - 1), ")"), (read, *arguments))
    return SqlNode(("", " AS ", ""), (read, _name(alias)))


def derived(select: SqlNode, alias: str) -> SqlNode:
    """A SELECT as a source."""
    return SqlNode(("(\n", "\n) AS ", ""), (Indented(select), _name(alias)))


def applied(value: SqlNode, alias: str, name: str) -> SqlNode:
    """A value that is computed once for each row of the sources before it."""
    inner = SqlSelect(Clauses((As(value, name),), inline=True))
    return SqlNode((f"{STEP}CROSS APPLY (", ") AS ", ""), (inner, _name(alias)))
