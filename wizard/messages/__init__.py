"""The numbered catalogue of errors, warnings and information, and the errors that carry them.

Numbers are stable: reports and scripts name them. Each room has a range and a module of its own in this package:
1000 reading Access files (`access`), 2000 tables, columns, keys and names (`schema`), 3000 queries (`queries`), 3500
expressions (`expressions`), 4000 what the data will do (`data`), 4500 what forms and code will do (`application`),
5000 connecting and loading (`sqlserver`), 5600 the offline package (`package`), 6000 moving rows (`migrate`), 7000
linking (`link`), 8000 project, options and stages (`project`), 9000 many databases (`estate`).

Numbers are for people. Messages that code must distinguish have a `Topic`, or the `RowProblem` that repair rules speak
of; errors are classes of their own:

    JetferryError                    everything Jetferry raises on purpose
    ├── SourceError                  an Access file cannot be read, or not all of it
    │   ├── PasswordError            it needs a password, or the one given is wrong
    │   ├── DamagedFileError         it is damaged: salvage may read the rest of it
    │   └── UnsteadyFileError        it cannot be read at this moment, whatever is in it
    ├── ConversionError              a definition, expression or query cannot be converted
    │   └── CircularQueryError       a query reads itself by way of others
    ├── TargetError                  a server or package refuses (more of these in the contract of targets)
    ├── MoveError                    moving rows stopped
    │   ├── RunLimitError            the run has had as many rejects as it may have
    │   └── RecordError              what a run keeps on this machine's disk cannot be written or read
    ├── ProjectError                 the project file cannot be used as it is
    │   └── ProjectTakenError        another process has the project
    ├── StageError                   a stage cannot run now
    │   ├── WorkFailedError          it ran, and failed
    │   └── PasswordRiskError        a password would be written into files
    └── SystemFaultError             the operating system refuses
    GivenUpError                     somebody asked for an end while a server did not answer
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from wizard.messages import (
    access,
    application,
    data,
    estate,
    expressions,
    link,
    migrate,
    package,
    project,
    queries,
    schema,
    sqlserver,
)
from wizard.messages.catalogue import MessageEntry, RowProblem, Severity, Topic
from wizard.plurals import TEMPLATE

CATALOGUE: Final[dict[int, MessageEntry]] = {}
for _room in (
    access,
    schema,
    queries,
    expressions,
    data,
    application,
    sqlserver,
    package,
    migrate,
    link,
    project,
    estate,
):
    for _number, _entry in _room.ENTRIES.items():
        if _number in CATALOGUE:
            raise AssertionError(f"message {_number} is defined twice")
        CATALOGUE[_number] = _entry


class Kind(StrEnum):
    """What kind of thing a message is about."""

    FILE = "file"
    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    RELATIONSHIP = "relationship"
    QUERY = "query"
    ROW = "row"
    OBJECT = "object"
    SERVER = "server"
    OPTION = "option"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message applies; parts that do not apply stay empty."""

    kind: Kind = Kind.PROJECT
    source: str = ""
    """the source's key in the project, or a file's path before it has one"""
    name: str = ""
    """table, query or relationship"""
    part: str = ""
    """column or index of that table, or row position"""
    line: int = 0
    column: int = 0
    """1-based place in a query's or expression's text; 0 where there is none"""

    def __str__(self) -> str:
        text = ".".join(p for p in (self.source, self.name, self.part) if p)
        line = f", line {self.line}" if self.line else ""
        return f"{text}{line}, column {self.column}" if self.line and self.column else text + line


@dataclass(frozen=True, slots=True)
class Message:
    """One occurrence of a catalogue entry: `Message.of(1003, place, page=17)`."""

    number: int
    severity: Severity
    text: str
    place: Place = Place()
    effort_minutes: int = 0
    """estimated work left for a person"""

    @classmethod
    def of(cls, number: int, place: Place | None = None, **facts: Any) -> Message:
        """Fill the catalogue's text with facts. Raises KeyError for an unknown number or a missing fact."""
        entry = CATALOGUE[number]
        text = _ended(TEMPLATE.format(entry.text, **facts))
        return cls(number, entry.severity, text, place or Place(), entry.effort_minutes)

    @property
    def clause(self) -> str:
        """The text to stand within a sentence of another message: without its full stop."""
        return self.text.removesuffix(".")

    @property
    def topic(self) -> Topic:
        """What code knows it by."""
        return topic_of(self.number)

    @property
    def problem(self) -> RowProblem | None:
        """Which rows or values it is about, where a repair rule may name them."""
        return problem_of(self.number)

    @property
    def code(self) -> str:
        """The number as people know it: `JF3140`."""
        return f"JF{self.number}"

    @property
    def fact_first(self) -> str:
        """A line for people: the place, what happened, and the number at the end."""
        where = str(self.place)
        return f"{where}: {self.clause} ({self.code})" if where else f"{self.clause} ({self.code})"

    def __str__(self) -> str:
        where = str(self.place)
        return (
            f"{self.code} {self.severity}: {where}: {self.text}"
            if where
            else f"{self.code} {self.severity}: {self.text}"
        )


