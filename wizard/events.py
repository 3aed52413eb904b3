"""Events of the engine's work: small frozen dataclasses, written as JSON lines and read back equal.

The screens, the headless printer and the log are listeners; `history` is what a late listener reads first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from wizard import plain_data
from wizard.messages import Message
from wizard.outcomes import LoadOutcome, TableState


class Stage(StrEnum):
    """The nine stages in their order."""

    PROJECT = "project"
    SOURCES = "sources"
    CONNECT = "connect"
    MAP = "map"
    ASSESS = "assess"
    CONVERT = "convert"
    LOAD = "load"
    MIGRATE = "migrate"
    LINK = "link"

    @property
    def number(self) -> int:
        """1 to 9"""
        return list(Stage).index(self) + 1


class Status(StrEnum):
    """How a stage stands."""

    PENDING = "pending"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    LOSSES = "done with losses"
    """done, but objects or rows were left out, each named"""
    WEAKER = "done, less guarded"
    """done, every row is there, and foreign keys or unique indexes gave way to old rows"""
    SKIPPED = "skipped"
    STALE = "stale"
    FAILED = "failed"

    @property
    def done(self) -> bool:
        """Done, with losses or without."""
        return self in (Status.DONE, Status.LOSSES, Status.WEAKER)

    @property
    def over(self) -> bool:
        """Done or skipped, and nothing changed since."""
        return self.done or self is Status.SKIPPED


@dataclass(frozen=True, slots=True)
class Event:
    """The root of all events. `at` is seconds since the epoch, UTC."""

    at: float


@dataclass(frozen=True, slots=True)
class StageChanged(Event):
    """A stage has another status."""

    stage: Stage
    status: Status
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MessageTold(Event):
    """A numbered message."""

    stage: Stage
    message: Message


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """Units of work of a stage other than rows: files looked at, objects converted, statements run."""

    stage: Stage
    done: int
    total: int
    """0 where it is not known"""
    what: str = ""


@dataclass(frozen=True, slots=True)
class ObjectLoaded(Event):
    """Stage 7: one object's statement ran, was skipped or failed."""

    name: str
    kind: str
    action: LoadOutcome
    detail: str = ""
    """the server's message where it failed"""
    sql: str = ""
    """the statement where it failed"""


@dataclass(frozen=True, slots=True)
class TableStarted(Event):
    """Stage 8: a table's rows begin or go on. `done` rows were there before this start."""

    table: str
    rows: int
    done: int = 0


@dataclass(frozen=True, slots=True)
class BatchCommitted(Event):
    """Stage 8: cumulative figures of a table after a batch that the journal holds."""

    table: str
    done: int
    """rows written to the target so far"""
    rejected: int
    rows: int
    """rows the table is expected to have"""
    bytes: int
    """Arrow bytes moved so far"""
    seconds: float
    """time spent on this table so far"""


@dataclass(frozen=True, slots=True)
class RowRejected(Event):
    """A row stayed behind; `position` is its place in the source."""

    table: str
    position: int
    number: int
    """message number of the reason"""
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """The server was busy or gone; the same work is tried again after `delay` seconds."""

    what: str
    attempt: int
    delay: float
    reason: str
    table: str = ""
    """the table whose rows wait, as other events name it; empty where it is no table's"""
    throttled: bool = False
    """the server says that it is asked for too much at once"""


@dataclass(frozen=True, slots=True)
class NoAnswer(Event):
    """The server has not answered for that long; it is waited for. Sent again and again while that lasts."""

    server: str
    seconds: int
    what: str = ""
    """what it was asked for"""
    table: str = ""
    """the table whose rows wait; empty where it is no table's"""
    behind: str = ""
    """whom it waits for, where that is known"""


@dataclass(frozen=True, slots=True)
class PauseChanged(Event):
    """A worker was asked to wait at the next unit of work, or to go on: whoever attaches knows."""

    paused: bool


@dataclass(frozen=True, slots=True)
class TableFinished(Event):
    """A table's work has ended; `seconds` are those of this run."""

    table: str
    done: int
    rejected: int
    seconds: float
    status: TableState
    detail: str = ""
    repaired: int = 0
    """values that rules changed on their way, over all runs"""
    damaged: int = 0
    """of these, texts that arrived with U+FFFD in place of bytes that are no text"""
    unread: int = 0
    """rows that could not be read in the source, about"""
    rounded: int = 0
    """of the repaired values, those that lost what the column's type does not hold"""
    rows: int = 0
    """of the source, as far as they are known"""


@dataclass(frozen=True, slots=True)
class TableVerified(Event):
    """Both sides of a table were compared."""

    table: str
    equal: bool
    """what arrived is what was sent; rejected rows were not"""
    detail: str = ""
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class WorkEnded(Event):
    """The last event of a worker's run. `exit_status` is as the command documents."""

    exit_status: int
    detail: str = ""


Listener = Callable[[Event], None]

_KINDS: dict[str, type[Event]] = {
    c.__name__: c
    for c in (
        StageChanged, Progress, ObjectLoaded, TableStarted, BatchCommitted, RowRejected, Retrying, NoAnswer,
        PauseChanged, TableFinished, TableVerified, WorkEnded,
    )
} | {"Told": MessageTold}  # fmt: skip
"""by the word that files have for them, those of earlier versions too"""
_WORDS = {kind: word for word, kind in _KINDS.items()}


def encode(event: Event) -> str:
    """One line of JSON without the line end."""
    return json.dumps({"event": _WORDS[type(event)], **asdict(event)}, ensure_ascii=False)


def decode(line: str) -> Event:
    """The event of a line. Raises ValueError where the line is none (cut short, another version's, damaged)."""
    try:
        data: dict[str, Any] = json.loads(line)
        kind = _KINDS[data.pop("event")]
        known = {f.name for f in fields(kind)}
        return plain_data.decode(kind, {k: v for k, v in data.items() if k in known})
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as e:
        raise ValueError(f"not an event: {line[:80]!r}") from e
