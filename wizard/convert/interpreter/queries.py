"""Whole queries: what a name in FROM stands for, unions, saved queries that read saved queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.dialect.multivalued import HIDDEN, joined
from wizard.convert.interpreter.comparison import SortKey, equal_key, sort_key
from wizard.convert.interpreter.crosstabs import Crosstab
from wizard.convert.interpreter.domains import domain_call
from wizard.convert.interpreter.errors import CellError, ErrorValue, QueryError, UnsupportedError
from wizard.convert.interpreter.expressions import Row
from wizard.convert.interpreter.output_types import TEXTS
from wizard.convert.interpreter.query_run import QueryRun, keep_rows
from wizard.convert.interpreter.scopes import CompiledSubquery, Found, Leaf, SelectScope
from wizard.convert.interpreter.selects import CompiledSelect
from wizard.convert.interpreter.sources import Compiled, FromSource, QuerySource, TableSource
from wizard.convert.interpreter.values import text_of
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

_DOMAIN: Final = "domain"
"""marks, in a node's `meta`, the table or query of a domain function"""
_DEEPEST: Final = 50
"""saved queries that read saved queries"""
Outer = dict[tuple[int, int, int], tuple[SelectScope, Found]]


class Compiler:
    """Compiles the queries of one run."""

    def __init__(self, run: QueryRun) -> None:
        self.run = run

    def query(self, node: exp.Expr, parent: SelectScope | None = None) -> Compiled:
        """Any query that gives rows. Raises InterpreterError."""
        while isinstance(node, exp.Subquery):
            node = node.this
        if isinstance(node, nodes.TableQuery):
            node = nodes.AccessSelect(expressions=[exp.Star()], sources=[node.this.copy()])
        if isinstance(node, exp.Union):
            return Union(self, node, parent)
        if isinstance(node, nodes.Transform):
            return Crosstab(self.run, node, self.select(node.args["query"].copy()))
        if isinstance(node, nodes.AccessSelect):
            return self.select(node, parent)
        raise UnsupportedError("only queries that give rows are run here")

    def select(self, node: nodes.AccessSelect, parent: SelectScope | None = None) -> CompiledSelect:
        """A SELECT. Raises InterpreterError."""
        return CompiledSelect(self.run, node, parent, self.scope, self.leaf)

    def domain(self, node: nodes.AccessSelect) -> CompiledSelect:
        """The SELECT of a domain function: others will read the same table or query."""
        (item,) = node.args["sources"]
        for source in item.find_all(exp.Table):
            source.meta[_DOMAIN] = True
        made = self.select(node)
        made.again = True
        return made

    def scope(self, parent: SelectScope | None = None) -> SelectScope:
        """A scope without sources, within another."""
        made = SelectScope(self.run, (), parent)
        made.within = self._within
        made.domain = lambda call, scope: domain_call(self, call, scope)
        return made

    def _within(self, node: exp.Expr, scope: SelectScope) -> CompiledSubquery:
        made = self.query(node, scope)
        return CompiledSubquery(made.rows, made.outer)

    def leaf(self, scope: SelectScope, node: exp.Expr, number: int) -> FromSource:
        """A table, a saved query or a sub-query of FROM, which becomes a leaf of the scope.

        Raises UnsupportedError for a table that is not in this file.
        """
        if isinstance(node, exp.Subquery):
            query = self.query(node, scope.parent)
            scope.outer.update(query.outer)
            inner = frozenset() if node.alias else frozenset(leaf.alias for leaf in _leaves(query))
            return self._bound(scope, node.alias or f"made {number}", query, inner)
        if node.args.get("db"):
            raise UnsupportedError(f"{node.name} is in another database")
        table = self.run.table(node.name)
        if table is not None:
            kinds = [ColumnType.COMPLEX if c.complex_kind else c.type for c in table.columns]
            titles, hidden = [c.name for c in table.columns], HIDDEN in node.meta
            leaf = Leaf(node.alias or table.name, titles, kinds, hidden=hidden, table=table)
            self._added(scope, leaf)
            return TableSource(self.run, leaf, table, number)
        linked = self.run.linked(node.name)
        if linked is not None:
            raise UnsupportedError(f"the linked table {linked.name} is not at hand")
        query = self.saved(node.name) if not node.meta.get(_DOMAIN) else self._kept(node.name)
        return self._bound(scope, node.alias or node.name, query)

    def _kept(self, name: str) -> Compiled:
        """A saved query whose rows are made once."""
        known = self.run.results
        if name.casefold() not in known:
            known[name.casefold()] = KeptQuery(self.saved(name), self.run)
        made: KeptQuery = known[name.casefold()]
        return made

    def _bound(
        self, scope: SelectScope, alias: str, query: Compiled, inner: frozenset[str] = frozenset()
    ) -> FromSource:
        leaf = Leaf(alias, query.names, query.kinds, inner, checked=True)
        self._added(scope, leaf)
        return QuerySource(self.run, leaf, query, len(scope.leaves) - 1)

    def _added(self, scope: SelectScope, leaf: Leaf) -> None:
        if any(leaf.alias == other.alias for other in scope.leaves):
            raise QueryError(f"two sources are called {leaf.label}")
        scope.leaves.append(leaf)

    def saved(self, name: str) -> Compiled:
        """A saved query. Raises InterpreterError."""
        query, run = self.run.query(name), self.run
        folded = query.name.casefold()
        if folded in run.path:
            raise QueryError(f"the query {query.name} reads itself")
        if len(run.path) >= _DEEPEST:
            raise UnsupportedError(f"more than {_DEEPEST} queries read each other")
        try:
            tree = joined(parse_query(query.sql), run.database)
        except ConversionError as e:
            raise QueryError(f"{query.name}: {e.message.clause}") from e
        run.path.append(folded)
        try:
            return self.statement(tree)
        finally:
            run.path.pop()

    def statement(self, tree: nodes.SavedQuery) -> Compiled:
        """A parsed statement, whose declared parameters count within it."""
        declared = {
            p.this.name.casefold() for p in tree.args.get("parameters") or () if isinstance(p.this, exp.Identifier)
        }
        before, self.run.declared = self.run.declared, frozenset(declared)
        try:
            return self.query(tree.this)
        finally:
            self.run.declared = before


