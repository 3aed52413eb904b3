"""One table's move: read ahead, coerced, written batch by batch, bad rows singled out.

The order of things for each batch, and why a stop between any two of them loses and doubles nothing:

1. rows that the checks refuse are appended to the reject log and flushed;
2. the target takes the good rows and the new mark, both or neither;
3. the journal is told and flushed.

Stopped before 2, the mark is the old one: the next run reads the same rows again, finds the same bad ones, and
the log has forgotten what lay behind the mark. Stopped between 2 and 3, the mark is the new one: the next run
goes on behind the batch and the journal is corrected from the mark. A disk that is full in 1 stops the run before
the batch is written; in 3, after it; both leave the case just described. Two processes: see `wizard.target.sink`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from wizard.events import BatchCommitted, Event, RowRejected, TableStarted
from wizard.messages import Kind, Message, MoveError, Place
from wizard.migrate.ahead import ahead
from wizard.migrate.columns import Bad, Changes, Rows, coerce
from wizard.migrate.control import Control
from wizard.migrate.jobs import Job, RowBatch
from wizard.migrate.rejects import Reject, RejectLog
from wizard.migrate.shown import shown, written
from wizard.settings import Options
from wizard.target.sink import Delivery, Mark, RefusedError, Sifter, Sink, TableWriter, batch_schema

FAN = 10
FEW = 1_000
"""a refused batch of more rows than `FEW` is sent again in `FAN` parts, one of fewer in halves"""
ASKED = 64
"""rows of a refused piece of which the target is asked (where it can tell) which ones it refuses"""
WIDEST = 4
"""batches that are committed together while the target takes them quickly; reading stays as far ahead"""
QUICK, SLOW = 0.5, 2.0
"""seconds of a commit below which the next holds twice as many batches, and above which it holds one again"""
HOPELESS = 100
"""rows refused singly at a table's start, none taken, after which the table is given up"""

Hook = Callable[[str], None]


@dataclass(slots=True)
class Limits:
    """Rejects over all tables of a run, and how many there may be (0: any number)."""

    options: Options
    rejected: int = 0

    def check(self, job: Job, rejected: int) -> None:
        """Raises MoveError when a table or the run has had too many."""
        most, most_of_all = self.options.max_rejects_table, self.options.max_rejects
        place = Place(Kind.TABLE, source=job.ref.source, name=job.ref.table)
        if most and rejected >= most:
            raise MoveError(6001, place, table=job.name, rejected=rejected)
        if most_of_all and self.rejected >= most_of_all:
            raise MoveError(6002, place, rejected=self.rejected)


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows on their way: coerced `rows` with their source `positions`, the bad ones among them, and what follows."""

    rows: pa.RecordBatch
    positions: Rows
    bad: tuple[Reject, ...]
    next: int

    def parts(self, parts: int) -> list[Piece]:
        """The same in so many pieces of about one size."""
        size = -(-self.rows.num_rows // parts)
        return self.cut(range(size, self.rows.num_rows, size))

    def around(self, rows: Sequence[int]) -> list[Piece]:
        """The same in pieces, those rows standing alone."""
        borders = {border for row in rows for border in (row, row + 1)}
        return self.cut(sorted(borders & set(range(1, self.rows.num_rows))))

    def cut(self, borders: Sequence[int]) -> list[Piece]:
        """Pieces of contiguous positions; every bad row goes with the piece its position is in."""
        found = []
        for start, end in pairwise((0, *borders, self.rows.num_rows)):
            follows = self.next if end == self.rows.num_rows else int(self.positions[end])
            before = int(self.positions[start]) if start else -1
            bad = tuple(b for b in self.bad if before <= b.position < follows)
            found.append(Piece(self.rows.slice(start, end - start), self.positions[start:end], bad, follows))
        return found


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all tables of a run share. `hook` is called at each point where tests let the process die."""

    sink: Sink
    options: Options
    tell: Callable[[Event], None]
    limits: Limits
    control: Control
    hook: Hook


