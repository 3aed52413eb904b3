"""Saved queries after linking: links to views, pass-through queries, or left as they are.

A query that is replaced is kept under its local name. One is left where what uses it could not go on: code that
defines it, forms that would show a parameter's former value, a view whose rows Access could no longer change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.definitions import Column, ColumnType, Database, Index, IndexColumn, Query, QueryKind, Table
from wizard.messages import ConversionError
from wizard.objects import Conversion, ModuleParameter, ObjectKind, ServerModule
from wizard.uses import How, UserKind, Uses
from wizard.uses.sql import NamesOfSql

_ACTIONS: Final = (QueryKind.UPDATE, QueryKind.DELETE, QueryKind.APPEND)
_CALLS: Final = (How.OPEN_QUERY, How.EXECUTE, How.OPEN_RECORDSET)
"""in what way code runs a query by its name; before these a line can fill its parameters"""
_DEEPEST: Final = 20
"""queries that read one another"""
_Read = tuple[str, str]
"""a column: the name that its table has in FROM, and its own, both case-folded"""
_MOST_COLUMNS: Final = 10
"""of an index in Access"""


@dataclass(frozen=True, slots=True)
class KitView:
    """A saved query that becomes a link to its view."""

    name: str
    local: str
    view: str
    """schema and name of the view, parted by a dot, as links name it"""
    link: str
    """the name of the link: the query's own, or another where a query over it keeps the name"""
    key: tuple[str, ...]
    """columns of the pseudo-index; none where rows cannot be changed through the query in Access either"""
    sql: str = ""
    """of the query that keeps the name, where it sorts, or is opened as a query"""


@dataclass(frozen=True, slots=True)
class KitParameter:
    """A parameter of a pass-through query: where its value comes from, and how it is written in T-SQL."""

    expression: str
    """`[Forms]![F]![C]`, which Access computes; else what is asked"""
    asked: bool
    kind: str
    """number, text, date, bit or binary"""


@dataclass(frozen=True, slots=True)
class KitPass:
    """A saved query that becomes a pass-through query; `$(1)`, `$(2)`, … in its text stand for its parameters."""

    name: str
    local: str
    sql: str
    returns_records: bool
    parameters: tuple[KitParameter, ...] = ()
    called: tuple[tuple[str, int], ...] = ()
    """modules and lines that run it, before which its parameters must be filled"""


@dataclass(frozen=True, slots=True)
class KitLeft:
    """A query that has a view, function or procedure on the server, and is left as it is all the same."""

    name: str
    why: str


@dataclass(frozen=True)
class KitQueries:
    """All saved queries of a source that have a counterpart on the server."""

    views: tuple[KitView, ...] = ()
    passes: tuple[KitPass, ...] = ()
    left: tuple[KitLeft, ...] = ()


def queries_of(database: Database, conversion: Conversion, uses: Uses, free: Callable[[str, str], str]) -> KitQueries:
    """What becomes of each query.

    Args:
        uses: what the application does with them.
        free: gives a name with a suffix that nothing else in the Access file has.
    """
    planner = _Planner(database, uses, free)
    for module in conversion.modules:
        query = planner.queries.get(module.source.table.casefold()) if module.source else None
        if query is not None and module.kind is not ObjectKind.TABLE:
            planner.plan(query, module)
    return KitQueries(tuple(planner.views), tuple(planner.passes), tuple(planner.left))


