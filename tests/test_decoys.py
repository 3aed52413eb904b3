"""Code that lies beside a project is never run: decoys of every module there is, beside it and in its folders.

The decoys leave a mark when they are imported, whoever imports them.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from wizard import worker
from wizard.stages import Migration
from wizard.worker import WorkerTask

COMMAND = Path(sys.executable).with_name("jetferry")


def names() -> list[str]:
    """Every module of Python and of what is installed here, ours included."""
    installed = {n for n in importlib.metadata.packages_distributions() if n.isidentifier()}
    more = {"wizard", "screens", "sitecustomize", "usercustomize"}
    return sorted(installed | more | {n for n in sys.stdlib_module_names if not n.startswith("__")})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of a folder that decoys fill."""
    mark = tmp_path / "mark"
    home = tmp_path / "home"
    shutil.copytree(SAMPLE.parent, home, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with Migration.create(home / "books") as migration:
        migration.project.confirm()
        migration.sources.add(home / SAMPLE.name)
        migration.prepare()
        (migration.folder / "worker").mkdir()
        for folder in (home, migration.folder, migration.folder / "worker"):
            for name in names():
                text = f"open({str(mark)!r}, 'a').write('{name} of {folder.name}\\n')\nraise SystemExit(70)\n"
                (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return home / "books"


def mark(project: Path) -> str:
    path = project.parent.parent / "mark"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_the_decoys_would_leave_a_mark(project: Path) -> None:
    command = [sys.executable, "-m", "wizard.worker_process", "books.jetferry.toml"]
    subprocess.run(command, cwd=project.parent, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert mark(project)


@pytest.mark.parametrize("relative", ["", f".{os.pathsep}books.jetferry"])
def test_a_worker_takes_no_code_from_beside_the_project(
    project: Path, relative: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", relative)
    monkeypatch.chdir(project.parent)
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    list(attachment.follow())
    assert mark(project) == ""
    assert attachment.ended is not None
    assert attachment.ended.exit_status == 0, attachment.ended.detail


@pytest.mark.skipif(not COMMAND.exists(), reason="the command is not installed beside this Python")
@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "harborbooks.accdb"),
        ("run", "books", "--through", "link", "--detach"),
        ("estate", "scan", ".", "--estate", "all", "--workers", "1"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_takes_no_code_from_where_it_is_given(project: Path, words: tuple[str, ...]) -> None:
    done = subprocess.run([COMMAND, *words], cwd=project.parent, capture_output=True, text=True, check=False)
    if "--detach" in words:
        watched = subprocess.run([COMMAND, "attach", "books"], cwd=project.parent, capture_output=True, check=False)
        assert watched.returncode == 0
    assert done.returncode in (0, 3), done.stderr
    assert mark(project) == ""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc here")
def test_a_workers_environment_holds_no_password(project: Path, slowly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JETFERRY_PASSWORD", "planted-server")
    monkeypatch.setenv("JETFERRY_SOURCE_PASSWORD", "planted-source")
    attachment = worker.start(project, WorkerTask.ONE_STEP)
    process = Path(f"/proc/{attachment.state.pid}")
    assert b"GATE=" in (process / "environ").read_bytes()
    for place in ("environ", "cmdline"):
        assert b"planted" not in (process / place).read_bytes()
    slowly.touch()
    list(attachment.follow())


@pytest.mark.corpus
def test_a_worker_gets_the_password_of_the_environment_all_the_same(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = next((shared / "corpus").rglob("V2000_with-password.mdb"))
    monkeypatch.setenv("JETFERRY_SOURCE_PASSWORD", "password")
    with Migration.create(tmp_path / "locked") as migration:
        migration.project.confirm()
        migration.sources.add(locked)
        migration.prepare()
    attachment = worker.start(tmp_path / "locked", WorkerTask.ONE_STEP)
    list(attachment.follow())
    assert attachment.ended is not None
    assert attachment.ended.exit_status in (0, 3), attachment.ended.detail
