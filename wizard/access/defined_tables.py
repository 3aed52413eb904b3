"""The definitions of a file's tables: the catalogue, the table definitions it points to, and their properties.

What it costs grows with the number of tables, not with the size of the file. Whoever only reads rows waits for no more
than this; `database` reads the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import pyarrow as pa

from wizard.access.catalog import CATALOG_PAGE, CatalogEntry, CatalogType, ObjectCatalog
from wizard.access.catalog import COLUMNS as CATALOG_COLUMNS
from wizard.access.complex_columns import SYSTEM_COLUMNS, VALUE, FlatTable, flat_table
from wizard.access.diagnostics import Diagnostics
from wizard.access.indexes import indexes
from wizard.access.pages import PageFile
from wizard.access.plain_definitions import column, text
from wizard.access.properties import Properties, PropertyBlob, parse
from wizard.access.reader import TableReader
from wizard.access.redaction import redacted, without_secrets
from wizard.access.tables import TableDefinition, read_definition
from wizard.access.text import decode_one
from wizard.definitions import ChildOf, ComplexKind, Table
from wizard.messages import Kind, Message, Place, SourceError, UnsteadyFileError

_TYPES: Final[Mapping[type, Callable[[pa.DataType], bool]]] = {
    int: pa.types.is_integer,
    str: pa.types.is_string,
    bytes: pa.types.is_binary,
}

_TRANSLATED: Final = ("DefaultValue", "ValidationRule", "Expression")
"""properties that become part of the target"""


@dataclass(frozen=True)
class DefinedTables:
    """The tables' definitions, child tables included, and where they are."""

    tables: tuple[Table, ...]
    pages: Mapping[str, int]
    """page of the definition of each table, by case-folded name"""

    @cached_property
    def by_name(self) -> Mapping[str, Table]:
        """Tables by case-folded name."""
        return {t.name.casefold(): t for t in self.tables}


@dataclass(frozen=True, slots=True)
class _Child:
    """The values of one complex column."""

    flat: FlatTable
    name: str
    """under which they are listed"""
    page: int
    blob: PropertyBlob
    """the flat table's properties; those of its column `Value` are the multi-valued column's"""
    stored: str
    """its own name in the catalogue"""


