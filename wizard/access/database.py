"""A whole database's definitions: the tables, the links, the relationships and the queries.

What it costs grows with the number of tables and queries, not with the size of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wizard.access.catalog import CatalogType, ObjectCatalog
from wizard.access.defined_tables import DefinitionsReader
from wizard.access.linked_tables import linked_table
from wizard.access.plain_queries import query
from wizard.access.queries import QueryRow, UnknownKindError, compose
from wizard.access.relationships import COLUMNS as RELATIONSHIP_COLUMNS
from wizard.access.relationships import relationships
from wizard.definitions import Database, LinkedTable, OtherObjects, Query
from wizard.messages import Kind, Message, Place

_QUERY_COLUMNS: Final[Mapping[str, type]] = {
    "ObjectId": int,
    "Attribute": int,
    "Expression": str,
    "Flag": int,
    "LvExtra": int,
    "Name1": str,
    "Name2": str,
    "Order": bytes,
}


def read_database(reader: DefinitionsReader) -> Database:
    """Read all definitions; what is damaged or odd is among the reader's findings.

    Raises:
        SourceError: the catalogue or, without salvage, a table's definition cannot be read.
    """
    tables = reader.tables().tables
    linked = linked_tables(reader.catalog)
    queries = tuple(_queries(reader))
    relations = relationships(
        reader.system("MSysRelationships", RELATIONSHIP_COLUMNS, "relationships"),
        [*(t.name for t in tables if t.child_of is None), *(t.name for t in linked)],
    )
    pages = reader.pages
    pages.check()
    return Database(
        path=pages.path,
        format=pages.layout.label,
        code_page=pages.code_page,
        tables=tables,
        linked_tables=linked,
        relationships=relations,
        queries=queries,
        other=other_objects(reader.catalog),
        encrypted=pages.codec.encrypted or pages.codec.password,
        workgroup=bool(reader.catalog.workgroup_owner),
    )


def linked_tables(catalog: ObjectCatalog) -> tuple[LinkedTable, ...]:
    """Tables that lie elsewhere, passwords cut out of their connect strings."""
    kinds = (CatalogType.ODBC_TABLE, CatalogType.LINKED_TABLE)
    return tuple(
        linked_table(e.name, e.connect, e.database, e.foreign_name, odbc=e.type is CatalogType.ODBC_TABLE)
        for e in catalog.entries
        if e.type in kinds
    )


def other_objects(catalog: ObjectCatalog) -> OtherObjects:
    """The names of forms, reports, macros and modules."""

    def names(kind: CatalogType) -> tuple[str, ...]:
        return tuple(e.name for e in catalog.of_type(kind) if not e.name.startswith("~"))

    return OtherObjects(
        forms=names(CatalogType.FORM),
        reports=names(CatalogType.REPORT),
        macros=names(CatalogType.MACRO),
        modules=names(CatalogType.MODULE),
    )


def _queries(reader: DefinitionsReader) -> Iterator[Query]:
    entries = reader.catalog.of_type(CatalogType.QUERY)
    if not entries:
        return
    rows: dict[int, list[QueryRow]] = {}
    for row in reader.system("MSysQueries", _QUERY_COLUMNS, "saved queries"):
        rows.setdefault(row["ObjectId"], []).append(_query_row(row))
    for entry in entries:
        place = Place(Kind.QUERY, reader.pages.path, entry.name)
        try:
            composed = compose(rows.get(entry.id, ()), entry.flags)
        except UnknownKindError as e:
            reader.findings.say(Message.of(1510, place, kind=e))
            continue
        if composed.cut:
            reader.findings.say(Message.of(1523, place))
        for oddity in composed.oddities:
            reader.findings.say(Message.of(1511, place, what=oddity))
        yield query(entry.name, composed, reader.properties(entry, Kind.QUERY).itself)


def _query_row(row: Mapping[str, Any]) -> QueryRow:
    return QueryRow(
        attribute=row["Attribute"] or 0,
        expression=row["Expression"] or "",
        flag=row["Flag"] or 0,
        extra=row["LvExtra"] or 0,
        name1=row["Name1"] or "",
        name2=row["Name2"] or "",
        order=row["Order"] or b"",
    )
