"""A look at the server: the first rows of a table beside the source's, and what the databases hold already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wizard.cancellation import CancellationToken
from wizard.coercion.value_text import preview_text
from wizard.messages import StageError
from wizard.objects import ObjectKind, ServerTable, TableRef, quote
from wizard.settings import TargetKind
from wizard.sqlserver import connection_test
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError
from wizard.stages.connect import ConnectStage, offline
from wizard.stages.databases import DatabaseScope
from wizard.stages.load import LoadStage
from wizard.stages.project_session import ProjectSession
from wizard.stages.row_search import RowsWanted
from wizard.stages.sources import SourcesStage

ROWS: Final = 10
"""of each side"""
IN_ORDER: Final = 100_000
"""rows up to which the source's are put into the order of the key, to find the same ones"""
KINDS: Final = {
    "U": ObjectKind.TABLE,
    "V": ObjectKind.VIEW,
    "P": ObjectKind.PROCEDURE,
    "FN": ObjectKind.FUNCTION,
    "IF": ObjectKind.FUNCTION,
    "TF": ObjectKind.FUNCTION,
}
"""by `sys.objects.type`, what Jetferry makes too"""
_OBJECTS = (
    "SELECT s.name, o.name, RTRIM(o.type), o.object_id FROM sys.objects AS o "
    "JOIN sys.schemas AS s ON s.schema_id = o.schema_id "
    "WHERE o.is_ms_shipped = 0 AND RTRIM(o.type) IN ('U', 'V', 'P', 'FN', 'IF', 'TF') ORDER BY s.name, o.name"
)
_COUNTS = "SELECT object_id, SUM(rows) FROM sys.partitions WHERE index_id IN (0, 1) GROUP BY object_id"

TextRow = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class TableSides:
    """The first rows of a table on both sides, under the server's names of the columns that Access has too."""

    columns: tuple[str, ...]
    server: tuple[TextRow, ...]
    access: tuple[TextRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ExistingObject:
    """Something that a database of the target has."""

    database: str
    name: str
    """quoted, with its schema"""
    kind: str
    rows: int | None
    """of a table, as the server's catalogue counts them; None where it does not say"""
    ours: bool
    """this project makes an object of that name"""


class TargetBrowser:
    """Asks the server: call it from a thread. Everything raises StageError where there is no server, TargetError."""

    def __init__(self, session: ProjectSession, sources: SourcesStage, connect: ConnectStage, load: LoadStage) -> None:
        self._session = session
        self._sources = sources
        self._connect = connect
        self._load = load

    def _parts(self) -> list[DatabaseScope]:
        if self._session.project.target.kind is TargetKind.PACKAGE:
            raise StageError(8114)
        if offline(self._session):
            raise StageError(8107)
        return self._load.parts()

    def sides(self, name: str) -> TableSides:
        """A table's first rows; `name` is `[dbo].[Orders]` or `dbo.Orders`. Raises SourceError, too."""
        for part in self._parts():
            for table in part.conversion.tables:
                if name in (str(table.name), table.name.plain) and table.source is not None:
                    return self._sides(part, table, table.source)
        raise StageError(8113, what="converted table", name=name, where="the project")

    def _sides(self, part: DatabaseScope, table: ServerTable, source: TableRef) -> TableSides:
        shared = [c for c in table.columns if c.source]
        key = [k.name for k in table.primary_key.columns] if table.primary_key else []
        order = f" ORDER BY {', '.join(map(quote, key))}" if key else ""
        sql = f"SELECT TOP ({ROWS}) {', '.join(quote(c.name) for c in shared)} FROM {table.name}{order}"
        with connection_test.connected(part.connection, self._connect.password()) as session:
            _, rows = session.titled(sql)
        there = tuple(tuple(preview_text(v) for v in row) for row in rows)
        by = next((c.source for c in shared if key == [c.name]), "")
        if by and self._sources.row_count(source.source, source.table) <= IN_ORDER:
            found = self._sources.find_rows(source.source, source.table, RowsWanted("", by), CancellationToken())
            names, page, how = [c.name for c in found.columns], found.rows[:ROWS], f"both in the order of {by}"
        else:
            first = self._sources.preview(source.source, source.table, rows=ROWS)
            names, page, how = [c.name for c in first.columns], first.rows, "those of Access as they are stored"
        places = [names.index(c.source) for c in shared]
        here = tuple(tuple(row[p] for p in places) for row in page)
        return TableSides(tuple(c.name for c in shared), there, here, f"The first {ROWS} rows, {how}")

    def existing(self) -> tuple[ExistingObject, ...]:
        """What the databases hold now, whoever made it."""
        found: list[ExistingObject] = []
        for part in self._parts():
            ours = {str(t.name).casefold() for t in part.conversion.tables}
            ours |= {str(m.name).casefold() for m in part.conversion.modules}
            with connection_test.connected(part.connection, self._connect.password()) as session:
                counts = _counts(session)
                for schema, name, kind, number in session.titled(_OBJECTS)[1]:
                    full = f"{quote(str(schema))}.{quote(str(name))}"
                    rows = counts.get(int(str(number))) if kind == "U" else None
                    database = part.connection.database
                    known = full.casefold() in ours
                    found.append(ExistingObject(database, full, KINDS[str(kind)].value, rows, known))
        return tuple(found)


def _counts(session: ServerSession) -> dict[int, int]:
    """By object, its rows; nothing where the account may not see them."""
    try:
        return {int(str(number)): int(str(rows)) for number, rows in session.titled(_COUNTS)[1]}
    except ServerError:
        return {}
