"""Stage 4: which source goes to which schema."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from wizard.events import Stage, Status
from wizard.messages import (
    StageError,
)
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
