"""What stands in for servers and workers in pictures, so that figures and times are the same in every one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.events import (
    BatchCommitted,
    Event,
    MessageTold,
    ObjectLoaded,
    PauseChanged,
    Progress,
    Stage,
    StageChanged,
    Status,
    TableFinished,
    TableStarted,
)
from wizard.messages import Message, Place
from wizard.outcomes import TableState
from wizard.sqlserver.connection_test import ConnectionStep, ConnectionVerdict
from wizard.stages import LoadAction, LoadFailure, LoadItem, ObjectDifference, Reject, TableProgress
from wizard.worker import Command, WorkerState, WorkerTask

GOOD = (
    ConnectionVerdict(ConnectionStep.REACH, True, "db1 answers on port 1433.", 0.01),
    ConnectionVerdict(ConnectionStep.ENCRYPT, True, "The connection is encrypted."),
    ConnectionVerdict(ConnectionStep.SIGN_IN, True, "ferry is let in.", 0.1),
    ConnectionVerdict(ConnectionStep.DATABASE, True, "SQL Server 2022, database books."),
    ConnectionVerdict(ConnectionStep.RIGHTS, True, "The account may create and fill tables."),
)


def verdicts(*_: object) -> Iterator[ConnectionVerdict]:
    """A server with which all is well."""
    yield from GOOD


def refused(*_: object) -> Iterator[ConnectionVerdict]:
    """A server that does not let the account in."""
    yield from GOOD[:2]
    yield ConnectionVerdict(
        ConnectionStep.SIGN_IN, False, "Login failed for user 'ferry'. Check the name and the password.", 0.1
    )


ITEMS = (
    LoadItem("[dbo].[Publishers]", "table", ObjectDifference.SAME, LoadAction.NOTHING, (LoadAction.NOTHING,)),
    LoadItem(
        "[dbo].[Books]", "table", ObjectDifference.ALTER, LoadAction.ALTER,
        (LoadAction.ALTER, LoadAction.RECREATE, LoadAction.SKIP), "column Price: money there, decimal(19,4) here",
        "ALTER TABLE [dbo].[Books] ALTER COLUMN [Price] decimal(19,4) NOT NULL",
    ),
    LoadItem(
        "[dbo].[Authors]", "table", ObjectDifference.CREATE, LoadAction.CREATE,
        (LoadAction.CREATE, LoadAction.SKIP), "",
        "CREATE TABLE [dbo].[Authors] (\n    [AuthorID] int IDENTITY(1,1) NOT NULL\n);",
    ),
    LoadItem(
        "[dbo].[Sales]", "view", ObjectDifference.CONFLICT, LoadAction.SKIP, (LoadAction.RECREATE, LoadAction.SKIP)
    ),
)  # fmt: skip
FAILURE = LoadFailure(
    "[dbo].[Authors]", "table", ITEMS[2].sql, "There is already an object named 'Authors' in the database."
)
REJECTS = tuple(
    Reject(n, f"OrderID={n}", "Quantity", 547, "The INSERT statement conflicted with the CHECK constraint CK_Quantity",
           {"OrderID": str(n), "Quantity": "-1", "Note": None})
    for n in (17, 230)
)  # fmt: skip
REPORT = (
    TableProgress("dbo.Publishers", 7, 7, 0, 300, 0.5, TableState.DONE),
    TableProgress("dbo.Orders", 600, 598, 2, 40_000, 1.5, TableState.LOSSES, "2 rows were rejected", repaired=3),
    TableProgress("dbo.Stock Movements", 2_000, 500, 0, 90_000, 2.0, TableState.STOPPED, "stopped at the next batch"),
)

MIGRATING: tuple[Event, ...] = (
    StageChanged(1.0, Stage.MIGRATE, Status.RUNNING),
    TableStarted(1.0, "dbo.Publishers", 7),
    TableFinished(2.0, "dbo.Publishers", 7, 0, 0.5, TableState.DONE),
    TableStarted(1.0, "dbo.Orders", 600),
    BatchCommitted(3.0, "dbo.Orders", 450, 2, 600, 40_000, 1.5),
    TableStarted(1.0, "dbo.Stock Movements", 2000),
    BatchCommitted(3.0, "dbo.Stock Movements", 500, 0, 2000, 90_000, 2.0),
    MessageTold(3.0, Stage.MIGRATE, Message.of(8305, Place(), signal="SIGTERM", project="harborbooks")),
)
LOSING: tuple[Event, ...] = (
    StageChanged(1.0, Stage.MIGRATE, Status.RUNNING),
    TableStarted(1.0, "dbo.Publishers", 7),
    TableFinished(2.0, "dbo.Publishers", 3, 4, 0.5, TableState.LOSSES),
    MessageTold(2.0, Stage.MIGRATE, Message.of(
        6301, Place(), table="dbo.Publishers", arrived=3, total=7, count=4, file="rejects/dbo.Publishers.csv")),
    TableStarted(1.0, "dbo.User", 3),
    TableFinished(2.0, "dbo.User", 0, 3, 0.5, TableState.MISSING),
    TableStarted(1.0, "dbo.Orders", 600),
    BatchCommitted(3.0, "dbo.Orders", 450, 0, 600, 40_000, 1.5),
)  # fmt: skip
PAUSED: tuple[Event, ...] = (*MIGRATING, PauseChanged(4.0, True))
LOADING: tuple[Event, ...] = (
    StageChanged(1.0, Stage.LOAD, Status.RUNNING),
    ObjectLoaded(1.0, "[dbo].[Publishers]", "table", "same"),
    ObjectLoaded(1.0, "[dbo].[Books]", "table", "altered"),
    Progress(1.0, Stage.LOAD, 2, 4, "[dbo].[Authors]"),
)


class Worker:
    """Stands in for the attachment to a worker in the middle of its work."""

    ended = None

    def __init__(self, history: Sequence[Event], work: WorkerTask = WorkerTask.MIGRATE) -> None:
        self.history = tuple(history)
        self.state = WorkerState(4711, "ferry", "2026-11-22T20:00:00+00:00", work)

    def poll(self) -> list[Event]:
        return []

    def send(self, command: Command) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """Nothing is open."""
