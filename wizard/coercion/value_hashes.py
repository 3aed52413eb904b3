"""Hashes of values and rows by whole columns: 64 bits a value, in kernels that both cores can run at once.

They protect against accidents, not against forgery: a value's words of eight bytes, each stirred and weighted by its
place with a fixed odd number, are summed modulo 2^64 and mixed, so that any one changed, moved or missing byte
changes the hash, and two different values have the same with a chance of about one in 2^64. So it is with a row and
the hashes of its values. What must hold against intent has SHA-256 (a package's files) or is computed by a server
(`wizard.sqlserver.column_sums`).

Source of the mixing: S. Vigna, "SplitMix64" (public domain), its finalizer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wizard.arrow_buffers import numbers_in

Hashes = npt.NDArray[np.uint64]
_GOLDEN: Final = 0x9E3779B97F4A7C15
_MASKS: Final = np.array([(1 << 8 * n) - 1 for n in range(8)], np.uint64)
"""by the bytes that a last word has, those bits"""
_NEAR: Final = 8
"""words of a value that are summed place by place"""
_AT_ONCE: Final = 1 << 17
"""words of all values that are summed together behind these, about"""
_NULL: Final = np.uint64(0x5851F42D4C957F2D)


def mixed(words: Hashes) -> Hashes:
    """Each word mixed, in place: every bit of it matters to every bit."""
    with np.errstate(over="ignore"):
        words ^= words >> np.uint64(30)
        words *= np.uint64(0xBF58476D1CE4E5B9)
        words ^= words >> np.uint64(27)
        words *= np.uint64(0x94D049BB133111EB)
        words ^= words >> np.uint64(31)
    return words


def _stirred(words: Hashes) -> Hashes:
    """Each word stirred, in place, as much as one needs that is weighted, summed and mixed: no two become the same, and
    bits of one place reach others.
    """
    with np.errstate(over="ignore"):
        words *= np.uint64(0xBF58476D1CE4E5B9)
        words ^= words >> np.uint64(32)
    return words


def _numbers(count: int, place: int = 0) -> Hashes:
    """As many fixed odd numbers, from a place on."""
    with np.errstate(over="ignore"):
        found = mixed(np.arange(place + 1, place + count + 1, dtype=np.uint64) * np.uint64(_GOLDEN))
    return found | np.uint64(1)


_WEIGHTS: Final = _numbers(4_096)


def _weights(count: int, place: int = 0) -> Hashes:
    """The weights of as many places."""
    return _WEIGHTS[place : place + count] if place + count <= len(_WEIGHTS) else _numbers(count, place)


def value_hashes(values: pa.Array[Any]) -> Hashes:
    """A hash of each value; NULL has one of its own, whatever the type."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        found = _of_bytes(values)
    elif pa.types.is_boolean(kind):
        found = mixed(np.asarray(values.cast(pa.uint8()).fill_null(0)).astype(np.uint64) + np.uint64(_GOLDEN))
    else:
        found = _of_fixed(values)
    if values.null_count:
        found[np.asarray(values.is_null())] = _NULL
    return found


_UNSIGNED: Final[Mapping[int, type[np.unsignedinteger[Any]]]] = {
    1: np.uint8,
    2: np.uint16,
    4: np.uint32,
    8: np.uint64,
}
"""whole numbers by their bytes"""


