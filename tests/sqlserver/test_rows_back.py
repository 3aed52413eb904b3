"""Rows read back from a server: by whole columns and row by row they are the same, and as they were sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from threading import Event
from typing import Any

import pyarrow as pa
import pytest

from tests.server_schema import clear
from wizard.messages import TargetError
from wizard.objects import MAX, Name, ServerColumn, ServerTable, ServerType
from wizard.settings import Connection
from wizard.sqlserver import ServerSession, driver, rows_back, settings_of, table_sums
from wizard.sqlserver.column_sums import RunningSums
from wizard.sqlserver.driver import Driver
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.sqlserver.table_sums import ServerTableSums

TABLE = Name("back", "Every type")
GUID = "0E984725-C51C-4BF4-9960-E1C80E27ABA0"
MOMENT = datetime(1999, 12, 31, 23, 59, 58, 997000)
TEXT = "Grüße 😀 "
LONG = "Grüße, €uro 😀 " * 250


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

    def __init__(self, fault: ErrorKind | None = None, after: int = 0, longest: int = 2 * len(LONG)) -> None:
        self.fault, self.after, self.longest = fault, after, longest
        self.asked: list[str] = []

    def stream(self, _sql: str, *, size: int) -> Iterator[tuple[Any, ...]]:
        del size
        yield tuple(given for _, _, given, _ in EXPECTED.values())
        yield (None,) * len(EXPECTED)

    def batches(self, sql: str, size: int) -> Iterator[pa.RecordBatch]:
        del size
        self.asked.append(sql)
        arrays = [pa.concat_arrays([a, pa.nulls(1, a.type)]) for *_, a in EXPECTED.values()]
        batch = pa.RecordBatch.from_arrays(arrays, names=[c.name for c in COLUMNS])
        for row in range(2):
            if self.fault is not None and row == self.after:
                raise ServerError(DriverError(0, "no", self.fault))
            yield batch.slice(row, 1)

    def query(self, _sql: str) -> list[tuple[int]]:
        return [(self.longest,)]

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


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Connections that were opened: whether each is one of the driver that has columns."""
    monkeypatch.setattr(table_sums, "columnar", lambda: Driver("a double", None, ""))
    return []


def _side(monkeypatch: pytest.MonkeyPatch, opened: list[bool], columns: Told | ErrorKind) -> ServerTableSums:
    """A server that gives columns so, or lets nobody in who asks for them."""

    def open_(*_: object, using: Driver | None = None, **__: object) -> Told:
        opened.append(using is not None)
        if using is None:
            return Told()
        if isinstance(columns, ErrorKind):
            raise ServerError(DriverError(0, "no", columns))
        return columns

    monkeypatch.setattr(ServerSession, "open", open_)
    return ServerTableSums(Connection("here"), "")


def _both(side: ServerTableSums) -> list[pa.RecordBatch]:
    return [b for _ in range(2) for b in side.rows(ServerTable(TABLE, COLUMNS), COLUMNS)]


@pytest.mark.parametrize("after", [0, 1])
def test_what_has_no_columns_is_read_row_by_row(
    monkeypatch: pytest.MonkeyPatch, opened: list[bool], after: int
) -> None:
    side = _side(monkeypatch, opened, Told(ErrorKind.OTHER, after))
    wanted = next(rows_back.by_rows(Told(), TABLE, COLUMNS))  # type: ignore[arg-type]
    assert all(found.equals(wanted) for found in _both(side))
    assert opened == [True, False], "both connections are kept"


def test_values_without_a_bound_come_in_columns_that_have_one() -> None:
    told: Any = Told()
    (columns,) = rows_back.by_columns(told, TABLE, COLUMNS)
    assert columns.column("memo")[0].as_py() == LONG
    assert "CONVERT(nvarchar(4000), [memo])" in told.asked[0]
    short: Any = Told(longest=10)
    next(rows_back.by_columns(short, TABLE, COLUMNS))
    assert "CONVERT(nvarchar(10), [memo])" in short.asked[0]


def test_values_longer_than_any_bound_are_read_row_by_row(monkeypatch: pytest.MonkeyPatch, opened: list[bool]) -> None:
    """The driver would hold the interpreter while it waits for them: nothing could end that, were the line stalled."""
    told = Told(longest=8_002)
    assert sum(b.num_rows for b in _both(_side(monkeypatch, opened, told))) == 4
    assert opened == [True, False]
    assert told.asked == []


def test_a_driver_that_is_not_let_in_is_asked_once(monkeypatch: pytest.MonkeyPatch, opened: list[bool]) -> None:
    assert len(_both(_side(monkeypatch, opened, ErrorKind.SETTINGS))) == 2
    assert opened == [True, False]


@pytest.mark.parametrize("columns", [ErrorKind.LOST, ErrorKind.BUSY, Told(ErrorKind.LOST), Told(ErrorKind.TIMEOUT)])
def test_a_lost_line_is_not_asked_in_another_way(
    monkeypatch: pytest.MonkeyPatch, opened: list[bool], columns: Told | ErrorKind
) -> None:
    with pytest.raises(TargetError):
        _both(_side(monkeypatch, opened, columns))
    assert opened == [True]


