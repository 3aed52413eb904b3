"""A server as the target of moved rows: bulk copy and mark in one transaction, retried, taken over, proven.

Why a batch can neither be lost nor come twice. A write is one transaction: the mark's compare-and-swap first,
then the rows, then COMMIT.

- Cut or killed before COMMIT reached the server: the server rolls back; mark and rows are as before; writing the
  batch again is right.
- Cut after COMMIT was done and before its answer came: the writer connects anew and tries the same swap. It finds
  no row, because the mark has moved; the mark carries the writer's own token and the position it was to get: the
  batch is in, once.
- Cut while the server still works on the old transaction: the swap waits for the lock on the mark's row (or times
  out and is tried again) until the old transaction has ended, and then is one of the two cases above. Under
  row versioning (Azure's default) this holds too, since an UPDATE reads the current row, not a version.
- Two processes: the second puts its own token into the mark when it opens the table, after any transaction of
  the first has ended; from then on the first one's swaps find no row, and it stops.
- The server restarts: as its log has it, a transaction is in or out, whole.
- Rows that someone else adds or deletes are noticed when a table is opened again: it is counted against the mark.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import TypeVar

import pyarrow as pa

from wizard.events import Listener, Stage, Told
from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import Name, ServerTable, Statement
from wizard.settings import Connection, Constraints, Options
from wizard.target import arrays, marks
from wizard.target.aftercare import Aftercare
from wizard.target.bulk import PACKET_SIZES, BulkSession, CopyOptions, UnsuitableError, travelling
from wizard.target.connection import Session, told
from wizard.target.faults import Fault, ServerFault, Trouble
from wizard.target.retry import Policy
from wizard.target.sink import Delivery, Mark, RefusedError, SupersededError

T = TypeVar("T")
Hook = Callable[[str], None]
"""Called with the name of each point a crash may come at; tests stop the process or the connection there."""


def _nothing(_: str) -> None:
    return None


class ServerSink:
    """SQL Server or Azure SQL as a `sink.Sink`.

    `later` are the statements of objects that wait for the rows (`Constraints.AFTER`), run by `finish`.
    """

    def __init__(
        self,
        connection: Connection,
        password: str,
        options: Options,
        *,
        later: Sequence[Statement] = (),
        listener: Listener | None = None,
        policy: Policy | None = None,
        hook: Hook = _nothing,
    ) -> None:
        self.connection = connection
        self.password = password
        self.options = options
        self.policy = policy or Policy()
        self.listener = listener
        self.hook = hook
        self.packet_size = PACKET_SIZES[0]
        self.copy_options = CopyOptions(
            keep_identity=options.keep_identity,
            keep_nulls=options.keep_nulls,
            check_constraints=options.check_constraints or options.constraints is Constraints.KEEP,
            fire_triggers=options.fire_triggers,
            table_lock=options.table_lock,
        )
        self._later = tuple(later)
        self._lock = Lock()
        self._making = Lock()
        self._journals: set[str] = set()
        self._idle: list[Session] = []
        self._preparing: Future[list[Message]] | None = None
        self._advice: list[Message] = []

    def _with_session(self, work: Callable[[Session], T], what: str) -> T:
        """The result of `work` on a connection that nobody else uses, retried. Raises TargetError in words."""

        def attempt() -> T:
            with self._lock:
                session = self._idle.pop() if self._idle else None
            session = session or Session.open(self.connection, self.password)
            try:
                result = work(session)
            except BaseException:
                session.close()
                raise
            with self._lock:
                self._idle.append(session)
            return result

        try:
            return self.policy.run(attempt, what, self.connection.server, self.listener)
        except ServerFault as e:
            raise told(e.fault, self.connection) from e

    def mark(self, table: Name, part: str = "") -> Mark | None:
        """What the server knows of the table; None where Jetferry never put rows there."""
        found = self._with_session(lambda s: marks.read(s, marks.Place(table, part)), f"reading the mark of {table}")
        return found[0] if found else None

    def count(self, table: Name) -> int:
        """Rows in the table, counted by the server."""
        return self._with_session(lambda s: _count(s, table), f"counting {table}")

    def empty(self, table: Name) -> None:
        """Delete what Jetferry put there, marks too, in one transaction. Raises TargetError 5205 for others' rows."""

        def work(session: Session) -> None:
            if marks.read(session, marks.Place(table)) is None:
                raise TargetError(5205, Place(Kind.TABLE, name=str(table)), table=table)
            journal = Name(table.schema, marks.JOURNAL)
            with session.transaction():
                session.execute(f"DELETE FROM {journal} WHERE table_name = ?", table.name)
                session.execute(f"DELETE FROM {table}")

        self._with_session(work, f"emptying {table}")

    def prepare(self, tables: Sequence[ServerTable]) -> list[Message]:
        """Indexes, constraints and triggers put aside as the options say; advice about the recovery model.

        Goes on in the background while tables are opened and read; no row is written before it has ended, and
        `finish` gives its messages.
        """

        def work() -> list[Message]:
            return self._with_session(lambda s: Aftercare(s, self.options).prepare(tables), "preparing the tables")

        pool = ThreadPoolExecutor(1, thread_name_prefix="preparing")
        self._preparing = pool.submit(work)
        pool.shutdown(wait=False)
        return []

    def prepared(self) -> None:
        """Wait for what `prepare` began. Raises TargetError where that failed."""
        with self._making:
            preparing, self._preparing = self._preparing, None
            if preparing is None:
                return
            self._advice += preparing.result()

    def finish(self, tables: Sequence[ServerTable]) -> list[Message]:
        """Indexes rebuilt, constraints made, checked and trusted, counters set, statistics updated."""
        self.prepared()
        later = self._later
        found = self._with_session(lambda s: Aftercare(s, self.options).finish(tables, later), "finishing the tables")
        advice, self._advice = self._advice, []
        return advice + found

    def open(self, delivery: Delivery) -> ServerWriter:
        """Take the table over. Raises TargetError where it is absent, holds others' rows or another source's."""
        writer = str(uuid.uuid4())
        place = marks.Place(delivery.table.name, delivery.part)

        def work(session: Session) -> Mark:
            with self._making:
                if place.table.schema not in self._journals:
                    marks.ensure(session, place.table.schema)
                    self._journals.add(place.table.schema)
            return _taken_over(session, place, delivery, writer)

        mark = self._with_session(work, f"opening {place.table}")
        opened = ServerWriter(self, delivery, place, writer, mark)
        if not mark.complete:
            opened.connect()
        return opened

    def tell(self, number: int, table: Name, **facts: object) -> None:
        """A message to whoever listens."""
        if self.listener:
            message = Message.of(number, Place(Kind.TABLE, name=str(table)), table=table, **facts)
            self.listener(Told(time.time(), Stage.MIGRATE, message))

    def close(self) -> None:
        """Close the connections that were kept for the next question."""
        with suppress(TargetError):
            self.prepared()
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()


