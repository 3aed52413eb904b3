"""Running statements that make objects: in order, several rounds, each failure reported, the rest going on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wizard.events import Listener, MessageTold, ObjectLoaded, Stage
from wizard.messages import CATALOGUE, Kind, Message, Place
from wizard.objects import Name, ObjectKind, Statement
from wizard.outcomes import LoadOutcome
from wizard.settings import Connection
from wizard.sqlserver import round_trips
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import DriverError, ServerError
from wizard.sqlserver.lasting_connection import LastingConnection
from wizard.sqlserver.retry import RetryPolicy

_EXISTS = frozenset((1781, 1779, 1750, 1913, 2705, 2714, 15233))
"""There is already an object, index, column, default, key or property of that name; 1750 comes with 2714."""

_EXISTS_WORDS = re.compile(r"already exists|multiple primary keys", re.IGNORECASE)
"""for servers that answer in SQL Server's stead and lack some of its numbers"""

_WHOLE = (ObjectKind.TABLE, ObjectKind.SCHEMA, ObjectKind.VIEW, ObjectKind.FUNCTION, ObjectKind.PROCEDURE)


@dataclass(frozen=True, slots=True)
class StatementStep:
    """A statement to run and the word for what it does when it succeeds."""

    statement: Statement
    action: LoadOutcome = LoadOutcome.CREATED


@dataclass(frozen=True, slots=True)
class StatementResult:
    """What became of a step. `fault` and `message` are set where `action` is failed."""

    statement: Statement
    action: LoadOutcome
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

    A step whose dependency failed is not tried in that round. What exists already counts as skipped. Several go to the
    server at once, as many as it does in about a second. Stops between them when `cancelled()`; the rest is then
    missing from the result. Raises TargetError where the server is lost or does not let the account in.
    """
    runner = _Runner(LastingConnection(connection, password, policy, listener), listener)
    waiting: Sequence[StatementStep] = list(steps)
    done: list[StatementResult] = []
    try:
        for round_ in range(max(1, attempts)):
            failed: list[StatementResult] = []
            again: list[StatementStep] = []
            left = waiting
            while left:
                if cancelled():
                    return done
                group, left = runner.cut(left)
                for step, outcome in zip(group, runner.run(group, failed), strict=True):
                    if outcome.action is LoadOutcome.FAILED:
                        failed.append(outcome)
                        again.append(step)
                    else:
                        done.append(outcome)
                        _emit(listener, outcome)
            progress = len(again) < len(waiting)
            waiting = again
            if not waiting:
                break
            if not progress or round_ + 1 == max(1, attempts):
                for outcome in failed:
                    done.append(outcome)
                    _emit(listener, outcome)
                break
    finally:
        runner.server.close()
    return done


class _Runner:
    """Runs groups of statements, larger ones while the server is quick."""

    def __init__(self, server: LastingConnection, listener: Listener | None) -> None:
        self.server, self._listener = server, listener
        self._width = round_trips.BatchWidth()
        self._told = False

    def cut(self, steps: Sequence[StatementStep]) -> tuple[Sequence[StatementStep], Sequence[StatementStep]]:
        """The next group, and what is left."""
        size = self._width.cut([s.statement.sql for s in steps])
        return steps[:size], steps[size:]

    def run(self, steps: Sequence[StatementStep], failed: Iterable[StatementResult]) -> list[StatementResult]:
        """What became of each; those that need what has failed before, or among them, are not tried.

        Raises TargetError where it is the server that fails.
        """
        blocked = {n: b for n, s in enumerate(steps) if (b := _blocked(s.statement, failed))}
        tried = [n for n in range(len(steps)) if n not in blocked]
        outcomes = self._outcomes([steps[n] for n in tried])
        found: list[StatementResult] = []
        for place, step in enumerate(steps):
            one = blocked.get(place) or _blocked(step.statement, found)
            if one is None:
                one = outcomes[tried.index(place)] or self._alone(step)
            found.append(one)
        return found

    def _outcomes(self, steps: Sequence[StatementStep]) -> list[StatementResult | None]:
        """What became of each; None where only running it alone can show it."""
        if len(steps) < 2:
            return [None] * len(steps)
        script = [round_trips.BatchStatement(s.statement.sql, _needs(n, steps)) for n, s in enumerate(steps)]
        before = 0

        def make(session: ServerSession) -> list[round_trips.StatementOutcome]:
            nonlocal before
            before += 1
            with session.whole_tables():
                return round_trips.run_each(session, script)

        first, last = (described(s.statement) for s in (steps[0], steps[-1]))
        clock = time.monotonic()
        found = self.server.ask(make, f"{first} to {last}")
        self._width.took(time.monotonic() - clock)
        self._emit_once()
        return [_result(step, outcome, doubtful=before > 1) for step, outcome in zip(steps, found, strict=True)]

    def _emit_once(self) -> None:
        message = None if self._told else round_trips.degraded(self.server.name)
        if message and self._listener:
            self._told = True
            self._listener(MessageTold(time.time(), Stage.LOAD, message))

    def _alone(self, step: StatementStep) -> StatementResult:
        """Run one statement. Raises TargetError where it is the server that fails."""
        statement = step.statement

        def make(session: ServerSession) -> None:
            with session.whole_tables():
                session.execute(statement.sql)

        try:
            self.server.ask(make, described(statement))
        except ServerError as e:
            if exists_already(e.fault):
                return StatementResult(statement, LoadOutcome.SKIPPED, e.fault)
            return _failure(statement, e.fault)
        return StatementResult(statement, step.action)


def _needs(place: int, steps: Sequence[StatementStep]) -> tuple[int, ...]:
    """Places before it of statements without which it is not to be tried."""
    wanted = steps[place].statement.depends_on
    return tuple(n for n, s in enumerate(steps[:place]) if _is_whole(s.statement) and s.statement.name in wanted)


def _is_whole(statement: Statement) -> bool:
    """Whether it makes an object: a column that cannot be added leaves the table's other parts possible."""
    return statement.kind in _WHOLE and not statement.part


