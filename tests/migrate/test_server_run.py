"""Rows on a real server: all types exactly, bad rows rejected, verification, reload."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from tests.migrate.fakes import NUMBERS, Rows, column, job, numbers, server_table
from tests.migrate.runs import run, verify
from tests.migrate.servers import test_server as connect
from wizard.events import Event, MessageTold, RowRejected
from wizard.messages import TargetError
from wizard.objects import ServerTable
from wizard.settings import Options
from wizard.sink import Delivery
from wizard.sqlserver import ServerSink
from wizard.sqlserver.bulk_copy import BulkSession, UnsuitableError
from wizard.sqlserver.table_sums import ServerTableSums

pytestmark = pytest.mark.server

OPTIONS = Options(batch_size=500, parallel_tables=1)

EVERYTHING = server_table(
    "Every Thing",
    column("ID", "int", nullable=False),
    column("Bit", "bit", nullable=False),
    column("Tiny", "tinyint"),
    column("Small", "smallint"),
    column("Big", "bigint"),
    column("Real", "real"),
    column("Float", "float"),
    column("Money", "money"),
    column("Dec", "decimal", precision=28, scale=10),
    column("When", "datetime2", scale=0),
    column("Old", "datetime"),
    column("Ext", "datetime2", scale=7),
    column("Text", "nvarchar", 20),
    column("Memo", "nvarchar", -1),
    column("Guid", "uniqueidentifier"),
    column("Bin", "varbinary", 8),
    column("Ole", "varbinary", -1),
    key="ID",
)
ROW = {
    "ID": [1, 2, 3],
    "Bit": [True, False, True],
    "Tiny": pa.array([0, 255, None], pa.uint8()),
    "Small": pa.array([-32768, 32767, None], pa.int16()),
    "Big": pa.array([-(2**63), 2**63 - 1, None], pa.int64()),
    "Real": pa.array([1.5, -3.4028234663852886e38, None], pa.float32()),
    "Float": [0.1, -1.7976931348623157e308, None],
    "Money": pa.array([Decimal("-922337203685477.5808"), Decimal("0.0001"), None], pa.decimal128(19, 4)),
    "Dec": pa.array([Decimal("123456789012345678.0123456789"), Decimal("-0.0000000001"), None], pa.decimal128(28, 10)),
    "When": pa.array([datetime(100, 1, 1), datetime(9999, 12, 31, 23, 59, 59), None], pa.timestamp("ms")),
    "Old": pa.array([datetime(1753, 1, 1), datetime(1999, 12, 31, 23, 59, 59), None], pa.timestamp("ms")),
    "Ext": ["0001-01-01T00:00:00.1234560", "2024-02-29T12:34:56.1234560", None],
    "Text": ["Grüße 😀", "", None],
    "Memo": ["x" * 70_000, "zwei\r\nZeilen\t", None],
    "Guid": ["{0e984725-c51c-4bf4-9960-e1c80e27aba0}", "{00000000-0000-0000-0000-000000000000}", None],
    "Bin": [b"\x00\x01", b"", None],
    "Ole": [bytes(range(256)) * 400, b"", None],
}


def unsuitable(*args: object) -> None:
    raise UnsuitableError("no such right")


def test_every_type_arrives_exactly(server: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(EVERYTHING) as table:
        data = pa.table({**ROW, "ID": pa.array(ROW["ID"], pa.int32())})
        sink = ServerSink(target.connection, target.password, OPTIONS)
        told = list[Event]()
        result = run([job(table, Rows({"Every Thing": data}))], sink, tmp_path, OPTIONS, listener=told.append)
        assert result.complete, [e for e in told if isinstance(e, RowRejected)] or result
        names = ", ".join(f"[{c.name}]" for c in table.columns if c.name != "Ext")
        found = target.rows(f"SELECT {names}, CONVERT(nvarchar(27), Ext, 121) FROM {table.name} ORDER BY ID")
    expected = data.drop_columns(["Ext"]).to_pylist()
    for row, wanted in zip(found, expected, strict=True):
        wanted["Guid"] = wanted["Guid"] and wanted["Guid"].strip("{}").upper()
        values = [str(v).upper() if n == "Guid" and v else v for v, n in zip(row, wanted, strict=False)]
        assert values == list(wanted.values())
    assert [str(r[-1])[:26] for r in found[:2]] == ["0001-01-01 00:00:00.123456", "2024-02-29 12:34:56.123456"]


def test_where_bulk_copy_cannot_serve_rows_go_by_insert(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BulkSession, "open", unsuitable)
    target, told = connect(server), list[Event]()
    named = server_table("EveryThing", *EVERYTHING.columns, key="ID")
    with target.table(named) as table:
        data = pa.table({**ROW, "ID": pa.array(ROW["ID"], pa.int32())})
        sink = ServerSink(target.connection, target.password, OPTIONS)
        of = job(table, Rows({"EveryThing": data}))
        assert run([of], sink, tmp_path, OPTIONS, listener=told.append).complete
        proof = verify([of], ServerTableSums(target.connection, target.password), sink, tmp_path, OPTIONS)[0]
        assert proof.equal, [str(m) for m in proof.messages]
        sink.close()
    assert [e.message.number for e in told if isinstance(e, MessageTold)].count(5206) == 1


def test_a_default_fills_a_column_without_source_while_nulls_are_kept(server: str, tmp_path: Path) -> None:
    target = connect(server)
    filled = column("Filled", "int", nullable=False, default="7")
    nullable = column("Kept", "int", default="9")
    table = server_table("Defaults", column("ID", "int", nullable=False), nullable, key="ID")
    table = ServerTable(table.name, (*table.columns, filled), table.primary_key, source=table.source)
    with target.table(table) as made:
        for at in ("Filled", "Kept"):
            value = {"Filled": 7, "Kept": 9}[at]
            target.execute(
                f"ALTER TABLE {made.name} ADD CONSTRAINT DF_{made.name.schema}_{at} DEFAULT {value} FOR {at}"
            )
        data = pa.table({"ID": pa.array([1, 2], pa.int32()), "Kept": pa.array([5, None], pa.int32())})
        sink = ServerSink(target.connection, target.password, OPTIONS)
        result = run([job(made, Rows({"Defaults": data}))], sink, tmp_path, OPTIONS)
        sink.close()
        assert result.complete, result
        assert target.rows(f"SELECT ID, Kept, Filled FROM {made.name} ORDER BY ID") == [(1, 5, 7), (2, None, 7)]


def test_rows_the_server_refuses_are_named(server: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(NUMBERS) as table:
        target.execute(f"ALTER TABLE {table.name} ADD CONSTRAINT CK_{table.name.schema} CHECK (ID % 400 <> 399)")
        options = Options(batch_size=500, check_constraints=True)
        sink, told = ServerSink(target.connection, target.password, options), list[Event]()
        data = numbers(1_200).append_column("x", pa.nulls(1_200))
        result = run([job(table, Rows({"Numbers": data}))], sink, tmp_path, options, listener=told.append)
        arrived = target.rows(f"SELECT COUNT(*), SUM(ID) FROM {table.name}")[0]
    assert [e.position for e in told if isinstance(e, RowRejected)] == [i * 3 + 7 for i in (399, 799, 1_199)]
    assert arrived == (1_197, sum(range(1_200)) - 399 - 799 - 1_199)
    assert result.tables[0].rejected == 3


def test_a_column_that_is_missing_on_the_server_fails_the_table_and_rejects_no_row(server: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(NUMBERS) as table:
        target.execute(f"ALTER TABLE {table.name} DROP COLUMN [{table.columns[-1].name}]")
        sink = ServerSink(target.connection, target.password, OPTIONS)
        data = numbers(50).append_column("x", pa.nulls(50))
        (result,) = run([job(table, Rows({"Numbers": data}))], sink, tmp_path, OPTIONS).tables
        sink.close()
    assert (result.status, result.migrated, result.rejected) == ("failed", 0, 0)
    assert table.columns[-1].name in result.details


def test_duplicates_of_a_key_are_rejected_once(server: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(NUMBERS) as table:
        data = pa.concat_tables([numbers(600), numbers(3)])
        sink, told = ServerSink(target.connection, target.password, OPTIONS), list[Event]()
        run([job(table, Rows({"Numbers": data}))], sink, tmp_path, OPTIONS, listener=told.append)
        assert target.rows(f"SELECT COUNT(*) FROM {table.name}") == [(600,)]
    assert [e.position for e in told if isinstance(e, RowRejected)] == [i * 3 + 7 for i in (600, 601, 602)]


def test_rows_of_others_are_left_alone(server: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(NUMBERS) as table:
        target.execute(f"INSERT INTO {table.name} VALUES (77, N'mine')")
        sink = ServerSink(target.connection, target.password, OPTIONS)
        result = run([job(table, Rows({"Numbers": numbers(10)}))], sink, tmp_path, OPTIONS)
        assert result.tables[0].status == "failed"
        assert "did not put there" in result.tables[0].details
        with pytest.raises(TargetError) as refused:
            sink.empty(table.name)
        assert refused.value.message.number == 5205
        assert target.rows(f"SELECT ID FROM {table.name}") == [(77,)]


@pytest.mark.parametrize("arrays", [False, True], ids=["bulk copy", "arrays"])
@pytest.mark.parametrize("keep", [True, False])
def test_null_and_default_are_as_the_option_says(
    server: str, keep: bool, arrays: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if arrays:
        monkeypatch.setattr(BulkSession, "copy", unsuitable)
    target = connect(server)
    of = server_table(
        "Defaults",
        column("ID", "int", nullable=False),
        column("Open", "int", default="7"),
        column("Required", "int", nullable=False, default="8"),
        key="ID",
    )
    numbers_ = pa.array([1, None, 3, None], pa.int32())
    data = pa.table({"ID": pa.array([1, 2, 3, 4], pa.int32()), "Open": numbers_, "Required": numbers_})
    options = replace(OPTIONS, keep_nulls=keep)
    with target.table(of) as table:
        sink = ServerSink(target.connection, target.password, options)
        run([job(table, Rows({"Defaults": data}))], sink, tmp_path, options)
        found = target.rows(f"SELECT ID, [Open], Required FROM {table.name} ORDER BY ID")
        assert found == ([(1, 1, 1), (3, 3, 3)] if keep else [(1, 1, 1), (2, 7, 8), (3, 3, 3), (4, 7, 8)])
        check = ServerTableSums(target.connection, target.password)
        (proof,) = verify([job(table, Rows({"Defaults": data}))], check, sink, tmp_path, options)
        assert proof.equal, proof.messages
        assert [m.number for m in proof.messages if m.number == 6211] == ([] if keep else [6211, 6211])


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_a_reload_takes_no_rows_of_other_tables_along(server: str, action: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(NUMBERS) as table:
        sink = ServerSink(target.connection, target.password, OPTIONS)
        run([job(table, Rows({"Numbers": numbers(10)}))], sink, tmp_path, OPTIONS)
        other = f"{table.name.schema}.Theirs"
        target.execute(f"CREATE TABLE {other} (Of_ int REFERENCES {table.name} (ID) ON DELETE {action})")
        target.execute(f"INSERT INTO {other} VALUES (3), (NULL)")
        with pytest.raises(TargetError) as refused:
            sink.empty(table.name)
        assert refused.value.message.number == 5210
        assert (
            f"theirs] as well, which refer to it (on delete {action})".casefold()
            in refused.value.message.text.casefold()
        )
        assert sink.count(table.name) == 10
        target.execute(f"DELETE FROM {other} WHERE Of_ = 3")
        sink.empty(table.name)
        assert sink.count(table.name) == 0
        assert target.rows(f"SELECT COUNT(*) FROM {other}") == [(1,)]
        target.execute(f"DROP TABLE {other}")


def test_someone_elses_writing_is_noticed_before_going_on(server: str, tmp_path: Path) -> None:
    target = connect(server)
    with target.table(NUMBERS) as table:
        options = Options(batch_size=100, max_rejects_table=1)
        source = Rows({"Numbers": numbers(1_000).set_column(1, "Name", [["x"] * 950 + ["y" * 41] + ["x"] * 49])})
        sink = ServerSink(target.connection, target.password, options)
        run([job(table, source)], sink, tmp_path, options)
        target.execute(f"DELETE FROM {table.name} WHERE ID = 5")
        result = run([job(table, source)], sink, tmp_path, Options(batch_size=100))
        assert "someone else" in result.tables[0].details


@pytest.mark.parametrize("lock", [True, False])
def test_a_server_says_whether_parts_would_wait_for_each_other(server: str, lock: bool, tmp_path: Path) -> None:
    """Rows of this server are in heaps, and their inserts lock no table; a change of the table locks it."""
    target = connect(server)
    options = Options(batch_size=100, table_lock=lock)
    with target.table(NUMBERS) as table:
        of = job(table, Rows({"Numbers": numbers(1_000)}))
        sink = ServerSink(target.connection, target.password, options)
        writer = sink.open(Delivery(table, of.columns, "one", writers=2))
        assert writer.shared()
        with target.session() as other, other.transaction():
            other.execute(f"ALTER TABLE {table.name} ADD Another int")
            assert not writer.shared()
        checkpoint = writer.checkpoint
        row = pa.record_batch({"ID": pa.array([1], pa.int32()), "Name": pa.array(["a"])})
        writer.write(row, replace(checkpoint, next=1, rows=1))
        assert target.rows(f"SELECT ID, Name FROM {table.name}") == [(1, "a")], "nothing of the trial stayed"
        writer.close()
        sink.close()