class _Planner:
    def __init__(self, database: Database, uses: Uses, free: Callable[[str, str], str]) -> None:
        self.uses, self.free = uses, free
        self.tables = database.tables_by_name
        self.queries = {q.name.casefold(): q for q in database.queries if not q.hidden}
        self.views: list[KitView] = []
        self.passes: list[KitPass] = []
        self.left: list[KitLeft] = []
        self._can_change: dict[str, bool] = {}
        self._as_table: dict[str, Table | None] = {}
        """of queries that others read, by case-folded name: each is looked at once, however often it is read"""

    def plan(self, query: Query, module: ServerModule) -> None:
        why = self._defined(query) or (
            self._view(query, module) if module.kind is ObjectKind.VIEW else self._pass(query, module)
        )
        if why:
            self.left.append(KitLeft(query.name, why))

    def _defined(self, query: Query) -> str:
        """Why its own definition is needed; empty where it is not."""
        found = next((u for u in self.uses.of(query.name) if u.how is How.DEFINITION and not u.via), None)
        return f"code takes hold of its definition ({found.user})" if found else ""

    # --- views ---

    def _view(self, query: Query, module: ServerModule) -> str:
        try:
            body = parse_query(query.sql).this
        except ConversionError:
            return "its SQL could not be read again"
        outputs = [name for name, _, _ in self.uses.names.statement(query.sql).outputs.values()]
        order = _order(body, outputs)
        if order is None:
            return "it sorts by what is no column of it, and a view does not sort"
        key: tuple[str, ...] = ()
        if self._changeable(body):
            key = self._key(query, body)
            if not key:
                return "no columns of it tell its rows apart, so that they could not be changed through a view"
        opened = any(u.how is How.OPEN_QUERY and not u.via for u in self.uses.of(query.name))
        view = module.name.plain
        local = self.free(query.name, "_local")
        if not order and not opened:
            self.views.append(KitView(query.name, local, view, query.name, key))
            return ""
        link = self.free(query.name, "_view")
        sql = f"SELECT * FROM [{link}]" + (f" ORDER BY {order}" if order else "") + ";"
        self.views.append(KitView(query.name, local, view, link, key, sql))
        return ""

    def _body(self, query: Query) -> exp.Expr | None:
        tree = self.uses.names.statement(query.sql).tree
        return tree.this if isinstance(tree, nodes.SavedQuery) else None

    def _changeable(self, body: exp.Expr, depth: int = 0) -> bool:
        """Whether Access would let people change rows of it, as far as its form shows."""
        if not isinstance(body, nodes.AccessSelect) or depth > _DEEPEST:
            return False
        items = body.args.get("expressions") or ()
        bare = [i.this if isinstance(i, exp.Alias) else i for i in items]
        summed = bool(bare) and all(isinstance(i, exp.Anonymous | exp.Literal) for i in bare)
        if body.args.get("group") or body.args.get("distinct") or summed:
            return False
        for table in _tables_of(body):
            inner = self.queries.get(table.name.casefold())
            if inner and not self._inner_changeable(inner, depth + 1):
                return False
        return True

    def _inner_changeable(self, query: Query, depth: int) -> bool:
        name = query.name.casefold()
        if name not in self._can_change:
            self._can_change[name] = False  # where queries read one another in a circle
            body = self._body(query)
            self._can_change[name] = body is not None and self._changeable(body, depth)
        return self._can_change[name]

    def _source(self, name: str, depth: int) -> Table | None:
        """A table of FROM; of a query, a table with its columns and key."""
        if found := self.tables.get(name.casefold()):
            return found
        query = self.queries.get(name.casefold())
        if query is None or depth >= _DEEPEST:
            return None
        if name.casefold() not in self._as_table:
            self._as_table[name.casefold()] = None
            self._as_table[name.casefold()] = self._query_as_table(query, depth)
        return self._as_table[name.casefold()]

    def _query_as_table(self, query: Query, depth: int) -> Table | None:
        body = self._body(query)
        if body is None:
            return None
        key = self._key(query, body, depth + 1)
        outputs = self.uses.names.statement(query.sql).outputs.values()
        index = Index("", tuple(IndexColumn(c) for c in key), primary=True, unique=True)
        return Table(query.name, tuple(Column(n, ColumnType.UNKNOWN) for n, _, _ in outputs), (index,)) if key else None

    def _key(self, query: Query, body: exp.Expr, depth: int = 0) -> tuple[str, ...]:
        """Columns of the query that identify its rows: the keys of the tables that no other table determines."""
        names = self.uses.names.statement(query.sql)
        scope = _sources(body, lambda name: self._source(name, depth))
        known = {alias: t for alias, t in scope.items() if t is not None}
        if not scope or len(known) < len(scope):
            return ()
        needed = _determining(known, list(_equalities(body)))
        outputs = _columns_of(body, names)
        found: list[str] = []
        for alias in needed:
            key = known[alias].primary_key
            columns = [outputs.get((alias, c.name.casefold())) for c in key.columns] if key else [None]
            if any(c is None for c in columns):
                return ()
            found += [c for c in columns if c]
        return tuple(dict.fromkeys(found)) if len(found) <= _MOST_COLUMNS else ()

    # --- functions and procedures ---

    def _pass(self, query: Query, module: ServerModule) -> str:
        rows = module.kind is ObjectKind.FUNCTION or query.kind not in (*_ACTIONS, QueryKind.MAKE_TABLE)
        if query.kind is QueryKind.MAKE_TABLE:
            return "it makes a table, which would be made on the server and not here"
        marks = [f"$({n})" for n in range(1, len(module.parameters) + 1)]
        if "$(" in str(module.name):
            return "its name holds what stands for parameters"
        called: tuple[tuple[str, int], ...] = ()
        if module.parameters:
            uses = [u for u in self.uses.of(query.name) if not u.via]
            other = next((u for u in uses if u.user.kind is not UserKind.MODULE or u.how not in _CALLS), None)
            if other:
                return f"{other.user} uses it, and could not give its parameters to the server beforehand"
            called = tuple(dict.fromkeys((u.user.name, u.user.line) for u in uses))
        if module.kind is ObjectKind.FUNCTION:
            order = self._sorted(query)
            sql = f"SELECT * FROM {module.name}({', '.join(marks)})" + (f" ORDER BY {order}" if order else "")
        else:
            given = ", ".join(f"{p.name} = {m}" for p, m in zip(module.parameters, marks, strict=True))
            sql = f"EXEC {module.name} {given}".rstrip()
        parameters = tuple(map(_parameter, module.parameters))
        self.passes.append(KitPass(query.name, self.free(query.name, "_local"), sql, rows, parameters, called))
        return ""

    def _sorted(self, query: Query) -> str:
        try:
            body = parse_query(query.sql).this
        except ConversionError:
            return ""
        outputs = [name for name, _, _ in self.uses.names.statement(query.sql).outputs.values()]
        return _order(body, outputs) or ""


