"""Drafts of tables while their parts are converted one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from wizard.convert.names import NameRegister, folded
from wizard.convert.tree import SqlNode
from wizard.definitions import Database, Table, TableProfile
from wizard.messages import Kind, Message, Place, Severity
from wizard.objects import (
    CheckConstraint,
    Converted,
    ForeignKey,
    Name,
    Outcome,
    ServerColumn,
    ServerIndex,
    ServerTable,
    TableRef,
)
from wizard.settings import Level, Options, Target, TypeMap


@dataclass(frozen=True)
class ConversionTask:
    """What one run of `convert` was asked to do, and the names it has taken."""

    database: Database
    source: str
    schema: str
    options: Options
    target: Target
    type_map: TypeMap
    facts: Mapping[str, TableProfile]
    names: NameRegister = field(default_factory=NameRegister)
    """taken in the schema so far"""

    @cached_property
    def _queries(self) -> frozenset[str]:
        return frozenset(folded(q.name) for q in self.database.queries if not q.hidden)

    def constraint(self, wanted: str) -> str:
        """A free name for a constraint; queries, which people know by their names, come first."""
        return self.names.take(wanted, avoid=self._queries)


@dataclass
class TableDraft:
    """A table under conversion. `columns` is by case-folded Access name; `added` are those made here."""

    table: Table
    name: Name
    ref: TableRef
    columns: dict[str, ServerColumn] = field(default_factory=dict)
    added: list[ServerColumn] = field(default_factory=list)
    primary_key: ServerIndex | None = None
    indexes: list[ServerIndex] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[CheckConstraint] = field(default_factory=list)
    items: list[Converted] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    """about the table as a whole"""
    column_names: NameRegister = field(default_factory=NameRegister)
    given: bool = False
    """converted with another source, and finished"""
    computed: dict[str, SqlNode] = field(default_factory=dict)
    """computed columns as trees, by the server's names: they are written out within each other and in rules"""
    without_value: set[str] = field(default_factory=set)
    """case-folded Access columns that take NULL for the sake of old rows"""
    lost_key: bool = False
    """the primary key became a unique index, as old rows have no value in it"""

    def column(self, access_name: str) -> ServerColumn | None:
        """The server's column of an Access column; None where it could not be converted."""
        return self.columns.get(access_name.casefold())

    def change(self, access_name: str, column: ServerColumn) -> None:
        """Put a converted column in the place of what was known of it."""
        self.columns[access_name.casefold()] = column

    def place(self, part: str = "", kind: Kind | None = None) -> Place:
        """Where a message about the table, or a part of it, belongs."""
        chosen = kind or (Kind.COLUMN if part else Kind.TABLE)
        return Place(chosen, self.ref.source, self.table.name, part)

    def note(self, category: str, part: str, target: str, messages: tuple[Message, ...] = ()) -> None:
        """Note a converted part; its outcome follows from its messages."""
        self.items.append(draft_item(self.ref, category, part, target, messages))

    def finished(self, options: Options) -> ServerTable:
        """The table as it will be on the server."""
        return ServerTable(
            name=self.name,
            columns=(*self.columns.values(), *self.added),
            primary_key=self.primary_key,
            indexes=tuple(self.indexes),
            foreign_keys=tuple(self.foreign_keys),
            checks=tuple(self.checks),
            description=self.table.description if options.descriptions else "",
            source=self.ref,
        )


@dataclass(frozen=True)
class GivenTable:
    """A table that another source brings: its definition in Access and what it was converted to."""

    table: Table
    server: ServerTable


def given_draft(name: str, given: GivenTable) -> TableDraft:
    """The table as it is known here: by the name of the link that leads to it. Nothing may be added to it."""
    server = given.server
    return TableDraft(
        replace(given.table, name=name),
        server.name,
        server.source or TableRef("", name),
        columns={c.source.casefold(): c for c in server.columns if c.source},
        added=[c for c in server.columns if not c.source],
        primary_key=server.primary_key,
        indexes=list(server.indexes),
        foreign_keys=list(server.foreign_keys),
        given=True,
    )


def draft_item(ref: TableRef, category: str, part: str, target: str, messages: tuple[Message, ...] = ()) -> Converted:
    """`target` empty means that nothing came of it: failed where an error says so."""
    worst = any(m.severity is Severity.ERROR for m in messages)
    outcome = Outcome.CONVERTED if not worst else Outcome.PARTLY if target else Outcome.FAILED
    return Converted(ref, category, part, outcome, target, messages)


def leveled(level: Level, message: Message) -> tuple[Message, ...]:
    """The message as severe as an option says; none where the option is off."""
    return () if level is Level.OFF else (replace(message, severity=Severity(level.value)),)


Drafts = Mapping[str, TableDraft]
"""by the tables' case-folded names"""