def joined(pieces: Sequence[Piece]) -> Piece:
    """Pieces that follow each other as one."""
    if len(pieces) == 1:
        return pieces[0]
    rows = pa.Table.from_batches([p.rows for p in pieces]).combine_chunks().to_batches()
    return Piece(
        rows[0] if rows else pieces[0].rows,
        np.concatenate([p.positions for p in pieces]),
        tuple(b for p in pieces for b in p.bad),
        pieces[-1].next,
    )


class TableMove:
    """Moves the rows of one job behind the target's mark."""

    def __init__(self, job: Job, log: RejectLog, around: Surroundings) -> None:
        self.job, self.log = job, log
        self.sink, self.options, self.tell = around.sink, around.options, around.tell
        self.limits, self.control, self.hook = around.limits, around.control, around.hook
        self.expected = 0
        self.changes = Changes()
        self.bytes = 0
        self.started = time.monotonic()
        self._width, self._widest = 1, WIDEST
        self._carried = 0  # rows refused since the last write, which the next one's mark counts
        self._taken_here = 0
        self._refused_in_a_row = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def run(self) -> tuple[Mark, bool]:
        """Move what is left. Gives the mark reached and whether the table is complete (else it was cancelled).

        Raises TargetError, SourceError or MoveError where the table cannot go on; the mark then stands.
        """
        job = self.job
        self.expected = job.source.reader.row_count(job.ref.table)
        writer = self.sink.open(Delivery(job.table, job.columns, job.source.fingerprint))
        try:
            self.log.keep_before(writer.mark.next)
            self.tell(TableStarted(time.time(), job.name, self.expected, writer.mark.rows))
            batches = ahead(self._pieces(writer.mark.next), WIDEST)
            try:
                for piece in self._grouped(batches):
                    if not self.control.go_on():
                        return writer.mark, False
                    clock = time.monotonic()
                    self.deliver(writer, piece)
                    self._adapt(time.monotonic() - clock)
                    self._committed(writer.mark)
                    self.limits.check(job, writer.mark.rejected)
            finally:
                batches.close()
            if not writer.mark.complete:
                writer.write(self.nothing(), replace(writer.mark, complete=True))
            return writer.mark, True
        finally:
            writer.close()
            self.log.close()

    def _pieces(self, start: int) -> Iterator[Piece]:
        """Coerced batches; runs in the reading thread."""
        job = self.job
        wanted = list(dict.fromkeys(c.source for c in (*job.columns, *job.key)))
        size = max(1, self.options.batch_size)
        for batch in job.source.reader.read(job.ref.table, columns=wanted, start=start, batch_rows=size):
            yield self.piece(batch)

    def _grouped(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """As many batches together as the target takes quickly."""
        waiting: list[Piece] = []
        for piece in pieces:
            waiting.append(piece)
            if len(waiting) >= self._width:
                yield joined(waiting)
                waiting = []
        if waiting:
            yield joined(waiting)

    def _adapt(self, seconds: float) -> None:
        """Commits cost a round trip and a flush each: fewer for a quick target, single batches for a slow one."""
        if seconds > SLOW:
            self._width = 1
        elif seconds < QUICK:
            self._width = min(self._widest, self._width * 2)

    def piece(self, batch: RowBatch) -> Piece:
        """A source batch, coerced, its bad rows turned into rejects."""
        coerced = coerce(batch.rows, self.job.columns, self.options.bad_dates)
        self.changes.add(coerced.changes)
        first = {b.row: b for b in reversed(coerced.bad)}
        bad = tuple(self._reject(batch, first[row]) for row in sorted(first))
        return Piece(coerced.rows, batch.positions[coerced.kept], bad, int(batch.next))

    def _reject(self, batch: RowBatch, bad: Bad) -> Reject:
        row = {name: column[bad.row].as_py() for name, column in zip(batch.rows.schema.names, batch.rows, strict=True)}
        reason = Message.of(bad.number, None, column=bad.column, **bad.facts).text
        key = ", ".join(f"{c.name}={shown(row[c.source])}" for c in self.job.key)
        values = {name: written(value) for name, value in row.items()}
        return Reject(int(batch.positions[bad.row]), key, bad.column, bad.number, reason, values)

    def deliver(self, writer: TableWriter, piece: Piece) -> None:
        """Write a piece, singling out what the target refuses."""
        self.hook("before the rejects")
        self._keep(piece.bad)
        self._send(writer, piece)
        if self._carried:
            self._write(writer, Piece(piece.rows.slice(0, 0), piece.positions[:0], (), piece.next))

    def _send(self, writer: TableWriter, piece: Piece, *, ask: bool = True) -> bool:
        """Write the piece, or what of it the target takes; whether that is all. `ask`: the target may be asked."""
        try:
            self._write(writer, piece)
        except RefusedError as e:
            self._width = self._widest = 1  # where bad rows are, small commits find them sooner
            if piece.rows.num_rows == 1:
                self._refused(writer, piece, e)
            else:
                self._divide(writer, piece, ask=ask)
            return False
        return True

    def _divide(self, writer: TableWriter, piece: Piece, *, ask: bool) -> None:
        """Send a refused piece in parts until the rows to blame stand alone."""
        rows = piece.rows.num_rows
        if rows > FEW:
            for part in piece.parts(FAN):
                self._send(writer, part, ask=ask)
            return
        if ask and rows <= ASKED and isinstance(writer, Sifter) and (known := writer.sift(piece.rows)):
            for part in piece.around(known):
                self._send(writer, part, ask=False)
            return
        first, second = piece.parts(2)
        if not self._send(writer, first, ask=ask) or second.rows.num_rows == 1:
            self._send(writer, second, ask=ask)
        else:  # the first half was taken whole: what was refused is in the second, which need not be tried whole
            self._divide(writer, second, ask=ask)

    def _write(self, writer: TableWriter, piece: Piece) -> None:
        old = writer.mark
        rows = piece.rows.num_rows
        rejected = old.rejected + len(piece.bad) + self._carried
        self.hook("before the write")
        writer.write(piece.rows, replace(old, next=piece.next, rows=old.rows + rows, rejected=rejected))
        self.hook("after the write")
        self._carried = 0
        self.bytes += piece.rows.nbytes
        self._taken_here += rows
        if rows:
            self._refused_in_a_row = 0

    def _refused(self, writer: TableWriter, piece: Piece, why: RefusedError) -> None:
        """A row that the target refuses on its own."""
        self._refused_in_a_row += 1
        place = Place(Kind.TABLE, source=self.job.ref.source, name=self.job.ref.table)
        if self._refused_in_a_row >= HOPELESS and not self._taken_here and not writer.mark.rows:
            count = self._refused_in_a_row
            raise MoveError(6003, place, table=self.job.name, refused=count, reason=why.message.text) from why
        position = int(piece.positions[0])
        row = {c.source: column[0].as_py() for c, column in zip(self.job.columns, piece.rows, strict=True)}
        key = ", ".join(f"{c.name}={shown(row.get(c.source))}" for c in self.job.key)
        reason = Message.of(6109, reason=why.message.text).text
        reject = Reject(position, key, "", 6109, reason, {n: written(v) for n, v in row.items()})
        self._keep((reject,))
        self._carried += 1 + len(piece.bad)

    def _keep(self, rejects: tuple[Reject, ...]) -> None:
        self.log.add(rejects)
        self.limits.rejected += len(rejects)
        for reject in rejects:
            name = self.job.name
            self.tell(RowRejected(time.time(), name, reject.position, reject.number, reject.column, reject.reason))

    def _committed(self, mark: Mark) -> None:
        self.hook("before the journal")
        name, seconds = self.job.name, round(self.seconds, 3)
        self.tell(BatchCommitted(time.time(), name, mark.rows, mark.rejected, self.expected, self.bytes, seconds))
        self.hook("after the journal")

    def nothing(self) -> pa.RecordBatch:
        """A batch without rows, for a mark that moves alone."""
        return pa.RecordBatch.from_pylist([], schema=batch_schema(self.job.columns))
