"""A target in an SQLite file: rows and checkpoints share a transaction, and survive the death of the process."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from wizard.messages import TargetError
from wizard.objects import Name, ServerTable
from wizard.sink import Checkpoint, Delivery, Partition, RefusedError, SupersededError, TableBatch


class SqliteSink:
    def __init__(self, path: Path, hook: Callable[[str], None] = lambda point: None) -> None:
        self.path, self.hook = path, hook
        with self.connect() as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS checkpoints (name TEXT, part TEXT, next INT, rows INT, rejected INT,"
                " complete INT, source TEXT, writer TEXT, PRIMARY KEY (name, part))"
            )

    def connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous=OFF")  # processes die here, machines do not
        return db

    def checkpoint(self, table: Name, part: str = "") -> Checkpoint | None:
        found = self.checkpoints(table)
        if not part and any(name.startswith("rows") for name in found):
            whole = [m for name, m in found.items() if not name or name.startswith("rows")]
            rows, rejected = sum(m.rows for m in whole), sum(m.rejected for m in whole)
            return replace(found[""], rows=rows, rejected=rejected, complete=False)
        return found.get(part)

    def checkpoints(self, table: Name) -> dict[str, Checkpoint]:
        sql = "SELECT part, next, rows, rejected, complete, source FROM checkpoints WHERE name = ?"
        found = self.connect().execute(sql, (table.name,)).fetchall()
        return {part: replace(Checkpoint(*values), complete=bool(values[3])) for part, *values in found}

    def count(self, table: Name) -> int:
        return int(self.connect().execute(f'SELECT COUNT(*) FROM "{table.name}"').fetchone()[0])

    def empty(self, table: Name) -> None:
        db = self.connect()
        if self.checkpoint(table) is None:
            raise TargetError(5205, table=table)
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM checkpoints WHERE name = ?", (table.name,))
        db.execute(f'DELETE FROM "{table.name}"')
        db.execute("COMMIT")

    def prepare(self, deliveries: Sequence[Delivery]) -> list[object]:
        db = self.connect()
        for table in (d.table for d in deliveries):
            columns = ", ".join(f'"{c.name}"' for c in table.columns if c.source)
            db.execute(f'CREATE TABLE IF NOT EXISTS "{table.name.name}" ({columns})')
        return []

    @property
    def together(self) -> SqliteSink:
        return self

    def open_several(self, deliveries: Sequence[Delivery]) -> list[SqliteWriter | None]:
        return [self.open(d) for d in deliveries]

    def write_several(self, batches: Sequence[TableBatch]) -> bool:
        """All in one transaction; False where a row is refused, or another has taken a table over."""
        db = self.connect()
        self.hook("before the transaction")
        db.execute("BEGIN IMMEDIATE")
        try:
            for batch in batches:
                batch.writer.fill(db, batch.rows, batch.checkpoint)
        except TargetError:
            with suppress(sqlite3.OperationalError):  # `fill` may have done it
                db.execute("ROLLBACK")
            return False
        self.hook("before the commit")
        db.execute("COMMIT")
        self.hook("after the commit")
        return True

    def finish(
        self, tables: Sequence[ServerTable], unfinished: Sequence[ServerTable] = (), orphans: object = None
    ) -> list[object]:
        return []

    def open(self, delivery: Delivery) -> SqliteWriter:
        db, token = self.connect(), str(uuid.uuid4())
        name = delivery.table.name.name
        db.execute("BEGIN IMMEDIATE")
        sql = "INSERT OR IGNORE INTO checkpoints VALUES (?, ?, 0, 0, 0, 0, ?, '')"
        db.execute(sql, (name, delivery.part, delivery.source))
        parts = "" if delivery.part else " OR part LIKE 'rows%'"
        sql = f"UPDATE checkpoints SET writer = ? WHERE name = ? AND (part = ?{parts})"
        db.execute(sql, (token, name, delivery.part))
        db.execute("COMMIT")
        checkpoint = self.checkpoints(delivery.table.name)[delivery.part]
        if checkpoint.source != delivery.source:
            raise TargetError(5208, table=delivery.table.name)
        writer = SqliteWriter(self, db, delivery, token, checkpoint)
        for part, found in self.checkpoints(delivery.table.name).items():
            if part.startswith("rows") and not delivery.part:
                start, _, stop = part.removeprefix("rows ").partition("-")
                writer.parts += ((Partition(int(start), int(stop) if stop else None), found),)
        writer.parts = tuple(sorted(writer.parts, key=lambda p: p[0].start))
        return writer

    def close(self) -> None:
        return


class SqliteWriter:
    def __init__(
        self, sink: SqliteSink, db: sqlite3.Connection, delivery: Delivery, token: str, checkpoint: Checkpoint
    ) -> None:
        self.sink, self.db, self.delivery, self.token, self.checkpoint = sink, db, delivery, token, checkpoint
        self.parts: tuple[tuple[Partition, Checkpoint], ...] = ()

    finder = None

    @property
    def partitions(self) -> SqliteWriter:
        return self

    def rest(self) -> None:
        return

    def shared(self) -> bool:
        return True

    def part(self, part: Partition) -> SqliteWriter:
        delivery = replace(self.delivery, part=named(part))
        return SqliteWriter(self.sink, self.sink.connect(), delivery, self.token, dict(self.parts)[part])

    def divide(self, borders: Sequence[int]) -> None:
        name, source = self.delivery.table.name.name, self.checkpoint.source
        parts = [Partition(a, b) for a, b in zip((self.checkpoint.next, *borders), (*borders, None), strict=True)]
        self.db.execute("BEGIN IMMEDIATE")
        self.swap(self.checkpoint)
        for part in parts:
            sql = "INSERT INTO checkpoints VALUES (?, ?, ?, 0, 0, 0, ?, ?)"
            self.db.execute(sql, (name, named(part), part.start, source, self.token))
        self.sink.hook("before the commit")
        self.db.execute("COMMIT")
        self.parts = tuple((part, Checkpoint(part.start, source=source)) for part in parts)

    def join(self, checkpoint: Checkpoint) -> None:
        self.db.execute("BEGIN IMMEDIATE")
        self.swap(checkpoint)
        sql = "DELETE FROM checkpoints WHERE name = ? AND part LIKE 'rows%' AND complete = 1 AND writer = ?"
        gone = self.db.execute(sql, (self.delivery.table.name.name, self.token))
        assert gone.rowcount == len(self.parts)
        self.sink.hook("before the commit")
        self.db.execute("COMMIT")
        self.checkpoint = checkpoint

    def swap(self, checkpoint: Checkpoint, db: sqlite3.Connection | None = None) -> None:
        """Move the checkpoint, if it stands and is ours, in the transaction that is open."""
        name, db = self.delivery.table.name.name, db or self.db
        moved = db.execute(
            "UPDATE checkpoints SET next = ?, rows = ?, rejected = ?, complete = ?"
            " WHERE name = ? AND part = ? AND writer = ? AND next = ? AND rows = ? AND rejected = ?",
            (checkpoint.next, checkpoint.rows, checkpoint.rejected, checkpoint.complete,
             name, self.delivery.part, self.token,
             self.checkpoint.next, self.checkpoint.rows, self.checkpoint.rejected),
        )  # fmt: skip
        if moved.rowcount != 1:
            db.execute("ROLLBACK")
            raise SupersededError(5202, table=name, detail="")

    def fill(self, db: sqlite3.Connection, batch: pa.RecordBatch, checkpoint: Checkpoint) -> None:
        """Checkpoint and rows, in the transaction that is open."""
        name = self.delivery.table.name.name
        rows = [tuple(r.values()) for r in batch.to_pylist()]
        self.swap(checkpoint, db)
        self.sink.hook("before the copy")
        if any(isinstance(r[0], int) and r[0] % 1_000 == 999 for r in rows):
            db.execute("ROLLBACK")
            raise RefusedError(5201, table=name, reason="999 is refused")
        holes = ", ".join("?" * batch.num_columns)
        db.executemany(f'INSERT INTO "{name}" VALUES ({holes})', rows)

    def write(self, batch: pa.RecordBatch, checkpoint: Checkpoint) -> None:
        hook = self.sink.hook
        hook("before the transaction")
        self.db.execute("BEGIN IMMEDIATE")
        self.fill(self.db, batch, checkpoint)
        hook("before the commit")
        self.db.execute("COMMIT")
        self.checkpoint = checkpoint
        hook("after the commit")

    def close(self) -> None:
        self.db.close()


def named(part: Partition) -> str:
    return f"rows {part.start}-{'' if part.stop is None else part.stop}"
