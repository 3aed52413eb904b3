"""What the stages show: plain frozen data for screens and the command to draw, never to be worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wizard.definitions import LinkedTable, LinkKind
from wizard.messages import Kind, Message, Place
from wizard.objects import Outcome, TableRef
from wizard.outcomes import LoadOutcome, TableState
from wizard.plurals import counted, some_of
from wizard.settings import TypeRule


class RuleLevel(StrEnum):
    """How local a type rule is; the most local that fits wins."""

    TABLE = "table"
    DATABASE = "database"
    PROJECT = "project"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A type rule in the order in which rules are tried."""

    rule: TypeRule
    level: RuleLevel


class SourceState(StrEnum):
    """Whether a source can be read, and why not."""

    READY = "ready"
    TOUCHED = "touched"
    """written to since it was added; its definitions look the same"""
    CHANGED = "changed"
    """its definitions differ from those it was added with"""
    MISSING = "missing"
    LOCKED = "locked"
    """a password is needed, or the one given is wrong"""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source of the project in one line."""

    key: str
    path: Path
    state: SourceState
    format: str = ""
    size: int = 0
    modified: str = ""
    tables: int = 0
    queries: int = 0
    chosen: int = 0
    """tables and queries that are chosen"""
    message: Message | None = None
    """what is the matter, where something is"""
    salvage: bool = False
    """what can be read of a damaged file is read"""


class SourceObjectType(StrEnum):
    """What kinds of objects a source has."""

    TABLE = "table"
    LINKED = "linked table"
    QUERY = "query"
    FORM = "form"
    REPORT = "report"
    MACRO = "macro"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class SourceObject:
    """An object of a source in the tree."""

    type: SourceObjectType
    name: str
    chosen: bool
    selectable: bool = True
    """false for what stays in Access, and for linked tables whose rows cannot be had"""
    rows: int | None = None
    """of a table: the count in its header, a hint"""
    note: str = ""
    """why it is not chosen at first, where it is linked to"""
    hidden: bool = False
    """a query that Access keeps for a form, a report or a control: `~sq_…`"""


@dataclass(frozen=True, slots=True)
class LinkedBackEnd:
    """A database that linked tables of a source point to."""

    named: str
    """the path that the links give"""
    tables: tuple[str, ...]
    """the linked tables, by their local names"""
    path: Path | None = None
    """where it was found; None where it is to be asked for"""
    message: Message | None = None


def wanted(key: str, stored: str, tables: Sequence[str]) -> Message:
    """A back end is not there, and so these linked tables of a source cannot go."""
    facts = {"tables": len(tables), "source": key, "path": stored, "names": some_of(tables)}
    return Message.of(8205, Place(Kind.FILE, source=key), **facts)


def linked_elsewhere(links: Iterable[LinkedTable], key: str) -> Iterator[Message]:
    """A message for each linked table of a source whose rows are in no Access file, and stay where they are."""
    for link in links:
        if link.kind is not LinkKind.ACCESS:
            facts = {"table": link.name, "kind": link.kind.value, "database": link.database or link.connect}
            yield Message.of(8206, Place(Kind.TABLE, source=key, name=link.name), **facts)


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A column of a page of rows, with its type in Access's words."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Some rows of a table as text; None stands for NULL."""

    columns: tuple[PreviewColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]
    start: int
    """row position of the page"""
    next: int | None
    """`start` of the following page; None at the end"""


@dataclass(frozen=True, slots=True)
class RowsFound:
    """Rows of a table that were looked for, as text; None stands for NULL."""

    columns: tuple[PreviewColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]
    """the first of them"""
    matching: int
    """how many there are"""
    read: int
    """of so many in the table"""


@dataclass(frozen=True, slots=True)
class UsedBy:
    """What uses a table, a query or a column of one."""

    user: str
    """`form Orders, CustomerID`; `module Prices, Total, line 12`"""
    how: str
    column: str = ""
    through: str = ""
    """the queries by which it reads it"""

    @property
    def words(self) -> str:
        """`control source of Last Name, through Faculty Extended`."""
        what = f" of {self.column}" if self.column else ""
        return f"{self.how}{what}" + (f", through {self.through}" if self.through else "")


@dataclass(frozen=True, slots=True)
class MapRow:
    """Where a source goes."""

    source: str
    path: Path
    database: str
    """as it will be: the source's own, else the connection's"""
    schema: str
    is_default: bool
    exists: bool | None = None
    """whether the schema is on the server; None where nobody asked it"""
    collisions: tuple[str, ...] = ()
    """names that another source would put into the same schema"""


