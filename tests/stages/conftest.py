"""What tests of the stages share: the sample in a project, converted, and with rows that will be rejected."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from wizard.events import Event, Stage
from wizard.objects import TableRef
from wizard.stages import CancellationToken, Migration, StoppedError

KEY = "harborbooks"
BOOKS = TableRef(KEY, "Books")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copyfile(SAMPLE, tmp_path / "harborbooks.accdb")
    return tmp_path


@pytest.fixture
def migration(folder: Path) -> Iterator[Migration]:
    with Migration.create(folder / "p") as migration:
        migration.project.confirm()
        migration.sources.add(folder / "harborbooks.accdb")
        yield migration


@pytest.fixture
def converted(migration: Migration) -> Migration:
    migration.prepare()
    migration.one_step(through=Stage.LOAD)
    return migration


def reopened(migration: Migration) -> Migration:
    migration.close()
    opened = Migration.open(migration.path)
    opened.sources.check()
    return opened


def stopped_at(migration: Migration, kind: type[Event], work: Callable[[CancellationToken], object]) -> None:
    """Do work that is stopped at the first event of a kind."""
    cancel = CancellationToken()
    ended = migration.listen(lambda event: cancel.cancel("test") if isinstance(event, kind) else None)
    with pytest.raises(StoppedError):
        work(cancel)
    ended()


@pytest.fixture
def narrow(converted: Migration) -> Migration:
    """Before stage 8, with publishers whose names do not all fit; rows move a table and a few at a time."""
    converted.project.set_options(replace(converted.data.options, batch_size=100, parallel_tables=1))
    converted.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "nvarchar(12)")
    converted.load.run()
    return converted


def widened(migration: Migration) -> None:
    """The cause mended, as stages 6 and 7 do it."""
    migration.convert.edit_type(TableRef(KEY, "Publishers"), "Name", "nvarchar(60)")
    migration.load.run()
