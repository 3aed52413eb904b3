"""Several statements, or questions, in one round trip, each with an outcome of its own.

Each stands in a TRY of its own and is compiled by itself (EXEC), so that what fails there is told by its place and
the rest goes on, as if they had been sent one by one. A server that does not read such a batch is remembered, and
is sent single ones from then on.

Sources: "TRY...CATCH (Transact-SQL)": an error of a lower level of execution, compiling included, is caught by the
level above; "ERROR_NUMBER": of several errors of one statement, CATCH knows the last alone.
"""

from __future__ import annotations

import re
import time
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
_PLACE: Final = "jetferry place"
"""the column that ends a question's rows"""
_AFTER_OTHERS: Final = frozenset((1750, 3727, 4922))
"""numbers that come after the one that says why"""
_SAID_BEFORE: Final = re.compile(r"previous error|see (the )?(other|earlier)", re.IGNORECASE)
_singly: dict[str, DriverError] = {}
"""servers that read no such batches, each with what it said"""


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of a batch; not tried where one of those that it `needs`, by their places, has failed."""

    sql: str
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NotTried:
    """The outcome of a statement that needs one that failed."""


Outcome = DriverError | NotTried | None
"""None: done"""


def takes_several(session: ServerSession) -> bool:
    """Whether the server has not refused such a batch yet."""
    return session.server not in _singly


def degraded(server: str) -> Message | None:
    """What is to be told of a server that takes statements one by one."""
    why = _singly.get(server)
    return Message.of(5026, Place(Kind.SERVER, name=server), server=server, reason=why) if why else None


def is_told_in_part(fault: DriverError) -> bool:
    """Whether what CATCH knows is only the end of what the server says: the statement alone will tell all."""
    return fault.number in _AFTER_OTHERS or bool(_SAID_BEFORE.search(fault.text)) or not fault.text


def run_each(session: ServerSession, steps: Sequence[Step]) -> list[Outcome]:
    """Run the statements in their order, each committed by itself; what became of each.

    Raises ServerError where the server is lost or busy: those that are done are done. Not for statements that give
    rows, nor within a transaction.
    """
    if len(steps) > 1 and takes_several(session):
        try:
            with session.for_statements(len(steps)):
                found = session.sets(_script(steps))
        except ServerError as e:
            _refused(session, e)
        else:
            outcomes = _outcomes(found[-1] if found else [], len(steps))
            passing = next((o for o in outcomes if isinstance(o, DriverError) and o.trouble.passing), None)
            if passing is not None:
                raise ServerError(passing)
            return outcomes
    return _one_by_one(session, steps)


def _one_by_one(session: ServerSession, steps: Sequence[Step]) -> list[Outcome]:
    done: list[Outcome] = []
    for step in steps:
        if any(done[n] is not None for n in step.needs):
            done.append(NotTried())
            continue
        try:
            session.execute(step.sql)
        except ServerError as e:
            if e.trouble.passing:
                raise
            done.append(e.fault)
        else:
            done.append(None)
    return done


def _script(steps: Sequence[Step]) -> str:
    parts = ["DECLARE @failed TABLE (place int NOT NULL, number int NOT NULL, said nvarchar(4000) NULL);"]
    for place, step in enumerate(steps):
        if step.needs:
            needed = ", ".join(map(str, step.needs))
            parts.append(
                f"IF EXISTS (SELECT 1 FROM @failed WHERE place IN ({needed}))"
                f" INSERT INTO @failed VALUES ({place}, 0, NULL)\nELSE"
            )
        parts.append(
            f"BEGIN TRY EXEC ({literal(step.sql)}) END TRY\nBEGIN CATCH INSERT INTO @failed"
            f" VALUES ({place}, ERROR_NUMBER(), ERROR_MESSAGE()) END CATCH;"
        )
    return "\n".join([*parts, "SELECT place, number, said FROM @failed;"])


def _outcomes(rows: Sequence[Row], count: int) -> list[Outcome]:
    found: list[Outcome] = [None] * count
    for place, number, said in rows:
        found[int(place)] = _fault(int(number), str(said or "")) if number or said else NotTried()
    return found


def ask_each(session: ServerSession, questions: Sequence[str]) -> list[list[Row] | DriverError]:
    """The rows of each question's first result set, or why the server does not answer it. Meant for small results.

    Raises ServerError where the server is lost or busy.
    """
    if len(questions) > 1 and takes_several(session):
        try:
            with session.for_statements(len(questions)):
                found = session.titled_sets(_questions(questions))
        except ServerError as e:
            _refused(session, e)
        else:
            return _answers(found, len(questions))
    return [_asked(session, q) for q in questions]


def _asked(session: ServerSession, question: str) -> list[Row] | DriverError:
    try:
        return session.query(question)
    except ServerError as e:
        if e.trouble.passing:
            raise
        return e.fault


def _questions(questions: Sequence[str]) -> str:
    return "\n".join(
        f"BEGIN TRY EXEC ({literal(question)}); SELECT {place} AS [{_PLACE}], 0 AS number, N'' AS said END TRY\n"
        f"BEGIN CATCH SELECT {place} AS [{_PLACE}], ERROR_NUMBER() AS number, ERROR_MESSAGE() AS said END CATCH;"
        for place, question in enumerate(questions)
    )


def _answers(sets: Sequence[tuple[tuple[str, ...], list[Row]]], count: int) -> list[list[Row] | DriverError]:
    found: list[list[Row] | DriverError] = [[] for _ in range(count)]
    rows: list[Row] | None = None
    for names, own in sets:
        if not names or names[0] != _PLACE:
            rows = own if rows is None else rows
            continue
        place, number, said = own[0]
        fault = _fault(int(number or 0), str(said or "")) if number or said else None
        if fault is not None and fault.trouble.passing:
            raise ServerError(fault)
        found[int(place)] = fault or rows or []
        rows = None
    return found


def _fault(number: int, said: str) -> DriverError:
    return DriverError(number, said, error_kinds.of_number(number) or error_kinds.of_words(said) or ErrorKind.OTHER)


def _refused(session: ServerSession, why: ServerError) -> None:
    """The batch as a whole did not go: raises where that passes, else the server is remembered."""
    if why.trouble.passing:
        raise why
    _singly[session.server] = why.fault


class Pace:
    """How many statements go together: more while the server is quick, so that between two batches one may stop."""

    def __init__(self, first: int = 16) -> None:
        self._width = first

    def cut(self, texts: Sequence[str]) -> int:
        """How many of the texts go next."""
        return len(next(groups(texts, self._width), ()))

    def took(self, seconds: float) -> None:
        """The last batch took so long."""
        if seconds > LONG:
            self._width = max(1, self._width // 2)
        elif seconds < LONG / 2:
            self._width = min(MOST, self._width * 2)


def run_all(session: ServerSession, steps: Sequence[Step], pace: Pace) -> list[Outcome]:
    """As `run_each`, any number of statements that do not need each other, as many at once as the pace says."""
    done: list[Outcome] = []
    while len(done) < len(steps):
        left = steps[len(done) :]
        size = pace.cut([s.sql for s in left])
        clock = time.monotonic()
        done += run_each(session, left[:size])
        pace.took(time.monotonic() - clock)
    return done


def ask_all(session: ServerSession, questions: Sequence[str], pace: Pace) -> list[list[Row] | DriverError]:
    """As `ask_each`, any number of questions, as many at once as the pace says."""
    found: list[list[Row] | DriverError] = []
    while len(found) < len(questions):
        left = questions[len(found) :]
        size = pace.cut(left)
        clock = time.monotonic()
        found += ask_each(session, left[:size])
        pace.took(time.monotonic() - clock)
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
