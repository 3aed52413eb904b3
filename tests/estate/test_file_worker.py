"""Processes that look at files: what a hostile file costs, and that it costs nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.estate.trees import BACK, SALES, put
from wizard.estate.derivation import derive
from wizard.estate.engines import LocalEngine
from wizard.estate.file_worker import FileWorker
from wizard.estate.model import FileState, Limits, ScanOrder
from wizard.estate.scan import scan
from wizard.estate.store import Estate

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="written for systems with POSIX signals")

HOSTILE = """
import os, signal, wizard.estate.file_scan as m
real = m.scan_file
def scan_file(order):
    name = os.path.basename(order.path)
    if name.startswith("hangs") and (order.rows or "always" in name):
        signal.pause()
    if name.startswith("dies"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("once") and not os.path.exists(order.path + ".seen"):
        open(order.path + ".seen", "w").close()
        os._exit(7)
    if name.startswith("grows"):
        held = [bytearray(64 << 20) for _ in range(400)]
    if name.startswith("raises"):
        raise ZeroDivisionError("of no number")
    return real(order)
m.scan_file = scan_file
"""
"""what stands for files that break whatever reads them"""


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    only = "if 'wizard.estate.file_worker' in sys.orig_argv"
    (site / "sitecustomize.py").write_text(f"import sys\n{only}:\n    exec({HOSTILE!r})\n")
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")


@pytest.fixture
def file_worker() -> Iterator[FileWorker]:
    opened = FileWorker(Limits(seconds=20, megabytes=1024))
    yield opened
    opened.close()


def test_a_process_is_kept_from_file_to_file(file_worker: FileWorker, tmp_path: Path) -> None:
    first = file_worker.scan(ScanOrder(str(put(tmp_path, BACK))))
    process = file_worker._process
    second = file_worker.scan(ScanOrder(str(put(tmp_path, SALES)), known=()))
    assert (first.state, second.state) == (FileState.ASSESSED, FileState.ASSESSED)
    assert file_worker._process is process
    assert first.facts is not None
    assert first.facts["tables"] == 2
    assert first.megabytes > 20
    known = file_worker.scan(ScanOrder(str(tmp_path / BACK), known=(first.digest,)))
    assert known.facts is None


@pytest.mark.usefixtures("hostile")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_a_hostile_file_costs_only_itself(tmp_path: Path) -> None:
    tree = tmp_path / "share"
    for name in ("a.mdb", "dies.mdb", "grows.mdb", "once.mdb", "raises.mdb", "z.mdb"):
        put(tree, BACK, as_name=name)
        with (tree / name).open("ab") as file:  # so that each has a content of its own
            file.write(name.encode().ljust(2048, b"\0"))
    engine = LocalEngine(2, Limits(seconds=20, megabytes=700))
    try:
        with Estate.open(tmp_path / "ours", make=True) as estate:
            scan(estate, [tree], engine, derive=derive)
            found = {r["name"]: r["state"] for r in estate.ask("SELECT name, state FROM file")}
            told = {r["name"]: r["text"] for r in estate.ask("SELECT name, text FROM file")}
    finally:
        engine.close()
    assert found == {
        "a.mdb": "assessed", "dies.mdb": "crashed its worker", "grows.mdb": "too much memory", "once.mdb": "assessed",
        "raises.mdb": "crashed its worker", "z.mdb": "assessed",
    }  # fmt: skip
    assert "signal 11" in told["dies.mdb"]
    assert "ZeroDivisionError: of no number" in told["raises.mdb"]


@pytest.mark.usefixtures("hostile")
def test_a_file_that_takes_too_long_is_looked_at_without_its_rows(tmp_path: Path) -> None:
    file_worker = FileWorker(Limits(seconds=0.3, megabytes=1024))
    try:
        found = file_worker.scan(ScanOrder(str(put(tmp_path, BACK, as_name="hangs always.mdb")), rows=False))
        assert (found.state, found.number) == (FileState.TOO_LONG, 9100)
        file_worker.limits = Limits(seconds=3, megabytes=1024)
        found = file_worker.scan(ScanOrder(str(put(tmp_path, BACK, as_name="hangs.mdb"))))
        assert (found.state, found.number) == (FileState.ASSESSED, 9104)
        assert found.facts is not None
        assert found.facts["rows_read"] == 0
        assert "longer than 3 seconds" in found.facts["note"]
    finally:
        file_worker.close()


def test_a_stopped_engine_ends_its_processes(tmp_path: Path) -> None:
    put(tmp_path, BACK)
    engine = LocalEngine(1)
    asked = iter([(1, ScanOrder(str(tmp_path / BACK)))])
    assert [n for n, _ in engine.run(asked, lambda: False)] == [1]
    process = engine._file_workers[0]._process
    assert process is not None
    engine.close()
    assert process.poll() is not None
