"""What a catalogue entry is; the numbered entries are in the modules beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a message matters; ordered from worst to mildest by `rank`."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return (Severity.ERROR, Severity.WARNING, Severity.INFORMATION).index(self)


class Topic(StrEnum):
    """What code tells apart among messages: their numbers are for people."""

    NONE = ""
    AS_READ = "as read"
    """how a table was read; in system tables odd by nature: types of their own, headers that count otherwise"""
    VALUES_UNREAD = "values unread"
    """values of a file that were not read as they are; stage 8 accounts for each"""
    ROW_TOO_WIDE = "row too wide"
    """SQL Server has no room for a row of the table, whatever is in it"""
    KEY_LEFT_OUT = "key left out"
    """an index or key that SQL Server does not take"""
    CLOCK = "clock"
    """the server's clock in place of Access's"""
    NOT_GUARDED = "not guarded"
    """what should guard or find the rows was not made, enabled or trusted after the load"""
    RUN_LIMIT = "run limit"
    """the whole run reached its limit of rejected rows"""
    ROW_UNREADABLE = "row unreadable"
    """a row is rejected of which a value cannot be read"""
    SIDES_DIFFER = "sides differ"
    """a comparison found differences: going on would only find them again"""


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """A numbered message: `text` is a `str.format` template that says what is wrong and what to do."""

    severity: Severity
    text: str
    effort_minutes: int = 0
    topic: Topic = Topic.NONE


def error(text: str, effort_minutes: int = 0, *, topic: Topic = Topic.NONE) -> MessageEntry:
    """An entry for what is lost or cannot be done."""
    return MessageEntry(Severity.ERROR, text, effort_minutes, topic)


def warning(text: str, effort_minutes: int = 0, *, topic: Topic = Topic.NONE) -> MessageEntry:
    """An entry for what people should look at."""
    return MessageEntry(Severity.WARNING, text, effort_minutes, topic)


def information(text: str, effort_minutes: int = 0, *, topic: Topic = Topic.NONE) -> MessageEntry:
    """An entry for what people may want to know."""
    return MessageEntry(Severity.INFORMATION, text, effort_minutes, topic)
