"""A small writer of Access files: one table on given pages, for tests of what the corpus does not show.

Written from the format's description, not from the reader: rows, null masks, variable offsets with Jet 3's jump table,
usage maps, long values. It writes no catalogue: read with `TableReader(PageFile(path), builder.table(...))`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wizard.access import format as fmt
from wizard.access.codec import unmask

DELETED = 0x8000
MOVED = 0x4000
INLINE = 0x8000_0000
ONE_PAGE = 0x4000_0000

BOOLEAN, BYTE, INTEGER, LONG, CURRENCY, SINGLE, DOUBLE, DATE = range(1, 9)
BINARY, TEXT, OLE, MEMO, GUID, DECIMAL = 9, 10, 11, 12, 15, 16

Value = bytes | bool | None


@dataclass(frozen=True)
class Column:
    name: str
    type: int
    fixed: int = 0
    """bytes in the fixed part; 0 for variable columns"""
    scale: int = 0
    flags: int | None = None
    """the flag byte, where it is not what the rest calls for"""


class Builder:
    """Collects pages, then writes the file."""

    def __init__(self, layout: fmt.FileFormat, version: int) -> None:
        self.layout = layout
        self.size = layout.page_size
        engine = b"Standard ACE DB" if version >= 2 else b"Standard Jet DB"
        head = b"\0\1\0\0" + engine + b"\0" + bytes([version, 0, 0, 0])
        self.bitmap = 0
        self.pages = [unmask(head.ljust(self.size, b"\0")), b"", b""]

    def add(self, page: bytes) -> int:
        self.pages.append(page.ljust(self.size, b"\0"))
        return len(self.pages) - 1

    def data_page(self, owner: int | bytes, rows: Sequence[tuple[int, bytes]]) -> int:
        """A page of rows with their flags, the first at the page's end. Returns its number."""
        mark = owner if isinstance(owner, bytes) else struct.pack("<I", owner)
        page = bytearray(self.size)
        page[:8] = b"\1\1\0\0" + mark
        struct.pack_into("<H", page, self.layout.rows_on_page, len(rows))
        end = self.size
        for i, (flags, row) in enumerate(rows):
            end -= len(row)
            page[end : end + len(row)] = row
            struct.pack_into("<H", page, self.layout.row_offsets + 2 * i, end | flags)
        assert end >= self.layout.row_offsets + 2 * len(rows), "rows fit on the page"
        return self.add(bytes(page))

    def bitmap_page(self, pages: Sequence[int]) -> None:
        """Keep the table's usage map on a page of its own."""
        self.bitmap = self.add(b"\5\1\0\0" + _bitmap(pages, self.size - 4))

    def room(self) -> int:
        return self.size - self.layout.row_offsets

    def table(self, columns: Sequence[Column], pages: Sequence[int], rows: int = 0) -> int:
        """A table definition that owns the pages. Returns its page, which data pages must name as owner."""
        first = min(pages, default=0)
        entry = struct.pack("<BI", 0, first) + _bitmap([p - first for p in pages], 64)
        if self.bitmap:
            entry = struct.pack("<BI", 1, self.bitmap) + bytes(64)
        usage = self.data_page(0, [(0, entry)]) << 8
        jet3 = self.layout.code_page
        head = struct.pack("<I", rows) + bytes(4) if jet3 else struct.pack("<II", 0, rows) + bytes(20)
        variable = sum(not c.fixed and c.type != BOOLEAN for c in columns)
        head += struct.pack("<BHHHIIII", 0x4E, len(columns), variable, len(columns), 0, 0, usage, usage)
        body = b"".join(self._column(i, columns) for i in range(len(columns))) + self._names(columns)
        return self._chain(struct.pack("<I", len(head) + len(body)) + head + body)

    def _column(self, number: int, columns: Sequence[Column]) -> bytes:
        column = columns[number]
        before = columns[:number]
        fixed = sum(c.fixed for c in before)
        variable = sum(not c.fixed and c.type != BOOLEAN for c in before)
        flags = 3 if column.fixed or column.type == BOOLEAN else 2
        flags = flags if column.flags is None else column.flags
        if self.layout.code_page:
            extra = struct.pack("<HH", 0x409, 1252)
            if column.type == DECIMAL:
                extra = struct.pack("<HBB", 0, 28, column.scale)
            return struct.pack(
                "<BHHH2s4sBHH", column.type, number, variable, number, b"", extra, flags, fixed, column.fixed
            )
        extra = struct.pack("<BB2s", 28, column.scale, b"") if column.type == DECIMAL else struct.pack("<HH", 0x409, 0)
        return struct.pack(
            "<BIHHH4sBBIHH", column.type, 0, number, variable, number, extra, flags, 0, 0, fixed, column.fixed
        )

    def _names(self, columns: Sequence[Column]) -> bytes:
        if self.layout.code_page:
            return b"".join(bytes([len(c.name)]) + c.name.encode("cp1252") for c in columns)
        return b"".join(struct.pack("<H", 2 * len(c.name)) + c.name.encode("utf-16-le") for c in columns)

    def _chain(self, body: bytes) -> int:
        """A definition over as many pages as it needs; returns the first."""
        room = self.size - 8
        parts = [body[i : i + room] for i in range(0, len(body), room)]
        first = len(self.pages)
        for i, part in enumerate(parts):
            following = first + i + 1 if i + 1 < len(parts) else 0
            self.add(b"\2\1" + (b"VC" if self.layout.code_page else b"\0\0") + struct.pack("<I", following) + part)
        return first

    def write(self, path: Path) -> Path:
        path.write_bytes(b"".join(p.ljust(self.size, b"\0") for p in self.pages))
        return path


