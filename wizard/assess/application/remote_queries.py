"""How much of a query over linked tables Access sends to the server: all, a part, or only requests for whole tables.

Sources: Microsoft Jet Database Engine Programmer's Guide, chapter 9, "Remote vs. Local Processing" and "Unsupported
Operators and Functions" (the operators and functions that Access sends); Microsoft's white paper "Jet Database Engine
ODBC Connectivity" (what it evaluates itself: TOP, crosstabs, First and Last, joins over grouped queries, functions of
VBA over columns). What is not over columns (`Date()`, `Forms!F!C`) is computed once and sent as a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlglot import exp

from wizard.assess.application.linked import LinkedTables
from wizard.convert.dialect import nodes
from wizard.definitions import Query, QueryKind
from wizard.uses.model import User
from wizard.uses.sql import DOMAINS, NamesOfSql, SqlNames

_SENT_FUNCTIONS: Final = frozenset(
    ["abs", "atn", "cos", "exp", "fix", "int", "log", "rnd", "sgn", "sin", "sqr", "tan", "asc", "chr", "instr", "lcase",
     "left", "len", "ltrim", "mid", "right", "rtrim", "space", "str", "string", "trim", "ucase", "ccur", "cdbl", "cint",
     "clng", "csng", "cstr", "cvdate", "date", "datepart", "day", "hour", "minute", "month", "now", "second", "time",
     "weekday", "year", "avg", "count", "max", "min", "sum"]
)  # fmt: skip
_AGGREGATES: Final = frozenset(["first", "last", "stdev", "stdevp", "var", "varp"])
_CLAUSES: Final = (
    ("group", "FETCHED", "groups by"),
    ("having", "SPLIT", "filters its groups by"),
    ("order", "SPLIT", "sorts by"),
)
_SUMS: Final = frozenset(["avg", "count", "max", "min", "sum"])
_DEEPEST: Final = 20


class Sent(StrEnum):
    """How much of a query Access sends."""

    WHOLE = "sent whole"
    SPLIT = "split"
    FETCHED = "fetched whole"


@dataclass(frozen=True, slots=True)
class JudgedStatement:
    """What becomes of one query or record source over linked tables."""

    user: User
    how: str
    sent: Sent
    reasons: tuple[str, ...] = ()
    rows: int = 0
    """rows that come over the network each time, at most"""
    tables: tuple[str, ...] = ()
    """linked tables that it reads, through queries too"""


@dataclass
class _SentFacts:
    sent: Sent = Sent.WHOLE
    reasons: dict[str, None] = field(default_factory=dict)

    def note(self, sent: Sent, reason: str) -> None:
        """The worst counts."""
        order = list(Sent)
        self.sent = max(self.sent, sent, key=order.index)
        self.reasons[reason] = None


@dataclass(frozen=True)
class Sending:
    """Judges queries. `queries` are the saved ones, by case-folded name."""

    names: SqlNames
    linked: LinkedTables
    queries: Mapping[str, Query]

    def judge(self, text: str, user: User, how: str) -> JudgedStatement | None:
        """What Access sends of it; None where it reads no linked table, or is no query that can be read."""
        names = self._names(text)
        tables = tuple(dict.fromkeys(self._tables(names, 0)))
        if names.tree is None:
            if not tables or self.names.source(text.strip().rstrip("; \r\n")) is None:
                return None
            found, rows = _SentFacts(), self.linked.rows_of(tables)
        elif not tables:
            return None
        else:
            found = self._statement(names, 0)
            rows = self._rows(names, tables, found.sent)
        return JudgedStatement(user, how, found.sent, tuple(found.reasons), rows, tables)

    def _names(self, text: str) -> NamesOfSql:
        bare = text.strip().rstrip("; \r\n")
        if source := self.names.source(bare):
            query = self.queries.get(source.name.casefold())
            if query is None or query.kind is QueryKind.PASS_THROUGH:
                return NamesOfSql(sources={source.name.casefold(): source})
            return self.names.statement(query.sql)
        return self.names.statement(text)

    def _tables(self, names: NamesOfSql, depth: int) -> Iterator[str]:
        """The linked tables that it reads."""
        for source in names.sources.values():
            if self.linked.named(source.name):
                yield source.name
            elif (query := self.names.query(source.name)) and depth < _DEEPEST:
                yield from self._tables(self.names.statement(query.sql), depth + 1)

    # --- what is sent ---

    def _statement(self, names: NamesOfSql, depth: int) -> _SentFacts:
        found = _SentFacts()
        tree = names.tree
        body = tree.this if isinstance(tree, nodes.SavedQuery) else tree
        if body is None or depth > _DEEPEST:
            return found
        if isinstance(body, nodes.Transform):
            found.note(Sent.SPLIT, "Access makes the columns of a crosstab itself")
        if isinstance(body, nodes.UpdateQuery | nodes.DeleteQuery | nodes.Append):
            found.note(Sent.SPLIT, "Access changes the rows one at a time")
        for node in body.walk():
            if isinstance(node, nodes.AccessSelect):
                self._select(node, found)
            elif isinstance(node, exp.Union):
                found.note(Sent.SPLIT, "Access puts the members of a UNION together itself")
            elif isinstance(node, nodes.UpdateQuery | nodes.DeleteQuery):
                self._where(node, found)
        self._sources(names, found, depth)
        return found

    def _select(self, node: nodes.AccessSelect, found: _SentFacts) -> None:
        if node.args.get("top"):
            found.note(Sent.SPLIT, "Access takes the TOP rows itself")
        self._where(node, found)
        for part, sent, what in _CLAUSES:
            clause = node.args.get(part)
            for function in _unsent(clause) if clause else ():
                found.note(Sent[sent], f"it {what} {function}(), which the server is not asked for")
        for join in node.find_all(nodes.SourceJoin):
            for function in _unsent(join.args["on"]):
                found.note(Sent.FETCHED, f"it joins by {function}(), which the server is not asked for")
        for item in node.args.get("expressions") or ():
            self._output(item, found, distinct=bool(node.args.get("distinct")))

    def _output(self, item: exp.Expression, found: _SentFacts, *, distinct: bool) -> None:
        """What is computed row by row stays here and costs nothing; what many rows become one by is another matter."""
        for function in _unsent(item) if distinct else ():
            found.note(Sent.SPLIT, f"its DISTINCT is over {function}(), which Access computes")
        for call in item.find_all(exp.Anonymous):
            name = str(call.this)
            if name.casefold() in _AGGREGATES:
                found.note(Sent.FETCHED, f"Access computes {name}() itself")
            elif name.casefold() in _SUMS:
                for function in _unsent(call):
                    found.note(Sent.FETCHED, f"its {name}() is over {function}(), which Access computes")

    def _where(self, node: exp.Expression, found: _SentFacts) -> None:
        where = node.args.get("where")
        if where is None:
            return
        kept, sent = dict[str, None](), 0
        for condition in _conditions(where.this):
            reasons = [f"it filters by {f}(), which the server is not asked for" for f in _unsent(condition)]
            reasons += [f"Like {p!r} has signs that no server knows" for p in _patterns(condition)]
            if reasons:
                kept |= dict.fromkeys(reasons)
            else:
                sent += 1
        for reason in kept:
            found.note(Sent.SPLIT if sent else Sent.FETCHED, reason)

    def _sources(self, names: NamesOfSql, found: _SentFacts, depth: int) -> None:
        """Tables that stay in Access, and queries that are read."""
        linked = [s.name for s in names.sources.values() if self._is_linked(s.name)]
        local = [s.name for s in names.sources.values() if not self._is_linked(s.name)]
        if linked and local:
            found.note(Sent.FETCHED, f"it joins {local[0]}, which is not on the server")
        for source in names.sources.values():
            query = self.queries.get(source.name.casefold())
            if query is None or query.kind is QueryKind.PASS_THROUGH or depth > _DEEPEST:
                continue
            inner = self.names.statement(query.sql)
            below = self._statement(inner, depth + 1)
            for reason in below.reasons:
                found.note(below.sent, f"{source.name}: {reason}")
            if _is_grouped(inner) and len(names.sources) > 1:
                found.note(Sent.SPLIT, f"it joins {source.name}, which groups or takes distinct rows")

    def _is_linked(self, name: str) -> bool:
        if self.linked.named(name):
            return True
        query = self.queries.get(name.casefold())
        return query is not None and any(self._tables(self.names.statement(query.sql), 0))

    # --- rows ---

    def _rows(self, names: NamesOfSql, tables: tuple[str, ...], sent: Sent) -> int:
        """The most rows that come over the network."""
        body = names.tree.this if names.tree is not None else None
        whole = self.linked.rows_of(tables)
        if sent is Sent.FETCHED or not isinstance(body, nodes.AccessSelect):
            return whole
        if not body.args.get("group") and _only_aggregates(body):
            return 1 if sent is Sent.WHOLE else whole
        if len(tables) == 1 and self._one_row(tables[0], body):
            return 1
        return max((self.linked.rows_of([t]) for t in tables), default=0)

    def _one_row(self, table: str, body: nodes.AccessSelect) -> bool:
        """Whether its WHERE asks for one value of a key."""
        where = body.args.get("where")
        keys = self.linked.keys(table)
        for condition in _conditions(where.this) if where else ():
            inner = condition.unnest()
            if isinstance(inner, exp.EQ):
                for side, other in ((inner.this, inner.expression), (inner.expression, inner.this)):
                    if isinstance(side, exp.Column) and side.name.casefold() in keys and not _has_columns(other):
                        return True
        return False


def _conditions(tree: exp.Expression) -> Iterator[exp.Expression]:
    """What is joined by And."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        inner = node.unnest()
        if isinstance(inner, exp.And):
            waiting += [inner.expression, inner.this]
        else:
            yield node


