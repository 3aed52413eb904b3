"""SELECT: rows filtered, grouped, made into an output, made distinct, sorted and cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.dialect.multivalued import SHOWN
from wizard.convert.interpreter.aggregates import AGGREGATES
from wizard.convert.interpreter.comparison import SortKey, equal_key, sort_key
from wizard.convert.interpreter.errors import (
    BoundsError,
    CellError,
    ErrorValue,
    ParameterError,
    QueryError,
    UnsupportedError,
)
from wizard.convert.interpreter.expressions import Evaluation, Row, conjuncts, function_name, prepared
from wizard.convert.interpreter.logic import truth
from wizard.convert.interpreter.multivalued import values_shown
from wizard.convert.interpreter.output_types import kind_of
from wizard.convert.interpreter.query_run import QueryRun
from wizard.convert.interpreter.row_groups import AggregateCall, RowGroup, evaluated
from wizard.convert.interpreter.scopes import Found, SelectScope
from wizard.convert.interpreter.sources import From, FromSource, TableSource
from wizard.definitions import ColumnType

FIRST_EXPRESSION: Final = 1000
"""Access calls a column without a name Expr1000 and on, by its place in the output"""
_INNER: Final = (exp.Subquery, exp.Select, exp.Union)


@dataclass
class SelectOutput:
    """An output column: its name, its type and what computes it."""

    name: str
    value: Evaluation
    kind: ColumnType
    node: exp.Expr
    leaf: int | None = None
    """the source that it is a column of"""


def own_nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """An expression's nodes, those of its sub-queries left out."""
    yield from node.walk(prune=lambda n: isinstance(n, _INNER))


def has_aggregate(node: exp.Expr) -> bool:
    """Whether an aggregate stands in the expression, sub-queries aside."""
    return any(isinstance(n, exp.Anonymous) and function_name(n) in AGGREGATES for n in own_nodes(node))


