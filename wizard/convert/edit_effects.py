"""What follows from an edit by hand: a column of another type may lose its index, a foreign key its match.

Without this the server would refuse the statement, or a unique index would refuse rows that Access takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from wizard.convert.relations import comparable
from wizard.convert.server_limits import row_size_messages
from wizard.messages import Kind, Message, Place, Topic
from wizard.objects import (
    MAX,
    Action,
    Conversion,
    ForeignKey,
    Name,
    ServerColumn,
    ServerIndex,
    ServerTable,
    quote,
)


def settle_edits(before: Conversion, after: Conversion) -> Conversion:
    """`after`, which is `before` with edits, with what no longer fits left out with a message; other tables as they
    are.
    """
    untouched = {t.name: t for t in before.tables}
    tables = {t.name: t for t in after.tables}
    edited = {name for name, t in tables.items() if untouched.get(name) != t}
    messages: list[Message] = []
    for name, table in tables.items():
        if name in edited:
            tables[name] = _keys(table, messages)
    for name, table in tables.items():
        if name in edited or any(k.referenced in edited for k in table.foreign_keys):
            tables[name] = _foreign_keys(table, tables, messages)
    for name in edited:
        tables[name] = _filters(tables[name], tables.values())
    former = tuple(m for m in after.messages if m.topic not in _OF_ROWS or not _about(m, tables, edited))
    for name in edited:
        messages += row_size_messages(tables[name], _place(tables[name], "", Kind.TABLE))
    return replace(after, tables=tuple(tables.values()), messages=(*former, *messages))


_OF_ROWS: Final = (Topic.ROW_MAY_BE_TOO_WIDE, Topic.ROW_TOO_WIDE)
"""of what is said of a table's rows as a whole"""


def _about(message: Message, tables: Mapping[Name, ServerTable], names: Iterable[Name]) -> bool:
    """Whether a message is about one of the tables as a whole."""
    return any(message.place == _place(tables[name], "", Kind.TABLE) for name in names)


def _place(table: ServerTable, part: str, kind: Kind) -> Place:
    source = table.source
    return Place(kind, source.source if source else "", source.table if source else table.name.name, part)


def _keys(table: ServerTable, messages: list[Message]) -> ServerTable:
    """Indexes, and the key, over columns that can be indexed."""

    def fits(index: ServerIndex) -> bool:
        for column in (table.column(c.name) for c in index.columns):
            if column is not None and column.type.length == MAX:
                place = _place(table, index.source or index.name, Kind.INDEX)
                messages.append(Message.of(2051, place, column=column.name, type=column.type))
                return False
        return True

    key = table.primary_key
    return replace(
        table,
        indexes=tuple(i for i in table.indexes if fits(i)),
        primary_key=key if key and fits(key) else None,
    )


def _foreign_keys(table: ServerTable, tables: dict[Name, ServerTable], messages: list[Message]) -> ServerTable:
    kept: list[ForeignKey] = []
    for key in table.foreign_keys:
        parent = tables.get(key.referenced)
        pairs = _pairs(table, parent, key) if parent else []
        wrong = next(((c, p) for c, p in pairs if not comparable(c, p)), None)
        place = _place(table, key.source or key.name, Kind.RELATIONSHIP)
        if wrong:
            child, other = wrong
            facts = {"column": f"{table.name.name}.{child.name}", "type": child.type}
            facts |= {"other": f"{key.referenced.name}.{other.name}", "other_type": other.type}
            messages.append(Message.of(2064, place, **facts))
        elif parent is not None and not _unique(parent, key):
            columns = ", ".join(key.referenced_columns)
            messages.append(Message.of(2067, place, columns=columns, table=parent.name.name))
        else:
            must = key.on_delete is Action.SET_NULL and not all(c.nullable for c, _ in pairs)
            kept.append(replace(key, on_delete=Action.NO_ACTION) if must else key)
    return replace(table, foreign_keys=tuple(kept))


def _pairs(table: ServerTable, parent: ServerTable, key: ForeignKey) -> list[tuple[ServerColumn, ServerColumn]]:
    names = zip(key.columns, key.referenced_columns, strict=True)
    return [(c, p) for own, other in names if (c := table.column(own)) and (p := parent.column(other))]


def _unique(parent: ServerTable, key: ForeignKey) -> bool:
    wanted = set(key.referenced_columns)
    keys = (parent.primary_key, *parent.indexes)
    return any(k is not None and k.unique and {c.name for c in k.columns} == wanted for k in keys)


def _filters(table: ServerTable, tables: Iterable[ServerTable]) -> ServerTable:
    """A unique index lets rows be NULL, as Access does, unless a foreign key refers to it."""
    referred = [set(k.referenced_columns) for t in tables for k in t.foreign_keys if k.referenced == table.name]

    def filtered(index: ServerIndex) -> ServerIndex:
        names = [c.name for c in index.columns]
        if not index.unique or set(names) in referred:
            return index
        nullable = [c.name for n in names if (c := table.column(n)) and c.nullable]
        return replace(index, where=" AND ".join(f"{quote(n)} IS NOT NULL" for n in nullable))

    return replace(table, indexes=tuple(filtered(i) for i in table.indexes))
