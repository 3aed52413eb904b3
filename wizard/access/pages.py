"""Pages of an Access file, read as they are wanted, decoded by a codec that is chosen once at opening."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.codec import open_codec
from wizard.access.codec.header import unmask
from wizard.access.file_ranges import Ranges
from wizard.access.text import code_page_of
from wizard.messages import DamagedFileError, Kind, Message, Place, SourceError, UnsteadyFileError

Bytes = NDArray[np.uint8]

_PAGES_KEPT: Final = 256
_BRIDGED: Final = 4
"""pages from one that is wanted to the next, up to which those between are read too"""
_ROOM: Final = 16
_SHARE: Final = 16
"""pages for which copies have room beside those that were asked for: so many, and one of so many"""
_LOOKED_AT: Final = 1024
"""pages at once, where all are looked at"""


class PageFile:
    """An open Access file, read a page at a time. Safe to use from several threads.

    `page(n)` gives a page of `layout.page_size` bytes; `spread` and `gather` copy many into one array. All raise
    SourceError for pages outside the file, and where reading fails. Nothing is ever written.
    """

    def __init__(
        self,
        path: str | Path,
        password: str | None = None,
        code_page: str | None = None,
        ranges: Ranges | None = None,
    ) -> None:
        """Open the file; `code_page` is a Python codec that overrides what a Jet 3 file says of itself.

        With `ranges` the file is open already: several passwords are tried on one opening.

        Raises SourceError (absent, unreadable, no Access file, unknown code page) and PasswordError.
        """
        self.path = str(path)
        self.place = Place(Kind.FILE, self.path)
        self._file: Ranges | None = ranges or Ranges(path, self.place)
        self.size = self._file.size
        if self.size == 0:
            raise SourceError(1001, self.place)
        self._begin(password, code_page)
        self._kept = lru_cache(_PAGES_KEPT)(self._decoded)

    def _begin(self, password: str | None, code_page: str | None) -> None:
        """What the first page says: format, code page, encryption."""
        self.layout = fmt.detect(self.path, self._read(0, min(self.size, 2048)))
        self.page_size = self.layout.page_size
        self.count = self.size // self.page_size
        """whole pages in the file"""
        if self.count < 3:
            raise SourceError(1005, self.place, size=self.size)
        raw = self._read(0, self.page_size)
        self.header = unmask(raw)
        """page 0 with its masked part readable"""
        self.code_page = code_page_of(self.layout, self.header, code_page, self.place)
        """Python codec of the file's text; empty where that is UTF-16"""
        self.codec = open_codec(raw, password, code_page=self.code_page or "cp1252", path=self.path)

    @property
    def damage(self) -> list[Message]:
        """What opening showed to be odd: a file that ends within a page has probably been cut."""
        rest = self.size % self.page_size
        return [Message.of(1006, self.place, rest=rest, page_size=self.page_size, page=self.count)] if rest else []

    def page(self, number: int, reading: str = "a page") -> memoryview:
        """One page. `reading` says for the error message what the page is needed for.

        Raises DamagedFileError where the file has no such page.
        """
        if not 0 <= number < self.count:
            raise DamagedFileError(1010, self.place, page=number, pages=self.count, reading=reading)
        if number == 0:
            return memoryview(self.header)
        return memoryview(self._kept(number))

    def spread(self, numbers: NDArray[np.int64], spare: int = 0) -> tuple[Bytes, NDArray[np.int64]]:
        """A copy of the pages, with `spare` zero bytes at its end, and where in it each begins (in pages).

        Between them there may be pages nobody asked for: where a few lie between two that are wanted, reading them
        all takes less than reading twice. All numbers must be within the file; ascending ones are read fastest.
        """
        begins, counts, slots = _stretches(numbers)
        out = np.empty(sum(counts) * self.page_size + spare, np.uint8)
        out[len(out) - spare :] = 0
        self._copy(begins, counts, out)
        self._decode(numbers, slots, out)
        return out, slots

    def _copy(self, begins: list[int], counts: list[int], out: Bytes) -> None:
        """The pages as they are in the file, stretch after stretch."""
        size, file = self.page_size, self._open()
        target = memoryview(out.data)
        at = 0
        for begin, count in zip(begins, counts, strict=True):
            file.into(begin * size, target[at : at + count * size])
            at += count * size

    def _decode(self, numbers: NDArray[np.int64], slots: NDArray[np.int64], out: Bytes) -> None:
        if self.codec.encrypted:
            size, target = self.page_size, memoryview(out.data)
            for slot, number in zip(slots.tolist(), numbers.tolist(), strict=True):
                page = target[slot * size : (slot + 1) * size]
                page[:] = self.codec.decode(number, bytes(page))

    def gather(self, numbers: NDArray[np.int64]) -> Bytes:
        """A copy of the pages and of no others, one after the other. All numbers must be within the file."""
        found, slots = self.spread(numbers)
        pages: Bytes = found.reshape(-1, self.page_size)
        return pages.reshape(-1) if len(pages) == len(slots) else pages[slots].reshape(-1)

    def owned_by(self, owner: int) -> NDArray[np.int64]:
        """The data pages that name `owner` as theirs, found by looking at every page of the file."""
        found = [np.empty(0, np.int64)]
        for first in range(0, self.count, _LOOKED_AT):
            numbers = np.arange(first, min(first + _LOOKED_AT, self.count))
            heads = self.gather(numbers).reshape(-1, self.page_size)[:, :8]
            owners = np.ascontiguousarray(heads[:, 4:]).view("<u4")[:, 0]
            found.append(numbers[(heads[:, 0] == fmt.DATA_PAGE) & (owners == owner)])
        return np.concatenate(found)

    def check(self) -> None:
        """Raises SourceError 1043 where the file has changed since it was opened."""
        self._open().check()

    @property
    def changed(self) -> bool:
        """Whether the file has changed since it was opened, or is closed."""
        return self._file is None or self._file.changed

    def _open(self) -> Ranges:
        if self._file is None:
            raise UnsteadyFileError(1041, self.place, at=0, reason="it has been closed")
        return self._file

    def _read(self, at: int, size: int) -> bytes:
        found = bytearray(size)
        self._open().into(at, memoryview(found))
        return bytes(found)

    def _decoded(self, number: int) -> bytes:
        return self.codec.decode(number, self._read(number * self.page_size, self.page_size))

    def close(self) -> None:
        """Let go of the file; a thread that reads at this moment still can. There are no pages after it."""
        self._kept.cache_clear()
        self.count = 0
        self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()


