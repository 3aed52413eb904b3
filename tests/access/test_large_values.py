"""What a file claims is counted before it is resolved or inflated: no file makes a process grow, and large values that
are really there are read and written, in small batches and in pieces."""

from __future__ import annotations

import base64
import io
import json
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access import build
from tests.access.build import Builder, Column
from tests.access.test_embedded_files import attachment
from wizard.access import AccessFile, TableReader, long_rows, text
from wizard.access import export as module
from wizard.access import format as fmt
from wizard.access.complex_columns import AttachmentError, attached_file, binary_array, with_files
from wizard.access.diagnostics import Diagnostics, Report
from wizard.access.export import ExportFormat, export
from wizard.access.json_lines import lines
from wizard.access.long_rows import csv_row, json_row
from wizard.access.memory_limits import LARGEST_NAME, largest
from wizard.access.pages import PageFile
from wizard.access.prefetch import Prefetch
from wizard.access.reader import Batch, row_at
from wizard.access.spans import PADDING, Spans
from wizard.messages import DamagedFileError, Message, SourceError

MB = 1 << 20


def test_a_bomb_is_not_inflated() -> None:
    bomb = struct.pack("<II", 1, 2_000_000_000) + zlib.compress(bytes(50 * MB))
    with pytest.raises(AttachmentError, match="becomes 2000000000 bytes"):
        attached_file(bomb)
    liar = struct.pack("<II", 1, 1000) + zlib.compress(struct.pack("<I", 4) + bytes(50 * MB))
    assert len(attached_file(liar)) == 996


def test_a_large_attachment_comes_out_whole() -> None:
    data = np.random.default_rng(7).integers(0, 40, 5 * MB + 77, np.uint8).tobytes()
    for deflate in (True, False):
        assert attached_file(attachment(data, deflate=deflate)) == data


def test_batches_of_attachments_are_cut_by_what_they_inflate_to() -> None:
    stored = [attachment(bytes([n]) * (6 * MB)) for n in range(7)] + [None, attachment(b"small")]
    rows = pa.RecordBatch.from_arrays(
        [pa.array(range(9), pa.int32()), pa.array(stored, pa.binary())], names=["n", "FileData"]
    )
    report = Report(Diagnostics(), "f", "T")
    batches = list(with_files(iter([Batch(rows, np.arange(10, 19), 19)]), report))
    assert [b.rows.num_rows for b in batches] == [2, 2, 2, 3]
    assert [b.next for b in batches] == [12, 14, 16, 19]
    assert [p for b in batches for p in b.positions.tolist()] == list(range(10, 19))
    found = [v for b in batches for v in b.rows.column(1).to_pylist()]
    assert found == [bytes([n]) * (6 * MB) for n in range(7)] + [None, b"small"]
    assert not report.findings.messages


@given(st.lists(st.one_of(st.none(), st.binary(max_size=9)), min_size=1, max_size=5))
def test_an_array_of_views(values: list[bytes | None]) -> None:
    made = binary_array([None if v is None else memoryview(v) for v in values])
    made.validate(full=True)
    assert made.to_pylist() == values


