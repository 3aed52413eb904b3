"""Primary keys and indexes of a table.

Types without a length limit cannot be key columns; how long a key may be `limits` says.
"""

from __future__ import annotations

from wizard.convert.columns import column_facts
from wizard.convert.draft import ConversionTask, TableDraft, leveled
from wizard.convert.names import NameRegister
from wizard.convert.replication import replication_columns
from wizard.convert.server_limits import CLUSTERED_KEY, INDEXES, KEY, KEY_COLUMNS, fixed_bytes, index_room
from wizard.definitions import ColumnType, Index
from wizard.messages import Kind, Message, Topic
from wizard.objects import MAX, KeyColumn, ServerColumn, ServerIndex, quote


def convert_keys(task: ConversionTask, draft: TableDraft) -> None:
    """Primary key and indexes; those that Access made for a relationship are left out."""
    seen: dict[tuple[KeyColumn, ...], Index] = {}
    names = NameRegister()
    left = replication_columns(draft.table, task.database, task.options)
    own = [
        i
        for i in draft.table.indexes
        if not i.for_relationship and not any(c.name.casefold() in left for c in i.columns)
    ]
    for index in sorted(own, key=lambda i: (not i.primary, not i.unique)):
        category = "keys" if index.primary else "indexes"
        place = draft.place(index.name, Kind.INDEX)
        columns, messages = _key_columns(task, draft, index)
        messages += _beyond(draft, columns, index)
        if not columns or any(m.topic is Topic.KEY_LEFT_OUT for m in messages):
            draft.note(category, index.name, "", messages)
            continue
        if columns in seen:
            draft.note(category, index.name, "", (Message.of(2053, place, other=seen[columns].name),))
            continue
        if index_room(draft) < 1:
            draft.note(category, index.name, "", (Message.of(2058, place, limit=INDEXES),))
            continue
        seen[columns] = index
        if index.primary and not _without_value(draft, index):
            made = _primary_key(task, draft, columns, index)
            draft.primary_key = made
        else:
            made = _index(draft, columns, index, names)
            draft.indexes.append(made)
            draft.lost_key |= index.primary
            messages += _unique_messages(draft, made, index)
        messages += _too_long(task, draft, made, index)
        draft.note(category, index.name, made.name, messages)


def _without_value(draft: TableDraft, index: Index) -> bool:
    """Whether old rows have no value in a column of the index: a primary key cannot hold them."""
    return any(c.name.casefold() in draft.without_value for c in index.columns)


def _key_columns(
    task: ConversionTask, draft: TableDraft, index: Index
) -> tuple[tuple[KeyColumn, ...], tuple[Message, ...]]:
    """The index's columns on the server; none, with the reason, where one cannot be part of a key."""
    place = draft.place(index.name, Kind.INDEX)
    found: list[KeyColumn] = []
    for part in index.columns:
        column = draft.column(part.name)
        if column is None:
            return (), (Message.of(2050, place, column=part.name),)
        if column.type.length == MAX:
            access = draft.table.by_name[part.name.casefold()]
            message = Message.of(2051, place, column=part.name, type=str(column.type))
            level = task.options.indexed_memo
            return (), leveled(level, message) if access.type is ColumnType.MEMO else (message,)
        found.append(KeyColumn(column.name, part.descending))
    return tuple(found), () if found else (Message.of(2050, place, column="?"),)


def can_be_key(draft: TableDraft, columns: tuple[KeyColumn, ...]) -> bool:
    """Whether SQL Server takes a key over these columns at all."""
    return len(columns) <= KEY_COLUMNS and fixed_key_bytes(draft, columns) <= KEY


def _beyond(draft: TableDraft, columns: tuple[KeyColumn, ...], index: Index) -> tuple[Message, ...]:
    """Why SQL Server refuses a key (1904, 1944); nothing where it takes it."""
    place = draft.place(index.name, Kind.INDEX)
    if len(columns) > KEY_COLUMNS:
        return (Message.of(2056, place, count=len(columns), limit=KEY_COLUMNS),)
    fixed = fixed_key_bytes(draft, columns)
    return (Message.of(2057, place, bytes=fixed, limit=KEY),) if fixed > KEY else ()


def fixed_key_bytes(draft: TableDraft, columns: tuple[KeyColumn, ...]) -> int:
    """The bytes that a key over these columns has in any case."""
    return sum(fixed_bytes(c.type) for k in columns if (c := _by_name(draft, k.name)))


def _primary_key(task: ConversionTask, draft: TableDraft, columns: tuple[KeyColumn, ...], index: Index) -> ServerIndex:
    name = task.constraint(f"PK_{draft.name.name}")
    clustered = key_bytes(draft, columns) <= CLUSTERED_KEY
    return ServerIndex(name, columns, primary=True, unique=True, clustered=clustered, source=index.name)


def _index(draft: TableDraft, columns: tuple[KeyColumn, ...], index: Index, names: NameRegister) -> ServerIndex:
    prefix = "UX" if index.unique or index.primary else "IX"
    name = names.take(f"{prefix}_{draft.name.name}_{index.name}")
    unique = index.unique or index.primary
    return ServerIndex(name, columns, unique=unique, where=_filter(draft, columns, index), source=index.name)


def _filter(draft: TableDraft, columns: tuple[KeyColumn, ...], index: Index) -> str:
    """What makes a unique index take several NULLs, as Access's does; and a plain one ignore them.

    A filter is a conjunction only, so that a plain index over several columns, which in Access leaves out rows
    where all are NULL, keeps every row: it is larger and finds the same.
    """
    nullable = [c.name for c in columns if (found := _by_name(draft, c.name)) and found.nullable]
    if not (index.unique or index.primary or (index.ignore_nulls and len(columns) == 1)):
        return ""
    return " AND ".join(f"{quote(name)} IS NOT NULL" for name in nullable)


def _unique_messages(draft: TableDraft, made: ServerIndex, index: Index) -> tuple[Message, ...]:
    if not made.where:
        return ()
    return (Message.of(2052, draft.place(index.name, Kind.INDEX), filter=made.where),)


def _too_long(task: ConversionTask, draft: TableDraft, made: ServerIndex, index: Index) -> tuple[Message, ...]:
    """Told where values may exist that the key cannot hold; the look at the data, where there was one, decides."""
    place = draft.place(index.name, Kind.INDEX)
    declared = key_bytes(draft, made.columns)
    if declared > KEY:
        facts = column_facts(task, draft)
        known = [facts.get(c.name.casefold()) for c in index.columns]
        if any(f is None for f in known) or 2 * sum(f.max_length for f in known if f) > KEY:
            return (Message.of(2054, place, bytes=declared, limit=KEY),)
        return ()
    return (Message.of(2055, place, bytes=declared),) if made.primary and not made.clustered else ()


def key_bytes(draft: TableDraft, columns: tuple[KeyColumn, ...]) -> int:
    """The most bytes that a key over these columns can have."""
    return sum(_bytes(c) for k in columns if (c := _by_name(draft, k.name)))


def _bytes(column: ServerColumn) -> int:
    kind = column.type
    if kind.length is not None:
        return kind.length * (2 if kind.name.startswith("n") else 1)
    return {"uniqueidentifier": 16, "decimal": 17}.get(kind.name, 8)


def _by_name(draft: TableDraft, name: str) -> ServerColumn | None:
    return next((c for c in (*draft.columns.values(), *draft.added) if c.name == name), None)
