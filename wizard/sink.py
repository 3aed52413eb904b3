"""Where moved rows go: the contract between `migrate` and a target, be it a server or the offline package.

A target proves for itself how far each table has come. With every batch it keeps a `Checkpoint`, and batch and
checkpoint become permanent together or not at all: a server keeps the checkpoint in a row that the batch's own
transaction updates, the package in a small file beside the data that says how many bytes of it count. After any crash
the checkpoint is therefore the truth about the rows, whatever the journal on this machine managed to write.

A large table may be divided: its rows then move in partitions, each a range of source positions with a checkpoint of
its own, several at once (see `Partitionable`). The division is kept in the target, together with the table's
checkpoint, so that any later run finds the same partitions, whatever number of them it moves at once. When all are
complete they are joined: their checkpoints go and the table's own checkpoint counts their rows, in one step.
Partitions thus exist only while a table is under way, and a complete table looks the same however it was filled.

A checkpoint carries the token of the writer that set it. `Sink.open` puts a new token there, and `TableWriter.write`
succeeds only while its own token and its former position still stand (compare and swap). A writer that was
forgotten (a process thought dead, a connection thought cut) can thus never add rows once another has taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from wizard.messages import Message, TargetError
from wizard.objects import Name, ServerColumn, ServerTable


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a table has come in the target."""

    next: int = 0
    """the source position to go on from; rows at smaller positions are written or rejected"""
    rows: int = 0
    """rows that were written"""
    rejected: int = 0
    """rows that were rejected on the way"""
    complete: bool = False
    """the source was read to its end"""
    source: str = ""
    """the fingerprint of the source's table when the rows began to move"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A table to be filled. Batches have one field per column, in this order, of the type `arrow_type` says."""

    table: ServerTable
    columns: tuple[ServerColumn, ...]
    source: str
    """the fingerprint a new checkpoint is given"""
    part: str = ""
    """empty for the table's rows; a name of its own for rows that follow later (rejects sent again)"""
    writers: int = 1
    """how many may write it at once; 0 where no row is to come, as far as is known"""
    rows: int = 0
    """rows that are to come, as far as is known"""


@dataclass(frozen=True, slots=True)
class Partition:
    """A range of a table's source positions that moves on its own: from `start` up to, not including, `stop`."""

    start: int
    stop: int | None
    """None for the last one, which goes to the source's end"""


class RefusedError(TargetError):
    """The target refuses at least one row of a batch, and has taken none of it; `write` may be given fewer."""


class SupersededError(TargetError):
    """Another writer has taken the table over since this one opened it: stop, and write nothing more."""


class TableWriter(Protocol):
    """Writes one delivery's batches. Used by one thread at a time."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What is proven to be in the target."""

    def write(self, batch: pa.RecordBatch, checkpoint: Checkpoint) -> None:
        """Add the batch's rows and set the checkpoint, both or neither; `checkpoint.rows` counts the batch already.

        An empty batch moves only the checkpoint. When this returns, both are as permanent as the target makes things.
        Raises RefusedError where rows cannot go, SupersededError, or TargetError where the target is lost for good
        (passing faults are retried inside).
        """

    def close(self) -> None:
        """Let go of connections or files. Never raises for what is already lost."""

    def rest(self) -> None:
        """Let go of a connection for a while; the next write connects again. Never raises for what is already lost."""

    @property
    def finder(self) -> RefusedRowFinder | None:
        """What finds which rows of a refused batch are to blame; None where they are found by trying."""

    @property
    def partitions(self) -> Partitionable | None:
        """What divides the table; None where its rows can only move one after the other."""


class RefusedRowFinder(Protocol):
    """Finds which rows of a refused batch are to blame, quicker than by trying parts of it."""

    @property
    def dear(self) -> bool:
        """Whether a refused write costs so much that it is better to ask first, where bad rows were found before."""

    def sift(self, batch: pa.RecordBatch) -> dict[int, RefusedError | None]:
        """The first rows that are likely to be refused, by their place in the batch; empty where it cannot know.

        Each with why it is refused, or None where that is only likely: the caller tries it all the same. Nothing is
        written.
        """


