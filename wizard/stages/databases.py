"""A conversion cut by database: a source may go to a database of its own, and each is loaded and filled by itself."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wizard.messages import Message, Topic
from wizard.objects import Conversion, ObjectKind, Statement, TableRef
from wizard.package.publish import is_own
from wizard.package.table_state import slug
from wizard.project import Project, is_key
from wizard.settings import Connection, Constraints
from wizard.stages.destinations import destination


@dataclass(frozen=True)
class DatabaseScope:
    """What goes to one database. `database` is empty where nothing but the connection's own is used."""

    database: str
    connection: Connection
    conversion: Conversion

    @property
    def less_guarded(self) -> tuple[Message, ...]:
        """Foreign keys and unique indexes that were left out or made plain, as old rows break them."""
        keys = {t.source.source for t in self.conversion.tables if t.source}
        found = dict.fromkeys(self.conversion.messages)
        return tuple(m for m in found if m.topic is Topic.LESS_GUARDED and m.place.source in keys)

    def folder(self, base: Path) -> Path:
        """Where this part's package or scripts go: below `base`, whatever the database is called."""
        if not self.database:
            return base
        if is_key(self.database) and not is_own(self.database.casefold()):
            return base / self.database
        return base / f"{slug(self.database)}-{zlib.crc32(self.database.encode()):08x}"


def by_database(project: Project, conversion: Conversion) -> Iterator[DatabaseScope]:
    """The parts in the order of the sources."""
    databases = {s.key: destination(project, s.key).database for s in project.sources}
    for database in dict.fromkeys(databases.values()):
        keys = {k for k, d in databases.items() if d == database}

        def ours(ref: TableRef | None, keys: set[str] = keys) -> bool:
            return ref is not None and ref.source in keys

        part = replace(
            conversion,
            tables=tuple(t for t in conversion.tables if ours(t.source)),
            modules=tuple(m for m in conversion.modules if ours(m.source)),
            items=tuple(i for i in conversion.items if ours(i.source)),
        )
        connection = replace(project.connection, database=database or project.connection.database)
        yield DatabaseScope(database, connection, part)


def before_and_after_rows(
    statements: Sequence[Statement], constraints: Constraints
) -> tuple[list[Statement], list[Statement]]:
    """What stage 7 runs, and what waits for the rows: a description waits with what it describes.

    Foreign keys, checks, plain indexes and keys that Jetferry added wait, as the option says. Other keys and unique
    indexes do not: they find the rows that break them while those can still be rejected one by one. What old rows are
    known to break waits in any case.
    """

    def waiting(statement: Statement) -> bool:
        return statement.after_rows or (statement.waits and constraints is Constraints.AFTER)

    late = {(s.name, s.part) for s in statements if waiting(s)}
    now: list[Statement] = []
    later: list[Statement] = []
    for statement in statements:
        described = statement.kind is ObjectKind.DESCRIPTION and (statement.name, statement.part) in late
        (later if waiting(statement) or described else now).append(statement)
    return now, later
