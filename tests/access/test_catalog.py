"""The catalogue tells apart what people made, what Access made, and what stays in Access."""

from __future__ import annotations

from typing import Any

from wizard.access.catalog import CatalogType, ObjectCatalog
from wizard.access.database import linked_tables, other_objects
from wizard.definitions import LinkKind


def row(name: str | None, kind: int, **rest: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("Flags", "Owner", "Database", "Connect", "ForeignName", "LvProp"))
    return {"Id": 0x10, "Name": name, "Type": kind, **empty, **rest}


def test_system_tables_are_left_out_and_hidden_ones_marked() -> None:
    catalog = ObjectCatalog.of(
        [
            row("Orders", 1, Id=0x1A),
            row("Secret", 1, Flags=8),
            row("MSysObjects", 1, Flags=-0x80000000),
            row("MSysNameMap", 1, Flags=10, Id=0x2B),
            row(None, 1),
            row("Tables", 3),
            row("T", 12345),
        ]
    )
    assert [(e.name, e.page, e.hidden) for e in catalog.tables] == [("Orders", 0x1A, False), ("Secret", 0x10, True)]
    assert catalog.page_of("MSysNameMap") == 0x2B
    assert catalog.page_of("MSysQueries") is None


def test_what_stays_in_access_is_named() -> None:
    rows = [row("F", -32768), row("R", -32764), row("M", -32766), row("X", -32761), row("~TMPCLP1", -32768)]
    other = other_objects(ObjectCatalog.of(rows))
    assert (other.forms, other.reports, other.macros, other.modules) == (("F",), ("R",), ("M",), ("X",))


def test_links_are_tables_that_live_elsewhere() -> None:
    rows = [
        row("A", 6, Database="c:\\b.mdb", Connect="MS Access;PWD=secret", ForeignName="A1"),
        row("O", 4, Connect="DSN=x;PWD=secret;DATABASE=d", ForeignName="dbo.O"),
    ]
    access, odbc = linked_tables(ObjectCatalog.of(rows))
    assert (access.kind, access.database, access.foreign_name, access.connect) == (
        LinkKind.ACCESS, "c:\\b.mdb", "A1", "MS Access",
    )  # fmt: skip
    assert (odbc.kind, odbc.database, odbc.connect) == (LinkKind.ODBC, "d", "ODBC;DSN=x;DATABASE=d")


def test_an_owner_of_a_workgroup_is_noticed() -> None:
    own = row("Orders", 1, Owner=b"\x03\x01")
    assert ObjectCatalog.of([own, row("MSysDb", 2, Owner=None)]).workgroup_owner == ""
    assert ObjectCatalog.of([own, row("MSysDb", 2, Owner=bytes(36))]).workgroup_owner == "MSysDb"


def test_an_entry_without_values_has_defaults() -> None:
    (entry,) = ObjectCatalog.of([row("Q", 5)]).of_type(CatalogType.QUERY)
    assert (entry.flags, entry.owner, entry.connect, entry.properties) == (0, b"", "", b"")
