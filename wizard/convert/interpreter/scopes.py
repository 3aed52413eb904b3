"""What names mean in one SELECT: columns of its sources, its own output, queries around it, parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.dialect.multivalued import NUMBER
from wizard.convert.interpreter.errors import CellError, ErrorValue, ParameterError, QueryError, UnsupportedError
from wizard.convert.interpreter.expressions import Evaluation, ExpressionNames, Row, constant, prepared
from wizard.convert.interpreter.query_run import QueryRun
from wizard.definitions import ColumnType, Table

_MEMORIZED: Final = 50_000
"""results of a sub-query that are kept for one run, by the values it reads around it"""


@dataclass
class Leaf:
    """A source of FROM. `titles` are its columns' names; `slots` those that are read, in the order they were asked for.

    `inner` are the names of the sources within a sub-query without one of its own: Access calls its columns by them.
    """

    label: str
    titles: Sequence[str]
    kinds: Sequence[ColumnType]
    inner: frozenset[str] = frozenset()
    checked: bool = False
    """whether its values may be #Error"""
    hidden: bool = False
    """the values of a complex column, which Access joins unseen"""
    table: Table | None = None
    """whose rows they are, where they are a table's"""
    slots: list[int] = field(default_factory=list)
    alias: str = field(init=False)
    """the case-folded label"""
    names: dict[str, int] = field(init=False)
    """by case-folded name, the place among `titles`"""

    def __post_init__(self) -> None:
        self.alias = self.label.casefold()
        self.names = {title.casefold(): place for place, title in reversed(list(enumerate(self.titles)))}

    def slot(self, name: str) -> int:
        """Where a column's value lies in the leaf's rows; from now on it is read."""
        place = self.names[name]
        if place not in self.slots:
            self.slots.append(place)
        return self.slots.index(place)

    @property
    def nulls(self) -> Row:
        """A row of nothing, which an outer join gives."""
        return (None,) * len(self.slots)


@dataclass(frozen=True, slots=True)
class Found:
    """A column of a leaf, at a place in its rows."""

    leaf: int
    slot: int
    checked: bool

    def of(self, row: Row) -> Any:
        """The column's value in a row."""
        return row[self.leaf][self.slot]


