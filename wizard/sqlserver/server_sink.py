"""A server as the target of moved rows: bulk copy and checkpoint in one transaction, retried, taken over, proven.

Why a batch can neither be lost nor come twice. A write is one transaction: the checkpoint's compare-and-swap first,
then the rows, then COMMIT.

- Cut or killed before COMMIT reached the server: the server rolls back; checkpoint and rows are as before; writing the
  batch again is right.
- Cut after COMMIT was done and before its answer came: the writer connects anew and tries the same swap. It finds
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
- Opened anew, by this process or another: one statement puts the new token into the table's checkpoint and all
  partitions', which waits for every transaction in flight on any of them. Then no former writer can change a
  checkpoint, thus no row, and only then rows are counted against the sum of the checkpoints. What was taken over are
  the partitions that are there; a former owner that was about to divide finds the token changed.
- Stopped while joining: one transaction moves the table's checkpoint to the sum and deletes the partitions'
  checkpoints, all complete and its own, or rolls back where their number is not right. Cut before its answer: tried
  again, it finds the table's checkpoint where it was to be, with its own token.
- Stopped before partitions existed: there are none to find, and the table's checkpoint holds, as ever. It may then be
  divided: the partitions begin behind the table's checkpoint, which keeps its rows until it is joined.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TypeVar

from wizard.events import Event, Listener, MessageTold, Stage
from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import Name, ServerTable, Statement, quote
from wizard.settings import Connection, Constraints, Options
from wizard.sink import Checkpoint, Delivery, FindOrphans, SupersededError, no_orphans
from wizard.sqlserver import checkpoints
from wizard.sqlserver import timeouts as waiting
from wizard.sqlserver.bulk_copy import CopyOptions
from wizard.sqlserver.bulk_probe import prefetch_columns
from wizard.sqlserver.bulk_sessions import BulkSessions
from wizard.sqlserver.connection import ServerSession, error_message
from wizard.sqlserver.constraints import LoadConstraints
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.load_advice import advice
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.server_writer import CheckpointState, Hook, PartitionCheckpoint, ServerWriter, WriterContext

T = TypeVar("T")


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
        self.patience = waiting.current()
        self.policy = policy or RetryPolicy(sleep=self.patience.rest)
        self.listener = listener
        self.hook = hook
        self.bulk = BulkSessions(connection, password, self.patience)
        self.copy_options = CopyOptions(
            keep_identity=options.keep_identity,
            keep_nulls=options.keep_nulls,
            check_constraints=options.check_constraints or options.constraints is Constraints.KEEP,
            fire_triggers=options.fire_triggers,
            table_lock=options.table_lock,
            timeout=int(self.patience.answer),
        )
        self._later = later
        self._lock = Lock()
        self._making = Lock()
        self._journals: set[str] = set()
        self._looked_up: set[Name] = set()
        self._idle: list[ServerSession] = []

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
            of = f"{table.schema}.{table.name}" if table else ""
            return self.policy.run(attempt, what, self.connection.server, self.on_event, of)
        except ServerError as e:
            raise error_message(e.fault, self.connection) from e

    def checkpoint(self, table: Name, part: str = "") -> Checkpoint | None:
        """What the server knows of the table, its partitions counted in; None where Jetferry never put rows there."""
        place = checkpoints.CheckpointKey(table, part)

        def work(session: ServerSession) -> Checkpoint | None:
            found = checkpoints.read(session, place)
            if found is None or part:
                return found[0] if found else None
            return checkpoints.total(
                found[0], [checkpoint for _, checkpoint, _ in checkpoints.read_parts(session, place)]
            )

        return self.with_session(work, f"reading the checkpoint of {table}", table)

    def count(self, table: Name) -> int:
        """Rows in the table, counted by the server."""

        def work(session: ServerSession) -> int:
            with session.whole_tables():
                return _count(session, table)

        return self.with_session(work, f"counting {table}", table)

    def empty(self, table: Name) -> None:
        """Delete what Jetferry put there, checkpoints too, in one transaction.

        Raises TargetError 5205 for others' rows, 5210 where rows of another table would go or change with them.
        """

        def work(session: ServerSession) -> None:
            place = checkpoints.CheckpointKey(table)
            if checkpoints.read(session, place) is None:
                raise TargetError(5205, Place(Kind.TABLE, name=str(table)), table=table)
            with session.whole_tables(), session.transaction():
                _must_not_spread(session, table)
                session.execute(f"DELETE FROM {place.journal} WHERE {place.all}")
                session.execute(f"DELETE FROM {table}")

        self.with_session(work, f"emptying {table}", table)

    def prepare(self, deliveries: Sequence[Delivery]) -> list[Message]:
        """Indexes, constraints and triggers put aside as the options say; bulk copy's first connections meanwhile.

        With advice about what the load could gain by.
        """
        left = min(2, self.options.parallel_tables or os.cpu_count() or 1)
        for delivery in deliveries:
            connections = min(delivery.writers, left)
            if connections:
                self._look_up(delivery, connections)
            left -= connections
        coming = [d.table for d in deliveries if d.writers]

        def work(session: ServerSession) -> list[Message]:
            messages = LoadConstraints(session, self.options).prepare(coming)
            return [*messages, *advice(session, self.options, coming)]

        return self.with_session(work, "preparing the tables") if coming else []

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

        def work(session: ServerSession) -> tuple[Checkpoint, list[PartitionCheckpoint]]:
            with self._making:
                if place.table.schema not in self._journals:
                    checkpoints.ensure(session, place.table.schema)
                    self._journals.add(place.table.schema)
            _must_be_there(session, delivery)
            return _taken_over(session, place, delivery, writer)

        checkpoint, parts = self.with_session(work, f"opening {place.table}", place.table)
        shared = WriterContext(self.with_session, self.policy, self.on_event, self.tell, self.bulk, self.hook)
        return ServerWriter(shared, delivery, self.copy_options, CheckpointState(place, writer, checkpoint), parts)

    def on_event(self, event: Event) -> None:
        """Pass on to whoever listens."""
        if self.listener:
            self.listener(event)

    def tell(self, number: int, table: Name, **facts: object) -> None:
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
_COLUMNS = "SELECT name FROM sys.columns WHERE object_id = {table} AND is_computed = 0"


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


def _must_be_there(session: ServerSession, delivery: Delivery) -> None:
    """Raises TargetError where the table or one of the delivery's columns is absent."""
    table = delivery.table.name
    here = Place(Kind.TABLE, name=str(table))
    there = {str(r[0]).casefold() for r in session.query(_COLUMNS.format(table=checkpoints.object_id(table)))}
    if not there:
        raise TargetError(5207, here, table=table)
    absent = next((c.name for c in delivery.columns if c.name.casefold() not in there), None)
    if absent is not None:
        raise TargetError(5209, here, table=table, column=absent)


