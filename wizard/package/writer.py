"""One table's files, batch by batch.

Why a batch can neither be lost nor come twice: its bytes are written beyond those that count and flushed to the
disk; then the state, which says how many bytes count and holds the checkpoint, is replaced by a rename. A crash before
the rename leaves bytes that do not count, and that the next write goes over; after it, batch and checkpoint are both
there. Finished files are moved to the package when the checkpoint says that the table is complete; a crash before the
move is made good when the table is next looked at. A change of terminators writes the rows so far into a new file
first, and counts only with the state that names it.

Rows become text in pieces; while a thread puts one into the file and adds it to the file's SHA-256, the next is
made. The digest is therefore that of what was meant to be written, whatever a disk makes of it later; so is that of
the statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
from filelock import FileLock

from wizard.file_writing import settle
from wizard.messages import Kind, Place, TargetError
from wizard.package import insert_statements, table_state
from wizard.package.append_thread import AppendThread, digest_of
from wizard.package.bcp_rows import Layout, Terminators, join, tabular, terminators, unfit
from wizard.package.files import failures_as_errors, named, write_at
from wizard.package.table_state import PackageTableState
from wizard.sink import Checkpoint, Delivery, SupersededError

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

CHUNK: Final = 4 << 20
"""bytes of a data file read at once"""
PIECE: Final = 2 << 20
"""bytes of Arrow data, about, that become text at once"""


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
        """How far the table has come."""
        return self.work / f"{self.key}.json"

    @property
    def lock(self) -> FileLock:
        """Held while the state is changed."""
        return FileLock(self.work / f"{self.key}.lock", timeout=60, mode=0o600)

    def part(self, generation: int) -> Path:
        """The data file of one writer, while it is under way."""
        return self.work / f"{self.key}.{generation}.part"

    @property
    def sql_part(self) -> Path:
        """Rows that go as INSERT statements, while they are under way."""
        return self.work / f"{self.key}.sql.part"

    def where(self, known: PackageTableState) -> tuple[Path, Path]:
        """Data and statements as they lie now: finished files are in the package, others under way."""
        part = self.part(known.generation)
        return (part if part.exists() else self.data), (self.sql_part if self.sql_part.exists() else self.sql)

    def intact(self, known: PackageTableState) -> bool:
        """Whether the files hold at least what counts. A finished one under another number is not looked for: what has
        this one's name is another table's."""
        data, sql = self.where(known)
        finished = (data == self.data and known.size) or (sql == self.sql and known.sql_size)
        if finished and known.stem not in ("", self.data.stem):
            return False
        return _size(data) >= known.size and _size(sql) >= known.sql_size

    def clear(self) -> None:
        """Remove everything, finished or not."""
        for path in (self.data, self.sql, self.state, *self.leftovers()):
            path.unlink(missing_ok=True)

    def leftovers(self) -> list[Path]:
        """Data files of writers that others have taken over from."""
        return named(self.work, f"{self.key}.", ".part")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class PackageWriter:
    """A `sink.TableWriter` that fills a table's files."""

    def __init__(self, files: TableFiles, delivery: Delivery, opened: PackageTableState, statements_only: bool) -> None:
        self._files = files
        self._delivery = delivery
        self._state = opened
        self._layout = Layout.of(delivery)
        self._statements_only = statements_only
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="package")
        self._tail: AppendThread | None = None
        self._digest: Hash | None = None
        self._sql_digest: tuple[str, Hash | None] = "", None
        """of the statements so far, by what it comes to with the last lines"""

    @property
    def checkpoint(self) -> Checkpoint:
        """What is proven to be in the package."""
        return self._state.checkpoint

    def write(self, batch: pa.RecordBatch, checkpoint: Checkpoint) -> None:
        """Add the rows and set the checkpoint.

        Raises RefusedError, SupersededError, or TargetError: 5600, or 5604 where a file was changed meanwhile.
        """
        with failures_as_errors(self._files.work), self._files.lock:
            self._still_ours()
            try:
                after = self._added(batch) if batch.num_rows else self._state
                stem = self._files.data.stem if checkpoint.complete else after.stem
                after = replace(after, checkpoint=checkpoint, stem=stem)
                table_state.save(self._files.state, after)
                if self._tail is not None:
                    self._digest = self._tail.digest
            finally:
                self._let_go()
            former, self._state = self._state, after
            if former.generation != after.generation:
                self._files.part(former.generation).unlink(missing_ok=True)
            if checkpoint.complete:
                finish_files(self._files, after)

    @property
    def finder(self) -> None:
        """A file refuses hardly any row, and which ones is not known before."""

    @property
    def partitions(self) -> None:
        """A table's rows lie in its files one after the other."""

    def rest(self) -> None:
        """No connection is held."""

    def close(self) -> None:
        """Only a thread that waits is held between writes."""
        self._pool.shutdown()

    def _added(self, batch: pa.RecordBatch) -> PackageTableState:
        """The rows on the disk, beyond the bytes that count."""
        self._take_back()
        after = self._state
        for piece in _pieces(batch):
            after = self._append(piece, after)
        if self._tail is None:
            return after
        self._tail.settle()
        return replace(after, sha256=self._tail.digest.hexdigest())

    def _let_go(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None

    def _still_ours(self) -> None:
        found = table_state.load(self._files.state, self._delivery.table.name)
        if found is None or found.token != self._state.token or found.checkpoint != self._state.checkpoint:
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

    def _append(self, batch: pa.RecordBatch, before: PackageTableState) -> PackageTableState:
        if self._statements_only:
            return self._append_statements(batch, before)
        bad = unfit(batch, self._layout)
        if bad is None:
            return self._append_rows(batch, before)
        good = batch.filter(pc.invert(bad))
        after = self._append_rows(good, before) if good.num_rows else before
        return self._append_statements(batch.filter(bad), after)

    def _append_rows(self, batch: pa.RecordBatch, before: PackageTableState) -> PackageTableState:
        texts = self._layout.texts(batch)
        generation = before.generation or int(not tabular(batch, self._layout))
        while True:
            ends = terminators(generation)
            data = join(texts, ends)
            clean = not generation or ends.clean(b"".join(data), batch.num_rows, len(texts))
            if clean and self._rewritten(before, generation):
                break
            generation += 1
        size = before.size if generation == before.generation else _size(self._files.part(generation))
        self._tail_behind(generation, size).put(*data)
        return replace(before, generation=generation, size=size + sum(map(len, data)))

    def _tail_behind(self, generation: int, size: int) -> AppendThread:
        """The end of the file of that generation. Raises TargetError 5604 where it is not what was written."""
        part = self._files.part(generation)
        if self._tail is None or self._tail.path != part:
            self._let_go()
            known = self._digest if generation == self._state.generation else None
            digest = known.copy() if known is not None else digest_of(part, size)
            wanted = self._state.sha256 if generation == self._state.generation else ""
            if wanted and digest.hexdigest() != wanted:
                raise self._other_content(part)
            self._tail = AppendThread(self._pool, part, size, digest)
        return self._tail

    def _rewritten(self, before: PackageTableState, generation: int) -> bool:
        """The rows so far in a file with that generation's terminators; False where one of them forbids it."""
        if generation == before.generation:
            return True
        if self._tail is not None:
            self._tail.wait()
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

    def _append_statements(self, batch: pa.RecordBatch, before: PackageTableState) -> PackageTableState:
        name, columns = self._delivery.table.name, self._delivery.columns
        size = before.sql_size
        head = () if size else (insert_statements.head(name, columns),)
        digest = self._statements_digest(before)
        for data in chain(head, insert_statements.statements(batch, name, columns, before.sql_rows)):
            write_at(self._files.sql_part, size, data)
            digest.update(data)
            size += len(data)
        whole, rows = _ended(digest, before), before.sql_rows + batch.num_rows
        self._sql_digest = whole, digest
        return replace(before, sql_size=size, sql_rows=rows, sql_sha256=whole)

    def _statements_digest(self, before: PackageTableState) -> Hash:
        """Of the statements so far. Raises TargetError 5604 where they are not what was written."""
        known, digest = self._sql_digest
        if digest is not None and known == before.sql_sha256:
            return digest.copy()
        found = digest_of(self._files.sql_part, before.sql_size)
        if before.sql_sha256 and _ended(found, before) != before.sql_sha256:
            raise self._other_content(self._files.sql_part)
        return found

    def _other_content(self, path: Path) -> TargetError:
        place = Place(Kind.FILE, name=str(path))
        return TargetError(5604, place, file=path, table=self._delivery.table.name, reason="its content differs")


def _ended(digest: Hash, known: PackageTableState) -> str:
    """The SHA-256 of statements with the last lines behind them."""
    whole = digest.copy()
    whole.update(insert_statements.tail(known.table, known.identity))
    return whole.hexdigest()


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in slices of about `PIECE` bytes: text and copies of one stay in the processor's cache, and memory
    does not grow with the batch."""
    step = max(1, batch.num_rows * PIECE // max(batch.nbytes, 1))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def whole_rows(path: Path, size: int, ends: Terminators) -> Iterator[bytes]:
    """The first `size` bytes of a data file in chunks that end with a row.

    Raises TargetError where the file is shorter.
    """
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


def finish_files(files: TableFiles, known: PackageTableState) -> None:
    """Move a complete table's files to the package, cut to what counts. Harmless to repeat."""
    if known.stem != files.data.stem:  # its number has changed since its last row was written
        table_state.save(files.state, replace(known, stem=files.data.stem))
    part = files.part(known.generation)
    if part.exists():
        if _size(part) > known.size:
            write_at(part, known.size, b"")
        _move(part, files.data, known.size)
    elif not known.size:
        files.data.unlink(missing_ok=True)
    if files.sql_part.exists():
        write_at(files.sql_part, known.sql_size, insert_statements.tail(known.table, known.identity))
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
