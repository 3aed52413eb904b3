"""Fingerprints of a source's tables, which distinguish a changed table from a changed file.

The fingerprint stands on the columns that are moved (names and types) and on every row, whatever their order: each
row, all of its values with their lengths and NULLs, gets two hashes of 64 bits (`wizard.coercion.value_hashes`), and
these are summed. It therefore changes with any value, any row added, removed or doubled, and any exchange of values
between rows. It does not change when a file is compacted, when its rows come to lie elsewhere or are read in another
order, when Access opens the file and writes to its system tables, nor with columns that are not moved, indexes,
properties or queries: those are for conversion to see. What it does not prove is that nobody has forged rows.

`RowFingerprints` keeps, beside the journal, what each table held when the target was filled from it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.arrow_buffers import buffer_of, bytes_in, numbers_in
from wizard.cancellation import CancellationToken
from wizard.coercion.value_hashes import RecentHashes, row_hashes
from wizard.migrate import checksummed_lines
from wizard.migrate.jobs import Job
from wizard.plain_data import decode

_KIND: Final = "rows3:"
"""of fingerprints; what an earlier version kept is of another, and says nothing"""
_LONGEST: Final = 1 << 20
"""bytes of what is kept of a table, many times what it needs"""
_WIDE: Final = pa.large_binary()

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RowFingerprint:
    """A table's fingerprint: how many rows it stands for, and the digest of columns and rows."""

    rows: int
    digest: str


class FingerprintSum:
    """A fingerprint that grows batch by batch; batches have the same columns, and any number of rows."""

    def __init__(self, recent: RecentHashes | None = None) -> None:
        self._recent = recent or RecentHashes()
        self._rows = 0
        self._sum = np.zeros(2, np.uint64)
        self._columns = ""

    def add(self, batch: pa.RecordBatch) -> None:
        """The rows of one batch more."""
        if not batch.num_rows:
            return
        if not self._rows:
            columns = "\n".join(f"{f.name}\t{f.type}" for f in batch.schema)
            self._columns = hashlib.sha256(columns.encode()).hexdigest()[:16]
        self._rows += batch.num_rows
        with np.errstate(over="ignore"):
            self._recent.forget()
            self._sum += row_hashes(batch, self._recent.of).sum(axis=0, dtype=np.uint64)

    def merge(self, other: FingerprintSum) -> None:
        """The rows of another more, which have the same columns."""
        self._rows += other._rows
        self._columns = self._columns or other._columns
        with np.errstate(over="ignore"):
            self._sum += other._sum

    @property
    def content(self) -> RowFingerprint:
        """The fingerprint of all rows so far."""
        return RowFingerprint(self._rows, f"{_KIND}{self._columns}{self._sum.astype('<u8').tobytes().hex()}")


def digests(batch: pa.RecordBatch) -> npt.NDArray[np.uint64]:
    """Each row's SHA-256, as a row of four numbers of 64 bits; equal only where all of the rows' values are."""
    if not batch.num_rows:
        return np.empty((0, 4), np.uint64)
    data, ends = _rows(batch)
    found = b"".join([hashlib.sha256(data[a:b]).digest() for a, b in pairwise(ends)])
    return np.frombuffer(found, "<u8").reshape(-1, 4)


def _rows(batch: pa.RecordBatch) -> tuple[memoryview, list[int]]:
    """Each row's values as bytes that no other row has, end to end, and where each row begins and the last ends.

    First, of one width for all rows, the values of fixed width and the lengths of the others, NULL marked in a byte
    of its own; then the others.
    """
    fixed: list[Bytes] = []
    others: list[pa.Array[Any]] = []
    for values in batch.columns:
        valid = np.asarray(values.is_valid()).view(np.uint8)
        fixed.append(valid.reshape(-1, 1))
        kind = values.type
        if pa.types.is_string(kind) or pa.types.is_binary(kind):
            bare = values if pa.types.is_binary(kind) else values.cast(pa.binary())
            others.append(pc.fill_null(bare, b"").cast(_WIDE))
            fixed.append(np.asarray(pc.binary_length(others[-1])).view(np.uint8).reshape(len(values), -1))
        else:
            fixed.append(_plain(values) * valid.reshape(-1, 1))
    front = np.ascontiguousarray(np.concatenate(fixed, axis=1))
    width = front.shape[1]
    starts = buffer_of(np.arange(0, (len(front) + 1) * width, width, dtype=np.int64))
    first = pa.Array.from_buffers(_WIDE, len(front), [None, starts, buffer_of(front)])
    whole = pc.binary_join_element_wise(first, *others, pa.scalar(b"", _WIDE)) if others else first
    _, offsets, data = whole.buffers()
    return bytes_in(data), numbers_in(offsets, np.int64, len(front) + 1).tolist()


def _plain(values: pa.Array[Any]) -> Bytes:
    """The bytes of values of fixed width, a row of bytes each; any for NULL."""
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    size = values.type.bit_width // 8
    data = values.buffers()[1]
    return numbers_in(data, np.uint8, len(values) * size, values.offset * size).reshape(-1, size)


def moved_columns(job: Job) -> list[str]:
    """The source's columns that a job moves, in its order."""
    return list(dict.fromkeys(c.source for c in job.columns))


def fingerprint_of(job: Job, cancellation: CancellationToken) -> RowFingerprint | None:
    """The table as it is now; None where it was cancelled. Raises SourceError."""
    summing = FingerprintSum()
    for batch in job.source.reader.read(job.ref.table, columns=moved_columns(job)):
        if cancellation():
            return None
        summing.add(batch.rows)
    return summing.content


@dataclass(frozen=True, slots=True)
class KeptFingerprint:
    """What is known of a table that fills one of the target's."""

    table: str
    """`source.table`, and the target's"""
    filled: str
    """the state of the source's file when the target's table was filled, as its checkpoint says"""
    seen: str
    """the state in which the content was last found to be the same"""
    rows: int
    digest: str

    @property
    def content(self) -> RowFingerprint:
        """The fingerprint."""
        return RowFingerprint(self.rows, self.digest)


class RowFingerprints:
    """The fingerprints kept in a file of the project. A lost or damaged line means only that nothing is known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: dict[str, KeptFingerprint] = {}
        for record in checksummed_lines.read(self.path, _LONGEST)[0]:
            try:
                kept = decode(KeptFingerprint, record)
            except ValueError:  # another version's
                continue
            self._kept[kept.table] = kept

    def of(self, job: Job, filled: str) -> KeptFingerprint | None:
        """What the table held when the target was filled from a file in that state; None where it is not known."""
        found = self._kept.get(key(job))
        if found is None or found.filled != filled or not found.digest.startswith(_KIND):
            return None
        return found

    def keep(self, job: Job, filled: str, content: RowFingerprint) -> None:
        """Remember what the table holds in the state its file has now."""
        found = KeptFingerprint(key(job), filled, job.source.fingerprint, content.rows, content.digest)
        self._kept[found.table] = found

    def save(self) -> None:
        """Raises RecordError."""
        checksummed_lines.replace(self.path, [asdict(k) for k in self._kept.values()])


def key(job: Job) -> str:
    """How a job's table is named here: two databases may have a table of one name."""
    return json.dumps([job.ref.source, job.ref.table, job.table.name.schema, job.table.name.name])
