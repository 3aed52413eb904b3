"""Tables written as JSON Lines, CSV, Arrow or Parquet: to one stream, or to a file each in a folder.

CSV: UTF-8 with a header; text between quotes, NULL as nothing at all, so that empty text (`""`) stays apart from it;
dates `YYYY-MM-DD HH:MM:SS` with a fraction where there is one; numbers with as many digits as give the same number
back; binary in hexadecimal. In JSON Lines the values of attachments and multi-valued fields are lists in their
parent's row; in the other formats they are tables of their own.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final, Protocol, cast

import pyarrow as pa
import pyarrow.csv

from wizard.access.export_text import OnTerminal, without_formulas
from wizard.access.file import AccessFile
from wizard.access.json_lines import arrow_writes_plainly, header, iso_dates, plain_decimals
from wizard.access.long_rows import csv_row, is_long
from wizard.access.nested_values import Nested
from wizard.access.ole import with_embedded_files
from wizard.access.prefetch import prefetched
from wizard.access.reader import Claimed
from wizard.access.two_process_writer import Piece, may_use_two_processes, write_in_two_processes
from wizard.definitions import BATCH_ROWS, ColumnType, Table
from wizard.escaping import file_names, no_formula
from wizard.file_writing import replacing
from wizard.messages import JetferryError, Kind, Place

_CSV_ROWS: Final = 8192
"""rows that Arrow turns to text at once: a sixth faster than its own 1,024"""
_MANY_PAGES: Final = 1024
"""of a table from which on a second process earns what starting it costs"""


class ExportFormat(StrEnum):
    """The formats that tables are written in."""

    JSONL = "jsonl"
    CSV = "csv"
    ARROW = "arrow"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Exported:
    """A table that has been written."""

    table: str
    rows: int
    path: Path | None
    """None where it went to a stream"""


ExportProgress = Callable[[str, int, int], None]
"""called after each batch: table, rows written so far, rows the table's header counts"""


class _Text(Protocol):
    """One table as text: a head, and pieces that stand one after the other."""

    head: bytes

    def pieces(self, batch: pa.RecordBatch) -> Iterator[Piece]: ...


class _Writer(Protocol):
    """Writes one table in another format."""

    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


def export(
    file: AccessFile,
    tables: Sequence[str] | None = None,
    format: ExportFormat = ExportFormat.JSONL,  # noqa: A002  (the field's own word)
    out: Path | None = None,
    *,
    stream: IO[bytes] | None = None,
    embedded: bool = False,
    spreadsheet: bool = False,
    progress: ExportProgress = lambda _table, _done, _rows: None,
) -> list[Exported]:
    """Write tables; a batch is all that is in memory at a time.

    Args:
        tables: their names; all user tables where None (in other formats than JSON Lines, the hidden tables with
            attachments and multi-valued fields too).
        out: a folder, made where it is absent: a file per table, which has its name only once it is complete.
            Without it everything goes to `stream`.
        stream: standard output where None. CSV of several tables is parted by empty lines.
        embedded: give the file in an OLE object in place of the object, where there is one.
        spreadsheet: CSV is for a spreadsheet: text that it would take for a formula gets an apostrophe before it, and
            control characters are escapes. Without it, CSV holds every value exactly.

    On a terminal, what that would obey is written as escapes.

    Raises:
        SourceError: an unknown table, or damage in the file.
        JetferryError: 1520 where writing fails, 1521 where the format cannot be one stream of several tables.
    """
    chosen = _chosen(file, tables, format)
    job = _Job(file, format, embedded, spreadsheet, progress)
    if out is not None:
        return [_to_file(job, table, path) for table, path in _places(out, chosen, format)]
    if len(chosen) > 1 and format in (ExportFormat.ARROW, ExportFormat.PARQUET):
        raise JetferryError(1521, Place(Kind.OPTION), format=format.value)
    target = stream or sys.stdout.buffer
    if isinstance(target, io.FileIO):  # Python was told not to buffer: what is written at once may be cut there
        target = os.fdopen(target.fileno(), "wb", closefd=False)
    if format in (ExportFormat.ARROW, ExportFormat.PARQUET) and target.isatty():
        raise JetferryError(1522, Place(Kind.OPTION), format=format.value)
    if target.isatty():
        target = cast(IO[bytes], OnTerminal(target))
    written = []
    for n, table in enumerate(chosen):
        if n and format is ExportFormat.CSV:
            target.write(b"\n")
        written.append(Exported(table.name, _write(job, table, target), None))
    target.flush()
    return written


