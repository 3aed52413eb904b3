"""The nodes of T-SQL: each carries the facts that a translation may ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from wizard.convert.create import text_parts
from wizard.convert.tree.facts import NO_FAULTS, PLAIN, Faults, NodeFacts, Volatility, merged
from wizard.objects import quote

STEP: Final = "    "


class SqlNode:
    """T-SQL: fixed texts with a child between each two of them.

    Nodes are equal where they are built alike, and never change. Line breaks in the fixed texts of a node with
    children are those of the layout; a node without children (a name, a constant) is written as it stands.
    """

    __slots__ = ("_hash", "children", "facts", "size", "texts")
    texts: tuple[str, ...]
    children: tuple[SqlNode, ...]
    facts: NodeFacts
    size: int
    """characters that it takes, indentation aside"""

    def __init__(
        self, texts: tuple[str, ...], children: tuple[SqlNode, ...] = (), facts: NodeFacts | None = None
    ) -> None:
        self.texts = texts
        self.children = children
        self.facts = merged(children) if facts is None else facts
        size = 0
        for text in texts:
            size += len(text)
        for child in children:
            size += child.size
        self.size = size
        self._hash = 0

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, SqlNode) or self.texts != other.texts or self.size != other.size:
            return False
        return type(self) is type(other) and hash(self) == hash(other) and self.children == other.children

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash((self.texts, self.children)) or 1
        return self._hash

    def __str__(self) -> str:
        return written(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({written(self)!r})"

    @property
    def names(self) -> frozenset[str]:
        """The sources that a SELECT brings: within it, their names mean no others."""
        return frozenset()

    @property
    def is_aggregate(self) -> bool:
        """Whether it is a call of an aggregate."""
        return False

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The same with other children."""
        made = object.__new__(type(self))
        SqlNode.__init__(made, self.texts, children)
        return made

    def walk(self) -> Iterator[SqlNode]:
        """The node and all within it; what stands there several times, once."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                waiting += reversed(node.children)

    def replaced(self, by: Mapping[SqlNode, SqlNode]) -> SqlNode:
        """The node with others in place of some within it, or of itself.

        Within a SELECT whose sources have the names of those that a node reads, that node would mean another value:
        there it stays.
        """
        return _replaced(self, by, {})


def _replaced(node: SqlNode, by: Mapping[SqlNode, SqlNode], done: dict[int, SqlNode]) -> SqlNode:
    if node in by:
        return by[node]
    if not node.children:
        return node
    if node.names:
        by = {old: new for old, new in by.items() if not any(source in node.names for source, _ in old.facts.columns)}
        done = {}
    if id(node) not in done:
        children = tuple(_replaced(c, by, done) for c in node.children)
        same = all(a is b for a, b in zip(children, node.children, strict=True))
        done[id(node)] = node if same else node.rebuilt(children)
    return done[id(node)]


def written(node: SqlNode) -> str:
    """The text of a node."""
    return "".join(written_around(node, None))


def written_around(node: SqlNode, hole: SqlNode | None) -> list[str]:
    """The texts between the places where a node holds `hole`: the one place that writes T-SQL."""
    pieces: list[list[str]] = [[]]
    waiting: list[tuple[SqlNode | str, str]] = [(node, "")]
    while waiting:
        item, pad = waiting.pop()
        if isinstance(item, str):
            pieces[-1].append(item)
            continue
        if hole is not None and item == hole:
            pieces.append([])
            continue
        if not item.children:
            pieces[-1] += item.texts
            continue
        if isinstance(item, Indented):
            pieces[-1].append(STEP)
            pad += STEP
        texts = [t.replace("\n", "\n" + pad) for t in item.texts] if pad else item.texts
        waiting.append((texts[-1], pad))
        for text, child in zip(reversed(texts[:-1]), reversed(item.children), strict=True):
            waiting.append((child, pad))
            waiting.append((text, pad))
    return ["".join(piece) for piece in pieces]


class Marked(SqlNode):
    """A node of which more is known than of its children."""

    __slots__ = ("own",)
    own: NodeFacts

    def __init__(self, texts: tuple[str, ...], children: tuple[SqlNode, ...], own: NodeFacts) -> None:
        self.own = own
        within = merged(children)
        super().__init__(texts, children, (replace(within, faults=NO_FAULTS) if own.aggregate else within) | own)

    @property
    def is_aggregate(self) -> bool:
        """Whether it was made as a call of an aggregate."""
        return self.own.aggregate

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The same over other children."""
        return Marked(self.texts, children, self.own)


class SqlColumn(SqlNode):
    """A column of a source, or of the table that a rule is for."""

    __slots__ = ("name", "source")
    source: str
    name: str

    def __init__(self, source: str, name: str) -> None:
        self.source, self.name = source, name
        shown = f"{quote(source)}.{quote(name)}" if source else quote(name)
        super().__init__((shown,), (), NodeFacts(frozenset(((source, name),))))


class Held(SqlNode):
    """A column whose type on the server is not that of Access, read as that: `before` and `after` are a function."""

    __slots__ = ()

    def __init__(self, before: str, after: str, held: SqlNode) -> None:
        super().__init__((before, after), (held,))

    @property
    def held(self) -> SqlNode:
        """The column as the server has it."""
        return self.children[0]


class Variable(SqlNode):
    """A parameter of the function or procedure, with its @."""

    __slots__ = ("name",)
    name: str

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__((name,), (), PLAIN)


class Text(SqlNode):
    """A text that is written out; `joined` is the same without the parentheses that one of several parts needs."""

    __slots__ = ("joined",)
    joined: str

    def __init__(self, value: str) -> None:
        parts = text_parts(value)
        self.joined = " + ".join(parts)
        super().__init__((f"({self.joined})" if len(parts) > 1 else self.joined,), (), PLAIN)