_COLUMNS = "SELECT name FROM sys.columns WHERE object_id = {table} AND is_computed = 0"


def _count(session: Session, table: Name) -> int:
    if not marks.exists(session, table):
        raise TargetError(5207, Place(Kind.TABLE, name=str(table)), table=table)
    return int(session.value(f"SELECT COUNT_BIG(*) FROM {table}"))


def _taken_over(session: Session, place: marks.Place, delivery: Delivery, writer: str) -> Mark:
    """The table's mark, now with this writer's token in it."""
    table = place.table
    here = Place(Kind.TABLE, name=str(table))
    if not marks.exists(session, table):
        raise TargetError(5207, here, table=table)
    there = {str(r[0]).casefold() for r in session.query(_COLUMNS.format(table=marks.object_id(table)))}
    absent = next((c.name for c in delivery.columns if c.name.casefold() not in there), None)
    if absent is not None:
        raise TargetError(5209, here, table=table, column=absent)
    if session.execute(marks.take_over(place, writer)) == 0:
        rows, expected = _count(session, table), marks.rows_of(session, table)
        if rows != expected:
            raise TargetError(5203, here, table=table, rows=rows - expected)
        session.execute(marks.insert(place, Mark(source=delivery.source), writer))
        return Mark(source=delivery.source)
    found = marks.read(session, place)
    if found is None or found[1] != writer:
        raise SupersededError(5202, here, table=table, detail="at opening")
    mark = found[0]
    if mark.source != delivery.source:
        raise TargetError(5208, here, table=table)
    rows, expected = _count(session, table), marks.rows_of(session, table)
    if rows != expected:
        raise TargetError(5204, here, table=table, found=rows, expected=expected)
    return mark