def _parameter(found: ModuleParameter) -> KitParameter:
    parts = found.prompt.split("!")
    asked = len(parts) < 3 or parts[0].casefold() not in ("forms", "reports")
    expression = found.prompt if asked else "!".join(f"[{p}]" for p in parts)
    return KitParameter(expression, asked, _kind(found.type_name))


def _kind(name: str) -> str:
    if name in ("date", "datetime", "datetime2", "smalldatetime", "time"):
        return "date"
    if name in ("nvarchar", "varchar", "nchar", "char", "ntext", "text", "uniqueidentifier"):
        return "text"
    if name in ("varbinary", "binary", "image"):
        return "binary"
    return "bit" if name == "bit" else "number"


# --- what a SELECT is ------------------------------------------------------------------------------------------------


def _order(body: exp.Expr, outputs: Iterable[str]) -> str | None:
    """What it sorts by, in its own columns, the same in Access SQL and T-SQL; None where that cannot be said."""
    order = body.args.get("order")
    if order is None:
        return ""
    known = {name.casefold(): name for name in outputs}
    aliased = {
        (i.this.sql() if not isinstance(i.this, exp.Column) else i.this.name).casefold(): i.alias
        for i in body.args.get("expressions") or ()
        if isinstance(i, exp.Alias)
    }
    found = []
    for item in order.expressions:
        node = item.this if isinstance(item, exp.Ordered) else item
        if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
            return None
        name = aliased.get(node.name.casefold(), node.name)
        if name.casefold() not in known or "]" in name:
            return None
        descending = isinstance(item, exp.Ordered) and item.args.get("desc")
        found.append(f"[{known[name.casefold()]}]" + (" DESC" if descending else ""))
    return ", ".join(found)


