"""Relationships: the rows of MSysRelationships, one for each pair of columns.

Sources: the columns' names in MSysRelationships; DAO's RelationAttributeEnum for `grbit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from wizard.definitions import JoinKind, Relationship

COLUMNS: Final[Mapping[str, type]] = {
    "szRelationship": str,
    "szObject": str,
    "szColumn": str,
    "szReferencedObject": str,
    "szReferencedColumn": str,
    "icolumn": int,
    "grbit": int,
}

_ONE_TO_ONE: Final = 0x0000_0001
_NOT_ENFORCED: Final = 0x0000_0002
_CASCADE_UPDATE: Final = 0x0000_0100
_CASCADE_DELETE: Final = 0x0000_1000
_CASCADE_NULL: Final = 0x0000_2000
_LEFT_JOIN: Final = 0x0100_0000
_RIGHT_JOIN: Final = 0x0200_0000
"""bits of `grbit` (DAO's RelationAttributeEnum)"""


def relationships(rows: Iterable[Mapping[str, Any]], tables: Iterable[str]) -> tuple[Relationship, ...]:
    """The relationships between the named tables, in the order of the file; those of system tables are left out."""
    known = {t.casefold() for t in tables}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        name, table, other = (row[c] or "" for c in ("szRelationship", "szObject", "szReferencedObject"))
        if table.casefold() in known and other.casefold() in known:
            found.setdefault(name, []).append(row)
    return tuple(_relationship(name, pieces) for name, pieces in found.items())


def _relationship(name: str, rows: list[Mapping[str, Any]]) -> Relationship:
    rows = sorted(rows, key=lambda r: r["icolumn"] or 0)
    bits = rows[0]["grbit"] or 0
    join = JoinKind.LEFT if bits & _LEFT_JOIN else JoinKind.RIGHT if bits & _RIGHT_JOIN else JoinKind.INNER
    return Relationship(
        name=name,
        table=rows[0]["szObject"],
        columns=tuple(r["szColumn"] or "" for r in rows),
        referenced_table=rows[0]["szReferencedObject"],
        referenced_columns=tuple(r["szReferencedColumn"] or "" for r in rows),
        enforced=not bits & _NOT_ENFORCED,
        cascade_update=bool(bits & _CASCADE_UPDATE),
        cascade_delete=bool(bits & _CASCADE_DELETE),
        cascade_null=bool(bits & _CASCADE_NULL),
        one_to_one=bool(bits & _ONE_TO_ONE),
        join=join,
    )
