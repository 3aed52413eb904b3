"""What is known of a file's tables once they are linked: which go to the server, their keys, names and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wizard.definitions import AutoNumber, ColumnType, Database, Table, TableProfile
from wizard.objects import Conversion, ServerTable


@dataclass(frozen=True)
class LinkedTables:
    """The tables that will be links; all by case-folded name."""

    tables: Mapping[str, Table]
    identity: Mapping[str, str] = field(default_factory=dict)
    """the column that is an IDENTITY column on the server"""
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """by table and column, the name on the server where it is another"""
    rows: Mapping[str, int] = field(default_factory=dict)

    def named(self, name: str) -> Table | None:
        """The table of that name, if it will be a link."""
        return self.tables.get(name.strip().strip("[]").casefold())

    def rows_of(self, names: Iterable[str]) -> int:
        """All rows of some tables; those that stay in Access have none that come over the network."""
        return sum(self.rows.get(n.casefold(), 0) for n in names)

    def keys(self, name: str) -> frozenset[str]:
        """The case-folded columns each of which alone is a key of the table."""
        table = self.tables.get(name.casefold())
        unique = [i for i in table.indexes if i.unique or i.primary] if table else []
        return frozenset(i.columns[0].name.casefold() for i in unique if len(i.columns) == 1)

    def is_yes_no(self, name: str, column: str) -> bool:
        """Whether a column is of type Yes/No."""
        table = self.tables.get(name.casefold())
        found = table.by_name.get(column.casefold()) if table else None
        return found is not None and found.type is ColumnType.BOOLEAN


def linked_tables(
    database: Database,
    conversion: Conversion,
    source: str,
    facts: Mapping[str, TableProfile] | None = None,
    shared: Mapping[str, ServerTable] | None = None,
) -> LinkedTables:
    """The tables of a database that go to the server.

    Args:
        facts: give exact row counts, by table name.
        shared: tables that other sources bring, by their case-folded names in this one.
    """
    tables = {t.name.casefold(): t for t in database.tables}
    known = {name.casefold(): f.rows for name, f in (facts or {}).items()}
    rows = {name: known.get(name, t.rows) for name, t in tables.items()}
    made = {t.source.table.casefold(): t for t in conversion.tables if t.source and t.source.source == source}
    made |= shared or {}
    identity, renamed = {}, {}
    for name, table in tables.items():
        server = made.get(name)
        columns = [(c.source, c.name, c.identity) for c in server.columns if c.source] if server else None
        if columns is None:
            columns = [(c.name, c.name, c.auto is AutoNumber.INCREMENT) for c in table.columns]
        for access, there, numbered in columns:
            if numbered:
                identity[name] = access
            if there != access:
                renamed[name, access.casefold()] = there
    return LinkedTables(tables, identity, renamed, rows)
