"""The work sent to a Dask cluster: a scheduler and workers that are processes of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.estate.trees import BACK, OFFICE, SALES, put, scanned
from wizard.cli.estate import Cluster as Mapping
from wizard.estate.dask_engine import DaskEngine
from wizard.estate.derivation import derive
from wizard.estate.model import Limits, ScanProgress
from wizard.estate.scan import scan
from wizard.estate.store import Estate
from wizard.messages import ProjectError

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="needs Dask: pip install 'jetferry[estate]'")
SAME = (
    "SELECT path, state, digest FROM file ORDER BY 1",
    "SELECT digest, format, tables, rows, queries, share, effort, errors, definitions FROM content ORDER BY 1",
    "SELECT digest, number, count FROM message ORDER BY 1, 2, 3",
    "SELECT name, files, effort, readiness FROM application ORDER BY 1, 2",
)


def begun(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "dask", *words], stderr=subprocess.PIPE, text=True)


@dataclass
class Cluster:
    """A scheduler and two workers, processes of their own."""

    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    scheduler = begun("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", ":0")
    assert scheduler.stderr is not None
    address = next(m[0] for line in scheduler.stderr if (m := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
    own = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "dask"))
    workers = [begun("worker", address, *own) for _ in range(2)]
    try:
        yield Cluster(address, scheduler, workers)
    finally:
        for process in (*workers, scheduler):
            with suppress(OSError):
                process.kill()
            process.wait()


def test_a_cluster_one_worker_of_which_is_killed_gives_the_same_estate(cluster: Cluster, tmp_path: Path) -> None:
    address, workers = cluster.address, cluster.workers
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
                patched.setattr("wizard.estate.scan.PROGRESS_SECONDS", 0.0)
                found = scan(estate, [tree], engine, on_progress=tell, derive=derive)
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


@pytest.mark.parametrize(
    ("address", "tls", "told"),
    [
        ("127.0.0.1", False, "missing port"),
        ("tls://127.0.0.1:1", False, "give --tls-ca, --tls-cert and --tls-key"),
        ("tcp://127.0.0.1:1", True, "begins with tls://"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_at_once(address: str, tls: bool, told: str, tmp_path: Path) -> None:
    """Dask itself says of some of these that a client cannot be closed, forty seconds later."""
    cert, key = (tmp_path / "cert.pem", tmp_path / "key.pem") if tls else (None, None)
    if tls:
        make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ours")
        subprocess.run([*make, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    with pytest.raises(ProjectError) as none:
        DaskEngine(address, ca=cert, cert=cert, key=key)
    assert none.value.message.number == 9007
    assert told in none.value.message.text


def test_a_scheduler_that_is_lost_is_told_and_no_file_is_blamed(
    cluster: Cluster, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.estate.dask_engine._CONNECT", "5s")
    monkeypatch.setattr("wizard.estate.scan.PROGRESS_SECONDS", 0.0)
    for number in range(30):
        with put(tmp_path / "share" / str(number), OFFICE).open("ab") as file:
            file.write(bytes([number]) * 2048)
    engine = DaskEngine(cluster.address, Limits(60, 1024))
    engine._client.wait_for_workers(2, timeout=60)

    def tell(progress: ScanProgress) -> None:
        if progress.looked_at > 2:
            cluster.scheduler.kill()

    try:
        with Estate.open(tmp_path / "ours", make=True) as estate:
            with pytest.raises(ProjectError) as lost:
                scan(estate, [tmp_path / "share"], engine, on_progress=tell)
            states = {r[0] for r in estate.ask("SELECT DISTINCT state FROM file")}
    finally:
        engine.close()
    assert lost.value.message.number == 9008
    assert states == {"assessed", "waiting"}
    assert "Traceback" not in capfd.readouterr().err


def test_a_cluster_of_another_jetferry_is_told_and_no_file_is_blamed(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "share", OFFICE)
    monkeypatch.setattr("wizard.estate.dask_engine.__version__", "999.0")
    engine = DaskEngine(cluster.address)
    try:
        with Estate.open(tmp_path / "ours", make=True) as estate:
            with pytest.raises(ProjectError) as other:
                scan(estate, [tmp_path / "share"], engine)
            assert [r[0] for r in estate.ask("SELECT state FROM file")] == ["waiting"]
    finally:
        engine.close()
    assert other.value.message.number == 9007
    assert "999.0" in other.value.message.text


def test_folders_of_workers_are_given_by_the_path_that_people_use(tmp_path: Path) -> None:
    """A scan goes through folders by their real paths, so what `--map` names is taken by its own."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Mapping(paths=(f"{tmp_path / 'link'}=/there",)).mapping() == ((str(tmp_path / "real"), "/there"),)
