"""A SELECT as its clauses, a UNION as its members, and what stands in FROM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from wizard.convert.tree.nodes import STEP, Column, Indented, Node, merged
from wizard.objects import quote


def _name(name: str) -> Node:
    return Node((quote(name),))


class As(Node):
    """An output column under its name, which need not be said of a column that has it already."""

    __slots__ = ("name",)
    name: str

    def __init__(self, value: Node, name: str) -> None:
        self.name = name
        said = not (isinstance(value, Column) and value.source and value.name == name)
        super().__init__(*((("", " AS ", ""), (value, _name(name))) if said else (("", ""), (value,))))

    @property
    def value(self) -> Node:
        """What has the name."""
        return self.children[0]

    def rebuilt(self, children: tuple[Node, ...]) -> Node:
        """The same name for another child."""
        return As(children[0], self.name)


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of a SELECT. `head` is what stands between SELECT and the output: DISTINCT, TOP."""

    output: tuple[Node, ...]
    source: Node | None = None
    applied: tuple[Node, ...] = ()
    """what CROSS APPLY computes beside the sources"""
    where: Node | None = None
    group: tuple[Node, ...] = ()
    having: Node | None = None
    order: tuple[Node, ...] = ()
    head: str = field(default="", kw_only=True)
    into: str = field(default="", kw_only=True)
    sources: frozenset[str] = field(default=frozenset(), kw_only=True)
    """the names of its sources, whose columns are its own"""
    inline: bool = field(default=False, kw_only=True)
    """on one line"""


class Select(Node):
    """A SELECT, written from its clauses."""

    __slots__ = ("clauses",)
    clauses: Clauses

    def __init__(self, clauses: Clauses) -> None:
        self.clauses = clauses
        texts, children = _inline(clauses) if clauses.inline else _laid_out(clauses)
        facts = merged(children)
        outer = frozenset(c for c in facts.columns if c[0] not in clauses.sources)
        super().__init__(texts, children, replace(facts, columns=outer, aggregate=False))

    @property
    def names(self) -> frozenset[str]:
        """The aliases of its FROM."""
        return self.clauses.sources

    def rebuilt(self, children: tuple[Node, ...]) -> Node:
        """The children stand in the order of the clauses."""
        left = list(children)
        changed: dict[str, Node | tuple[Node, ...]] = {}
        for one in fields(self.clauses):
            value = getattr(self.clauses, one.name)
            if isinstance(value, Node):
                changed[one.name] = left.pop(0)
            elif isinstance(value, tuple):
                changed[one.name], left = tuple(left[: len(value)]), left[len(value) :]
        return Select(replace(self.clauses, **changed))  # type: ignore[arg-type]


class _Layout:
    """Fixed texts and children, one after the other."""

    def __init__(self, start: str) -> None:
        self.texts, self.children = [start], list[Node]()

    def add(self, before: str, node: Node | None, after: str = "") -> None:
        if node is not None:
            self.texts[-1] += before
            self.children.append(node)
            self.texts.append(after)

    def many(self, before: str, nodes: Sequence[Node], between: str) -> None:
        for number, node in enumerate(nodes):
            self.add(between if number else before, node)

    @property
    def made(self) -> tuple[tuple[str, ...], tuple[Node, ...]]:
        return tuple(self.texts), tuple(self.children)


def _laid_out(clauses: Clauses) -> tuple[tuple[str, ...], tuple[Node, ...]]:
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


def _inline(clauses: Clauses) -> tuple[tuple[str, ...], tuple[Node, ...]]:
    layout = _Layout(f"SELECT{clauses.head}")
    layout.many(" ", clauses.output, ", ")
    layout.add(" FROM ", clauses.source)
    layout.many(" ", clauses.applied, " ")
    layout.add(" WHERE ", clauses.where)
    layout.many(" GROUP BY ", clauses.group, ", ")
    layout.add(" HAVING ", clauses.having)
    layout.many(" ORDER BY ", clauses.order, ", ")
    return layout.made


def around(select: Select, number: int) -> tuple[Node, Node, Node]:
    """What stands before an output column, its value, and what stands after it: for a statement made at run time.

    The column's comma goes with what is before it.
    """
    item = select.clauses.output[number]
    value = item.children[0] if isinstance(item, As) else item
    texts, children = select.texts, select.children
    comma = f",\n{STEP}" if number else f"\n{STEP}"
    before = Node((*texts[:number], texts[number].removesuffix(comma)), children[:number])
    after = Node(texts[number + 1 :], children[number + 1 :])
    return before, value, after


def union(first: Node, others: Sequence[tuple[str, Node]]) -> Node:
    """Members, each but the first with the word before it."""
    nodes = (first, *(n for _, n in others))
    return Node(("", *(f"\n{word}\n" for word, _ in others), ""), nodes)


def named(name: str, alias: str, arguments: Sequence[Node] = ()) -> Node:
    """A table, a view, or a function with its arguments, in FROM; `name` is quoted."""
    read = Node((name,))
    if arguments:
        read = Node(("", "(", *(", ",) * (len(arguments) - 1), ")"), (read, *arguments))
    return Node(("", " AS ", ""), (read, _name(alias)))


def derived(select: Node, alias: str) -> Node:
    """A SELECT as a source."""
    return Node(("(\n", "\n) AS ", ""), (Indented(select), _name(alias)))


def applied(value: Node, alias: str, name: str) -> Node:
    """A value that is computed once for each row of the sources before it."""
    inner = Select(Clauses((As(value, name),), inline=True))
    return Node((f"{STEP}CROSS APPLY (", ") AS ", ""), (inner, _name(alias)))