def _bitmap(bits: Sequence[int], size: int) -> bytes:
    bitmap = bytearray(size)
    for bit in bits:
        bitmap[bit // 8] |= 1 << (bit % 8)
    return bytes(bitmap)


def row(layout: fmt.FileFormat, columns: Sequence[Column], values: Sequence[Value]) -> bytes:
    """A row of the first `len(values)` columns: what a row looks like that was written before others were added."""
    size = layout.count_size
    known = columns[: len(values)]
    mask = bytearray((len(values) + 7) // 8)
    fixed = bytearray(sum(c.fixed for c in known))
    variable: list[bytes] = []
    at = 0
    for i, (column, value) in enumerate(zip(known, values, strict=True)):
        if value is not None and value is not False:
            mask[i // 8] |= 1 << (i % 8)
        if column.fixed:
            fixed[at : at + column.fixed] = value if isinstance(value, bytes) else bytes(column.fixed)
            at += column.fixed
        elif column.type != BOOLEAN:
            variable.append(value if isinstance(value, bytes) else b"")
    out = len(values).to_bytes(size, "little") + bytes(fixed)
    offsets = []
    for value in variable:
        offsets.append(len(out))
        out += value
    offsets.append(len(out))
    if not variable:
        return out + bytes(mask)
    if layout.jump_table:
        return out + _jump_table(offsets, len(out) + len(offsets) + 1 + len(mask)) + bytes(mask)
    return (
        out + b"".join(struct.pack("<H", o) for o in reversed(offsets)) + struct.pack("<H", len(variable)) + bytes(mask)
    )


def _jump_table(offsets: list[int], size: int) -> bytes:
    """Jet 3: offsets modulo 256 backwards, then for each 256 bytes the first offset behind them, then the count."""
    jumps = (size - 1) // 256
    while (size + jumps - 1) // 256 > jumps:
        jumps += 1
    firsts = [next((i for i, o in enumerate(offsets) if o >= 256 * (j + 1)), 0xFF) for j in range(jumps)]
    table = bytes(o & 0xFF for o in reversed(offsets))
    return table + bytes(reversed(firsts)) + bytes([len(offsets) - 1])