class ServerWriter:
    """Writes one delivery to the server; a `sink.TableWriter`."""

    def __init__(self, sink: ServerSink, delivery: Delivery, place: marks.Place, writer: str, mark: Mark) -> None:
        self._sink = sink
        self._delivery = delivery
        self._place = place
        self._token = writer
        self._mark = mark
        self._bulk: BulkSession | None = None
        self._session: Session | None = None
        self._by_arrays = False
        self._copied = False  # until a copy has succeeded, a lost connection may be due to the packets' size
        filled = {c.name for c in delivery.columns}
        self._defaulted = tuple(c.name for c in delivery.columns if c.default)
        self._fills_in = any(c.default and c.name not in filled for c in delivery.table.columns)
        keep = sink.copy_options.keep_identity and any(c.identity for c in delivery.columns)
        self._options = replace(sink.copy_options, keep_identity=keep)
        self._extended = tuple(
            c.name for c in delivery.columns if c.type.name.casefold() == "datetime2" and c.type.scale in (None, 7)
        )

    @property
    def mark(self) -> Mark:
        """What is proven to be in the target."""
        return self._mark

    def write(self, batch: pa.RecordBatch, mark: Mark) -> None:
        """Rows and mark in one transaction; see the module's text. Raises as `sink.TableWriter.write` says."""
        if mark == self._mark and batch.num_rows == 0:
            return
        self._sink.prepared()
        doubtful = False

        def attempt() -> None:
            nonlocal doubtful
            try:
                self._attempt(batch, mark, doubtful)
            except ServerFault as e:
                doubtful = True
                self._undo(e)
                raise

        table = self._place.table
        try:
            self._sink.policy.run(attempt, f"writing to {table}", self._sink.connection.server, self._sink.listener)
        except ServerFault as e:
            if e.trouble in (Trouble.DATA, Trouble.OTHER):
                raise RefusedError(5201, Place(Kind.TABLE, name=str(table)), table=table, reason=e.fault) from e
            raise told(e.fault, self._sink.connection) from e
        self._mark = mark

    def _attempt(self, batch: pa.RecordBatch, mark: Mark, doubtful: bool) -> None:
        """One transaction. `doubtful`: an earlier attempt at this very write may have been committed."""
        if not self._by_arrays:
            try:
                self._copy(travelling(batch, self._extended), self._how(batch), mark, doubtful)
            except UnsuitableError as e:
                self._sink.tell(5206, self._place.table, reason=e)
                self._by_arrays = not self._fills_in
            else:
                return
        self._insert(batch, mark, doubtful)

    def _how(self, batch: pa.RecordBatch) -> CopyOptions:
        """KEEP_NULLS only where a NULL meets a default: it would keep the server from filling in other columns.

        Raises UnsuitableError where a batch has the one and the table the other.
        """
        keep = self._options.keep_nulls and any(batch.column(name).null_count for name in self._defaulted)
        if keep and self._fills_in:
            raise UnsuitableError("NULLs are to be kept in one column and a default is wanted in another")
        return replace(self._options, keep_nulls=keep)

    def _copy(self, batch: pa.RecordBatch, how: CopyOptions, mark: Mark, doubtful: bool) -> None:
        sink, table = self._sink, self._place.table
        if self._bulk is None:
            sink.hook("before connecting")
            self._bulk = self._bulk_session()
        bulk = self._bulk
        swap = marks.move(self._place, self._mark, mark, self._token)
        sink.hook("before the transaction")
        moved = bulk.row(f"BEGIN TRANSACTION; {swap}; SELECT @@ROWCOUNT")
        if moved is None or moved[0] != 1:
            bulk.execute("ROLLBACK")
            self._must_be_in(bulk.row(marks.select(self._place)), mark, doubtful)
            return
        sink.hook("before the copy")
        if batch.num_rows:
            try:
                bulk.copy(table, batch, how)
            except ServerFault as e:
                self._unsuitable(e.fault)
                if e.trouble is Trouble.LOST and not self._copied:
                    sink.packet_size = next((s for s in PACKET_SIZES if s < sink.packet_size), PACKET_SIZES[-1])
                raise
            self._copied = True
        sink.hook("before the commit")
        bulk.execute("COMMIT")
        sink.hook("after the commit")

    def connect(self) -> None:
        """Connect for bulk copy ahead of the first write; what hinders it is for the write to find."""
        with suppress(ServerFault, UnsuitableError, TargetError):
            self._bulk = self._bulk_session()

    def _bulk_session(self) -> BulkSession:
        """A connection with the largest packets the server really takes."""
        sink = self._sink
        for size in [s for s in PACKET_SIZES if s <= sink.packet_size]:
            bulk = BulkSession.open(sink.connection, sink.password, size)
            try:
                bulk.row("SELECT 1")
            except ServerFault:
                bulk.close()
                if size == PACKET_SIZES[-1]:
                    raise
                continue
            sink.packet_size = size
            return bulk
        raise AssertionError("there is always a packet size to try")

    def _unsuitable(self, fault: Fault) -> None:
        """Raises UnsuitableError where a failed copy means that bulk copy cannot serve here at all."""
        words = ("not supported", "Cannot map Arrow", "bulk load permission", "ADMINISTER BULK")
        if fault.trouble is Trouble.PERMISSION or any(w.casefold() in fault.text.casefold() for w in words):
            self._drop()
            raise UnsuitableError(fault.text)

    def _insert(self, batch: pa.RecordBatch, mark: Mark, doubtful: bool) -> None:
        sink = self._sink
        if self._session is None:
            sink.hook("before connecting")
            self._session = Session.open(sink.connection, sink.password)
        session = self._session
        sink.hook("before the transaction")
        with session.transaction():
            if session.execute(marks.move(self._place, self._mark, mark, self._token)) != 1:
                rows = session.query(marks.select(self._place))
                self._must_be_in(rows[0] if rows else None, mark, doubtful)
                return
            sink.hook("before the copy")
            if batch.num_rows:
                columns = self._delivery.columns
                keep = sink.options.keep_identity
                arrays.insert(session, self._place.table, columns, batch, keep_identity=keep)
            sink.hook("before the commit")
        sink.hook("after the commit")

    def sift(self, batch: pa.RecordBatch) -> tuple[int, ...]:
        """Rows that a plain INSERT is refused for, tried one by one in a transaction that is rolled back."""
        sink, session = self._sink, self._session
        try:
            if session is None:
                session = self._session = Session.open(sink.connection, sink.password)
            keep = self._options.keep_identity
            return arrays.refused(session, self._place.table, self._delivery.columns, batch, keep_identity=keep)
        except ServerFault:
            self._drop()
            return ()

    def _must_be_in(self, row: tuple[object, ...] | None, mark: Mark, doubtful: bool) -> None:
        """The swap found no row: either this write is in already, or someone else has taken over."""
        if row is not None:
            found, writer = marks.parsed(row)
            if doubtful and writer == self._token and found == mark:
                return
        detail = f"its mark is {row}"
        table = self._place.table
        raise SupersededError(5202, Place(Kind.TABLE, name=str(table)), table=table, detail=detail)

    def _undo(self, why: ServerFault) -> None:
        """Roll back; only a connection that still does as it is told is kept."""
        if why.trouble is Trouble.DATA and self._bulk is not None:
            try:
                left = self._bulk.row("IF @@TRANCOUNT > 0 ROLLBACK; SELECT @@TRANCOUNT")
            except ServerFault:
                left = None
            if left == (0,):
                return
        self._drop()

    def _drop(self) -> None:
        for session in (self._bulk, self._session):
            if session is not None:
                with suppress(Exception):
                    session.close()
        self._bulk = self._session = None

    def close(self) -> None:
        """Let go of the connections."""
        self._drop()
