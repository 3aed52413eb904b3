"""The contract of an opened source for moving and repairing: its rows in batches, from any position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wizard.coercion.columns import UnreadCell
from wizard.definitions import BATCH_ROWS


class RowBatch(Protocol):
    """`wizard.access.Batch`, as far as moving and repairing need it."""

    @property
    def rows(self) -> pa.RecordBatch:
        """The rows, a field a column."""

    @property
    def positions(self) -> npt.NDArray[np.int64]:
        """The place of each row in the source, ascending."""

    @property
    def next(self) -> int:
        """The position to go on from."""

    @property
    def unread(self) -> Sequence[UnreadCell]:
        """Values among the rows that cannot be read."""


class RowSource(Protocol):
    """`wizard.access.AccessFile`, as far as moving and repairing need it."""

    def row_count(self, table: str) -> int:
        """Exact. Raises SourceError."""

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = BATCH_ROWS,
        stop: int | None = None,
    ) -> Iterator[Any]:
        """A table's rows from `start` up to `stop`, in batches of at most `batch_rows`. Raises SourceError."""


@runtime_checkable
class PartitionedReader(Protocol):
    """A source whose tables can be read in partitions, each on its own; `wizard.access.AccessFile` is one."""

    def parts(self, table: str, rows: int) -> list[int]:
        """Positions, ascending, at which partitions of about so many rows begin; 0 alone where there is one."""
