"""The table in which a server remembers how far Jetferry has come: `jetferry_journal`, one in each schema filled.

Its rows are changed only together with the rows they speak of, in one transaction (see `sink`).
"""

from __future__ import annotations

from dataclasses import dataclass

from wizard.objects import Name, literal
from wizard.target.connection import Session
from wizard.target.faults import ServerFault, Trouble
from wizard.target.sink import Mark

JOURNAL = "jetferry_journal"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mark is kept: the journal's row for a table and part."""

    table: Name
    part: str = ""

    @property
    def journal(self) -> Name:
        return Name(self.table.schema, JOURNAL)

    @property
    def where(self) -> str:
        return f"table_name = {literal(self.table.name)} AND part = {literal(self.part)}"


def ensure(session: Session, schema: str) -> None:
    """Make the journal where it is not. Raises ServerFault."""
    journal = Name(schema, JOURNAL)
    if exists(session, journal):
        return
    try:
        session.execute(
            f"CREATE TABLE {journal} (table_name nvarchar(128) NOT NULL, part nvarchar(64) NOT NULL,"
            " next_position bigint NOT NULL, rows_written bigint NOT NULL, rows_rejected bigint NOT NULL,"
            " complete bit NOT NULL, source nvarchar(200) NOT NULL, writer nvarchar(36) NOT NULL,"
            " changed datetime2(0) NOT NULL, PRIMARY KEY (table_name, part))"
        )
    except ServerFault as e:
        if e.trouble is Trouble.LOST or not exists(session, journal):  # else another process was quicker
            raise


def exists(session: Session, table: Name) -> bool:
    """Whether a user table of that name is in the database."""
    return session.value(f"SELECT {object_id(table)}") is not None


def object_id(table: Name) -> str:
    """An expression for a user table's number, by its names as they are: OBJECT_ID would have to take quotes apart."""
    return (
        "(SELECT t.object_id FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
        f" WHERE s.name = {literal(table.schema)} AND t.name = {literal(table.name)})"
    )


def read(session: Session, place: Place) -> tuple[Mark, str] | None:
    """The mark there and its writer's token; None where there is none."""
    if not exists(session, place.journal):
        return None
    rows = session.query(f"SELECT {_COLUMNS} FROM {place.journal} WHERE {place.where}")
    return parsed(rows[0]) if rows else None


_COLUMNS = "next_position, rows_written, rows_rejected, complete, source, writer"


def select(place: Place) -> str:
    """The statement whose row `parsed` takes."""
    return f"SELECT {_COLUMNS} FROM {place.journal} WHERE {place.where}"


def parsed(row: tuple[object, ...]) -> tuple[Mark, str]:
    following, rows, rejected, complete, source, writer = row
    mark = Mark(int(str(following)), int(str(rows)), int(str(rejected)), bool(complete), str(source))
    return mark, str(writer)


def move(place: Place, old: Mark, new: Mark, writer: str) -> str:
    """Compare and swap: sets the mark only where `old` and the writer's token still stand. One row or none."""
    return (
        f"UPDATE {place.journal} SET next_position = {new.next}, rows_written = {new.rows},"
        f" rows_rejected = {new.rejected}, complete = {int(new.complete)}, changed = SYSUTCDATETIME()"
        f" WHERE {place.where} AND writer = {literal(writer)} AND next_position = {old.next}"
        f" AND rows_written = {old.rows} AND rows_rejected = {old.rejected} AND complete = {int(old.complete)}"
    )


def insert(place: Place, mark: Mark, writer: str) -> str:
    """A first mark."""
    return (
        f"INSERT INTO {place.journal} (table_name, part, {_COLUMNS}, changed) VALUES ({literal(place.table.name)},"
        f" {literal(place.part)}, {mark.next}, {mark.rows}, {mark.rejected}, {int(mark.complete)},"
        f" {literal(mark.source)}, {literal(writer)}, SYSUTCDATETIME())"
    )


def take_over(place: Place, writer: str) -> str:
    """Puts a writer's token there; waits for a transaction of the former writer that is still under way."""
    return f"UPDATE {place.journal} SET writer = {literal(writer)} WHERE {place.where}"


def rows_of(session: Session, table: Name) -> int:
    """Rows that Jetferry wrote to a table, over all parts."""
    journal = Name(table.schema, JOURNAL)
    sql = f"SELECT SUM(rows_written) FROM {journal} WHERE table_name = {literal(table.name)}"
    return int(session.value(sql) or 0)
