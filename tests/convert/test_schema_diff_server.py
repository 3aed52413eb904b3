"""On a server: what was made is the same when looked at again, and altering brings about what is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.convert.making import KEY, converted, index, one, refers, table
from tests.server_schema import odd
from wizard.convert.schema_diff import ComparedObject, SchemaDifference, SyncChoice, compare, plan
from wizard.definitions import Column, ColumnType, Table
from wizard.objects import (
    CheckConstraint,
    Conversion,
    ForeignKey,
    KeyColumn,
    Name,
    ServerColumn,
    ServerIndex,
    ServerTable,
    ServerType,
    quote,
)
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError
from wizard.sqlserver.introspection import existing_objects

pytestmark = pytest.mark.server

SCHEMA = "s_difference"
PARENT = "Pärent ]'x"
CHILD = table(
    "Child",
    Column("ParentID", ColumnType.LONG),
    Column("Price", ColumnType.CURRENCY, default="0", validation_rule=">=0"),
    Column("Code", ColumnType.TEXT, length=10),
    Column("Weight", ColumnType.DOUBLE),
    indexes=(KEY, index("Code", "Code", unique=True), index("Price", "Price")),
)


def wanted(session: ServerSession, child: Table = CHILD) -> Conversion:
    parent = odd(session, PARENT)
    name = Column("Name", ColumnType.TEXT, length=20, default='"it\'s"', description="d'e")
    made = converted(table(parent, name), child, relationships=(refers("Child", "ParentID", parent, delete=True),))

    def moved(name: Name) -> Name:
        return replace(name, schema=SCHEMA)

    return replace(
        made,
        tables=tuple(
            replace(
                t,
                name=moved(t.name),
                foreign_keys=tuple(replace(k, referenced=moved(k.referenced)) for k in t.foreign_keys),
            )
            for t in made.tables
        ),
    )


@pytest.fixture
def session(server: str) -> Iterator[ServerSession]:
    connection, password = connection_string.settings(server)
    with ServerSession.open(connection, password) as opened:
        _clear(opened)
        yield opened
        _clear(opened)


def _clear(session: ServerSession) -> None:
    for name in ("[Child]", quote(odd(session, PARENT))):
        try:
            session.execute(f"DROP TABLE [{SCHEMA}].{name}")
        except ServerError:
            continue


def look(session: ServerSession, conversion: Conversion, last: Conversion | None) -> tuple[ComparedObject, ...]:
    there = existing_objects(session, [SCHEMA])
    return compare(conversion, there.tables, there.modules, last, there.unseen)


def run(session: ServerSession, conversion: Conversion, found: tuple[ComparedObject, ...], choice: SyncChoice) -> None:
    for statement, _ in plan(conversion, found, {f.name: choice for f in found}):
        session.execute(statement.sql)


def test_what_was_made_is_the_same_when_looked_at_again(session: ServerSession) -> None:
    first = wanted(session)
    found = look(session, first, None)
    assert {f.difference for f in found} == {SchemaDifference.CREATE}
    run(session, first, found, SyncChoice.CREATE)
    for last in (first, None):
        again = look(session, first, last)
        assert [(f.difference, f.details) for f in again] == [(SchemaDifference.SAME, ())] * 2


def altered(session: ServerSession, child: Table) -> None:
    """Load the first form with a row, bring about the second, and look again."""
    first, second = wanted(session), wanted(session, child)
    run(session, first, look(session, first, None), SyncChoice.CREATE)
    session.execute(f"INSERT INTO [{SCHEMA}].[Child] ([Price], [Code]) VALUES (2, N'a')")
    found = look(session, second, first)
    assert {f.name.name: f.difference for f in found}["Child"] is SchemaDifference.ALTER
    run(session, second, tuple(f for f in found if f.difference is SchemaDifference.ALTER), SyncChoice.ALTER)
    assert [f.difference for f in look(session, second, second)] == [SchemaDifference.SAME] * 2


def test_a_column_comes_and_an_index_goes_and_the_rows_stay(session: ServerSession) -> None:
    more = Column("Added", ColumnType.BOOLEAN)
    altered(session, replace(CHILD, columns=(*CHILD.columns, more), indexes=CHILD.indexes[:2]))
    assert list(session.query(f"SELECT [Code], [Added] FROM [{SCHEMA}].[Child]")[0]) == ["a", False]


def test_a_wider_column_keeps_its_values_and_its_index(session: ServerSession) -> None:
    if session.value("SELECT CONVERT(int, SERVERPROPERTY('Babelfish'))"):
        pytest.skip("Babelfish does not take NULL in ALTER COLUMN")
    altered(session, replace(CHILD, columns=tuple(replace(c, length=30 if c.length else 0) for c in CHILD.columns)))
    there = one(Conversion(existing_objects(session, [SCHEMA]).tables), "Child")
    assert [str(c.type) for c in there.columns if c.name == "Code"] == ["nvarchar(30)"]


def linked_pair(session: ServerSession, kind: ServerType) -> Conversion:
    """Two tables, one referring to the other by a column of that type, with a key, an index and a check on it.

    No default: Babelfish lists its constraint under a name by which it cannot be dropped.
    """
    first, second = Name(SCHEMA, odd(session, PARENT)), Name(SCHEMA, "Child")
    parent = ServerTable(
        first,
        (ServerColumn("ID", kind, nullable=False),),
        ServerIndex("PK_pair", (KeyColumn("ID"),), primary=True, unique=True, clustered=True),
        checks=(CheckConstraint("CK_pair", "[ID] > 0"),),
    )
    child = ServerTable(
        second,
        (ServerColumn("ParentID", kind, nullable=False),),
        indexes=(ServerIndex("IX_pair", (KeyColumn("ParentID"),)),),
        foreign_keys=(ForeignKey("FK_pair", ("ParentID",), first, ("ID",)),),
    )
    return Conversion((parent, child))


def test_the_type_of_a_referred_column_changes_and_all_that_stood_on_it_is_there_again(session: ServerSession) -> None:
    narrow, wide = linked_pair(session, ServerType("int")), linked_pair(session, ServerType("bigint"))
    run(session, narrow, look(session, narrow, None), SyncChoice.CREATE)
    session.execute(f"INSERT INTO {narrow.tables[0].name} VALUES (7)")
    session.execute(f"INSERT INTO {narrow.tables[1].name} VALUES (7)")
    takes_null = not session.value("SELECT CONVERT(int, SERVERPROPERTY('Babelfish'))")  # which keeps what was said
    for statement, _ in plan(wide, found := look(session, wide, narrow), {f.name: SyncChoice.ALTER for f in found}):
        altering = "ALTER COLUMN" in statement.sql and not takes_null
        session.execute(statement.sql.replace(" NOT NULL;", ";") if altering else statement.sql)
    assert [f.difference for f in look(session, wide, wide)] == [SchemaDifference.SAME] * 2
    assert session.query(f"SELECT [ParentID] FROM {wide.tables[1].name}") == [(7,)]
    with pytest.raises(ServerError):
        session.execute(f"INSERT INTO {wide.tables[1].name} VALUES (8)")
