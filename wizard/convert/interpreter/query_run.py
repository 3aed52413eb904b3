"""One run of a query: what it may read, the values of its parameters, how much it may cost, what it has depended on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from wizard.convert.dialect.make_table import makers
from wizard.convert.interpreter.errors import BoundsError, QueryError, UnsupportedError
from wizard.convert.interpreter.expressions import Row
from wizard.convert.interpreter.procedures import Procedures
from wizard.convert.interpreter.table_rows import ReadRows, made_rows
from wizard.convert.vba import library_of
from wizard.definitions import Column, Database, LinkedTable, Query, QueryKind, Table

_LOOK: Final = 4_096
"""steps between two looks at the clock"""
_CELL: Final = 56
"""bytes that a value takes at least"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may cost. `steps` are rows and pairs of rows looked at."""

    rows: int = 1_000_000
    """of the result"""
    steps: int = 200_000_000
    seconds: float = 300.0
    memory: int = 1 << 30
    """bytes of rows kept at once, as far as their values show"""


@dataclass
class Meter:
    """Counts what a run costs; `between` is called now and then, and what it raises ends the run."""

    bounds: Bounds
    between: Callable[[], None] = lambda: None
    steps: int = 0
    memory: int = 0
    _next: int = 0
    _started: float = field(default_factory=time.monotonic)

    def step(self, count: int = 1) -> None:
        """Raises BoundsError."""
        self.steps += count
        if self.steps >= self._next:
            self._next = self.steps + min(_LOOK, max(1, self.bounds.steps - self.steps + 1))
            if self.steps > self.bounds.steps:
                raise BoundsError("steps", self.bounds.steps)
            if time.monotonic() - self._started > self.bounds.seconds:
                raise BoundsError("seconds", self.bounds.seconds)
            self.between()

    def keep(self, row: Sequence[Any]) -> None:
        """Count a row that stays in memory. Raises BoundsError."""
        self.memory += _CELL * (len(row) + 1)
        for value in row:
            if isinstance(value, str | bytes):
                self.memory += len(value)
        if self.memory > self.bounds.memory:
            raise BoundsError("bytes of memory", self.bounds.memory)


@dataclass
class QueryRun:
    """`parameters` are values by case-folded prompt. `uses` grows as `Result.uses` says.

    `lenient`: conditions that need a parameter, or what is not run here, are left out; `exact` then is False.
    """

    database: Database
    read: ReadRows
    now: datetime
    parameters: Mapping[str, Any]
    meter: Meter
    lenient: bool = False
    exact: bool = True
    uses: set[str] = field(default_factory=set)
    declared: frozenset[str] = frozenset()
    """case-folded names of the parameters that the query declares"""
    path: list[str] = field(default_factory=list)
    """the saved queries that are being read, each by the one before"""
    domains: dict[tuple[str, ...], Any] = field(default_factory=dict)
    """results of domain functions, by their arguments"""
    _kept: dict[tuple[str, ...], list[Row]] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    """saved queries that domain functions read, with their rows"""
    indexes: dict[tuple[str, ...], Any] = field(default_factory=dict)
    """of tables' kept rows, by table, columns and the place of the one that is looked up"""
    _queries: dict[str, Query] | None = None

    @cached_property
    def procedures(self) -> Procedures:
        """The VBA functions of the database, read when first asked for."""
        return Procedures(library_of(self.database), self.now, self.used)

    def used(self, what: str) -> None:
        """Note that `clock`, `random` or `user` is asked for. Raises UnsupportedError where that may not be."""
        if self.lenient:
            raise UnsupportedError(f"the {what} is asked")
        self.uses.add(what)

    def table(self, name: str) -> Table | None:
        """The table of that name."""
        return self.database.tables_by_name.get(name.casefold())

    def linked(self, name: str) -> LinkedTable | None:
        """The linked table of that name."""
        folded = name.casefold()
        return next((t for t in self.database.linked_tables if t.name.casefold() == folded), None)

    def query(self, name: str) -> Query:
        """A saved query that gives rows. Raises QueryError, UnsupportedError."""
        if self._queries is None:
            self._queries = {q.name.casefold(): q for q in self.database.queries}
        found = self._queries.get(name.casefold())
        if found is None and name.casefold() in makers(self.database):
            raise UnsupportedError(f"the table {name} is there once a query has made it")
        if found is None:
            raise QueryError(f"there is no table or query {name}")
        if found.kind is QueryKind.PASS_THROUGH:
            raise QueryError(f"{name} is a pass-through query, which another server runs")
        return found

    def rows(self, table: Table, columns: Sequence[Column]) -> Iterator[Row]:
        """A table's rows, read again unless they are kept already."""
        kept = self._kept.get(key_of(table, columns))
        return iter(kept) if kept is not None else self._read(table, columns)

    def kept(self, table: Table, columns: Sequence[Column]) -> list[Row]:
        """A table's rows, kept for as long as the run lasts."""
        key = key_of(table, columns)
        if key not in self._kept:
            self._kept[key] = keep_rows(self._read(table, columns), self.meter)
        return self._kept[key]

    def _read(self, table: Table, columns: Sequence[Column]) -> Iterator[Row]:
        wanted = columns or table.columns[:1]
        for row in made_rows(self.read(table.name, [c.name for c in wanted]), columns and wanted):
            self.meter.step()
            yield row if columns else ()


def key_of(table: Table, columns: Sequence[Column]) -> tuple[str, ...]:
    """By what a table's rows are kept: its name and the columns read."""
    return (table.name, *(c.name for c in columns))


def keep_rows(rows: Iterable[Row], meter: Meter) -> list[Row]:
    """The rows in memory. Raises BoundsError."""
    kept = []
    for row in rows:
        meter.keep(row)
        kept.append(row)
    return kept
