"""A column's flag bits are believed only where its type can have what they say: every type under every flag byte."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.access import build
from tests.access.build import Builder, Column, row
from wizard.access import TableReader
from wizard.access import format as fmt
from wizard.access.columns import TYPES
from wizard.access.pages import PageFile
from wizard.access.plain_definitions import column
from wizard.access.tables import RawColumn
from wizard.definitions import AutoNumber, ColumnType

FORMATS = [pytest.param(fmt.JET3, 0, id="jet3"), pytest.param(fmt.JET4, 1, id="jet4")]
FIXED, AUTO_LONG, AUTO_GUID, HYPERLINK = 0x01, 0x04, 0x40, 0x80
EVERY_TYPE = sorted({*TYPES, 0, 13, 14, 17, 21, 200})


def raw(type_: int, flags: int, extra: int = 0) -> RawColumn:
    return RawColumn("c", type_, number=0, variable=0, fixed=0, length=20, flags=flags, extra=extra)


def described(type_: int, flags: int, extra: int = 0, **properties: object) -> tuple[ColumnType, AutoNumber, bool]:
    found = column(raw(type_, flags, extra), properties, unit=2, flat=None, child_table="")
    return found.type, found.auto, found.hyperlink


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_a_type_is_what_its_type_byte_says_whatever_its_flags(type_: int) -> None:
    wanted = TYPES.get(type_, ColumnType.UNKNOWN)
    for flags in range(256):
        kind, auto, hyperlink = described(type_, flags)
        assert kind is wanted
        assert hyperlink is (wanted is ColumnType.MEMO and bool(flags & HYPERLINK)), hex(flags)
        if wanted is ColumnType.LONG and flags & AUTO_LONG:
            assert auto is AutoNumber.INCREMENT, hex(flags)
        elif wanted is ColumnType.GUID and flags & AUTO_GUID:
            assert auto is AutoNumber.REPLICATION, hex(flags)
        else:
            assert auto is AutoNumber.NONE, hex(flags)


def test_an_autonumber_that_draws_lots_is_long() -> None:
    for type_ in EVERY_TYPE:
        auto = described(type_, AUTO_LONG | FIXED, DefaultValue="=GenUniqueID()")[1]
        assert (auto is AutoNumber.RANDOM) is (TYPES.get(type_) is ColumnType.LONG)


def test_a_calculated_column_is_no_autonumber() -> None:
    for type_ in EVERY_TYPE:
        assert described(type_, 0xFF, 0xC0)[1] is AutoNumber.NONE


def test_long_values_never_lie_in_the_fixed_part() -> None:
    for type_ in EVERY_TYPE:
        long_value = TYPES.get(type_) in (ColumnType.MEMO, ColumnType.LONGBINARY)
        for flags in range(256):
            assert raw(type_, flags).is_fixed is (bool(flags & FIXED) and not long_value)


VALUES: Final[Mapping[int, tuple[int, build.Value, object]]] = {
    1: (0, True, True),
    2: (1, b"\xfe", 254),
    3: (2, struct.pack("<h", -3), -3),
    4: (4, struct.pack("<i", -70_000), -70_000),
    7: (8, struct.pack("<d", 2.5), 2.5),
    9: (0, b"\1\2\3", b"\1\2\3"),
    10: (0, b"a\0", "a"),
}
"""type byte: bytes in the fixed part, the value as the file keeps it, and as it is read"""


@pytest.mark.parametrize(("layout", "version"), FORMATS)
def test_bits_that_say_nothing_of_a_type_change_no_value(tmp_path: Path, layout: fmt.FileFormat, version: int) -> None:
    """A file whose columns all have the same bits but for FIXED, which tells the truth."""
    plain = [Column(f"c{t}", t, fixed) for t, (fixed, _, _) in VALUES.items()]
    stored = [b"a" if t == build.TEXT and layout.code_page else v for t, (_, v, _) in VALUES.items()]
    for flags in range(0, 256, 2):
        columns = [replace(c, flags=flags | bool(c.fixed)) for c in plain]
        builder = Builder(layout, version)
        data = builder.data_page(5, [(0, row(layout, columns, stored))])
        assert builder.table(columns, [data], rows=1) == 5
        with PageFile(builder.write(tmp_path / "flags.mdb")) as pages:
            (found,) = TableReader(pages, 5, "T").rows()
        assert list(found.values()) == [wanted for _, _, wanted in VALUES.values()], hex(flags)
