"""A table's rows read back from the server, in the types in which they were sent.

By whole columns where mssql-python can be loaded, which takes a tenth of the time of rows as Python's values; else,
and where it refuses a query, row by row. Types are those that a conversion gives a column, see `arrow_types`.

Columns without a bound (`nvarchar(max)`) come as bounded ones, where that holds their longest value. Of others
mssql-python (1.16) fetches value by value, and holds the interpreter while it waits for the line: nothing else would
run meanwhile, no limit of patience and no end that a person asks for. Such tables are read row by row.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from wizard.coercion.arrow_types import batch_schema
from wizard.objects import MAX, Name, ServerColumn, quote
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError

SIZE: Final = 20_000
"""rows of a batch"""
_LONG: Final = 4 << 20
"""characters and bytes of texts and binaries after which a batch of rows ends"""
_AT_ONCE: Final = 50
"""rows that become Python's values and are fetched at once, each as long as it may be"""
_ROOM: Final = 16 << 20
"""bytes of the rows of columns that are fetched at once"""
_FIXED: Final = 16
_BOUND: Final = 8_000
"""bytes of the longest type that has a bound; half as many characters of those that have two bytes each"""
_BOUNDED: Final = {
    "nvarchar": "nvarchar", "ntext": "nvarchar", "varchar": "varchar", "text": "varchar",
    "varbinary": "varbinary", "image": "varbinary",
}  # fmt: skip
_ANY_LENGTH: Final = frozenset({"text", "ntext", "image", "xml"})


def by_columns(session: ServerSession, table: Name, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
    """The rows in the server's own order, through a session of `driver.columnar`.

    Raises ServerError; UnreadableError, before the first batch, where this way is closed to the query.
    """
    schema = batch_schema([ServerColumn(c.name, c.type) for c in columns])
    begun = False
    try:
        longest = _longest(session, table, columns)
        expressions = [_bounded(c, longest[c.name]) if c.name in longest else _expression(c) for c in columns]
        size = _fetched(columns, sum(longest.values()))
        for several in _together(session.batches(_query(table, expressions), size)):
            made = _as_sent(several, columns, schema)
            begun = True
            yield made
    except (ServerError, pa.ArrowInvalid) as e:
        fault = e.fault if isinstance(e, ServerError) else DriverError(0, str(e), ErrorKind.OTHER)
        if begun or fault.trouble.passing or fault.trouble is ErrorKind.LOGIN:
            raise ServerError(fault) from e
        raise UnreadableError from e


def _together(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """As many batches at once as make one of a good size."""
    waiting: list[pa.RecordBatch] = []
    rows = much = 0
    for batch in batches:
        waiting.append(batch)
        rows, much = rows + batch.num_rows, much + batch.nbytes
        if rows >= SIZE or much > _LONG:
            yield waiting
            waiting, rows, much = [], 0, 0
    if waiting:
        yield waiting


def _longest(session: ServerSession, table: Name, columns: Sequence[ServerColumn]) -> dict[str, int]:
    """Bytes of the longest value of each column that has no bound; the driver makes room for them."""
    unbound = [c.name for c in columns if _is_unbound(c)]
    if not unbound:
        return {}
    asked = ", ".join(f"MAX(CAST(DATALENGTH({quote(name)}) AS bigint))" for name in unbound)
    (found,) = session.query(f"SELECT {asked} FROM {table}")
    return {name: int(length or 0) for name, length in zip(unbound, found, strict=True)}


def _bounded(column: ServerColumn, longest: int) -> str:
    """A column without a bound as one that has one. Raises UnreadableError where that does not hold its values."""
    kind = _BOUNDED.get(column.type.name.casefold())
    if kind is None or longest > _BOUND:
        raise UnreadableError
    length = min(max(longest, 1), _BOUND // 2 if kind == "nvarchar" else _BOUND)
    return f"CONVERT({kind}({length}), {quote(column.name)})"


def _is_unbound(column: ServerColumn) -> bool:
    return column.type.length == MAX or column.type.name.casefold() in _ANY_LENGTH


def _fetched(columns: Sequence[ServerColumn], longest: int) -> int:
    """Rows to fetch at once, so that they find room however long they are."""
    bound = sum(2 * (c.type.length or _FIXED) for c in columns if not _is_unbound(c))
    return max(1, min(SIZE, _ROOM // max(bound + longest, 1)))


class UnreadableError(Exception):
    """The driver has no columns for a query."""


def by_rows(session: ServerSession, table: Name, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
    """The same through any session. Raises ServerError."""
    schema = batch_schema([ServerColumn(c.name, c.type) for c in columns])
    group: list[tuple[Any, ...]] = []
    long = 0
    for row in session.stream(_query(table, map(_expression, columns)), size=_AT_ONCE):
        group.append(row)
        long += sum(len(v) for v in row if isinstance(v, str | bytes))
        if len(group) == SIZE or long > _LONG:
            yield _batch(group, columns, schema)
            group, long = [], 0
    if group:
        yield _batch(group, columns, schema)


def _query(table: Name, expressions: Iterable[str]) -> str:
    return f"SELECT {', '.join(expressions)} FROM {table}"


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
