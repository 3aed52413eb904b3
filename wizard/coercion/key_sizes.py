"""Keys that are too long for a server's index, and rows that are too wide for its page, found by their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BEYOND_BMP = "[\\x{10000}-\\x{10FFFF}]"
POINTER: Final = 24
"""bytes that are left in the row of a value that is moved out of it ("Row-overflow considerations")"""
COUNTED: Final = 2
"""bytes of the number of varying columns in a row, and of each one's place"""


@dataclass(frozen=True, slots=True)
class KeySize:
    """Of an index whose keys may be longer than the server takes. Columns are the server's."""

    index: str
    limit: int
    """bytes of the longest key that it takes"""
    fixed: int
    """bytes of the columns that take as many in every row"""
    varying: tuple[tuple[str, int], ...]
    """the other columns, and the bytes of a character (UTF-16 unit) of theirs; 1 for binary"""
    given: tuple[str, ...] = ()
    """columns whose NULL keeps a row out of the index: it is a filtered one"""

    def sizes(self, rows: pa.RecordBatch) -> npt.NDArray[np.int64]:
        """The bytes of each row's key; 0 for rows that the index leaves out."""
        total = np.full(rows.num_rows, self.fixed, np.int64)
        names = rows.schema.names
        for name, unit in (v for v in self.varying if v[0] in names):
            total += unit * _lengths(rows.column(name))
        for name in (n for n in self.given if n in names):
            total[pc.is_null(rows.column(name)).to_numpy(zero_copy_only=False)] = 0
        return total


@dataclass(frozen=True, slots=True)
class RowSize:
    """Of a table whose rows may not have room in a page. Columns are the server's.

    Values of varying length may be moved out of the row, those of 24 bytes or less and those of a clustered key aside;
    a pointer stays. What is left must have room in the page (error 511).
    """

    limit: int
    """bytes of the largest row that a page takes"""
    fixed: int
    """bytes of the row's head and of the columns that take as many in every row"""
    varying: tuple[tuple[str, int, bool], ...]
    """the other columns as they follow in the table, the bytes of a character of theirs, and whether they must stay"""

    def sizes(self, rows: pa.RecordBatch) -> npt.NDArray[np.int64]:
        """The least bytes that each row takes in its page."""
        total = np.full(rows.num_rows, self.fixed, np.int64)
        last = np.zeros(rows.num_rows, np.int64)
        names = rows.schema.names
        for place, (name, unit, stays) in enumerate(self.varying, 1):
            if name in names:
                size = unit * _lengths(rows.column(name))
                total += size if stays else np.minimum(size, POINTER)
                last[size > 0] = place
        return total + np.where(last > 0, COUNTED + COUNTED * last, 0)


def _lengths(values: pa.Array[Any]) -> npt.NDArray[np.int64]:
    if pa.types.is_binary(values.type):
        found = pc.binary_length(values)
    else:  # in UTF-16 units
        found = pc.add(pc.utf8_length(values), pc.count_substring_regex(values, _BEYOND_BMP))
    lengths: npt.NDArray[np.int64] = pc.fill_null(found, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return lengths
