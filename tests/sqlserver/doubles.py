"""A server that runs nothing, remembers every statement it is given, and answers as it is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.sqlserver.oracle.script import Script
from wizard.settings import Connection
from wizard.sqlserver.bulk_copy import BulkSession
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver import Driver

CATALOG: Final = Script("catalog.sql", Path(__file__).with_name("catalog.sql").read_text(encoding="utf-8"))
"""the catalogue views that Jetferry reads, with their columns ("System catalog views")"""
_VIEW = re.compile(r"\bsys\.(?!fn_|sp_)(\w+)")
Rows = Sequence[Sequence[Any]]
Answer = Callable[[str], Rows | int | None]
"""rows for a statement; how many it changed, or None, for one that gives none"""
_TEXT = re.compile(r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\?")


class RefusedError(Exception):
    """What a driver raises where the server says no."""


class Server:
    """What was run, in order, each statement once; what `refuse` matches is refused and not kept."""

    def __init__(self, answer: Answer, refuse: str = "(?!)") -> None:
        self.answer, self.refuse = answer, re.compile(refuse)
        self.statements: dict[str, None] = {}
        self.Error = RefusedError

    def run(self, sql: str) -> Rows | int | None:
        if self.refuse.search(sql):
            raise RefusedError("42000", "[Microsoft][ODBC Driver 18][SQL Server]refused (547) (SQLExecDirectW)")
        self.statements.setdefault(_TEXT.sub(lambda m: "NULL" if m[0] == "?" else m[0], sql))
        return self.answer(sql)

    def installed(self, patch: pytest.MonkeyPatch) -> Connection:
        """Every session opened from here on is one to this server."""
        driver = Driver("a double", self, "")
        patch.setattr(ServerSession, "open", classmethod(lambda cls, *_, **__: self._opened(driver)))
        patch.setattr(BulkSession, "open", classmethod(lambda cls, *_, **__: BulkSession(_Bulk(self), "here", {})))
        return Connection("here", database="books", user="sa")

    def _opened(self, driver: Driver) -> ServerSession:
        session = ServerSession(_Raw(self), driver, "here")
        session.execute("SET NOCOUNT OFF")
        return session

    def scripts(self) -> list[Script]:
        """What was run; catalogue views by the names that `catalog.sql` gives them, as a model has none of its own."""
        texts = [_VIEW.sub(r"[catalog].[\1]", sql) for sql in self.statements]
        return [Script(f"statement {n}", sql) for n, sql in enumerate(texts)]


class _Raw:
    """A DB-API connection."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.autocommit = True

    def cursor(self) -> _Cursor:
        return _Cursor(self.server)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class _Cursor:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[str]] | None = None
        self.rowcount = 1

    def execute(self, sql: str, *_: object) -> None:
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

    def fetchall(self) -> list[tuple[Any, ...]]:
        taken, self.rows = self.rows, []
        return taken

    def nextset(self) -> bool:
        return False

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
        return {"rows_copied": batch.num_rows}
