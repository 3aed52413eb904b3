"""Stage 4: which source goes to which schema."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from wizard.events import Stage, Status
from wizard.messages import ProjectError, StageError
from wizard.stages import Migration


def test_names_of_two_sources_that_would_meet_are_found(migration: Migration, folder: Path) -> None:
    shutil.copyfile(SAMPLE, folder / "second.accdb")
    migration.sources.add(folder / "second.accdb")
    assert [(r.schema, r.collisions) for r in migration.map.rows()] == [("dbo", ()), ("second", ())]
    migration.map.set("second", "dbo")
    assert "Books" in migration.map.rows()[1].collisions
    with pytest.raises(StageError, match="JF8111"):
        migration.prepare()
    migration.map.reset("second")
    migration.prepare()
    migration.one_step()
    assert len(migration.convert.conversion.tables) == 20
    assert migration.status(Stage.MIGRATE) is Status.DONE


def test_names_meet_in_two_databases_too_as_rejects_and_reports_know_no_database(
    migration: Migration, folder: Path
) -> None:
    shutil.copyfile(SAMPLE, folder / "second.accdb")
    migration.sources.add(folder / "second.accdb")
    migration.map.set("second", "DBO", "other")
    assert "Books" in migration.map.rows()[1].collisions
    with pytest.raises(StageError, match="JF8111"):
        migration.prepare()


@pytest.mark.parametrize("database", ["other", "data", "deploy.sh", 'a.b]c"'])
def test_a_package_of_another_database_lies_within_the_first_ones(
    migration: Migration, folder: Path, database: str
) -> None:
    shutil.copyfile(SAMPLE, folder / "second.accdb")
    migration.sources.add(folder / "second.accdb")
    migration.map.set("second", "second", database)
    migration.prepare()
    assert migration.detail(Stage.MAP) == f"harborbooks to dbo, second to {database}.second"
    migration.one_step()
    assert migration.status(Stage.MIGRATE) is Status.DONE
    migration.load.run()  # again, over what is there
    package = migration.session.files.package
    assert len(list(package.rglob("manifest.json"))) == 2
    assert (package / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("schema", "refused"),
    [
        ("sys", "the server's own"),
        ("Information_Schema", "the server's own"),
        ("x" * 129, "1 to 128 characters"),
        ("😀" * 65, "1 to 128 characters"),
        (" ", "1 to 128 characters"),
        ("😀" * 64, ""),
        ("it's ]x", ""),
        ("guest", ""),
    ],
)
def test_a_schema_that_a_server_has_not_room_for_is_refused(migration: Migration, schema: str, refused: str) -> None:
    key = migration.session.project.sources[0].key
    if not refused:
        migration.map.set(key, schema)
        return
    with pytest.raises(ProjectError, match=refused):
        migration.map.set(key, schema)
    assert migration.map.rows()[0].schema == "dbo"


def test_a_source_called_like_a_schema_of_the_server_goes_to_another(migration: Migration, folder: Path) -> None:
    shutil.copyfile(SAMPLE, folder / "sys.accdb")
    migration.sources.add(folder / "sys.accdb")
    assert [r.schema for r in migration.map.rows()] == ["dbo", "sys source"]
