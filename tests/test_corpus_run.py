"""Forty files of other people's in one project: every row arrives, or is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SHARED, load_oracle, oracle_cases
from wizard.cli.projects import NewProject, fill
from wizard.messages import StageError, TargetError
from wizard.migrate import RunResult
from wizard.settings import Connection, TargetKind
from wizard.sqlserver import connection_string, connection_test
from wizard.stages import Migration

DATABASE = "jetferry_corpus"
FINEST = "SELECT DATEPART(nanosecond, CAST('2020-01-01T00:00:00.1234567' AS datetime2(7)))"
"""a stand-in may keep fewer digits; verification must then name the table that needs them"""
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the databases of ../shared, which is not here")


@contextmanager
def project_of_all(path: Path, kind: TargetKind, connection: Connection, password: str = "") -> Iterator[Migration]:
    databases = tuple(database for database, _ in oracle_cases())
    with Migration.create(path) as migration:
        migration.project.set_target(replace(migration.data.target, kind=kind))
        migration.connect.set_password(password)
        asked = NewProject(path, databases, kind)
        fill(migration, asked, connection)
        for source in migration.data.sources:
            migration.sources.select_all(source.key)  # what Access left behind too
        migration.prepare()
        yield migration


def rows_of_the_oracles(migration: Migration) -> dict[str, int]:
    """By source and table, the rows an independent reader counts; linked tables have none here."""
    oracles = {database.resolve(): oracle for database, oracle in oracle_cases()}
    return {
        f"{source.key}.{table['name']}": len(table["rows"])
        for source in migration.data.sources
        for table in load_oracle(oracles[migration.sources.path(source)])["tables"]
        if "rows" in table
    }


def moved(result: RunResult | None) -> dict[str, int]:
    assert result is not None
    return {t.source: t.migrated + t.rejected for t in result.tables}


def test_every_row_of_the_corpus_goes_into_one_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JETFERRY_SOURCE_PASSWORD", "password")
    with project_of_all(tmp_path / "share", TargetKind.PACKAGE, Connection()) as migration:
        migration.assess.run()
        foreseen = sorted((f.name, r.position) for f in migration.assess.foreseen for r in f.listed)
        migration.one_step()
        wanted, found = rows_of_the_oracles(migration), moved(migration.migrate.result)
        assert {table: found.get(table) for table in wanted} == wanted
        assert migration.migrate.result
        rejected = [t.table for t in migration.migrate.result.tables if t.rejected]
        told = sorted((t, r.position) for t in rejected for r in migration.migrate.rejects(t, limit=10**6))
        assert told == foreseen == [], "what no rule can hold would be here, and announced"
        assert migration.migrate.verify().equal


@pytest.fixture
def server_database(request: pytest.FixtureRequest) -> Iterator[tuple[Connection, str]]:
    """A database of its own on the test server."""
    connection, password = connection_string.settings(request.getfixturevalue("server"))

    def drop() -> None:
        connection_test.ask_server(
            replace(connection, database=""), password, lambda s: s.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        )

    try:
        drop()
        connection_test.create_database(connection, password, DATABASE)
    except TargetError as e:
        pytest.skip(f"needs an account that may create databases: {e}")
    yield replace(connection, database=DATABASE), password
    with suppress(TargetError):
        drop()


@pytest.mark.server
@pytest.mark.timeout(600)
def test_every_row_of_the_corpus_arrives_on_a_server(
    server_database: tuple[Connection, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JETFERRY_SOURCE_PASSWORD", "password")
    connection, password = server_database
    finest = connection_test.ask_server(connection, password, lambda s: s.value(FINEST))
    with project_of_all(tmp_path / "share", TargetKind.SQL_SERVER, connection, password) as migration:
        if finest == 123456700:
            migration.one_step()
        else:
            with pytest.raises(StageError, match="extdatetestv2019"):
                migration.one_step()
        wanted, found = rows_of_the_oracles(migration), moved(migration.migrate.result)
        assert {table: found.get(table) for table in wanted} == wanted
        assert migration.migrate.result
        rejected = {t.source for t in migration.migrate.result.tables if t.rejected}
        assert rejected == set()
