"""What the rows showed is kept: stages 5 and 6 share one pass over them, in whatever process they run."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.stages.conftest import KEY, reopened
from wizard.assess import profile_data
from wizard.definitions import TableProfile
from wizard.events import Stage
from wizard.stages import CancellationToken, Migration, data_profiles


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The path of every file whose rows are looked at."""
    seen: list[str] = []

    def watched(file: data_profiles.OpenSource, **how: object) -> dict[str, TableProfile]:
        seen.append(file.path)
        return profile_data(file, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(data_profiles, "profile_data", watched)
    return seen


def profile(migration: Migration) -> Mapping[str, TableProfile]:
    return data_profiles.DataProfiles(migration.session, migration.sources).of(KEY, Stage.CONVERT, CancellationToken())


def kept(migration: Migration) -> Path:
    return migration.session.files.profiles / f"{KEY}.json"


def test_assessed_in_one_process_and_converted_in_the_next(migration: Migration, passes: list[str]) -> None:
    migration.prepare()
    migration.assess.run(CancellationToken())
    assert len(passes) == 1
    with reopened(migration) as again:
        again.convert.run(CancellationToken())
        assert len(passes) == 1
        assert profile(again) == profile_data(again.sources.open(KEY))
    if os.name == "posix":
        assert stat.S_IMODE(kept(migration).stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["written", "choice", "damaged", "emptied"])
def test_looked_at_again_where_it_may_differ(migration: Migration, passes: list[str], what: str) -> None:
    profile(migration)
    if what == "written":
        os.utime(migration.sources.open(KEY).path, ns=(1, 1))
    elif what == "choice":
        migration.sources.select_matching(KEY, "order*", False)
    else:
        kept(migration).write_text("{" if what == "damaged" else "")
    with reopened(migration) as again:
        assert profile(again) == profile_data(again.sources.open(KEY))
    assert len(passes) == 2


def test_not_kept_by_who_only_looks_nor_of_a_file_that_is_salvaged(migration: Migration) -> None:
    with Migration.open(migration.path, hold=False) as looking:
        profile(looking)
    assert not kept(migration).exists()
    migration.sources.read_as(KEY, code_page="", salvage=True)
    profile(migration)
    assert not kept(migration).exists()
