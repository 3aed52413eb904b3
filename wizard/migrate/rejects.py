"""Rows that could not go: kept as they are found, and written as Parquet and CSV for people.

The log of a table is written and flushed before the batch that leaves the rows out is committed. After a crash in
between it may hold rows of a batch that does not count; `RejectLog` leaves out what lies at or behind the
target's checkpoint when a table is taken up again, so that each rejected row is listed once.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote as escaped

import pyarrow as pa

from wizard.escaping import csv_line
from wizard.file_writing import replacing, write_whole
from wizard.messages import Kind, MoveError, Place, RecordError, RowProblem
from wizard.migrate import checksummed_lines
from wizard.migrate.jobs import Job
from wizard.migrate.run_context import RunContext
from wizard.objects import Name
from wizard.plain_data import decode
from wizard.settings import Options, declarations

_LONGEST_NAME = 100
_CAUSE = "cause"
"""the ending of the file that says on what the rows were rejected"""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that stayed behind. Values are exact text, None for NULL."""

    position: int
    key: str
    """`ID=17`, of the primary key; empty where there is none"""
    column: str
    """the column at fault; empty where the target did not say"""
    number: int
    reason: str
    values: dict[str, str | None]


def file_name(table: Name, ending: str) -> str:
    """A file name that any system takes and no other table has."""
    text = table.plain
    name = escaped(text, safe=" ()-_,&+").replace("%20", " ")
    if name != text or len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}-{zlib.crc32(text.encode()):08x}"
    return f"{name}.{ending}"


class AtPosition(Protocol):
    """What has a source position and a key."""

    @property
    def position(self) -> int:
        """The row's place in the source."""

    @property
    def key(self) -> str:
        """The row's key as people read it."""


LogRow = TypeVar("LogRow", bound=AtPosition)


