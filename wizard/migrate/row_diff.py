"""The rows of a table that differ, found by dividing it again and again.

Both sides are read in any order, and each row falls into one of many buckets by a digest of its key; buckets whose
sums agree are equal. Of those that differ, as many as are worth it are read once more, and the digests of each key's
rows summed: these keys differ whose sums do. A last time both sides are read for the values of the few keys that are
named. Three passes suffice however large the table; no row is kept but as a digest, so memory grows neither with the
table nor with its rows.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.coercion.value_text import short_text
from wizard.messages import Kind, Message, Place
from wizard.migrate.jobs import Job
from wizard.migrate.row_fingerprints import digests

LISTED = 20
"""rows named for a table that differs"""
BUCKETS = 4_096
MOST_ROWS = 50_000
"""rows of differing buckets that are looked at one by one"""
_PIECE: Final = 4 << 20
"""bytes of Arrow data, about, that are looked at at once"""
_SORTED_BY: Final = 1_000
"""characters or bytes of a key's value by which it is sorted: what is kept of it"""

Digests = npt.NDArray[np.uint64]
"""a row of four numbers each"""
Buckets = npt.NDArray[np.intp]
Values = tuple[bytes, ...]
"""the digest of each of a row's values"""


@dataclass(frozen=True, slots=True)
class _DigestedRows:
    """Some rows, each with the digests of its key and of all of it. Of a table without a key these are the same."""

    batch: pa.RecordBatch
    keys: Digests
    whole: Digests

    @property
    def buckets(self) -> Buckets:
        """Where each row is compared, which only its key says."""
        return (self.keys[:, 0] % np.uint64(BUCKETS)).astype(np.intp)

    def within(self, buckets: Buckets) -> Iterator[tuple[int, bytes]]:
        """The rows that are compared there, by number, with their keys."""
        for row in np.flatnonzero(np.isin(self.buckets, buckets)).tolist():
            yield row, bytes(self.keys[row].data)


def slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch a few megabytes at a time: what is made of it takes several times its size."""
    step = max(1, batch.num_rows * _PIECE // max(batch.nbytes, 1))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def _digested(batches: Iterator[pa.RecordBatch], key: Sequence[int]) -> Iterator[_DigestedRows]:
    """The rows, some at a time. NaN never arrives, so equal rows have equal digests."""
    for batch in batches:
        for some in slices(batch):
            rows = _without_signs_of_zeros(some)
            whole = digests(rows)
            yield _DigestedRows(rows, digests(rows.select(list(key))) if key else whole, whole)


def _without_signs_of_zeros(batch: pa.RecordBatch) -> pa.RecordBatch:
    """-0.0 is 0.0 for a server, and in the figures."""
    floating = [pa.types.is_floating(f.type) for f in batch.schema]
    if not any(floating):
        return batch
    arrays = [pc.add(c, pa.scalar(0, c.type)) if f else c for c, f in zip(batch.columns, floating, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)


@dataclass(slots=True)
class _Buckets:
    """Per bucket the number of rows and the sum of their digests (modulo 2^64)."""

    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))
    sums: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(BUCKETS, np.uint64))

    def add(self, rows: _DigestedRows) -> None:
        buckets = rows.buckets
        self.counts += np.bincount(buckets, minlength=BUCKETS)
        np.add.at(self.sums, buckets, rows.whole[:, 0])


class _Sums:
    """By the digest of a key, the sum of the digests of its rows (modulo 2^256): of any number of rows, one number."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets
        self.found: dict[bytes, int] = {}

    def add(self, rows: _DigestedRows) -> None:
        for row, key in rows.within(self._buckets):
            value = int.from_bytes(rows.whole[row].tobytes())
            self.found[key] = (self.found.get(key, 0) + value) % (1 << 256)


@dataclass(frozen=True, slots=True)
class _Named:
    """A key that differs."""

    text: str
    """the key, for people"""
    sides: tuple[Counter[Values], Counter[Values]] = field(default_factory=lambda: (Counter(), Counter()))
    """of source and target, how often each of its rows is there"""


