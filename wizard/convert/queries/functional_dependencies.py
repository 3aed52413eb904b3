"""Where all rows of a group agree: First and Last are determined there, whatever order the rows come in.

A group agrees in what it is grouped by, in what WHERE sets equal to a constant, in columns that joins set equal to
such a one, and in all that these determine in a source: in every column of a table of which a unique key without NULL
is among them, and in those of a query that are of such a table there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.queries.expression_names import ExpressionNumbers, own_columns
from wizard.convert.queries.query_context import BoundSource, Field
from wizard.convert.queries.scope import QueryScope

ReadColumn = tuple[str, str]
"""a column: its source's alias, case-folded, and its name on the server"""
_CHANGING = frozenset(("rnd", "genguid", "guidgen"))


@dataclass
class FunctionalDependencies:
    """What the groups of one SELECT agree in. `sources` are the nodes of its FROM; `given` adds columns to `group`."""

    scope: QueryScope
    group: Sequence[exp.Expr]
    sources: Sequence[exp.Expr]
    where: exp.Expr | None
    given: Iterable[ReadColumn] = ()
    _known: set[ReadColumn] = field(default_factory=set)
    _essences: ExpressionNumbers = field(init=False)
    _grouped: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self._essences = ExpressionNumbers(self.scope.meant)
        self._grouped = frozenset(map(self._essences.number, self.group))
        self._known = {r for node in self.group if (r := self._read(node))} | set(self.given)
        equal = list(self._equalities())
        outer = [j for source in self.sources for j in source.find_all(nodes.SourceJoin) if j.args["side"] != "INNER"]
        before = -1
        while before != len(self._known):
            before = len(self._known)
            for one, other in equal:
                if one is None or other is None or self._known & {one, other}:
                    self._known |= {r for r in (one, other) if r}
            for join in outer:
                self._follow(join)
            for bound in self.scope.sources:
                self._complete(bound)

    def covers(self, node: exp.Expr) -> bool:
        """Whether all rows of any group give the expression one value."""
        node = node.unnest()
        if self._essences.number(node) in self._grouped:
            return True
        inner = [n for n in node.walk() if not isinstance(n, exp.Column | exp.Identifier | exp.Literal)]
        if any(n.name.casefold() in _CHANGING for n in inner):
            return False
        if any(isinstance(n, exp.Subquery | exp.Select | nodes.Bang) for n in inner):  # which may read any column
            return all(self.knows(bound, f) for bound in self.scope.sources for f in bound.relation.fields)
        return all(self._read(column) in self._known for column in own_columns(node))

    def knows(self, bound: BoundSource, column: Field) -> bool:
        """Whether all rows of any group agree in a column of a source."""
        return (bound.alias.casefold(), column.server_name) in self._known

    def _read(self, node: exp.Expr) -> ReadColumn | None:
        column = node.unnest()
        found = self.scope.find(column) if isinstance(column, exp.Column) else None
        return (found[0].alias.casefold(), found[1].server_name) if found else None

    def _equalities(self) -> Iterator[tuple[ReadColumn | None, ReadColumn | None]]:
        """Columns that are equal wherever both have a value from the join; None stands for a constant."""
        for source in self.sources:
            for join in source.find_all(nodes.SourceJoin):
                if join.args["side"] == "INNER":
                    yield from ((a, b) for a, b in map(self._sides, conjuncts(join.args["on"])) if a and b)
        for node in conjuncts(self.where) if self.where else ():
            a, b = self._sides(node)
            if (a and b) or (a and _constant(node.expression)) or (b and _constant(node.this)):
                yield a, b

    def _sides(self, node: exp.Expr) -> tuple[ReadColumn | None, ReadColumn | None]:
        return (self._read(node.this), self._read(node.expression)) if isinstance(node, exp.EQ) else (None, None)

    def _follow(self, join: nodes.SourceJoin) -> None:
        """An outer join to one source by nothing but agreed columns of others: these find the same rows or none."""
        optional = join.expression if join.args["side"] == "LEFT" else join.this
        named = isinstance(optional, exp.Table | exp.Subquery)
        bound = self.scope.source(optional.alias_or_name) if named else None
        pairs = [self._sides(node) for node in conjuncts(join.args["on"])]
        if bound is None or not all(a and b for a, b in pairs):
            return
        alias = bound.alias.casefold()
        found = set()
        for pair in pairs:
            own = [r for r in pair if r and r[0] == alias]
            if len(own) != 1 or not all(r in self._known for r in pair if r not in own):
                return
            found.add(own[0][1])
        self._known |= {(alias, column) for column in bound.relation.closure(frozenset(found))}

    def _complete(self, bound: BoundSource) -> None:
        """What the agreed columns of a source determine there.

        Where a join may leave it without a row, one of them must be never NULL, so that such rows can be distinguished.
        """
        alias = bound.alias.casefold()
        given = frozenset(column for owner, column in self._known if owner == alias)
        relation = bound.relation
        if bound.outer and not any(f.server_name in given and not f.nullable for f in relation.fields):
            return
        self._known |= {(alias, column) for column in relation.closure(given)}


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that AND joins, parentheses taken off."""
    waiting = [node]
    while waiting:
        one = waiting.pop().unnest()
        if isinstance(one, exp.And):
            waiting += [one.this, one.expression]
        else:
            yield one


def _constant(node: exp.Expr) -> bool:
    return isinstance(node.unnest(), exp.Literal | exp.Boolean | nodes.DateLiteral | nodes.GuidLiteral)
