"""The sample through all stages to an offline package; killed (-9) in any of them, it ends in the same package."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from wizard.events import Stage, Status
from wizard.stages import CancellationToken, Migration
from wizard.worker import Order, WorkerTask
from wizard.worker_process import perform

DRIVER = """
import os, signal, sys
from pathlib import Path
from wizard.events import StageChanged, Status
from wizard.stages import CancellationToken, Migration
from wizard.events import Stage
from wizard.worker import Order, WorkerTask
from wizard.worker_process import perform

project, stage, event, count = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
seen, inside, replace = 0, False, os.replace

def reach(what):
    global seen
    if inside and what == event:
        seen += 1
        if seen == count:
            os.kill(os.getpid(), signal.SIGKILL)

def die(e):
    global inside
    if isinstance(e, StageChanged) and e.stage == stage:
        inside = e.status is Status.RUNNING
    reach(type(e).__name__)

def replacing(source, target, **how):
    kind = Path(target).parent.name if "runs" in Path(target).parts else Path(target).name
    reach(f"before {kind}")
    replace(source, target, **how)
    reach(f"after {kind}")

os.replace = replacing

with Migration.open(project) as migration:
    migration.listen(die)
    perform(migration, Order(WorkerTask.RUN, Stage.LINK), CancellationToken())
"""


def new_project(folder: Path) -> Path:
    folder.mkdir()
    shutil.copyfile(SAMPLE, folder / "harborbooks.accdb")
    with Migration.create(folder / "books") as migration:
        migration.project.confirm()
        migration.sources.add(folder / "harborbooks.accdb")
    return folder / "books"


def drive(project: Path, stage: str = "none", event: str = "none", count: int = 0) -> int:
    command = [sys.executable, "-c", DRIVER, str(project), stage, event, str(count)]
    return subprocess.run(command, timeout=100, check=False).returncode


def go_on(project: Path) -> None:
    """The rest of the way, in this process, which has the engine loaded: what was done stands on the disk alone."""
    with Migration.open(project) as migration:
        perform(migration, Order(WorkerTask.RUN, Stage.LINK), CancellationToken())


def contents(project: Path) -> dict[str, str]:
    """Every file of the package and of the link kit, by its digest."""
    folder = project.with_name("books.jetferry")
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for part in ("package", "link")
        for p in sorted((folder / part).rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    project = new_project(tmp_path_factory.mktemp("whole") / "p")
    assert drive(project) == 0
    with Migration.open(project) as migration:
        assert set(migration.statuses().values()) == {Status.DONE, Status.SKIPPED}
    return contents(project)


def test_all_nine_stages_end_in_a_package(undisturbed: dict[str, str]) -> None:
    assert {"package/manifest.json", "package/deploy.sh", "package/deploy.ps1", "package/README.md"} <= set(undisturbed)
    assert sum(name.endswith(".dat") for name in undisturbed) == 10
    assert any(name.startswith("link/") and name.endswith(".ps1") for name in undisturbed)


@pytest.mark.parametrize(
    ("stage", "event", "count"),
    [
        ("sources", "Progress", 1),
        ("assess", "Progress", 4),
        ("convert", "Progress", 1),
        ("load", "ObjectLoaded", 5),
        ("migrate", "TableStarted", 2),
        ("migrate", "TableFinished", 1),
        ("migrate", "TableFinished", 6),
        ("migrate", "TableFinished", 10),
        ("migrate", "after runs", 1),
        ("migrate", "TableVerified", 3),
        ("migrate", "before certificate.json", 1),
        ("migrate", "after certificate.json", 1),
    ],
)
def test_a_killed_run_goes_on_to_the_same_package(
    tmp_path: Path, undisturbed: dict[str, str], stage: str, event: str, count: int
) -> None:
    project = new_project(tmp_path / "p")
    assert drive(project, stage, event, count) == -signal.SIGKILL
    with Migration.open(project) as migration:
        assert migration.cut_off is Stage(stage)
        assert migration.status(Stage(stage)) is Status.READY
        assert migration.current() is Stage(stage)
    go_on(project)
    assert contents(project) == undisturbed
    with Migration.open(project) as migration:
        assert migration.cut_off is None
