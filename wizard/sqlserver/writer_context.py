"""State that the writers of a server's tables share, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from wizard.events import Listener
from wizard.objects import Name
from wizard.sink import Checkpoint, Partition
from wizard.sqlserver import checkpoints
from wizard.sqlserver.bulk_sessions import BulkSessions
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.retry import RetryPolicy

Hook = Callable[[str], None]
"""Called with the name of each point a crash may come at; tests stop the process or the connection there."""


class WithSession(Protocol):
    """`ServerSink.with_session`."""

    def __call__(self, work: Callable[[ServerSession], Any], what: str, table: Name | None = None) -> Any:
        """Do `work` in a session, tried again where trouble passes. Raises TargetError."""


@dataclass(frozen=True, slots=True)
class WriterContext:
    """What writers have from their sink."""

    with_session: WithSession
    policy: RetryPolicy
    on_event: Listener
    emit_message: Callable[..., None]
    """number, table and facts of a message"""
    bulk: BulkSessions
    hook: Hook


PartitionCheckpoint = tuple[Partition, Checkpoint]


@dataclass(frozen=True, slots=True)
class CheckpointState:
    """Where a checkpoint is kept, whose token is in it, and how far it has come."""

    place: checkpoints.CheckpointKey
    writer: str
    checkpoint: Checkpoint
