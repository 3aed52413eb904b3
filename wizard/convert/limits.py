"""How much SQL Server takes of things ("Maximum capacity specifications for SQL Server"), and what is made to fit.

Names are cut in `names`, levels of CASE in `expressions`, arguments of CONCAT in `operators`, columns of a view in
`queries.outputs`; here are tables and keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from wizard.convert.draft import Draft
from wizard.messages import Message
from wizard.objects import ServerColumn, ServerType

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


def fixed_bytes(kind: ServerType) -> int:
    """What a value takes in the row in any case; 0 for types of varying length."""
    if kind.name in _VARYING:
        return (kind.length or 1) * (2 if kind.name == "nchar" else 1)
    return 0 if kind.length is not None else BYTES.get(kind.name, 8)


def row_bytes(columns: Iterable[ServerColumn]) -> int:
    """The least that a row takes, with what Jetferry may add to it: more than `ROW` and the table is refused (1701)."""
    kinds = [c.type for c in columns if not c.computed or c.persisted]
    return sum(map(fixed_bytes, kinds)) + _ADDED_BYTES + _FIXED_HEAD + (len(kinds) + ADDED + 7) // 8


def fit_row(draft: Draft) -> None:
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
