"""Damaged files give rows or a numbered error, in bounded time: never a hang, a crash or a silent loss."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from tests.access import build
from tests.access.build import Builder, Column
from tests.access.mutations import harmed, read_all
from tests.conftest import SAMPLE, oracle_cases
from wizard.access import AccessFile, TableReader
from wizard.access import format as fmt
from wizard.access.codec import unmask
from wizard.access.pages import PageFile
from wizard.messages import SourceError

FILES = [SAMPLE, *(d for d, _ in oracle_cases() if "agile" not in d.name and d.stat().st_size < 1 << 20)]


@pytest.mark.parametrize("seed", range(120))
def test_a_damaged_file(seed: int, tmp_path: Path) -> None:
    """More cases on purpose: tests/bench/fuzz.py."""
    path = tmp_path / "damaged"
    path.write_bytes(harmed(FILES[seed % len(FILES)].read_bytes(), random.Random(seed)))
    outcome = read_all(path)
    assert outcome.rows >= 0  # what counts is that nothing but numbered errors came up


def everything(path: Path) -> None:
    with AccessFile.open(path) as file:
        for table in file.definition.tables:
            list(file.read(table.name))


@pytest.mark.parametrize("size", [0, 1, 20, 200, 2047, 2048, 4096, 8192, 20_000, 500_001])
def test_a_file_cut_off(size: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.accdb"
    path.write_bytes(SAMPLE.read_bytes()[:size])
    with pytest.raises(SourceError) as error:
        everything(path)
    assert 1000 <= error.value.message.number < 1500


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"", 1001),
        (b"PK\x03\x04" + bytes(5000), 1029),
        (b"<html>" + bytes(5000), 1002),
        (b"\0\1\0\0MSISAM Database\0\1\0\0\0" + bytes(20_000), 1003),
        (b"\0\1\0\0Standard Jet DB\0\7\0\0\0" + bytes(20_000), 1004),
        ((b"\0\1\0\0Standard Jet DB\0\0\0\0\0").ljust(0x40A, b"\0") + b"\x09" + bytes(20_000), 1028),
        (unmask(b"\0\1\0\0Standard Jet DB\0\1\0\0\0" + bytes(20_000)), 1009),
    ],
    ids=["empty", "a template", "a web page", "Microsoft Money", "an unknown Jet", "Access 2.0", "no catalogue"],
)
def test_files_that_are_refused(content: bytes, number: int, tmp_path: Path) -> None:
    path = tmp_path / "file.mdb"
    path.write_bytes(content)
    with pytest.raises(SourceError) as error:
        AccessFile.open(path)
    assert error.value.message.number == number


def test_a_template_is_told_what_makes_a_database_of_it(tmp_path: Path) -> None:
    path = tmp_path / "tasks.accdt"
    path.write_bytes(b"PK\x03\x04" + bytes(5000))
    with pytest.raises(SourceError, match=r"template \(\.accdt\).*open it in Access and choose the \.accdb"):
        AccessFile.open(path)
    path.write_bytes(SAMPLE.read_bytes())
    with AccessFile.open(path) as file:
        assert file.definition.tables


def test_a_file_that_is_absent_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.mdb", tmp_path):
        with pytest.raises(SourceError) as error:
            AccessFile.open(path)
        assert error.value.message.number == 1000


def test_unknown_tables_columns_and_places(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        name = file.definition.tables[0].name
        for call, number in (
            (lambda: file.read("no such table"), 1016),
            (lambda: list(file.read(name, columns=["no such column"])), 1017),
            (lambda: file.read(name, start=-1), 1018),
        ):
            with pytest.raises(SourceError) as error:
                call()
            assert error.value.message.number == number
        assert list(file.read(name, start=1 << 40)) == []


def test_a_definition_whose_pages_form_a_circle(tmp_path: Path) -> None:
    builder = Builder(fmt.JET4, 1)
    page = builder.add(b"\2\1\0\0" + struct.pack("<II", 3, 5000))
    with PageFile(builder.write(tmp_path / "t.mdb")) as pages, pytest.raises(SourceError) as error:
        TableReader(pages, page, "T")
    assert error.value.message.number == 1013
    assert "circle" in error.value.message.text


def test_a_definition_that_claims_billions(tmp_path: Path) -> None:
    builder = Builder(fmt.JET4, 1)
    page = builder.add(b"\2\1\0\0" + b"\0\0\0\0" + b"\xff" * 4000)
    with PageFile(builder.write(tmp_path / "t.mdb")) as pages, pytest.raises(SourceError) as error:
        TableReader(pages, page, "T")
    assert error.value.message.number == 1013


def test_long_values_that_share_their_pages_again_and_again_end(tmp_path: Path) -> None:
    """A small file cannot claim to be a large one."""
    columns = [Column("v", build.OLE)]
    builder = Builder(fmt.JET4, 1)
    pointer = 0
    for _ in range(100):
        pointer = builder.data_page(b"LVAL", [(0, struct.pack("<I", pointer) + bytes(4000))]) << 8
    row = build.row(fmt.JET4, columns, [struct.pack("<III", 400_000, pointer, 0)])
    owner = len(builder.pages) + 6
    data = [builder.data_page(owner, [(0, row)] * 100) for _ in range(5)]
    assert builder.table(columns, data) == owner
    path = builder.write(tmp_path / "t.mdb")
    with PageFile(path) as pages:
        with pytest.raises(SourceError) as error:
            list(TableReader(pages, owner, "T").batches())
        assert error.value.message.number == 1019
        salvaged = TableReader(pages, owner, "T", salvage=True)
        assert sum(b.rows.num_rows for b in salvaged.batches()) < 500
        assert [m.number for m in salvaged.report.findings.messages] == [1019]


def test_salvage_counts_what_is_lost(tmp_path: Path, sample: Path) -> None:
    """One page of a table destroyed: every other row is read, and the message names the page."""
    with AccessFile.open(sample) as file:
        table = max(file.definition.tables, key=lambda t: t.rows)
        whole = [r for b in file.read(table.name) for r in b.rows.to_pylist()]
        position = next(iter(file.read(table.name))).positions[0]
    page = int(position) >> 12
    data = bytearray(sample.read_bytes())
    data[page * 4096] = 9
    path = tmp_path / "damaged.accdb"
    path.write_bytes(data)
    with AccessFile.open(path) as file, pytest.raises(SourceError) as error:
        list(file.read(table.name))
    assert error.value.message.number == 1014
    assert f"Page {page} " in error.value.message.text
    with AccessFile.open(path, salvage=True) as file:
        rest = [r for b in file.read(table.name) for r in b.rows.to_pylist()]
        assert 0 < len(rest) < len(whole)
        assert rest == whole[len(whole) - len(rest) :]
        (message,) = (m for m in file.messages if m.number == 1021)
        assert f"page {page}" in message.text


def test_salvage_finds_rows_without_a_usage_map(tmp_path: Path, sample: Path) -> None:
    with AccessFile.open(sample) as file:
        table = max(file.definition.tables, key=lambda t: t.rows)
        whole = [r for b in file.read(table.name) for r in b.rows.to_pylist()]
        pointer = file.reader(table.name).definition.usage_map
    data = bytearray(sample.read_bytes())
    page = (pointer >> 8) * 4096
    slot = struct.unpack_from("<H", data, page + 14 + 2 * (pointer & 0xFF))[0] & 0x1FFF
    data[page + slot] = 7
    path = tmp_path / "damaged.accdb"
    path.write_bytes(data)
    with AccessFile.open(path) as file, pytest.raises(SourceError) as error:
        list(file.read(table.name))
    assert error.value.message.number == 1012
    with AccessFile.open(path, salvage=True) as file:
        assert [r for b in file.read(table.name) for r in b.rows.to_pylist()] == whole
        assert 1030 in [m.number for m in file.messages]
