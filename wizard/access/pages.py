"""Pages of an Access file, from a memory map, decoded by a codec that is chosen once at opening."""

from __future__ import annotations

import mmap
import os
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.codec import open_codec
from wizard.access.codec.header import unmask
from wizard.access.text import code_page_of
from wizard.messages import Kind, Message, Place, SourceError

Bytes = NDArray[np.uint8]

_DECODED_PAGES_KEPT: Final = 256
_LET_GO_AFTER: Final = 32 << 20
"""bytes of the map touched before the system is told that they need not stay in memory"""


class PageFile:
    """An open Access file, read a page at a time. Safe to use from several threads.

    `page(n)` gives a page of `layout.page_size` bytes; `gather(numbers)` copies many into one array. Both raise
    SourceError for pages outside the file. Nothing is ever written.
    """

    def __init__(self, path: str | Path, password: str | None = None, code_page: str | None = None) -> None:
        """Open and map the file; `code_page` is a Python codec that overrides what a Jet 3 file says of itself.

        Raises SourceError (absent, unreadable, no Access file, unknown code page) and PasswordError.
        """
        self.path = str(path)
        self.place = Place(Kind.FILE, self.path)
        self._touched = 0
        try:
            with Path(path).open("rb") as handle:
                self.size = os.fstat(handle.fileno()).st_size
                if self.size == 0:
                    raise SourceError(1001, self.place)
                self._map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise SourceError(1000, self.place, reason=error.strerror or str(error)) from error
        try:
            self._begin(password, code_page)
        except BaseException:
            self._map.close()
            raise
        self._whole: Bytes = np.frombuffer(self._map, np.uint8, self.count * self.page_size)
        self._pages = self._whole.reshape(self.count, self.page_size)
        self._kept = lru_cache(_DECODED_PAGES_KEPT)(self._decoded)

    def _begin(self, password: str | None, code_page: str | None) -> None:
        """What the first page tells: format, code page, encryption."""
        self.layout = fmt.detect(self.path, self._map[:2048])
        self.page_size = self.layout.page_size
        self.count = self.size // self.page_size
        """whole pages in the file"""
        if self.count < 3:
            raise SourceError(1005, self.place, size=self.size)
        raw = self._map[: self.page_size]
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
        """One page. `reading` says for the error message what the page is needed for."""
        if not 0 <= number < self.count:
            raise SourceError(1010, self.place, page=number, pages=self.count, reading=reading)
        if number == 0:
            return memoryview(self.header)
        if not self.codec.encrypted:
            return memoryview(self._pages[number]).cast("B")
        return memoryview(self._kept(number))

    def gather(self, numbers: NDArray[np.int64], spare: int = 0) -> Bytes:
        """A copy of the pages, one after the other, and `spare` zero bytes. All numbers must be within the file."""
        out = np.empty(len(numbers) * self.page_size + spare, np.uint8)
        out[len(out) - spare :] = 0
        pages = out[: len(out) - spare].reshape(-1, self.page_size)
        if not self.codec.encrypted:
            np.take(self._pages, numbers, axis=0, out=pages, mode="clip")  # "raise" would copy once more
            self.let_go(pages.nbytes)
            return out
        for at, number in enumerate(numbers.tolist()):
            pages[at] = np.frombuffer(self._decoded(number), np.uint8)
        return out

    def owned_by(self, owner: int) -> NDArray[np.int64]:
        """The data pages that name `owner` as theirs, found by looking at every page of the file."""
        if self.codec.encrypted:
            heads = np.array([list(self._decoded(n)[:8]) for n in range(self.count)], np.uint8)
        else:
            heads = np.ascontiguousarray(self._pages[:, :8])
        owners = heads[:, 4:8].copy().view("<u4")[:, 0]
        return np.flatnonzero((heads[:, 0] == fmt.DATA_PAGE) & (owners == owner)).astype(np.int64)

    def _decoded(self, number: int) -> bytes:
        return self.codec.decode(number, self._pages[number].tobytes())

    def let_go(self, size: int) -> None:
        """After reading `size` bytes: tell the system now and then that what was read need not stay in memory."""
        self._touched += size
        if self._touched > _LET_GO_AFTER and hasattr(mmap, "MADV_DONTNEED"):
            self._touched = 0
            self._map.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Close the map; views handed out before keep their memory until they are gone. There are no pages after it."""
        self._kept.cache_clear()
        self.count = 0
        del self._pages, self._whole
        try:
            self._map.close()
        except BufferError:
            return  # somebody still holds a page: the map goes with it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()
