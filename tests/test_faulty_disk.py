"""A disk that fails at any moment of a small migration: a message, no traceback, and afterwards all comes to its end.

Some moments are tried here; `tests.bench.disk` tries every operation on a file.
"""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from tests.faulty_disk import Moment, moments, template, trial


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> list[Moment]:
    folder = tmp_path_factory.mktemp("faulty") / "template"
    folder.mkdir()
    template(folder)
    return list(moments(folder))


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
def test_a_failure_is_told_and_nothing_is_lost(sound: list[Moment], tmp_path: Path, operation: str, code: int) -> None:
    possible = [(m, n) for m in sound for n, what in enumerate(m.operations, 1) if what.startswith(f"{operation} ")]
    moment, number = random.Random(operation).choice(possible)
    disk, wrong = trial(moment, tmp_path / "trial", number, code)
    assert disk.failed
    assert wrong == [], moment.operations[number - 1]
