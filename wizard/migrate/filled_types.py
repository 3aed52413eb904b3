"""With which types the target's tables were filled, kept in a file of the project.

A server that is told to change a column's type converts the values that are there, and says nothing of what it rounds
or cuts. What is kept here shows that it had to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from wizard.coercion.widening import FilledColumn, filled, held_too, narrowed
from wizard.migrate.checksummed_lines import ChecksummedFile, read
from wizard.migrate.jobs import Job
from wizard.migrate.row_fingerprints import key
from wizard.objects import ServerType
from wizard.plain_data import decode

_LONGEST: Final = 1 << 20
"""bytes of what is kept of a table, many times what it needs"""


@dataclass(frozen=True, slots=True)
class _KeptTypes:
    """A table's columns as its rows were made for them."""

    table: str
    columns: tuple[FilledColumn, ...]


class FilledTypes:
    """A line each time that a table is begun; its last one counts. Safe from any thread.

    A lost or damaged line means only that nothing is known, as of tables that former versions filled.
    """

    def __init__(self, path: Path) -> None:
        """Raises RecordError where the file cannot be read."""
        self._path, self._lock = path, Lock()
        self._kept: dict[str, tuple[FilledColumn, ...]] = {}
        for record in read(path, _LONGEST)[0]:
            try:
                kept = decode(_KeptTypes, record)
            except ValueError:  # another version's
                continue
            self._kept[kept.table] = kept.columns

    def narrowed(self, job: Job) -> dict[str, ServerType]:
        """Columns whose types do not hold all that they were filled with, by name, each with its former type."""
        return narrowed(job.columns, self._kept.get(key(job), ()))

    def keep(self, jobs: Sequence[Job]) -> None:
        """The tables hold nothing but what their types are now. Raises RecordError."""
        self._add({key(j): filled(j.columns) for j in jobs})

    def more(self, job: Job) -> None:
        """Rows come to those that are there. Where these had to be converted, that is still to be said."""
        before = self._kept.get(key(job))
        if before and not self.narrowed(job):
            self._add({key(job): held_too(before, filled(job.columns))})

    def _add(self, found: dict[str, tuple[FilledColumn, ...]]) -> None:
        with self._lock:
            new = {table: columns for table, columns in found.items() if self._kept.get(table) != columns}
            if not new:
                return
            file = ChecksummedFile(self._path)
            try:
                file.append([asdict(_KeptTypes(table, columns)) for table, columns in new.items()])
            finally:
                file.close()
            self._kept |= new
