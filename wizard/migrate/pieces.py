"""Rows on their way from the reader to the target, with the bad ones among them singled out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from wizard.fit.columns import Rows
from wizard.migrate.rejects import Reject
from wizard.migrate.repairs import RepairedValue


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows on their way: coerced `rows` with their source `positions`, the bad ones among them, and what follows."""

    rows: pa.RecordBatch
    positions: Rows
    bad: tuple[Reject, ...]
    next: int
    repaired: tuple[RepairedValue, ...] = ()
    """values that rules changed; written down before the rows go, so that pieces of a piece have none"""

    def parts(self, parts: int) -> list[Piece]:
        """The same in so many pieces of about one size."""
        size = -(-self.rows.num_rows // parts)
        return self.cut(range(size, self.rows.num_rows, size))

    def around(self, rows: Sequence[int]) -> list[Piece]:
        """The same in pieces, those rows standing alone."""
        borders = {border for row in rows for border in (row, row + 1)}
        return self.cut(sorted(borders & set(range(1, self.rows.num_rows))))

    def cut(self, borders: Sequence[int]) -> list[Piece]:
        """Pieces of contiguous positions; every bad row goes with the piece its position is in."""
        found = []
        for start, end in pairwise((0, *borders, self.rows.num_rows)):
            follows = self.next if end == self.rows.num_rows else int(self.positions[end])
            before = int(self.positions[start]) if start else -1
            bad = tuple(b for b in self.bad if before <= b.position < follows)
            found.append(Piece(self.rows.slice(start, end - start), self.positions[start:end], bad, follows))
        return found


def joined(pieces: Sequence[Piece]) -> Piece:
    """Pieces that follow each other as one."""
    if len(pieces) == 1:
        return pieces[0]
    rows = pa.Table.from_batches([p.rows for p in pieces]).combine_chunks().to_batches()
    return Piece(
        rows[0] if rows else pieces[0].rows,
        np.concatenate([p.positions for p in pieces]),
        tuple(b for p in pieces for b in p.bad),
        pieces[-1].next,
        tuple(r for p in pieces for r in p.repaired),
    )
