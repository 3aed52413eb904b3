"""Usage maps: which pages belong to a table. They decide what is read; freed pages are in none of them.

A map is a row on a page: a type byte, then either (0) a first page number and a bitmap, or (1) the numbers of pages
that hold bitmaps, each for as many pages as its bits. Source: mdbtools' HACKING notes, *Page Usage Maps*.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.pages import PageFile
from wizard.messages import DamagedFileError

_INLINE: Final = 0
_BY_REFERENCE: Final = 1
_BITMAP_AT: Final = 4
"""where the bitmap starts on a bitmap page"""


def row_on_page(pages: PageFile, number: int, row: int, reading: str) -> memoryview:
    """The bytes of one row of a data page, flags ignored. Raises SourceError where the page is not as it must be."""
    layout = pages.layout
    page = pages.page(number, reading)
    (rows,) = struct.unpack_from("<H", page, layout.rows_on_page)
    at = layout.row_offsets + 2 * row
    if page[0] != fmt.DATA_PAGE or row >= rows or at + 2 > layout.page_size:
        raise DamagedFileError(1011, pages.place, page=number, row=row, reading=reading)
    start = struct.unpack_from("<H", page, at)[0] & fmt.ROW_OFFSET
    end = struct.unpack_from("<H", page, at - 2)[0] & fmt.ROW_OFFSET if row else layout.page_size
    if not layout.row_offsets <= start <= end <= layout.page_size:
        raise DamagedFileError(1011, pages.place, page=number, row=row, reading=reading)
    return page[start:end]


def owned_pages(pages: PageFile, pointer: int, reading: str) -> NDArray[np.int64]:
    """Page numbers, ascending, of the usage map that `pointer` (row in its low byte, page above) points to.

    Pages beyond the file's end are left in: what asks for them finds out. Raises SourceError for a damaged map.
    """
    number, row = pointer >> 8, pointer & 0xFF
    record = row_on_page(pages, number, row, f"the usage map of {reading}")
    kind = record[0] if len(record) else -1
    if kind == _INLINE and len(record) >= 5:
        (first,) = struct.unpack_from("<I", record, 1)
        found: NDArray[np.int64] = _bits(record[5:]) + first
        return found
    if kind == _BY_REFERENCE:
        return _referenced(pages, record, reading)
    raise DamagedFileError(1012, pages.place, page=number, kind=kind, reading=reading)


def _referenced(pages: PageFile, record: memoryview, reading: str) -> NDArray[np.int64]:
    per_page = (pages.page_size - _BITMAP_AT) * 8
    parts = [np.empty(0, np.int64)]
    for i, (number,) in enumerate(struct.iter_unpack("<I", record[1 : 1 + (len(record) - 1) // 4 * 4])):
        if number == 0:
            continue
        page = pages.page(number, f"the usage map of {reading}")
        if page[0] != fmt.USAGE_PAGE:
            raise DamagedFileError(1012, pages.place, page=number, kind=page[0], reading=reading)
        parts.append(_bits(page[_BITMAP_AT:]) + i * per_page)
    return np.concatenate(parts)


def _bits(bitmap: memoryview) -> NDArray[np.int64]:
    return np.flatnonzero(np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")).astype(np.int64)
