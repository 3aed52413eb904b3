"""What is linked, under which names and how it signs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.access import AccessFile
from wizard.convert import convert
from wizard.definitions import (
    ChildOf,
    Column,
    ColumnType,
    ComplexKind,
    Database,
    Index,
    IndexColumn,
    Query,
    QueryKind,
    Relationship,
    Table,
)
from wizard.link import Kit, kit_of
from wizard.settings import Auth, Connection, Decide, Options, Target

ID = Column("ID", ColumnType.LONG)
KEY = Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True)


def kit(*tables: Table, connection: Connection | None = None, options: Options | None = None, **more: object) -> Kit:
    database = Database(r"C:\Data\Sales.accdb", "memory", tables=tables, **more)  # type: ignore[arg-type]
    made = convert(database, source="src", schema="dbo", options=options or Options(), target=Target(linked=True))
    return kit_of(database, made, connection or Connection("db"), source="src")


def numbers(found: Kit) -> set[int]:
    return {m.number for m in found.messages}


def test_the_sample(sample: Path) -> None:
    with AccessFile.open(str(sample)) as file:
        made = convert(file.definition, source="s", schema="books", options=Options(), target=Target(linked=True))
        found = kit_of(file.definition, made, Connection("db", auth=Auth.WINDOWS), source="s")
    assert (found.file, len(found.tables), len(found.joins)) == ("harborbooks.accdb", 10, 7)
    details = next(t for t in found.tables if t.name == "Order Details")
    assert (str(details.server), details.local) == ("[books].[Order Details]", "Order Details_local")


def test_local_names_are_free_and_short_enough() -> None:
    long = "x" * 64
    found = kit(
        Table("A", (ID,), (KEY,)),
        Table("a_LOCAL", (ID,), (KEY,)),
        Table(long, (ID,), (KEY,)),
        Table(long[:58] + "_y", (ID,), (KEY,)),
        queries=(Query("A_local2", QueryKind.SELECT, "SELECT 1"),),
    )
    assert [t.local for t in found.tables] == ["A_local3", "a_LOCAL_local", "x" * 58 + "_local", "x" * 57 + "_local2"]
    assert all(len(t.local) <= 64 for t in found.tables)


def test_child_tables_are_linked_without_a_local_table() -> None:
    parent = Table("P", (ID, Column("Files", ColumnType.COMPLEX, complex_kind=ComplexKind.ATTACHMENT, child_table="P_Files")), (KEY,))  # fmt: skip  # noqa: E501
    child = Table("P_Files", (Column("Of", ColumnType.LONG),), child_of=ChildOf("P", "Files", "Of", ComplexKind.ATTACHMENT))  # fmt: skip  # noqa: E501
    found = kit(parent, child)
    assert [(t.name, t.local) for t in found.tables] == [("P", "P_local"), ("P_Files", "")]
    assert {7003, 7004} <= numbers(found)


def test_joins_only_between_linked_tables() -> None:
    relationship = Relationship("R", "A", ("ID",), "B", ("ID",))
    lost = Relationship("S", "A", ("ID",), "Elsewhere", ("ID",))
    found = kit(Table("A", (ID,), (KEY,)), Table("B", (ID,), (KEY,)), relationships=(relationship, lost))
    assert [(j.name, j.table, j.referenced_table) for j in found.joins] == [("jetferry_R", "A", "B")]


@pytest.mark.parametrize(
    ("connection", "auth", "told"),
    [
        (Connection("db", auth=Auth.WINDOWS), Auth.WINDOWS, False),
        (Connection("db", auth=Auth.SQL), Auth.WINDOWS, True),
        (Connection("x.Database.Windows.net", auth=Auth.SQL), Auth.ENTRA_INTERACTIVE, True),
        (Connection("db", auth=Auth.ENTRA_SERVICE_PRINCIPAL), Auth.ENTRA_INTERACTIVE, True),
        (Connection(), Auth.WINDOWS, False),
    ],
)
def test_sign_in_needs_no_password(connection: Connection, auth: Auth, told: bool) -> None:
    found = kit(Table("A", (ID,), (KEY,)), connection=connection)
    assert (found.auth, 7010 in numbers(found)) == (auth, told)


def test_what_to_look_at() -> None:
    columns = (Column("D", ColumnType.DOUBLE), Column("B", ColumnType.BIGINT))
    found = kit(Table("A", columns), options=Options(add_primary_key=False, add_rowversion=Decide.NEVER))
    assert {7005, 7007, 7009} <= numbers(found)
    assert found.tables[0].key == ()


STAMP = Column("At", ColumnType.DATE_EXTENDED)


def test_fractions_of_a_second_are_told_where_nothing_helps_against_them() -> None:
    keyed = Table("A", (ID, STAMP), (KEY,))
    assert not {7011, 7012} & numbers(kit(keyed)), "the rowversion that is added helps"
    bare = kit(keyed, options=Options(add_rowversion=Decide.NEVER))
    assert {7006, 7011} <= numbers(bare)
    assert "At is datetime2(7) and holds fractions" in next(m.text for m in bare.messages if m.number == 7011)


def test_a_key_with_fractions_of_a_second_shows_deleted_rows_whatever_the_rowversion() -> None:
    by_time = Table("A", (ID, STAMP), (Index("PrimaryKey", (IndexColumn("At"),), primary=True, unique=True),))
    assert 7012 in numbers(kit(by_time))
    assert 7011 not in numbers(kit(by_time))


def test_whole_seconds_are_told_of_nothing() -> None:
    assert not {7006, 7011, 7012} & numbers(kit(Table("A", (ID, Column("At", ColumnType.DATE)), (KEY,))))
