"""Long values: memo and OLE, kept in the row, on one other page, or on a chain of pages.

In the row stand 12 bytes: size (30 bits) and kind (2 bits), then a pointer (row in its low byte, page above), then
four bytes of no known use. On a chain, each part begins with the pointer to the next. Source: mdbtools' HACKING
notes, *LVAL Pages*.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from wizard.access import format as fmt
from wizard.access.pages import PageFile
from wizard.access.rows import RowLayout
from wizard.access.spans import PADDING, Bytes, Mask, Places, Spans, gather
from wizard.access.usage import row_on_page
from wizard.messages import SourceError

_HEADER: Final = 12
_POINTER: Final = 4
_SIZE: Final = 0x3FFF_FFFF
_CHAIN: Final = 0
_ONE_PAGE: Final = 1


def sizes(spans: Spans) -> Places:
    """The size that each value claims, in bytes; 0 for nulls."""
    return np.where(spans.length >= _HEADER, spans.take("<u4") & _SIZE, 0).astype(np.int64)


def resolve(spans: Spans, pages: PageFile, layout: RowLayout, column: str) -> Spans:
    """From the 12 bytes in the rows to the values themselves. A value that cannot be read gives its row up."""
    spans = spans.where(spans.valid & (spans.length > 0))
    short = spans.valid & (spans.length < _HEADER)
    layout.lose(short, f"a long value's header has less than {_HEADER} bytes", column)
    spans = spans.where(spans.valid & ~short)
    head = spans.take("<u4")
    size, kind = (head & _SIZE).astype(np.int64), head >> 30
    parts = _Parts(spans.buffer, spans.start + _HEADER, spans.valid.copy())
    short = spans.valid & (kind > _ONE_PAGE) & (parts.start + size > spans.end)
    parts.give_up(layout, short, "a long value in its row is longer than there is room", column)
    _one_page(spans, spans.valid & (kind == _ONE_PAGE), size, parts, pages, layout, column)
    _chains(spans, spans.valid & (kind == _CHAIN), size, parts, pages, layout, column)
    return parts.spans(size)


@dataclass(slots=True)
class _Parts:
    """Values gathered so far: their bytes are added behind the buffer of the rows."""

    buffer: Bytes
    start: Places
    valid: Mask

    def give_up(self, layout: RowLayout, which: Mask, what: str, column: str) -> None:
        layout.lose(which, what, column)
        self.valid &= ~which

    def append(self, data: Bytes) -> int:
        """Add bytes to the buffer; where they begin."""
        at = len(self.buffer)
        self.buffer = np.concatenate([self.buffer, data, np.zeros(PADDING, np.uint8)])
        return at

    def spans(self, size: Places) -> Spans:
        start = np.where(self.valid, self.start, 0)
        return Spans(self.buffer, start, start + np.where(self.valid, size, 0), self.valid)


def _one_page(
    spans: Spans, which: Mask, size: Places, parts: _Parts, pages: PageFile, layout: RowLayout, column: str
) -> None:
    """Values that lie whole on another page: the pages are gathered, the values found by their row's offset."""
    if not which.any():
        return
    rows = np.flatnonzero(which)
    pointer = spans.take("<u4", _POINTER)[rows].astype(np.int64)
    number, slot = pointer >> 8, pointer & 0xFF
    inside = number < pages.count
    wanted, page = np.unique(np.where(inside, number, 0), return_inverse=True)
    found = pages.gather(wanted)
    at = page * pages.page_size
    flat = np.concatenate([found.reshape(-1), np.zeros(PADDING, np.uint8)])
    form = pages.layout
    counts = gather(flat, at + form.rows_on_page, "<u2")
    place = at + form.row_offsets + 2 * slot
    start = (gather(flat, place, "<u2") & fmt.ROW_OFFSET).astype(np.int64)
    end = np.where(slot > 0, gather(flat, place - 2, "<u2") & fmt.ROW_OFFSET, pages.page_size)
    good = inside & (flat[at] == fmt.DATA_PAGE) & (gather(flat, at + 4, "<u4") == fmt.LONG_VALUE_OWNER)
    good &= (slot < counts) & (start >= form.row_offsets) & (end <= pages.page_size) & (start + size[rows] <= end)
    parts.start[rows] = parts.append(flat) + at + start
    bad = np.zeros(len(spans), np.bool_)
    bad[rows[~good]] = True
    parts.give_up(layout, bad, "a long value is not where the row says", column)


def _chains(
    spans: Spans, which: Mask, size: Places, parts: _Parts, pages: PageFile, layout: RowLayout, column: str
) -> None:
    """Values over several pages, one after the other: each is larger than a page."""
    if not which.any():
        return
    values: list[bytes] = []
    at = 0
    rows = np.flatnonzero(which)
    pointers = spans.take("<u4", _POINTER)
    begin = np.zeros(len(rows), np.int64)
    bad = np.zeros(len(spans), np.bool_)
    for i, row in enumerate(rows.tolist()):
        try:
            value = _chain(pages, int(pointers[row]), int(size[row]), f"{layout.report.reading}, column {column!r}")
        except SourceError:
            bad[row] = True
            continue
        begin[i] = at
        at += len(value)
        values.append(value)
    parts.start[rows] = parts.append(np.frombuffer(b"".join(values), np.uint8)) + begin
    parts.give_up(layout, bad, "a long value's chain of pages is broken", column)


def _chain(pages: PageFile, pointer: int, size: int, reading: str) -> bytes:
    """One value from its chain. Raises SourceError where the chain ends too early, goes astray or in a circle."""
    parts: list[memoryview] = []
    seen: set[int] = set()
    left = size
    while left > 0:
        number, slot = pointer >> 8, pointer & 0xFF
        part = row_on_page(pages, number, slot, reading)
        if pointer in seen or len(part) <= _POINTER or bytes(pages.page(number)[4:8]) != b"LVAL":
            raise SourceError(1011, pages.place, page=number, row=slot, reading=reading)
        seen.add(pointer)
        (pointer,) = struct.unpack_from("<I", part)
        parts.append(part[_POINTER : _POINTER + left])
        left -= len(parts[-1])
    return b"".join(parts)
