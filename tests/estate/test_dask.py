"""The work sent to a Dask cluster: a scheduler and workers that are processes of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.estate.trees import BACK, OFFICE, SALES, put, scanned
from wizard.estate.knowledge import derive
from wizard.estate.model import Limits
from wizard.estate.scan import scan
from wizard.estate.store import Estate
from wizard.messages import ProjectError

pytest.importorskip("distributed", reason="needs Dask: pip install 'jetferry[estate]'")

from wizard.estate.dask_engine import DaskEngine

SAME = (
    "SELECT path, state, digest FROM file ORDER BY 1",
    "SELECT digest, format, tables, rows, queries, share, effort, errors, definitions FROM content ORDER BY 1",
    "SELECT digest, number, count FROM message ORDER BY 1, 2, 3",
    "SELECT name, files, effort, readiness FROM application ORDER BY 1, 2",
)


def begun(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "dask", *words], stderr=subprocess.PIPE, text=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A scheduler's address, and two workers."""
    scheduler = begun("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", ":0")
    assert scheduler.stderr is not None
    address = next(m[0] for line in scheduler.stderr if (m := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
    own = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "dask"))
    workers = [begun("worker", address, *own) for _ in range(2)]
    try:
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            with suppress(OSError):
                process.kill()
            process.wait()


def test_a_cluster_one_worker_of_which_is_killed_gives_the_same_estate(
    cluster: tuple[str, list[subprocess.Popen[str]]], tmp_path: Path
) -> None:
    address, workers = cluster
    tree = tmp_path / "share"
    for number in range(4):
        for name in (BACK, SALES, OFFICE):
            with put(tree / str(number), name).open("ab") as file:
                file.write(bytes([number]) * 2048)
    engine = DaskEngine(address, Limits(60, 1024))
    try:
        with Estate.open(tmp_path / "ours", make=True) as estate:
            done: list[int] = []

            def tell(progress: object) -> None:
                if engine.slots == 2 and not done:
                    workers[0].kill()
                    done.append(1)

            engine._client.wait_for_workers(2, timeout=60)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("wizard.estate.scan.TELL_SECONDS", 0.0)
                found = scan(estate, [tree], engine, tell=tell, derive=derive)
            assert (found.looked_at, found.failed, done) == (12, 0, [1])
            with Estate.open(tmp_path / "alone", make=True) as alone:
                scanned(alone, tree)
                for asked in SAME:
                    assert [tuple(r) for r in estate.ask(asked)] == [tuple(r) for r in alone.ask(asked)]
    finally:
        engine.close()


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.estate.dask_engine._CONNECT", "1s")
    with pytest.raises(ProjectError) as none:
        DaskEngine("tcp://127.0.0.1:1")
    assert none.value.message.number == 9007
