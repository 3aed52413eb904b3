"""The table in which a server remembers how far Jetferry has come: `jetferry_journal`, one in each schema filled.

Its rows are changed only together with the rows they speak of, in one transaction (see `sink`). A table has a row
with an empty partition; while it is divided, one more for each partition, named by the positions it goes from and to;
one for each time rejected rows were sent again; and one for each trigger, index and constraint that Jetferry disabled
for the load and is to enable again: what others disabled stays so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wizard.objects import Name, literal
from wizard.sink import Checkpoint, Partition
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ErrorKind, ServerError

JOURNAL = "jetferry_journal"
_OFF: Final = "part LIKE N'off %'"
_LONGEST: Final = 64
"""characters of a partition"""
_PART: Final = re.compile(r"rows (\d+)-(\d*)")


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """Where a checkpoint is kept: the journal's row for a table and partition."""

    table: Name
    part: str = ""

    @property
    def journal(self) -> Name:
        """The table that it is kept in."""
        return Name(self.table.schema, JOURNAL)

    @property
    def where(self) -> str:
        """The condition for its row."""
        return f"table_name = {literal(self.table.name)} AND part = {literal(self.part)}"

    @property
    def parts(self) -> str:
        """The condition for the rows of the table's partitions."""
        return f"table_name = {literal(self.table.name)} AND part LIKE N'rows %'"

    @property
    def whole(self) -> str:
        """The condition for the table's own row and those of its partitions."""
        return f"table_name = {literal(self.table.name)} AND (part = N'' OR part LIKE N'rows %')"

    @property
    def all(self) -> str:
        """The condition for all that is known of the table's rows."""
        return f"table_name = {literal(self.table.name)} AND NOT {_OFF}"

    def off(self, kind: str, name: str) -> CheckpointKey:
        """Where it is remembered that Jetferry disabled something of the table; its name is the checkpoint's source."""
        part = f"off {kind} {name}"
        if len(part) > _LONGEST:
            part = f"off {kind} {hashlib.sha256(name.encode()).hexdigest()[:32]}"
        return CheckpointKey(self.table, part)

    def of(self, part: Partition) -> CheckpointKey:
        """Where the checkpoint of a partition is kept."""
        return CheckpointKey(self.table, f"rows {part.start}-{'' if part.stop is None else part.stop}")


def ensure(session: ServerSession, schema: str) -> None:
    """Make the journal where it is not. Raises ServerError."""
    journal = Name(schema, JOURNAL)
    made = (
        f"CREATE TABLE {journal} (table_name nvarchar(128) NOT NULL, part nvarchar(64) NOT NULL,"
        " next_position bigint NOT NULL, rows_written bigint NOT NULL, rows_rejected bigint NOT NULL,"
        " complete bit NOT NULL, source nvarchar(200) NOT NULL, writer nvarchar(36) NOT NULL,"
        " changed datetime2(0) NOT NULL, PRIMARY KEY (table_name, part))"
    )
    try:
        session.execute(f"IF {object_id(journal)} IS NULL EXEC ({literal(made)})")
    except ServerError as e:
        if e.trouble is ErrorKind.LOST or not exists(session, journal):  # else another process was quicker
            raise


def disabled(session: ServerSession, journal: Name) -> list[tuple[Name, str, str]]:
    """What the journal says Jetferry disabled: table, kind and name of each."""
    rows = session.query(f"SELECT table_name, part, source FROM {journal} WHERE {_OFF}")
    return [(Name(journal.schema, str(table)), str(part).split()[1], str(name)) for table, part, name in rows]


def exists(session: ServerSession, table: Name) -> bool:
    """Whether a user table of that name is in the database."""
    return session.value(f"SELECT {object_id(table)}") is not None


def object_id(table: Name) -> str:
    """An expression for a user table's number, by its names as they are: OBJECT_ID would have to take quotes apart."""
    return (
        "(SELECT t.object_id FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
        f" WHERE s.name = {literal(table.schema)} AND t.name = {literal(table.name)})"
    )


TableCheckpoints = dict[str, tuple[Checkpoint, str]]
"""by part, what a table's rows in the journal say: checkpoint and writer's token"""


def read(session: ServerSession, place: CheckpointKey) -> tuple[Checkpoint, str] | None:
    """The checkpoint there and its writer's token; None where there is none."""
    rows = session.query(
        _where_journal_is(place.journal, f"SELECT {_COLUMNS} FROM {place.journal} WHERE {place.where}")
    )
    return parsed(rows[0]) if rows else None


def read_table(session: ServerSession, table: Name) -> TableCheckpoints:
    """All that is known of a table's rows, by part."""
    place = CheckpointKey(table)
    rows = session.query(
        _where_journal_is(place.journal, f"SELECT part, {_COLUMNS} FROM {place.journal} WHERE {place.all}")
    )
    return by_part(rows)


def read_schema(session: ServerSession, schema: str) -> dict[str, TableCheckpoints]:
    """All that is known of the rows of a schema's tables, by the tables' names."""
    journal, found = Name(schema, JOURNAL), dict[str, TableCheckpoints]()
    sql = f"SELECT table_name, part, {_COLUMNS} FROM {journal} WHERE NOT {_OFF}"
    for table, *row in session.query(_where_journal_is(journal, sql)):
        found.setdefault(str(table), {}).update(by_part([tuple(row)]))
    return found


def by_part(rows: Sequence[tuple[object, ...]]) -> TableCheckpoints:
    """Rows read, each beginning with its part."""
    return {str(part): parsed(tuple(row)) for part, *row in rows}


