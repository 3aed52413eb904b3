"""MSysObjects: the list of everything in a database, tables, queries, links and what stays in Access.

Sources: Jackcess' DatabaseImpl for the types of tables, links and queries and for the flags; the corpus for the types
of forms, macros, reports and modules. `Id` of a table is the page of its definition (mdbtools' HACKING notes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, Final

CATALOG_PAGE: Final = 2
"""of the definition of MSysObjects, in every file"""
COLUMNS: Final[Mapping[str, type]] = {
    "Id": int,
    "Name": str,
    "Type": int,
    "Flags": int,
    "Owner": bytes,
    "Database": str,
    "Connect": str,
    "ForeignName": str,
    "LvProp": bytes,
}

_PAGE: Final = 0x00FF_FFFF
_SYSTEM: Final = 0x8000_0002
_HIDDEN: Final = 0x08
_OWN_SID: Final = 2
"""bytes of the identity of the users that every workgroup file has; real users and groups have longer ones"""


class CatalogType(IntEnum):
    """`Type` of an object."""

    TABLE = 1
    DATABASE = 2
    ODBC_TABLE = 4
    QUERY = 5
    LINKED_TABLE = 6
    FORM = -32768
    MACRO = -32766
    REPORT = -32764
    MODULE = -32761


_KNOWN_TYPES: Final = frozenset(int(t) for t in CatalogType)


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """An object of the catalogue."""

    id: int
    name: str
    type: CatalogType
    flags: int
    owner: bytes
    database: str
    connect: str
    """as stored: may hold a password"""
    foreign_name: str
    properties: bytes

    @property
    def page(self) -> int:
        """For tables: the page of the definition."""
        return self.id & _PAGE

    @property
    def system(self) -> bool:
        """Whether Access made it for itself."""
        return bool(self.flags & _SYSTEM)

    @property
    def hidden(self) -> bool:
        """Whether people do not see it."""
        return bool(self.flags & _HIDDEN)


@dataclass(frozen=True)
class ObjectCatalog:
    """All objects, in the file's order."""

    entries: tuple[CatalogEntry, ...]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> ObjectCatalog:
        """From the rows of MSysObjects; containers, relationships and documents are no objects here."""
        return cls(tuple(_entry(r) for r in rows if r["Type"] in _KNOWN_TYPES and r["Name"] and r["Id"] is not None))

    def of_type(self, kind: CatalogType) -> list[CatalogEntry]:
        """The entries of a type, in the file's order."""
        return [e for e in self.entries if e.type is kind]

    @cached_property
    def tables(self) -> list[CatalogEntry]:
        """Local tables, without those of the system."""
        return [e for e in self.of_type(CatalogType.TABLE) if not e.system]

    @property
    def workgroup_owner(self) -> str:
        """An object that belongs to a user of a workgroup of its own; empty where there is none."""
        return next((e.name for e in self.entries if len(e.owner) > _OWN_SID), "")

    def page_of(self, system_table: str) -> int | None:
        """The definition's page of a system table."""
        return next((e.page for e in self.of_type(CatalogType.TABLE) if e.name == system_table), None)


def _entry(row: Mapping[str, Any]) -> CatalogEntry:
    return CatalogEntry(
        id=row["Id"],
        name=row["Name"],
        type=CatalogType(row["Type"]),
        flags=row["Flags"] or 0,
        owner=row["Owner"] or b"",
        database=row["Database"] or "",
        connect=row["Connect"] or "",
        foreign_name=row["ForeignName"] or "",
        properties=row["LvProp"] or b"",
    )