class RowLog(Generic[LogRow]):
    """What is kept of rows of one table, in the order found. `folder` is the project's folder of such logs."""

    record: type[LogRow]

    def __init__(self, folder: Path, table: Name, ending: str = "jsonl") -> None:
        self.folder = folder
        self.table = table
        self.path = folder / file_name(table, ending)
        self._file: checksummed_lines.ChecksummedFile | None = None

    def read(self) -> list[LogRow]:
        """All, in the order found. Raises MoveError 6303 where a line in the middle is damaged."""
        records, damaged = checksummed_lines.read(self.path)
        if damaged:
            raise self._damaged(f"line {damaged[0]} is damaged")
        try:
            return [decode(self.record, record) for record in records]
        except ValueError as e:
            raise self._damaged(str(e)) from e

    def _damaged(self, reason: str) -> MoveError:
        return MoveError(6303, Place(Kind.FILE, name=str(self.path)), file=self.path, reason=reason)

    def keep_before(self, position: int) -> list[LogRow]:
        """Forget what lies at or behind the position, which did not count; gives what stays."""
        return self.keep(lambda at: at < position)

    def keep(self, counted: Callable[[int], bool]) -> list[LogRow]:
        """Forget what is at positions that did not count; gives what stays."""
        found = self.read()
        kept = [r for r in found if counted(r.position)]
        if len(kept) != len(found):
            self.replace(kept)
        return kept

    def add(self, rows: Sequence[LogRow]) -> None:
        """Append; on the disk when this returns. Raises MoveError."""
        if not rows:
            return
        if self._file is None:
            self._file = checksummed_lines.ChecksummedFile(self.path)
        self._file.append([_plain(r) for r in rows])

    def replace(self, rows: Iterable[LogRow]) -> None:
        """Hold these and no others."""
        self.close()
        found = [_plain(r) for r in rows]
        if found or self.path.exists():
            checksummed_lines.replace(self.path, found)

    def forget(self) -> None:
        """The table begins again: nothing kept, no files of it."""
        self.close()
        for ending in ("jsonl", "parquet", "csv", _CAUSE):
            (self.folder / file_name(self.table, ending)).unlink(missing_ok=True)

    @property
    def cause(self) -> str:
        """What `remember` was given; empty where nothing is known of it."""
        try:
            return self._cause.read_text(encoding="ascii")
        except (OSError, ValueError):
            return ""

    def remember(self, cause: str, *, anew: bool = True) -> None:
        """Keep on what the rows were rejected: see `cause_of`. Not `anew`: unless that is known
        already.

        Raises RecordError.
        """
        if not anew and self._cause.exists():
            return
        try:
            write_whole(self._cause, cause)
        except OSError as e:
            raise RecordError(
                6012, Place(Kind.FILE, name=str(self._cause)), file=self._cause, reason=e.strerror or e
            ) from e

    @property
    def _cause(self) -> Path:
        return self.folder / file_name(self.table, _CAUSE)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def lines(self, found: Sequence[LogRow]) -> tuple[list[str], list[list[object]]]:
        """Head and lines of the files for people, after table, position and key."""
        raise NotImplementedError

    def publish(self) -> Path | None:
        """Write the Parquet and CSV files from the log, by position; the CSV's path, None where there is nothing.

        Raises RecordError where one cannot be written.
        """
        found = sorted(self.read(), key=lambda r: r.position)  # partitions of a table find theirs side by side
        parquet, table = (self.folder / file_name(self.table, e) for e in ("parquet", "csv"))
        if not found:
            parquet.unlink(missing_ok=True)
            table.unlink(missing_ok=True)
            return None
        import pyarrow.parquet as pq

        more, others = self.lines(found)
        head = ["table", "position", "key", *more]
        rows = [[str(self.table), r.position, r.key, *o] for r, o in zip(found, others, strict=True)]
        types = [pa.int64() if n == "position" else pa.int32() if n == "number" else pa.string() for n in head]
        arrays = [pa.array(column, type_) for column, type_ in zip(zip(*rows, strict=True), types, strict=True)]
        try:
            with replacing(parquet) as file, replacing(table) as text:
                pq.write_table(pa.Table.from_arrays(arrays, names=head), file)
                text.write(csv_line(head).encode("utf-8-sig"))
                text.writelines(csv_line(cells).encode() for cells in rows)
        except OSError as e:
            raise RecordError(6012, Place(Kind.FILE, name=str(table)), file=table, reason=e.strerror or e) from e
        return table


class RejectLog(RowLog[Reject]):
    """The rejected rows of one table."""

    record = Reject

    def lines(self, found: Sequence[Reject]) -> tuple[list[str], list[list[object]]]:
        """Headings and lines of the CSV, without position and key."""
        columns = list(found[0].values)
        head = ["column", "number", "reason", *(f"value: {c}" for c in columns)]
        return head, [[r.column, r.number, r.reason, *(r.values.get(c) for c in columns)] for r in found]


def _plain(row: Any) -> dict[str, Any]:
    return asdict(row)


def cause_of(job: Job, options: Options) -> str:
    """A digest of all that decides whether a row of the table can go, the source's rows among it."""
    chosen = [(name, getattr(options, name)) for name, declared in declarations().items() if declared.of_rows]
    rules = [job.plan.rules(trouble, c.source) for c in job.columns for trouble in RowProblem]
    own = (job.table, job.columns, job.ref, rules, job.plan.shared, job.plan.orphans, job.source.fingerprint)
    return hashlib.sha256(repr((chosen, own)).encode()).hexdigest()[:32]


def mended(job: Job, context: RunContext, *others: Job) -> int:
    """Rows still rejected of a table that was sent whole, where their cause may be mended; else 0.

    `others` are the same job as it may have been when they were rejected.
    """
    log = RejectLog(context.files.rejects, job.table.name)
    if not log.path.exists():
        return 0
    checkpoint = context.sink.checkpoint(job.table.name)
    if checkpoint is None or not checkpoint.complete:
        return 0
    if log.cause in {cause_of(j, context.options) for j in (job, *others)}:
        return 0
    return len(log.read())
