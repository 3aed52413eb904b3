"""On a real server: the test of a connection, objects made and read back, constraints checked after the rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.server_schema import odd
from wizard.events import Event, ObjectLoaded
from wizard.objects import (
    CheckConstraint,
    ForeignKey,
    KeyColumn,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerTable,
    ServerType,
    Statement,
    quote,
)
from wizard.settings import Constraints, Options
from wizard.sqlserver import ServerSession, StatementStep, run_statements, settings_of
from wizard.sqlserver.connection_test import ConnectionStep as Stage
from wizard.sqlserver.connection_test import check as server_check
from wizard.sqlserver.constraints import LoadConstraints
from wizard.sqlserver.introspection import existing_objects

pytestmark = pytest.mark.server


@pytest.fixture
def schema(server: str) -> Iterator[str]:
    """A schema of its own; all that is in it is dropped afterwards."""
    connection, password = settings_of(server)
    name = f"o{uuid.uuid4().hex[:10]}"
    with ServerSession.open(connection, password) as session:
        session.execute(f"CREATE SCHEMA {name}")
        yield name
        found = existing_objects(session, [name])
        for module in found.modules:
            session.execute(f"DROP {module.kind.name} {module.name}")
        for table in found.tables:
            for key in table.foreign_keys:
                session.execute(f"ALTER TABLE {table.name} DROP CONSTRAINT {quote(key.name)}")
        for table in found.tables:
            session.execute(f"DROP TABLE {table.name}")
        session.execute(f"IF OBJECT_ID(N'{name}.jetferry_journal') IS NOT NULL DROP TABLE {name}.jetferry_journal")
        session.execute(f"DROP SCHEMA {name}")


def child_of(server: str) -> str:
    connection, password = settings_of(server)
    with ServerSession.open(connection, password) as session:
        return odd(session, "Child ]x")


def steps(server: str, schema: str) -> list[StatementStep]:
    parent, child = Name(schema, "Parent"), Name(schema, child_of(server))
    view = Name(schema, "V")
    made = [
        Statement(ObjectKind.VIEW, view, f"CREATE VIEW {view} AS SELECT ID FROM {child}", depends_on=(child,)),
        Statement(
            ObjectKind.TABLE,
            parent,
            f"CREATE TABLE {parent} (ID int IDENTITY(1,1) NOT NULL, Name nvarchar(40) NULL,"
            " Price decimal(12,3) NULL, [At] datetime2(3) NULL, Doc varbinary(max) NULL)",
        ),
        Statement(ObjectKind.TABLE, child, f"CREATE TABLE {child} (ID int NOT NULL, Parent int NULL, N int NULL)"),
        Statement(ObjectKind.PRIMARY_KEY, parent, f"ALTER TABLE {parent} ADD CONSTRAINT PK_P PRIMARY KEY (ID)", "PK_P"),
        Statement(
            ObjectKind.FOREIGN_KEY,
            child,
            f"ALTER TABLE {child} WITH CHECK ADD CONSTRAINT FK_C FOREIGN KEY (Parent) REFERENCES {parent} (ID)"
            " ON DELETE CASCADE",
            "FK_C",
        ),
        Statement(ObjectKind.TABLE, Name(schema, "Bad"), f"CREATE TABLE {schema}.Bad (x nosuchtype)"),
        Statement(
            ObjectKind.INDEX, Name(schema, "Bad"), f"CREATE INDEX i ON {schema}.Bad (x)", "i", (Name(schema, "Bad"),)
        ),
        Statement(ObjectKind.INDEX, parent, f"CREATE INDEX IX_Name ON {parent} (Name DESC, ID)", "IX_Name"),
        Statement(ObjectKind.CHECK, child, f"ALTER TABLE {child} WITH CHECK ADD CONSTRAINT CK_N CHECK (N > 0)", "CK_N"),
    ]
    return [StatementStep(s) for s in made]


def test_each_step_of_a_connection_is_told_in_words(server: str) -> None:
    connection, password = settings_of(server)
    verdicts = list(server_check(connection, password))
    assert [v.step for v in verdicts] == list(Stage)
    assert all(v.passed for v in verdicts)
    last = list(server_check(connection, password + "x"))[-1]
    assert (last.step, last.passed, last.messages[0].number) == (Stage.SIGN_IN, False, 5005)
    last = list(server_check(replace(connection, database="no such place"), password))[-1]
    assert (last.step, last.passed, last.messages[0].number) == (Stage.DATABASE, False, 5006)
    last = list(server_check(replace(connection, trust_certificate=False), password))[-1]
    assert last.step in (Stage.ENCRYPT, Stage.RIGHTS)


def test_a_port_where_nobody_listens_and_a_name_nobody_has() -> None:
    connection, password = settings_of("Server=127.0.0.1,1;UID=a;PWD=b")
    assert [m.number for v in server_check(connection, password) for m in v.messages] == [5003]
    connection = replace(connection, host="no-such-host.invalid")
    assert [m.number for v in server_check(connection, password) for m in v.messages] == [5001]


def test_objects_are_made_failures_named_and_the_rest_goes_on(server: str, schema: str) -> None:
    connection, password = settings_of(server)
    told = list[Event]()
    outcomes = run_statements(connection, password, steps(server, schema), listener=told.append)
    assert {o.statement.name.name for o in outcomes if o.action == "failed"} == {"Bad"}
    failed = [e for e in told if isinstance(e, ObjectLoaded) and e.action == "failed"]
    assert "nosuchtype" in failed[0].sql
    assert "nosuchtype" in failed[0].detail
    assert "[Bad], which it needs" in failed[1].detail
    assert sum(o.action == "created" for o in outcomes) == 7
    again = run_statements(connection, password, steps(server, schema)[:6])
    assert {o.action for o in again if o.statement.name.name != "Bad"} == {"skipped"}


def test_what_is_there_is_read_back(server: str, schema: str) -> None:
    connection, password = settings_of(server)
    run_statements(connection, password, steps(server, schema))
    with ServerSession.open(connection, password) as session:
        found = existing_objects(session, [schema])
    tables = {t.name.name: t for t in found.tables}
    as_kept = str if "Parent" in tables else str.casefold  # not every server keeps the case of names
    parent, child = tables[as_kept("Parent")], tables[as_kept(child_of(server))]
    assert [(c.name, str(c.type), c.nullable, c.identity) for c in parent.columns] == [
        (as_kept("ID"), "int", False, True),
        (as_kept("Name"), "nvarchar(40)", True, False),
        (as_kept("Price"), "decimal(12,3)", True, False),
        (as_kept("At"), "datetime2(3)", True, False),
        (as_kept("Doc"), "varbinary(max)", True, False),
    ]
    assert parent.primary_key
    assert [c.name for c in parent.primary_key.columns] == [as_kept("ID")]
    assert [[c.name for c in i.columns] for i in parent.indexes] == [[as_kept("Name"), as_kept("ID")]]
    key = child.foreign_keys[0]
    assert (key.columns, key.referenced) == ((as_kept("Parent"),), parent.name)
    assert key.referenced_columns == (as_kept("ID"),)
    assert key.on_delete == "CASCADE"
    assert [c.name.casefold() for c in child.checks] == ["ck_n"]
    assert [m.kind for m in found.modules] == [ObjectKind.VIEW]


def test_constraints_that_waited_are_made_checked_and_what_breaks_them_is_listed(server: str, schema: str) -> None:
    connection, password = settings_of(server)
    made = steps(server, schema)
    run_statements(connection, password, [made[1], made[2], made[3]])
    parent, child = made[1].statement.name, made[2].statement.name
    whole = ServerType("int")
    table = ServerTable(
        child,
        (ServerColumn("ID", whole), ServerColumn("Parent", whole), ServerColumn("N", whole)),
        ServerIndex("PK_C", (KeyColumn("ID"),), primary=True),
        foreign_keys=(ForeignKey("FK_C", ("Parent",), parent, ("ID",)),),
        checks=(CheckConstraint("CK_N", "N > 0"),),
    )
    numbered = ServerTable(parent, (ServerColumn("ID", whole, identity=True),))
    with ServerSession.open(connection, password) as session:
        session.execute(f"SET IDENTITY_INSERT {parent} ON; INSERT INTO {parent} (ID) VALUES (41)")
        session.execute(f"SET IDENTITY_INSERT {parent} OFF")
        session.execute(f"INSERT INTO {child} VALUES (1, 41, 1), (2, 99, 1), (3, NULL, -5)")
        later = [made[4].statement, made[8].statement]
        messages = LoadConstraints(session, Options(constraints=Constraints.AFTER)).finish([numbered, table], later)
        told = [(m.number, m.text) for m in messages if m.number in (5301, 5302, 5304)]
        assert sorted(n for n, _ in told) == [5301, 5301, 5302, 5302, 5304]
        assert any("ID=2" in t and "FK_C" in t for _, t in told)
        assert any("ID=3" in t and "CK_N" in t for _, t in told)
        session.execute(f"DELETE FROM {child} WHERE ID > 1")
        session.execute(f"INSERT INTO {parent} (Name) VALUES (N'next')")
        assert session.value(f"SELECT MAX(ID) FROM {parent}") == 42
        again = LoadConstraints(session, Options(constraints=Constraints.AFTER)).finish([numbered, table], later)
        assert not [m for m in again if m.number in (5301, 5302, 5305)]
        assert len(existing_objects(session, [schema]).tables[1].foreign_keys) == 1