def _result(step: StatementStep, outcome: round_trips.StatementOutcome, *, doubtful: bool) -> StatementResult | None:
    """`doubtful`: it may have been made by a batch whose answer was lost, so that what exists is no other's."""
    statement = step.statement
    if outcome is None:
        return StatementResult(statement, step.action)
    if not isinstance(outcome, DriverError) or round_trips.is_partly_caught(outcome):
        return None
    if exists_already(outcome):
        return StatementResult(statement, step.action if doubtful else LoadOutcome.SKIPPED, outcome)
    return _failure(statement, outcome)


def exists_already(fault: DriverError) -> bool:
    """Whether a statement failed because what it makes is there."""
    return fault.number in _EXISTS or bool(_EXISTS_WORDS.search(fault.text))


def described(statement: Statement) -> str:
    """`table [dbo].[Orders]`, `column Paid of [dbo].[Orders]`, `index IX_1 of [dbo].[Orders]`."""
    kind = statement.kind.value.replace("_", " ")
    if statement.part and statement.kind is ObjectKind.TABLE:
        kind = "column"
    return f"{kind} {statement.part} of {statement.name}" if statement.part else f"{kind} {statement.name}"


def _failure(statement: Statement, fault: DriverError) -> StatementResult:
    place = Place(Kind.OBJECT, name=str(statement.name), part=statement.part)
    return StatementResult(
        statement, LoadOutcome.FAILED, fault, Message.of(5101, place, what=described(statement), reason=fault)
    )


def _blocked(statement: Statement, failed: Iterable[StatementResult]) -> StatementResult | None:
    """The outcome of a statement that needs an object which could not be made in this round."""
    absent: set[Name] = {f.statement.name for f in failed if f.action is LoadOutcome.FAILED and _is_whole(f.statement)}
    needed = next((n for n in statement.depends_on if n in absent), None)
    if needed is None:
        return None
    place = Place(Kind.OBJECT, name=str(statement.name), part=statement.part)
    message = Message.of(5102, place, what=described(statement), dependency=needed)
    return StatementResult(statement, LoadOutcome.FAILED, None, message)


def _emit(listener: Listener | None, outcome: StatementResult) -> None:
    if listener is None:
        return
    statement = outcome.statement
    failed = outcome.action is LoadOutcome.FAILED
    detail = outcome.message.text if outcome.message else ""
    if outcome.action is LoadOutcome.SKIPPED:
        detail = CATALOGUE[5103].text.format(what=described(statement))
    name = f"{statement.name}.{statement.part}" if statement.part else str(statement.name)
    sql = statement.sql if failed else ""
    listener(ObjectLoaded(time.time(), name, statement.kind, outcome.action, detail, sql))
