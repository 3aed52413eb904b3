"""Writing one table, or a partition of one, to a server: bulk copy and checkpoint in one transaction.

Why a batch can neither be lost nor come twice is argued in `wizard.sqlserver.server_sink`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Final

import pyarrow as pa

from wizard.messages import Kind, Place
from wizard.objects import Name
from wizard.sink import Checkpoint, Delivery, Partition, RefusedError, SupersededError
from wizard.sqlserver import array_inserts, checkpoints
from wizard.sqlserver.bulk_copy import (
    BulkSession,
    CopyOptions,
    UnsuitableError,
    is_unresolved,
    wire_batch,
    with_extended_types,
)
from wizard.sqlserver.bulk_probe import locks_are_shared, prefetch_columns
from wizard.sqlserver.connection import ServerSession, error_message
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.sqlserver.writer_context import CheckpointState, PartitionCheckpoint, WriterContext

_CONSTRAINT: Final = 547
"""the number of what a foreign key or a check refuses"""


class _RowsError(ServerError):
    """A fault in taking the rows. Others, as in moving the checkpoint, say nothing of them."""


class ServerWriter:
    """Writes one delivery, or a partition of it, to the server.

    A `sink.TableWriter`, a `sink.RefusedRowFinder` and a `sink.Partitionable`.
    """

    def __init__(
        self,
        shared: WriterContext,
        delivery: Delivery,
        options: CopyOptions,
        at: CheckpointState,
        parts: Sequence[PartitionCheckpoint] = (),
    ) -> None:
        self._around = shared
        self._delivery = delivery
        self._place, self._token, self._mark = at.place, at.writer, at.checkpoint
        self._parts = tuple(parts)
        self._bulk: BulkSession | None = None
        self._session: ServerSession | None = None
        self._clean = True  # no transaction is open on the bulk connection
        self._by_arrays = False
        self._asked_anew = False  # how the columns are spelled, on a connection just made
        filled = {c.name for c in delivery.columns}
        self._defaulted = tuple(c.name for c in delivery.columns if c.default)
        self._fills_in = any(c.default and c.name not in filled for c in delivery.table.columns)
        self._options = options.of(delivery)
        self._extended = with_extended_types(delivery.columns)

    @property
    def checkpoint(self) -> Checkpoint:
        """What is proven to be in the target."""
        return self._mark

    def write(self, batch: pa.RecordBatch, checkpoint: Checkpoint) -> None:
        """Rows and checkpoint in one transaction; see the module's text. Raises as `sink.TableWriter.write` says."""
        if checkpoint == self._mark and batch.num_rows == 0:
            return
        around, table = self._around, self._place.table
        doubtful = False

        def attempt() -> None:
            nonlocal doubtful
            try:
                self._attempt(batch, checkpoint, doubtful)
            except ServerError as e:
                doubtful = True
                self._undo(e)
                raise

        server, of = around.bulk.connection.server, table.plain
        try:
            around.policy.run(attempt, f"writing to {table}", server, around.on_event, of)
        except ServerError as e:
            if isinstance(e, _RowsError) and e.trouble in (ErrorKind.DATA, ErrorKind.OTHER):
                raise self._refusal(e.fault) from e
            raise error_message(e.fault, around.bulk.connection) from e
        self._mark = checkpoint

    def _attempt(self, batch: pa.RecordBatch, checkpoint: Checkpoint, doubtful: bool) -> None:
        """One transaction. `doubtful`: an earlier attempt at this very write may have been committed."""
        if not self._by_arrays:
            try:
                self._copy(wire_batch(batch, self._extended), self._how(batch), checkpoint, doubtful)
            except UnsuitableError as e:
                self._around.emit_message(5206, self._place.table, reason=e)
                self._by_arrays = not self._fills_in
            else:
                return
        self._insert(batch, checkpoint, doubtful)

    def _how(self, batch: pa.RecordBatch) -> CopyOptions:
        """KEEP_NULLS only where a NULL meets a default: it would keep the server from filling in other columns.

        Raises UnsuitableError where a batch has the one and the table the other, or a default is wanted in a column
        that takes no NULL: those the driver sends none to.
        """
        required = (c for c in self._delivery.columns if c.default and not c.nullable)
        if absent := next((c.name for c in required if batch.column(c.name).null_count), ""):
            raise UnsuitableError(f"{absent} takes no NULL, and its default is wanted")
        keep = self._options.keep_nulls and any(batch.column(name).null_count for name in self._defaulted)
        if keep and self._fills_in:
            raise UnsuitableError("NULLs are to be kept in one column and a default is wanted in another")
        return replace(self._options, keep_nulls=keep)

    @property
    def table(self) -> Name:
        """The table that is written to."""
        return self._place.table

    def swap(self, checkpoint: Checkpoint) -> str:
        """The statement that moves this writer's checkpoint, if it still stands."""
        return checkpoints.move(self._place, self._mark, checkpoint, self._token)

    def wired(self, batch: pa.RecordBatch) -> tuple[Name, pa.RecordBatch, CopyOptions]:
        """Table, rows and options of a bulk copy. Raises UnsuitableError."""
        return self._place.table, wire_batch(batch, self._extended), self._how(batch)

    def has(self, found: checkpoints.TableCheckpoints, checkpoint: Checkpoint) -> bool:
        """Whether the journal says that this writer has come so far."""
        return found.get(self._place.part) == (checkpoint, self._token)

    def arrived(self, checkpoint: Checkpoint) -> None:
        """Its rows and checkpoint are in, by a transaction of several tables."""
        self._mark = checkpoint

    def _copy(self, batch: pa.RecordBatch, how: CopyOptions, checkpoint: Checkpoint, doubtful: bool) -> None:
        around, hook = self._around, self._around.hook
        if self._bulk is None:
            hook("before connecting")
            self._bulk = around.bulk.take()
        bulk = self._bulk
        swap = self.swap(checkpoint)
        hook("before the transaction")
        if not batch.num_rows:  # a statement is a transaction of its own
            hook("before the commit")
            moved = bulk.row(f"{swap}; SELECT @@ROWCOUNT")
            if moved is None or moved[0] != 1:
                self._must_be_in(bulk.row(checkpoints.select(self._place)), checkpoint, doubtful)
            hook("after the commit")
            return
        self._clean = False
        moved = bulk.row(f"BEGIN TRANSACTION; {swap}; SELECT @@ROWCOUNT")
        if moved is None or moved[0] != 1:
            bulk.execute("ROLLBACK")
            self._clean = True
            self._must_be_in(bulk.row(checkpoints.select(self._place)), checkpoint, doubtful)
            return
        hook("before the copy")
        suspect = bulk.refused
        try:
            bulk.copy(self._place.table, batch, how)
        except UnsuitableError:  # its transaction would hold the checkpoint that arrays are to move
            self._drop()
            raise
        except ServerError as e:
            self._unsuitable(e.fault)
            if is_unresolved(e.fault):
                self._ask_anew(e.fault)
                self._copy(batch, how, checkpoint, doubtful)
                return
            if suspect and e.trouble is ErrorKind.OTHER:  # it says nothing of these rows
                around.bulk.brittle = True
                self._renew()
                self._copy(batch, how, checkpoint, doubtful)
                return
            if e.trouble is ErrorKind.LOST:
                around.bulk.lost()
            raise _RowsError(e.fault) from e
        around.bulk.copied = True
        hook("before the commit")
        bulk.execute("COMMIT")
        self._clean = True
        hook("after the commit")

    def _unsuitable(self, fault: DriverError) -> None:
        """Raises UnsuitableError where a failed copy means that bulk copy cannot serve here at all."""
        words = ("not supported", "Cannot map Arrow", "bulk load permission", "ADMINISTER BULK")
        if fault.trouble is ErrorKind.PERMISSION or any(w.casefold() in fault.text.casefold() for w in words):
            self._drop()
            raise UnsuitableError(fault.text)

    def _ask_anew(self, fault: DriverError) -> None:
        """Bulk copy does not find a column: the server is asked for it once more, on a connection just made.

        Raises UnsuitableError where that was done already: an INSERT finds what is there.
        """
        self._drop()
        if self._asked_anew:
            raise UnsuitableError(fault.text)
        self._asked_anew = True
        self._bulk = self._around.bulk.anew(self._place.table)

    def _insert(self, batch: pa.RecordBatch, checkpoint: Checkpoint, doubtful: bool) -> None:
        hook = self._around.hook
        if self._session is None:
            hook("before connecting")
            self._session = self._around.bulk.session()
        session = self._session
        hook("before the transaction")
        with session.transaction():
            if session.execute(self.swap(checkpoint)) != 1:
                rows = session.query(checkpoints.select(self._place))
                self._must_be_in(rows[0] if rows else None, checkpoint, doubtful)
                return
            hook("before the copy")
            if batch.num_rows:
                self._fill(session, batch)
            hook("before the commit")
        hook("after the commit")

    def _fill(self, session: ServerSession, batch: pa.RecordBatch) -> None:
        how, columns = self._options, self._delivery.columns
        defaulted = () if how.keep_nulls else self._defaulted
        try:
            array_inserts.insert(
                session, self._place.table, columns, batch, keep_identity=how.keep_identity, defaulted=defaulted
            )
        except ServerError as e:
            raise _RowsError(e.fault) from e

    @property
    def finder(self) -> ServerWriter:
        """A plain INSERT names the first row that is refused."""
        return self

    @property
    def partitions(self) -> ServerWriter:
        """A table has a checkpoint for each of its partitions."""
        return self

    @property
    def dear(self) -> bool:
        """Where each refused copy takes its connection with it."""
        return self._around.bulk.brittle and not self._by_arrays

    def sift(self, batch: pa.RecordBatch) -> dict[int, RefusedError | None]:
        """Rows that a plain INSERT is refused for, tried in a transaction that is rolled back.

        Only what it says of constraints may be otherwise for a bulk copy, which need not check them.
        """
        session, options, table = self._session, self._options, self._place.table
        if not options.keep_nulls and any(batch.column(name).null_count for name in self._defaulted):
            return {}  # a plain INSERT would keep them
        try:
            if session is None:
                session = self._session = self._around.bulk.session()
            found = array_inserts.refused(
                session, table, self._delivery.columns, batch, keep_identity=options.keep_identity
            )
        except ServerError:
            self._drop()
            return {}
        alike = self._by_arrays or options.check_constraints
        return {
            row: self._refusal(fault) if alike or fault.number != _CONSTRAINT else None for row, fault in found.items()
        }

    def _refusal(self, fault: DriverError) -> RefusedError:
        table = self._place.table
        return RefusedError(5201, Place(Kind.TABLE, name=str(table)), table=table, reason=fault)

    def _must_be_in(self, row: tuple[object, ...] | None, checkpoint: Checkpoint, doubtful: bool) -> None:
        """The swap found no row: either this write is in already, or someone else has taken over."""
        if row is not None:
            found, writer = checkpoints.parsed(row)
            if doubtful and writer == self._token and found == checkpoint:
                return
        detail = f"its checkpoint is {row}"
        table = self._place.table
        raise SupersededError(5202, Place(Kind.TABLE, name=str(table)), table=table, detail=detail)

    def _undo(self, why: ServerError) -> None:
        """Roll back; only a connection that still obeys is kept."""
        if why.trouble is ErrorKind.DATA and self._bulk is not None:
            if self._bulk.refused and self._around.bulk.brittle:
                self._renew()
                return
            try:
                left = self._bulk.row("IF @@TRANCOUNT > 0 ROLLBACK; SELECT @@TRANCOUNT")
            except ServerError:
                left = None
            if left == (0,):
                self._clean = True
                return
        self._drop()

    def _renew(self) -> None:
        """Another connection for bulk copies, which gets ready while the refused rows are looked at."""
        self._drop()
        self._around.bulk.rehearse(1, lambda bulk: prefetch_columns(bulk, self._delivery, self._options))

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
    def parts(self) -> tuple[PartitionCheckpoint, ...]:
        """As `sink.Partitionable.parts`."""
        return self._parts

    def part(self, part: Partition) -> ServerWriter:
        """A writer for one of the partitions."""
        checkpoint, place = dict(self._parts)[part], self._place.of(part)
        return ServerWriter(
            self._around, self._delivery, self._options, CheckpointState(place, self._token, checkpoint)
        )

    def shared(self) -> bool:
        """As `sink.Partitionable.shared`; see `bulk_probe.locks_are_shared`."""
        return locks_are_shared(self._around.bulk, self._delivery, self._options)

    def divide(self, borders: Sequence[int]) -> None:
        """As `sink.Partitionable.divide`: all checkpoints in one transaction, which only the table's owner can make."""
        place, checkpoint, token = self._place, self._mark, self._token
        parts = [Partition(a, b) for a, b in pairwise((checkpoint.next, *borders, None)) if a is not None]
        marked = [(part, Checkpoint(part.start, source=checkpoint.source)) for part in parts]
        doubtful = False

        def work(session: ServerSession) -> None:
            nonlocal doubtful
            again, doubtful = doubtful, True
            with session.transaction():
                if session.execute(checkpoints.move(place, checkpoint, checkpoint, token)) != 1:
                    rows = session.query(checkpoints.select(place))
                    self._must_be_in(rows[0] if rows else None, checkpoint, doubtful=False)
                if again and [(part, m) for part, m, _ in checkpoints.read_parts(session, place)] == marked:
                    return  # the answer to an earlier attempt was lost
                session.execute(checkpoints.insert_all([(place.of(part), m) for part, m in marked], token))

        self._around.with_session(work, f"dividing {place.table}", place.table)
        self._parts = tuple(marked)
        self._release()  # the connection serves a partition

    def join(self, checkpoint: Checkpoint) -> None:
        """As `sink.Partitionable.join`: the table's checkpoint moves and the partitions' go in one transaction."""
        place = self._place

        def work(session: ServerSession) -> None:
            with session.transaction():
                if session.execute(checkpoints.move(place, self._mark, checkpoint, self._token)) != 1:
                    rows = session.query(checkpoints.select(place))
                    self._must_be_in(rows[0] if rows else None, checkpoint, doubtful=True)
                    return
                if session.execute(checkpoints.remove_parts(place, self._token)) != len(self._parts):
                    facts = {"table": place.table, "detail": "a part is not complete"}
                    raise SupersededError(5202, Place(Kind.TABLE, name=str(place.table)), **facts)

        self._around.with_session(work, f"joining the parts of {place.table}", place.table)
        self._mark, self._parts = checkpoint, ()
