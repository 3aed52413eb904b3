"""The package's side of verification: its figures and rows, read back from its files as `bcp` and `sqlcmd` take them.

What the manifest says is taken for true where it is of a manifest's shape: which files a table has, their fields and
terminators. Values are decoded without a line of what encoded them, from the files as they lie there: whether their
bytes are those that were written is for the checksums to say. Memory stays bounded: files are read in chunks of whole
rows, one more than there are cores to decode them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final

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

_MUCH: Final = 64 << 20
"""bytes of files that are decoded at once, but for longer rows"""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Whole rows of a file, decoded when they are called for."""

    rows: Callable[[], pa.RecordBatch]
    """raises TargetError"""
    size: int = 0
    """bytes in the file, where they are not decoded yet"""


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

    def read_back(self, columns: Sequence[ServerColumn]) -> frozenset[str]:  # noqa: ARG002  # the protocol's signature
        """None more than others: all are computed alike."""
        return frozenset()

    def figures(self, table: ServerTable, columns: Sequence[ServerColumn]) -> tuple[int, ColumnSums, list[str]]:
        """Rows and figures by column; no column needs to be read back, since all are. Cores share the chunks."""
        tally, workers = RunningSums(columns, self.hashing), pa.cpu_count()
        coming: deque[tuple[_Chunk, Future[RunningSums]]] = deque()

        def summed(chunk: _Chunk) -> RunningSums:
            found = RunningSums(columns, self.hashing)
            found.add(chunk.rows())
            return found

        with ThreadPoolExecutor(workers, thread_name_prefix="reading back") as pool:
            for chunk in self._chunks(table, columns):
                while coming and (len(coming) > workers or chunk.size + sum(c.size for c, _ in coming) > _MUCH):
                    tally.merge(coming.popleft()[1].result())
                coming.append((chunk, pool.submit(summed, chunk)))
            for _, left in coming:
                tally.merge(left.result())
        return tally.rows, tally.figures, []

    def rows(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[pa.RecordBatch]:
        """The rows in the order of the files, typed as `sink.batch_schema` says.

        Raises TargetError where a file is not what it was.
        """
        for chunk in self._chunks(table, columns):
            yield chunk.rows()

    def _chunks(self, table: ServerTable, columns: Sequence[ServerColumn]) -> Iterator[_Chunk]:
        """The rows in the order of the files. Raises TargetError."""
        entry = self._entry(table)
        for file in entry.files:
            path = self.folder / file.path
            if not path.is_file():
                raise _changed(path, table, "it is gone")
            if file.terminators is None:
                chunks = _from_statements(path, table.name, columns)
            else:
                chunks = _from_fields(path, file.terminators, entry.fields, columns)
            with _as_changed(path, table):
                self._between()
                for chunk in chunks:
                    yield replace(chunk, rows=partial(_guarded, path, table, chunk))
                    self._between()

    def _entry(self, table: ServerTable) -> RecordedTable:
        found = self._manifest.tables.get((table.name.schema, table.name.name))
        if found is None or not found.complete:
            detail = f"{counted(found.rows, 'row')} so far" if found else "the manifest does not name it"
            raise TargetError(5605, Place(Kind.TABLE, name=str(table.name)), table=table.name, detail=detail)
        return found

    @cached_property
    def _manifest(self) -> RecordedManifest:
        return read_manifest(self.folder)


@contextmanager
def _as_changed(path: Path, table: ServerTable) -> Iterator[None]:
    """What is wrong with a file's content is that the file was changed."""
    try:
        yield
    except OSError as e:
        raise _changed(path, table, e.strerror or str(e)) from e
    except (ValueError, ArithmeticError, pa.ArrowException) as e:
        raise _changed(path, table, str(e)) from e


def _guarded(path: Path, table: ServerTable, chunk: _Chunk) -> pa.RecordBatch:
    with _as_changed(path, table):
        return chunk.rows()


def _from_fields(
    path: Path, ends: Terminators, fields: Sequence[str], columns: Sequence[ServerColumn]
) -> Iterator[_Chunk]:
    places = [fields.index(c.name) for c in columns]

    def decode(chunk: bytes, before: int) -> pa.RecordBatch:
        found = split(chunk, ends, len(fields), before)
        arrays = [decoded(found[p], c, before) for p, c in zip(places, columns, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=_schema(columns))

    before, left = 0, path.stat().st_size
    for chunk in whole_rows(path, left, ends):
        yield _Chunk(partial(decode, chunk, before), len(chunk))
        before, left = before + chunk.count(ends.row), left - len(chunk)
    if left:
        raise ValueError(f"row {before + 1} has no end")


def _from_statements(path: Path, table: Name, columns: Sequence[ServerColumn]) -> Iterator[_Chunk]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for batch in insert_reader.batches(lines, table, columns, _schema(columns)):
            yield _Chunk(partial(_itself, batch))


def _itself(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def _schema(columns: Sequence[ServerColumn]) -> pa.Schema:
    return batch_schema([ServerColumn(c.name, c.type) for c in columns])


def _changed(path: Path, table: ServerTable, reason: str) -> TargetError:
    return TargetError(5604, Place(Kind.FILE, name=str(path)), file=path, table=table.name, reason=reason)
