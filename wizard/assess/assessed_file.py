"""The contract of a file that is assessed: its definitions, rows and counts; and how progress is reported meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from wizard.access.reader import Batch
from wizard.definitions import BATCH_ROWS, Database

RowProgress = Callable[[int, int, str], None]
"""rows done, rows in all, the table's name"""


class AssessedFile(Protocol):
    """An `AccessFile`, or something that reads like one with the linked back ends behind it."""

    @property
    def definition(self) -> Database:
        """What the file holds."""

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
    ) -> Iterator[Batch]:
        """A table's rows from `start` up to `stop`, in batches of at most `batch_rows`. Raises SourceError."""


def never() -> None:
    """Nobody asks for an end."""


def silent(_done: int, _total: int, _what: str) -> None:
    """Nobody watches."""


class AssessProgress:
    """Counts rows for whoever watches, and stops where somebody asked for it."""

    def __init__(self, total: int, check: Callable[[], None], progress: RowProgress) -> None:
        self._total = total
        self._done = 0
        self._check = check
        self._progress = progress

    def batches(self, batches: Iterator[Batch], table: str) -> Iterator[Batch]:
        """The same batches. Raises StoppedError between two of them."""
        for batch in batches:
            self._check()
            yield batch
            self._add(batch.rows.num_rows, table)

    def count(self, rows: Iterator[int], table: str) -> None:
        """Go through work of which each step gives how many rows it was. Raises StoppedError after a step."""
        for number in rows:
            self._check()
            self._add(number, table)

    def _add(self, rows: int, table: str) -> None:
        self._done += rows
        self._progress(self._done, self._total, table)