class PageCopies:
    """Copies of pages in one buffer, with those between them that were read too, and room behind them for a few more.

    Long values mostly lie on pages among those of their rows: each is read once.
    """

    def __init__(self, pages: PageFile, numbers: NDArray[np.int64], spare: int) -> None:
        """Copies of `numbers`, ascending; the buffer ends in `spare` zero bytes. Raises SourceError."""
        begins, counts, self.slots = _stretches(numbers)
        self._pages, self._spare = pages, spare
        self._end = sum(counts)
        size = pages.page_size
        room = _ROOM + self._end // _SHARE
        self.buffer: Bytes = np.empty((self._end + room) * size + spare, np.uint8)
        self.buffer[self._end * size :] = 0
        pages._copy(begins, counts, self.buffer)
        pages._decode(numbers, self.slots, self.buffer)
        self._begins = np.array(begins, np.int64)
        self._counts = np.array(counts, np.int64)
        self._at = np.cumsum(self._counts) - self._counts
        """of each stretch: its first page, how many it has, and where in the buffer it begins (in pages)"""

    @property
    def whole(self) -> Bytes:
        """All copies, shape (pages, bytes)."""
        size = self._pages.page_size
        whole: Bytes = self.buffer[: self._end * size].reshape(-1, size)
        return whole

    def also(self, numbers: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Where these pages are in the buffer (in pages); those that are missing are read behind the others.

        None where there is no room for them, or where a page is of use only to who asked for it: it is encrypted.
        Raises SourceError.
        """
        if self._pages.codec.encrypted or not len(self._begins) or (np.diff(self._begins) < 1).any():
            return None
        stretch = np.maximum(np.searchsorted(self._begins, numbers, "right") - 1, 0)
        within = numbers - self._begins[stretch]
        missing = (within < 0) | (within >= self._counts[stretch])
        slots = self._at[stretch] + within
        if missing.any():
            added = self._add(numbers[missing])
            if added is None:
                return None
            slots[missing] = added
        return slots

    def _add(self, numbers: NDArray[np.int64]) -> NDArray[np.int64] | None:
        begins, counts, slots = _stretches(numbers)
        size = self._pages.page_size
        if (self._end + sum(counts)) * size + self._spare > len(self.buffer):
            return None
        self._pages._copy(begins, counts, self.buffer[self._end * size :])
        slots = slots + self._end
        self._end += sum(counts)
        begins_now = np.concatenate([self._begins, numbers])
        order = np.argsort(begins_now, kind="stable")
        self._begins = begins_now[order]
        self._counts = np.concatenate([self._counts, np.ones(len(numbers), np.int64)])[order]
        self._at = np.concatenate([self._at, slots])[order]
        return slots


def _stretches(numbers: NDArray[np.int64]) -> tuple[list[int], list[int], NDArray[np.int64]]:
    """What to read at once: first pages, how many pages each, and where in all of them the numbers are."""
    if not len(numbers):
        return [], [], numbers
    apart = np.diff(numbers)
    new = np.flatnonzero((apart < 1) | (apart > _BRIDGED)) + 1
    first = np.concatenate([[0], new])
    begins = numbers[first]
    counts = numbers[np.concatenate([new, [len(numbers)]]) - 1] - begins + 1
    moved = np.cumsum(counts) - counts - begins
    return begins.tolist(), counts.tolist(), numbers + np.repeat(moved, np.diff([*first.tolist(), len(numbers)]))
