"""Finding duplicates and orphans in bounded memory: keys as 64-bit hashes, in as many passes as that takes.

A key's columns become one 64-bit number per row, alike where the server would take the keys for equal. Rows are
dealt with in passes by that number, so that no more than `MOST` keys are held at once, whatever the table's size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.access.reader import Batch
from wizard.arrow_buffers import numbers_in

MOST: Final = 4_000_000
"""keys held at once; a hash and a position are 16 bytes"""

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
ReadAgain = Callable[[], Iterable[Batch]]
"""begins to read the columns of a key, once in each pass"""

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_BASE: Final = 0xD6E8FEB86659FD93
_WORDS: Final = np.random.default_rng(2).integers(1, 2**64 - 1, 256, dtype=np.uint64)
"""a number for each byte, so that texts of like letters do not meet; fixed, so that runs are alike"""


def kind_of(type_: pa.DataType) -> str:
    """Which values are comparable by hash: `int`, `decimal`, `float`, `text`, `binary`, `time`, `bool`."""
    if pa.types.is_integer(type_):
        return "int"
    for name, test in (
        ("decimal", pa.types.is_decimal),
        ("float", pa.types.is_floating),
        ("text", pa.types.is_string),
        ("binary", pa.types.is_binary),
        ("time", pa.types.is_timestamp),
        ("bool", pa.types.is_boolean),
    ):
        if test(type_):
            return name
    return str(type_)


def kinds_of(batches: Iterable[Batch]) -> tuple[str, ...]:
    """The kinds of the columns, of the first batch; none where there is no row, which compares with everything."""
    return tuple(kind_of(f.type) for first in islice(batches, 1) for f in first.rows.schema)


def hashes(columns: Sequence[pa.Array[Any]]) -> Hashes:
    """One hash a row over the columns together; NULL is a value like any other."""
    whole = np.zeros(len(columns[0]), dtype=np.uint64)
    for values in columns:
        own = _hashed(values)
        if values.null_count:
            own[values.is_null().to_numpy(zero_copy_only=False)] = np.uint64(0x5BF03635)
        whole = _mixed(whole * _GOLDEN + own)
    return whole


def complete(columns: Sequence[pa.Array[Any]]) -> npt.NDArray[np.bool_]:
    """Rows in which no column is NULL."""
    whole = np.ones(len(columns[0]), dtype=np.bool_)
    for values in columns:
        if values.null_count:
            whole &= values.is_valid().to_numpy(zero_copy_only=False)
    return whole


def _mixed(numbers: Hashes) -> Hashes:
    """The finishing steps of splitmix64: every bit of the input sways every bit of the output."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _hashed(values: pa.Array[Any]) -> Hashes:
    kind = kind_of(values.type)
    if kind == "text":
        return _bytes_hashed(folded(values))
    if kind == "binary":
        return _bytes_hashed(values)
    if kind == "decimal":
        return _decimals_hashed(values)
    if kind == "float":
        numbers = pc.fill_null(values, 0).cast(pa.float64()).to_numpy(zero_copy_only=False) + 0.0
        return _mixed(numbers.view(np.uint64))
    if kind == "bool":
        values = values.cast(pa.uint8())
    if kind == "time":
        values = values.cast(pa.timestamp("us")).view(pa.int64())
    numbers = pc.fill_null(values, 0).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return _mixed(numbers.view(np.uint64))


def folded(values: pa.Array[Any]) -> pa.Array[Any]:
    """Text as the server's default collations compare it: without case and spaces at the end; ß equals ss."""
    return pc.replace_substring(pc.utf8_lower(pc.utf8_rtrim(values, " ")), "ß", "ss")


def _decimals_hashed(values: pa.Array[Any]) -> Hashes:
    """At one scale for all columns, so that the same number has the same hash whatever its column's scale."""
    wide = pc.fill_null(values, 0).cast(pa.decimal256(76, 38))
    words = np.frombuffer(wide.buffers()[1], dtype=np.uint64).reshape(-1, 4)[wide.offset : wide.offset + len(wide)]
    whole = np.zeros(len(wide), dtype=np.uint64)
    for column in range(4):
        whole = _mixed(whole * _GOLDEN + words[:, column])
    return whole


