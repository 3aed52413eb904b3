"""A server that runs nothing, remembers every statement it is given, and answers as it is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

from tests.sqlserver.oracle.script import Script
from wizard.settings import Connection
from wizard.sqlserver.bulk_copy import BulkSession
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver import Driver
from wizard.sqlserver.driver_errors import ServerError

CATALOG: Final = Script("catalog.sql", Path(__file__).with_name("catalog.sql").read_text(encoding="utf-8"))
"""the catalogue views that Jetferry reads, with their columns ("System catalog views")"""
_VIEW = re.compile(r"\bsys\.(?!fn_|sp_)(\w+)")
_TOGETHER = re.compile(
    r"(?:WHERE place IN \(([^)]*)\)\) BEGIN INSERT[^\n]*\nELSE\n)?BEGIN TRY EXEC \(N'((?:[^']|'')*)'\)"
)
_FAILED = re.compile(r"^INSERT INTO @failed VALUES (.*);$", re.MULTILINE)
_FIRST = re.compile(r"SELECT (\d+) AS jetferry_place, 0")
"""a statement of a batch of several, with the places of those that it needs"""
_INNER = re.compile(r"^IF .* EXEC \(N'((?:[^']|'')*)'\)$")
"""a statement that is only run under a condition"""
_SIGNING_IN: Final = 5
"""round trips of a new connection: TCP, prelogin, two of TLS, login"""
_COPYING: Final = 3
"""of a bulk copy: the columns, INSERT BULK, the rows"""
Rows = Sequence[Sequence[Any]]
Answer = Callable[[str], Rows | int | None]
"""rows for a statement; how many it changed, or None, for one that gives none"""
_TEXT = re.compile(r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\?")


class RefusedError(Exception):
    """What a driver raises where the server says no."""


ResultSet = tuple[list[str], list[tuple[Any, ...]]]
"""columns and rows"""


def together(sql: str, run: Callable[[str], Rows | int | None]) -> list[ResultSet] | None:
    """What a server answers to a batch of `round_trips`, of whose statements `run` runs each; None for any other.

    `run` raises RefusedError, with the server's words, for what is refused (as 547), or ServerError.
    """
    parts = _TOGETHER.findall(sql)
    if not parts:
        return None
    failed: set[int] = set()
    if before := _FAILED.search(sql):
        failed = {int(n) for n in re.findall(r"\d+", before[1])}
    first = int(_FIRST.findall(sql)[0])
    sets: list[ResultSet] = []
    for place, (needs, text) in enumerate(parts, first):
        if {int(n) for n in needs.split(", ") if n} & failed:
            failed.add(place)
            sets.append((["jetferry_place"], [(place, 0, "not tried")]))
            continue
        number, said, found = 0, "", None
        try:
            found = run(text.replace("''", "'"))
        except RefusedError as e:
            number, said = 547, str(e.args[1])
        except ServerError as e:
            number, said = e.fault.number, e.fault.text
        if said:
            failed.add(place)
        if found is not None and not isinstance(found, int):
            sets.append((["c"], [tuple(r) for r in found]))
        sets.append((["jetferry_place"], [(place, number, said)]))
    return sets


class AnswersTogether:
    """What a double of a session needs for batches of `round_trips`, beside a `run` of single statements."""

    run: Callable[[str], Rows | int | None]

    @contextmanager
    def for_statements(self, count: int) -> Iterator[None]:
        yield

    def titled_sets(self, sql: str, found: list[ResultSet]) -> list[ResultSet]:
        found += together(sql, self.run) or []
        return found


class Server:
    """What was run, in order, each statement once; what `refuse` matches is refused and not kept.

    Batches of `round_trips` are taken apart, and each of their statements is answered by itself. `trips` are the
    round trips that all its connections took: what has to be waited for a server that is far away.
    """

    def __init__(self, answer: Answer, refuse: str = "(?!)") -> None:
        self.answer, self.refuse = answer, re.compile(refuse)
        self.statements: dict[str, None] = {}
        self.trips = 0
        self.Error = RefusedError

    def batch(self, sql: str) -> list[ResultSet] | None:
        """The result sets of a batch of several statements; None where it is none."""
        if _TOGETHER.search(sql):
            self.statements.setdefault(sql)
        return together(sql, self.run)

    def run(self, sql: str) -> Rows | int | None:
        if self.refuse.search(sql):
            raise RefusedError("42000", "[Microsoft][ODBC Driver 18][SQL Server]refused (547) (SQLExecDirectW)")
        inner = _INNER.search(sql)
        made = inner is not None and inner[1].startswith("CREATE TABLE")
        if not made:  # the checker would take the table for made twice
            self.statements.setdefault(_TEXT.sub(lambda m: "NULL" if m[0] == "?" else m[0], sql))
        if inner:
            self.statements.setdefault(inner[1].replace("''", "'"))
        return self.answer(sql)

    def installed(self, patch: pytest.MonkeyPatch) -> Connection:
        """Every session opened from here on is one to this server."""
        driver = Driver("a double", self, "")
        patch.setattr(ServerSession, "open", classmethod(lambda cls, *_, **__: self._opened(driver)))
        patch.setattr(BulkSession, "open", classmethod(lambda cls, *_, **__: self._bulk()))
        return Connection("here", database="books", user="sa")

    def _bulk(self) -> BulkSession:
        self.trips += _SIGNING_IN
        return BulkSession(_Bulk(self), "here", {})

    def _opened(self, driver: Driver) -> ServerSession:
        self.trips += _SIGNING_IN
        session = ServerSession(_Raw(self), driver, "here")
        session.execute("SET NOCOUNT OFF")
        return session

    def scripts(self) -> list[Script]:
        """What was run; catalogue views by the names that `catalog.sql` gives them, as a model has none of its own.

        A batch of several, or one with variables, is a procedure's body, so that the compiler sees the variables.
        """
        texts = [_VIEW.sub(r"[catalog].[\1]", sql) for sql in self.statements]
        several = [bool(_TOGETHER.search(t) or "DECLARE @" in t) for t in texts]
        texts = [
            f"CREATE PROCEDURE [catalog].[batch {n}] AS\n{t}" if s else t
            for n, (t, s) in enumerate(zip(texts, several, strict=True))
        ]
        return [Script(f"statement {n}", sql) for n, sql in enumerate(texts)]


class _Raw:
    """A DB-API connection."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.autocommit = True

    def cursor(self) -> _Cursor:
        return _Cursor(self.server)

    def commit(self) -> None:
        self.server.trips += 1

    def rollback(self) -> None:
        self.server.trips += 1

    def close(self) -> None: ...


