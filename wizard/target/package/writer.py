"""One table's files, batch by batch.

Why a batch can neither be lost nor come twice: its bytes are written beyond those that count and flushed to the
disk; then the state, which says how many bytes count and holds the mark, is replaced by a rename. A crash before
the rename leaves bytes that do not count, and that the next write goes over; after it, batch and mark are both
there. Finished files are moved to the package when the mark says that the table is complete; a crash before the
move is made good when the table is next looked at. A change of terminators writes the rows so far into a new file
first, and counts only with the state that names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from filelock import FileLock

from wizard.messages import Kind, Place, TargetError
from wizard.target.package import inserts, state
from wizard.target.package.files import failures_told, settle, write_at
from wizard.target.package.rows import LARGEST, Layout, Terminators, join, terminators, unfit
from wizard.target.package.state import State
from wizard.target.sink import Delivery, Mark, SupersededError

CHUNK = 16 << 20


@dataclass(frozen=True, slots=True)
class TableFiles:
    """Where a table's files are, under way and finished."""

    work: Path
    """folder of what is under way"""
    key: str
    data: Path
    """the data file's final name"""
    sql: Path
    """the statements file's final name"""

    @property
    def state(self) -> Path:
        return self.work / f"{self.key}.json"

    @property
    def lock(self) -> FileLock:
        return FileLock(self.work / f"{self.key}.lock", timeout=60)

    def part(self, generation: int) -> Path:
        return self.work / f"{self.key}.{generation}.part"

    @property
    def sql_part(self) -> Path:
        return self.work / f"{self.key}.sql.part"

    def where(self, known: State) -> tuple[Path, Path]:
        """Data and statements as they lie now: finished files are in the package, others under way."""
        part = self.part(known.generation)
        return (part if part.exists() else self.data), (self.sql_part if self.sql_part.exists() else self.sql)

    def intact(self, known: State) -> bool:
        """Whether the files hold at least what counts."""
        data, sql = self.where(known)
        return _size(data) >= known.size and _size(sql) >= known.sql_size

    def clear(self) -> None:
        """Remove everything, finished or not."""
        for path in (self.data, self.sql, self.state, *self.leftovers()):
            path.unlink(missing_ok=True)

    def leftovers(self) -> Iterator[Path]:
        yield from self.work.glob(f"{self.key}.*.part")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class PackageWriter:
    """A `sink.TableWriter` that fills a table's files."""

    def __init__(self, files: TableFiles, delivery: Delivery, opened: State, statements_only: bool) -> None:
        self._files = files
        self._delivery = delivery
        self._state = opened
        self._layout = Layout.of(delivery)
        self._statements_only = statements_only

    @property
    def mark(self) -> Mark:
        """What is proven to be in the package."""
        return self._state.mark

    def write(self, batch: pa.RecordBatch, mark: Mark) -> None:
        """Add the rows and set the mark. Raises RefusedError, SupersededError, or TargetError 5600."""
        with failures_told(self._files.work), self._files.lock:
            self._still_ours()
            after = self._state
            if batch.num_rows:
                self._take_back()
                for piece in _pieces(batch):
                    after = self._append(piece, after)
            after = replace(after, mark=mark)
            state.save(self._files.state, after)
            former, self._state = self._state, after
            if former.generation != after.generation:
                self._files.part(former.generation).unlink(missing_ok=True)
            if mark.complete:
                finish_files(self._files, after)

    def close(self) -> None:
        """Nothing is held open between writes."""

    def _still_ours(self) -> None:
        found = state.load(self._files.state, self._delivery.table.name)
        if found is None or found.token != self._state.token or found.mark != self._state.mark:
            detail = "the record of its progress was changed"
            name = self._delivery.table.name
            raise SupersededError(5202, Place(Kind.TABLE, name=str(name)), table=name, detail=detail)

    def _take_back(self) -> None:
        """A finished table gets more rows: its files are under way again."""
        data, sql = self._files.where(self._state)
        if data == self._files.data and data.exists():
            data.replace(self._files.part(self._state.generation))
        if sql == self._files.sql and sql.exists():
            sql.replace(self._files.sql_part)

    def _append(self, batch: pa.RecordBatch, before: State) -> State:
        if self._statements_only:
            return self._append_statements(batch, before)
        bad = unfit(batch, self._layout)
        if bad is None:
            return self._append_rows(batch, before)
        good = batch.filter(pc.invert(bad))
        after = self._append_rows(good, before) if good.num_rows else before
        return self._append_statements(batch.filter(bad), after)

    def _append_rows(self, batch: pa.RecordBatch, before: State) -> State:
        texts = self._layout.texts(batch)
        fields = len(texts)
        generation = before.generation
        while True:
            ends = terminators(generation)
            data = join(texts, ends)
            if ends.clean(data, batch.num_rows, fields) and self._rewritten(before, generation):
                break
            generation += 1
        part = self._files.part(generation)
        size = before.size if generation == before.generation else _size(part)
        write_at(part, size, data)
        return replace(before, generation=generation, size=size + len(data))

    def _rewritten(self, before: State, generation: int) -> bool:
        """The rows so far in a file with that generation's terminators; False where one of them forbids it."""
        if generation == before.generation:
            return True
        old, new = terminators(before.generation), terminators(generation)
        part = self._files.part(generation)
        write_at(part, 0, b"")
        fields = len(self._layout.columns)
        offset = 0
        for chunk in whole_rows(self._files.part(before.generation), before.size, old):
            rows = chunk.count(old.row)
            data = chunk.replace(old.row, new.row).replace(old.field, new.field)
            if not new.clean(data, rows, fields):
                part.unlink()
                return False
            write_at(part, offset, data)
            offset += len(data)
        return True

    def _append_statements(self, batch: pa.RecordBatch, before: State) -> State:
        name, columns = self._delivery.table.name, self._delivery.columns
        data = inserts.statements(batch, name, columns, before.sql_rows)
        if not before.sql_size:
            data = inserts.head(name, columns) + data
        write_at(self._files.sql_part, before.sql_size, data)
        return replace(before, sql_size=before.sql_size + len(data), sql_rows=before.sql_rows + batch.num_rows)


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in slices small enough to be joined to text."""
    if batch.num_rows <= 1 or batch.get_total_buffer_size() <= LARGEST:
        yield batch
        return
    count = min(batch.num_rows, -(-batch.get_total_buffer_size() // LARGEST))
    step = -(-batch.num_rows // count)
    for start in range(0, batch.num_rows, step):
        columns = [pa.concat_arrays([c]) for c in batch.slice(start, step).columns]
        yield pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def whole_rows(path: Path, size: int, ends: Terminators) -> Iterator[bytes]:
    """The first `size` bytes of a data file in chunks that end with a row."""
    left, kept = size, b""
    if not size:
        return
    with path.open("rb") as file:
        while left:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                raise TargetError(
                    5604, Place(Kind.FILE, name=str(path)), file=path, table=path.stem, reason="cut short"
                )
            left -= len(chunk)
            kept += chunk
            end = kept.rfind(ends.row) + len(ends.row) if ends.row in kept else 0
            if end:
                yield kept[:end]
                kept = kept[end:]


def finish_files(files: TableFiles, known: State) -> None:
    """Move a complete table's files to the package, cut to what counts. Harmless to repeat."""
    part = files.part(known.generation)
    if part.exists():
        write_at(part, known.size, b"")
        _move(part, files.data, known.size)
    elif not known.size:
        files.data.unlink(missing_ok=True)
    if files.sql_part.exists():
        write_at(files.sql_part, known.sql_size, inserts.tail(known.table, known.identity))
        _move(files.sql_part, files.sql, known.sql_size)
    elif not known.sql_size:
        files.sql.unlink(missing_ok=True)
    for path in files.leftovers():
        path.unlink(missing_ok=True)


def _move(part: Path, final: Path, size: int) -> None:
    if not size:
        part.unlink()
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    part.replace(final)
    settle(final.parent)
