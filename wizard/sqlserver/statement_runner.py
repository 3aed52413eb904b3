"""Running statements that make objects: in order, several rounds, each failure told, the rest going on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wizard.events import Listener, ObjectLoaded
from wizard.messages import CATALOGUE, Kind, Message, Place
from wizard.objects import Name, ObjectKind, Statement
from wizard.settings import Connection
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import DriverError, ServerError
from wizard.sqlserver.lasting import Lasting
from wizard.sqlserver.retry import RetryPolicy

_EXISTS = frozenset((1781, 1779, 1750, 1913, 2705, 2714, 15233))
"""There is already an object, index, column, default, key or property of that name; 1750 comes with 2714."""

_EXISTS_WORDS = re.compile(r"already exists|multiple primary keys", re.IGNORECASE)
"""for servers that answer in SQL Server's stead and lack some of its numbers"""


@dataclass(frozen=True, slots=True)
class StatementStep:
    """A statement to run and the word for what it does when it succeeds."""

    statement: Statement
    action: str = "created"
    """created, altered or recreated"""


@dataclass(frozen=True, slots=True)
class StatementResult:
    """What became of a step. `fault` and `message` are set where `action` is failed."""

    statement: Statement
    action: str
    fault: DriverError | None = None
    message: Message | None = None


def run_statements(
    connection: Connection,
    password: str,
    steps: Iterable[StatementStep],
    *,
    attempts: int = 3,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    policy: RetryPolicy | None = None,
) -> list[StatementResult]:
    """Run the steps in order; those that fail are tried again after the others, up to `attempts` rounds.

    A step whose dependency failed is not tried in that round. What exists already counts as skipped. Stops between
    statements when `cancelled()`; the rest is then missing from the result. Raises TargetError where the server is
    lost or does not let the account in.
    """
    server = Lasting(connection, password, policy, listener)
    waiting = list(steps)
    done: list[StatementResult] = []
    try:
        for round_ in range(max(1, attempts)):
            failed: dict[int, StatementResult] = {}
            for number, step in enumerate(waiting):
                if cancelled():
                    return done
                outcome = _blocked(step.statement, failed.values()) or _run(server, step)
                if outcome.action == "failed":
                    failed[number] = outcome
                    continue
                done.append(outcome)
                _tell(listener, outcome)
            progress = len(failed) < len(waiting)
            waiting = [waiting[n] for n in failed]
            if not waiting:
                break
            if not progress or round_ + 1 == max(1, attempts):
                for outcome in failed.values():
                    done.append(outcome)
                    _tell(listener, outcome)
                break
    finally:
        server.close()
    return done


def _run(server: Lasting, step: StatementStep) -> StatementResult:
    """Run one statement. Raises TargetError where it is the server that fails."""
    statement = step.statement

    def make(session: ServerSession) -> None:
        with session.whole_tables():
            session.execute(statement.sql)

    try:
        server.ask(make, described(statement))
    except ServerError as e:
        if exists_already(e.fault):
            return StatementResult(statement, "skipped", e.fault)
        return _failure(statement, e.fault)
    return StatementResult(statement, step.action)


def exists_already(fault: DriverError) -> bool:
    """Whether a statement failed because what it makes is there."""
    return fault.number in _EXISTS or bool(_EXISTS_WORDS.search(fault.text))


def described(statement: Statement) -> str:
    """`table [dbo].[Orders]`, `index IX_1 of [dbo].[Orders]`."""
    kind = statement.kind.value.replace("_", " ")
    return f"{kind} {statement.part} of {statement.name}" if statement.part else f"{kind} {statement.name}"


def _failure(statement: Statement, fault: DriverError) -> StatementResult:
    place = Place(Kind.OBJECT, name=str(statement.name), part=statement.part)
    return StatementResult(statement, "failed", fault, Message.of(5101, place, what=described(statement), reason=fault))


def _blocked(statement: Statement, failed: Iterable[StatementResult]) -> StatementResult | None:
    """The outcome of a statement that needs an object which could not be made in this round."""
    whole = (ObjectKind.TABLE, ObjectKind.SCHEMA, ObjectKind.VIEW, ObjectKind.FUNCTION, ObjectKind.PROCEDURE)
    absent: set[Name] = {f.statement.name for f in failed if f.statement.kind in whole}
    needed = next((n for n in statement.depends_on if n in absent), None)
    if needed is None:
        return None
    place = Place(Kind.OBJECT, name=str(statement.name), part=statement.part)
    message = Message.of(5102, place, what=described(statement), dependency=needed)
    return StatementResult(statement, "failed", None, message)


def _tell(listener: Listener | None, outcome: StatementResult) -> None:
    if listener is None:
        return
    statement = outcome.statement
    failed = outcome.action == "failed"
    detail = outcome.message.text if outcome.message else ""
    if outcome.action == "skipped":
        detail = CATALOGUE[5103].text.format(what=described(statement))
    name = f"{statement.name}.{statement.part}" if statement.part else str(statement.name)
    sql = statement.sql if failed else ""
    listener(ObjectLoaded(time.time(), name, statement.kind, outcome.action, detail, sql))
