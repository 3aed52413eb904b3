"""A database whose queries call VBA functions of its own goes through all stages to a package."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.conftest import SAMPLE
from wizard.access.file import AccessFile
from wizard.definitions import CodeModule, Database, Query, QueryKind
from wizard.objects import Outcome, TableRef
from wizard.settings import Target, TargetKind
from wizard.stages import Migration

CODE = """Option Compare Database
Public Function Nz0(v)
    If IsNull(v) Then Nz0 = 0 Else Nz0 = v
End Function
Public Function Loud(v)
    MsgBox v
    Loud = v
End Function
"""
QUERIES = (
    Query("Own", QueryKind.SELECT, "SELECT ISBN, Nz0(Price) AS p, Nz0(Format) AS f FROM Books"),
    Query("Loud Books", QueryKind.SELECT, "SELECT Loud(ISBN) AS x FROM Books"),
)


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """The sample with a module and two queries more, migrated to a package."""
    plain = AccessFile.definition
    assert isinstance(plain, property)
    assert plain.fget

    def definition(self: AccessFile) -> Database:
        found: Database = plain.fget(self)  # type: ignore[misc]
        return replace(found, queries=found.queries + QUERIES, code=lambda: (CodeModule("Utilities", CODE),))

    folder = tmp_path_factory.mktemp("own")
    shutil.copy(SAMPLE, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AccessFile, "definition", property(definition))
        with Migration.create(folder / "p", target=Target(TargetKind.PACKAGE)) as m:
            m.sources.add(folder / SAMPLE.name)
            m.prepare()
            m.convert.run()
            m.load.run()
            m.migrate.run()
            yield m


def test_stage_6_shows_functions_beside_tables_and_queries(migration: Migration) -> None:
    items = {i.ref.table: i for i in migration.convert.items() if i.category == "functions"}
    assert {n: i.outcome for n, i in items.items()} == {
        "Utilities.Nz0": Outcome.CONVERTED, "Utilities.Nz0 (text)": Outcome.CONVERTED, "Utilities.Loud": Outcome.FAILED
    }  # fmt: skip
    both = migration.convert.sides(TableRef("harborbooks", "Utilities.Nz0"))
    assert both.source.startswith("Public Function Nz0(v)")
    assert both.target.startswith("CREATE FUNCTION [dbo].[Nz0] (")


def test_the_package_makes_them_before_the_views_that_call_them_and_proves_them(migration: Migration) -> None:
    scripts = sorted((migration.folder / "package").glob("*.sql"))
    texts = {p.name: p.read_text(encoding="utf-8") for p in scripts}
    making = next(n for n, text in enumerate(texts.values()) if "FUNCTION [dbo].[Nz0] (" in text)
    calling = next(n for n, text in enumerate(texts.values()) if "[dbo].[Nz0]([Books].[Price])" in text)
    assert making < calling
    assert "SELECT N'Utilities.Nz0'," in texts["prove-queries.sql"]
    assert "N'v = NULL', 0" in texts["prove-queries.sql"]
    assert not any("Loud" in text for text in texts.values())
