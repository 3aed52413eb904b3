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


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """A numbered message: `text` is a `str.format` template that says what is wrong and what to do."""

    severity: Severity
    text: str
    effort_minutes: int = 0


def error(text: str, effort_minutes: int = 0) -> MessageEntry:
    """An entry for what is lost or cannot be done."""
    return MessageEntry(Severity.ERROR, text, effort_minutes)


def warning(text: str, effort_minutes: int = 0) -> MessageEntry:
    """An entry for what people should look at."""
    return MessageEntry(Severity.WARNING, text, effort_minutes)


def information(text: str, effort_minutes: int = 0) -> MessageEntry:
    """An entry for what people may want to know."""
    return MessageEntry(Severity.INFORMATION, text, effort_minutes)