class _Cursor:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[str]] | None = None
        self.rowcount = 1
        self._more: list[ResultSet] = []

    def execute(self, sql: str, *_: object) -> None:
        self.server.trips += 1
        several = self.server.batch(sql)
        if several is not None:
            self._more = several
            self.nextset()
            return
        found = self.server.run(sql)
        self.rows = [] if found is None or isinstance(found, int) else [tuple(r) for r in found]
        selects = found is not None and not isinstance(found, int)
        self.description = [(f"c{n}",) for n in range(len(self.rows[0]) if self.rows else 1)] if selects else None
        self.rowcount = found if isinstance(found, int) else len(self.rows) or 1

    def executemany(self, sql: str, rows: Rows) -> None:
        self.execute(sql)

    def setinputsizes(self, sizes: object) -> None: ...

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        taken, self.rows = self.rows[:size], self.rows[size:]
        return taken

    def arrow_batch(self, size: int) -> pa.RecordBatch:
        """The same rows as mssql-python hands them out."""
        columns = [pa.array(c) for c in zip(*self.fetchmany(size), strict=True)]
        return pa.RecordBatch.from_arrays(columns, names=[f"c{n}" for n in range(len(columns))])

    def fetchall(self) -> list[tuple[Any, ...]]:
        taken, self.rows = self.rows, []
        return taken

    def nextset(self) -> bool:
        self.description = None
        if not self._more:
            return False
        names, self.rows = self._more.pop(0)
        self.description = [(n,) for n in names]
        return True

    def close(self) -> None: ...


class _Bulk:
    """mssql-python's core connection."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def cursor(self) -> _BulkCursor:
        return _BulkCursor(self.server)

    def close(self) -> None: ...


class _BulkCursor(_Cursor):
    def bulkcopy_arrow(self, table: str, batch: Any, **options: Any) -> dict[str, int]:
        self.server.trips += _COPYING
        return {"rows_copied": batch.num_rows}