def _ended(text: str) -> str:
    """With one full stop, whether the fact that ends it has one of its own or not."""
    text = text.rstrip()
    if text.endswith("..") and not text.endswith("..."):
        return text[:-1]
    return text if text.endswith((".", "?", "!", ";", "…", ".)")) else f"{text}."


def topic_of(number: int) -> Topic:
    """The topic of a number's message; of another version's number none."""
    entry = CATALOGUE.get(number)
    return Topic.NONE if entry is None else entry.topic


def problem_of(number: int) -> RowProblem | None:
    """Which rows or values the message of a number is about, where a repair rule may name them."""
    entry = CATALOGUE.get(number)
    return None if entry is None else entry.problem


class JetferryError(Exception):
    """The root of all errors Jetferry raises on purpose; `message` says what is wrong, where, and what to do."""

    def __init__(self, number: int, place: Place | None = None, **facts: Any) -> None:
        self.message = Message.of(number, place, **facts)
        super().__init__(str(self.message))

    @classmethod
    def of(cls, message: Message) -> Self:
        """The error that carries a message made before."""
        error = cls.__new__(cls)
        error.message = message
        Exception.__init__(error, str(message))
        return error


class GivenUpError(Exception):
    """Somebody asked for an end, and a server did not answer: what was asked of it may or may not have been done."""


class SourceError(JetferryError):
    """An Access file cannot be read, or not all of it."""


class PasswordError(SourceError):
    """An Access file needs a password, or the one given is wrong."""


class DamagedFileError(SourceError):
    """An Access file is damaged: salvage may read the rest of it."""


class UnsteadyFileError(SourceError):
    """An Access file cannot be read at this moment (it is written to, cut, gone): nothing of it may be left out for
    that."""


class ConversionError(JetferryError):
    """A definition, expression or query cannot be converted."""


class CircularQueryError(ConversionError):
    """A query reads itself by way of others."""


class TargetError(JetferryError):
    """A server or package refuses."""


class MoveError(JetferryError):
    """Moving rows stopped."""


class RunLimitError(MoveError):
    """All tables together have had as many rejects as a run may have."""


class RecordError(MoveError):
    """What a run keeps on this machine's disk (journal, rejects, certificate) cannot be written or read."""


class ProjectError(JetferryError):
    """The project file cannot be used as it is."""


class ProjectTakenError(ProjectError):
    """Another process has the project."""


class SystemFaultError(JetferryError):
    """The operating system refuses: a full disk, a file that may not be read or written, no memory."""

    @classmethod
    def of_error(cls, error: OSError | MemoryError, path: object = "") -> SystemFaultError:
        """The error in words; `path` is what was worked on, where the error itself does not know."""
        if isinstance(error, MemoryError):
            return cls(8032)
        named = [os.fsdecode(p) for p in (error.filename, error.filename2) if isinstance(p, str | bytes | os.PathLike)]
        where = " and ".join(named) or str(path) or "the system refuses"
        return cls(8031, Place(Kind.FILE), path=where, what=error.strerror or error)


class StageError(JetferryError):
    """A stage cannot run now; the message says why and what to do first."""


class WorkFailedError(StageError):
    """A stage ran, and failed: what it works on does not come out as it should, or its process is gone."""


class PasswordRiskError(StageError):
    """A password would be written into files, and nobody has accepted that."""


__all__ = [
    "CATALOGUE",
    "CircularQueryError",
    "ConversionError",
    "DamagedFileError",
    "GivenUpError",
    "JetferryError",
    "Kind",
    "Message",
    "MessageEntry",
    "MoveError",
    "PasswordError",
    "PasswordRiskError",
    "Place",
    "ProjectError",
    "ProjectTakenError",
    "RecordError",
    "RowProblem",
    "RunLimitError",
    "Severity",
    "SourceError",
    "StageError",
    "SystemFaultError",
    "TargetError",
    "Topic",
    "UnsteadyFileError",
    "WorkFailedError",
    "problem_of",
    "topic_of",
]
