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
    """What code distinguishes messages by: their numbers are for people."""

    NONE = ""
    AS_READ = "as read"
    """how a table was read; in system tables odd by nature: types of their own, headers that count otherwise"""
    VALUES_UNREAD = "values unread"
    """values of a file that were not read as they are; stage 8 accounts for each"""
    AS_STORED = "as stored"
    """values that come as they lie in the file, as they cannot be taken out of what they are wrapped in"""
    SALVAGED = "salvaged"
    """something of a damaged file was left out, or found in another way: without salvage it is not read at all"""
    READS_ELSEWHERE = "reads elsewhere"
    """a query is not wrong by itself: what it reads is not here, or could not be converted and has a message of its own
    """
    OF_OBJECT = "of object"
    """what the rows did to a table, and what is wrong with a statement by hand: stage 6 shows it beside the object"""
    LESS_GUARDED = "less guarded"
    """a foreign key that is left out or a unique index that is made plain, as old rows break it"""
    ROW_MAY_BE_TOO_WIDE = "row may be too wide"
    """SQL Server has no room for some rows that the table may hold"""
    ROW_TOO_WIDE = "row too wide"
    """SQL Server has no room for a row of the table, whatever is in it"""
    KEY_LEFT_OUT = "key left out"
    """an index or key that SQL Server does not take"""
    RECORDSET_OPENED = "recordset opened"
    """code opens a recordset in a way that fails on a linked table, and an option mends"""
    STATEMENT_EXECUTED = "statement executed"
    """code runs a statement in a way that fails on a linked table, and an option mends"""
    TABLE_RECORDSET = "table recordset"
    """code opens a recordset of the kind that linked tables do not have"""
    DEFINITION_RUN = "definition run"
    """code runs or opens a query by its definition, without an option that linked tables want"""
    UNKNOWN_EXECUTED = "unknown executed"
    """code opens or runs what is known only at run time, without an option that linked tables want"""
    SEEK = "seek"
    """code looks through a recordset by an index that linked tables do not have"""
    EARLY_KEY = "early key"
    """code reads a key before the record is saved"""
    ACCESS_LITERAL = "access literal"
    """a date or a pattern as Access writes it, in SQL that goes to the server as it is"""
    TRUE_AS_NUMBER = "true as number"
    """a Yes/No column is compared with -1"""
    RENAMED = "renamed"
    """something uses a column by the name that it no longer has"""
    DECLARE = "declare"
    """code declares a procedure of Windows for 32 bits alone"""
    OBJECT_NOT_MADE = "object not made"
    """the server refused an object, whose own event says so too"""
    FILE_WORKER_DIED = "file worker died"
    """the process that read a file of an estate ended: once more may succeed"""
    CLOCK = "clock"
    """the server's clock in place of Access's"""
    NOT_GUARDED = "not guarded"
    """what should guard or find the rows was not made, enabled or trusted after the load"""
    RUN_LIMIT = "run limit"
    """the whole run reached its limit of rejected rows"""
    ROW_UNREADABLE = "row unreadable"
    """a row is rejected of which a value cannot be read"""
    BACK_END_MISSING = "back end missing"
    """linked tables stay behind: the file that has them is wanted"""
    TABLE_UNREAD = "table unread"
    """a table could not be read to its end"""
    LEFT_AS_IT_IS = "left as it is"
    """stage 7 left an object of the server that is not what was wanted, and nobody had chosen that"""
    CHANGED_SINCE = "changed since"
    """an object of the server, or a part of one, is not there any more or not as it was made"""
    NOT_LOADED = "not loaded"
    """stage 8 found an object gone that stage 7 had made"""
    VIEW_REFUSED = "view refused"
    """a view is on the server, which cannot run it"""
    SIDES_DIFFER = "sides differ"
    """a comparison found differences: going on would only find them again"""


class RowProblem(StrEnum):
    """What a server cannot hold as it is, and a repair rule may speak of."""

    DATE = "date"
    """a date beyond what the column's type can hold"""
    NOT_A_NUMBER = "not_a_number"
    """NaN or infinity, which no type of SQL Server can hold"""
    UNFIT = "does_not_fit"
    """a number out of the type's range or with more digits than it keeps, a text or binary value that is too long"""
    UNREADABLE = "unreadable"
    """a value that can no longer be read, of a row that otherwise can (of a damaged file, read with salvage)"""
    TEXT = "text"
    """a text of which some bytes are no text"""
    NO_VALUE = "no_value"
    """NULL where the column takes none"""
    DUPLICATES = "duplicates"
    """rows that share what must be unique"""
    ORPHANS = "orphans"
    """rows that refer to rows that are not there"""


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """A numbered message: `text` is a `str.format` template that says what is wrong and what to do."""

    severity: Severity
    text: str
    effort_minutes: int = 0
    topic: Topic = Topic.NONE
    problem: RowProblem | None = None
    """where it is about rows or values that a repair rule may name"""


def error(
    text: str, effort_minutes: int = 0, *, topic: Topic = Topic.NONE, problem: RowProblem | None = None
) -> MessageEntry:
    """An entry for what is lost or cannot be done."""
    return MessageEntry(Severity.ERROR, text, effort_minutes, topic, problem)


def warning(
    text: str, effort_minutes: int = 0, *, topic: Topic = Topic.NONE, problem: RowProblem | None = None
) -> MessageEntry:
    """An entry for what people should look at."""
    return MessageEntry(Severity.WARNING, text, effort_minutes, topic, problem)


def information(
    text: str, effort_minutes: int = 0, *, topic: Topic = Topic.NONE, problem: RowProblem | None = None
) -> MessageEntry:
    """An entry for what people may want to know."""
    return MessageEntry(Severity.INFORMATION, text, effort_minutes, topic, problem)