def test_rows_that_have_come_do_not_come_twice(monkeypatch: pytest.MonkeyPatch, opened: list[bool]) -> None:
    monkeypatch.setattr(rows_back, "SIZE", 1)
    reading = _side(monkeypatch, opened, Told(ErrorKind.OTHER, 1)).rows(ServerTable(TABLE, COLUMNS), COLUMNS)
    assert next(reading).num_rows == 1
    with pytest.raises(TargetError):
        next(reading)


def test_rows_are_fetched_in_numbers_that_find_room() -> None:
    short, long, unbound = _column("a", "int"), _column("b", "nvarchar", 4000), _column("c", "nvarchar", MAX)
    assert rows_back._fetched([short], 0) == rows_back.SIZE
    assert rows_back._fetched([long] * 100, 0) == 20
    assert rows_back._fetched([short, unbound], 100) == rows_back.SIZE
    assert rows_back._fetched([short, unbound], 1_000) == 16_256  # of 16 MiB, with 32 bytes of the number
    assert rows_back._fetched([short, unbound], 1 << 20) == 15
    assert rows_back._fetched([short, unbound], 64 << 20) == 1


def test_both_sides_hash_alike_whatever_the_server_fails_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type that it computes otherwise is hashed here by the quick hash; one at which it only fails, as it would."""
    text, guid = next(c for c in COLUMNS if c.name == "text"), next(c for c in COLUMNS if c.name == "guid")
    batch = next(rows_back.by_rows(Told(), TABLE, COLUMNS))  # type: ignore[arg-type]

    def try_out(self: ServerTableSums, *_: object) -> None:
        self._trusted |= {str(text.type): False, str(guid.type): True}

    monkeypatch.setattr(ServerSession, "open", lambda *_, **__: Told())
    monkeypatch.setattr(ServerTableSums, "_try_out", try_out)
    monkeypatch.setattr(ServerTableSums, "_aggregates", lambda _self, _session, group: setattr(group[0], "rows", 2))
    monkeypatch.setattr(
        ServerTableSums, "rows", lambda _self, _table, wanted: iter([batch.select([c.name for c in wanted])])
    )
    side = ServerTableSums(Connection("here"), "")
    own = side.read_back([text, guid])
    rows, figures, read = side.figures(ServerTable(TABLE, COLUMNS), [text, guid])
    here = RunningSums([text, guid], side.hashing, own=own)
    here.add(batch.select(["text", "guid"]))
    assert (own, rows, read) == ({"text"}, 2, ["text", "guid"])
    assert figures == here.figures
    assert "fingerprint" in figures["text"]
    assert "hash" in figures["guid"]


def test_a_table_that_is_gone_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of tables that are asked for together, the one of which the server knows nothing is told, and no other."""
    number = next(c for c in COLUMNS if c.name == "int")
    tables = [ServerTable(Name("back", name), (number,)) for name in ("First", "Gone", "Last")]

    def ask_each(_: object, questions: list[str]) -> list[object]:
        gone = DriverError(208, "Invalid object name 'back.Gone'.", ErrorKind.STRUCTURE)
        return [gone if "[Gone]" in q else [(7, *[0] * 20)] for q in questions]

    monkeypatch.setattr(ServerSession, "open", lambda *_, **__: Told())
    monkeypatch.setattr(ServerTableSums, "_try_out", lambda self, *_: self._trusted.update({str(number.type): True}))
    monkeypatch.setattr(table_sums.round_trips, "ask_each", ask_each)
    monkeypatch.setattr(table_sums.checkpoints, "exists", lambda _, table: table.name != "Gone" or there)
    there = False
    side = ServerTableSums(Connection("here"), "")
    side.expect([(t, [number], 10) for t in tables])
    assert side.figures(tables[0], [number])[0] == 7
    with pytest.raises(TargetError, match=r"\[Gone\] is not in the database. Load the objects first"):
        side.figures(tables[1], [number])
    there = True  # and the server says nothing of it all the same
    with pytest.raises(TargetError, match=r"Invalid object name 'back\.Gone'"):
        side.figures(tables[1], [number])
    assert side.figures(tables[2], [number])[0] == 7


def test_reading_ends_where_the_other_figures_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    text = next(c for c in COLUMNS if c.name == "text")
    failed, read = Event(), []

    def aggregates(*_: object) -> None:
        failed.set()
        raise ServerError(DriverError(0, "gone", ErrorKind.LOST))

    def endless(*_: object) -> Iterator[pa.RecordBatch]:
        while len(read) < 10_000:
            failed.wait()
            read.append(1)
            yield pa.RecordBatch.from_arrays([pa.array(["a"])], names=["text"])

    monkeypatch.setattr(ServerSession, "open", lambda *_, **__: Told())
    monkeypatch.setattr(ServerTableSums, "_try_out", lambda self, *_: self._trusted.update({str(text.type): False}))
    monkeypatch.setattr(ServerTableSums, "_aggregates", aggregates)
    monkeypatch.setattr(ServerTableSums, "rows", endless)
    with pytest.raises(TargetError):
        ServerTableSums(Connection("here"), "").figures(ServerTable(TABLE, COLUMNS), [text])
    assert len(read) < 10_000


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