class Number(SqlNode):
    """A number that is written out, `exact` or as a float, which must have an exponent in T-SQL."""

    __slots__ = ("value",)
    value: float

    def __init__(self, value: float, *, exact: bool | None = None) -> None:
        self.value = value
        shown = repr(value)
        exact = isinstance(value, int) if exact is None else exact
        super().__init__((shown if exact or "e" in shown else f"{shown}E0",), (), PLAIN)

    def exact(self) -> Number:
        """The same as a decimal, where it can be written as one."""
        return Number(self.value, exact=True)


class Enclosed(SqlNode):
    """Parentheses around what may be too loose for its surroundings."""

    __slots__ = ()

    def __init__(self, inner: SqlNode) -> None:
        super().__init__(("(", ")"), (inner,))

    @property
    def inner(self) -> SqlNode:
        """What stands within."""
        return self.children[0]


class Indented(SqlNode):
    """A step to the right, with all its lines."""

    __slots__ = ()

    def __init__(self, inner: SqlNode) -> None:
        super().__init__(("", ""), (inner,))


def _deeper(children: tuple[SqlNode, ...]) -> NodeFacts:
    inner = merged(children)
    return replace(inner, depth=inner.depth + 1)


class Choosing(SqlNode):
    """COALESCE, NULLIF, CHOOSE: a CASE to SQL Server, says the page of each in the Transact-SQL reference."""

    __slots__ = ("function",)
    function: str

    def __init__(self, function: str, arguments: tuple[SqlNode, ...]) -> None:
        self.function = function
        texts = (f"{function}(", *(", ",) * (len(arguments) - 1), ")")
        super().__init__(texts, arguments, _deeper(arguments))

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The same of other arguments."""
        return Choosing(self.function, children)


class Case(SqlNode):
    """CASE of conditions, or of the values of an operand. Its children: operand, conditions with results, the else."""

    __slots__ = ("has_operand",)
    has_operand: bool

    def __init__(
        self,
        branches: tuple[tuple[SqlNode, SqlNode], ...],
        otherwise: SqlNode | None = None,
        operand: SqlNode | None = None,
    ) -> None:
        self.has_operand = operand is not None
        texts, children = ["CASE"], []
        if operand:
            texts[-1] += " "
            children.append(operand)
            texts.append("")
        for condition, result in branches:
            texts[-1] += " WHEN "
            children += [condition, result]
            texts += [" THEN ", ""]
        if otherwise:
            texts[-1] += " ELSE "
            children.append(otherwise)
            texts.append("")
        texts[-1] += " END"
        super().__init__(tuple(texts), tuple(children), _deeper(tuple(children)))

    @property
    def parts(self) -> tuple[SqlNode | None, list[tuple[SqlNode, SqlNode]], SqlNode | None]:
        """The operand, the conditions with their results, and the else."""
        left = list(self.children)
        operand = left.pop(0) if self.has_operand else None
        otherwise = left.pop() if len(left) % 2 else None
        return operand, list(zip(left[::2], left[1::2], strict=True)), otherwise

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The same over other children."""
        made = object.__new__(Case)
        made.has_operand = self.has_operand
        SqlNode.__init__(made, self.texts, children, _deeper(children))
        return made


class Failing(SqlNode):
    """A value or condition that is NULL where Access shows an error.

    `conditions`: those on which it is one, of which none but one that is true counts. `plain`: the same without the
    tests that keep an error within it.
    """

    __slots__ = ("conditions", "plain", "reason")
    conditions: tuple[SqlNode, ...]
    reason: Faults
    plain: SqlNode | None

    def __init__(
        self,
        value: SqlNode,
        conditions: tuple[SqlNode, ...],
        reason: Faults = Faults.OTHER,
        plain: SqlNode | None = None,
    ) -> None:
        self.conditions, self.reason, self.plain = conditions, reason, plain
        facts = value.facts
        super().__init__(("", ""), (value,), replace(facts, faults=facts.faults | reason))

    @property
    def value(self) -> SqlNode:
        """What is written."""
        return self.children[0]

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The same over another child."""
        return Failing(children[0], self.conditions, self.reason, self.plain)


class SqlSubquery(SqlNode):
    """A SELECT in parentheses, as a value or for IN and EXISTS."""

    __slots__ = ()

    def __init__(self, select: SqlNode, *, inline: bool = False) -> None:
        texts = ("(", ")") if inline else ("(\n", "\n)")
        self._bound(texts, (select if inline else Indented(select),))

    def _bound(self, texts: tuple[str, ...], children: tuple[SqlNode, ...]) -> None:
        SqlNode.__init__(
            self, texts, children, replace(merged(children), subquery=True, aggregate=False, faults=NO_FAULTS)
        )

    @classmethod
    def of(cls, texts: tuple[str, ...], children: tuple[SqlNode, ...]) -> SqlSubquery:
        """One that is not a SELECT over sources."""
        made = object.__new__(cls)
        made._bound(texts, children)
        return made

    def rebuilt(self, children: tuple[SqlNode, ...]) -> SqlNode:
        """The same over other children."""
        return SqlSubquery.of(self.texts, children)


def draws(node: SqlNode) -> int:
    """How often a server draws random numbers for a node: CASE draws its operand anew for each comparison."""
    return _draws(node, {})


def _draws(node: SqlNode, known: dict[int, int]) -> int:
    if node.facts.volatility is not Volatility.ROW:
        return 0
    if id(node) not in known:
        within = [_draws(child, known) for child in node.children]
        again = isinstance(node, Choosing) or (isinstance(node, Case) and node.has_operand)
        known[id(node)] = sum(within) + (within[0] if again else 0) if node.children else 1
    return known[id(node)]
