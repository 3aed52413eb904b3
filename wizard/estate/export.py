"""The estate as tables for other tools: each view as CSV or Parquet."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from wizard.escaping import csv_line
from wizard.estate.schema import EXPORTED, query_of
from wizard.estate.store import Estate
from wizard.file_writing import write_whole

FORMATS: Final = ("csv", "parquet")


def export_views(estate: Estate, folder: Path, form: str) -> Iterator[tuple[Path, int]]:
    """Write a file for each view, readable by its owner alone; gives each with its rows. Raises OSError.

    In CSV no cell is a formula; Parquet has names and texts as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in EXPORTED:
        cursor = estate.db.execute(query_of(name))
        columns = [d[0] for d in cursor.description]
        rows = cursor.fetchall()
        path = folder / f"{name}.{form}"
        write_whole(path, _csv(columns, rows) if form == "csv" else _parquet(columns, rows), private=True)
        yield path, len(rows)


def _csv(columns: list[str], rows: list[sqlite3.Row]) -> bytes:
    return "".join([csv_line(columns), *map(csv_line, rows)]).encode("utf-8", "backslashreplace")


def _parquet(columns: list[str], rows: list[sqlite3.Row]) -> bytes:
    values = {c: [row[n] for row in rows] for n, c in enumerate(columns)}
    table = pa.table({c: pa.array(v, _type(v)) for c, v in values.items()})
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _type(values: list[object]) -> pa.DataType:
    """SQLite's columns have no fixed type: figures where all are, else text."""
    kinds = {type(v) for v in values if v is not None}
    if kinds == {int}:
        return pa.int64()
    return pa.float64() if kinds and kinds <= {int, float} else pa.string()
