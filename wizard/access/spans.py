"""Where values lie in a buffer, and two ways to take many of them out at once.

A span is the half-open range [start, end) of bytes of one value; a column of a batch is a `Spans`. Buffers end in
`PADDING` spare bytes, so that a fixed number of bytes may be taken from any value without looking at its length.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wizard.access.arrow_kernels import cast
from wizard.arrow_buffers import buffer_of, numbers_in

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

PADDING: Final = 4096
"""more than any value of a fixed size, and than the fixed part of any row"""
LENGTH: Final = 4
"""bytes of the length in an Arrow view"""
_SHORT: Final = 12
"""bytes of a value that a view keeps in itself, where a longer one has four of its own, buffer and place"""


def gather(buffer: Bytes, places: Places, dtype: str) -> NDArray[Any]:
    """Numbers or raw bytes (`V…`) of `dtype` from any places of a buffer."""
    if dtype == "<u2":  # two gathers of bytes: three times faster than one of numbers that are not aligned
        return buffer[places] | (buffer[places + 1].astype(np.uint16) << 8)
    kind = np.dtype(dtype)
    at_any_byte: NDArray[Any] = np.ndarray((len(buffer) - kind.itemsize + 1,), kind, buffer, 0, (1,))
    return at_any_byte[places]


def gather_rows(buffer: Bytes, places: Places, size: int) -> Bytes:
    """`size` bytes from each place, shape (places, size)."""
    if not size or not len(places):
        return np.zeros((len(places), size), np.uint8)
    return gather(buffer, places, f"V{size}").view(np.uint8).reshape(-1, size)


def numbers_at(block: Bytes, column: int, dtype: str) -> NDArray[Any]:
    """The numbers of `dtype` that begin at a column of bytes, one of each row.

    A copy of numbers with gaps between them, aligned or not, takes a sixth of the time of one of short rows of bytes.
    """
    size = np.dtype(dtype).itemsize
    found: NDArray[Any] = block[:, column : column + size].view(dtype)[:, 0].copy()
    return found


def contiguous(block: Bytes) -> Bytes:
    """A copy of a block of bytes, row after row, that had gaps between its rows."""
    size = block.shape[1]
    copy: Bytes = block.view(f"V{size}").copy().view(np.uint8).reshape(-1, size)
    return copy


@dataclass(frozen=True, slots=True)
class Spans:
    """One value per row: `valid` is False where it is null, and start and end are then 0."""

    buffer: Bytes
    start: Places
    end: Places
    valid: Mask
    block: Bytes | None = None
    """the values' first bytes where they have been gathered already, shape (rows, bytes)"""

    def __len__(self) -> int:
        return len(self.start)

    @property
    def length(self) -> Places:
        """Bytes of each value."""
        return self.end - self.start

    def take(self, dtype: str, skip: int = 0) -> NDArray[Any]:
        """The bytes at the start of each value (`skip` bytes further), as numbers of `dtype`; any number for nulls."""
        size = np.dtype(dtype).itemsize
        if self.block is None or self.block.shape[1] < skip + size:
            return gather(self.buffer, self.start + skip, dtype)
        return numbers_at(self.block, skip, dtype)

    def matrix(self, size: int) -> Bytes:
        """The first `size` bytes of each value, shape (rows, size)."""
        if self.block is None or self.block.shape[1] < size:
            return gather_rows(self.buffer, self.start, size)
        return self.block[:, :size]

    def where(self, valid: Mask) -> Self:
        """The same with more nulls."""
        return replace(self, start=np.where(valid, self.start, 0), end=np.where(valid, self.end, 0), valid=valid)

    def slice(self, begin: int, end: int) -> Self:
        """The rows from `begin` on, before `end`."""
        return type(self)(self.buffer, self.start[begin:end], self.end[begin:end], self.valid[begin:end])

    def only(self, rows: Mask) -> Self:
        """The rows asked for, all of them valid."""
        return type(self)(self.buffer, self.start[rows], self.end[rows], self.valid[rows])

    def views(self, skip: int = 0) -> Bytes:
        """Room for Arrow views of the values, shape (rows, 16 + skip): four bytes of no meaning, the first of each."""
        size = LENGTH + _SHORT + skip
        views = gather_rows(self.buffer, self.start - LENGTH, size)
        if int(self.start.min(initial=LENGTH)) < LENGTH:  # there is nothing before them to be gathered
            for row in np.flatnonzero(self.valid & (self.start < LENGTH)):
                views[row, LENGTH:] = self.buffer[self.start[row] :][: size - LENGTH]
        return views

    def binary(self, views: Bytes | None = None) -> pa.Array[Any]:
        """The values as Arrow binary; `views` are what `views` gave for them, where it was asked already.

        Views that point into the buffer, then one cast: several times faster than gathering ragged bytes by index.
        """
        size = len(self)
        length = self.length
        if size and self.valid.all() and (self.start[1:] == self.end[:-1]).all():  # they lie there as Arrow wants them
            first, last = int(self.start[0]), int(self.end[-1])
            offsets = np.append(self.start, last) - first
            return pa.Array.from_buffers(
                pa.binary(), size, [None, buffer_of(offsets.astype(np.int32)), buffer_of(self.buffer[first:last])]
            )
        views = self.views() if views is None else views
        views.view("<i4")[:, 0] = length
        long = length > _SHORT
        np.copyto(views.view("<i8")[:, 1], self.start << 32, where=True if long.all() else long)
        array = pa.Array.from_buffers(
            pa.binary_view(), size, [bitmap(self.valid), buffer_of(views), buffer_of(self.buffer)]
        )
        return cast(array, pa.binary())


def bitmap(valid: Mask) -> pa.Buffer | None:
    """Arrow's validity bitmap; None where all is valid."""
    return None if valid.all() else buffer_of(np.packbits(valid, bitorder="little"))


def booleans(values: Mask) -> pa.Array[Any]:
    """An Arrow array of them, none null. (`pa.array` of anything that numpy made loads numpy.ma: 17 ms, once.)"""
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, buffer_of(np.packbits(values, bitorder="little"))])


def flat(array: pa.Array[Any]) -> tuple[NDArray[np.int32], Bytes]:
    """Offsets and bytes of a binary array that starts at offset 0."""
    _, offsets, data = array.buffers()
    places = numbers_in(offsets, np.int32, len(array) + 1)
    return places, numbers_in(data, np.uint8, int(places[-1])) if data is not None else np.empty(0, np.uint8)


def text_array(valid: Mask, offsets: NDArray[Any], data: Any) -> pa.Array[Any]:
    """An Arrow string array from offsets and UTF-8 bytes known to be right."""
    buffers = [bitmap(valid), buffer_of(np.ascontiguousarray(offsets, np.int32)), buffer_of(data)]
    return pa.Array.from_buffers(pa.string(), len(valid), buffers)
