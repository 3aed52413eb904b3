"""Exported tables hold every value exactly, in every format, and a file has its name only when it is whole."""

from __future__ import annotations

import base64
import csv
import io
import json
import threading
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.access import AccessFile, long_rows, nested_values
from wizard.access.export import ExportFormat, export
from wizard.access.json_lines import header, lines
from wizard.access.prefetch import prefetched
from wizard.messages import JetferryError, SourceError


def exported(path: Path, tables: list[str] | None, chosen: ExportFormat, password: str | None = None) -> bytes:
    stream = io.BytesIO()
    with AccessFile.open(path, password) as file:
        export(file, tables, chosen, stream=stream)
    return stream.getvalue()


def json_tables(data: bytes) -> dict[str, tuple[list[str], list[list[Any]]]]:
    tables: dict[str, tuple[list[str], list[list[Any]]]] = {}
    for line in data.decode().split("\n")[:-1]:
        item = json.loads(line)
        if isinstance(item, dict):
            rows: list[list[Any]] = []
            tables[item["table"]] = (item["columns"], rows)
        else:
            rows.append(item)
    return tables


def test_json_lines_hold_all_tables_of_the_sample(sample: Path) -> None:
    tables = json_tables(exported(sample, None, ExportFormat.JSONL))
    with AccessFile.open(sample) as file:
        assert list(tables) == [t.name for t in file.definition.tables]
        for name, (columns, rows) in tables.items():
            read = [r for b in file.read(name) for r in b.rows.to_pylist()]
            assert len(rows) == len(read)
            for mine, theirs in zip(rows, read, strict=True):
                assert dict(zip(columns, mine, strict=True)) == {k: as_json(v) for k, v in theirs.items()}


def as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        text = value.isoformat()
        return text.rstrip("0") if "." in text else text
    return str(value) if isinstance(value, Decimal) else value


def test_csv_tells_null_from_empty_text_and_keeps_every_value(sample: Path) -> None:
    text = exported(sample, ["Customers"], ExportFormat.CSV).decode()
    rows = list(csv.reader(io.StringIO(text)))
    with AccessFile.open(sample) as file:
        read = [r for b in file.read("Customers") for r in b.rows.to_pylist()]
    assert rows[0] == list(read[0])
    assert len(rows) == len(read) + 1
    for mine, theirs in zip(rows[1:], read, strict=True):
        for shown, value in zip(mine, theirs.values(), strict=True):
            if isinstance(value, float):
                assert float(shown) == pytest.approx(value, rel=1e-7)
            elif value is None:
                assert shown == ""
            elif isinstance(value, datetime):
                assert datetime.fromisoformat(shown) == value
            else:
                assert shown == str(value)


