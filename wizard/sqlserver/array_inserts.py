"""Rows by INSERT through the DB-API, for what bulk copy cannot serve; memory stays bounded by small groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.objects import MAX, Name, ServerColumn, ServerType, quote
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import DriverError, ServerError

GROUP = 10_000
"""rows sent at once"""
FOUND = 64
"""refused rows after which a search for them ends"""
_TOGETHER, _PARAMETERS, _BYTES = 64, 2_000, 1 << 20
"""rows, parameters (a server takes 2,100) and bytes of a statement that tries many rows"""
_WIDE = 4_000
"""characters or bytes of a parameter above which it travels as a stream, a row at a time"""
_ARRAY = 16 << 20
"""bytes that an array of parameters may have"""

# ODBC's numbers of SQL types (sql.h, sqlext.h, msodbcsql.h)
_WVARCHAR, _VARBINARY, _DECIMAL, _BIT, _TINYINT, _SMALLINT, _INTEGER, _BIGINT, _REAL, _DOUBLE, _TIMESTAMP, _DATE = (
    -9, -3, 3, -7, -6, 5, 4, -5, 7, 8, 93, 91,
)  # fmt: skip
_LONG = (_WVARCHAR, _VARBINARY)
_FIXED_BYTES = 32
"""of a parameter, its length's place and what else the driver keeps of it"""
_FIXED = {
    "bit": (_BIT, 0, 0), "tinyint": (_TINYINT, 0, 0), "smallint": (_SMALLINT, 0, 0), "int": (_INTEGER, 0, 0),
    "bigint": (_BIGINT, 0, 0), "real": (_REAL, 0, 0), "float": (_DOUBLE, 0, 0), "date": (_DATE, 0, 0),
    "money": (_DECIMAL, 19, 4), "smallmoney": (_DECIMAL, 19, 4), "datetime": (_TIMESTAMP, 26, 6),
    "smalldatetime": (_TIMESTAMP, 26, 6), "datetime2": (_WVARCHAR, 27, 0), "uniqueidentifier": (_WVARCHAR, 36, 0),
}  # fmt: skip


def array_size(type_: ServerType) -> tuple[int, int, int]:
    """SQL type, size and digits of a parameter for a column of that type; a size of 0 stands for (max)."""
    name = type_.name.casefold()
    if name == "datetime2" and type_.scale not in (None, 7):
        return _TIMESTAMP, 26, 6
    if name in _FIXED:
        return _FIXED[name]
    if name in ("decimal", "numeric"):
        return _DECIMAL, type_.precision or 18, type_.scale or 0
    binary = name in ("binary", "varbinary", "image")
    return _VARBINARY if binary else _WVARCHAR, _size(type_.length), 0


def _as_long_as_needed(size: tuple[int, int, int], values: pa.Array[Any]) -> tuple[int, int, int]:
    """A parameter for a (max) column sized by its longest value, where that is short enough for an array.

    Text has at most as many UTF-16 code units as bytes of UTF-8, which Arrow knows at no cost.
    """
    kind, length, digits = size
    if kind in _LONG and length == 0:
        longest = pc.max(pc.binary_length(values)).as_py() or 1
        length = longest if longest <= _WIDE else 0
    return kind, length, digits


def _size(length: int | None) -> int:
    """0 stands for a (max) type."""
    return 0 if length in (None, MAX) else int(length or 0)


def insert(
    session: ServerSession,
    table: Name,
    columns: Sequence[ServerColumn],
    batch: pa.RecordBatch,
    *,
    keep_identity: bool,
    defaulted: Sequence[str] = (),
) -> None:
    """Insert a batch's rows; in `defaulted` columns, a default stands for NULL. `keep_identity`: counters have values.

    Runs in the caller's transaction. Raises ServerError where the server refuses a row.
    """
    for given, rows in _by_nulls(batch, defaulted):
        _insert(session, table, [c for c in columns if c.name in given], rows, keep_identity=keep_identity)