def _of_fixed(values: pa.Array[Any]) -> Hashes:
    size = values.type.bit_width // 8
    data = values.buffers()[1]
    if data is None or not len(values):
        return np.zeros(len(values), np.uint64)
    if size > 8:
        words = numbers_in(data, np.uint64, len(values) * size // 8, values.offset * size).reshape(len(values), -1)
        with np.errstate(over="ignore"):
            found = words[:, 0] * _WEIGHTS[0]
            for place in range(1, words.shape[1]):
                found += _stirred(words[:, place] + np.uint64(_GOLDEN)) * _WEIGHTS[place]
        return mixed(found)
    raw = numbers_in(data, _UNSIGNED[size], len(values), values.offset * size)
    with np.errstate(over="ignore"):
        return mixed(raw.astype(np.uint64) + np.uint64(_GOLDEN))


def _of_bytes(values: pa.Array[Any]) -> Hashes:
    """The words are read where they lie; behind the last value some bytes more are needed."""
    if not len(values):
        return np.zeros(0, np.uint64)
    _, offsets, data = values.buffers()
    places = numbers_in(offsets, np.int32, len(values) + 1, values.offset * 4).astype(np.int64)
    first, last = int(places[0]), int(places[-1])
    text = np.zeros(last - first + 8, np.uint8)
    if data is not None:
        text[: last - first] = numbers_in(data, np.uint8)[first:last]
    words = np.ndarray((len(text) - 7,), "<u8", text, strides=(1,))
    starts, lengths = places[:-1] - first, np.diff(places)
    with np.errstate(over="ignore"):
        found = lengths.astype(np.uint64) * np.uint64(_GOLDEN)
        rows = np.flatnonzero(lengths)
        at, left = starts[rows], lengths[rows]
        for place in range(_NEAR):  # which most values do not go beyond
            if not len(rows):
                break
            found[rows] += _weighted(words[at], left, _WEIGHTS[place])
            longer = np.flatnonzero(left > 8)
            rows, at, left = rows[longer], at[longer] + 8, left[longer] - 8
        place = _NEAR
        while len(rows):
            most = max(_NEAR, _AT_ONCE // len(rows))
            found[rows] += _of_words(words, at, np.minimum(left, 8 * most), place)
            longer = np.flatnonzero(left > 8 * most)
            rows, at, left = rows[longer], at[longer] + 8 * most, left[longer] - 8 * most
            place += most
    return mixed(found)


def _of_words(words: Hashes, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], place: int) -> Hashes:
    """The sums of several words of each value, one at least, of which the first is at that place in all of them."""
    count = (lengths + 7) >> 3
    begins = count.cumsum() - count
    within = np.arange(int(count.sum())) - np.repeat(begins, count)
    left = np.repeat(lengths, count) - (within << 3)
    given = words[np.repeat(starts, count) + (within << 3)]
    return np.add.reduceat(_weighted(given, left, _weights(int(count.max()), place)[within]), begins)


def _weighted(words: Hashes, left: npt.NDArray[np.int64], weights: Hashes | np.uint64) -> Hashes:
    """Words of which so many bytes, and all behind them, belong to the value, for a sum over the value."""
    ending = np.flatnonzero(left < 8)
    words[ending] &= _MASKS[left[ending]]
    return _stirred(words.astype(np.uint64, copy=False) + np.uint64(_GOLDEN)) * weights


class RecentHashes:
    """Hashes of the arrays at hand, computed once though they are asked for twice."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[pa.Array[Any], Hashes]] = {}

    def of(self, values: pa.Array[Any]) -> Hashes:
        """As `value_hashes`. Not to be changed."""
        key = (values.type, values.offset, len(values), *(b if b is None else b.address for b in values.buffers()))
        if key not in self._known:
            self._known[key] = values, value_hashes(values)
        return self._known[key][1]

    def forget(self) -> None:
        """Other arrays come."""
        self._known.clear()


def null_hash() -> int:
    """The hash of NULL."""
    return int(_NULL)


def row_hashes(
    batch: pa.RecordBatch, hashes: Callable[[pa.Array[Any]], Hashes] = value_hashes
) -> npt.NDArray[np.uint64]:
    """Two hashes of each row, a row of them each: of all its values in their columns."""
    found = np.zeros((2, batch.num_rows), np.uint64)
    weights = _weights(2 * batch.num_columns)
    with np.errstate(over="ignore"):
        for number, column in enumerate(batch.columns):
            values = hashes(column)
            for lane in (0, 1):
                found[lane] += values * weights[2 * number + lane]
    mixed(found[0])
    mixed(found[1])
    return found.T
