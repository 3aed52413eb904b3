"""Bulk copies without rows, which look up columns ahead of the first rows and find out which locks exclude each
other."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pyarrow as pa

from wizard.coercion.arrow_types import batch_schema
from wizard.messages import TargetError
from wizard.sink import Delivery
from wizard.sqlserver.bulk_copy import BulkSession, CopyOptions, UnsuitableError, wire_batch, with_extended_types
from wizard.sqlserver.bulk_sessions import BulkSessions
from wizard.sqlserver.driver_errors import ServerError

_IMPATIENCE: Final = 200
"""milliseconds to wait for a lock"""
_LEAVE: Final = "IF @@TRANCOUNT > 0 ROLLBACK; SET LOCK_TIMEOUT -1"


def prefetch_columns(bulk: BulkSession, delivery: Delivery, options: CopyOptions) -> None:
    """Have the server look up the columns, which takes longest the first time on a connection. Raises ServerError."""
    _enter(bulk, delivery, options)
    bulk.execute(_LEAVE)


def locks_are_shared(sessions: BulkSessions, delivery: Delivery, options: CopyOptions) -> bool:
    """Tried out: a second bulk copy while the transaction of a first one is open; neither has rows, nothing stays.

    What is known of SQL Server (*Controlling locking behavior for bulk import*): with TABLOCK, copies into a heap
    without indexes take locks that go together, and any other table is for one copy at a time; without it they lock
    rows. Trying finds that out, and whatever other servers do, and options of the table too. False where the server
    cannot be asked.
    """
    taken: list[BulkSession] = []
    try:
        for _ in range(2):
            taken.append(sessions.take())
            _enter(taken[-1], delivery, options)
    except (ServerError, UnsuitableError, TargetError):
        if len(taken) == 2:
            taken.pop().close()
        together = False
    else:
        together = True
    for bulk in taken:
        try:
            bulk.execute(_LEAVE)
        except ServerError:
            bulk.close()
        else:
            sessions.give_back(bulk)
    return together


def _enter(bulk: BulkSession, delivery: Delivery, options: CopyOptions) -> None:
    """Begin a transaction and copy nothing into the table: its locks are held until the transaction ends."""
    columns = delivery.columns
    nothing = wire_batch(pa.RecordBatch.from_pylist([], schema=batch_schema(columns)), with_extended_types(columns))
    bulk.execute(f"SET LOCK_TIMEOUT {_IMPATIENCE}; BEGIN TRANSACTION")
    bulk.copy(delivery.table.name, nothing, replace(options, fire_triggers=False))
