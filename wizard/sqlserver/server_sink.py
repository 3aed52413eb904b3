"""A server as the target of moved rows: bulk copy and checkpoint in one transaction, retried, taken over, proven.

Why a batch can neither be lost nor come twice. A write is one transaction: the checkpoint's compare-and-swap first,
then the rows, then COMMIT.

- Cut or killed before COMMIT reached the server: the server rolls back; checkpoint and rows are as before; writing the
  batch again is right.
- Cut after COMMIT was done and before its answer came: the writer connects again and tries the same swap. It finds
  no row, because the checkpoint has moved; the checkpoint carries the writer's own token and the position it was to
  get: the batch is in, once.
- Cut while the server still works on the old transaction: the swap waits for the lock on the checkpoint's row (or times
  out and is tried again) until the old transaction has ended, and then is one of the two cases above. Under
  row versioning (Azure's default) this holds too, since an UPDATE reads the current row, not a version.
- Two processes: the second puts its own token into the checkpoint when it opens the table, after any transaction of
  the first has ended; from then on the first one's swaps find no row, and it stops.
- The server restarts: as its log has it, a transaction is in or out, whole.
- Rows that someone else adds or deletes are noticed when a table is opened again: it is counted against the
  checkpoints.

A table that is divided has a checkpoint for each partition, in a row of its own, and each partition is written as
above, through a connection of its own: a transaction holds one partition's checkpoint and that partition's rows, and
needs no other checkpoint, so that partitions can neither wait for each other's checkpoints nor undo each other.

- Stopped while dividing: one transaction moves the table's checkpoint to itself (which only its owner can) and
  inserts all partitions' checkpoints; the partitions are all there or none. Cut before its answer: tried again, it
  finds its own partitions there.
- Stopped with several partitions in flight: each transaction is in or out for itself, and each partition's checkpoint
  says which.
- Opened again, by this process or another: one statement puts the new token into the table's checkpoint and all
  partitions', which waits for every transaction in flight on any of them. Then no former writer can change a
  checkpoint, thus no row, and only then rows are counted against the sum of the checkpoints. What was taken over are
  the partitions that are there; a former owner that was about to divide finds the token changed.
- Stopped while joining: one transaction moves the table's checkpoint to the sum and deletes the partitions'
  checkpoints, all complete and its own, or rolls back where their number is not right. Cut before its answer: tried
  again, it finds the table's checkpoint where it was to be, with its own token.
- Several small tables at once: one transaction holds all of their checkpoints' swaps and all of their rows. Where any
  swap finds no row, or any row is refused, all of it is rolled back; where the connection is lost, it is asked again
  whether all is in, by checkpoints and token. Whatever is not known to be in is opened again, table by table: that
  waits for the old transaction's end and reads what it left, as above.
- Stopped before partitions existed: there are none to find, and the table's checkpoint holds, as ever. It may then be
  divided: the partitions begin behind the table's checkpoint, which keeps its rows until it is joined.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import TypeVar

from wizard.events import Event, Listener, MessageTold, Stage
from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import Name, ServerTable, Statement, literal, quote
from wizard.plurals import counted
from wizard.settings import Connection, Constraints, Options
from wizard.sink import Checkpoint, Delivery, FindOrphans, TableBatch, no_orphans
from wizard.sqlserver import checkpoints, round_trips
from wizard.sqlserver import timeouts as waiting
from wizard.sqlserver.bulk_copy import CopyOptions
from wizard.sqlserver.bulk_probe import prefetch_columns
from wizard.sqlserver.bulk_sessions import BulkSessions
from wizard.sqlserver.connection import Row, ServerSession, error_message
from wizard.sqlserver.constraints import LoadConstraints
from wizard.sqlserver.driver_errors import DriverError, ServerError
from wizard.sqlserver.load_advice import advice
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.server_writer import ServerWriter
from wizard.sqlserver.several_tables import write_several
from wizard.sqlserver.takeover import Columns, columns_of, folded, must_be_there, taken_over
from wizard.sqlserver.writer_context import CheckpointState, Hook, PartitionCheckpoint, WriterContext

T = TypeVar("T")
SMALL = 5_000
"""rows of a table for which no bulk copy is made ready ahead"""


Later = Callable[[ServerSession], Sequence[Statement]]


def _nothing(_: str) -> None:
    return None


def _none(_: ServerSession) -> Sequence[Statement]:
    return ()


class ServerSink:
    """SQL Server or Azure SQL as a `sink.Sink`.

    `later` gives the statements of objects that wait for the rows (`Constraints.AFTER`) and are not there, run by
    `finish`; it is asked when all rows are.
    """

    def __init__(
        self,
        connection: Connection,
        password: str,
        options: Options,
        *,
        later: Later = _none,
        listener: Listener | None = None,
        policy: RetryPolicy | None = None,
        hook: Hook = _nothing,
    ) -> None:
        self.connection = connection
        self.password = password
        self.options = options
        self.timeouts = waiting.current()
        self.policy = policy or RetryPolicy(sleep=self.timeouts.rest)
        self.listener = listener
        self.hook = hook
        self.bulk = BulkSessions(connection, password, self.timeouts)
        self.copy_options = CopyOptions(
            keep_identity=options.keep_identity,
            keep_nulls=options.keep_nulls,
            check_constraints=options.check_constraints or options.constraints is Constraints.KEEP,
            fire_triggers=options.fire_triggers,
            table_lock=options.table_lock,
            timeout=int(self.timeouts.answer),
        )
        self._writers = WriterContext(self.with_session, self.policy, self.on_event, self.emit_message, self.bulk, hook)
        self._later = later
        self._lock = Lock()
        self._making = Lock()
        self._journals: set[str] = set()
        self._looked_up: set[Name] = set()
        self._idle: list[ServerSession] = []
        self._known: dict[str, dict[str, checkpoints.TableCheckpoints]] = {}
        """by schema and table, what the server said when it was first asked"""
        self._changing: set[Name] = set()
        """tables of which that is not to be believed any more"""
        self._columns: Columns = {}

    def with_session(self, work: Callable[[ServerSession], T], what: str, table: Name | None = None) -> T:
        """The result of `work` on a connection that nobody else uses, retried. Raises TargetError in words.

        `what` and `table` are for whoever listens to retries.
        """

        def attempt() -> T:
            with self._lock:
                session = self._idle.pop() if self._idle else None
            session = session or self.bulk.session()
            try:
                result = work(session)
            except BaseException:
                session.close()
                raise
            with self._lock:
                self._idle.append(session)
            return result

        try:
            of = table.plain if table else ""
            return self.policy.run(attempt, what, self.connection.server, self.on_event, of)
        except ServerError as e:
            raise error_message(e.fault, self.connection) from e

    def checkpoint(self, table: Name, part: str = "") -> Checkpoint | None:
        """What the server knows of the table, its partitions counted in; None where Jetferry never put rows there.

        It is asked for all tables of the schema at once, and again for a table that was opened or emptied here since.
        """
        found = self._checkpoints(table)
        own = found.get(part)
        if own is None or part:
            return own[0] if own else None
        return checkpoints.total(own[0], [checkpoint for _, checkpoint, _ in checkpoints.partitions(found)])

    def _checkpoints(self, table: Name) -> checkpoints.TableCheckpoints:
        what = f"reading the checkpoint of {table}"
        with self._lock:
            changing, known = table in self._changing, self._known.get(table.schema)
        if not changing:
            if known is None:
                known = self.with_session(lambda s: checkpoints.read_schema(s, table.schema), what, table)
                with self._lock:
                    self._known[table.schema] = known
            if table.name in known:
                return known[table.name]
            if table.name.casefold() not in {n.casefold() for n in known}:
                return {}
        return self.with_session(lambda s: checkpoints.read_table(s, table), what, table)

    def _is_changing(self, table: Name) -> None:
        """What was known of the table does not hold any more."""
        with self._lock:
            self._changing.add(table)

    def count(self, table: Name) -> int:
        """Rows in the table, counted by the server."""

        def work(session: ServerSession) -> int:
            with session.whole_tables():
                return _count(session, table)

        return self.with_session(work, f"counting {table}", table)

    def empty(self, table: Name) -> None:
        """Delete what Jetferry put there, checkpoints too, in one transaction; of a table that is gone, these alone.

        Raises TargetError 5205 for others' rows, 5210 where rows of another table would go or change with them.
        """

        def work(session: ServerSession) -> None:
            place = checkpoints.CheckpointKey(table)
            self._is_changing(table)
            if checkpoints.read(session, place) is None:
                raise TargetError(5205, Place(Kind.TABLE, name=str(table)), table=table)
            with session.whole_tables(), session.transaction():
                _must_not_spread(session, table)
                session.execute(f"DELETE FROM {place.journal} WHERE {place.all}")
                there = f"{checkpoints.object_id(table)} IS NOT NULL"
                session.execute(f"IF {there} EXEC ({literal(f'DELETE FROM {table}')})")

        self.with_session(work, f"emptying {table}", table)

    def prepare(self, deliveries: Sequence[Delivery]) -> list[Message]:
        """Indexes, constraints and triggers put aside as the options say; bulk copy's first connections meanwhile.

        With advice about what the load could gain by.
        """
        left = min(2, self.options.parallel_tables or os.cpu_count() or 1)
        for delivery in deliveries:
            connections = min(delivery.writers, left)
            if connections and delivery.rows > SMALL:
                self._look_up(delivery, connections)
                left -= connections
        if left and any(d.writers for d in deliveries):
            self.bulk.expect(1)
        coming = [d.table for d in deliveries if d.writers]

        def work(session: ServerSession) -> list[Message]:
            messages = LoadConstraints(session, self.options).prepare(coming)
            for schema in dict.fromkeys(t.name.schema for t in coming):
                self._columns |= columns_of(session, schema)
            for table in coming:
                self._spell(table)
            return [*messages, *advice(session, self.options, coming)]

        return self.with_session(work, "preparing the tables") if coming else []

    def _spell(self, table: ServerTable) -> None:
        """Have bulk copies know it where the server spells columns otherwise than Jetferry."""
        there = self._columns.get(folded(table.name), {})
        if any(there.get(c.name.casefold(), c.name) != c.name for c in table.columns):
            self.bulk.spells(table.name, there)

    def _look_up(self, delivery: Delivery, connections: int) -> None:
        """So many connections, ready for bulk copies into the table; once for each table."""
        with self._lock:
            if delivery.table.name in self._looked_up:
                return
            self._looked_up.add(delivery.table.name)
        self.bulk.rehearse(connections, lambda bulk: prefetch_columns(bulk, delivery, self.copy_options.of(delivery)))

    def finish(
        self,
        tables: Sequence[ServerTable],
        unfinished: Sequence[ServerTable] = (),
        orphans: FindOrphans = no_orphans,  # noqa: ARG002  the server finds them itself
    ) -> list[Message]:
        """Indexes rebuilt, constraints made, checked and trusted, counters set, statistics updated.

        What waited for the rows is made when all tables are filled.
        """

        def work(session: ServerSession) -> list[Message]:
            later = () if unfinished else self._later(session)
            with session.whole_tables():
                return LoadConstraints(session, self.options).finish(tables, later, unfinished)

        return self.with_session(work, "finishing the tables")

    def open(self, delivery: Delivery) -> ServerWriter:
        """Take the table over. Raises TargetError where it is absent, holds others' rows or another source's."""
        writer = str(uuid.uuid4())
        place = checkpoints.CheckpointKey(delivery.table.name, delivery.part)
        if delivery.writers > 1:
            self._look_up(delivery, 2)
        else:
            self.bulk.expect(1)

        self._is_changing(place.table)

        def work(session: ServerSession) -> tuple[Checkpoint, list[PartitionCheckpoint]]:
            self._ensure_journal(session, place.table.schema)
            must_be_there(session, delivery, self._columns)
            rows = session.query(checkpoints.opening(place, writer, delivery.source))
            return taken_over(rows, place, delivery, writer)

        checkpoint, parts = self.with_session(work, f"opening {place.table}", place.table)
        return self._writer(delivery, CheckpointState(place, writer, checkpoint), parts)

    def _writer(
        self, delivery: Delivery, at: CheckpointState, parts: Sequence[PartitionCheckpoint] = ()
    ) -> ServerWriter:
        return ServerWriter(self._writers, delivery, self.copy_options, at, parts)

    @property
    def together(self) -> ServerSink:
        """Tables may be filled in one transaction."""
        return self

    def open_several(self, deliveries: Sequence[Delivery]) -> list[ServerWriter | None]:
        """As `sink.TablesTogether.open_several`, in one round trip for all of them."""
        writer = str(uuid.uuid4())
        places = [checkpoints.CheckpointKey(d.table.name) for d in deliveries]
        for place in places:
            self._is_changing(place.table)
        self.bulk.expect(1)

        def work(session: ServerSession) -> list[list[Row] | DriverError]:
            for schema in dict.fromkeys(p.table.schema for p in places):
                self._ensure_journal(session, schema)
            sql = [checkpoints.opening(p, writer, d.source) for p, d in zip(places, deliveries, strict=True)]
            return round_trips.ask_each(session, sql)

        answers = self.with_session(work, f"opening {counted(len(places), 'table')}")
        return [self._opened(d, p, writer, a) for d, p, a in zip(deliveries, places, answers, strict=True)]

    def _opened(
        self, delivery: Delivery, place: checkpoints.CheckpointKey, writer: str, answer: list[Row] | DriverError
    ) -> ServerWriter | None:
        """None for what is not as it should be: opened by itself, it says why."""
        there = self._columns.get(folded(place.table), {})
        if isinstance(answer, DriverError) or any(c.name.casefold() not in there for c in delivery.columns):
            return None
        with suppress(TargetError):
            checkpoint, parts = taken_over(answer, place, delivery, writer)
            return None if parts else self._writer(delivery, CheckpointState(place, writer, checkpoint))
        return None

    def write_several(self, batches: Sequence[TableBatch]) -> bool:
        """As `sink.TablesTogether.write_several`."""
        return write_several(self._writers, batches)

    def _ensure_journal(self, session: ServerSession, schema: str) -> None:
        with self._making:
            if schema not in self._journals:
                checkpoints.ensure(session, schema)
                self._journals.add(schema)

    def on_event(self, event: Event) -> None:
        """Pass on to whoever listens."""
        if self.listener:
            self.listener(event)

    def emit_message(self, number: int, table: Name, **facts: object) -> None:
        """A message to whoever listens."""
        message = Message.of(number, Place(Kind.TABLE, name=str(table)), table=table, **facts)
        self.on_event(MessageTold(time.time(), Stage.MIGRATE, message))

    def close(self) -> None:
        """Close the connections that were kept for the next question."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()
        self.bulk.close()


