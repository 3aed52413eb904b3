"""Which values expressions take over the rows of a query, found by reading the tables behind it.

A query's FROM and WHERE are worked through as sets of the few columns that are asked for: how often a row comes does
not matter here, so that duplicates go at once and memory stays small. Conditions that cannot be computed here (a
parameter, a function of Windows' settings) are left out; then there may be more rows than Access would find, and the
work is no longer `exact`. What is too large to be worth it raises UnknowableError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.convert.queries.agreement import conjuncts
from wizard.convert.queries.evaluate import Evaluation, Row, prepared
from wizard.convert.queries.evaluated import UnknowableError
from wizard.convert.queries.outputs import FIRST_EXPRESSION, own_columns
from wizard.convert.queries.pairing import Pairing, Rows, Run, distinct, paired
from wizard.definitions import ColumnType, Database, QueryKind, Table
from wizard.messages import ConversionError

Named = tuple[str, str]
"""a column: its source's alias and its name, case-folded"""
_READABLE: Final = frozenset(ColumnType) - {
    ColumnType.BINARY, ColumnType.LONGBINARY, ColumnType.COMPLEX, ColumnType.DATE_EXTENDED, ColumnType.UNKNOWN
}  # fmt: skip
_DEEPEST: Final = 50
"""queries that read queries"""


@dataclass
class _Leaf:
    """An item of FROM. `names` are its columns as they are called there; `rows` gives those asked for."""

    alias: str
    names: tuple[str, ...]
    rows: Callable[[Sequence[str]], Rows]


@dataclass
class RowSets:
    """Reads the tables and queries of one database."""

    database: Database
    _path: list[str] = field(default_factory=list)

    def values(self, query: exp.Expr, wanted: Sequence[exp.Expr]) -> Rows:
        """The values that expressions over the sources of a SELECT take. Raises UnknowableError."""
        return _Select(self, query).values(wanted)

    def outputs(self, query: exp.Expr) -> tuple[str, ...]:
        """The names of a query's output. Raises UnknowableError."""
        query = _plain(query)
        if isinstance(query, exp.Union):
            return self.outputs(query.this)
        return tuple(name for name, _ in _Select(self, query).outputs)

    def columns(self, query: exp.Expr, places: Sequence[int]) -> Rows:
        """The values of output columns, by place. Raises UnknowableError."""
        query = _plain(query)
        if not isinstance(query, exp.Union):
            select = _Select(self, query)
            return select.values([select.outputs[p][1] for p in places])
        first, second = self.columns(query.this, places), self.columns(query.expression, places)

        def rows(run: Run) -> Iterator[Row]:
            kinds: dict[int, set[bool]] = {}
            for row in (*first(run), *second(run)):
                for place, value in enumerate(row):
                    if value is not None and len(kinds.setdefault(place, set()) | {isinstance(value, str)}) > 1:
                        raise UnknowableError  # numbers become text beside text
                    if value is not None:
                        kinds[place].add(isinstance(value, str))
                yield row

        return rows

    def leaf(self, node: exp.Expr) -> _Leaf:
        if isinstance(node, exp.Subquery):
            return self._query(node.alias, node)
        if node.args.get("db"):
            raise UnknowableError
        name = node.name.casefold()
        table = self.database.tables_by_name.get(name)
        if table:
            return _table(node.alias or node.name, table)
        query = next((q for q in self.database.queries if q.name.casefold() == name), None)
        if query is None or query.hidden or query.kind is QueryKind.PASS_THROUGH:
            raise UnknowableError
        if name in self._path or len(self._path) >= _DEEPEST:
            raise UnknowableError
        try:
            tree = parse_query(query.sql).this
        except ConversionError:
            raise UnknowableError from None
        self._path.append(name)
        try:
            return self._query(node.alias or node.name, tree)
        finally:
            self._path.pop()

    def _query(self, alias: str, tree: exp.Expr) -> _Leaf:
        names = self.outputs(tree)
        folded = [n.casefold() for n in names]
        path = list(self._path)

        def rows(wanted: Sequence[str]) -> Rows:
            inner = RowSets(self.database, path)
            return inner.columns(tree, [folded.index(w) for w in wanted])

        return _Leaf(alias.casefold(), names, rows)


def _plain(query: exp.Expr) -> exp.Expr:
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, nodes.TableQuery):
        return nodes.AccessSelect(expressions=[exp.Star()], sources=[query.this.copy()])
    if not isinstance(query, exp.Union | nodes.AccessSelect):
        raise UnknowableError
    return query


