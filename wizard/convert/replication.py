"""Replication's own columns, which Access hides: they say when and where a row was changed among replicas.

Jet adds s_GUID, s_Generation, s_Lineage (Jet 4: s_ColLineage too) to every replicated table, and Gen_NAME for each Long
Text or OLE column NAME. Source: Microsoft, "Database Replication in Microsoft Jet 4.0", *Changes to your database*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.definitions import ColumnType, Database, Table
from wizard.settings import Options

_BYTES: Final = frozenset({ColumnType.BINARY, ColumnType.LONGBINARY})
_OWN: Final[Mapping[str, frozenset[ColumnType]]] = {
    "s_guid": frozenset({ColumnType.GUID}),
    "s_generation": frozenset({ColumnType.LONG}),
    "s_lineage": _BYTES,
    "s_collineage": _BYTES,
}
_ALWAYS: Final = frozenset({"s_guid", "s_generation", "s_lineage"})
_GENERATION: Final = "gen_"
_LONG_VALUES: Final = frozenset({ColumnType.MEMO, ColumnType.LONGBINARY})


def replication_columns(table: Table, database: Database, options: Options) -> frozenset[str]:
    """The case-folded names of replication's columns that are left out; none where the options take them along.

    One that the primary key or a relationship uses stays. A table is taken for replicated where the three columns that
    every such table has are there, each of its type.
    """
    if options.replication_columns:
        return frozenset()
    own = {name for name, column in table.by_name.items() if column.type in _OWN.get(name, ())}
    if not own >= _ALWAYS:
        return frozenset()
    own |= {n for n, c in table.by_name.items() if c.type is ColumnType.LONG and _counts_changes(table, n)}
    return frozenset(own - _used(table, database))


def _counts_changes(table: Table, name: str) -> bool:
    if not name.startswith(_GENERATION):
        return False
    counted = table.by_name.get(name.removeprefix(_GENERATION))
    return counted is not None and counted.type in _LONG_VALUES


def _used(table: Table, database: Database) -> set[str]:
    folded = table.name.casefold()
    key = [c.name for c in table.primary_key.columns] if table.primary_key else []
    for r in database.relationships:
        key += r.columns if r.table.casefold() == folded else ()
        key += r.referenced_columns if r.referenced_table.casefold() == folded else ()
    return {name.casefold() for name in key}