def _chosen(file: AccessFile, names: Sequence[str] | None, chosen_format: ExportFormat) -> list[Table]:
    if names is None:
        return [t for t in file.tables.values() if chosen_format is not ExportFormat.JSONL or t.child_of is None]
    return [file.tables[file.reader(name).name.casefold()] for name in names]


@dataclass(frozen=True, slots=True)
class _Job:
    """What is the same for all tables of an export."""

    file: AccessFile
    format: ExportFormat
    embedded: bool
    spreadsheet: bool
    progress: ExportProgress


def _write(job: _Job, table: Table, target: IO[bytes]) -> int:
    """Write one table; returns its rows."""
    written = _Written(job, table)
    schema = job.file.reader(table.name).schema()
    with Nested(job.file, table) as nested:
        if job.format in _TEXTS:
            _write_text(job, table, target, _TEXTS[job.format](job, table, schema, nested), written)
            return written.rows
        writer = _WRITERS[job.format](target, schema)
        try:
            for batch in prefetched(_batches(job, table), weigh=_bytes):
                writer.write(batch)
                written(batch.num_rows)
        except BaseException:
            writer.abandon()
            raise
        writer.close()
    return written.rows


@dataclass(slots=True)
class _Written:
    """Counts the rows of a table as they are written, and reports the count."""

    job: _Job
    table: Table
    rows: int = 0

    def __call__(self, rows: int) -> None:
        self.rows += rows
        self.job.progress(self.table.name, self.rows, self.table.rows)


def _write_text(job: _Job, table: Table, target: IO[bytes], text: _Text, written: _Written) -> None:
    target.write(text.head)
    bounds: list[int | None] = [*_parts(job, table, target), None]
    if len(bounds) == 2:
        for batch in prefetched(_batches(job, table), weigh=_bytes):
            for piece, _ in text.pieces(batch):
                target.write(piece)
            written(batch.num_rows)
        return
    reader = job.file.reader(table.name)
    claimed = Claimed()

    def make(n: int) -> Iterator[Piece]:
        for batch in _batches(job, table, bounds[n] or 0, bounds[n + 1], claimed):
            yield from text.pieces(batch)

    target.flush()
    write_in_two_processes(target.fileno(), len(bounds) - 1, make, written, reader.report.findings)
    reader.counted(written.rows)


