"""What is to be moved: tables with the columns that have a source, parents before children."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wizard.coercion.row_plan import RowPlan, moved
from wizard.coercion.row_source import RowSource
from wizard.messages import Kind, Message, MoveError, Place
from wizard.objects import Name, ServerColumn, ServerTable, TableRef
from wizard.settings import Options


@dataclass(frozen=True, slots=True)
class JobSource:
    """An open Access file. `fingerprint` changes when the file's content does."""

    reader: RowSource
    fingerprint: str
    path: str = ""
    unread: Callable[[str, int], int] | None = None
    """of a file of which what can be read is read (salvage): by table and rows of it that are there and did not come,
    about how many could not be read"""


@dataclass(frozen=True, slots=True)
class Job:
    """One table's move."""

    table: ServerTable
    columns: tuple[ServerColumn, ...]
    """the columns that get values, in the table's order"""
    ref: TableRef
    source: JobSource
    plan: RowPlan = field(default=RowPlan(), compare=False)
    """what becomes of rows that the target cannot take as they are"""

    @property
    def name(self) -> str:
        """How events and messages name the table."""
        return self.table.name.plain

    def place(self, part: str = "") -> Place:
        """Where messages about the table, or a column or key of it, point."""
        return Place(Kind.TABLE, source=self.ref.source, name=self.ref.table, part=part)

    def unread(self, read: int) -> int:
        """About how many rows of the source cannot be read, where `read` could, be it that they were rejected then.

        Raises SourceError.
        """
        if self.source.unread is None:
            return 0
        return self.source.unread(self.ref.table, max(0, self.source.reader.row_count(self.ref.table) - read))

    @property
    def wanted(self) -> list[str]:
        """The source's columns to read: those that move, and those that name a row."""
        return list(dict.fromkeys(c.source for c in (*self.columns, *self.key)))

    @property
    def key(self) -> tuple[ServerColumn, ...]:
        """The columns that name a row: of the primary key, else of a unique index, else the counter.

        Only columns that have a source serve, since a row must have the same name on both sides; empty where none do.
        """
        primary = self.table.primary_key
        unique = [i for i in self.table.indexes if i.unique and not i.where]
        wanted = [[c.name for c in index.columns] for index in ([primary] if primary else []) + unique]
        wanted += [[c.name] for c in self.columns if c.identity]
        filled = {c.name: c for c in self.columns}
        found = next((names for names in wanted if all(n in filled for n in names)), [])
        return tuple(filled[n] for n in found)


def jobs(
    tables: Sequence[ServerTable],
    sources: Mapping[str, JobSource],
    options: Options,
    plans: Mapping[TableRef, RowPlan] | None = None,
) -> tuple[list[Job], list[Message]]:
    """The jobs for all tables that have a source, in order, and what is to be said about them.

    Raises MoveError 6009 for a table none of whose columns has a source.
    """
    found = []
    for table in tables:
        if table.source is None:
            continue
        columns = moved(table, keep_identity=options.keep_identity)
        if not columns:
            place = Place(Kind.TABLE, source=table.source.source, name=table.source.table)
            raise MoveError(6009, place, table=table.name, source=table.source.table)
        plan = (plans or {}).get(table.source, RowPlan())
        found.append(Job(table, columns, table.source, sources[table.source.source], plan))
    ordered, circle = in_order([j.table for j in found])
    by_name = {j.table.name: j for j in found}
    messages = []
    if circle:
        messages.append(Message.of(6011, Place(Kind.TABLE), tables=", ".join(str(n) for n in circle)))
    return [by_name[t.name] for t in ordered], messages


def in_order(tables: Sequence[ServerTable]) -> tuple[list[ServerTable], list[Name]]:
    """Tables with those they refer to before them, otherwise as given; and the names of those in a circle."""
    waiting = {t.name: t for t in tables}
    done: list[ServerTable] = []
    circle: list[Name] = []
    while waiting:
        free = [t for t in waiting.values() if not parents(t) & waiting.keys()]
        if not free:  # a circle: take the first table that stands in one, then look again
            start = next(t for t in waiting.values() if _reaches(t, t.name, waiting))
            circle.append(start.name)
            free = [start]
        for table in free:
            done.append(waiting.pop(table.name))
    return done, circle


def parents(table: ServerTable) -> set[Name]:
    """The tables its rows refer to, itself aside."""
    return {k.referenced for k in table.foreign_keys} - {table.name}


def _reaches(table: ServerTable, goal: Name, among: Mapping[Name, ServerTable]) -> bool:
    """Whether following foreign keys from the table leads to the goal."""
    seen: set[Name] = set()
    ahead = [n for n in parents(table) if n in among]
    while ahead:
        name = ahead.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            ahead += [n for n in parents(among[name]) if n in among]
    return False
