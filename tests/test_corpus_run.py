"""Forty files of other people's in one project: every row arrives, or is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SHARED, load_oracle, oracle_cases
from wizard.cli.projects import NewProject, fill
from wizard.settings import Connection, TargetKind
from wizard.stages import Migration


def rows_of(oracle: Path) -> dict[str, int]:
    """By table, the rows an independent reader counts; linked tables have none here."""
    tables = load_oracle(oracle)["tables"]
    return {t["name"]: len(t["rows"]) for t in tables if "rows" in t}


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the databases of ../shared, which is not here")
def test_every_row_of_the_corpus_goes_into_one_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JETFERRY_SOURCE_PASSWORD", "password")
    databases = {database.resolve(): oracle for database, oracle in oracle_cases()}
    with Migration.create(tmp_path / "share") as migration:
        fill(migration, NewProject(tmp_path / "share", tuple(databases), TargetKind.PACKAGE), Connection())
        for source in migration.data.sources:
            migration.sources.select_all(source.key)  # what Access left behind too
        migration.prepare()
        migration.one_step()
        result = migration.migrate.result
        assert result is not None
        wanted = {
            f"{source.key}.{table}": rows
            for source in migration.data.sources
            for table, rows in rows_of(databases[migration.sources.path(source)]).items()
        }
        moved = {t.source: t.migrated + t.rejected for t in result.tables}
        assert {table: moved.get(table) for table in wanted} == wanted
        assert {t.source for t in result.tables if t.rejected} == {"corrupted.NotNull"}
        assert migration.migrate.verify().equal