class Partitionable(Protocol):
    """A table whose rows may move in partitions, each through a writer of its own, several at once.

    A table that is divided takes rows through its partitions alone until `join`; the table's writer keeps its own
    checkpoint.
    """

    @property
    def parts(self) -> tuple[tuple[Partition, Checkpoint], ...]:
        """The partitions with their checkpoints as they were when the table was opened or divided, in the order of
        positions."""

    def shared(self) -> bool:
        """Whether several writers can fill the table at once without waiting for each other's locks. Not yet divided.

        False where the target cannot know.
        """

    def divide(self, borders: Sequence[int]) -> None:
        """Divide what is left, from the checkpoint's `next` to the source's end, at these positions. Permanent on
        return.

        Raises SupersededError, or TargetError where the target is lost.
        """

    def part(self, part: Partition) -> TableWriter:
        """A writer for one of `parts`, whose checkpoints count that partition's rows alone."""

    def join(self, checkpoint: Checkpoint) -> None:
        """Put `checkpoint` in the place of the table's checkpoint and of all partitions', in one step.

        It counts the rows of them all.

        Raises SupersededError where one of them has been taken over, TargetError where the target is lost.
        """


@dataclass(frozen=True, slots=True)
class TableBatch:
    """All rows of a table, for its writer, and the checkpoint after them."""

    writer: TableWriter
    rows: pa.RecordBatch
    checkpoint: Checkpoint


class TablesTogether(Protocol):
    """Fills several tables that hold nothing yet in one transaction: what is small comes over in few round trips."""

    def open_several(self, deliveries: Sequence[Delivery]) -> Sequence[TableWriter | None]:
        """Take the tables over. None for one that has to be opened by itself, which says why.

        Raises TargetError where the target is lost.
        """

    def write_several(self, batches: Sequence[TableBatch]) -> bool:
        """Add all tables' rows and set all their checkpoints, all or none. False where it is not certain that all are
        in: each table is then to be opened by itself, and gives its checkpoint. Tried once; raises nothing for it."""


@dataclass(frozen=True, slots=True)
class OrphanedRows:
    """Rows of a table that refer to rejected rows of another: the foreign key over them cannot be trusted."""

    child: Name
    key: str
    """the foreign key's name"""
    parent: Name
    count: int
    values: str
    """some of the values they refer by, for people"""


FindOrphans = Callable[[], Sequence[OrphanedRows]]


def no_orphans() -> Sequence[OrphanedRows]:
    """Where no row was rejected."""
    return ()


class Sink(Protocol):
    """A target that takes rows. `open` may be called from several threads."""

    def checkpoint(self, table: Name, part: str = "") -> Checkpoint | None:
        """What the target knows of the table; None where Jetferry never put rows there.

        Of a table that is divided, it counts the rows of all partitions, and `next` is where the first unfinished one
        is.
        """

    def count(self, table: Name) -> int:
        """Rows that are in the table now, counted."""

    def empty(self, table: Name) -> None:
        """Take all rows and checkpoints of a table away. Raises TargetError where Jetferry did not fill the table."""

    def prepare(self, deliveries: Sequence[Delivery]) -> list[Message]:
        """Before rows move: what slows or hinders the load is put aside, as the options say.

        The deliveries are opened in this order, those that are complete already perhaps not at all.
        """

    def open(self, delivery: Delivery) -> TableWriter:
        """Take the table over and go on from its checkpoint. Raises TargetError where rows of others are there."""

    @property
    def together(self) -> TablesTogether | None:
        """What fills several tables at once; None where that gains nothing."""

    def finish(
        self,
        tables: Sequence[ServerTable],
        unfinished: Sequence[ServerTable] = (),
        orphans: FindOrphans = no_orphans,
    ) -> list[Message]:
        """After rows moved: constraints made and checked, counters set, statistics taken. Harmless to repeat.

        `unfinished` are tables that were prepared and did not get all their rows; `orphans` finds rows that break
        foreign keys, for a target that cannot ask its own rows.
        """

    def close(self) -> None:
        """Let go of everything. Never raises for what is already lost."""
