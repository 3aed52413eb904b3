"""Forty files of other people's in one project: every row arrives, or is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SHARED, load_oracle, oracle_cases
from tests.losing import foreseen, rejected
from wizard.cli.projects import NewProject, fill
from wizard.messages import RowProblem, StageError, TargetError
from wizard.migrate import RunResult
from wizard.settings import Connection, Repair, RepairRule, TargetKind, TypeRule
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
        announced = foreseen(migration)
        migration.one_step()
        wanted, found = rows_of_the_oracles(migration), moved(migration.migrate.result)
        assert {table: found.get(table) for table in wanted} == wanted
        assert migration.migrate.result
        assert rejected(migration) == announced == [], "what no rule can hold would be here, and announced"
        assert migration.migrate.verify().equal


NARROW = (
    ("text", "nvarchar(3)"), ("memo", "nvarchar(4)"), ("hyperlink", "nvarchar(4)"), ("guid", "nvarchar(10)"),
    ("integer", "tinyint"), ("long", "tinyint"), ("autonumber", "tinyint"), ("bigint", "tinyint"),
    ("currency", "decimal(5,2)"), ("decimal", "decimal(4,1)"), ("single", "decimal(5,1)"), ("double", "decimal(5,1)"),
    ("date", "smalldatetime"), ("date_extended", "datetime"),
    ("binary", "varbinary(2)"), ("longbinary", "varbinary(4)"),
)  # fmt: skip
"""types that do not hold every value of the corpus"""


def test_what_too_narrow_types_do_to_the_corpus_is_foreseen_row_for_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second database has its values repaired, the others reject their rows."""
    monkeypatch.setenv("JETFERRY_SOURCE_PASSWORD", "password")
    with project_of_all(tmp_path / "share", TargetKind.PACKAGE, Connection()) as migration:
        migration.project.set_rules([TypeRule(source, target) for source, target in NARROW])
        repaired = [source.key for source in migration.data.sources[::2]]
        for key in repaired:
            migration.project.set_repair(RepairRule(RowProblem.UNFIT, Repair.NEAREST, source=key))
        migration.prepare()
        migration.assess.run()
        announced = foreseen(migration)
        changed = {f.name: (f.rounded, f.rounded + f.repaired) for f in migration.assess.foreseen}
        migration.one_step()
        assert rejected(migration) == announced
        found = {t.table: (t.rounded, t.repaired) for t in migration.migrate.known_lines()}
        assert {t: c for t, c in found.items() if any(c)} == {t: c for t, c in changed.items() if any(c)}
        assert len({t.partition(".")[0] for t, *_ in announced}) > 10
        assert len({t.partition(".")[0] for t, (_, count) in changed.items() if count}) > 10
        assert migration.migrate.verify().equal, "the rest is equal"


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
        assert {t.source for t in migration.migrate.result.tables if t.rejected} == set()
