"""What the tests of the offline package share: tables, batches, and a reader of bcp's character format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from wizard.coercion.arrow_types import batch_schema
from wizard.objects import MAX, Name, ObjectKind, ServerColumn, ServerTable, ServerType, Statement, TableRef
from wizard.package import PackageSink
from wizard.settings import Options
from wizard.sink import Checkpoint, Delivery

KINDS = {
    "id": ServerType("int"),
    "text": ServerType("nvarchar", MAX),
    "bits": ServerType("bit"),
    "amount": ServerType("money"),
    "small": ServerType("decimal", precision=20, scale=9),
    "single": ServerType("real"),
    "number": ServerType("float"),
    "at": ServerType("datetime2", scale=0),
    "moment": ServerType("datetime2", scale=7),
    "guid": ServerType("uniqueidentifier"),
    "blob": ServerType("varbinary", MAX),
}


def table(name: str = "Orders", kinds: Sequence[str] = tuple(KINDS), **extra: ServerColumn) -> ServerTable:
    columns = tuple(ServerColumn(k, KINDS[k], identity=k == "id", source=k) for k in kinds)
    return ServerTable(Name("dbo", name), (*columns, *extra.values()), source=TableRef("src", name))


def delivery(of: ServerTable, source: str = "f1", part: str = "") -> Delivery:
    return Delivery(of, tuple(c for c in of.columns if c.source), source, part)


def batch(of: ServerTable, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    schema = batch_schema(delivery(of).columns)
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in schema]
    return pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def sink(folder: Path, *tables: ServerTable, options: Options | None = None) -> PackageSink:
    statements = [Statement(ObjectKind.TABLE, t.name, f"CREATE TABLE {t.name} ([id] int);") for t in tables]
    return PackageSink(
        folder / "package", folder / "work", tables, statements, options or Options(), name="Test package"
    )


def fill(target: PackageSink, of: ServerTable, batches: Sequence[pa.RecordBatch]) -> None:
    """Moves batches as the pipeline does, from wherever the checkpoint stands."""
    writer = target.open(delivery(of))
    done = 0
    for number, rows in enumerate(batches, 1):
        done += rows.num_rows
        if number > writer.checkpoint.next:
            writer.write(rows, Checkpoint(number, done, 0, False, "f1"))
    writer.write(batches[0].slice(0, 0), Checkpoint(len(batches), done, 0, True, "f1"))
    writer.close()


def read_back(data: bytes, field: bytes, row: bytes) -> list[list[str | None]]:
    """A data file as bcp takes it: split at the first occurrence of each terminator, no field is NULL, NUL is ''."""
    rows = data.split(row)
    assert rows.pop() == b""
    values = [[f.decode() for f in r.split(field)] for r in rows]
    return [[None if v == "" else "" if v == "\0" else v for v in r] for r in values]


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