def blobs(path: Path, sizes: list[list[int]], *, claimed: int | None = None) -> tuple[Path, int]:
    """A table of OLE columns. Each value has its size on one chain of pages, which all of them share from its end."""
    builder = Builder(fmt.JET4, 1)
    width = len(sizes[0])
    columns = [Column(f"v{i}", build.OLE) for i in range(width)]
    pointers = [0]
    for _ in range(-(-max(max(s) for s in sizes) // 4000)):
        part = struct.pack("<I", pointers[-1]) + bytes([len(pointers) % 251]) * 4000
        pointers.append(builder.data_page(b"LVAL", [(0, part)]) << 8)
    rows = [
        build.row(
            fmt.JET4, columns, [struct.pack("<III", claimed or n, pointers[-(-n // 4000)], 0) if n else None for n in s]
        )
        for s in sizes
    ]
    owner = len(builder.pages) + len(rows) + 1
    data = [builder.data_page(owner, [(0, row)]) for row in rows]
    assert builder.table(columns, data, len(rows)) == owner
    return builder.write(path / "blobs.mdb"), owner


def test_a_row_with_many_values_on_one_chain_is_refused_before_it_is_made(tmp_path: Path) -> None:
    path, owner = blobs(tmp_path, [[8000] * 100, [400_000] * 200, [4000] + [0] * 199][1:])
    with PageFile(path) as pages:
        with pytest.raises(SourceError) as error:
            list(TableReader(pages, owner, "T").batches())
        assert error.value.message.number == 1044
        assert "80,000,000 bytes" in error.value.message.text
        assert not isinstance(error.value, DamagedFileError)
        salvaged = TableReader(pages, owner, "T", salvage=True)
        (batch,) = salvaged.batches()
        assert len(batch.rows.column(0)[0].as_py()) == 4000
        assert [m.number for m in salvaged.report.findings.messages] == [1045]


def test_the_environment_says_how_large_a_value_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, owner = blobs(tmp_path, [[3 * MB], [400_000]])
    monkeypatch.setenv(LARGEST_NAME, "2")
    assert largest() == 2 * MB
    with PageFile(path) as pages, pytest.raises(SourceError) as error:
        list(TableReader(pages, owner, "T").batches())
    assert error.value.message.number == 1044
    for odd in ("", "0", "-1", "x", "9" * 50, "\u0663"):
        monkeypatch.setenv(LARGEST_NAME, odd)
        assert largest() == 64 * MB
    with PageFile(path) as pages:
        found = [len(v) for b in TableReader(pages, owner, "T").batches() for v in b.rows.column(0).to_pylist()]
    assert found == [3 * MB, 400_000]


def test_a_claim_longer_than_the_file_makes_no_room(tmp_path: Path) -> None:
    path, owner = blobs(tmp_path, [[4000]], claimed=0x3FFF_FFFF)
    with PageFile(path) as pages, pytest.raises(SourceError) as error:
        list(TableReader(pages, owner, "T").batches())
    assert error.value.message.number == 1015


# --- long texts ----------------------------------------------------------------------------------------------------


def spans(values: list[bytes]) -> Spans:
    ends = np.cumsum([4, *map(len, values)])
    buffer = np.frombuffer(b"xxxx" + b"".join(values) + bytes(PADDING), np.uint8).copy()
    return Spans(buffer, ends[:-1], ends[1:], np.ones(len(values), np.bool_))


odd_text = st.one_of(
    st.text(max_size=60).map(lambda t: t.encode("utf-16-le")),
    st.text(st.sampled_from("a€😀"), max_size=60).map(lambda t: t.encode("utf-16-le")),
    st.binary(max_size=90),
    st.lists(st.sampled_from([b"\0", b"ab", b"\x3d\xd8\x00\xde", b"\xac\x20", b"\0x\0"]), max_size=40).map(
        lambda p: b"\xff\xfe" + b"".join(p)
    ),
    st.text(st.sampled_from("a日本"), max_size=40).map(lambda t: t.encode("cp932")),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(odd_text, min_size=1, max_size=5), st.sampled_from(["", "cp1252", "cp932"]), st.integers(8, 40))
def test_text_in_pieces_is_the_same_text(values: list[bytes], code_page: str, at_once: int) -> None:
    found = spans(values)
    whole = text._from_code_page(found, code_page) if code_page else text._from_unicode(found)
    patch = pytest.MonkeyPatch()
    with patch.context() as p:
        p.setattr(text, "_AT_ONCE", at_once)
        pieces = text.decode(found, code_page)
    pieces.values.validate(full=True)
    assert pieces.values.to_pylist() == whole.values.to_pylist()
    assert pieces.replaced.tolist() == whole.replaced.tolist()


def test_memory_of_a_long_text_is_a_few_times_its_own() -> None:
    """A zero byte in every other place: the dearest text there is for its length."""
    work = (
        "import resource, numpy as np\n"
        "from wizard.access import text\n"
        "from tests.access.test_large_values import spans\n"
        "found = spans([b'\\xff\\xfe' + b'a\\0' * (2 << 20)])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert len(text.decode(found, '').values[0].as_buffer()) > 2 << 20\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)\n"
    )
    taken = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=True)
    assert int(taken.stdout) < 100  # megabytes, for a text of 4: all at once it would take 200


# --- rows in pieces ------------------------------------------------------------------------------------------------

row_values = st.fixed_dictionaries(
    {
        "t": st.one_of(st.none(), st.text(max_size=300)),
        "b": st.one_of(st.none(), st.binary(max_size=300)),
        "n": st.one_of(st.none(), st.integers(-5, 5)),
        "f": st.booleans(),
    }
)
ROW = pa.schema([("t", pa.string()), ("b", pa.binary()), ("n", pa.int32()), ("f", pa.bool_())])


@settings(max_examples=60, deadline=None)
@given(row_values, st.booleans())
def test_a_row_in_pieces_is_the_row(values: dict[str, object], all_long: bool) -> None:
    batch = pa.RecordBatch.from_pylist([values], schema=ROW)
    options = pyarrow.csv.WriteOptions(include_header=False)
    patch = pytest.MonkeyPatch()
    with patch.context() as p:
        p.setattr(long_rows, "_SHORT", 0 if all_long else 1 << 16)
        p.setattr(long_rows, "_AT_ONCE", 6)
        written = list(json_row(batch, {}))
        as_csv = list(csv_row(batch, lambda c: bytes(module._csv([c], options))[:-1]))
    assert b"".join(bytes(t) for t, _ in written) == bytes(lines(batch, {}))
    assert b"".join(bytes(t) for t, _ in as_csv) == bytes(module._csv(batch.columns, options))
    assert sum(n for _, n in written) == sum(n for _, n in as_csv) == 1


def test_an_export_of_long_values_is_whole(tmp_path: Path) -> None:
    path, owner = blobs(tmp_path, [[5 * MB, 5], [100, 20_000], [6 * MB, 4000]])
    with PageFile(path) as pages:
        reader = TableReader(pages, owner, "T")
        batches = [b.rows for b in reader.batches()]
        values = [tuple(r.values()) for b in batches for r in b.to_pylist()]
        job = SimpleNamespace(spreadsheet=False)
        texts = module._Csv(job, None, reader.schema(), None)  # type: ignore[arg-type]
        for batch in batches:
            text_ = b"".join(bytes(t) for t, _ in texts.pieces(batch)).decode().splitlines()
            for line in text_:
                assert tuple(bytes.fromhex(v.strip('"')) for v in line.split(",")) in values
        found = b"".join(bytes(t) for b in batches for t, _ in json_row(b, {})) if len(batches) == 3 else b""
        for line, row in zip(found.splitlines(), values, strict=False):
            assert tuple(base64.b64decode(v["base64"]) for v in json.loads(line)) == row


# --- a row by its position -----------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["swapatt", "lastatt"])
def test_nothing_takes_the_place_of_an_attachment_that_cannot_be_read(name: str, shared: Path) -> None:
    out = io.BytesIO()
    with AccessFile.open(shared / "hostile" / f"{name}.accdb", salvage=True) as file:
        export(file, ["Table1"], ExportFormat.JSONL, stream=out)
        (child,) = (t for t in file.definition.tables if t.child_of)
        there = [(r["FileName"], r["FileData"]) for b in file.read(child.name) for r in b.rows.to_pylist()]
        messages = [m.number for m in file.messages if m.place.name == child.name]
    rows = [json.loads(line) for line in out.getvalue().splitlines()[1:]]
    written = [(a["name"], base64.b64decode(a["base64"])) for r in rows for a in r[-1]]
    assert len(rows) == 3
    assert len(written) == len(there) == 3  # of four
    assert sorted(written) == sorted(there)
    assert 1020 in messages


def test_a_row_is_read_at_its_own_position_only(tmp_path: Path) -> None:
    path, owner = blobs(tmp_path, [[8000], [9000], [10_000]])
    with PageFile(path) as pages:
        reader = TableReader(pages, owner, "T")
        positions = [int(p) for b in reader.batches() for p in b.positions]

        def read(_table: str, **options: object) -> object:
            return reader.batches(**options)  # type: ignore[arg-type]

        sizes = [len(row_at(read, "T", p, ["v0"]).column(0)[0].as_py()) for p in positions]  # type: ignore
        assert sizes == [8000, 9000, 10_000]
        assert row_at(read, "T", positions[0] + 1, ["v0"]) is None  # type: ignore[arg-type]
        assert row_at(read, "T", positions[-1] + 1, ["v0"]) is None  # type: ignore[arg-type]


# --- reading ahead -------------------------------------------------------------------------------------------------


def test_reading_ahead_waits_for_room() -> None:
    made: list[int] = []

    def items() -> object:
        for n in range(6):
            made.append(n)
            yield n

    reading = Prefetch(items(), 4, lambda _n: 40 * MB)  # type: ignore[arg-type]
    found = []
    for n in reading:
        time.sleep(0.02)
        assert len(made) <= n + 3
        found.append(n)
    reading.close()
    assert found == list(range(6))


def test_two_that_read_ahead_share_the_room_and_both_end() -> None:
    first, second = (Prefetch(range(20), 4, lambda _n: 100 * MB) for _ in range(2))
    together = list(zip(first, second, strict=True))
    assert together == [(n, n) for n in range(20)]
    first.close()
    second.close()
    third = Prefetch(range(3), 2, lambda _n: 1)
    assert list(third) == [0, 1, 2]  # what was closed has given its room back
    third.close()


def test_every_message_about_size_says_what_to_do() -> None:
    for number in (1044, 1045):
        told = Message.of(number, size=1, most=64, reading="table 'T'", page=1, row=1, count=1)
        assert LARGEST_NAME in told.text
