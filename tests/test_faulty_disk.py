"""A disk that fails at any moment of a small migration: a message, no traceback, and afterwards all comes to its end.

Some moments are tried here; `tests.bench.disk` tries every operation on a file.
"""

from __future__ import annotations

import errno
import random
import shutil
from pathlib import Path

import pytest

from tests.faulty_disk import FaultyDisk, template, trial


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty") / "template"
    folder.mkdir()
    template(folder)
    return folder


@pytest.fixture(scope="module")
def sound(made: Path) -> FaultyDisk:
    """The same on a sound disk."""
    folder = made.with_name("sound")
    shutil.copytree(made, folder)
    disk, wrong = trial(folder, 0, 0)
    assert wrong == []
    return disk


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("write", errno.ENOSPC),
        ("replace", errno.EROFS),
        ("fsync", errno.EIO),
        ("open", errno.EACCES),
        ("mkdir", errno.ENOSPC),
    ],
)
def test_a_failure_is_told_and_nothing_is_lost(
    made: Path, sound: FaultyDisk, tmp_path: Path, operation: str, code: int
) -> None:
    moments = [n for n, what in enumerate(sound.seen, 1) if what.startswith(f"{operation} ")]
    number = random.Random(operation).choice(moments)
    shutil.copytree(made, tmp_path / "trial")
    disk, wrong = trial(tmp_path / "trial", number, code)
    assert disk.failed
    assert wrong == [], disk.seen[number - 1]