def _taken_over(
    session: ServerSession, place: checkpoints.CheckpointKey, delivery: Delivery, writer: str
) -> tuple[Checkpoint, list[PartitionCheckpoint]]:
    """The table's checkpoint and those of its partitions, now with this writer's token in them."""
    table = place.table
    here = Place(Kind.TABLE, name=str(table))
    if session.execute(checkpoints.take_over(place, writer)) == 0:
        rows = int(session.value(f"SELECT COUNT_BIG(*) FROM {table}"))
        expected = checkpoints.rows_of(session, table) if rows or place.part else 0
        if rows != expected:
            raise TargetError(5203, here, table=table, rows=rows - expected)
        session.execute(checkpoints.insert(place, Checkpoint(source=delivery.source), writer))
        return Checkpoint(source=delivery.source), []
    found = checkpoints.read(session, place)
    parts = [] if place.part else checkpoints.read_parts(session, place)
    if found is None or {found[1], *(w for _, _, w in parts)} != {writer}:
        raise SupersededError(5202, here, table=table, detail="at opening")
    checkpoint = found[0]
    if {checkpoint.source, *(m.source for _, m, _ in parts)} != {delivery.source}:
        raise TargetError(5208, here, table=table)
    rows, expected = _count(session, table), checkpoints.rows_of(session, table)
    if rows != expected:
        raise TargetError(5204, here, table=table, found=rows, expected=expected)
    return checkpoint, [(part, m) for part, m, _ in parts]
