"""FROM: tables, saved queries, sub-queries and what joins make of them, as rows of the leaves' rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.interpreter.comparison import compared, equal_key
from wizard.convert.interpreter.errors import CellError, ParameterError, UnsupportedError
from wizard.convert.interpreter.expressions import Evaluation, Row, conjuncts, prepared
from wizard.convert.interpreter.logic import truth
from wizard.convert.interpreter.query_run import QueryRun, keep_rows, key_of
from wizard.convert.interpreter.scopes import Found, Leaf, SelectScope
from wizard.definitions import Column, ColumnType, Table

_SUBQUERIES = (exp.Subquery, exp.Select, exp.Union)


class Compiled(Protocol):
    """A query ready to run."""

    names: list[str]
    kinds: list[ColumnType]
    outer: dict[tuple[int, int, int], tuple[SelectScope, Found]]

    def rows(self) -> list[Row]:
        """All rows. Raises InterpreterError, CellError."""


class FromSource(ABC):
    """An item of FROM: the leaves from `first` up to `last`, and rows of their rows."""

    first: int
    last: int

    @abstractmethod
    def rows(self, *, again: bool = False) -> Iterable[Row]:
        """`again`: they will be asked for again, so that they are better kept."""


@dataclass
class TableSource(FromSource):
    """A table of the database."""

    run: QueryRun
    leaf: Leaf
    table: Table
    first: int

    def __post_init__(self) -> None:
        self.last = self.first + 1

    @property
    def columns(self) -> list[Column]:
        """Those that are read."""
        return [self.table.columns[s] for s in self.leaf.slots]

    def rows(self, *, again: bool = False) -> Iterable[Row]:
        """Its rows, `again`: from memory where they were kept."""
        columns = self.columns
        found = self.run.kept(self.table, columns) if again else self.run.rows(self.table, columns)
        return ((row,) for row in found)

    def index(self, slot: int) -> JoinIndex:
        """The rows by the values of a column, which are kept as long as the run lasts."""
        key = (*key_of(self.table, self.columns), str(slot))
        if key not in self.run.indexes:
            rows = [(row,) for row in self.run.kept(self.table, self.columns)]
            self.run.indexes[key] = JoinIndex(self.run, rows, [lambda row: row[0][slot]])
        made: JoinIndex = self.run.indexes[key]
        return made


@dataclass
class QuerySource(FromSource):
    """A saved query or a sub-query."""

    run: QueryRun
    leaf: Leaf
    query: Compiled
    first: int
    _kept: list[Row] | None = None

    def __post_init__(self) -> None:
        self.last = self.first + 1

    def rows(self, *, again: bool = False) -> Iterable[Row]:
        """Its rows, `again`: from memory where they were kept."""
        if self._kept is not None:
            return self._kept
        slots = self.leaf.slots
        made = ((tuple(row[s] for s in slots),) for row in self.query.rows())
        if again and not self.query.outer:
            self._kept = keep_rows(made, self.run.meter)
            return self._kept
        return made


@dataclass
class Conditions:
    """What must be equal on two sides, and what else must hold of rows put together.

    `tests` take rows that begin at the left side's first leaf. `complete`: none was left out.
    """

    left: list[Evaluation] = field(default_factory=list)
    right: list[Evaluation] = field(default_factory=list)
    tests: list[Evaluation] = field(default_factory=list)
    complete: bool = True


@dataclass
class FromJoin(FromSource):
    """Two sides; `outer` is the side of which every row stays: `LEFT`, `RIGHT`, or `INNER` for neither."""

    run: QueryRun
    left: FromSource
    right: FromSource
    side: str
    by: Conditions
    scope: SelectScope
    forgiving: bool = False
    """an error in a condition lets a pair through: WHERE will ask again"""

    def __post_init__(self) -> None:
        self.first, self.last = self.left.first, self.right.last

    def rows(self, *, again: bool = False) -> Iterable[Row]:
        """The rows of both sides that fit each other."""
        swapped = self.side == "RIGHT"
        driving, other = (self.right, self.left) if swapped else (self.left, self.right)
        own, theirs = (self.by.right, self.by.left) if swapped else (self.by.left, self.by.right)
        index = JoinIndex(self.run, other.rows(again=True), theirs)
        missing = tuple(leaf.nulls for leaf in self.scope.leaves[other.first : other.last])
        step = self.run.meter.step
        for row in driving.rows(again=again):
            matched = False
            for found in index.candidates(row, own, forgiving=self.forgiving):
                step()
                both = found + row if swapped else row + found
                if self._holds(both):
                    matched = True
                    yield both
            if self.side != "INNER" and not (matched and self.by.complete):
                yield missing + row if swapped else row + missing

    def _holds(self, row: Row) -> bool:
        for test in self.by.tests:
            try:
                if truth(test(row)) is not True:
                    return False
            except CellError:
                if not self.forgiving:
                    raise
        return True


class JoinIndex:
    """Rows by the values that must be equal. Where kinds of values meet that are not alike, all are compared."""

    def __init__(self, run: QueryRun, rows: Iterable[Row], keys: Sequence[Evaluation]) -> None:
        self.run, self.keys = run, keys
        self.every: list[Row] = rows if isinstance(rows, list) else _listed(rows, run)
        self.by_key: dict[Row, list[Row]] = {}
        self.kinds: list[set[int]] = [set() for _ in keys]
        for row in self.every if keys else ():
            values = _values(row, keys)
            if None in values:
                continue
            for kinds, value in zip(self.kinds, values, strict=True):
                kinds.add(_kind(value))
            self.by_key.setdefault(tuple(map(equal_key, values)), []).append(row)

    def equal_to(self, value: Any) -> Iterable[Row]:
        """Rows whose one key equals a value."""
        return self.candidates((), [lambda _: value])

    def candidates(self, row: Row, keys: Sequence[Evaluation], *, forgiving: bool = False) -> Iterable[Row]:
        """Rows whose keys equal those of a row of the other side."""
        if not keys:
            return self.every
        try:
            values = _values(row, keys)
        except CellError:
            if forgiving:
                return self.every
            raise
        if None in values:
            return ()
        if all(kinds <= {_kind(v)} for kinds, v in zip(self.kinds, values, strict=True)):
            return self.by_key.get(tuple(map(equal_key, values)), ())
        return self._compared(values)

    def _compared(self, values: Row) -> Iterator[Row]:
        for row in self.every:
            self.run.meter.step()
            others = _values(row, self.keys)
            if None not in others and all(compared(a, b) == 0 for a, b in zip(values, others, strict=True)):
                yield row


def _listed(rows: Iterable[Row], run: QueryRun) -> list[Row]:
    kept = []
    for row in rows:
        for leaf in row:
            run.meter.keep(leaf)
        kept.append(row)
    return kept


def _values(row: Row, keys: Sequence[Evaluation]) -> Row:
    return tuple(key(row) for key in keys)


def _kind(value: Any) -> int:
    """Values of one kind are equal where their `equal_key` is."""
    if isinstance(value, str):
        return 1 if type(value) is str else 3
    if isinstance(value, datetime):
        return 2
    return 0 if isinstance(value, int | float | Decimal) else 4


class From:
    """Makes the source of a SELECT. `leaf` compiles what a table's or query's name, or a sub-query, stands for."""

    def __init__(self, run: QueryRun, scope: SelectScope, leaf: Callable[[exp.Expr, int], FromSource]) -> None:
        self.run, self.scope, self.leaf = run, scope, leaf

    def source(self, items: Sequence[exp.Expr], where: exp.Expr | None) -> FromSource | None:
        """All items together: between commas, what WHERE wants equal joins them."""
        made = [self._bound(node) for node in items]
        if not made:
            return None
        whole = self._joined(made[0])
        wanted = [c for c in conjuncts(where) if isinstance(c.unnest(), exp.EQ) and not c.find(*_SUBQUERIES)]
        for item in made[1:]:
            other = self._joined(item)
            by = self._conditions(wanted, whole, other, only_equal=True)
            whole = FromJoin(self.run, whole, other, "INNER", by, self.scope, forgiving=True)
        return whole

    def _bound(self, node: exp.Expr) -> Any:
        """The tree of an item with its leaves made, in their order; joins are made when all leaves are known."""
        if isinstance(node, exp.Paren):
            return self._bound(node.this)
        if isinstance(node, nodes.SourceJoin):
            return node, self._bound(node.this), self._bound(node.expression)
        return self.leaf(node, len(self.scope.leaves))

    def _joined(self, item: Any) -> FromSource:
        if isinstance(item, FromSource):
            return item
        node, one, other = item
        left, right = self._joined(one), self._joined(other)
        by = self._conditions(list(conjuncts(node.args["on"])), left, right)
        return FromJoin(self.run, left, right, node.args["side"], by, self.scope)

    def _conditions(
        self, wanted: Sequence[exp.Expr], left: FromSource, right: FromSource, *, only_equal: bool = False
    ) -> Conditions:
        made = Conditions()
        for condition in wanted:
            try:
                self._add(made, condition, left, right, only_equal=only_equal)
            except (ParameterError, UnsupportedError):
                if only_equal:
                    continue
                if not self.run.lenient:
                    raise
                self.run.exact = made.complete = False
        return made

    def _add(
        self, made: Conditions, condition: exp.Expr, left: FromSource, right: FromSource, *, only_equal: bool
    ) -> None:
        bare = condition.unnest()
        if isinstance(bare, exp.EQ) and not bare.find(*_SUBQUERIES):
            ends = [bare.this, bare.expression]
            sides = [self._side(end, left, right) for end in ends]
            if sorted(sides) == ["left", "right"]:
                one, other = ends if sides[0] == "left" else reversed(ends)
                made.left.append(self._prepared(one, left.first))
                made.right.append(self._prepared(other, right.first))
                return
        if not only_equal:
            made.tests.append(self._prepared(condition, left.first))

    def _prepared(self, node: exp.Expr, base: int) -> Evaluation:
        before, self.scope.base = self.scope.base, base
        try:
            return prepared(node, self.scope)
        finally:
            self.scope.base = before

    def _side(self, node: exp.Expr, left: FromSource, right: FromSource) -> str:
        """Which side all columns of an expression are of; empty for neither, or both."""
        sides = set()
        for column in node.find_all(exp.Column, nodes.Bang):
            found = self.scope.find(column) if isinstance(column, exp.Column) else None
            if found is None:
                return ""
            inside = [s for s, name in ((left, "left"), (right, "right")) if s.first <= found.leaf < s.last]
            sides.add("" if not inside else "left" if inside[0] is left else "right")
        return sides.pop() if len(sides) == 1 else ""