def batch(**columns: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def test_json_lines_write_what_json_has_no_word_for() -> None:
    dates = [datetime(100, 1, 1), datetime(2020, 5, 10, 10, 10, 0, 120000), None, datetime(9999, 12, 31)]
    smallest = "0." + "0" * 27 + "1"
    rows = batch(
        real=pa.array([1e300, float("nan"), float("-inf"), None]),
        single=pa.array([0.1, 3e-45, 1e20, None], pa.float32()),
        text=pa.array(['"quoted"\\', "line\nend\x00", "", None]),
        date=pa.array(dates, pa.timestamp("ms")),
        wide=pa.array([Decimal("1.50"), Decimal("1e-28"), Decimal(100), None], pa.decimal256(56, 28)),
        fine=pa.array([Decimal("0.00000001"), Decimal(-1), None, Decimal("2.5")], pa.decimal128(28, 8)),
        raw=pa.array([b"", b"\0\xff", None, b"x"]),
        flag=pa.array([True, False, None, True]),
    )  # fmt: skip
    assert [json.loads(line) for line in bytes(lines(rows, {})).decode().splitlines()] == [
        [1e300, 0.10000000149011612, '"quoted"\\', "0100-01-01T00:00:00", "1.5", "0.00000001", {"base64": ""}, True],
        [
            "NaN", 2.802596928649634e-45, "line\nend\x00", "2020-05-10T10:10:00.12", smallest, "-1.00000000",
            {"base64": "AP8="}, False,
        ],
        ["-Infinity", 1.0000000200408773e20, "", None, "100", None, None, None],
        [None, None, None, "9999-12-31T00:00:00", None, "2.50000000", {"base64": "eA=="}, True],
    ]  # fmt: skip
    assert json.loads(header('T"1', ["ä", "b\n"])) == {"table": 'T"1', "columns": ["ä", "b\n"]}


@given(st.lists(st.none() | st.text(), max_size=20), st.integers(0, 5))
def test_any_text_survives_json_lines(texts: list[str | None], skip: int) -> None:
    rows = batch(text=pa.array(texts, pa.string())).slice(skip)
    found = [json.loads(line)[0] for line in bytes(lines(rows, {})).split(b"\n")[:-1]]
    assert found == texts[skip:]


def test_a_batch_without_columns_or_rows_is_written() -> None:
    empty = pa.RecordBatch.from_arrays([], names=[])
    assert bytes(lines(empty, {})) == b""
    assert bytes(lines(batch(a=pa.array([], pa.string())), {})) == b""


@pytest.mark.parametrize("chosen", list(ExportFormat))
def test_a_folder_gets_a_file_per_table(chosen: ExportFormat, sample: Path, tmp_path: Path) -> None:
    with AccessFile.open(sample) as file:
        told: list[tuple[str, int, int]] = []
        done = export(file, ["Books", "orders"], chosen, tmp_path / "new" / "out", progress=lambda *a: told.append(a))
        assert [(d.table, d.rows) for d in done] == [("Books", 120), ("Orders", 600)]
        assert told == [("Books", 120, 120), ("Orders", 600, 600)]
        assert sorted(p.name for p in (tmp_path / "new" / "out").iterdir()) == [f"Books.{chosen}", f"Orders.{chosen}"]
        whole = pa.Table.from_batches([b.rows for b in file.read("Orders")])
    path = tmp_path / "new" / "out" / f"Orders.{chosen}"
    if chosen is ExportFormat.ARROW:
        assert pa.ipc.open_file(path).read_all().equals(whole)
    elif chosen is ExportFormat.PARQUET:
        assert pq.read_table(path).equals(whole)
    else:
        assert path.read_bytes() == exported(sample, ["Orders"], chosen)


def test_an_arrow_stream_reads_back(sample: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    stream = Pipe()
    with AccessFile.open(sample) as file:
        export(file, ["Books"], ExportFormat.ARROW, stream=stream)
        whole = pa.Table.from_batches([b.rows for b in file.read("Books")])
    assert pa.ipc.open_stream(stream.getvalue()).read_all().equals(whole)


def test_several_tables_in_one_binary_stream_are_refused(sample: Path) -> None:
    for chosen in (ExportFormat.ARROW, ExportFormat.PARQUET):
        with pytest.raises(JetferryError, match="JF1521"):
            exported(sample, ["Books", "Orders"], chosen)


def test_an_unknown_table_is_named(sample: Path) -> None:
    with pytest.raises(SourceError, match=r"JF1016.*Bookz"):
        exported(sample, ["Bookz"], ExportFormat.CSV)


def test_a_failure_leaves_no_file_behind(sample: Path, tmp_path: Path) -> None:
    def fail(table: str, done: int, rows: int) -> None:
        raise RuntimeError("stopped")

    with AccessFile.open(sample) as file:
        with pytest.raises(RuntimeError, match="stopped"):
            export(file, ["Books"], ExportFormat.CSV, tmp_path, progress=fail)
        assert list(tmp_path.iterdir()) == []
        (tmp_path / "folder").write_text("a file is in the way")
        with pytest.raises(JetferryError, match="JF1520"):
            export(file, ["Books"], ExportFormat.CSV, tmp_path / "folder")


def test_names_that_no_file_system_takes_are_changed_and_kept_apart(shared: Path, tmp_path: Path) -> None:
    with AccessFile.open(shared / "corpus" / "weirdObjectNames.mdb") as file:
        (done,) = export(file, None, ExportFormat.CSV, tmp_path)
    assert done.path
    assert done.path.name == "19 MB 01 BEZAHLT ___.csv"


def test_attachments_and_multi_valued_fields_are_lists_in_their_parents_row(shared: Path) -> None:
    ((columns, rows),) = json_tables(exported(shared / "corpus" / "complexDataTestV2010.accdb", None, ExportFormat.JSONL)).values()  # fmt: skip  # noqa: E501
    by_id = {row[0]: dict(zip(columns, row, strict=True)) for row in rows}
    assert sorted(by_id["row3"]["multi-value-data"]) == ["value1", "value2", "value3", "value4"]
    assert by_id["row1"]["multi-value-data"] == []
    attached = by_id["row4"]["attach-data"]
    assert [a["name"] for a in attached] == ["test_data2.txt"]
    assert base64.b64decode(attached[0]["base64"]).startswith(b"this is some")
    history = next(v for k, v in by_id["row3"].items() if k.startswith("VersionHistory"))
    assert sorted(history) == ["ver:row3-memo", "ver:row3-memo-again", "ver:row3-memo-revised"]


def test_attachments_are_in_memory_one_at_a_time(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = exported(shared / "corpus" / "attachments.accdb", None, ExportFormat.JSONL)
    monkeypatch.setattr(long_rows, "_AT_ONCE", 3)
    events: list[str] = []
    real, real_row = nested_values.row_at, nested_values.json_row
    monkeypatch.setattr(nested_values, "row_at", lambda *a: events.append("read") or real(*a))

    def pieces(*arguments: Any) -> Any:
        for piece in real_row(*arguments):
            events.append("piece")
            yield piece

    monkeypatch.setattr(nested_values, "json_row", pieces)
    assert exported(shared / "corpus" / "attachments.accdb", None, ExportFormat.JSONL) == whole
    assert events.count("read") > 1
    assert "read read" not in " ".join(events)


def test_in_other_formats_they_are_tables_of_their_own(shared: Path, tmp_path: Path) -> None:
    with AccessFile.open(shared / "corpus" / "complexDataTestV2010.accdb") as file:
        export(file, None, ExportFormat.PARQUET, tmp_path)
        child = next(t for t in file.definition.tables if t.child_of and t.child_of.column == "attach-data")
        assert child.child_of
        key = child.child_of.key
    files = pq.read_table(tmp_path / f"{child.name}.parquet").to_pylist()
    parents = pq.read_table(tmp_path / "Table1.parquet").to_pylist()
    assert {f[key] for f in files} <= {p["attach-data"] for p in parents}
    assert all(f["FileData"].startswith(b"this is some") for f in files)


def test_working_ahead_changes_nothing() -> None:
    assert list(prefetched(iter(range(100)))) == list(range(100))

    def failing() -> Any:
        yield 1
        raise ValueError("in the thread")

    found = prefetched(failing())
    assert next(found) == 1
    with pytest.raises(ValueError, match="in the thread"):
        next(found)


def test_working_ahead_ends_with_its_consumer() -> None:
    made: list[int] = []

    def endless() -> Any:
        while True:
            made.append(len(made))
            yield made[-1]

    found = prefetched(endless())
    assert next(found) == 0
    found.close()  # type: ignore[attr-defined]
    before = len(made)
    time.sleep(0.05)
    assert len(made) == before
    assert not [t for t in threading.enumerate() if t.name == "reading ahead"]
