"""Small databases whose rows are lists in memory, for the interpreter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from wizard.convert.interpreter import Bounds, ErrorValue, Interpreter
from wizard.definitions import Column, ColumnType, Database, Query, QueryKind, Table

NOW = datetime(2024, 6, 30, 13, 5, 9)
Rows = Sequence[tuple[Any, ...]]


def table(name: str, **columns: ColumnType) -> Table:
    return Table(name, tuple(Column(n, kind) for n, kind in columns.items()))


class Data:
    """Tables with their rows, and saved queries. `reads` counts how often a table was read."""

    def __init__(self, *tables: tuple[Table, Rows], queries: Mapping[str, str] | None = None) -> None:
        self.rows = {t.name: (t, rows) for t, rows in tables}
        self.reads: list[str] = []
        saved = tuple(Query(n, QueryKind.SELECT, sql) for n, sql in (queries or {}).items())
        self.database = Database("x.accdb", "Access 2010", tables=tuple(t for t, _ in tables), queries=saved)

    def read(self, name: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        found, rows = self.rows[name]
        self.reads.append(name)
        places = [[c.name for c in found.columns].index(c) for c in columns]
        return (tuple(row[p] for p in places) for row in rows)

    def interpreter(self, bounds: Bounds | None = None, **parameters: Any) -> Interpreter:
        return Interpreter(self.database, self.read, NOW, parameters, bounds or Bounds())

    def sql(self, text: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return self.interpreter(**parameters).sql(text).rows


ONE = Data((table("One", x=ColumnType.LONG), [(1,)]))


def value(expression: str, **parameters: Any) -> Any:
    """What an expression gives; its fault where it is #Error."""
    (found,) = ONE.sql(f"SELECT {expression} AS v FROM One", **parameters)[0]
    return found.fault if isinstance(found, ErrorValue) else found