class SelectScope(ExpressionNames):
    """The names that one SELECT can see. Rows are tuples of the leaves' rows, then one of aggregates.

    `row` is the row at which a sub-query is being asked. `within` compiles a sub-query, `aggregate` takes the call
    of an aggregate, `domain` that of a domain function.
    """

    def __init__(self, run: QueryRun, leaves: Sequence[Leaf], parent: SelectScope | None) -> None:
        self.run, self.leaves, self.parent = run, list(leaves), parent
        self.now = run.now
        self.row: Row = ()
        self.base = 0
        """the number of the first leaf of the rows that are being prepared for"""
        self.outputs: dict[str, exp.Expr] = {}
        """expressions of the output, by case-folded alias"""
        self.computing: list[str] = []
        self.preferred = ""
        """the alias of the output under way: other aliases in it mean other output columns before columns of sources"""
        self.outer: dict[tuple[int, int, int], tuple[SelectScope, Found]] = {}
        """what is read of queries around this one"""
        self.aggregate: Callable[[exp.Anonymous], Evaluation | None] = lambda _: None
        self.domain: Callable[[exp.Anonymous, SelectScope], Evaluation | None] = lambda _, __: None
        self.within: Callable[[exp.Expr, SelectScope], CompiledSubquery]

    def used(self, what: str) -> None:
        """Take note of something that the result depends on beside the rows. Raises UnsupportedError."""
        self.run.used(what)

    def own(self, node: exp.Anonymous) -> Callable[[Sequence[Any]], Any] | None:
        """A VBA function of the database. Raises UnsupportedError."""
        return self.run.procedures.function(node.name)

    def textual(self, node: exp.Expr) -> bool:
        """Whether it is a column of texts, or joined of texts."""
        node = node.unnest()
        found = self.find(node) if isinstance(node, exp.Column) else None
        if found is None:
            return isinstance(node, exp.DPipe)
        leaf = self.leaves[found.leaf]
        return leaf.kinds[leaf.slots[found.slot]] in (ColumnType.TEXT, ColumnType.MEMO)

    def column(self, node: exp.Column) -> Evaluation:
        """An output column where an expression means one, a source's, an outer query's, or a parameter."""
        name = node.name.casefold()
        single = len(node.parts) == 1
        declared = name in self.run.declared if single else False
        if single and self.preferred and name != self.preferred and name in self.outputs:
            return self.output(name)
        found = self.find(node)
        if found is not None:
            return self._reading(found)
        if single and name in self.outputs and not declared:
            return self.output(name)
        outer = self.parent
        while outer is not None:
            found = outer.find(node)
            if found is not None:
                return self._outside(outer, found)
            outer = outer.parent
        return self._parameter(".".join(p.name for p in node.parts))

    def output(self, name: str) -> Evaluation:
        """Another output column's value. Raises QueryError where it would be its own."""
        if name in self.computing:
            raise QueryError(f"the output column {name} is made of itself")
        self.computing.append(name)
        before, self.preferred = self.preferred, name
        try:
            return prepared(self.outputs[name], self)
        finally:
            self.computing.pop()
            self.preferred = before

    def find(self, node: exp.Column) -> Found | None:
        """A column of this SELECT's own sources. Raises QueryError where it may be of two."""
        parts = [p.name.casefold() for p in node.parts]
        if len(parts) > 1:
            rest = ".".join(parts[1:])
            for number, leaf in enumerate(self.leaves):
                if leaf.alias == parts[0] and rest in leaf.names:
                    return self._found(number, rest, number_of=NUMBER in node.meta)
        whole = ".".join(parts)
        hits = [n for n, leaf in enumerate(self.leaves) if whole in leaf.names and not leaf.hidden]
        if len(hits) > 1:
            names = ", ".join(self.leaves[n].alias for n in hits)
            raise QueryError(f"{node.name} may be of any of {names}")
        if hits:
            return self._found(hits[0], whole)
        if len(parts) == 2 and not self._named_outside(parts[0]):
            inner = [n for n, leaf in enumerate(self.leaves) if parts[0] in leaf.inner and parts[1] in leaf.names]
            if len(inner) == 1:
                return self._found(inner[0], parts[1])
        return None

    def _named_outside(self, alias: str) -> bool:
        """Whether a source of a query around this one has that name: it is meant before names within a sub-query."""
        outer = self.parent
        while outer is not None:
            if any(leaf.alias == alias for leaf in outer.leaves):
                return True
            outer = outer.parent
        return False

    def _found(self, number: int, name: str, *, number_of: bool = False) -> Found:
        """`number_of`: of a complex column the number that leads to its values is meant."""
        leaf = self.leaves[number]
        if not number_of and leaf.kinds[leaf.names[name]] is ColumnType.COMPLEX:
            raise UnsupportedError(f"the column {name} holds several values a row")
        return Found(number, leaf.slot(name), leaf.checked)

    def several(self, node: exp.Column) -> tuple[int, str] | None:
        """The leaf and the name of a complex column that is named alone, whose values a datasheet shows in one text."""
        *table, name = [p.name.casefold() for p in node.parts]
        for number, leaf in enumerate(self.leaves):
            if (not table or table == [leaf.alias]) and name in leaf.names:
                return (number, name) if leaf.kinds[leaf.names[name]] is ColumnType.COMPLEX else None
        return None

    def number_of(self, number: int, name: str) -> Evaluation:
        """The number in a complex column, which leads to its values."""
        return self._reading(self._found(number, name, number_of=True))

    def _reading(self, found: Found) -> Evaluation:
        number, slot = found.leaf - self.base, found.slot
        if number < 0:
            raise QueryError("a join's condition names a table that is not part of the join")
        if not found.checked:
            return lambda row: row[number][slot]

        def value(row: Row) -> Any:
            made = row[number][slot]
            if isinstance(made, ErrorValue):
                raise CellError(made.fault)
            return made

        return value

    def _outside(self, scope: SelectScope, found: Found) -> Evaluation:
        inner: SelectScope | None = self
        while inner is not None and inner is not scope:
            inner.outer[id(scope), found.leaf, found.slot] = (scope, found)
            inner = inner.parent

        def value(_: Row) -> Any:
            made = found.of(scope.row)
            if isinstance(made, ErrorValue):
                raise CellError(made.fault)
            return made

        return value

    def outside(self, node: nodes.Bang) -> Evaluation:
        """`Table!Column` is a column; what else is written so is a parameter."""
        if len(node.expressions) == 2 and any(leaf.alias == node.parts[0].casefold() for leaf in self.leaves):
            table, column = node.expressions
            return self.column(exp.Column(this=column.copy(), table=table.copy()))
        return self._parameter(node.prompt)

    def _parameter(self, prompt: str) -> Evaluation:
        """Raises ParameterError where no value is given."""
        key = prompt.casefold()
        if key not in self.run.parameters:
            raise ParameterError(prompt)
        self.run.uses.add("parameters")
        value = self.run.parameters[key]
        return constant(value)

    def rows(self, query: exp.Expr) -> Callable[[Row], Sequence[Row]]:
        """A sub-query's rows, kept by the values that it reads around it."""
        made = self.within(query, self)
        known: dict[tuple[Any, ...], list[Row]] = {}
        reads = list(made.outer.values())

        def rows(row: Row) -> Sequence[Row]:
            self.row = ((),) * self.base + row if self.base else row
            key = tuple((type(v), v) for v in (found.of(scope.row) for scope, found in reads))
            if key not in known:
                if len(known) >= _MEMORIZED:
                    known.clear()
                known[key] = made.rows()
            return known[key]

        return rows

    def call(self, node: exp.Anonymous) -> Evaluation | None:
        """An aggregate or a domain function; None where it is neither."""
        return self.aggregate(node) or self.domain(node, self)

    def expanded(self) -> Iterator[tuple[int, str]]:
        """Each column of each leaf that a star stands for, by leaf and name."""
        for number, leaf in ((n, leaf) for n, leaf in enumerate(self.leaves) if not leaf.hidden):
            for place, title in enumerate(leaf.titles):
                if leaf.kinds[place] is not ColumnType.COMPLEX:
                    yield number, title


@dataclass(frozen=True)
class CompiledSubquery:
    """A compiled sub-query: its rows, and what it reads of the queries around it."""

    rows: Callable[[], list[Row]]
    outer: dict[tuple[int, int, int], tuple[SelectScope, Found]]
