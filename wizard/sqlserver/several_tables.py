"""Several small tables in one transaction: their checkpoints, their rows, COMMIT.

Tried once. Whatever is not known to be in afterwards is not: each table is then opened and written by itself, which
reads its checkpoint from the server. Why nothing is lost or doubled is argued in `wizard.sqlserver.server_sink`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from wizard.messages import JetferryError
from wizard.plurals import counted
from wizard.sink import TableBatch
from wizard.sqlserver import checkpoints
from wizard.sqlserver.bulk_copy import BulkSession, UnsuitableError
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ErrorKind, ServerError
from wizard.sqlserver.server_writer import ServerWriter
from wizard.sqlserver.timeouts import doing
from wizard.sqlserver.writer_context import WriterContext


def write_several(around: WriterContext, batches: Sequence[TableBatch]) -> bool:
    """Whether all rows and checkpoints are in for certain; where not, open each table again."""
    writers = [cast(ServerWriter, b.writer) for b in batches]
    with doing(f"writing to {counted(len(batches), 'table')}"):
        done = _written(around, batches, writers)
    if done:
        for writer, batch in zip(writers, batches, strict=True):
            writer.arrived(batch.checkpoint)
        around.hook("after the commit")
    return done


def _written(around: WriterContext, batches: Sequence[TableBatch], writers: Sequence[ServerWriter]) -> bool:
    hook, bulk, committing = around.hook, None, False
    try:
        copies = [w.wired(b.rows) for w, b in zip(writers, batches, strict=True) if b.rows.num_rows]
        hook("before connecting")
        bulk = around.bulk.take()
        hook("before the transaction")
        swaps = "; ".join(
            f"{w.swap(b.checkpoint)}; SET @moved += @@ROWCOUNT" for w, b in zip(writers, batches, strict=True)
        )
        moved = bulk.row(f"BEGIN TRANSACTION; DECLARE @moved int = 0; {swaps}; SELECT @moved")
        if moved is None or moved[0] != len(batches):
            bulk.execute("ROLLBACK")
        else:
            hook("before the copy")
            for table, rows, how in copies:
                bulk.copy(table, rows, how)
                around.bulk.copied = True
            hook("before the commit")
            committing = True
            bulk.execute("COMMIT")
    except (UnsuitableError, JetferryError):
        _close(bulk)
        return False
    except ServerError as e:
        _close(bulk)
        if e.trouble is ErrorKind.LOST and not committing:
            around.bulk.lost()
        return committing and _are_in(around, batches, writers)
    except BaseException:
        _close(bulk)
        raise
    around.bulk.give_back(bulk)
    return committing


def _are_in(around: WriterContext, batches: Sequence[TableBatch], writers: Sequence[ServerWriter]) -> bool:
    """The answer to COMMIT was lost: whether every checkpoint is where it was to be, set by these writers."""

    def ask(session: ServerSession) -> bool:
        tables = [w.table for w in writers]
        known = {schema: checkpoints.read_schema(session, schema) for schema in {t.schema for t in tables}}
        return all(
            w.has(known[t.schema].get(t.name, {}), b.checkpoint)
            for t, w, b in zip(tables, writers, batches, strict=True)
        )

    with suppress(JetferryError):
        return bool(around.with_session(ask, "asking what was committed"))
    return False


def _close(bulk: BulkSession | None) -> None:
    if bulk is not None:
        bulk.close()
