"""A double of the core that bulk copies go through, and connections that are made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from wizard.objects import Name
from wizard.settings import Connection
from wizard.sqlserver.bulk_copy import BulkSession
from wizard.sqlserver.bulk_sessions import BulkSessions

COLUMNS = ["id", "größe"]
TABLE = Name("dbo", "Rows")


class Core:
    """The driver's core of a server that keeps columns in lower case; each is a connection and its cursor."""

    def __init__(self, refuses: Callable[[str], bool] = lambda sql: False) -> None:
        self.refuses = refuses
        self.done: list[str] = []
        self.copied: list[tuple[list[str], dict[str, Any]]] = []
        self.closed = False

    def cursor(self) -> Core:
        return self

    def execute(self, sql: str) -> None:
        self.done.append(sql)
        if self.refuses(sql):
            raise RuntimeError("SQL Server error 1222: Lock request time out period exceeded")

    def fetchall(self) -> list[tuple[str]]:
        return [(c,) for c in COLUMNS]

    def bulkcopy_arrow(
        self, table: str, batch: pa.RecordBatch, *, column_mappings: list[str], **how: Any
    ) -> dict[str, int]:
        self.execute("copy")
        for name in column_mappings:
            if name not in COLUMNS:
                raise RuntimeError(f"Destination column '{name}' not found in table '{table}'")
        self.copied.append((column_mappings, how))
        return {"rows_copied": batch.num_rows}

    def close(self) -> None:
        self.closed = True


class Sessions(BulkSessions):
    """Connections to `cores`, in their order."""

    def __init__(self, *cores: Core) -> None:
        super().__init__(Connection("here"), "")
        self.cores = list(cores)

    def _opened(self) -> BulkSession:
        return BulkSession(self.cores.pop(0), "here", self._spelled)