def _by_nulls(batch: pa.RecordBatch, defaulted: Sequence[str]) -> Iterator[tuple[list[str], pa.RecordBatch]]:
    """The rows by which of some columns they have no value in, each group without those columns."""
    names = [n for n in defaulted if batch.column(n).null_count]
    if not names:
        yield batch.schema.names, batch
        return
    nulls = np.stack([pc.is_null(batch.column(n)).to_numpy(zero_copy_only=False) for n in names], axis=1)
    patterns, of = np.unique(nulls, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        absent = {n for n, null in zip(names, pattern, strict=True) if null}
        given = [n for n in batch.schema.names if n not in absent]
        yield given, batch.take(pa.array(np.flatnonzero(of.ravel() == number))).select(given)


def _insert(
    session: ServerSession, table: Name, columns: Sequence[ServerColumn], batch: pa.RecordBatch, *, keep_identity: bool
) -> None:
    if not columns:
        for _ in range(batch.num_rows):
            session.execute(f"INSERT INTO {table} DEFAULT VALUES")
        return
    names = ", ".join(quote(c.name) for c in columns)
    sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    identity = keep_identity and any(c.identity for c in columns)
    if identity:
        session.execute(f"SET IDENTITY_INSERT {table} ON")
    try:
        for start in range(0, batch.num_rows, GROUP):
            rows = batch.slice(start, GROUP)
            sizes = [
                _as_long_as_needed(array_size(c.type), values) for c, values in zip(columns, rows.columns, strict=True)
            ]
            arrays = all(0 < size <= _WIDE for kind, size, _ in sizes if kind in _LONG)
            step = max(1, _ARRAY // sum(2 * size + _FIXED_BYTES for _, size, _ in sizes)) if arrays else GROUP
            for first in range(0, rows.num_rows, step):
                session.insert_many(sql, python_rows(rows.slice(first, step)), arrays=arrays, sizes=sizes)
    finally:
        if identity:
            session.execute(f"SET IDENTITY_INSERT {table} OFF")


def refused(
    session: ServerSession, table: Name, columns: Sequence[ServerColumn], batch: pa.RecordBatch, *, keep_identity: bool
) -> dict[int, DriverError]:
    """The places of the first rows whose INSERT fails, `FOUND` of them at most, and why; nothing stays.

    Raises ServerError.

    Rows are tried many in a statement, which the server takes whole or not at all; a group that fails is halved until
    the rows to blame stand alone. That is quicker than single rows by ten times where most are good.
    """
    if keep_identity and any(c.identity for c in columns):
        session.execute(f"SET IDENTITY_INSERT {table} ON")
    search = _Search(session, table, columns, batch)
    with suppress(_UndoneError), session.transaction():
        for start in range(0, batch.num_rows, search.together):
            search.among(start, min(start + search.together, batch.num_rows))
        raise _UndoneError
    return search.found


class _Search:
    """Finds rows that an INSERT is refused for, in a transaction that its caller undoes."""

    def __init__(
        self, session: ServerSession, table: Name, columns: Sequence[ServerColumn], batch: pa.RecordBatch
    ) -> None:
        self._session, self._batch = session, batch
        self._head = f"INSERT INTO {table} ({', '.join(quote(c.name) for c in columns)}) VALUES "
        self._one = f"({', '.join('?' * len(columns))})"
        self._sizes = [array_size(c.type) for c in columns]
        affordable = max(1, _BYTES * batch.num_rows // max(batch.nbytes, 1))
        self.together = max(1, min(_TOGETHER, _PARAMETERS // len(columns), affordable))
        """rows tried in one statement"""
        self.found: dict[int, DriverError] = {}

    def among(self, start: int, end: int, *, known: bool = False) -> None:
        """Look for them among these rows; `known` says that one is there.

        Raises _UndoneError where enough are found, or the transaction is lost: what was found stands.
        """
        fault = None
        if not known or end - start == 1:
            fault = self._fault(start, end)
            if fault is None:
                return
        lost = fault is not None and self._session.value("SELECT XACT_STATE()") != 1
        if fault and end - start == 1:
            self.found[start] = fault
            if lost or len(self.found) >= FOUND:
                raise _UndoneError
            return
        if lost:
            raise _UndoneError
        middle, before = (start + end) // 2, len(self.found)
        self.among(start, middle)
        self.among(middle, end, known=len(self.found) == before)

    def _fault(self, start: int, end: int) -> DriverError | None:
        rows = python_rows(self._batch.slice(start, end - start))
        sql = self._head + ", ".join([self._one] * len(rows))
        values = tuple(chain.from_iterable(rows))
        try:
            self._session.insert_many(sql, [values], sizes=self._sizes * len(rows), arrays=False)
        except ServerError as e:
            if e.trouble.passing:
                raise
            return e.fault
        return None


class _UndoneError(Exception):
    """Ends a transaction that is to leave nothing behind."""


def python_rows(batch: pa.RecordBatch) -> list[tuple[Any, ...]]:
    """The rows as the DB-API takes them."""
    return list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