def _bytes_hashed(values: pa.Array[Any]) -> Hashes:
    """A polynomial over each value's bytes, computed for all values at once."""
    if values.null_count:
        values = pc.fill_null(values, b"" if pa.types.is_binary(values.type) else "")
    count = len(values)
    _, offsets, data = values.buffers()
    if not count or data is None:
        return np.zeros(count, dtype=np.uint64)
    ends = numbers_in(offsets, np.int32)[values.offset : values.offset + count + 1].astype(np.int64)
    raw = numbers_in(data, np.uint8)[ends[0] : ends[-1]]
    starts, lengths = ends[:-1] - ends[0], np.diff(ends)
    longest = int(lengths.max())
    powers = np.cumprod(np.full(longest + 1, _BASE, dtype=np.uint64), dtype=np.uint64)
    place = np.arange(len(raw)) - np.repeat(starts, lengths)
    summed = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(_WORDS[raw] * powers[place], dtype=np.uint64)])
    return _mixed(summed[starts + lengths] - summed[starts] + lengths.astype(np.uint64) * _GOLDEN)


class HashedKeys:
    """The keys of one pass with the positions of their rows."""

    def __init__(self) -> None:
        self._hashes: list[Hashes] = []
        self._places: list[Places] = []

    def add(self, found: Hashes, places: Places) -> None:
        """Take some rows' hashes, with the rows' positions."""
        self._hashes.append(found)
        self._places.append(places)

    def sorted(self) -> tuple[Hashes, Places]:
        """All hashes in ascending order, with their positions."""
        if not self._hashes:
            return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        numbers, places = np.concatenate(self._hashes), np.concatenate(self._places)
        order = np.argsort(numbers, kind="stable")
        return numbers[order], places[order]


def repeated(numbers: Hashes, places: Places) -> tuple[int, int, list[tuple[int, int]]]:
    """Groups of equal keys, the rows in them, and two places of each of the first groups met in the table."""
    if len(numbers) < 2:
        return 0, 0, []
    starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
    sizes = np.diff(np.append(starts, len(numbers)))
    several = sizes > 1
    firsts = starts[several]
    samples = sorted((int(places[i]), int(places[i + 1])) for i in firsts[np.argsort(places[firsts])[:5]])
    return int(several.sum()), int(sizes[several].sum()), samples


def absent(numbers: Hashes, among: Hashes) -> npt.NDArray[np.bool_]:
    """Which numbers are not in `among`, which is sorted."""
    if not len(among):
        return np.ones(len(numbers), dtype=np.bool_)
    at = np.searchsorted(among, numbers)
    at[at == len(among)] = 0
    return np.asarray(among[at] != numbers)


def keyed(batch: Batch, number: int, times: int, whole_only: bool) -> tuple[Hashes, Places]:
    """Hashes and positions of a batch's rows that belong to pass `number`, from 0, of `times`."""
    columns = batch.rows.columns
    found = hashes(columns)
    chosen = found % np.uint64(times) == np.uint64(number)
    if whole_only:
        chosen &= complete(columns)
    return found[chosen], batch.positions[chosen]


def passes(rows: int) -> int:
    """How often so many rows are read."""
    return max(1, -(-rows // MOST))


def orphans(children: ReadAgain, parents: ReadAgain, rows: int) -> Iterator[Places]:
    """Positions of rows whose key has a value in each column and is none of the parents', in each pass ascending.

    `rows` is how many the larger side has.
    """
    times = passes(rows)
    for number in range(times):
        keys = HashedKeys()
        for batch in parents():
            keys.add(*keyed(batch, number, times, True))
        among, _ = keys.sorted()
        for batch in children():
            own, places = keyed(batch, number, times, True)
            lost = absent(own, among)
            if lost.any():
                yield places[lost]