def _leaves(query: Compiled) -> Sequence[Leaf]:
    return query.scope.leaves if isinstance(query, CompiledSelect) else ()


class KeptQuery:
    """A query whose rows are made once and kept."""

    def __init__(self, query: Compiled, run: QueryRun) -> None:
        self.names, self.kinds, self.outer = query.names, query.kinds, query.outer
        self._query, self._run = query, run
        self._rows: list[Row] | None = None

    def rows(self) -> list[Row]:
        """The rows, made the first time."""
        if self._rows is None:
            self._rows = keep_rows(self._query.rows(), self._run.meter)
        return self._rows


class Union:
    """Queries one after the other; without ALL each row once. Columns have the first member's names."""

    def __init__(self, compiler: Compiler, node: exp.Union, parent: SelectScope | None) -> None:
        self.run = compiler.run
        members, self.all = _members(node)
        self.members = [compiler.query(m, parent) for m in members]
        self.names = list(self.members[0].names)
        if any(len(m.names) != len(self.names) for m in self.members):
            raise QueryError("the members of a UNION have different numbers of columns")
        self.kinds = [_common([m.kinds[i] for m in self.members]) for i in range(len(self.names))]
        self.outer: Outer = {}
        for member in self.members:
            self.outer.update(member.outer)
        order = node.args.get("order")
        self.order = [self._order(item) for item in (order.expressions if order else ())]

    def _order(self, item: exp.Expr) -> tuple[int, bool]:
        node, down = nodes.bare(item.this), bool(item.args.get("desc"))
        if isinstance(node, exp.Literal) and node.name.isdigit() and 1 <= int(node.name) <= len(self.names):
            return int(node.name) - 1, down
        folded = [n.casefold() for n in self.names]
        if isinstance(node, exp.Column) and node.name.casefold() in folded:
            return folded.index(node.name.casefold()), down
        raise QueryError("a UNION is sorted by its output columns alone")

    def rows(self) -> list[Row]:
        """The rows of all members."""
        made: list[Row] = []
        for member, every in zip(self.members, (True, *self.all), strict=True):
            made += member.rows()
            if not every:
                made = list({tuple(map(equal_key, row)): row for row in reversed(made)}.values())[::-1]
                made.sort(key=_whole_row)
        texts = [i for i, kind in enumerate(self.kinds) if kind in TEXTS or _mixed(made, i)]
        if texts:
            made = [_as_texts(row, texts) for row in made]
        for place, down in reversed(self.order):
            made.sort(key=lambda row: _cell_key(row[place]), reverse=down)
        return made


def _whole_row(row: Row) -> tuple[SortKey, ...]:
    return tuple(map(_cell_key, row))


def _cell_key(value: Any) -> SortKey:
    return (9,) if isinstance(value, ErrorValue) else sort_key(value)


def _members(node: exp.Union) -> tuple[list[exp.Expr], list[bool]]:
    """The members, and of each but the first whether ALL stands before it."""
    members: list[exp.Expr] = []
    every: list[bool] = []
    left: exp.Expr = node
    while isinstance(left, exp.Union):
        members.append(left.expression)
        every.append(not left.args["distinct"])
        left = left.this
    return [left, *reversed(members)], every[::-1]


def _common(kinds: Iterable[ColumnType]) -> ColumnType:
    found = set(kinds)
    if any(k in TEXTS for k in found):
        return ColumnType.TEXT
    return found.pop() if len(found) == 1 else ColumnType.UNKNOWN


def _mixed(rows: Sequence[Row], place: int) -> bool:
    """Whether text stands beside other values: then all of it is text."""
    kinds = {isinstance(row[place], str) for row in rows if row[place] is not None}
    return len(kinds) > 1


def _as_texts(row: Row, places: Sequence[int]) -> Row:
    made = list(row)
    for place in places:
        value = made[place]
        if value is None or isinstance(value, str | ErrorValue):
            continue
        try:
            made[place] = text_of(value)
        except CellError as e:
            made[place] = ErrorValue(e.fault)
    return tuple(made)