class DefinitionsReader:
    """Reads the tables, once, and what else of a file the catalogue names. Not for several threads at once.

    Args:
        findings: gets what is damaged or odd.
        salvage: leave out tables whose definition cannot be read, with a message, instead of failing.
    """

    def __init__(self, pages: PageFile, findings: Diagnostics, *, salvage: bool = False) -> None:
        self.pages, self.findings, self.salvage = pages, findings, salvage
        self.catalog = ObjectCatalog(())
        self._tables: DefinedTables | None = None

    def tables(self) -> DefinedTables:
        """The tables. Raises SourceError where the catalogue or, without `salvage`, a table's definition cannot be
        read."""
        if self._tables is None:
            self.catalog = ObjectCatalog.of(self.rows(CATALOG_PAGE, "MSysObjects", CATALOG_COLUMNS))
            self._tables = self._read_tables()
        return self._tables

    def _read_tables(self) -> DefinedTables:
        found = [(e, d) for e in self.catalog.tables if (d := self._definition(e)) is not None]
        children = self._children(found)
        tables = [self._table(e, d, children) for e, d in found]
        where = {e.name.casefold(): e.page for e, _ in found}
        for (parent, _), child in children.items():
            name = next(e.name for e, _ in found if e.page == parent)
            tables.append(self._child_table(name, child))
            where[child.name.casefold()] = child.page
        self._workgroup()
        self.pages.check()
        return DefinedTables(tuple(tables), where)

    # --- reading system tables ---------------------------------------------------------------------------------

    def rows(self, page: int, name: str, columns: Mapping[str, type]) -> list[dict[str, Any]]:
        """All rows of a system table; columns that it lacks (older formats) are None.

        Raises SourceError where the table cannot be read, or a column is not of the type it must be.
        """
        reader = TableReader(self.pages, page, name, findings=self.findings, salvage=self.salvage)
        there = {c.name.casefold() for c in reader.definition.columns}
        present = [c for c in columns if c.casefold() in there]
        for column_name, field in zip(present, reader.schema(present), strict=True):
            if not _TYPES[columns[column_name]](field.type):
                raise SourceError(1519, self.place(), table=name, column=column_name, type=field.type)
        lacking = dict.fromkeys(c for c in columns if c.casefold() not in there)
        return [dict(zip(present, row.values(), strict=True)) | lacking for row in reader.rows(present)]

    def system(self, name: str, columns: Mapping[str, type], lost: str) -> list[dict[str, Any]]:
        """The rows of a system table that the catalogue names; none, with a message, where it cannot be read."""
        page = self.catalog.page_of(name)
        if page is None:
            return []
        try:
            return self.rows(page, name, columns)
        except UnsteadyFileError:
            raise
        except SourceError as e:
            self.findings.say(Message.of(1515, self.place(), table=name, reason=e.message.clause, lost=lost))
            return []

    def place(self) -> Place:
        """The file."""
        return Place(Kind.FILE, self.pages.path)

    def _decode(self, raw: bytes) -> str:
        return decode_one(raw, self.pages.code_page)

    def properties(self, entry: CatalogEntry, kind: Kind) -> PropertyBlob:
        """An object's properties, without passwords and keys; what is damaged is a finding."""
        blob = parse(entry.properties, self._decode)
        if blob.damage:
            place = Place(kind, self.pages.path, entry.name)
            self.findings.say(Message.of(1512, place, owner=f"{kind} {entry.name!r}", what=blob.damage))
        place = Place(kind, self.pages.path, entry.name)
        columns = {name: self._cut(replace(place, part=name), found) for name, found in blob.columns.items()}
        return replace(blob, itself=self._cut(place, blob.itself), columns=columns)

    def _cut(self, place: Place, properties: Properties) -> Properties:
        """Properties without passwords and keys; said where a rule, default or expression lacks one."""
        shown = {name: _shown(name, value) for name, value in properties.items()}
        for name in _TRANSLATED:
            if shown.get(name) != properties.get(name):
                self.findings.say(Message.of(1524, place, property=name))
        return shown

    def _workgroup(self) -> None:
        if owner := self.catalog.workgroup_owner:
            self.findings.say(Message.of(1514, self.place(), sign=f"{owner!r} belongs to one of its users"))

    # --- tables ------------------------------------------------------------------------------------------------

    def _definition(self, entry: CatalogEntry) -> TableDefinition | None:
        try:
            return read_definition(self.pages, entry.page, entry.name)
        except SourceError as e:
            if isinstance(e, UnsteadyFileError) or not self.salvage:
                raise
            place = Place(Kind.TABLE, self.pages.path, entry.name)
            self.findings.say(Message.of(1517, place, reason=e.message.clause))
            return None

    def _table(
        self, entry: CatalogEntry, definition: TableDefinition, children: Mapping[tuple[int, str], _Child]
    ) -> Table:
        blob = self.properties(entry, Kind.TABLE)
        mine = {name: child for (page, name), child in children.items() if page == entry.page}
        table = self._plain_table(entry.name, definition, blob, mine)
        return replace(
            table,
            description=text(blob.itself, "Description"),
            validation_rule=text(blob.itself, "ValidationRule"),
            validation_text=text(blob.itself, "ValidationText"),
            hidden=entry.hidden,
            properties=blob.itself,
        )

    def _plain_table(
        self, name: str, definition: TableDefinition, blob: PropertyBlob, children: Mapping[str, _Child]
    ) -> Table:
        def report(index: str, reason: str) -> None:
            place = Place(Kind.INDEX, self.pages.path, name, index)
            self.findings.say(Message.of(1513, place, reason=reason))

        unit = 1 if self.pages.code_page else 2
        columns = []
        for raw in definition.columns:
            child = children.get(raw.name.casefold())
            flat, listed = (child.flat, child.name) if child else (None, "")
            inherited = child.blob.of(VALUE) if child and child.flat.kind is ComplexKind.MULTI_VALUE else {}
            properties = {**inherited, **blob.of(raw.name)}
            columns.append(column(raw, properties, unit=unit, flat=flat, child_table=listed))
        return Table(name, tuple(columns), indexes(definition, report), definition.rows)

    # --- complex columns ---------------------------------------------------------------------------------------

    def _children(self, parents: Iterable[tuple[CatalogEntry, TableDefinition]]) -> dict[tuple[int, str], _Child]:
        """What is behind the complex columns of the parents, by the parent's page and the column's folded name."""
        names = {e.page: e.name for e, _ in parents}
        taken = {n.casefold() for n in names.values()}
        found: dict[tuple[int, str], _Child] = {}
        for row in self.system("MSysComplexColumns", SYSTEM_COLUMNS, "attachments and multi-valued fields"):
            parent, name = row["ConceptualTableID"], row["ColumnName"]
            if parent not in names or not name:
                continue
            child = self._child(names[parent], name, row, taken)
            if child:
                taken.add(child.name.casefold())
                found[parent, name.casefold()] = child
        return found

    def _child(self, table: str, name: str, row: Mapping[str, Any], taken: set[str]) -> _Child | None:
        listed = f"{table}_{name}"
        while listed.casefold() in taken:
            listed += "_"
        try:
            page = int(row["FlatTableID"] or 0)
            flat = read_definition(self.pages, page, listed)
            described = read_definition(self.pages, int(row["ComplexTypeObjectID"] or 0), f"type of {listed}")
            known = flat_table(name, flat, described.columns)
            reason = "it has no column that leads to its parent"
        except UnsteadyFileError:
            raise
        except SourceError as e:
            known, reason = None, e.message.clause
        if known is None:
            place = Place(Kind.TABLE, self.pages.path, table)
            self.findings.say(Message.of(1516, place, child=listed, column=name, reason=reason))
            return None
        entry = next((e for e in self.catalog.of_type(CatalogType.TABLE) if e.page == page), None)
        blob = self.properties(entry, Kind.TABLE) if entry else PropertyBlob()
        return _Child(known, listed, page, blob, entry.name if entry else "")

    def _child_table(self, parent: str, child: _Child) -> Table:
        definition = read_definition(self.pages, child.page, child.name)
        table = self._plain_table(child.name, definition, child.blob, {})
        of = ChildOf(parent, child.flat.column, child.flat.key, child.flat.kind, child.stored)
        return replace(table, child_of=of)


def _shown(name: str, value: object) -> object:
    """A property's value; passwords and keys of connection strings are cut out."""
    if not isinstance(value, str):
        return value
    return without_secrets(value) if "connect" in name.casefold() else redacted(value)
