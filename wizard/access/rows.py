"""Rows: where they lie on data pages, and where each of their columns lies in them.

A data page lists its rows' offsets; rows lie from the page's end backwards. A flag marks deleted rows, another those
that have moved: a pointer to another page and row is in their place. Source: mdbtools' HACKING notes, *Data Pages*.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.diagnostics import SLOT_BITS, Report
from wizard.access.pages import PageFile
from wizard.access.spans import PADDING, Bytes, Mask, Places, Spans, gather, gather_rows
from wizard.access.tables import RawColumn, TableDefinition
from wizard.access.usage import row_on_page
from wizard.messages import DamagedFileError, SourceError, UnsteadyFileError

_MOST_HOPS: Final = 16
"""a row that moves again keeps one pointer, so even two hops are rare"""
_JUMP: Final = 256


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """Rows of one table, in the order of their positions, as ranges of one buffer (overflow rows included)."""

    buffer: Bytes
    start: Places
    end: Places
    positions: Places

    def __len__(self) -> int:
        return len(self.start)

    def only(self, which: Mask | slice) -> Self:
        """Some of the rows."""
        return replace(self, start=self.start[which], end=self.end[which], positions=self.positions[which])


@dataclass(frozen=True, slots=True)
class UnreadValue:
    """A value that could not be read, of a row that otherwise could; `what` is the matter with it.

    `text`: the bytes of a text some of which are none; what of it is text stands in the row, with U+FFFD for the rest.
    Of other values nothing is known, and it is empty.
    """

    position: int
    column: str
    what: str
    text: bytes = b""


def locate(pages: PageFile, numbers: Places, table_page: int, report: Report) -> RowPlaces:
    """The rows on the data pages `numbers` of the table whose definition is on `table_page`.

    Pages and rows that cannot be read go to `report`, which raises or counts them.
    """
    size, layout = pages.page_size, pages.layout
    numbers = _within(pages, numbers, report)
    buffer, at = pages.spread(numbers, PADDING)
    found = buffer[:-PADDING].reshape(-1, size)
    counts, good = _row_counts(pages, found[at, : layout.row_offsets], numbers, table_page, report)
    counts = np.where(good, counts, 0)
    most = int(counts.max(initial=0))
    slots = np.ascontiguousarray(found[at, layout.row_offsets : layout.row_offsets + 2 * most]).view("<u2")
    page, slot = np.nonzero((np.arange(most) < counts[:, None]) & ((slots & fmt.ROW_DELETED) == 0))
    offset = slots & fmt.ROW_OFFSET
    start = offset[page, slot].astype(np.int64)
    end = np.where(slot > 0, offset[page, slot - 1], size)
    positions = (numbers[page] << SLOT_BITS) | slot
    lost = (start < layout.row_offsets + 2 * counts[page]) | (end <= start) | (end > size)
    report.lose_rows(lost, positions, "its place on the page cannot be")
    moved = ((slots & fmt.ROW_ELSEWHERE) != 0)[page, slot]
    place = at[page] * size
    rows = RowPlaces(buffer, start + place, end + place, positions)
    if lost.any():
        rows, moved = rows.only(~lost), moved[~lost]
    return _follow(pages, rows, moved, report)


def _within(pages: PageFile, numbers: Places, report: Report) -> Places:
    inside = numbers < pages.count
    report.lose_pages(numbers[~inside], f"the file has only {pages.count} pages")
    return numbers[inside]


def _row_counts(
    pages: PageFile, heads: Bytes, numbers: Places, table_page: int, report: Report
) -> tuple[NDArray[np.int64], Mask]:
    """How many rows each page lists, and which pages are what they must be; `heads` are the pages' beginnings."""
    layout = pages.layout
    owner = np.ascontiguousarray(heads[:, 4:8]).view("<u4")[:, 0]
    at = layout.rows_on_page
    counts = np.ascontiguousarray(heads[:, at : at + 2]).view("<u2")[:, 0].astype(np.int64)
    foreign = (heads[:, 0] != fmt.DATA_PAGE) | (owner != table_page)
    crowded = ~foreign & (counts > (pages.page_size - layout.row_offsets) // 2)
    report.lose_pages(numbers[foreign], "it is no data page of this table")
    report.lose_pages(numbers[crowded], "it lists more rows than it has room for")
    return counts, ~(foreign | crowded)


def _follow(pages: PageFile, rows: RowPlaces, moved: Mask, report: Report) -> RowPlaces:
    """The same rows, with those that have moved fetched behind the buffer."""
    if not moved.any():
        return rows
    parts = [rows.buffer]
    at = len(rows.buffer)
    start, end = rows.start.copy(), rows.end.copy()
    lost = np.zeros(len(rows), np.bool_)
    for i in np.flatnonzero(moved).tolist():
        try:
            row = _moved_row(pages, rows.buffer[start[i] : end[i]].tobytes(), report.reading)
        except (SourceError, struct.error) as error:
            if isinstance(error, UnsteadyFileError):
                raise
            lost[i] = True
            continue
        start[i], end[i] = at, at + len(row)
        at += len(row)
        parts.append(np.frombuffer(row, np.uint8))
    report.lose_rows(lost, rows.positions, "it has moved to a place where it is not")
    buffer = np.concatenate([*parts, np.zeros(PADDING, np.uint8)])
    whole = RowPlaces(buffer, start, end, rows.positions)
    return whole.only(~lost) if lost.any() else whole


def _moved_row(pages: PageFile, pointer: bytes, reading: str) -> bytes:
    for _ in range(_MOST_HOPS):
        (target,) = struct.unpack_from("<I", pointer)
        number, slot = target >> 8, target & 0xFF
        row = row_on_page(pages, number, slot, reading)
        (flags,) = struct.unpack_from("<H", pages.page(number), pages.layout.row_offsets + 2 * slot)
        if not flags & fmt.ROW_ELSEWHERE:
            return bytes(row)
        pointer = bytes(row)
    raise DamagedFileError(1011, pages.place, page=number, row=slot, reading=reading)


class RowLayout:
    """Finds columns in rows: the null mask at a row's end, the table of variable offsets before it.

    Rows whose frame cannot be are reported and left out; `rows` are those that remain. Rows written before a column
    was added have a shorter mask and fewer offsets, and are null there. `damaged`: `unread` names the values that
    could not be read, and with salvage a row is not given up for what one of its values is.
    """

    def __init__(
        self,
        rows: RowPlaces,
        definition: TableDefinition,
        layout: fmt.FileFormat,
        report: Report,
        *,
        damaged: bool = False,
    ) -> None:
        self.layout, self.report, self.definition = layout, report, definition
        self.damaged, self._keeps = damaged, damaged and report.salvage
        self._unread: dict[tuple[int, str], UnreadValue] = {}
        self._size = layout.count_size
        self._unit = f"<u{self._size}"
        counts = gather(rows.buffer, rows.start, self._unit).astype(np.int64)
        mask_at = rows.end - (counts + 7) // 8
        lost = mask_at < rows.start + self._size
        report.lose_rows(lost, rows.positions, "it is shorter than the null mask that it claims")
        keep = slice(None) if not lost.any() else ~lost
        self.rows, self._counts, self._mask_at = rows.only(keep), counts[keep], mask_at[keep]
        self._fewest = int(self._counts.min(initial=0xFFFF))
        self.lost = np.zeros(len(self.rows), np.bool_)
        self._offsets: dict[int, Places] = {}
        self.chained = 0
        """bytes claimed so far by long values over several pages"""

    def lose(self, which: Mask, what: str, column: str) -> None:
        """Give up rows for what one of their values is; where such rows are kept, the values alone."""
        if self._keeps:
            self.set_aside(which, what, column)
        elif which.any():
            which = which & ~self.lost
            self.report.lose_rows(which, self.rows.positions, f"{what} (column {column!r})")
            self.lost |= which

    def set_aside(self, which: Mask, what: str, column: str, texts: Sequence[bytes] = ()) -> None:
        """Name values that could not be read, or not wholly, of rows that are kept; `texts` are their bytes."""
        kept = texts or [b""] * int(which.sum())
        for position, text in zip(self.rows.positions[which].tolist(), kept, strict=True):
            self._unread.setdefault((position, column), UnreadValue(position, column, what, text))

    @property
    def unread(self) -> tuple[UnreadValue, ...]:
        """The values that could not be read, of rows that are kept."""
        return tuple(self._unread.values())

    @cached_property
    def _masks(self) -> Bytes:
        """The null masks, shape (rows, bytes); of no meaning behind the columns that a row has."""
        most = max((c.number for c in self.definition.columns), default=0)
        return gather_rows(self.rows.buffer, self._mask_at, most // 8 + 1)

    def bits(self, column: RawColumn) -> Mask:
        """The column's bit in the null masks: not null, or for Yes/No columns the value itself."""
        bits: Mask = (self._masks[:, column.number // 8] & (1 << column.number % 8)) != 0
        return bits if column.number < self._fewest else bits & (self._counts > column.number)

    @cached_property
    def _fixed(self) -> Bytes:
        """The fixed parts, shape (rows, bytes); of no meaning behind what a row has."""
        room = self.layout.page_size - self._size
        most = max((c.fixed + c.length for c in self.definition.columns if c.is_fixed), default=0)
        return gather_rows(self.rows.buffer, self.rows.start + self._size, min(most, room))

    def fixed(self, column: RawColumn, size: int) -> Spans:
        """A column's values in the fixed part, `size` bytes each."""
        valid = self.bits(column)
        start = self.rows.start + (self._size + column.fixed)
        outside = valid & (start + size > self._mask_at)
        if outside.any():
            self.lose(outside, "a value lies outside of the row", column.name)
            valid &= ~outside
        start = np.where(valid, start, 0)
        block = self._fixed[:, column.fixed : column.fixed + size]
        known = block.shape[1] == size and size > 0
        return Spans(self.rows.buffer, start, start + size * valid, valid, block if known else None)

    def variable(self, column: RawColumn) -> Spans:
        """A column's values in the variable part."""
        valid = self.bits(column)
        counts, bottom = self._entries, self._bottom
        first, last = self._offset(column.variable), self._offset(column.variable + 1)
        start, end = self.rows.start + first, self.rows.start + last
        good = (column.variable < counts) & (first >= self._size) & (start <= end) & (end <= bottom)
        if not good.all():
            self.lose(valid & ~good, "a value lies outside of the row", column.name)
            valid &= good
        if valid.all():
            return Spans(self.rows.buffer, start, end, valid)
        return Spans(self.rows.buffer, np.where(valid, start, 0), np.where(valid, end, 0), valid)

    @cached_property
    def _entries(self) -> Places:
        """How many variable columns each row has."""
        return gather(self.rows.buffer, self._mask_at - self._size, self._unit).astype(np.int64)

    @cached_property
    def _table(self) -> Places:
        """Where the table of variable offsets ends; it lies backwards from there."""
        counted = self._mask_at - self._size
        return counted - self._jumps if self.layout.jump_table else counted

    @cached_property
    def _bottom(self) -> Places:
        """Where the table of variable offsets begins, and the values must have ended."""
        return self._table - self._size * (self._entries + 1)

    @cached_property
    def _tables(self) -> NDArray[Any]:
        """The tables of variable offsets, shape (rows, entries), last entry first; any numbers where one has fewer.

        As many entries as the columns want, and as a page has room for.
        """
        wanted = max(c.variable for c in self.definition.columns if not c.is_fixed) + 2
        size = self._size * min(wanted, self.layout.page_size // self._size)
        at = self._table - size
        found = gather_rows(self.rows.buffer, np.maximum(at, 0), size)
        for row in np.flatnonzero(at < 0):
            found[row, -at[row] :] = self.rows.buffer[: self._table[row]]
        return found.view(self._unit)

    def _offset(self, place: int) -> Places:
        """The entry `place` of the tables of variable offsets, relative to the row; any number where it has none."""
        if place not in self._offsets:
            known = place < self._tables.shape[1]
            offset = self._tables[:, -1 - place].astype(np.int64) if known else np.zeros(len(self.rows), np.int64)
            if self.layout.jump_table:
                offset += _JUMP * self._jumped(place)
            self._offsets[place] = offset
        return self._offsets[place]

    @cached_property
    def _jumps(self) -> Places:
        """Jet 3: bytes of the jump table, one for each 256 bytes that the row passes."""
        return (self.rows.end - self.rows.start - 1) // _JUMP

    def _jumped(self, place: int) -> Places:
        """Jet 3: how many multiples of 256 the offset `place` has passed.

        The jump table lists, from its end, the first entry behind each multiple; its last may be a dummy.
        """
        jumps = self._jumps
        real = jumps - (((self._table - 1 - self.rows.start - self._entries) // _JUMP) < jumps)
        passed = np.zeros(len(jumps), np.int64)
        for i in range(int(jumps.max(initial=0))):
            at = np.maximum(self._mask_at - self._size - 1 - i, 0)
            passed += (i < real) & (self.rows.buffer[at] <= place)
        return passed
