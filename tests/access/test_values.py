"""Every type comes out exactly, nulls apart from values, and what is odd is told."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access import build
from tests.access.build import Builder, Column
from wizard.access import Diagnostics, TableReader
from wizard.access import format as fmt
from wizard.access.pages import PageFile
from wizard.messages import Message, SourceError

quick = settings(max_examples=40)
BASE = datetime(1899, 12, 30)


def read(
    column: Column, stored: Sequence[bytes | None], layout: fmt.FileFormat = fmt.JET4
) -> tuple[pa.Array, list[Message]]:
    """One column with these values, and what was told about it."""
    builder = Builder(layout, 0 if layout is fmt.JET3 else 1)
    rows = [(0, build.row(layout, [column], [v])) for v in stored]
    parts = [rows[i : i + 40] for i in range(0, len(rows), 40)] or [[]]
    owner = 3 + len(parts) + 1
    pages = [builder.data_page(owner, part) for part in parts]
    assert builder.table([column], pages, len(rows)) == owner
    with TemporaryDirectory() as folder, PageFile(builder.write(Path(folder) / "t.mdb")) as file:
        findings = Diagnostics()
        batches = [b.rows for b in TableReader(file, owner, "T", findings=findings).batches()]
    for batch in batches:
        batch.validate(full=True)
    array = pa.chunked_array([b.column(0) for b in batches]).combine_chunks() if batches else pa.array([])
    return array, findings.messages


@quick
@given(st.lists(st.one_of(st.none(), st.datetimes(datetime(100, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_000)))))
def test_dates_to_the_millisecond(dates: list[datetime | None]) -> None:
    """Before 1899-12-30 the fraction of the day counts forward."""
    dates = [d and d.replace(microsecond=d.microsecond // 1000 * 1000) for d in dates]

    def stored(date: datetime) -> bytes:
        whole, part = divmod(date - BASE, timedelta(days=1))
        fraction = part / timedelta(days=1)
        return struct.pack("<d", whole - fraction if whole < 0 else whole + fraction)

    found, told = read(Column("d", build.DATE, 8), [d and stored(d) for d in dates])
    assert found.to_pylist() == dates
    assert not told


def test_dates_that_are_none_are_null_and_told() -> None:
    odd = [float("nan"), float("inf"), 1e300, -657_435.0, 2_958_466.0]
    found, told = read(Column("d", build.DATE, 8), [struct.pack("<d", v) for v in [*odd, 1.5]])
    assert found.to_pylist() == [None] * 5 + [datetime(1899, 12, 31, 12)]
    assert [m.number for m in told] == [1024]
    assert "5 dates" in told[0].text


def test_fractions_finer_than_a_millisecond_are_told() -> None:
    found, told = read(Column("d", build.DATE, 8), [struct.pack("<d", 1 + 0.0004 / 86_400)])
    assert found.to_pylist() == [datetime(1899, 12, 31)]
    assert [m.number for m in told] == [1025]


@quick
@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))))
def test_currency(numbers: list[int | None]) -> None:
    found, _ = read(Column("c", build.CURRENCY, 8), [None if n is None else struct.pack("<q", n) for n in numbers])
    assert found.to_pylist() == [None if n is None else Decimal(n).scaleb(-4) for n in numbers]


@pytest.mark.parametrize("order", ["most significant word first", "least significant word first"])
@quick
@given(data=st.data())
def test_decimals_in_both_orders(order: str, data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(-(10**28) + 1, 10**28 - 1)))
    other = order.startswith("least")
    if other:
        numbers = [n for n in numbers if abs(n) & 0xFFFF_FFFF]  # a number is told by its lowest word

    def stored(number: int) -> bytes:
        words = [abs(number) >> shift & 0xFFFF_FFFF for shift in (96, 64, 32, 0)]
        return struct.pack("<B4I", 0x80 if number < 0 else 0, *(reversed(words) if other else words))

    found, _ = read(Column("d", build.DECIMAL, 17, scale=6), [stored(n) for n in numbers])
    assert found.to_pylist() == [Decimal(n).scaleb(-6) for n in numbers]


@quick
@given(st.lists(st.one_of(st.none(), st.uuids())))
def test_guids_are_text_in_braces(ids: list[uuid.UUID | None]) -> None:
    found, _ = read(Column("g", build.GUID, 16), [i and i.bytes_le for i in ids])
    assert found.to_pylist() == [i and f"{{{str(i).upper()}}}" for i in ids]


@pytest.mark.parametrize(("kind", "code", "size"), [(build.SINGLE, "<f", 4), (build.DOUBLE, "<d", 8)])
def test_nan_and_infinities_are_kept_and_told(kind: int, code: str, size: int) -> None:
    values = [1.5, float("nan"), float("inf"), float("-inf"), -0.0]
    found, told = read(Column("r", kind, size), [None, *(struct.pack(code, v) for v in values)])
    assert found.null_count == 1
    assert np.array_equal(np.array(found.to_pylist()[1:]), np.array(values), equal_nan=True)
    assert [(m.number, m.text.split()[0]) for m in told] == [(1023, "3")]


def test_a_byte_is_not_signed() -> None:
    assert read(Column("b", build.BYTE, 1), [b"\0", b"\x7f", b"\xff", None])[0].to_pylist() == [0, 127, 255, None]


def test_large_numbers() -> None:
    edges = [-(2**63), -1, 0, 2**63 - 1]
    assert read(Column("n", 19, 8), [struct.pack("<q", n) for n in edges])[0].to_pylist() == edges


def test_extended_dates_to_100_ns() -> None:
    stored = [b"%019d:%012d%07d:7\0" % (days, s, f) for days, s, f in [(0, 0, 0), (3_652_058, 86_399, 9_999_999)]]
    found, _ = read(Column("x", 20, 42), [*stored, None])
    assert found.to_pylist() == ["0001-01-01T00:00:00.0000000", "9999-12-31T23:59:59.9999999", None]
    with pytest.raises(SourceError) as error:
        read(Column("x", 20, 42), [b"x" * 42])
    assert error.value.message.number == 1015


def test_columns_of_unknown_type_are_raw_and_told() -> None:
    found, told = read(Column("u", 99), [b"any", None, b""])
    assert found.to_pylist() == [b"any", None, b""]
    assert [m.number for m in told] == [1022]


def test_text_of_access_97_is_in_its_code_page(tmp_path: Path) -> None:
    """The header names it, and may be overruled."""
    column = Column("t", build.TEXT)
    builder = Builder(fmt.JET3, 0)
    data = builder.data_page(5, [(0, build.row(fmt.JET3, [column], ["Łódź".encode("cp1250")]))])
    builder.table([column], [data])
    path = builder.write(tmp_path / "t.mdb")
    for override, text in ((None, "£ódŸ"), ("cp1250", "Łódź"), ("1250", "Łódź")):
        with PageFile(path, code_page=override) as pages:
            assert [r["t"] for r in TableReader(pages, 5).rows()] == [text]
    for nonsense in ("nonsense", "hex", "utf-16"):
        with pytest.raises(SourceError) as error:
            PageFile(path, code_page=nonsense)
        assert error.value.message.number == 1007


def test_bytes_that_are_no_text_are_replaced_and_told() -> None:
    found, told = read(Column("t", build.TEXT), ["good".encode("utf-16-le"), b"a\0\x00\xd8", b"odd"])
    assert found.to_pylist() == ["good", "a\ufffd", b"odd".decode("utf-16-le", "replace")]
    assert [(m.number, m.text.split()[0]) for m in told] == [(1026, "2")]
    assert told[0].place.part == "t"