def _parts(job: _Job, table: Table, target: IO[bytes]) -> list[int]:
    """Where parts begin that two processes are to write, as many each: of a large table, to a file as it is."""
    large = len(job.file.reader(table.name).page_numbers) >= _MANY_PAGES
    if not (large and isinstance(target, io.BufferedWriter) and may_use_two_processes()):
        return [0]
    pairs = max(round(table.rows / (2 * BATCH_ROWS)), 1)
    return job.file.parts(table.name, max(-(-table.rows // (2 * pairs)), 1))


def _bytes(batch: pa.RecordBatch) -> int:
    return int(batch.nbytes)


def _batches(
    job: _Job, table: Table, start: int = 0, stop: int | None = None, claimed: Claimed | None = None
) -> Iterator[pa.RecordBatch]:
    objects = [c.name for c in table.columns if c.type is ColumnType.LONGBINARY and job.embedded]
    rows = BATCH_ROWS if claimed is None else 2 * BATCH_ROWS  # a part of about BATCH_ROWS, in one batch
    for batch in job.file.read(table.name, start=start, batch_rows=rows, stop=stop, claimed=claimed):
        yield with_embedded_files(batch.rows, objects)


# --- formats ---------------------------------------------------------------------------------------------------------


class _JsonLines:
    def __init__(self, _job: _Job, table: Table, schema: pa.Schema, nested: Nested) -> None:
        self.head, self.nested = header(table.name, schema.names), nested

    def pieces(self, batch: pa.RecordBatch) -> Iterator[Piece]:
        return self.nested.pieces(batch)


class _Csv:
    def __init__(self, job: _Job, _table: Table, schema: pa.Schema, _nested: Nested) -> None:
        self.spreadsheet = job.spreadsheet
        shown = map(no_formula, schema.names) if job.spreadsheet else schema.names
        names = ",".join('"' + name.replace('"', '""') + '"' for name in shown)
        self.head = names.encode() + b"\n"
        self.options = pyarrow.csv.WriteOptions(include_header=False, batch_size=_CSV_ROWS)

    def pieces(self, batch: pa.RecordBatch) -> Iterator[Piece]:
        if self.spreadsheet:
            batch = without_formulas(batch)
        if is_long(batch):
            yield from csv_row(batch, lambda column: bytes(_csv([column], self.options))[:-1])
        else:
            yield _csv(batch.columns, self.options), batch.num_rows


def _csv(columns: Sequence[pa.Array[Any]], options: pyarrow.csv.WriteOptions) -> pa.Buffer:
    """Lines of CSV."""
    cells = [_csv_cell(c) for c in columns]
    text = pa.BufferOutputStream()
    names = [str(i) for i in range(len(cells))]
    pyarrow.csv.write_csv(pa.RecordBatch.from_arrays(cells, names=names), text, options)
    return text.getvalue()


def _csv_cell(column: pa.Array[Any]) -> pa.Array[Any]:
    write = _csv_writer(column.type)
    return column if write is None else write(column)


def _csv_writer(kind: pa.DataType) -> Callable[[pa.Array[Any]], pa.Array[Any]] | None:
    """What writes values that Arrow's own writer would not write as documented."""
    if pa.types.is_timestamp(kind):
        return lambda column: iso_dates(column, " ")
    if pa.types.is_decimal(kind):
        return None if arrow_writes_plainly(kind) else plain_decimals
    if pa.types.is_binary(kind):
        return lambda column: pa.array(
            [None if v is None else v.hex().upper() for v in column.to_pylist()], pa.string()
        )
    return None


class _Arrow:
    def __init__(self, target: IO[bytes], schema: pa.Schema) -> None:
        file: Any = target  # Arrow takes whatever can be written to, its stubs an IOBase alone
        self.writer = pa.ipc.new_file(file, schema) if target.seekable() else pa.ipc.new_stream(file, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        self.writer.write_batch(batch)

    def close(self) -> None:
        self.writer.close()

    def abandon(self) -> None:
        """What was written stays without an end."""


class _Valve:
    """A file to write to, until it is shut: then it takes everything and keeps nothing."""

    closed = False

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self.shut = target, False

    def write(self, data: bytes) -> int:
        return len(data) if self.shut else self._target.write(data)

    def flush(self) -> None:
        if not self.shut:
            self._target.flush()


class _Parquet:
    def __init__(self, target: IO[bytes], schema: pa.Schema) -> None:
        parquet = importlib.import_module("pyarrow.parquet")  # slow to load, so only where it is asked for
        # the least and greatest of a column of long values would be six copies of one
        told = [f.name for f in schema if not (pa.types.is_binary(f.type) or pa.types.is_string(f.type))]
        self._valve = _Valve(target)
        how = {"compression": "zstd", "write_statistics": told or False}
        self.writer: Any = parquet.ParquetWriter(self._valve, schema, **how)

    def write(self, batch: pa.RecordBatch) -> None:
        self.writer.write_batch(batch)

    def close(self) -> None:
        self.writer.close()

    def abandon(self) -> None:
        """Its writer ends a file that it gives up as if it were whole, and complains aloud where it cannot."""
        self._valve.shut = True
        with suppress(Exception):
            self.writer.close()


_TEXTS: Final[dict[ExportFormat, Callable[[_Job, Table, pa.Schema, Nested], _Text]]] = {
    ExportFormat.JSONL: _JsonLines,
    ExportFormat.CSV: _Csv,
}
_WRITERS: Final[dict[ExportFormat, Callable[[IO[bytes], pa.Schema], _Writer]]] = {
    ExportFormat.ARROW: _Arrow,
    ExportFormat.PARQUET: _Parquet,
}


# --- files -----------------------------------------------------------------------------------------------------------


def _places(out: Path, tables: Iterable[Table], chosen_format: ExportFormat) -> Iterator[tuple[Table, Path]]:
    """Each table with its file: names that every file system takes, no two that differ in case only."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise JetferryError(1520, Place(Kind.FILE, str(out)), path=out, reason=e.strerror or e) from e
    named = list(tables)
    for table, name in zip(named, file_names(t.name for t in named), strict=True):
        yield table, out / f"{name}.{chosen_format}"


def _to_file(job: _Job, table: Table, path: Path) -> Exported:
    with _complete(path) as target:
        return Exported(table.name, _write(job, table, target), path)


@contextmanager
def _complete(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when all of it is on the disk, and leaves nothing behind if it is not."""
    try:
        with replacing(path) as target:
            yield target
    except OSError as e:
        raise JetferryError(1520, Place(Kind.FILE, str(path)), path=path, reason=e.strerror or e) from e
