"""A table's rows read back from the server, in the types in which they were sent.

By whole columns where mssql-python can be loaded, which takes a tenth of the time of rows as Python's values; else,
and where it refuses a query, row by row. Types are those that a conversion gives a column, see `arrow_types`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from wizard.coercion.arrow_types import batch_schema
from wizard.objects import MAX, Name, ServerColumn, quote
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ErrorKind, ServerError

SIZE: Final = 5_000
"""rows of a batch"""
_LONG: Final = 4 << 20
"""characters and bytes of texts and binaries after which a batch of rows ends"""
_AT_ONCE: Final = 200
"""rows that a driver fetches at once where their length has no bound"""
_ROW_BY_ROW: Final = 50
"""the same, of rows that become Python's values"""
_ROOM: Final = 16 << 20
"""bytes of those that have one"""
_FIXED: Final = 16
_ANY_LENGTH: Final = frozenset({"text", "ntext", "image", "xml"})
_GONE: Final = frozenset({ErrorKind.LOST, ErrorKind.TIMEOUT, ErrorKind.LOGIN})
"""faults of the line, which another way of asking does not mend"""


def by_columns(session: ServerSession, table: Name, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
    """The rows in the server's own order, through a session of `driver.columnar`.

    Raises ServerError; Unreadable, before the first batch, where this way is closed to the query.
    """
    schema = batch_schema([ServerColumn(c.name, c.type) for c in columns])
    size = _fetched(columns)
    waiting: list[pa.RecordBatch] = []
    rows, much, begun = 0, 0, False
    try:
        for batch in session.batches(_query(table, columns), size):
            begun = True
            waiting.append(batch)
            rows, much = rows + batch.num_rows, much + batch.nbytes
            if rows >= SIZE or much > _LONG:
                yield _as_sent(waiting, columns, schema)
                waiting, rows, much = [], 0, 0
    except ServerError as e:
        if begun or e.fault.trouble in _GONE:
            raise
        raise UnreadableError from e
    if waiting:
        yield _as_sent(waiting, columns, schema)


def _fetched(columns: Sequence[ServerColumn]) -> int:
    """Rows to fetch at once: the driver makes room for each as long as it may be."""
    if any(c.type.name.casefold() in _ANY_LENGTH or c.type.length == MAX for c in columns):
        return _AT_ONCE
    return max(_AT_ONCE, min(SIZE, _ROOM // sum(2 * (c.type.length or _FIXED) for c in columns)))


class UnreadableError(Exception):
    """The driver has no columns for a query."""


def by_rows(session: ServerSession, table: Name, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
    """The same through any session. Raises ServerError."""
    schema = batch_schema([ServerColumn(c.name, c.type) for c in columns])
    group: list[tuple[Any, ...]] = []
    long = 0
    for row in session.stream(_query(table, columns), size=_ROW_BY_ROW):
        group.append(row)
        long += sum(len(v) for v in row if isinstance(v, str | bytes))
        if len(group) == SIZE or long > _LONG:
            yield _batch(group, columns, schema)
            group, long = [], 0
    if group:
        yield _batch(group, columns, schema)


def _query(table: Name, columns: Sequence[ServerColumn]) -> str:
    return f"SELECT {', '.join(map(_expression, columns))} FROM {table}"


def _expression(column: ServerColumn) -> str:
    """datetime2(7) as text, since drivers give microseconds."""
    name = quote(column.name)
    return f"CONVERT(nvarchar(27), {name}, 121)" if _is_text_of_a_date(column) else name


def _is_text_of_a_date(column: ServerColumn) -> bool:
    return column.type.name.casefold() == "datetime2" and column.type.scale in (None, 7)


def _as_sent(batches: list[pa.RecordBatch], columns: Sequence[ServerColumn], schema: pa.Schema) -> pa.RecordBatch:
    whole = pa.Table.from_batches(batches).combine_chunks()
    arrays = [_column(a.combine_chunks(), c, f.type) for a, c, f in zip(whole.columns, columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(values: pa.Array[Any], column: ServerColumn, kind: pa.DataType) -> pa.Array[Any]:
    if _is_text_of_a_date(column):
        return pa.array([_value(v, column) for v in values.to_pylist()], kind)
    values = pc.cast(values, kind)
    match column.type.name.casefold():
        case "uniqueidentifier":
            values = pc.ascii_upper(values)
        case "char" | "nchar":
            values = pc.utf8_rtrim(values, " ")
    return values


def _batch(rows: Sequence[tuple[Any, ...]], columns: Sequence[ServerColumn], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        pa.array([_value(v, c) for v in values], field.type)
        for values, c, field in zip(zip(*rows, strict=True), columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _value(value: Any, column: ServerColumn) -> Any:
    if isinstance(value, uuid.UUID) or (isinstance(value, str) and column.type.name == "uniqueidentifier"):
        return str(value).upper()
    if isinstance(value, str) and column.type.name.casefold() in ("char", "nchar"):
        return value.rstrip(" ")
    if isinstance(value, str) and column.type.name.casefold() == "datetime2":
        whole, _, fraction = value.partition(".")  # which some servers leave out where it is zero
        return f"{whole}.{fraction:0<7}"
    return value
