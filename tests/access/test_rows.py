"""Rows come back as they were written: every length, nulls, deleted, moved, and written before a column was added."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access import build
from tests.access.build import Builder, Column
from wizard.access import TableReader
from wizard.access import format as fmt
from wizard.access.pages import PageFile
from wizard.messages import SourceError

FORMATS = [pytest.param(fmt.JET3, 0, id="jet3"), pytest.param(fmt.JET4, 1, id="jet4")]
quick = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, page: int) -> list[dict[str, object]]:
    with PageFile(path) as pages:
        return list(TableReader(pages, page, "T").rows())


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[list[build.Value]]]:
    """Columns of any kind and rows that may have fewer of them."""
    kinds = draw(st.lists(st.sampled_from(["yes", "long", "bytes"]), min_size=1, max_size=40))
    types = {"yes": (build.BOOLEAN, 0), "long": (build.LONG, 4), "bytes": (build.BINARY, 0)}
    columns = [Column(f"c{i}", *types[k]) for i, k in enumerate(kinds)]
    values = {
        "yes": st.booleans(),
        "long": st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1).map(lambda n: struct.pack("<i", n))),
        "bytes": st.one_of(st.none(), st.binary(max_size=40)),
    }
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        known = draw(st.integers(1, len(kinds)))
        rows.append([draw(values[k]) for k in kinds[:known]])
    return columns, rows


def expected(columns: list[Column], row: list[build.Value]) -> dict[str, object]:
    found: dict[str, object] = {}
    for i, column in enumerate(columns):
        value = row[i] if i < len(row) else None
        if column.type == build.BOOLEAN:
            found[column.name] = bool(value)
        elif column.type == build.LONG:
            found[column.name] = None if value is None else struct.unpack("<i", value)[0]
        else:
            found[column.name] = value
    return found


@pytest.mark.parametrize(("layout", "version"), FORMATS)
@quick
@given(table=tables())
def test_any_rows(
    layout: fmt.FileFormat, version: int, tmp_path: Path, table: tuple[list[Column], list[list[build.Value]]]
) -> None:
    columns, rows = table
    builder = Builder(layout, version)
    pages = []
    owner = 3 + len(rows) + 1
    for row in rows:
        pages.append(builder.data_page(owner, [(build.DELETED, b"gone"), (0, build.row(layout, columns, row))]))
    page = builder.table(columns, pages or [3]) if rows else None
    if page is None:
        return
    assert page == owner
    assert read(builder.write(tmp_path / "t.mdb"), page) == [expected(columns, r) for r in rows]


@pytest.mark.parametrize(("layout", "version"), FORMATS)
def test_a_row_of_255_columns(layout: fmt.FileFormat, version: int, tmp_path: Path) -> None:
    columns = [Column(f"c{i}", build.BINARY if i % 3 else build.INTEGER, 0 if i % 3 else 2) for i in range(255)]
    values: list[build.Value] = [struct.pack("<h", i) if i % 3 == 0 else bytes([i]) * (i % 5) for i in range(255)]
    builder = Builder(layout, version)
    data = builder.data_page(5, [(0, build.row(layout, columns, values))])
    assert builder.table(columns, [data]) == 5
    (found,) = read(builder.write(tmp_path / "t.mdb"), 5)
    assert list(found.values()) == [i if i % 3 == 0 else values[i] for i in range(255)]


@pytest.mark.parametrize(("layout", "version"), FORMATS)
def test_a_short_row_near_a_pages_beginning(layout: fmt.FileFormat, version: int, tmp_path: Path) -> None:
    """The table of offsets that its columns could have would begin before the page."""
    columns = [Column(f"c{i}", build.BINARY) for i in range(255)]
    builder = Builder(layout, version)
    short = build.row(layout, columns, [b"x", None, b"yz"])
    long = build.row(layout, columns, [bytes(builder.room() - len(short) - 40)])
    data = builder.data_page(5, [(0, long), (0, short)])
    owner = builder.table(columns, [data])
    assert owner == 5
    _, found = read(builder.write(tmp_path / "t.mdb"), owner)
    assert [v for v in found.values() if v is not None] == [b"x", b"yz"]
    assert found["c2"] == b"yz"


@pytest.mark.parametrize(("layout", "version"), FORMATS)
def test_a_column_for_which_no_row_has_room_is_damage(layout: fmt.FileFormat, version: int, tmp_path: Path) -> None:
    columns = [Column("a", build.BINARY), Column("b", build.BINARY)]
    builder = Builder(layout, version)
    data = builder.data_page(
        5, [(0, build.row(layout, columns, [b"x", b"y"])), (0, build.row(layout, columns, [b"z"]))]
    )
    builder.table(columns, [data])
    record = builder._column(1, columns)
    builder.pages[5] = builder.pages[5].replace(record, record.replace(b"\1\0\1\0\1\0", b"\1\0\xff\xff\1\0"))
    path = builder.write(tmp_path / "t.mdb")
    with pytest.raises(SourceError, match="'b'"):
        read(path, 5)
    with PageFile(path) as pages:
        assert list(TableReader(pages, 5, "T", salvage=True).rows()) == [{"a": b"z", "b": None}]


@pytest.mark.parametrize(("layout", "version"), FORMATS)
def test_moved_rows_keep_their_place(layout: fmt.FileFormat, version: int, tmp_path: Path) -> None:
    """A pointer may lead to another pointer; what it leads to is flagged as deleted where it is."""
    columns = [Column("n", build.LONG, 4)]

    def number(n: int) -> bytes:
        return build.row(layout, columns, [struct.pack("<i", n)])

    def pointer(page: int, row: int) -> bytes:
        return struct.pack("<I", page << 8 | row)

    builder = Builder(layout, version)
    first = builder.data_page(6, [(0, number(1)), (build.MOVED, pointer(4, 0)), (0, number(3))])
    second = builder.data_page(
        6, [(build.DELETED | build.MOVED, pointer(4, 1)), (build.DELETED, number(2)), (0, number(4))]
    )
    assert builder.table(columns, [first, second]) == 6
    path = builder.write(tmp_path / "t.mdb")
    assert [r["n"] for r in read(path, 6)] == [1, 2, 3, 4]
    with PageFile(path) as pages:
        assert TableReader(pages, 6).row_count() == 4


@pytest.mark.parametrize("by_reference", [False, True])
def test_the_usage_map_decides_which_pages_are_read(by_reference: bool, tmp_path: Path) -> None:
    """A freed page still names its table and holds its rows; they do not come back."""
    columns = [Column("n", build.LONG, 4)]
    builder = Builder(fmt.JET4, 1)
    owner = 3 + 3 + 1 + by_reference
    pages = [builder.data_page(owner, [(0, build.row(fmt.JET4, columns, [struct.pack("<i", n)]))]) for n in (1, 2, 3)]
    own = [pages[0], pages[2]]
    if by_reference:
        builder.bitmap_page(own)
    assert builder.table(columns, own, 2) == owner
    assert [r["n"] for r in read(builder.write(tmp_path / "t.mdb"), owner)] == [1, 3]


def test_a_row_that_moves_in_a_circle_is_an_error_or_left_out(tmp_path: Path) -> None:
    columns = [Column("n", build.LONG, 4)]
    builder = Builder(fmt.JET4, 1)
    circle = struct.pack("<I", 3 << 8)
    good = build.row(fmt.JET4, columns, [struct.pack("<i", 7)])
    data = builder.data_page(5, [(build.MOVED, circle), (0, good)])
    builder.table(columns, [data])
    path = builder.write(tmp_path / "t.mdb")
    with pytest.raises(SourceError) as error:
        read(path, 5)
    assert error.value.message.number == 1015
    with PageFile(path) as pages:
        reader = TableReader(pages, 5, "T", salvage=True)
        assert [r["n"] for r in reader.rows()] == [7]
        (message,) = reader.report.findings.messages
        assert message.number == 1020
        assert message.text.startswith("1 row could not be read")


@pytest.mark.parametrize("size", [0, 1, 60, 3000, 4076, 4077, 20_000])
@pytest.mark.parametrize("kind", ["in the row", "on one page", "on a chain"])
def test_long_values(kind: str, size: int, tmp_path: Path) -> None:
    layout = fmt.JET4
    value = bytes(i % 251 for i in range(size))
    builder = Builder(layout, 1)
    columns = [Column("v", build.OLE)]
    if kind == "in the row":
        if size > 3000:
            pytest.skip("does not fit in a row")
        stored = struct.pack("<III", build.INLINE | size, 0, 0) + value
    elif kind == "on one page":
        if size > builder.room() - 2:
            pytest.skip("does not fit on a page")
        page = builder.data_page(b"LVAL", [(0, b"another"), (0, value[: builder.room() - 20])])
        size = len(value := value[: builder.room() - 20])
        stored = struct.pack("<III", build.ONE_PAGE | size, page << 8 | 1, 0)
    else:
        pointer = 0
        parts = [value[i : i + 1000] for i in range(0, size, 1000)]
        for part in reversed(parts):
            pointer = builder.data_page(b"LVAL", [(0, struct.pack("<I", pointer) + part)]) << 8
        stored = struct.pack("<III", size, pointer, 0)
    owner = len(builder.pages) + 2
    data = builder.data_page(owner, [(0, build.row(layout, columns, [stored]))])
    assert builder.table(columns, [data]) == owner
    assert read(builder.write(tmp_path / "t.mdb"), owner) == [{"v": value}]


def test_a_batch_is_cut_where_long_values_are_large(tmp_path: Path) -> None:
    """Memory is bounded by the batch, however large its values."""
    layout = fmt.JET4
    builder = Builder(layout, 1)
    columns = [Column("v", build.OLE)]
    stored = []
    for value in range(10):
        pointer = 0
        for _ in range(1000):
            pointer = builder.data_page(b"LVAL", [(0, struct.pack("<I", pointer) + bytes([value]) * 4000)]) << 8
        stored.append(struct.pack("<III", 4_000_000, pointer, 0))
    owner = len(builder.pages) + 2
    data = builder.data_page(owner, [(0, build.row(layout, columns, [v])) for v in stored])
    builder.table(columns, [data], len(stored))
    with PageFile(builder.write(tmp_path / "t.mdb")) as pages:
        batches = list(TableReader(pages, owner).batches())
    assert [b.rows.num_rows for b in batches] == [4, 4, 2]
    found = [v for b in batches for v in b.rows.column(0).to_pylist()]
    assert found == [bytes([value]) * 4_000_000 for value in range(10)]
