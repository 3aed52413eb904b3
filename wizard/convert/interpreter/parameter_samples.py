"""Columns that a query compares a parameter with: a value of theirs is a sample that finds rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_query
from wizard.definitions import Database
from wizard.messages import ConversionError

_MEETING = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Like, nodes.ALike)
_DEEPEST = 20


def sample_columns(sql: str, prompt: str, database: Database) -> Iterator[tuple[str, str]]:
    """Table and column, as the definitions have them, in the query's order; in queries that it reads, too."""
    seen: set[str] = set()
    texts = [sql]
    queries = {q.name.casefold(): q.sql for q in database.queries}
    while texts and len(seen) < _DEEPEST:
        try:
            tree = parse_query(texts.pop(0))
        except ConversionError:
            continue
        names = [t.name.casefold() for t in tree.find_all(exp.Table)]
        yield from _compared(tree, prompt.casefold(), names, database)
        for name in names:
            if name in queries and name not in seen:
                seen.add(name)
                texts.append(queries[name])


def _compared(tree: exp.Expr, prompt: str, tables: list[str], database: Database) -> Iterator[tuple[str, str]]:
    for node in tree.find_all(exp.Column, nodes.Bang):
        if _named(node) != prompt:
            continue
        top: exp.Expr = node
        while isinstance(top.parent, exp.Paren | exp.Add | exp.Sub | exp.DPipe):
            top = top.parent
        if not isinstance(top.parent, _MEETING):
            continue
        for column in (c for s in top.parent.iter_expressions() if s is not top for c in s.find_all(exp.Column)):
            for table in (database.tables_by_name[t] for t in tables if t in database.tables_by_name):
                found = table.by_name.get(column.name.casefold())
                if found is not None and found.complex_kind is None:
                    yield table.name, found.name


def _named(node: exp.Expr) -> str:
    if isinstance(node, nodes.Bang):
        return node.prompt.casefold()
    return ".".join(p.name for p in node.parts).casefold() if isinstance(node, exp.Column) else ""
