"""Batches on their way from the reader to the target, with the bad rows found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from wizard.coercion.columns import Rows, UnreadCell
from wizard.migrate.rejects import Reject
from wizard.migrate.repairs import RepairedValue


@dataclass(frozen=True, slots=True)
class LoadBatch:
    """Rows on their way: coerced `rows` with their source `positions`, the bad ones among them, and what follows."""

    rows: pa.RecordBatch
    positions: Rows
    bad: tuple[Reject, ...]
    next: int
    repaired: tuple[RepairedValue, ...] = ()
    """values that rules changed; written down before the rows go, so that batches of a batch have none"""

    def parts(self, parts: int) -> list[LoadBatch]:
        """The same in so many batches of about one size."""
        size = -(-self.rows.num_rows // parts)
        return self.cut(range(size, self.rows.num_rows, size))

    def standing_alone(self, rows: Sequence[int]) -> list[LoadBatch]:
        """The same in batches, those rows standing alone."""
        borders = {border for row in rows for border in (row, row + 1)}
        return self.cut(sorted(borders & set(range(1, self.rows.num_rows))))

    def cut(self, borders: Sequence[int]) -> list[LoadBatch]:
        """Pieces of contiguous positions; every bad row goes with the batch its position is in."""
        found = []
        for start, end in pairwise((0, *borders, self.rows.num_rows)):
            follows = self.next if end == self.rows.num_rows else int(self.positions[end])
            before = int(self.positions[start]) if start else -1
            bad = tuple(b for b in self.bad if before <= b.position < follows)
            found.append(LoadBatch(self.rows.slice(start, end - start), self.positions[start:end], bad, follows))
        return found


def merge_batches(batches: Sequence[LoadBatch]) -> LoadBatch:
    """Pieces that follow each other as one."""
    if len(batches) == 1:
        return batches[0]
    rows = pa.Table.from_batches([p.rows for p in batches]).combine_chunks().to_batches()
    return LoadBatch(
        rows[0] if rows else batches[0].rows,
        np.concatenate([p.positions for p in batches]),
        tuple(b for p in batches for b in p.bad),
        batches[-1].next,
        tuple(r for p in batches for r in p.repaired),
    )


@dataclass(frozen=True, slots=True)
class SelectedRows:
    """Some of a batch's rows, as a `RowBatch`."""

    rows: pa.RecordBatch
    positions: np.ndarray
    next: int
    unread: Sequence[UnreadCell] = ()
