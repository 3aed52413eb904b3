"""What is remembered of an account is its alone, and nothing in its place keeps the wizard from starting."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from screens import recent
from screens.themes import DARK, chosen_theme
from wizard import crash_report, remembered


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return remembered.state_folder()


@pytest.fixture
def open_umask() -> Iterator[None]:
    former = os.umask(0)
    yield
    os.umask(former)


@pytest.mark.skipif(os.name == "nt", reason="modes of files are POSIX's")
@pytest.mark.usefixtures("open_umask")
def test_it_is_the_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    remembered.remember("theme", DARK.name)
    report = crash_report.write(ValueError("x"), "test")
    assert report
    folder = report.parent.parent
    assert [stat.S_IMODE(p.stat().st_mode) for p in (folder, report.parent)] == [0o700] * 2
    assert [stat.S_IMODE(p.stat().st_mode) for p in (folder / "theme", report)] == [0o600] * 2
    assert chosen_theme() == DARK.name


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b"\xff\xfe[", b"7", b"{}", b"[7]", b'["\\u0000"]', b'["\\ud800"]', b"9" * 5000]
)
def test_what_is_damaged_is_nothing(state: Path, content: bytes) -> None:
    for name in ("recent.json", "theme"):
        (state / name).write_bytes(content)
    assert recent.recent_projects() == []
    assert chosen_theme() is None


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux")
def test_projects_with_names_that_are_no_text_are_remembered(tmp_path: Path) -> None:
    project = tmp_path / os.fsdecode(b"b\xe9\xff.jetferry.toml")
    project.touch()
    recent.remember(project)
    assert recent.recent_projects() == [project]


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.parametrize("kind", ["pipe", "folder", "loop"])
def test_what_is_no_file_is_not_waited_for(state: Path, kind: str) -> None:
    for name in ("recent.json", "theme"):
        if kind == "pipe":
            os.mkfifo(state / name)
        elif kind == "folder":
            (state / name).mkdir()
        else:
            (state / name).symlink_to(name)
    assert recent.recent_projects() == []
    assert chosen_theme() is None
    recent.remember(state)