def _sources(body: exp.Expr, source: Callable[[str], Table | None]) -> dict[str, Table | None]:
    """The tables of FROM by their case-folded names there; None for what has no columns that are known."""
    found: dict[str, Table | None] = {}
    for item in nodes.members(body.args.get("sources") or ()):
        if isinstance(item, exp.Table):
            found[item.alias_or_name.casefold()] = source(item.name)
        else:
            found[f"\0{len(found)}"] = None
    return found


def _equalities(body: exp.Expr) -> Iterator[tuple[_Read, _Read]]:
    """Pairs of columns where the first determines the second: both ways in an inner join, from the side that keeps
    all its rows in an outer one."""
    for source in body.args.get("sources") or ():
        for join in source.find_all(nodes.SourceJoin):
            left = {t.alias_or_name.casefold() for t in join.this.find_all(exp.Table)}
            for one, other in _equal(join.args["on"]):
                if join.args["side"] == "INNER":
                    yield from ((one, other), (other, one))
                else:
                    first = (one[0] in left) == (join.args["side"] == "LEFT")
                    yield (one, other) if first else (other, one)


def _equal(condition: exp.Expr) -> Iterator[tuple[_Read, _Read]]:
    waiting = [condition]
    while waiting:
        node = waiting.pop().unnest()
        if isinstance(node, exp.And):
            waiting += [node.this, node.expression]
        elif isinstance(node, exp.EQ):
            one, other = node.this.unnest(), node.expression.unnest()
            if isinstance(one, exp.Column) and isinstance(other, exp.Column):
                yield ((one.table.casefold(), one.name.casefold()), (other.table.casefold(), other.name.casefold()))


def _determining(tables: Mapping[str, Table], pairs: Sequence[tuple[_Read, _Read]]) -> tuple[str, ...]:
    """The fewest tables, greedily, whose rows determine those of all: a join to a whole key finds one row at most."""

    def reached(start: Iterable[str]) -> set[str]:
        found = set(start)
        before = -1
        while before != len(found):
            before = len(found)
            for alias, table in tables.items():
                key = table.primary_key
                if alias in found or key is None:
                    continue
                given = {column for (owner, _), (own, column) in pairs if own == alias and owner in found}
                if {c.name.casefold() for c in key.columns} <= given:
                    found.add(alias)
        return found

    needed: list[str] = []
    while len(covered := reached(needed)) < len(tables):
        needed.append(max((a for a in tables if a not in covered), key=lambda a: len(reached([*needed, a]))))
    return tuple(needed)


def _columns_of(body: exp.Expr, names: NamesOfSql) -> dict[tuple[str, str], str]:
    """The query's own columns by the source in FROM and the column that they show, both case-folded."""
    found: dict[tuple[str, str], str] = {}
    scope = {t.alias_or_name.casefold(): t.name.casefold() for t in _tables_of(body)}
    for item in body.args.get("expressions") or ():
        node = item.this if isinstance(item, exp.Alias) else item
        if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            owner = node.args.get("table")
            alias = owner.name.casefold() if owner else (next(iter(scope)) if len(scope) == 1 else "")
            for name, source, column in names.outputs.values():
                if source is not None and column and source.name.casefold() == scope.get(alias):
                    found.setdefault((alias, column.casefold()), name)
        elif isinstance(node, exp.Column):
            alias = node.table.casefold() or _owner(node.name, names, scope)
            found.setdefault((alias, node.name.casefold()), item.alias if isinstance(item, exp.Alias) else node.name)
    return found


def _tables_of(body: exp.Expr) -> Iterator[exp.Table]:
    for source in body.args.get("sources") or ():
        yield from source.find_all(exp.Table)


def _owner(column: str, names: NamesOfSql, scope: Mapping[str, str]) -> str:
    """The alias of the table that a column without a table's name is of."""
    for source, own in names.columns.values():
        if own.casefold() == column.casefold():
            for alias, table in scope.items():
                if table == source.name.casefold():
                    return alias
    return ""