class _Listing:
    """The first of the keys that differ, in their order, found in rows that come in any order."""

    def __init__(self, names: Sequence[str], key: Sequence[int], buckets: Buckets, differing: set[bytes]) -> None:
        self._names, self._key = names, key or range(len(names))
        self._buckets, self._differing = buckets, differing
        self._order: list[tuple[tuple[tuple[str, Any], ...], bytes]] = []
        self._found: dict[bytes, _Named] = {}

    def add(self, side: int, rows: _DigestedRows) -> None:
        for row, digest in rows.within(self._buckets):
            named = self._admitted(digest, rows.batch, row) if digest in self._differing else None
            if named is not None:
                named.sides[side][tuple(_digest(c[row].as_py()) for c in rows.batch.columns)] += 1

    def _admitted(self, digest: bytes, batch: pa.RecordBatch, row: int) -> _Named | None:
        """The row's key, unless it comes after as many others as are listed: then it does so to the end."""
        if digest in self._found:
            return self._found[digest]
        values = [batch.column(i)[row].as_py() for i in self._key]
        place = _order(values), digest
        if len(self._order) == LISTED and place > self._order[-1]:
            return None
        insort(self._order, place)
        if len(self._order) > LISTED:
            del self._found[self._order.pop()[1]]
        shown_names = [self._names[i] for i in self._key]
        named = _Named(", ".join(f"{name}={short_text(v)}" for name, v in zip(shown_names, values, strict=True)))
        self._found[digest] = named
        return named

    def messages(self, job: Job) -> list[Message]:
        return [m for _, digest in self._order for m in _differs(job, self._names, self._found[digest])]


def _digest(value: object) -> bytes:
    """Of one value of a column, whose values are all of one type or None."""
    data = value if isinstance(value, bytes) else repr(value).encode()
    return hashlib.blake2b(data, digest_size=16, key=b"b" if isinstance(value, bytes) else b"").digest()


def _order(key: Sequence[Any]) -> tuple[tuple[str, Any], ...]:
    """Sorts keys of mixed types and NULLs."""
    return tuple((type(v).__name__, v[:_SORTED_BY] if isinstance(v, str | bytes) else v) for v in key)


def differing_rows(
    job: Job, read: Callable[[], tuple[Iterator[pa.RecordBatch], Iterator[pa.RecordBatch]]]
) -> list[Message]:
    """The first keys whose rows differ, named. `read` begins to read both sides, source and target, in any order."""
    names = [c.name for c in job.columns]
    key = [names.index(c.name) for c in job.key]

    def sides() -> list[Iterator[_DigestedRows]]:
        return [_digested(side, key) for side in read()]

    here, there = _Buckets(), _Buckets()
    for buckets, side in zip((here, there), sides(), strict=True):
        for rows in side:
            buckets.add(rows)
    wrong = np.flatnonzero((here.counts != there.counts) | (here.sums != there.sums))
    if not len(wrong):  # the figures differ, but no row does: a server computes them in a way of its own
        return []
    sizes = np.cumsum(np.maximum(here.counts, there.counts)[wrong])
    chosen = wrong[: max(1, int(np.searchsorted(sizes, MOST_ROWS)))]
    source, target = _Sums(chosen), _Sums(chosen)
    for sums, side in zip((source, target), sides(), strict=True):
        for rows in side:
            sums.add(rows)
    keys = source.found.keys() | target.found.keys()
    differing = {k for k in keys if source.found.get(k) != target.found.get(k)}
    listing = _Listing(names, key, chosen, differing)
    for number, side in enumerate(sides()):
        for rows in side:
            listing.add(number, rows)
    messages = listing.messages(job)
    if len(differing) > LISTED or len(chosen) < len(wrong):
        place = job.place()
        messages.append(Message.of(6208, place, table=job.name, listed=LISTED))
    return messages


def _differs(job: Job, names: Sequence[str], named: _Named) -> Iterator[Message]:
    source, target = named.sides
    if source == target:  # whoever changed the row has changed it back meanwhile
        return
    facts: dict[str, Any] = {"table": job.name, "key": named.text}
    place = Place(Kind.ROW, source=job.ref.source, name=job.ref.table, part=named.text)
    if not target:
        yield Message.of(6204, place, **facts)
    elif not source:
        yield Message.of(6205, place, **facts)
    elif source.total() != target.total():
        yield Message.of(6206, place, count=target.total(), expected=source.total(), **facts)
    else:
        one, other = next(iter(source - target)), next(iter(target - source))
        columns = [n for n, a, b in zip(names, one, other, strict=True) if a != b]
        yield Message.of(6207, place, columns=", ".join(columns), **facts)