@dataclass(frozen=True, slots=True)
class ConvertItem:
    """A table or query in stage 6's tree."""

    ref: TableRef
    category: str
    """tables or queries"""
    outcome: Outcome
    target: str
    edited: bool
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Source and target of one object as text: Access SQL or a description, and T-SQL."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class AlignedLine:
    """A column, index, relationship or rule of a table; on the side that lacks it, it is empty."""

    name: str
    """in Access"""
    kind: str
    """the column's type in Access, or what else it is"""
    server: str
    """type and NULL as in T-SQL, behind the name where that is another"""
    differs: bool
    """another name, another type than such a column usually becomes, or on one side only"""
    whole: str
    """all that both sides say of it"""


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of a converted table, for editing."""

    source: str
    """the Access column; empty where Jetferry added it"""
    source_type: str
    name: str
    type: str
    nullable: bool
    edited: bool


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An index of a converted table, for editing."""

    source: str
    name: str
    columns: str
    unique: bool
    primary: bool
    where: str
    kept: bool
    """false where an edit leaves it out"""
    edited: bool


class ObjectDifference(StrEnum):
    """How an object compares with the server."""

    CREATE = "create"
    """it is not there"""
    SAME = "same"
    ALTER = "alter"
    """it is there and differs, and can be altered"""
    CONFLICT = "conflict"
    """it differs in a way that altering cannot reach, or was changed on the server too"""


class LoadAction(StrEnum):
    """What stage 7 does with an object."""

    CREATE = "create"
    ALTER = "alter"
    RECREATE = "recreate"
    SKIP = "skip"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LoadItem:
    """One object of the preview of stage 7."""

    name: str
    """quoted, as the key under which an action is chosen"""
    kind: str
    difference: ObjectDifference
    action: LoadAction
    choices: tuple[LoadAction, ...]
    detail: str = ""
    """what differs"""
    sql: str = ""
    """what would run"""


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """An object that could not be made, with the server's words."""

    name: str
    kind: str
    sql: str
    reason: str
    part: str = ""
    """the column, constraint or index of the object, where the object itself may well be there"""


@dataclass(frozen=True, slots=True)
class LoadedObject:
    """What became of an object in a load."""

    name: str
    kind: str
    action: LoadOutcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """How stage 7 ended."""

    created: int = 0
    altered: int = 0
    same: int = 0
    skipped: int = 0
    failures: tuple[LoadFailure, ...] = ()
    scripts: tuple[Path, ...] = ()
    """the files written, where it wrote scripts"""
    recreated: tuple[str, ...] = ()
    """tables whose rows went with them, when, in this run and before: `[dbo].[Orders] 2026-11-22T…`"""
    changed: str = ""
    """when a load last did something to the server, or left something of tables that were there to stage 8"""
    objects: tuple[LoadedObject, ...] = ()
    """of the last run, in its order"""


@dataclass(frozen=True, slots=True)
class TableProgress:
    """One line of stage 8."""

    table: str
    """as events name it: `dbo.Orders`"""
    rows: int
    """expected"""
    done: int = 0
    rejected: int = 0
    bytes: int = 0
    seconds: float = 0.0
    status: TableState = TableState.WAITING
    """how its last move stands or ended; `state` is what to show"""
    detail: str = ""
    equal: bool | None = None
    """what the last comparison of both sides since then found; None where there was none"""
    found: str = ""
    """what differed"""
    repaired: int = 0
    """values that rules changed on their way"""
    damaged: int = 0
    """of these, texts that arrived with U+FFFD in place of bytes that are no text"""
    unread: int = 0
    """rows that could not be read in the source, about"""
    rounded: int = 0
    """of the repaired values, those that lost what the column's type does not hold"""

    @property
    def state(self) -> TableState:
        """What became of its rows: never done where some stayed behind or both sides differ."""
        return self.status.seen(self.done, self.rejected, self.equal, self.damaged, self.unread, rounded=self.rounded)

    @property
    def ratio(self) -> float:
        """Rows that arrived, of those expected."""
        return self.done / self.rows if self.rows else 1.0

    @property
    def arrived(self) -> str:
        """`0 of 9 rows arrived`."""
        return f"{self.done:,} of {counted(max(self.rows, self.done + self.rejected), 'row')} arrived"

    @property
    def incomplete(self) -> bool:
        """Whether rows of the source are known not to be in the target, for good or until somebody does something."""
        return bool(self.rejected or self.unread) or self.status is TableState.FAILED
