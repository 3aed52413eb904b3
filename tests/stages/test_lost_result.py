"""What is kept of stage 6 can be lost or damaged: the stage is then to be done again, and nothing is a dead end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.faulty_disk import command
from wizard.events import Stage, Status
from wizard.messages import StageError
from wizard.settings import Target
from wizard.stages import Migration


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def scratched(path: Path) -> None:
    """It looks whole from both its ends."""
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\0" + data[101:])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(SAMPLE, tmp_path)
    with Migration.create(tmp_path / "p", target=Target()) as m:
        m.sources.add(tmp_path / SAMPLE.name)
        m.prepare()
        m.one_step()
    return tmp_path / "p"


@pytest.mark.parametrize("damage", [Path.unlink, cut, scratched])
def test_a_result_that_cannot_be_read_is_made_again(project: Path, damage: Callable[[Path], None]) -> None:
    damage(project.with_name("p.jetferry") / "conversion.json")
    with Migration.open(project) as m:
        with pytest.raises(StageError, match="8112"):
            _ = m.convert.conversion
        assert m.status(Stage.CONVERT) is Status.STALE
        assert "its result, which cannot be read" in m.session.detail(Stage.CONVERT)
    said = command("run", project, "--yes")
    assert said.status == 0, said.err
    with Migration.open(project) as m:
        assert m.status(Stage.CONVERT) is Status.DONE
        assert m.status(Stage.MIGRATE) is Status.DONE
        assert m.migrate.verify().equal
