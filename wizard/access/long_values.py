"""Long values: memo and OLE, kept in the row, on one other page, or on a chain of pages.

In the row stand 12 bytes: size (30 bits) and kind (2 bits), then a pointer (row in its low byte, page above), then
four bytes of no known use. On a chain, each part begins with the pointer to the next. Source: mdbtools' HACKING
notes, *LVAL Pages*.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from wizard.access import format as fmt
from wizard.access.pages import PageFile
from wizard.access.rows import RowLayout
from wizard.access.spans import PADDING, Bytes, Mask, Places, Spans, gather
from wizard.access.tables import RawColumn
from wizard.access.usage import row_on_page
from wizard.messages import DamagedFileError, SourceError, UnsteadyFileError

_HEADER: Final = 12
_POINTER: Final = 4
_SIZE: Final = 0x3FFF_FFFF
_CHAIN: Final = 0
_PADDING: Final = np.zeros(PADDING, np.uint8)
_ONE_PAGE: Final = 1


def sizes(layout: RowLayout, column: RawColumn, pages: PageFile) -> Places:
    """Bytes that reading each value will take, from the size it claims; 0 for nulls and for claims that cannot be."""
    spans = headers(layout, column)
    head = np.where(spans.length >= _HEADER, spans.take("<u4"), 0)
    size = (head & _SIZE).astype(np.int64)
    most = np.where(head >> 30 == _CHAIN, pages.size, pages.page_size)
    return np.where(size <= most, size, 0)


def headers(layout: RowLayout, column: RawColumn) -> Spans:
    """The 12 bytes of each long value that stand in the rows."""
    return layout.fixed(column, column.length) if column.is_fixed else layout.headers(column, _HEADER)


def resolve(spans: Spans, pages: PageFile, layout: RowLayout, column: str) -> Spans:
    """From the 12 bytes in the rows to the values themselves. A value that cannot be read gives its row up."""
    short = spans.valid & (spans.length < _HEADER)
    if short.any():
        spans = spans.where(spans.valid & (spans.length > 0))
        short &= spans.valid
        layout.lose(short, f"a long value's header has less than {_HEADER} bytes", column)
        spans = spans.where(spans.valid & ~short)
    head = spans.take("<u4")
    kind = head >> 30
    found = _Resolving(spans, (head & _SIZE).astype(np.int64), pages, layout, column)
    found.in_row(spans.valid & (kind > _ONE_PAGE))
    found.on_one_page(spans.valid & (kind == _ONE_PAGE))
    found.on_chains(spans.valid & (kind == _CHAIN))
    return found.values()


class _Resolving:
    """The values of one column as they are found, in up to three buffers that become one."""

    def __init__(self, spans: Spans, size: Places, pages: PageFile, layout: RowLayout, column: str) -> None:
        self.spans, self.size, self.pages, self.layout, self.column = spans, size, pages, layout, column
        self.parts: list[Bytes] = []
        self.end = 0
        self.start = np.zeros(len(spans), np.int64)
        self.valid = spans.valid.copy()

    def values(self) -> Spans:
        buffer = self.parts[0] if len(self.parts) == 1 else np.concatenate([*self.parts, _PADDING])
        if self.valid.all():
            return Spans(buffer, self.start, self.start + self.size, self.valid)
        start = np.where(self.valid, self.start, 0)
        return Spans(buffer, start, start + np.where(self.valid, self.size, 0), self.valid)

    def in_row(self, which: Mask) -> None:
        if not which.any():
            return
        start = self.spans.start + _HEADER
        short = which & (start + self.size > self.spans.end)
        self.start[which] = start[which] + self._append(self.spans.buffer)
        self._give_up(short, "a long value in its row is longer than there is room")

    def on_one_page(self, which: Mask) -> None:
        """Values whole on another page: the pages are gathered, the values found by their row's offset."""
        rows = np.flatnonzero(which)
        if not len(rows):
            return
        form = self.pages.layout
        pointer = self.spans.take("<u4", _POINTER)[rows].astype(np.int64)
        number, slot = pointer >> 8, pointer & 0xFF
        inside = number < self.pages.count
        wanted, page = _distinct(number if inside.all() else np.where(inside, number, 0))
        copies = self.layout.rows.copies
        slots = copies.also(wanted)
        buffer = copies.buffer
        if slots is None:
            buffer, slots = self.pages.spread(wanted, PADDING)
        begins = slots * form.page_size
        at = begins[page]
        place = at + (form.row_offsets + 2 * slot)
        start = (gather(buffer, place, "<u2") & fmt.ROW_OFFSET).astype(np.int64)
        end = np.where(slot > 0, gather(buffer, place - 2, "<u2") & fmt.ROW_OFFSET, form.page_size)
        own = (buffer[begins] == fmt.DATA_PAGE) & (gather(buffer, begins + 4, "<u4") == fmt.LONG_VALUE_OWNER)
        good = inside & (slot < np.where(own, gather(buffer, begins + form.rows_on_page, "<u2"), 0)[page])
        good &= (start >= form.row_offsets) & (start + self.size[rows] <= end) & (end <= form.page_size)
        self.start[rows] = self._append(buffer) + at + start
        self._give_up_rows(rows[~good], "a long value is not where the row says")

    def on_chains(self, which: Mask) -> None:
        """Values over several pages, one after the other: each is larger than a page."""
        rows = np.flatnonzero(which)
        if not len(rows):
            return
        reading = f"{self.layout.report.reading}, column {self.column!r}"
        size = self.size[rows]
        possible = size <= self.pages.size  # a larger claim is refused before there is room made for it
        begin = np.cumsum(size * possible) - size * possible
        joined = np.zeros(int((size * possible).sum()) + PADDING, np.uint8)
        lost = ~possible
        pointers = self.spans.take("<u4", _POINTER)
        self.layout.chained += int(size.sum())
        for i in np.flatnonzero(possible).tolist():
            target = joined[begin[i] : begin[i] + size[i]]
            try:
                _follow_chain(self.pages, int(pointers[rows[i]]), target, reading)
            except UnsteadyFileError:
                raise
            except SourceError:
                lost[i] = True
        self.start[rows] = self._append(joined) + begin
        self._give_up_rows(rows[lost], "a long value's chain of pages is broken")

    def _append(self, part: Bytes) -> int:
        """Add a buffer (with its padding), where it is none of those already; where it will begin."""
        at = 0
        for known in self.parts:
            if known is part:
                return at
            at += len(known)
        at = self.end
        self.parts.append(part)
        self.end += len(part)
        return at

    def _give_up(self, which: Mask, what: str) -> None:
        self.layout.lose(which, what, self.column)
        self.valid &= ~which

    def _give_up_rows(self, rows: Places, what: str) -> None:
        which = np.zeros(len(self.valid), np.bool_)
        which[rows] = True
        self._give_up(which, what)


def _distinct(numbers: Places) -> tuple[Places, Places]:
    """The numbers without repetition, ascending, and where each is among them. They mostly ascend already."""
    step = np.diff(numbers)
    if int(step.min(initial=0)) < 0:
        return np.unique(numbers, return_inverse=True)
    new = np.concatenate([[True], step > 0])
    return numbers[new], np.cumsum(new) - 1


def _follow_chain(pages: PageFile, pointer: int, target: Bytes, reading: str) -> None:
    """Fill `target` with the parts of one value.

    Raises SourceError where the chain ends too early, goes astray or in a circle.
    """
    seen: set[int] = set()
    at = 0
    while at < len(target):
        number, slot = pointer >> 8, pointer & 0xFF
        part = row_on_page(pages, number, slot, reading)
        if pointer in seen or len(part) <= _POINTER or bytes(pages.page(number)[4:8]) != b"LVAL":
            raise DamagedFileError(1011, pages.place, page=number, row=slot, reading=reading)
        seen.add(pointer)
        (pointer,) = struct.unpack_from("<I", part)
        piece = np.frombuffer(part[_POINTER : _POINTER + len(target) - at], np.uint8)
        target[at : at + len(piece)] = piece
        at += len(piece)
