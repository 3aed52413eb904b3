"""Indexes: the logical ones, as people and relationships made them, with the trees behind them.

Sources: mdbtools' HACKING notes (*Indices*), Jackcess' IndexData (flags of a tree) and IndexImpl (kinds).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wizard.access.tables import LogicalIndex, TableDefinition
from wizard.definitions import Index, IndexColumn

_PRIMARY: Final = 1
_FOR_RELATIONSHIP: Final = 2
"""kinds of logical index"""

_UNIQUE: Final = 0x01
_IGNORE_NULLS: Final = 0x02
_REQUIRED: Final = 0x08
"""flags of the tree"""


def indexes(definition: TableDefinition, report: Callable[[str, str], None]) -> tuple[Index, ...]:
    """A table's indexes in the file's order.

    Args:
        report: called with the name of an index that cannot be described, and the reason; it is left out.
    """
    primary = {i.physical for i in definition.logical_indexes if i.kind == _PRIMARY}
    found = []
    for logical in definition.logical_indexes:
        reason = _impossible(definition, logical)
        if reason:
            report(logical.name, reason)
        else:
            found.append(_index(definition, logical, logical.physical in primary))
    return tuple(found)


def _impossible(definition: TableDefinition, logical: LogicalIndex) -> str:
    if not 0 <= logical.physical < len(definition.physical_indexes):
        return f"it stands on tree {logical.physical} of {len(definition.physical_indexes)}"
    columns = definition.physical_indexes[logical.physical].columns
    absent = [c.number for c in columns if c.number not in definition.by_number]
    return (
        f"it names column number {absent[0]}, which is not there" if absent else "" if columns else "it has no column"
    )


def _index(definition: TableDefinition, logical: LogicalIndex, on_primary_tree: bool) -> Index:
    tree = definition.physical_indexes[logical.physical]
    return Index(
        name=logical.name,
        columns=tuple(IndexColumn(definition.by_number[c.number].name, not c.ascending) for c in tree.columns),
        primary=logical.kind == _PRIMARY,
        unique=on_primary_tree or bool(tree.flags & _UNIQUE),
        required=bool(tree.flags & _REQUIRED),
        ignore_nulls=bool(tree.flags & _IGNORE_NULLS),
        for_relationship=logical.kind == _FOR_RELATIONSHIP,
    )
