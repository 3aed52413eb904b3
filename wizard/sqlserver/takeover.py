"""The takeover of an existing table as a target: what it holds, and whether its rows are Jetferry's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wizard.messages import Kind, Place, TargetError
from wizard.objects import Name, literal
from wizard.sink import Checkpoint, Delivery, SupersededError
from wizard.sqlserver import checkpoints
from wizard.sqlserver.connection import Row, ServerSession
from wizard.sqlserver.writer_context import PartitionCheckpoint

_COLUMNS = "SELECT name FROM sys.columns WHERE object_id = {table} AND is_computed = 0"
_ALL_COLUMNS = (
    "SELECT t.name, c.name FROM sys.columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id"
    " JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE s.name = {schema} AND c.is_computed = 0"
)


Columns = dict[Name, dict[str, str]]
"""by case-folded table, the columns that can be written: as the server spells them, by their case-folded names"""


def columns_of(session: ServerSession, schema: str) -> Columns:
    """Of all tables of a schema, but those whose names differ in case alone."""
    found: dict[str, dict[str, str]] = {}
    for table, column in session.query(_ALL_COLUMNS.format(schema=literal(schema))):
        found.setdefault(str(table), {})[str(column).casefold()] = str(column)
    times = Counter(table.casefold() for table in found)
    return {folded(Name(schema, table)): columns for table, columns in found.items() if times[table.casefold()] == 1}


def folded(name: Name) -> Name:
    """Some servers keep names in lower case."""
    return Name(name.schema.casefold(), name.name.casefold())


def taken_over(
    rows: Sequence[Row], place: checkpoints.CheckpointKey, delivery: Delivery, writer: str
) -> tuple[Checkpoint, list[PartitionCheckpoint]]:
    """The table's checkpoint and those of its parts, now with this writer's token in them, of `opening`'s rows.

    Raises SupersededError where another writer has taken over, TargetError where rows and checkpoints do not agree.
    """
    table = place.table
    here = Place(Kind.TABLE, name=str(table))
    count = next(int(str(r[2])) for r in rows if r[0] is None)
    known = checkpoints.by_part([r for r in rows if r[0] is not None])
    expected = sum(checkpoint.rows for checkpoint, _ in known.values())
    if place.part not in known:
        raise TargetError(5203, here, table=table, rows=count - expected)
    checkpoint, token = known[place.part]
    parts = [] if place.part else checkpoints.partitions(known)
    if {token, *(w for _, _, w in parts)} != {writer}:
        raise SupersededError(5202, here, table=table, detail="at opening")
    if {checkpoint.source, *(m.source for _, m, _ in parts)} != {delivery.source}:
        raise TargetError(5208, here, table=table)
    if count != expected:
        raise TargetError(5204, here, table=table, found=count, expected=expected)
    return checkpoint, [(part, m) for part, m, _ in parts]


def must_be_there(session: ServerSession, delivery: Delivery, known: Columns) -> None:
    """Raises TargetError where the table or one of the delivery's columns is absent; asks where it is not `known`."""
    table = delivery.table.name
    here = Place(Kind.TABLE, name=str(table))
    there = known.get(folded(table))
    if there is None or any(c.name.casefold() not in there for c in delivery.columns):
        rows = session.query(_COLUMNS.format(table=checkpoints.object_id(table)))
        there = {str(r[0]).casefold(): str(r[0]) for r in rows}
    if not there:
        raise TargetError(5207, here, table=table)
    absent = next((c.name for c in delivery.columns if c.name.casefold() not in there), None)
    if absent is not None:
        raise TargetError(5209, here, table=table, column=absent)
