"""Rows: where they lie on data pages, and where each of their columns lies in them.

A data page lists its rows' offsets; rows lie from the page's end backwards. A flag marks deleted rows, another those
that have moved: a pointer to another page and row is in their place. Source: mdbtools' HACKING notes, *Data Pages*.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.diagnostics import SLOT_BITS, Report
from wizard.access.pages import PageCopies, PageFile
from wizard.access.spans import PADDING, Bytes, Mask, Places, Spans, gather, gather_rows, numbers_at
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
    copies: PageCopies
    """what the buffer was made of"""

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
    copies = PageCopies(pages, numbers, PADDING)
    at, found = copies.slots, copies.whole
    counts, good = _row_counts(pages, found[at, : layout.row_offsets], numbers, table_page, report)
    counts = np.where(good, counts, 0)
    most = int(counts.max(initial=0))
    slots = np.ascontiguousarray(found[at, layout.row_offsets : layout.row_offsets + 2 * most]).view("<u2")
    listed = (np.arange(most) < counts[:, None]) & ((slots & fmt.ROW_DELETED) == 0)
    page, slot = np.nonzero(listed)
    before = np.full_like(slots, size)  # where the row before each in its list begins, its own ends
    before[:, 1:] = slots[:, :-1] & fmt.ROW_OFFSET
    own = slots[listed]
    start, end = (own & fmt.ROW_OFFSET).astype(np.int64), before[listed].astype(np.int64)
    positions = (numbers[page] << SLOT_BITS) | slot
    lost = (start < layout.row_offsets + 2 * counts[page]) | (end <= start) | (end > size)
    report.lose_rows(lost, positions, "its place on the page cannot be")
    moved = (own & fmt.ROW_ELSEWHERE) != 0
    place = at[page] * size
    rows = RowPlaces(copies.buffer, start + place, end + place, positions, copies)
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
    owner = numbers_at(heads, 4, "<u4")
    counts = numbers_at(heads, layout.rows_on_page, "<u2").astype(np.int64)
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
    whole = RowPlaces(buffer, start, end, rows.positions, rows.copies)
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
        room = layout.page_size - self._size
        fixed = min(max((c.fixed + c.length for c in definition.columns if c.is_fixed), default=0), room)
        begins = gather_rows(rows.buffer, rows.start, self._size + fixed)
        counts = numbers_at(begins, 0, self._unit).astype(np.int64)
        mask_at = rows.end - (counts + 7) // 8
        lost = mask_at < rows.start + self._size
        report.lose_rows(lost, rows.positions, "it is shorter than the null mask that it claims")
        keep = slice(None) if not lost.any() else ~lost
        self.rows, self._counts, self._mask_at = rows.only(keep), counts[keep], mask_at[keep]
        self._fixed = begins[keep, self._size :]
        """the fixed parts, shape (rows, bytes); of no meaning behind what a row has"""
        self._fewest = int(self._counts.min(initial=0xFFFF))
        self._alike = self._fewest == int(self._counts.max(initial=self._fewest))
        self.lost = np.zeros(len(self.rows), np.bool_)
        self._mask_bytes: dict[int, Bytes] = {}
        self._entries_at: dict[int, Places] = {}
        self._headers: dict[tuple[int, int], Spans] = {}
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
    def _most(self) -> int:
        """The highest number of a column."""
        return max((c.number for c in self.definition.columns), default=0)

    @cached_property
    def _wanted(self) -> int:
        """Bytes of the tables of variable offsets, as many as the columns want and a page has room for."""
        entries = max((c.variable for c in self.definition.columns if not c.is_fixed), default=0) + 2
        return self._size * min(entries, self.layout.page_size // self._size)

    @cached_property
    def _ends(self) -> Bytes | None:
        """The rows' ends, shape (rows, bytes): the wanted offsets, how many there are, the null mask.

        None where rows differ in how many columns they have, so that these lie at different distances from the end.
        Gathered at once: three times as fast as one after the other.
        """
        if not (self._alike and self._fewest > self._most) or self.layout.jump_table:
            return None
        size = self._wanted + self._size + (self._fewest + 7) // 8
        at = self.rows.end - size
        return gather_rows(self.rows.buffer, at, size) if int(at.min(initial=0)) >= 0 else None

    def _mask_byte(self, place: int) -> Bytes:
        """One byte of each null mask; of no meaning behind the columns that a row has."""
        if place not in self._mask_bytes:
            ends = self._ends
            if ends is None:
                at = np.minimum(self._mask_at + place, len(self.rows.buffer) - 1)
                self._mask_bytes[place] = self.rows.buffer[at]
            else:
                self._mask_bytes[place] = ends[:, self._wanted + self._size + place].copy()
        return self._mask_bytes[place]

    def bits(self, column: RawColumn) -> Mask:
        """The column's bit in the null masks: not null, or for Yes/No columns the value itself."""
        bits: Mask = (self._mask_byte(column.number // 8) & np.uint8(1 << column.number % 8)) != 0
        return bits if column.number < self._fewest else bits & (self._counts > column.number)

    @cached_property
    def _body(self) -> Places:
        """Where the rows' values begin, behind the number of their columns."""
        return self.rows.start + self._size

    @cached_property
    def _shortest(self) -> int:
        """Bytes of the shortest row's values and offsets."""
        return int((self._mask_at - self._body).min(initial=self.layout.page_size))

    def fixed(self, column: RawColumn, size: int) -> Spans:
        """A column's values in the fixed part, `size` bytes each."""
        valid = self.bits(column)
        start = self._body + column.fixed
        if column.fixed + size > self._shortest:
            outside = valid & (start + size > self._mask_at)
            if outside.any():
                self.lose(outside, "a value lies outside of the row", column.name)
                valid &= ~outside
        block = self._fixed[:, column.fixed : column.fixed + size]
        known = block if block.shape[1] == size and size > 0 else None
        if valid.all():
            return Spans(self.rows.buffer, start, start + size, valid, known)
        start = np.where(valid, start, 0)
        return Spans(self.rows.buffer, start, start + size * valid, valid, known)

    def headers(self, column: RawColumn, size: int) -> Spans:
        """As `variable`, with the first `size` bytes of each value in one block; kept, as it is asked for twice."""
        key = column.number, column.variable
        if key not in self._headers:
            found = self.variable(column)
            self._headers[key] = replace(found, block=gather_rows(found.buffer, found.start, size))
        return self._headers[key]

    def variable(self, column: RawColumn) -> Spans:
        """A column's values in the variable part."""
        valid = self.bits(column)
        start, end, bottom = self._at(column.variable), self._at(column.variable + 1), self._bottom
        good = (start >= self._body) & (start <= end) & (end <= bottom)
        if column.variable >= self._fewest_entries:
            good &= column.variable < self._entries
        if not good.all():
            self.lose(valid & ~good, "a value lies outside of the row", column.name)
            valid &= good
        if valid.all():
            return Spans(self.rows.buffer, start, end, valid)
        return Spans(self.rows.buffer, np.where(valid, start, 0), np.where(valid, end, 0), valid)

    @cached_property
    def _entries(self) -> Places:
        """How many variable columns each row has."""
        ends = self._ends
        if ends is not None:
            return numbers_at(ends, self._wanted, self._unit).astype(np.int64)
        return gather(self.rows.buffer, self._mask_at - self._size, self._unit).astype(np.int64)

    @cached_property
    def _fewest_entries(self) -> int:
        return int(self._entries.min(initial=0xFFFF))

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
    def _tables(self) -> Bytes:
        """The tables of variable offsets, shape (rows, bytes), last entry first; any numbers where one has fewer."""
        if self._ends is not None:
            return self._ends[:, : self._wanted]
        at = self._table - self._wanted
        found = gather_rows(self.rows.buffer, np.maximum(at, 0), self._wanted)
        for row in np.flatnonzero(at < 0):
            found[row, -at[row] :] = self.rows.buffer[: self._table[row]]
        return found

    def _at(self, place: int) -> Places:
        """Where the value of the entry `place` of the tables of variable offsets begins; anywhere where none is."""
        if place not in self._entries_at:
            before_end = self._size * (place + 1)
            listed = before_end <= self._wanted
            offset = numbers_at(self._tables, self._wanted - before_end, self._unit) if listed else np.uint8(0)
            found: Places = self.rows.start + offset
            if self.layout.jump_table:
                found += _JUMP * self._jumped(place)
            self._entries_at[place] = found
        return self._entries_at[place]

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
