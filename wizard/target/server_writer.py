"""Writing one table, or a part of one, to a server: bulk copy and mark in one transaction.

Why a batch can neither be lost nor come twice is argued in `wizard.target.server_sink`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from threading import Lock
from typing import Any, Final, Protocol

import pyarrow as pa

from wizard.events import Listener
from wizard.messages import Kind, Place, TargetError
from wizard.objects import Name
from wizard.target import arrays, marks
from wizard.target.bulk import BulkSession, CopyOptions, UnsuitableError, travelling
from wizard.target.bulk_sessions import BulkSessions
from wizard.target.connection import Session, told
from wizard.target.faults import Fault, ServerFault, Trouble
from wizard.target.retry import Policy
from wizard.target.sink import Delivery, Mark, Part, RefusedError, SupersededError, batch_schema

Hook = Callable[[str], None]
"""Called with the name of each point a crash may come at; tests stop the process or the connection there."""
_LOOK: Final = 0.1
"""seconds after which who waits looks whether it is still wanted"""
_IMPATIENCE: Final = 200
"""milliseconds to wait for a lock when it is tried out whether two bulk copies can be at a table at once"""


class WithSession(Protocol):
    """`ServerSink.with_session`."""

    def __call__(self, work: Callable[[Session], Any], what: str, table: Name | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What writers have from their sink."""

    with_session: WithSession
    policy: Policy
    hear: Listener
    tell: Callable[..., None]
    """number, table and facts of a message"""
    prepared: Callable[[], None]
    """waits for what goes on before rows may be written"""
    preparing: Callable[[], bool]
    """whether it still goes on"""
    bulk: BulkSessions
    hook: Hook


