"""Keys that a server's index has no room for, judged by the values as they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BEYOND_BMP = "[\\x{10000}-\\x{10FFFF}]"


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


def _lengths(values: pa.Array) -> npt.NDArray[np.int64]:
    if pa.types.is_binary(values.type):
        found = pc.binary_length(values)
    else:  # in UTF-16 units
        found = pc.add(pc.utf8_length(values), pc.count_substring_regex(values, _BEYOND_BMP))
    lengths: npt.NDArray[np.int64] = pc.fill_null(found, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return lengths