_REFERRING = (
    "SELECT s.name, t.name, c.name, k.delete_referential_action_desc FROM sys.foreign_keys AS k"
    " JOIN sys.foreign_key_columns AS f ON f.constraint_object_id = k.object_id"
    " JOIN sys.columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id"
    " JOIN sys.tables AS t ON t.object_id = k.parent_object_id JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
    " WHERE k.referenced_object_id = {table} AND k.parent_object_id <> k.referenced_object_id"
    " AND k.delete_referential_action <> 0 AND k.is_disabled = 0"
)


def _count(session: ServerSession, table: Name) -> int:
    if not checkpoints.exists(session, table):
        raise TargetError(5207, Place(Kind.TABLE, name=str(table)), table=table)
    return int(session.value(f"SELECT COUNT_BIG(*) FROM {table}"))


def _must_not_spread(session: ServerSession, table: Name) -> None:
    """Raises TargetError where deleting the table's rows would delete or change rows of another."""
    for schema, name, column, action in session.query(_REFERRING.format(table=checkpoints.object_id(table))):
        other = Name(str(schema), str(name))
        if session.query(f"SELECT TOP (1) 1 FROM {other} WHERE {quote(str(column))} IS NOT NULL"):
            here = Place(Kind.TABLE, name=str(table))
            raise TargetError(5210, here, table=table, other=other, action=str(action).replace("_", " "))