def _unsent(tree: exp.Expression) -> Iterator[str]:
    """The functions over columns that Access computes itself; sub-queries are queries of their own."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Subquery | nodes.AccessSelect):
            continue
        if isinstance(node, exp.Anonymous):
            name = str(node.this)
            known = name.casefold().rstrip("$")
            known_to_server = known in _SENT_FUNCTIONS or known in _AGGREGATES
            if not known_to_server and (_has_columns(node) or known in DOMAINS):
                yield name
                continue
        waiting += list(node.iter_expressions())


def _has_columns(tree: exp.Expression) -> bool:
    return any(not isinstance(c.this, exp.Star) for c in tree.find_all(exp.Column))


def _patterns(tree: exp.Expression) -> Iterator[str]:
    """Patterns that have more than `*` and `?`."""
    for node in tree.find_all(exp.Like):
        pattern = node.expression
        if isinstance(pattern, exp.Literal) and ("#" in pattern.name or "[" in pattern.name):
            yield pattern.name


def _only_aggregates(body: nodes.AccessSelect) -> bool:
    items = body.args.get("expressions") or ()
    bare = [i.this if isinstance(i, exp.Alias) else i for i in items]
    return bool(bare) and all(isinstance(i, exp.Anonymous) and str(i.this).casefold() in _SUMS for i in bare)


def _is_grouped(names: NamesOfSql) -> bool:
    body = names.tree.this if names.tree is not None else None
    return isinstance(body, exp.Union | nodes.Transform) or (
        isinstance(body, nodes.AccessSelect)
        and bool(body.args.get("group") or body.args.get("distinct") or body.args.get("top"))
    )