def partitions(found: TableCheckpoints) -> list[tuple[Partition, Checkpoint, str]]:
    """The table's partitions in the order of positions, each with checkpoint and writer's token."""
    parts = []
    for name, (checkpoint, writer) in found.items():
        if matched := _PART.fullmatch(name):
            parts.append((Partition(int(matched[1]), int(matched[2]) if matched[2] else None), checkpoint, writer))
    return sorted(parts, key=lambda p: p[0].start)


def read_parts(session: ServerSession, place: CheckpointKey) -> list[tuple[Partition, Checkpoint, str]]:
    """The table's partitions in the order of positions; the journal exists."""
    return partitions(by_part(session.query(f"SELECT part, {_COLUMNS} FROM {place.journal} WHERE {place.parts}")))


def _where_journal_is(journal: Name, sql: str) -> str:
    """The question, asked where there is a journal; without it there is no answer."""
    return f"IF {object_id(journal)} IS NOT NULL EXEC ({literal(sql)})"


def total(checkpoint: Checkpoint, parts: Sequence[Checkpoint]) -> Checkpoint:
    """The checkpoint of a table that is divided: rows of all partitions, the position of the first that is not
    complete."""
    if not parts:
        return checkpoint
    waiting = [p.next for p in parts if not p.complete]
    rows, rejected = (sum(getattr(m, name) for m in (checkpoint, *parts)) for name in ("rows", "rejected"))
    return Checkpoint(min(waiting) if waiting else max(p.next for p in parts), rows, rejected, False, checkpoint.source)


_COLUMNS = "next_position, rows_written, rows_rejected, complete, source, writer"


def select(place: CheckpointKey) -> str:
    """The statement whose row `parsed` takes."""
    return f"SELECT {_COLUMNS} FROM {place.journal} WHERE {place.where}"


def parsed(row: tuple[object, ...]) -> tuple[Checkpoint, str]:
    """A checkpoint, and the token of the writer that set it, of a row read."""
    following, rows, rejected, complete, source, writer = row
    checkpoint = Checkpoint(int(str(following)), int(str(rows)), int(str(rejected)), bool(complete), str(source))
    return checkpoint, str(writer)


def move(place: CheckpointKey, old: Checkpoint, new: Checkpoint, writer: str) -> str:
    """Compare and swap: sets the checkpoint only where `old` and the writer's token still stand. One row or none."""
    return (
        f"UPDATE {place.journal} SET next_position = {new.next}, rows_written = {new.rows},"
        f" rows_rejected = {new.rejected}, complete = {int(new.complete)}, changed = SYSUTCDATETIME()"
        f" WHERE {place.where} AND writer = {literal(writer)} AND next_position = {old.next}"
        f" AND rows_written = {old.rows} AND rows_rejected = {old.rejected} AND complete = {int(old.complete)}"
    )


def insert(place: CheckpointKey, checkpoint: Checkpoint, writer: str) -> str:
    """A first checkpoint."""
    return insert_all([(place, checkpoint)], writer)


def insert_all(checkpoints: Sequence[tuple[CheckpointKey, Checkpoint]], writer: str) -> str:
    """First checkpoints in one journal, at most 1,000, in one statement."""
    rows = ", ".join(
        f"({literal(place.table.name)}, {literal(place.part)}, "
        f"{checkpoint.next}, {checkpoint.rows}, {checkpoint.rejected},"
        f" {int(checkpoint.complete)}, {literal(checkpoint.source)}, {literal(writer)}, SYSUTCDATETIME())"
        for place, checkpoint in checkpoints
    )
    return f"INSERT INTO {checkpoints[0][0].journal} (table_name, part, {_COLUMNS}, changed) VALUES {rows}"


def take_over(place: CheckpointKey, writer: str) -> str:
    """Puts a writer's token there; waits for a transaction of the former writer that is still under way.

    Of a table, into the checkpoints of its partitions too.
    """
    where = place.where if place.part else place.whole
    return f"UPDATE {place.journal} SET writer = {literal(writer)} WHERE {where}"


def remove_parts(place: CheckpointKey, writer: str) -> str:
    """Takes away the checkpoints of a table's partitions that are complete and the writer's own."""
    return f"DELETE FROM {place.journal} WHERE {place.parts} AND complete = 1 AND writer = {literal(writer)}"


def rows_of(table: Name) -> str:
    """An expression for the rows that Jetferry wrote to a table, over all partitions."""
    journal = Name(table.schema, JOURNAL)
    return f"(SELECT COALESCE(SUM(rows_written), 0) FROM {journal} WHERE table_name = {literal(table.name)})"


def opening(place: CheckpointKey, writer: str, source: str) -> str:
    """Takes a table over, or gives it a first checkpoint where it holds no rows but Jetferry's own.

    Its rows are those of `read_table`, and one more, without a part, with the rows that are in the table.
    """
    table = place.table
    first = insert(place, Checkpoint(source=source), writer)
    return (
        f"{take_over(place, writer)};\n"
        f"IF @@ROWCOUNT = 0 AND (SELECT COUNT_BIG(*) FROM {table}) = {rows_of(table)}\n{first};\n"
        f"SELECT part, {_COLUMNS} FROM {place.journal} WHERE {place.all}\n"
        f"UNION ALL SELECT NULL, 0, COUNT_BIG(*), 0, CAST(0 AS bit), N'', N'' FROM {table}"
    )
