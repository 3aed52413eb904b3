"""A target in an SQLite file: rows and marks share a transaction, and survive the death of the process."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from wizard.messages import TargetError
from wizard.objects import Name, ServerTable
from wizard.target.sink import Delivery, Mark, RefusedError, SupersededError


class SqliteSink:
    def __init__(self, path: Path, hook: Callable[[str], None] = lambda point: None) -> None:
        self.path, self.hook = path, hook
        with self.connect() as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS marks (name TEXT, part TEXT, next INT, rows INT, rejected INT,"
                " complete INT, source TEXT, writer TEXT, PRIMARY KEY (name, part))"
            )

    def connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous=OFF")  # processes die here, machines do not
        return db

    def mark(self, table: Name, part: str = "") -> Mark | None:
        sql = "SELECT next, rows, rejected, complete, source FROM marks WHERE name = ? AND part = ?"
        found = self.connect().execute(sql, (table.name, part)).fetchone()
        return replace(Mark(*found), complete=bool(found[3])) if found else None

    def count(self, table: Name) -> int:
        return int(self.connect().execute(f'SELECT COUNT(*) FROM "{table.name}"').fetchone()[0])

    def empty(self, table: Name) -> None:
        db = self.connect()
        if self.mark(table) is None:
            raise TargetError(5205, table=table)
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM marks WHERE name = ?", (table.name,))
        db.execute(f'DELETE FROM "{table.name}"')
        db.execute("COMMIT")

    def prepare(self, tables: Sequence[ServerTable]) -> list[object]:
        db = self.connect()
        for table in tables:
            columns = ", ".join(f'"{c.name}"' for c in table.columns if c.source)
            db.execute(f'CREATE TABLE IF NOT EXISTS "{table.name.name}" ({columns})')
        return []

    def finish(self, tables: Sequence[ServerTable]) -> list[object]:
        return []

    def open(self, delivery: Delivery) -> SqliteWriter:
        db, token = self.connect(), str(uuid.uuid4())
        name = delivery.table.name.name
        db.execute("BEGIN IMMEDIATE")
        sql = "INSERT OR IGNORE INTO marks VALUES (?, ?, 0, 0, 0, 0, ?, '')"
        db.execute(sql, (name, delivery.part, delivery.source))
        db.execute("UPDATE marks SET writer = ? WHERE name = ? AND part = ?", (token, name, delivery.part))
        db.execute("COMMIT")
        mark = self.mark(delivery.table.name, delivery.part)
        assert mark is not None
        if mark.source != delivery.source:
            raise TargetError(5208, table=delivery.table.name)
        return SqliteWriter(self, db, delivery, token, mark)

    def close(self) -> None:
        return


class SqliteWriter:
    def __init__(self, sink: SqliteSink, db: sqlite3.Connection, delivery: Delivery, token: str, mark: Mark) -> None:
        self.sink, self.db, self.delivery, self.token, self.mark = sink, db, delivery, token, mark

    def write(self, batch: pa.RecordBatch, mark: Mark) -> None:
        name, hook = self.delivery.table.name.name, self.sink.hook
        rows = [tuple(r.values()) for r in batch.to_pylist()]
        hook("before the transaction")
        self.db.execute("BEGIN IMMEDIATE")
        moved = self.db.execute(
            "UPDATE marks SET next = ?, rows = ?, rejected = ?, complete = ?"
            " WHERE name = ? AND part = ? AND writer = ? AND next = ? AND rows = ? AND rejected = ?",
            (mark.next, mark.rows, mark.rejected, mark.complete, name, self.delivery.part, self.token,
             self.mark.next, self.mark.rows, self.mark.rejected),
        )  # fmt: skip
        if moved.rowcount != 1:
            self.db.execute("ROLLBACK")
            raise SupersededError(5202, table=name, detail="")
        hook("before the copy")
        if any(isinstance(r[0], int) and r[0] % 1_000 == 999 for r in rows):
            self.db.execute("ROLLBACK")
            raise RefusedError(5201, table=name, reason="999 is refused")
        holes = ", ".join("?" * batch.num_columns)
        self.db.executemany(f'INSERT INTO "{name}" VALUES ({holes})', rows)
        hook("before the commit")
        self.db.execute("COMMIT")
        self.mark = mark
        hook("after the commit")

    def close(self) -> None:
        self.db.close()
