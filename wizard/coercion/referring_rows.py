"""Rows whose parents stay behind: stage 5 foresees them, stage 8 finds them before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from wizard.coercion.row_source import RowBatch
from wizard.coercion.value_text import short_text

_NAMED: Final = 3
"""values that a message names"""
Values = tuple[Any, ...]


class ColumnReader(Protocol):
    """A source, as far as its keys are read."""

    def read(self, table: str, *, columns: Sequence[str] | None = None) -> Iterator[RowBatch]:
        """A table's rows from the first on. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class ReferenceSide:
    """A table of a source: the columns that refer, or are referred to, and the positions of rows that stay behind."""

    reader: ColumnReader
    table: str
    columns: tuple[str, ...]
    left: npt.NDArray[np.int64]

    def values(self, between: Callable[[], None]) -> Iterator[tuple[Values, bool]]:
        """The columns' values, row by row, and whether the row stays behind."""
        for batch in self.reader.read(self.table, columns=list(self.columns)):
            between()
            out = np.isin(batch.positions, self.left)
            taken = [batch.rows.column(batch.rows.schema.get_field_index(c)).to_pylist() for c in self.columns]
            yield from zip(zip(*taken, strict=True), map(bool, out), strict=True)


def no_rows() -> None:
    """Nobody wants to stop."""


def referring(child: ReferenceSide, parent: ReferenceSide, between: Callable[[], None] = no_rows) -> dict[Values, int]:
    """By the key of a parent that stays behind, how many of the rows that go refer to it.

    `between` is called between two batches, and may raise to stop. Raises SourceError.
    """
    if not parent.left.size or not child.columns or not parent.columns:
        return {}
    gone: dict[Values, Values] = {}
    there: set[Values] = set()
    for values, stays in parent.values(between):
        if None in values:
            continue
        if stays:
            gone[_folded(values)] = values
        else:
            there.add(_folded(values))
    for folded in there & gone.keys():  # another row of the same key arrives
        del gone[folded]
    counts: dict[Values, int] = {}
    for values, stays in child.values(between) if gone else ():
        if not stays and (lost := gone.get(_folded(values))) is not None:
            counts[lost] = counts.get(lost, 0) + 1
    return counts


def named_values(found: Mapping[Values, int]) -> str:
    """Some of the values that are referred by, for people."""
    names = ", ".join(short_text(v[0] if len(v) == 1 else v) for v in list(found)[:_NAMED])
    return names + (", …" if len(found) > _NAMED else "")


def _folded(values: Values) -> Values:
    """As servers compare keys: text without case and trailing spaces."""
    return tuple(v.rstrip(" ").casefold() if isinstance(v, str) else v for v in values)
