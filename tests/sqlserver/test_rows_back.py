"""Rows read back from a server: by whole columns and row by row they are the same, and as they were sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.server_schema import clear
from wizard.messages import TargetError
from wizard.objects import MAX, Name, ServerColumn, ServerTable, ServerType
from wizard.settings import Connection
from wizard.sqlserver import ServerSession, driver, rows_back, settings_of, table_sums
from wizard.sqlserver.driver import Driver
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.sqlserver.table_sums import ServerTableSums

TABLE = Name("back", "Every type")
GUID = "0E984725-C51C-4BF4-9960-E1C80E27ABA0"
MOMENT = datetime(1999, 12, 31, 23, 59, 58, 997000)
TEXT = "Grüße 😀 "
LONG = "Grüße, €uro 😀 " * 2_000


def _column(name: str, *type_: Any, **more: Any) -> ServerColumn:
    return ServerColumn(name, ServerType(*type_, **more))


EXPECTED: dict[ServerColumn, tuple[Any, str, Any, pa.Array[Any]]] = {
    # column: the value sent, its literal, what pyodbc gives for it, what mssql-python's columns have
    _column("int", "int"): (-3, "-3", -3, pa.array([-3], pa.int32())),
    _column("bit", "bit"): (True, "1", True, pa.array([True])),
    _column("tinyint", "tinyint"): (200, "200", 200, pa.array([200], pa.uint8())),
    _column("float", "float"): (-1.25e-7, "-1.25E-7", -1.25e-7, pa.array([-1.25e-7])),
    _column("real", "real"): (-1.5, "-1.5", -1.5, pa.array([-1.5], pa.float32())),
    _column("money", "money"): (
        Decimal("-922337203685477.5808"),
        "-922337203685477.5808",
        Decimal("-922337203685477.5808"),
        pa.array([Decimal("-922337203685477.5808")], pa.decimal128(19, 4)),
    ),
    _column("decimal", "decimal", precision=28, scale=5): (
        Decimal("12345678901234567890123.45678"),
        "12345678901234567890123.45678",
        Decimal("12345678901234567890123.45678"),
        pa.array([Decimal("12345678901234567890123.45678")], pa.decimal128(28, 5)),
    ),
    _column("date", "date"): ("1900-01-02", "'19000102'", date(1900, 1, 2), pa.array([date(1900, 1, 2)])),
    _column("datetime", "datetime"): (
        MOMENT, "'1999-12-31T23:59:58.997'", MOMENT, pa.array([MOMENT], pa.timestamp("us")),
    ),
    _column("datetime2(3)", "datetime2", scale=3): (
        MOMENT, "'1999-12-31T23:59:58.997'", MOMENT, pa.array([MOMENT], pa.timestamp("us")),
    ),
    _column("datetime2(7)", "datetime2", scale=7): (
        "0100-01-02 03:04:05.1234567", "'0100-01-02T03:04:05.1234567'", "0100-01-02 03:04:05.1234567",
        pa.array(["0100-01-02 03:04:05.1234567"], pa.large_string()),
    ),
    _column("guid", "uniqueidentifier"): (
        GUID, f"'{GUID}'", uuid.UUID(GUID), pa.array([GUID.lower()], pa.large_string()),
    ),
    _column("text", "nvarchar", 60): (TEXT, f"N'{TEXT}'", TEXT, pa.array([TEXT], pa.large_string())),
    _column("padded", "nchar", 6): ("ab", "N'ab'", "ab    ", pa.array(["ab    "], pa.large_string())),
    _column("memo", "nvarchar", MAX): (LONG, f"N'{LONG}'", LONG, pa.array([LONG], pa.large_string())),
    _column("bytes", "varbinary", 20): (b"\x00\xff", "0x00FF", b"\x00\xff", pa.array([b"\x00\xff"], pa.large_binary())),
}  # fmt: skip
COLUMNS = tuple(EXPECTED)
SENT = [value for value, *_ in EXPECTED.values()]


class Told:
    """A session that has one row of everything and one of NULL, or fails."""

    def __init__(self, fault: ErrorKind | None = None, after: int = 0) -> None:
        self.fault, self.after = fault, after

    def stream(self, _sql: str, *, size: int) -> Iterator[tuple[Any, ...]]:
        del size
        yield tuple(given for _, _, given, _ in EXPECTED.values())
        yield (None,) * len(EXPECTED)

    def batches(self, _sql: str, size: int) -> Iterator[pa.RecordBatch]:
        del size
        arrays = [pa.concat_arrays([a, pa.nulls(1, a.type)]) for *_, a in EXPECTED.values()]
        batch = pa.RecordBatch.from_arrays(arrays, names=[c.name for c in COLUMNS])
        for row in range(2):
            if self.fault is not None and row == self.after:
                raise ServerError(DriverError(0, "no", self.fault))
            yield batch.slice(row, 1)

    @contextmanager
    def whole_tables(self) -> Iterator[None]:
        yield

    def close(self) -> None: ...


def test_columns_and_rows_are_the_same_and_as_they_were_sent() -> None:
    session: Any = Told()
    (columns,) = rows_back.by_columns(session, TABLE, COLUMNS)
    (rows,) = rows_back.by_rows(session, TABLE, COLUMNS)
    assert columns.equals(rows)
    for name, sent in zip(columns.schema.names, SENT, strict=True):
        first, second = columns.column(name).to_pylist()
        assert second is None
        assert (first if not isinstance(sent, str) or isinstance(first, str) else f"{first:%Y-%m-%d}") == sent, name


@pytest.mark.parametrize("fault", [ErrorKind.OTHER, ErrorKind.SETTINGS])
def test_what_has_no_columns_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch, fault: ErrorKind) -> None:
    sessions = {True: Told(fault), False: Told()}
    monkeypatch.setattr(ServerSession, "open", lambda *_, using=None, **__: sessions[using is not None])
    monkeypatch.setattr(table_sums, "columnar", lambda: Driver("a double", None, ""))
    side = ServerTableSums(Connection("here"), "")
    (found,) = side.rows(ServerTable(TABLE, COLUMNS), COLUMNS)
    assert found.equals(next(rows_back.by_rows(Told(), TABLE, COLUMNS)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("fault", "after"), [(ErrorKind.LOST, 0), (ErrorKind.TIMEOUT, 0), (ErrorKind.OTHER, 1)])
def test_a_lost_line_is_not_asked_in_another_way(monkeypatch: pytest.MonkeyPatch, fault: ErrorKind, after: int) -> None:
    """Nor is a table of which rows have come: they would come twice."""
    monkeypatch.setattr(ServerSession, "open", lambda *_, **__: Told(fault, after))
    monkeypatch.setattr(table_sums, "columnar", lambda: Driver("a double", None, ""))
    with pytest.raises(TargetError):
        list(ServerTableSums(Connection("here"), "").rows(ServerTable(TABLE, COLUMNS), COLUMNS))


def test_rows_are_fetched_in_numbers_that_find_room() -> None:
    short, long = _column("a", "int"), _column("b", "nvarchar", 4000)
    assert rows_back._fetched([short]) == rows_back.SIZE
    assert rows_back._fetched([long] * 100) == 200
    assert rows_back._fetched([short, _column("c", "nvarchar", MAX)]) == 200
    assert rows_back._fetched([short, _column("c", "image")]) == 200


@pytest.mark.server
def test_a_server_gives_the_same_by_columns_and_by_rows(server: str) -> None:
    connection, password = settings_of(server)
    using = driver.columnar()
    assert using is not None
    with (
        ServerSession.open(connection, password) as session,
        ServerSession.open(connection, password, using=using) as other,
    ):
        session.execute(f"IF SCHEMA_ID('{TABLE.schema}') IS NULL EXEC('CREATE SCHEMA {TABLE.schema}')")
        clear(session, TABLE.schema)
        session.execute(f"CREATE TABLE {TABLE} ({', '.join(f'[{c.name}] {c.type}' for c in COLUMNS)})")
        literals = ", ".join(written for _, written, _, _ in EXPECTED.values())
        nulls = ", ".join(["NULL"] * len(COLUMNS))
        session.execute(f"INSERT INTO {TABLE} VALUES ({literals}), ({nulls})")
        rows = pa.Table.from_batches(rows_back.by_rows(session, TABLE, COLUMNS))
        columns = pa.Table.from_batches(rows_back.by_columns(other, TABLE, COLUMNS))
        clear(session, TABLE.schema)
    assert columns.equals(rows)
    assert rows.num_rows == 2
