"""Plain data of the estate: orders to assess a file, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

READING: Final = "reading"
"""what messages are about that were found while a file was read"""
RETRIES: Final = 1
"""how often a file is looked at again whose worker died"""


class FileState(StrEnum):
    """What is known of a file of the estate."""

    WAITING = "waiting"
    """found, not looked at yet"""
    ASSESSED = "assessed"
    PASSWORD = "password"
    NO_DATABASE = "no database"
    """called as Access files are, and none"""
    DAMAGED = "damaged"
    """an Access file that cannot be read"""
    UNREADABLE = "unreadable"
    """the system does not let it be read"""
    CHANGED = "changed while read"
    VANISHED = "vanished"
    TOO_LONG = "too long"
    TOO_LARGE = "too much memory"
    CRASHED = "crashed its worker"
    ARCHIVE = "archive"
    """a ZIP archive with Access files in it, which is listed and not opened"""

    @property
    def read(self) -> bool:
        """Whether it is known what the file holds."""
        return self is FileState.ASSESSED

    @property
    def unsteady(self) -> bool:
        """Whether another scan may fare better though the file is the same."""
        return self in (FileState.WAITING, FileState.UNREADABLE, FileState.CHANGED, FileState.VANISHED)

    @property
    def hostile(self) -> bool:
        """Whether looking at it went beyond the limits."""
        return self in (FileState.TOO_LONG, FileState.TOO_LARGE, FileState.CRASHED)


class Readiness(StrEnum):
    """How far a database converts."""

    ITSELF = "by itself"
    WORK = "with work"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    seconds: float = 120.0
    megabytes: int = 1024


@dataclass(frozen=True, slots=True)
class ScanOrder:
    """A file that is to be looked at, and how."""

    path: str
    """as the worker sees it"""
    archive: bool = False
    """a ZIP archive, to be listed"""
    known: tuple[str, ...] = ()
    """digests of contents of that size, which need not be looked at again"""
    passwords: tuple[str, ...] = field(default=(), repr=False)
    """tried in turn where the file needs one"""
    password_command: tuple[str, ...] = ()
    """program and arguments; given the path, its first line is the password"""
    rows: bool = True
    """look at the rows too"""
    checks: bool = False
    """check the rows as stage 5 does: duplicates, orphans, values that will not fit"""
    salt: int = 0
    """of this estate: fingerprints of keys say nothing to others"""
    code_page: str = ""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class FileScan:
    """What came of a scan order."""

    state: FileState
    digest: str = ""
    """SHA-256 of the content; empty where it could not be read whole"""
    size: int = 0
    modified: int = 0
    """of the file that was read, in nanoseconds since 1970"""
    number: int = 0
    """of the message that says why; 0 where there is none"""
    text: str = ""
    seconds: float = 0.0
    megabytes: int = 0
    """the most that the worker held"""
    facts: dict[str, Any] | None = None
    """None where the content was known, or could not be read"""
    members: tuple[tuple[str, int, str], ...] = ()
    """of an archive: name, size, time of change"""


class ScanPhase(StrEnum):
    """What a scan is at."""

    LOOKING = "looking"
    COMPARING = "comparing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """Sent while a scan goes on."""

    phase: ScanPhase
    folders: int = 0
    found: int = 0
    done: int = 0
    """files whose content is known, from earlier scans too"""
    looked_at: int = 0
    """in this scan"""
    failed: int = 0
    """that could not be read"""
    waiting: int = 0
    seconds: float = 0.0
    current: str = ""

    @property
    def rate(self) -> float:
        """Files a second."""
        return self.looked_at / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """For the files found so far; None while nothing can be said."""
        return self.waiting / self.rate if self.rate and self.looked_at >= 5 else None


class WorkState(StrEnum):
    """Where an application stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    LOSSES = "losses"
    """done, and objects or rows were left out"""
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def over(self) -> bool:
        """Nothing is left to be done."""
        return self in (WorkState.DONE, WorkState.LOSSES)
