"""Several statements, or questions, in one round trip, each with an outcome of its own.

Each stands in a TRY of its own and is compiled by itself (EXEC), so that what fails there is known by its place and the
rest goes on, as if they had been sent one by one. Where an error ends the batch all the same, the statement that it
ended at is sent alone, and the rest goes on in another batch. A server on which it then goes well does not take such
batches: that is remembered, and it is sent single statements from then on.

Sources: "TRY...CATCH (Transact-SQL)": an error of a lower level of execution, compiling included, is caught by the
level above; "ERROR_NUMBER": of several errors of one statement, CATCH knows the last alone.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.messages import Kind, Message, Place
from wizard.objects import literal
from wizard.sqlserver import error_kinds
from wizard.sqlserver.connection import Row, ServerSession
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError

MOST: Final = 128
"""statements of a batch"""
LONGEST: Final = 256 << 10
"""characters of a batch"""
LONG: Final = 1.0
"""seconds of a batch above which the next is smaller"""
_PLACE: Final = "jetferry_place"
"""the column that ends a question's rows"""
_AFTER_OTHERS: Final = frozenset((1750, 3727, 4922))
"""numbers that come after the one that says why"""
_SAID_BEFORE: Final = re.compile(r"previous error|see (the )?(other|earlier)", re.IGNORECASE)
_PATIENCE: Final = 3
"""batches that end at statements which go well by themselves, before no other is sent"""
_strikes: Counter[str] = Counter()
_singly: dict[str, DriverError] = {}
"""servers that read no such batches, each with what it said"""


@dataclass(frozen=True, slots=True)
class BatchStatement:
    """A statement of a batch; not tried where one of those that it `needs`, by their places, has failed."""

    sql: str
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NotTried:
    """The outcome of a statement that needs one that failed."""


StatementOutcome = DriverError | NotTried | None
"""None: done"""


def takes_several(session: ServerSession) -> bool:
    """Whether the server has not refused such a batch yet."""
    return session.server not in _singly


def degraded(server: str) -> Message | None:
    """The message about a server that takes statements one by one."""
    why = _singly.get(server)
    return Message.of(5026, Place(Kind.SERVER, name=server), server=server, reason=why) if why else None


def is_partly_caught(fault: DriverError) -> bool:
    """Whether what CATCH knows is only the end of what the server says: run alone, the statement gives all of it."""
    return fault.number in _AFTER_OTHERS or bool(_SAID_BEFORE.search(fault.text)) or not fault.text


def run_each(session: ServerSession, steps: Sequence[BatchStatement]) -> list[StatementOutcome]:
    """Run the statements in their order, each committed by itself; what became of each.

    Raises ServerError where the server is lost or busy: those that are done are done. Not for statements that give
    rows, nor within a transaction.
    """
    done: list[StatementOutcome] = []
    while len(done) < len(steps):
        if len(steps) - len(done) == 1 or not takes_several(session):
            step = steps[len(done)]
            tried = all(done[n] is None for n in step.needs)
            done.append(_ran(session, step.sql) if tried else NotTried())
            continue
        ends, why = _ends(session, _script(steps, done), len(steps) - len(done))
        done += [_fault(*end) if any(end) else None for end, _ in ends]
        if why is not None and len(done) < len(steps):
            done.append(_ran(session, steps[len(done)].sql))
            _remember(session, why, well=done[-1] is None)
    return [NotTried() if o == _NOT_TRIED else o for o in done]


def _said(text: str) -> str:
    return f"CAST({text} AS nvarchar(4000)) AS said"


_NOTHING: Final = _said("N''")
_NOT_TRIED: Final = DriverError(0, "not tried", ErrorKind.OTHER)


def _ran(session: ServerSession, sql: str) -> StatementOutcome:
    try:
        session.execute(sql)
    except ServerError as e:
        if e.trouble.passing:
            raise
        return e.fault
    return None


def _script(steps: Sequence[BatchStatement], done: Sequence[StatementOutcome]) -> str:
    """A batch of those that are left."""
    failed = [n for n, outcome in enumerate(done) if outcome is not None]
    parts = ["DECLARE @failed TABLE (place int NOT NULL);"]
    if failed:
        parts.append(f"INSERT INTO @failed VALUES {', '.join(f'({n})' for n in failed)};")
    for place, step in enumerate(steps[len(done) :], len(done)):
        if step.needs:
            needed = ", ".join(map(str, step.needs))
            parts.append(
                f"IF EXISTS (SELECT 1 FROM @failed WHERE place IN ({needed}))"
                f" BEGIN INSERT INTO @failed VALUES ({place}); SELECT {place} AS {_PLACE}, 0 AS number,"
                f" {_said(literal(_NOT_TRIED.text))} END\nELSE"
            )
        parts.append(
            f"BEGIN TRY EXEC ({literal(step.sql)}); SELECT {place} AS {_PLACE}, 0 AS number, {_NOTHING} END TRY\n"
            f"BEGIN CATCH INSERT INTO @failed VALUES ({place}); SELECT {place} AS {_PLACE},"
            f" ERROR_NUMBER() AS number, {_said('ERROR_MESSAGE()')} END CATCH;"
        )
    return "\n".join(parts)


