"""Tables on the test server for tests of moving, under names of their own, taken away afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wizard.objects import Name, ServerTable
from wizard.settings import Connection
from wizard.sqlserver import ServerSession, settings_of


@dataclass(frozen=True)
class TestServer:
    connection: Connection
    password: str

    def session(self) -> ServerSession:
        return ServerSession.open(self.connection, self.password)

    def execute(self, sql: str) -> None:
        with self.session() as session:
            session.execute(sql)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.session() as session:
            return session.query(sql)

    @contextmanager
    def table(self, table: ServerTable) -> Iterator[ServerTable]:
        """The table, made in a schema of its own with its key."""
        schema = f"t{uuid.uuid4().hex[:10]}"
        made = ServerTable(Name(schema, table.name.name), table.columns, table.primary_key, source=table.source)
        columns = ", ".join(
            f"[{c.name}] {c.type}{' IDENTITY' if c.identity else ''} {'NULL' if c.nullable else 'NOT NULL'}"
            f"{f' DEFAULT {c.default}' if c.default else ''}"
            for c in made.columns
        )
        key = f", PRIMARY KEY ([{made.primary_key.columns[0].name}])" if made.primary_key else ""
        with self.session() as session:
            session.execute(f"CREATE SCHEMA {schema}")
            session.execute(f"CREATE TABLE {made.name} ({columns}{key})")
        try:
            yield made
        finally:
            with self.session() as session:
                session.execute(f"DROP TABLE {made.name}")
                session.execute(
                    f"IF OBJECT_ID('{schema}.jetferry_journal') IS NOT NULL DROP TABLE {schema}.jetferry_journal"
                )
                session.execute(f"DROP SCHEMA {schema}")


def test_server(string: str) -> TestServer:
    return TestServer(*settings_of(string))
