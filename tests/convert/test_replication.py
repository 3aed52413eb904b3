"""Replication's own columns are known by name and type together, and left out unless asked for."""

from __future__ import annotations

from dataclasses import replace

from wizard.convert import convert
from wizard.definitions import Column, ColumnType, Database, Index, IndexColumn, Relationship, Table
from wizard.objects import Conversion
from wizard.settings import Decide, Options, Target

OWN = (
    Column("s_GUID", ColumnType.GUID),
    Column("s_Generation", ColumnType.LONG),
    Column("s_Lineage", ColumnType.LONGBINARY),
    Column("s_ColLineage", ColumnType.LONGBINARY),
    Column("Gen_Note", ColumnType.LONG),
)
ITEMS = Table(
    "Items",
    (Column("ID", ColumnType.LONG), Column("Note", ColumnType.MEMO), Column("Gen_Price", ColumnType.LONG), *OWN),
    (
        Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True),
        Index("s_GUID", (IndexColumn("s_GUID"),), unique=True),
        Index("s_Generation", (IndexColumn("s_Generation"),)),
    ),
)


def made(*tables: Table, options: Options | None = None, relations: tuple[Relationship, ...] = ()) -> Conversion:
    database = Database("r.mdb", "Access 2000", tables=tables, relationships=relations)
    plain = replace(options or Options(), add_rowversion=Decide.NEVER, add_primary_key=False)
    return convert(database, source="s", schema="dbo", options=plain, target=Target(linked=False))


def columns(conversion: Conversion, table: str = "Items") -> list[str]:
    return [c.name for t in conversion.tables if t.name.name == table for c in t.columns]


def test_they_and_their_indexes_are_left_out_and_told() -> None:
    found = made(ITEMS)
    assert columns(found) == ["ID", "Note", "Gen_Price"]
    assert found.tables[0].indexes == ()
    (told,) = [m for m in found.messages if m.number == 2035]
    assert all(c.name in told.text for c in OWN)


def test_the_option_takes_them_along() -> None:
    found = made(ITEMS, options=replace(Options(), replication_columns=True))
    assert columns(found) == [c.name for c in ITEMS.columns]
    assert {i.source for i in found.tables[0].indexes} == {"s_GUID", "s_Generation"}


def test_columns_of_that_name_in_a_table_that_is_no_replica_stay() -> None:
    named = replace(ITEMS, columns=tuple(c for c in ITEMS.columns if c.name != "s_Lineage"))
    typed = replace(ITEMS, columns=tuple(replace(c, type=ColumnType.TEXT, length=50) if c.name == "s_GUID" else c for c in ITEMS.columns))  # fmt: skip  # noqa: E501
    for table in (named, typed):
        assert columns(made(table)) == [c.name for c in table.columns]


def test_a_column_that_a_key_or_a_relationship_uses_stays() -> None:
    keyed = replace(ITEMS, indexes=(Index("PrimaryKey", (IndexColumn("s_GUID"),), primary=True, unique=True),))
    assert "s_GUID" in columns(made(keyed))
    child = Table("Child", (Column("Item", ColumnType.GUID),))
    relation = Relationship("r", "Child", ("Item",), "Items", ("s_GUID",))
    assert "s_GUID" in columns(made(ITEMS, child, relations=(relation,)))