def _table(alias: str, table: Table) -> _Leaf:
    def rows(wanted: Sequence[str]) -> Rows:
        columns = [table.by_name[w] for w in wanted]
        if any(c.type not in _READABLE for c in columns):
            raise UnknowableError
        single = [i for i, c in enumerate(columns) if c.type is ColumnType.SINGLE]

        def found(run: Run) -> Iterator[Row]:
            if not columns:  # whether there are rows at all
                readable = next((c.name for c in table.columns if c.type in _READABLE), None)
                if readable is None:
                    raise UnknowableError
                yield from (() for _ in run.read(table.name, [readable]))
                return
            for row in run.read(table.name, [c.name for c in columns]):
                if any(row[i] is not None and row[i] != round(row[i]) for i in single):
                    raise UnknowableError  # its digits are not those of a Double
                yield row

        return found

    return _Leaf(alias.casefold(), tuple(c.name for c in table.columns), rows)


class _Select:
    """One SELECT: its sources, and what names mean there."""

    def __init__(self, sets: RowSets, node: exp.Expr) -> None:
        if not isinstance(node, nodes.AccessSelect) or node.args.get("external") or node.args.get("into"):
            raise UnknowableError
        self.node = node
        self.sources: list[exp.Expr] = node.args.get("sources") or []
        found = [n for s in self.sources for n in _leaves(s)]
        self.leaves = [sets.leaf(n) for n in found]
        self.by_alias = {leaf.alias: leaf for leaf in self.leaves}
        if len(self.by_alias) != len(self.leaves) or not self.leaves:
            raise UnknowableError
        self.by_node = {id(n): leaf for n, leaf in zip(found, self.leaves, strict=True)}
        self.outputs = list(self._outputs())
        aliases = {n.alias.casefold() for n in node.expressions if isinstance(n, exp.Alias)}
        for name, made in self.outputs:
            named = [] if isinstance(made.unnest(), exp.Column) else [c for c in own_columns(made) if len(c.parts) == 1]
            if any(c.name.casefold() in aliases - {name.casefold()} and self.named(c) for c in named):
                raise UnknowableError  # which means the output column
        self.given = {n.alias.casefold(): n.this for n in node.expressions if isinstance(n, exp.Alias)}

    def _outputs(self) -> Iterator[tuple[str, exp.Expr]]:
        """Names and expressions; see `wizard.convert.queries.outputs`, whose naming this is."""
        made: list[tuple[str, str, exp.Expr]] = []
        for node in self.node.expressions:
            starred = isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star))
            if starred:
                only = node.table.casefold() if isinstance(node, exp.Column) else ""
                for leaf in self.leaves:
                    if not only or leaf.alias == only:
                        made += [(n, leaf.alias, exp.column(n, leaf.alias, quoted=True)) for n in leaf.names]
            elif isinstance(node, exp.Alias):
                made.append((node.alias, "", node.this))
            elif isinstance(node, exp.Column):
                named = self.named(node)
                made.append((node.name if named else "", named[0] if named else "", node))
            else:
                made.append(("", "", node))
        folded = [n.casefold() for n, _, _ in made]
        for index, (name, owner, node) in enumerate(made):
            shown = name or f"Expr{FIRST_EXPRESSION + index}"
            yield (f"{owner}.{name}" if owner and folded.count(folded[index]) > 1 else shown), node

    def named(self, column: exp.Column) -> Named | None:
        """The source and name of a column; None where it is of none. Raises UnknowableError where it may be of two."""
        parts = [p.name.casefold() for p in column.parts]
        if len(parts) > 1 and parts[0] in self.by_alias:
            leaf, name = self.by_alias[parts[0]], ".".join(parts[1:])
            return (leaf.alias, name) if name in _folded(leaf) else None
        hits = [leaf.alias for leaf in self.leaves if ".".join(parts) in _folded(leaf)]
        if len(hits) > 1:
            raise UnknowableError
        return (hits[0], ".".join(parts)) if hits else None

    def reads(self, node: exp.Expr, path: tuple[str, ...] = ()) -> set[Named]:
        """The columns an expression needs, by way of other output columns too. Raises UnknowableError."""
        found: set[Named] = set()
        for column in (_as_column(n) for n in node.walk() if isinstance(n, exp.Column | nodes.Bang)):
            named = self.named(column)
            name = column.name.casefold()
            if named:
                found.add(named)
            elif name in self.given and not column.args.get("table") and name not in path:
                found |= self.reads(self.given[name], (*path, name))
            else:
                raise UnknowableError  # a parameter
        return found

    def prepared(self, node: exp.Expr, layout: Sequence[Named]) -> Evaluation:
        """A function of rows that are laid out so. Raises UnknowableError."""
        places = {named: place for place, named in enumerate(layout)}

        def column(reference: exp.Column) -> Evaluation:
            named = self.named(reference)
            if named is None:
                return prepared(self.given[reference.name.casefold()], column)
            place = places.get(named)
            if place is None:
                raise UnknowableError  # a join's condition on what is not part of it
            return lambda row: row[place]

        self.reads(node)  # which refuses parameters and circles
        return prepared(node, column)

    def known(self, conditions: Iterable[exp.Expr]) -> list[exp.Expr]:
        """Those that can be computed here."""
        found = []
        for condition in conditions:
            try:
                self.prepared(condition, sorted(self.reads(condition)))
            except UnknowableError:
                continue
            found.append(condition)
        return found

    def values(self, wanted: Sequence[exp.Expr]) -> Rows:
        clauses = [c.this for key in ("where", "having") if (c := self.node.args.get(key))]
        asked = [condition for clause in clauses for condition in conjuncts(clause)]
        conditions = self.known(asked)
        exact = len(conditions) == len(asked) and not self.node.args.get("top")
        needed = set[Named]().union(*(self.reads(n) for n in (*wanted, *conditions)))
        layout, rows = self.joined(self.sources, needed)
        made = [self.prepared(n, layout) for n in wanted]
        tests = [self.prepared(n, layout) for n in conditions]

        def found(run: Run) -> Iterator[Row]:
            run.exact = run.exact and exact
            kept = (row for row in rows(run) if all(run.passes(test, row) for test in tests))
            yield from distinct(tuple(value(row) for value in made) for row in kept)

        return found

    def joined(self, sources: Sequence[exp.Expr], needed: set[Named]) -> tuple[list[Named], Rows]:
        """The rows of several items of FROM, each with each."""
        layout, rows = self.source(sources[0], needed)
        for source in sources[1:]:
            right_layout, right = self.source(source, needed)
            rows = paired(rows, right, Pairing(width=len(right_layout)))
            layout = layout + right_layout
        return layout, rows

    def source(self, node: exp.Expr, needed: set[Named]) -> tuple[list[Named], Rows]:
        if isinstance(node, exp.Paren):
            return self.source(node.this, needed)
        if isinstance(node, nodes.SourceJoin):
            return self.join(node, needed)
        leaf = self.by_node[id(node)]
        names = sorted(name for alias, name in needed if alias == leaf.alias)
        rows = leaf.rows(names)
        return [(leaf.alias, name) for name in names], lambda run: distinct(rows(run))

    def join(self, node: nodes.SourceJoin, needed: set[Named]) -> tuple[list[Named], Rows]:
        asked = list(conjuncts(node.args["on"]))
        conditions = self.known(asked)
        inner = needed.union(*(self.reads(c) for c in conditions))
        sides = [node.this, node.expression]
        if node.args["side"] == "RIGHT":
            sides.reverse()
        (left_layout, left), (right_layout, right) = (self.source(s, inner) for s in sides)
        pairs, rest = self.equal(conditions, left_layout, right_layout)
        tests = [self.prepared(c, left_layout + right_layout) for c in rest]
        outer = node.args["side"] != "INNER"
        pairing = Pairing(pairs, tests, len(right_layout), outer=outer, complete=len(conditions) == len(asked))
        rows = paired(left, right, pairing)
        layout = [named for named in left_layout + right_layout if named in needed]
        places = [(left_layout + right_layout).index(named) for named in layout]
        return layout, lambda run: distinct(tuple(row[p] for p in places) for row in rows(run))

    def equal(
        self, conditions: Sequence[exp.Expr], left: Sequence[Named], right: Sequence[Named]
    ) -> tuple[list[tuple[int, int]], list[exp.Expr]]:
        """The places of columns that a join wants equal, and its other conditions."""
        pairs, rest = [], []
        for condition in conditions:
            ends = [condition.this.unnest(), condition.expression.unnest()] if isinstance(condition, exp.EQ) else []
            names = [self.named(e) for e in ends if isinstance(e, exp.Column)]
            one, other = names if len(names) == 2 else (None, None)
            if one in right and other in left:
                one, other = other, one
            if one and other and one in left and other in right:
                pairs.append((list(left).index(one), list(right).index(other)))
            else:
                rest.append(condition)
        return pairs, rest


def _folded(leaf: _Leaf) -> frozenset[str]:
    return frozenset(n.casefold() for n in leaf.names)


def _leaves(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, nodes.SourceJoin):
        yield from _leaves(node.this)
        yield from _leaves(node.expression)
    elif isinstance(node, exp.Paren):
        yield from _leaves(node.this)
    else:
        yield node


def _as_column(node: Any) -> exp.Column:
    """`Table!Column` is a column like others."""
    if isinstance(node, exp.Column):
        return node
    if len(node.expressions) != 2:
        raise UnknowableError
    return exp.Column(this=node.expressions[1].copy(), table=node.expressions[0].copy())
