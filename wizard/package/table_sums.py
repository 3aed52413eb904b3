"""The package's side of verification: its figures and rows, read back from its files as `bcp` and `sqlcmd` take them.

What the manifest says is taken for true where it is of a manifest's shape: which files a table has, their fields and
terminators. Values are decoded without a line of what encoded them, from the files as they lie there: whether their
bytes are those that were written is for the checksums to say. Memory stays bounded: files are read in chunks of whole
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from wizard.coercion.arrow_types import batch_schema
from wizard.messages import Kind, Place, TargetError
from wizard.objects import Name, ServerColumn, ServerTable
from wizard.package import insert_reader
from wizard.package.bcp_fields import decoded, split
from wizard.package.bcp_rows import Terminators
from wizard.package.manifest_reader import RecordedManifest, RecordedTable, read_manifest
from wizard.package.writer import whole_rows
from wizard.plurals import counted
from wizard.sqlserver.column_sums import ColumnSums, Hashing, RunningSums


class PackageTableSums:
    """Reads what a package holds. `rows` and `figures` raise TargetError.

    5605 where a table is not complete, 5607 where the manifest is lost or damaged, 5604 where a file is or holds no
    values.
    """

    def __init__(self, folder: Path, between: Callable[[], None] = lambda: None) -> None:
        self.folder = folder
        self._between = between
        """called before each batch of rows; what it raises ends the reading"""

    @property
    def hashing(self) -> Hashing:
        """No server computes anything here."""
        return Hashing.OWN

    def expect(self, tables: Sequence[tuple[ServerTable, Sequence[ServerColumn], int]]) -> None:
        """Nothing is asked of a package ahead."""

    def close(self) -> None:
        """A file is closed when it has been read."""

    def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, ColumnSums, list[str]]:
        """Rows and figures by column; no column needs to be read back, since all are."""
        tally = RunningSums(columns, self.hashing)
        for batch in self.rows(table, columns):
            tally.add(batch)
        return tally.rows, tally.figures, []

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
        """The rows in the order of the files, typed as `sink.batch_schema` says."""
        entry = self._entry(table)
        for file in entry.files:
            path = self.folder / file.path
            if not path.is_file():
                raise _changed(path, table, "it is gone")
            if file.terminators is None:
                batches = _from_statements(path, table.name, columns)
            else:
                batches = _from_fields(path, file.terminators, entry.fields, columns)
            try:
                self._between()
                for batch in batches:
                    yield batch
                    self._between()
            except OSError as e:
                raise _changed(path, table, e.strerror or str(e)) from e
            except (ValueError, ArithmeticError, pa.ArrowException) as e:
                raise _changed(path, table, str(e)) from e

    def _entry(self, table: ServerTable) -> RecordedTable:
        found = self._manifest.tables.get((table.name.schema, table.name.name))
        if found is None or not found.complete:
            detail = f"{counted(found.rows, 'row')} so far" if found else "the manifest does not name it"
            raise TargetError(5605, Place(Kind.TABLE, name=str(table.name)), table=table.name, detail=detail)
        return found

    @cached_property
    def _manifest(self) -> RecordedManifest:
        return read_manifest(self.folder)


def _nothing() -> None:
    return None


def _from_fields(
    path: Path, ends: Terminators, fields: Sequence[str], columns: Sequence[ServerColumn]
) -> Iterator[pa.RecordBatch]:
    places = [fields.index(c.name) for c in columns]
    done, left = 0, path.stat().st_size
    for chunk in whole_rows(path, left, ends):
        found = split(chunk, ends, len(fields), done)
        arrays = [decoded(found[p], c, done) for p, c in zip(places, columns, strict=True)]
        done, left = done + len(found[0]), left - len(chunk)
        yield pa.RecordBatch.from_arrays(arrays, schema=_schema(columns))
    if left:
        raise ValueError(f"row {done + 1} has no end")


def _from_statements(path: Path, table: Name, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from insert_reader.batches(lines, table, columns, _schema(columns))


def _schema(columns: Sequence[ServerColumn]) -> pa.Schema:
    return batch_schema([ServerColumn(c.name, c.type) for c in columns])


def _changed(path: Path, table: ServerTable, reason: str) -> TargetError:
    return TargetError(5604, Place(Kind.FILE, name=str(path)), file=path, table=table.name, reason=reason)