def _ends(
    session: ServerSession, sql: str, count: int
) -> tuple[list[tuple[tuple[int, str], list[Row]]], ServerError | None]:
    """Of a batch of `count` statements, number and text of each one's error, 0 and empty where it went well, with the
    rows that it gave; and what ended the batch before its end, an error that no CATCH is given. Raises ServerError for
    what passes."""
    sets: list[tuple[tuple[str, ...], list[Row]]] = []
    why = None
    with session.for_statements(count):
        try:
            session.titled_sets(sql, sets)
        except ServerError as e:
            if e.trouble.passing:
                raise
            why = e
    ends: list[tuple[tuple[int, str], list[Row]]] = []
    rows: list[Row] | None = None
    for names, own in sets:
        if not names or names[0] != _PLACE:
            rows = own if rows is None else rows
            continue
        _, number, said = own[0]
        ends.append(((int(number or 0), str(said or "")), rows or []))
        rows = None
    passing = next((f for end, _ in ends if any(end) and (f := _fault(*end)).trouble.passing), None)
    if passing is not None:
        raise ServerError(passing)
    if (
        why is None and len(ends) < count
    ):  # neither an end nor an error: asked again in a batch, it would be so for ever
        why = ServerError(
            DriverError(0, f"{len(ends)} of {count} statements of a batch were answered", ErrorKind.OTHER)
        )
    return ends, why


def ask_each(session: ServerSession, questions: Sequence[str]) -> list[list[Row] | DriverError]:
    """The rows of each question's first result set, or why the server does not answer it. Meant for small results.

    Raises ServerError where the server is lost or busy.
    """
    found: list[list[Row] | DriverError] = []
    while len(found) < len(questions):
        if len(questions) - len(found) == 1 or not takes_several(session):
            found.append(_asked(session, questions[len(found)]))
            continue
        ends, why = _ends(session, _questions(questions[len(found) :]), len(questions) - len(found))
        found += [_fault(*end) if any(end) else rows for end, rows in ends]
        if why is not None and len(found) < len(questions):
            found.append(_asked(session, questions[len(found)]))
            _remember(session, why, well=not isinstance(found[-1], DriverError))
    return found


def _asked(session: ServerSession, question: str) -> list[Row] | DriverError:
    try:
        return session.query(question)
    except ServerError as e:
        if e.trouble.passing:
            raise
        return e.fault


def _questions(questions: Sequence[str]) -> str:
    return "\n".join(
        f"BEGIN TRY EXEC ({literal(question)}); SELECT {place} AS {_PLACE}, 0 AS number, {_NOTHING} END TRY\n"
        f"BEGIN CATCH SELECT {place} AS {_PLACE}, ERROR_NUMBER() AS number, {_said('ERROR_MESSAGE()')} END CATCH;"
        for place, question in enumerate(questions)
    )


def _fault(number: int, said: str) -> DriverError:
    return DriverError(number, said, error_kinds.of_number(number) or error_kinds.of_words(said) or ErrorKind.OTHER)


def _remember(session: ServerSession, why: ServerError, *, well: bool) -> None:
    """A batch ended early. Where the statement that it ended at went well by itself, it is batches that fail."""
    if not well:
        return
    _strikes[session.server] += 1
    if _strikes[session.server] >= _PATIENCE:
        _singly[session.server] = why.fault


class BatchWidth:
    """How many statements go together: more while the server is quick, so that between two batches one may stop, and
    never so few that a slow server, or one far away, is asked for each by itself."""

    def __init__(self, first: int = 16) -> None:
        self._width = first
        self._least = max(1, first // 2)

    def cut(self, texts: Sequence[str]) -> int:
        """How many of the texts go next."""
        return len(next(groups(texts, self._width), ()))

    def took(self, seconds: float) -> None:
        """The last batch took so long."""
        if seconds > LONG:
            self._width = max(self._least, self._width // 2)
        elif seconds < LONG / 2:
            self._width = min(MOST, self._width * 2)


def run_all(session: ServerSession, steps: Sequence[BatchStatement], width: BatchWidth) -> list[StatementOutcome]:
    """As `run_each`, any number of statements that do not need each other, as many at once as the width says."""
    done: list[StatementOutcome] = []
    while len(done) < len(steps):
        left = steps[len(done) :]
        size = width.cut([s.sql for s in left])
        clock = time.monotonic()
        done += run_each(session, left[:size])
        width.took(time.monotonic() - clock)
    return done


def ask_all(session: ServerSession, questions: Sequence[str], width: BatchWidth) -> list[list[Row] | DriverError]:
    """As `ask_each`, any number of questions, as many at once as the width says."""
    found: list[list[Row] | DriverError] = []
    while len(found) < len(questions):
        left = questions[len(found) :]
        size = width.cut(left)
        clock = time.monotonic()
        found += ask_each(session, left[:size])
        width.took(time.monotonic() - clock)
    return found


def groups(texts: Sequence[str], most: int = MOST) -> Iterator[range]:
    """Places of texts that go together: at most so many, and no longer than a batch should be."""
    start = length = 0
    for place, text in enumerate(texts):
        if place > start and (place - start >= most or length + len(text) > LONGEST):
            yield range(start, place)
            start, length = place, 0
        length += len(text)
    if start < len(texts):
        yield range(start, len(texts))
