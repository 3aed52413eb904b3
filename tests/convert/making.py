"""Small databases for tests, and their conversion."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.convert import convert
from wizard.definitions import (
    AutoNumber,
    Column,
    ColumnType,
    Database,
    Index,
    IndexColumn,
    Relationship,
    Table,
    TableProfile,
)
from wizard.objects import Conversion, ServerTable
from wizard.settings import Options, Target, TypeMap

ID = Column("ID", ColumnType.LONG, auto=AutoNumber.INCREMENT)
KEY = Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True, required=True)


def table(name: str, *columns: Column, indexes: tuple[Index, ...] = (KEY,)) -> Table:
    """A table with an AutoNumber key and these columns."""
    return Table(name, (ID, *columns), indexes)


def index(name: str, *columns: str, unique: bool = False, ignore_nulls: bool = False) -> Index:
    return Index(name, tuple(IndexColumn(c) for c in columns), unique=unique, ignore_nulls=ignore_nulls)


def refers(child: str, column: str, parent: str, *, update: bool = False, delete: bool = False) -> Relationship:
    """A relationship to the parent's ID."""
    return Relationship(
        f"{parent}{child}{column}", child, (column,), parent, ("ID",), cascade_update=update, cascade_delete=delete
    )


def converted(
    *tables: Table,
    relationships: tuple[Relationship, ...] = (),
    options: Options | None = None,
    target: Target | None = None,
    type_map: TypeMap | None = None,
    facts: Mapping[str, TableProfile] | None = None,
    taken: tuple[str, ...] = (),
) -> Conversion:
    return convert(
        Database("test.accdb", "Access 2010", tables=tables, relationships=relationships),
        source="a",
        schema="dbo",
        options=options or Options(),
        target=target or Target(linked=False),
        type_map=type_map,
        facts=facts,
        taken=taken,
    )


def one(conversion: Conversion, name: str = "T") -> ServerTable:
    return next(t for t in conversion.tables if t.name.name == name)


def numbers(conversion: Conversion) -> list[int]:
    return [m.number for m in conversion.messages]
