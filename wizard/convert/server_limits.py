"""Limits of SQL Server ("Maximum capacity specifications for SQL Server"), and how tables are made to fit them.

Names are cut in `names`, levels of CASE in `expressions`, arguments of CONCAT in `operators`, columns of a view in
`queries.outputs`; here are tables and keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from wizard.coercion.key_sizes import COUNTED, POINTER, KeySize, RowSize
from wizard.convert.draft import TableDraft
from wizard.existing_rows import QuestionKind, RowQuestion, sources
from wizard.messages import Message, Place
from wizard.objects import MAX, ServerColumn, ServerIndex, ServerTable, ServerType

COLUMNS: Final = 1024
"""of a table"""
ADDED: Final = 2
"""columns that Jetferry may add: a key and a rowversion"""
ROW: Final = 8060
"""bytes of a row in its page"""
KEY_COLUMNS: Final = 32
CLUSTERED_KEY: Final = 900
KEY: Final = 1700
"""bytes of a key that is not clustered, since SQL Server 2016"""
INDEXES: Final = 999
"""of a table, its clustered one aside (Msg 1910)"""
REFERRING: Final = 253
"""foreign keys of a table"""
REFERRED: Final = 10_000
"""foreign keys that refer to a table, at compatibility level 130 and above"""
_ADDED_BYTES: Final = 24
_FIXED_HEAD: Final = 6
"""bytes of each row besides its values and the NULL bitmap"""
BYTES: Final = {
    "bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8, "real": 4, "float": 8, "money": 8, "smallmoney": 4,
    "datetime": 8, "datetime2": 8, "smalldatetime": 4, "date": 3, "uniqueidentifier": 16, "rowversion": 8,
    "decimal": 17,
}  # fmt: skip
"""of types of fixed size; at most that"""
_VARYING: Final = {"nchar": "nvarchar", "char": "varchar", "binary": "varbinary"}


def index_room(draft: TableDraft) -> int:
    """How many more indexes the table can have."""
    key = draft.primary_key
    return INDEXES - len(draft.indexes) - (key is not None and not key.clustered)


def fixed_bytes(kind: ServerType) -> int:
    """What a value takes in the row in any case; 0 for types of varying length."""
    if kind.name in _VARYING:
        return (kind.length or 1) * (2 if kind.name == "nchar" else 1)
    return 0 if kind.length is not None else BYTES.get(kind.name, 8)


def key_size(table: ServerTable, index: ServerIndex) -> KeySize | None:
    """How long the index's keys may be; None where none can be longer than SQL Server takes (error 1946)."""
    columns = [c for k in index.columns if (c := table.column(k.name))]
    varying = [c for c in columns if not fixed_bytes(c.type)]
    units = tuple((c.name, 2 if c.type.name.startswith("n") else 1) for c in varying)
    fixed = sum(_stored(c.type) for c in columns)
    limit = CLUSTERED_KEY if index.clustered else KEY
    if fixed + sum(unit * (c.type.length or 0) for c, (_, unit) in zip(varying, units, strict=True)) <= limit:
        return None
    given = tuple(c.name for c in columns if c.nullable) if index.where else ()
    return KeySize(index.name, limit, fixed, units, given)


def room_question(table: ServerTable, index: ServerIndex) -> RowQuestion | None:
    """Whether the rows' keys have room in an index; None where they have whatever they are, or have no source."""
    size, columns = key_size(table, index), sources(table, [c.name for c in index.columns])
    if size is None or columns is None or table.source is None:
        return None
    return RowQuestion(table.source, QuestionKind.ROOM, f"{', '.join(columns)} in {size.limit} bytes")


def room_questions(tables: Iterable[ServerTable]) -> list[RowQuestion]:
    """Those of all keys and indexes."""
    found = [room_question(t, i) for t in tables for i in (t.primary_key, *t.indexes) if i is not None]
    return [q for q in found if q is not None]


def _stored(kind: ServerType) -> int:
    """As `fixed_bytes`, exact for types whose size hangs on their digits ("decimal and numeric", "datetime2")."""
    if kind.name in ("decimal", "numeric"):
        return next(size for most, size in ((9, 5), (19, 9), (28, 13), (38, 17)) if (kind.precision or 18) <= most)
    if kind.name == "datetime2":
        scale = 7 if kind.scale is None else kind.scale
        return 6 if scale < 3 else 7 if scale < 5 else 8
    return fixed_bytes(kind)


def largest_row(columns: Sequence[ServerColumn], clustered: Collection[str] = ()) -> tuple[RowSize, int]:
    """How a row's bytes are counted, and how many are left in its page at most; `clustered` are a key's columns.

    Source: "Estimate the size of a clustered index": four bytes of head, two of the number of columns, a bit a column;
    up to eight columns of bit share a byte.
    """
    stored = [c for c in columns if not c.computed or c.persisted]
    bits = sum(c.type.name == "bit" for c in stored)
    fixed = _FIXED_HEAD + (len(stored) + 7) // 8 + (bits + 7) // 8
    fixed += sum(_stored(c.type) for c in stored if c.type.name != "bit")
    varying = [c for c in stored if not (fixed_bytes(c.type) or c.computed)]
    counted = tuple((c.name, 2 if c.type.name.startswith("n") else 1, c.name in clustered) for c in varying)
    most = fixed + bool(varying) * COUNTED
    for column, (_, unit, stays) in zip(varying, counted, strict=True):
        size = POINTER if column.type.length in (None, MAX) else unit * (column.type.length or 0)
        most += COUNTED + (min(size, CLUSTERED_KEY) if stays else min(size, POINTER))
    return RowSize(ROW, fixed, counted), most


def row_size(table: ServerTable) -> RowSize | None:
    """How large rows are in their pages; None where all have room."""
    size, most = largest_row(table.columns, clustered_columns(table))
    return size if most > ROW else None


def row_size_messages(table: ServerTable, place: Place) -> list[Message]:
    """That the table's rows may not have room in their pages, or have none whatever is in them (error 1701)."""
    size, most = largest_row(table.columns, clustered_columns(table))
    if size.fixed > ROW:
        return [Message.of(2045, place, bytes=size.fixed, limit=ROW)]
    return [Message.of(2043, place, bytes=most, limit=ROW)] if most > ROW else []


def clustered_columns(table: ServerTable) -> frozenset[str]:
    """The columns of the index by which the rows lie."""
    indexes = (i for i in (table.primary_key, *table.indexes) if i is not None and i.clustered)
    return frozenset(c.name for i in indexes for c in i.columns)


def row_bytes(columns: Iterable[ServerColumn]) -> int:
    """The least that a row takes, with what Jetferry may add to it: more than `ROW` and the table is refused (1701)."""
    kinds = [c.type for c in columns if not c.computed or c.persisted]
    return sum(map(fixed_bytes, kinds)) + _ADDED_BYTES + _FIXED_HEAD + (len(kinds) + ADDED + 7) // 8


def fit_row(draft: TableDraft) -> None:
    """Columns of fixed length become ones of varying length, the longest first, until a row has room in a page."""
    changed = []
    while row_bytes(draft.columns.values()) > ROW:
        fixed = [(fixed_bytes(c.type), n) for n, c in draft.columns.items() if c.type.name in _VARYING]
        if not fixed:
            break
        name = max(fixed)[1]
        column = draft.columns[name]
        kind = replace(column.type, name=_VARYING[column.type.name])
        draft.columns[name] = replace(column, type=kind)
        changed.append(f"{column.name} ({kind})")
    if changed:
        draft.messages.append(Message.of(2044, draft.place(), columns=", ".join(changed), limit=ROW))
