"""Bulk copy: columns as the server spells them, values as the core takes them, and what a failed copy leaves."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from tests.migrate.fakes import column, server_table
from tests.sqlserver.bulk_core import COLUMNS, TABLE, Core, Sessions
from wizard.messages import TargetError
from wizard.objects import Name
from wizard.settings import Auth, Connection
from wizard.sink import Checkpoint, Delivery, RefusedError
from wizard.sqlserver import DriverError, ErrorKind, ServerError, bulk_copy, checkpoints
from wizard.sqlserver import connection as connecting
from wizard.sqlserver.bulk_copy import BulkSession, CopyOptions, Spelled, UnsuitableError, aligned_columns, wire_batch
from wizard.sqlserver.bulk_copy import with_extended_types as columns_as_text
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.server_writer import CheckpointState, ServerWriter, WriterContext


def rows(*names: str) -> pa.RecordBatch:
    return pa.record_batch({name: pa.array([1, 2]) for name in names})


def asked(core: Core) -> int:
    return sum("sys.columns" in sql for sql in core.done)


def test_columns_are_found_in_the_case_the_server_keeps_them_and_it_is_asked_once_for_all_connections() -> None:
    spelled: Spelled = {}
    first, second = Core(), Core()
    for core in (first, second):
        BulkSession(core, "here", spelled).copy(TABLE, rows("ID", "Größe"), CopyOptions())
        assert core.copied[0][0] == COLUMNS
    assert (asked(first), asked(second)) == (1, 0)


def test_a_question_for_columns_that_was_cut_short_does_not_leave_a_session_that_runs_nothing() -> None:
    """The core asks under SET FMTONLY ON, which a question that ends by a lock leaves behind."""
    core = Core(refuses=lambda sql: sql == "copy")
    bulk = BulkSession(core, "here", {})
    with pytest.raises(ServerError):
        bulk.copy(TABLE, rows(*COLUMNS), CopyOptions())
    bulk.execute("BEGIN TRANSACTION")
    bulk.row("SELECT 1")
    assert core.done == ["copy", "SET FMTONLY OFF;\nBEGIN TRANSACTION", "SELECT 1"]
    core.refuses = lambda sql: False
    bulk.copy(TABLE, rows(*COLUMNS), CopyOptions())
    bulk.execute("COMMIT")
    assert core.done[-1] == "COMMIT"


def test_columns_that_are_found_are_not_asked_for() -> None:
    core = Core()
    BulkSession(core, "here", {}).copy(TABLE, rows(*COLUMNS), CopyOptions())
    assert asked(core) == 0


def test_a_spelling_that_another_connection_finds_between_sending_and_asking_is_used() -> None:
    spelled: Spelled = {}

    class Raced(Core):
        def execute(self, sql: str) -> None:
            super().execute(sql)
            if sql == "copy" and not spelled:  # names go as they are; meanwhile the other connection has asked
                spelled[TABLE] = {name.casefold(): name for name in COLUMNS}

    core = Raced()
    BulkSession(core, "here", spelled).copy(TABLE, rows("ID", "Größe"), CopyOptions())
    assert core.copied[0][0] == COLUMNS
    assert asked(core) == 0


class Describing(Core):
    """A server that describes other columns to bulk copy than it has."""

    def __init__(self, *described: str) -> None:
        super().__init__()
        self.described = described

    def fetchall(self) -> list[tuple[Any, ...]]:
        return super().fetchall() if "sys.columns" in self.done[-1] else [(1,)]

    def bulkcopy_arrow(self, table: str, batch: pa.RecordBatch, **how: Any) -> dict[str, int]:
        for name in how["column_mappings"]:
            if name not in self.described:
                raise ValueError(
                    f"Failed to resolve column mappings: Usage Error: Destination column '{name}' not found"
                )
        return super().bulkcopy_arrow(table, batch, **how)


@pytest.mark.parametrize("found", [True, False])
def test_a_column_bulk_copy_does_not_find_is_asked_for_anew_then_rows_go_by_arrays_and_that_is_told(
    found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = server_table("Rows", column("id", "int"), column("größe", "int"))
    cores = [Describing("größe"), Describing(*COLUMNS) if found else Describing("größe")]
    used, told, inserted = list(cores), list[tuple[int, str]](), list[int]()
    monkeypatch.setattr(
        ServerWriter, "_insert", lambda self, batch, checkpoint, doubtful: inserted.append(batch.num_rows)
    )

    def tell(number: int, _: Name, **facts: object) -> None:
        told.append((number, str(facts["reason"])))

    shared = WriterContext(lambda *_: None, RetryPolicy(), lambda _: None, tell, Sessions(*cores), lambda _: None)
    at = CheckpointState(checkpoints.CheckpointKey(table.name), "me", Checkpoint())
    writer = ServerWriter(shared, Delivery(table, table.columns, "one"), CopyOptions(), at)
    for number in (1, 2):
        writer.write(
            rows(*COLUMNS).cast(pa.schema([(c, pa.int32()) for c in COLUMNS])), Checkpoint(2 * number, 2 * number)
        )
    assert [len(core.copied) for core in used] == [0, 2 if found else 0]
    assert inserted == ([] if found else [2, 2])
    assert [number for number, _ in told] == ([] if found else [5206])
    assert found or "'id'" in told[0][1]
    assert used[0].closed, "the fresh connection is another one"


class PanicException(BaseException):
    """As pyo3 calls what its core fails with."""


class Failing(Core):
    """Whose core fails in the middle of a copy."""

    def bulkcopy_arrow(self, *_: object, **__: object) -> dict[str, int]:
        raise PanicException("index out of bounds")

    def fetchall(self) -> list[tuple[Any]]:
        return [(1,)]


def test_a_core_that_fails_keeps_no_transaction_open_that_rows_by_arrays_would_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core, closed = Failing(), list[bool]()
    monkeypatch.setattr(ServerWriter, "_insert", lambda *_: closed.append(core.closed))
    table = server_table("Rows", column("ID", "int"))
    shared = WriterContext(
        lambda *_: None, RetryPolicy(), lambda _: None, lambda *_, **__: None, Sessions(core), lambda _: None
    )
    at = CheckpointState(checkpoints.CheckpointKey(table.name), "me", Checkpoint())
    writer = ServerWriter(shared, Delivery(table, table.columns, "one"), CopyOptions(), at)
    writer.write(pa.record_batch({"ID": pa.array([1], pa.int32())}), Checkpoint(1, 1))
    assert "BEGIN TRANSACTION" in core.done[-1]
    assert closed == [True]


def unaligned(array: pa.Array) -> pa.Array:
    """The same array, its values two bytes behind where they should begin."""
    validity, values = array.buffers()
    shifted = pa.py_buffer(b"xx" + values.to_pybytes()).slice(2)
    return pa.Array.from_buffers(array.type, len(array), [validity, shifted])


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1.5, None, -2.0]),
        pa.array([Decimal("1.25"), None, Decimal("-7")], pa.decimal128(19, 4)),
        pa.array([1, None, 3], pa.int32()),
    ],
    ids=lambda v: str(v.type),
)
def test_values_that_begin_anywhere_in_memory_are_put_where_bulk_copy_can_read_them(values: pa.Array) -> None:
    given = pa.record_batch({"a": unaligned(values), "b": values}).slice(1)
    sent = aligned_columns(given)
    assert sent.equals(given)
    assert all(b is None or b.address % 16 == 0 for column in sent.columns for b in column.buffers())
    assert given.column(0).buffers()[1].address % 4, "the test's own array is what it says"


def test_a_core_that_panics_is_not_the_end_of_the_process() -> None:
    panic = type("PanicException", (BaseException,), {})

    class Panicking(Core):
        def bulkcopy_arrow(self, *args: Any, **how: Any) -> dict[str, int]:
            raise panic("Memory pointer is not aligned")

    with pytest.raises(UnsuitableError, match="not aligned"):
        BulkSession(Panicking(), "here", {}).copy(TABLE, rows(*COLUMNS), CopyOptions())


def test_a_column_that_is_not_there_is_named() -> None:
    session = BulkSession(Core(), "here", {})
    for _ in range(2):
        with pytest.raises(ServerError, match="Other"):
            session.copy(TABLE, rows("ID", "Other"), CopyOptions())


def test_rows_that_were_not_all_taken_are_a_lost_copy() -> None:
    class Short(Core):
        def bulkcopy_arrow(self, *args: Any, **how: Any) -> dict[str, int]:
            return {"rows_copied": 1}

    with pytest.raises(ServerError, match="1 of 2 rows"):
        BulkSession(Short(), "here", {}).copy(TABLE, rows(*COLUMNS), CopyOptions())


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("2024-02-29T12:34:56.1234567", pa.timestamp("ns")),
        ("0001-01-01T00:00:00.1234560", pa.timestamp("us")),
    ],
)
def test_a_date_in_steps_of_100_ns_travels_as_a_timestamp_that_holds_it(text: str, type_: pa.DataType) -> None:
    extended = (column("When", "datetime2", scale=7), column("Plain", "nvarchar", 30))
    batch = pa.record_batch({"When": [text, None], "Plain": [text, None]})
    sent = wire_batch(batch, columns_as_text(extended))
    assert sent.schema.types == [type_, pa.string()]
    assert sent.column("When").cast(pa.string())[0].as_py().rstrip("0") == text.replace("T", " ").rstrip("0")


def test_a_date_that_no_timestamp_holds_goes_another_way() -> None:
    with pytest.raises(UnsuitableError, match="When holds dates"):
        wire_batch(pa.record_batch({"When": ["0001-01-01T00:00:00.1234567"]}), ("When",))


class Refusing(Core):
    """A server with a checkpoint that always moves; it refuses batches with a 13, and copies after a refused one."""

    def __init__(self, *, brittle: bool) -> None:
        super().__init__()
        self.brittle, self.refused = brittle, False
        self.rows: list[int] = []

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [(0,)] if "@@TRANCOUNT" in self.done[-1] else [(1,)]

    def bulkcopy_arrow(
        self, table: str, batch: pa.RecordBatch, *, column_mappings: list[str], **how: Any
    ) -> dict[str, int]:
        if self.refused and self.brittle:
            raise RuntimeError("SQL Server error 33557097: unexpected token in the bulk load request")
        found = batch.column(0).to_pylist()
        if 13 in found:
            self.refused = True
            raise RuntimeError("Sql Error: 547: Class 16: State 1: the check does not hold on here in x at line 1")
        self.rows += found
        return {"rows_copied": batch.num_rows}


@pytest.mark.parametrize("brittle", [True, False])
def test_no_row_is_blamed_for_a_connection_that_takes_no_copy_after_a_refused_one(brittle: bool) -> None:
    table = server_table("Rows", column("ID", "int"))
    cores = [Refusing(brittle=brittle) for _ in range(6)]
    used = list(cores)
    shared = WriterContext(
        lambda *_: None, RetryPolicy(), lambda _: None, lambda *_, **__: None, Sessions(*cores), lambda _: None
    )
    at = CheckpointState(checkpoints.CheckpointKey(table.name), "me", Checkpoint())
    writer = ServerWriter(shared, Delivery(table, table.columns, "one"), CopyOptions(), at)
    refused = []
    for number in (1, 13, 2, 3, 13, 4):
        batch = pa.record_batch({"ID": pa.array([number], pa.int32())})
        try:
            writer.write(
                batch, replace(writer.checkpoint, next=writer.checkpoint.next + 1, rows=writer.checkpoint.rows + 1)
            )
        except RefusedError as e:
            refused.append((number, "check" in e.message.text))
    assert refused == [(13, True), (13, True)]
    assert sorted(row for core in used for row in core.rows) == [1, 2, 3, 4]
    assert writer.dear is brittle
    assert sum(bool(c.done) for c in used) == (3 if brittle else 1)


def test_a_fault_in_moving_the_mark_is_not_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    table = server_table("Rows", column("ID", "int"))
    core = Core(lambda sql: "BEGIN" in sql)
    monkeypatch.setattr(connecting, "understand", lambda e: DriverError(3910, str(e), ErrorKind.OTHER))
    shared = WriterContext(
        lambda *_: None, RetryPolicy(), lambda _: None, lambda *_, **__: None, Sessions(core), lambda _: None
    )
    writer = ServerWriter(
        shared,
        Delivery(table, table.columns, "one"),
        CopyOptions(),
        CheckpointState(checkpoints.CheckpointKey(table.name), "me", Checkpoint()),
    )
    with pytest.raises(TargetError) as raised:
        writer.write(pa.record_batch({"ID": pa.array([1], pa.int32())}), Checkpoint(1, 1))
    assert not isinstance(raised.value, RefusedError)


def test_who_signs_in_through_a_browser_does_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[str]()

    class Browser:
        def __init__(self, login_hint: str | None) -> None:
            made.append(str(login_hint))

        def get_token(self, scope: str) -> Any:
            return SimpleNamespace(token=f"for {scope}")

    module = SimpleNamespace(InteractiveBrowserCredential=Browser)
    monkeypatch.setitem(sys.modules, "azure.identity", module)
    bulk_copy._credential.cache_clear()
    connection = Connection("here", auth=Auth.ENTRA_INTERACTIVE, user="me")
    with ThreadPoolExecutor(4) as pool:
        tokens = set(pool.map(bulk_copy._token, [connection] * 4))
    assert (made, tokens) == (["me"], {f"for {bulk_copy._TOKEN_SCOPE}"})
    bulk_copy._credential.cache_clear()