Marked = tuple[Part, Mark]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a mark is kept, whose token is in it, and how far it has come."""

    place: marks.Place
    writer: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Trial:
    """A question that can be answered while a copy is not yet committed."""

    passes: Callable[[], bool]
    answer: Future[bool] = field(default_factory=Future)


class ServerWriter:
    """Writes one delivery, or a part of it, to the server; a `sink.TableWriter`, `sink.Divisible`, `sink.Resting`."""

    def __init__(
        self, shared: Shared, delivery: Delivery, options: CopyOptions, at: Standing, parts: Sequence[Marked] = ()
    ) -> None:
        self._around = shared
        self._delivery = delivery
        self._place, self._token, self._mark = at.place, at.writer, at.mark
        self._parts = tuple(parts)
        self._bulk: BulkSession | None = None
        self._session: Session | None = None
        self._clean = True  # no transaction is open on the bulk connection
        self._trial: Trial | None = None
        self._lock = Lock()
        self._schema = batch_schema(delivery.columns)
        self._by_arrays = False
        filled = {c.name for c in delivery.columns}
        self._defaulted = tuple(c.name for c in delivery.columns if c.default)
        self._fills_in = any(c.default and c.name not in filled for c in delivery.table.columns)
        keep = options.keep_identity and any(c.identity for c in delivery.columns)
        self._options = replace(options, keep_identity=keep)
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
        around, table = self._around, self._place.table
        around.prepared()
        doubtful = False

        def attempt() -> None:
            nonlocal doubtful
            try:
                self._attempt(batch, mark, doubtful)
            except ServerFault as e:
                doubtful = True
                self._undo(e)
                raise

        server, of = around.bulk.connection.server, f"{table.schema}.{table.name}"
        try:
            around.policy.run(attempt, f"writing to {table}", server, around.hear, of)
        except ServerFault as e:
            if e.trouble in (Trouble.DATA, Trouble.OTHER):
                raise RefusedError(5201, Place(Kind.TABLE, name=str(table)), table=table, reason=e.fault) from e
            raise told(e.fault, around.bulk.connection) from e
        self._mark = mark

    def _attempt(self, batch: pa.RecordBatch, mark: Mark, doubtful: bool) -> None:
        """One transaction. `doubtful`: an earlier attempt at this very write may have been committed."""
        if not self._by_arrays:
            try:
                self._copy(travelling(batch, self._extended), self._how(batch), mark, doubtful)
            except UnsuitableError as e:
                self._around.tell(5206, self._place.table, reason=e)
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
        around, hook = self._around, self._around.hook
        if self._bulk is None:
            hook("before connecting")
            self._bulk = around.bulk.take()
        bulk = self._bulk
        swap = marks.move(self._place, self._mark, mark, self._token)
        hook("before the transaction")
        self._clean = False
        moved = bulk.row(f"BEGIN TRANSACTION; {swap}; SELECT @@ROWCOUNT")
        if moved is None or moved[0] != 1:
            bulk.execute("ROLLBACK")
            self._clean = True
            self._must_be_in(bulk.row(marks.select(self._place)), mark, doubtful)
            return
        hook("before the copy")
        if batch.num_rows:
            try:
                bulk.copy(self._place.table, batch, how)
            except ServerFault as e:
                self._unsuitable(e.fault)
                if e.trouble is Trouble.LOST:
                    around.bulk.lost()
                raise
            around.bulk.copied = True
            self._tried(find=True)
        hook("before the commit")
        bulk.execute("COMMIT")
        self._clean = True
        hook("after the commit")

    def connect(self) -> None:
        """Connect for bulk copy ahead of the first write; what hinders it is for the write to find.

        Where the write has to wait anyway, the columns are looked up meanwhile, which takes longest the first time.
        """
        with suppress(ServerFault, UnsuitableError, TargetError):
            self._bulk = self._around.bulk.take()
            if self._around.preparing() and not self._passes(self._bulk):
                self._drop()

    def _unsuitable(self, fault: Fault) -> None:
        """Raises UnsuitableError where a failed copy means that bulk copy cannot serve here at all."""
        words = ("not supported", "Cannot map Arrow", "bulk load permission", "ADMINISTER BULK")
        if fault.trouble is Trouble.PERMISSION or any(w.casefold() in fault.text.casefold() for w in words):
            self._drop()
            raise UnsuitableError(fault.text)

    def _insert(self, batch: pa.RecordBatch, mark: Mark, doubtful: bool) -> None:
        hook = self._around.hook
        if self._session is None:
            hook("before connecting")
            self._session = self._around.bulk.session()
        session = self._session
        hook("before the transaction")
        with session.transaction():
            if session.execute(marks.move(self._place, self._mark, mark, self._token)) != 1:
                rows = session.query(marks.select(self._place))
                self._must_be_in(rows[0] if rows else None, mark, doubtful)
                return
            hook("before the copy")
            if batch.num_rows:
                columns = self._delivery.columns
                keep = self._options.keep_identity
                arrays.insert(session, self._place.table, columns, batch, keep_identity=keep)
            hook("before the commit")
        hook("after the commit")

    def sift(self, batch: pa.RecordBatch) -> tuple[int, ...]:
        """Rows that a plain INSERT is refused for, tried in a transaction that is rolled back."""
        session = self._session
        try:
            if session is None:
                session = self._session = self._around.bulk.session()
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
                self._clean = True
                return
        self._drop()

    def _drop(self) -> None:
        for session in (self._bulk, self._session):
            if session is not None:
                with suppress(Exception):
                    session.close()
        self._bulk = self._session = None
        self._clean = True

    def rest(self) -> None:
        """Close the connections; a later write opens new ones."""
        self._drop()

    def close(self) -> None:
        """Let go of the connections; one that is in order serves the next writer."""
        self._release()

    def _release(self) -> None:
        if self._bulk is not None and self._clean:
            self._around.bulk.give_back(self._bulk)
            self._bulk = None
        self._drop()

    @property
    def parts(self) -> tuple[Marked, ...]:
        """As `sink.Divisible.parts`."""
        return self._parts

    def part(self, part: Part) -> ServerWriter:
        """A writer for one of the parts."""
        mark, place = dict(self._parts)[part], self._place.of(part)
        return ServerWriter(self._around, self._delivery, self._options, Standing(place, self._token, mark))

    def shared(self, wanted: Callable[[], bool]) -> bool:
        """Tried out: a second bulk copy, without rows, while one of this writer's is not yet committed.

        Waits for this writer's next write, which another thread is to make. What is known of SQL Server
        (*Controlling locking behavior for bulk import*): with TABLOCK, copies into a heap without indexes take locks
        that go together, and any other table is for one copy at a time; without it they lock rows. Trying finds
        that out, and whatever other servers do, and options of the table too.
        """
        try:
            self._around.prepared()  # indexes that are disabled for the load do not count
            second = self._around.bulk.take()
        except (ServerFault, UnsuitableError, TargetError):
            return False
        if not self._passes(second):  # the first time takes longest: the columns are looked up
            second.close()
            return False
        trial = Trial(lambda: self._passes(second))
        with self._lock:
            self._trial = trial
        while not trial.answer.done():
            wait([trial.answer], timeout=_LOOK)
            if not wanted():
                self._tried(find=False)
        if trial.answer.result():
            self._around.bulk.give_back(second)
            return True
        second.close()
        return False

    def _passes(self, bulk: BulkSession) -> bool:
        """Whether a bulk copy without rows gets the locks it needs. Nothing stays of it."""
        try:
            nothing = travelling(pa.RecordBatch.from_pylist([], schema=self._schema), self._extended)
            bulk.execute(f"SET LOCK_TIMEOUT {_IMPATIENCE}; BEGIN TRANSACTION")
            bulk.copy(self._place.table, nothing, self._options)
            bulk.execute("ROLLBACK; SET LOCK_TIMEOUT -1")
        except (ServerFault, UnsuitableError):
            return False
        return True

    def _tried(self, find: bool) -> None:
        """Answer whoever waits in `shared`; `find` it out where a copy of ours holds its locks, else say no."""
        with self._lock:
            trial, self._trial = self._trial, None
        if trial is not None:
            trial.answer.set_result(find and trial.passes())

    def divide(self, borders: Sequence[int]) -> None:
        """As `sink.Divisible.divide`: all parts' marks in one transaction, which only the table's owner can make."""
        place, mark, token = self._place, self._mark, self._token
        parts = [Part(a, b) for a, b in pairwise((mark.next, *borders, None)) if a is not None]
        marked = [(part, Mark(part.start, source=mark.source)) for part in parts]

        def work(session: Session) -> None:
            with session.transaction():
                if session.execute(marks.move(place, mark, mark, token)) != 1:
                    rows = session.query(marks.select(place))
                    self._must_be_in(rows[0] if rows else None, mark, doubtful=False)
                there = marks.read_parts(session, place)
                if [(part, m) for part, m, _ in there] == marked:  # an attempt whose answer was lost
                    return
                session.execute(marks.insert_all([(place.of(part), m) for part, m in marked], token))

        self._around.with_session(work, f"dividing {place.table}", place.table)
        self._parts = tuple(marked)
        self._release()  # the connection serves a part

    def join(self, mark: Mark) -> None:
        """As `sink.Divisible.join`: the table's mark moves and the parts' go in one transaction."""
        place = self._place

        def work(session: Session) -> None:
            with session.transaction():
                if session.execute(marks.move(place, self._mark, mark, self._token)) != 1:
                    rows = session.query(marks.select(place))
                    self._must_be_in(rows[0] if rows else None, mark, doubtful=True)
                    return
                if session.execute(marks.remove_parts(place, self._token)) != len(self._parts):
                    facts = {"table": place.table, "detail": "a part is not complete"}
                    raise SupersededError(5202, Place(Kind.TABLE, name=str(place.table)), **facts)

        self._around.with_session(work, f"joining the parts of {place.table}", place.table)
        self._mark, self._parts = mark, ()