class CompiledSelect:
    """One SELECT, compiled. `leaf` compiles the leaves of FROM; see `From`."""

    def __init__(
        self,
        run: QueryRun,
        node: nodes.AccessSelect,
        parent: SelectScope | None,
        scope: Callable[[SelectScope | None], SelectScope],
        leaf: Callable[[SelectScope, exp.Expr, int], FromSource],
    ) -> None:
        if node.args.get("external") or node.args.get("into_external"):
            raise UnsupportedError("the query reads another database")
        self.run, self.node = run, node
        self.scope = scope(parent)
        self.calls: list[AggregateCall] = []
        self.scope.aggregate = self._no_aggregate
        where = node.args.get("where")
        condition = where.this if where else None
        self.source = From(run, self.scope, lambda n, at: leaf(self.scope, n, at)).source(
            node.args.get("sources") or [], condition
        )
        self.tests = self._tests(condition)
        self.again = parent is not None
        """whether the rows will be asked for again, so that those of tables are kept"""
        self.lookup = self._lookup(condition)
        group = node.args.get("group")
        self.group = [prepared(n, self.scope) for n in (group.expressions if group else ())]
        self.scope.outputs = {n.alias.casefold(): n.this for n in node.expressions if isinstance(n, exp.Alias)}
        having, order = node.args.get("having"), node.args.get("order")
        self.aggregated = bool(group or having) or any(has_aggregate(n) for n in node.expressions)
        if self.aggregated:
            self.scope.aggregate = self._aggregate
        self.outputs = self._outputs()
        self.having = self._tests(having.this if having else None)
        self.order = [self._order(item) for item in (order.expressions if order else ())]
        self.names, self.kinds = [o.name for o in self.outputs], [o.kind for o in self.outputs]
        self.outer: dict[tuple[int, int, int], tuple[SelectScope, Found]] = self.scope.outer

    def _tests(self, condition: exp.Expr | None) -> list[Evaluation]:
        """The conditions that must all hold; in a lenient run those that cannot be known are left out."""
        made = []
        for node in conjuncts(condition):
            try:
                made.append(prepared(node, self.scope))
            except (ParameterError, UnsupportedError):
                if not self.run.lenient:
                    raise
                self.run.exact = False
        return made

    def _no_aggregate(self, node: exp.Anonymous) -> Evaluation | None:
        if function_name(node) in AGGREGATES:
            raise QueryError(f"the aggregate {node.name} stands where none can")
        return None

    def _aggregate(self, node: exp.Anonymous) -> Evaluation | None:
        """The value of an aggregate in the row of a group, which follows those of the leaves."""
        make = AGGREGATES.get(function_name(node))
        if make is None:
            return None
        if len(node.expressions) != 1:
            raise QueryError(f"the aggregate {node.name} takes one value")
        if function_name(node) in ("first", "last"):
            self.run.uses.add("order")
        argument = node.expressions[0]
        self.scope.aggregate = self._no_aggregate
        try:
            value = None if isinstance(argument, exp.Star) else prepared(argument, self.scope)
        finally:
            self.scope.aggregate = self._aggregate
        self.calls.append(AggregateCall(make, value))
        place = len(self.calls) - 1

        def found(row: Row) -> Any:
            made = row[-1][place]
            if isinstance(made, ErrorValue):
                raise CellError(made.fault)
            return made

        return found

    def _outputs(self) -> list[SelectOutput]:
        made: list[SelectOutput] = []
        for node in self.node.expressions:
            if isinstance(node, exp.Star):
                made += [self._starred(number, name) for number, name in self.scope.expanded()]
            elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
                alias = node.table.casefold()
                wanted = [(n, t) for n, t in self.scope.expanded() if self.scope.leaves[n].alias == alias]
                if not wanted:
                    raise QueryError(f"there is no source {node.table}")
                made += [self._starred(number, name) for number, name in wanted]
            else:
                made.append(self._output(node))
        counts: dict[str, int] = {}
        for output in made:
            counts[output.name.casefold()] = counts.get(output.name.casefold(), 0) + 1
        for place, output in enumerate(made):
            if not output.name:
                output.name = f"Expr{FIRST_EXPRESSION + place}"
            elif output.leaf is not None and counts[output.name.casefold()] > 1:
                output.name = f"{self.scope.leaves[output.leaf].label}.{output.name}"
        return made

    def _starred(self, number: int, name: str) -> SelectOutput:
        leaf = self.scope.leaves[number]
        node = exp.column(name, leaf.label, quoted=True)
        found = Found(number, leaf.slot(name.casefold()), leaf.checked)
        return SelectOutput(name, found.of, leaf.kinds[leaf.names[name.casefold()]], node, number)

    def _output(self, node: exp.Expr) -> SelectOutput:
        """What is no column means other output columns before columns of sources (Microsoft's article Q97526)."""
        alias = node.alias if isinstance(node, exp.Alias) else ""
        bare = node.this if isinstance(node, exp.Alias) else node
        column = bare.unnest()
        name, leaf = alias, None
        several = self.scope.several(column) if isinstance(column, exp.Column) else None
        if several and not self.aggregated and not self.node.args.get("distinct"):
            number, folded = several
            table = self.scope.leaves[number].table
            assert table is not None  # noqa: S101  # only tables have complex columns
            values = values_shown(self.run, table.by_name[folded], self.scope.number_of(number, folded))
            return SelectOutput(name or table.by_name[folded].name, values, ColumnType.MEMO, bare, number)
        if isinstance(column, exp.Column):
            found = self.scope.find(column)
            if found is not None and not alias:
                titles = self.scope.leaves[found.leaf]
                name, leaf = column.meta.get(SHOWN) or titles.titles[titles.slots[found.slot]], found.leaf
            value = prepared(bare, self.scope)
        else:
            self.scope.preferred = alias.casefold() or "\0"
            try:
                value = prepared(bare, self.scope)
            finally:
                self.scope.preferred = ""
        return SelectOutput(name, value, kind_of(bare, self.scope), bare, leaf)

    def _order(self, item: exp.Expr) -> tuple[Evaluation | int, bool]:
        """What to sort by, or the place of an output column, and whether descending."""
        node, down = nodes.bare(item.this), bool(item.args.get("desc"))
        if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
            if not 1 <= int(node.name) <= len(self.outputs):
                raise QueryError(f"there is no output column {node.name} to sort by")
            return int(node.name) - 1, down
        return prepared(node, self.scope), down

    def _lookup(self, condition: exp.Expr | None) -> tuple[int, Evaluation] | None:
        """A column of the only table that WHERE wants equal to something outside it, by its slot."""
        if not isinstance(self.source, TableSource):
            return None
        for node in (c.unnest() for c in conjuncts(condition)):
            if not isinstance(node, exp.EQ) or node.find(*_INNER, exp.Any, exp.All):
                continue
            for one, other in ((node.this, node.expression), (node.expression, node.this)):
                bare = one.unnest()
                found = self.scope.find(bare) if isinstance(bare, exp.Column) else None
                if found is None or self._own(other):
                    continue
                try:
                    return found.slot, prepared(other, self.scope)
                except (ParameterError, UnsupportedError):
                    if not self.run.lenient:
                        raise  # else the condition has been left out
        return None

    def _own(self, node: exp.Expr) -> bool:
        """Whether an expression reads this SELECT's own sources, or calls what may differ from row to row."""
        if any(isinstance(n, exp.Anonymous) for n in node.walk()):
            return True
        return any(self.scope.find(c) is not None for c in node.find_all(exp.Column))

    def _from(self) -> Iterable[Row]:
        """The rows of FROM: where they are asked for again and again, those alone that can be equal."""
        if self.source is None:
            return [()]
        if self.again and self.lookup is not None and isinstance(self.source, TableSource):
            slot, value = self.lookup
            try:
                return self.source.index(slot).equal_to(value(()))
            except CellError:
                return self.source.rows(again=True)
        return self.source.rows(again=self.again)

    def source_rows(self) -> Iterator[Row]:
        """The rows of FROM that WHERE lets through."""
        found = self._from()
        step, tests = self.run.meter.step, self.tests
        for row in found:
            step()
            if all(truth(test(row)) is True for test in tests):
                yield row

    def rows(self) -> list[Row]:
        """The rows of the result."""
        rows: Iterable[Row] = self.grouped() if self.aggregated else self.source_rows()
        keyed = self.node.args.get("distinctrow") and not self.aggregated
        if keyed:
            rows = self._distinct_rows(rows)
        if not self.node.args.get("distinct"):
            if self.order and not any(isinstance(by, int) for by, _ in self.order):
                kept = list(self._counted(rows))
                keys = [[sort_key(by(row)) for by, _ in self.order if not isinstance(by, int)] for row in kept]
                return [self.made(kept[place]) for place in self._places(keys)]
            return self.in_order([(row, self.made(row)) for row in self._counted(rows)])
        firsts: dict[Row, tuple[Row, Row]] = {}
        for row in rows:
            out = self.made(row)
            key = tuple(map(equal_key, out))
            if key not in firsts:
                self.run.meter.keep(out)
                firsts[key] = (row, out)
        made = list(firsts.values())
        if not self.order:
            made.sort(key=lambda pair: tuple(map(_rank, pair[1])))
        return self.in_order(made)

    def _counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for count, row in enumerate(rows, start=1):
            if count > self.run.meter.bounds.rows:
                raise BoundsError("rows", self.run.meter.bounds.rows)
            for leaf in row:
                self.run.meter.keep(leaf)
            yield row

    def made(self, row: Row) -> Row:
        """The output of a row: an error is its cell's."""
        return tuple(evaluated(o.value, row) for o in self.outputs)

    def _distinct_rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Of rows of the sources that give columns each once, where other sources give none."""
        giving = sorted({n for o in self.outputs for n in self._leaves(o)})
        if len(self.scope.leaves) < 2 or not giving or len(giving) == len(self.scope.leaves):
            yield from rows
            return
        seen: dict[tuple[int, ...], Row] = {}
        for row in rows:
            key = tuple(id(row[n]) for n in giving)
            if key not in seen:
                seen[key] = row  # which keeps the identities
                yield row

    def _leaves(self, output: SelectOutput) -> set[int]:
        if output.leaf is not None:
            return {output.leaf}
        found = (self.scope.find(n) for n in own_nodes(output.node) if isinstance(n, exp.Column))
        return {f.leaf for f in found if f is not None}

    def grouped(self) -> list[Row]:
        """A row for each group that HAVING lets through, in the order of the groups' values.

        It is the first of the group's rows with the aggregates behind it; without GROUP BY there is always one.
        """
        groups: dict[Row, RowGroup] = {}
        for row in self.source_rows():
            values = tuple(group(row) for group in self.group)
            key = tuple(map(equal_key, values))
            group = groups.get(key)
            if group is None:
                self.run.meter.keep(values)
                group = groups[key] = RowGroup(row, values, self.calls)
            group.add(row)
        if not groups and not self.group:
            groups[()] = RowGroup(self.nothing, (), self.calls)
        found = sorted(groups.values(), key=lambda g: tuple(map(sort_key, g.values)))
        made = [g.row for g in found]
        return [row for row in made if all(truth(test(row)) is True for test in self.having)]

    @property
    def nothing(self) -> Row:
        """A row of NULLs of every leaf."""
        return tuple(leaf.nulls for leaf in self.scope.leaves)

    def in_order(self, made: list[tuple[Row, Row]]) -> list[Row]:
        """The output of rows, sorted and cut as the query says."""
        keys = [[self._key(by, row, out) for by, _ in self.order] for row, out in made]
        return [made[place][1] for place in self._places(keys)]

    def _places(self, keys: Sequence[list[SortKey]]) -> list[int]:
        """The rows that are given, in their order, by their keys."""
        places = list(range(len(keys)))
        for level in reversed(range(len(self.order))):
            places.sort(key=lambda p: keys[p][level], reverse=self.order[level][1])
        return self._top(places, keys)

    def _key(self, by: Evaluation | int, row: Row, out: Row) -> SortKey:
        return sort_key(out[by] if isinstance(by, int) else by(row))

    def _top(self, places: list[int], keys: Sequence[list[SortKey]]) -> list[int]:
        """TOP, with all rows that tie with the last in what ORDER BY says."""
        top = self.node.args.get("top")
        if top is None:
            return places
        count = int(top.this.name)
        if top.args.get("percent"):
            count = math.ceil(len(places) * count / 100)
        if not 0 < count < len(places):
            return places if count else []
        if not self.order:
            self.run.uses.add("order")
        end = count
        while self.order and end < len(places) and keys[places[end]] == keys[places[count - 1]]:
            end += 1
        return places[:end]


def _rank(value: Any) -> SortKey:
    return (9,) if isinstance(value, ErrorValue) else sort_key(value)
