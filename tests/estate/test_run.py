"""Waves at work: a project, a worker and a certificate for each application, and what a kill costs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import conftest as command
from tests.cli.conftest import Jetferry
from tests.estate.trees import BACK, SALES, damaged, data, put, scanned
from wizard import worker
from wizard.cli import estate as command_work
from wizard.estate.file_passwords import FilePasswords
from wizard.estate.model import WorkState
from wizard.estate.overview import work_rows
from wizard.estate.plan import Plan, plan, read_plan
from wizard.estate.report_tables import tables
from wizard.estate.run import WaveResult, run
from wizard.estate.scan import ScanOptions
from wizard.estate.store import Estate
from wizard.events import Stage
from wizard.messages import ProjectError
from wizard.stages import Migration

jetferry = command.jetferry


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two applications: a back end with a front end, and a database that has other rows and another table."""
    root = tmp_path / "share"
    put(root / "shop", BACK)
    put(root / "shop", SALES)
    (root / "stock").mkdir()
    other = data(BACK).replace("Customers".encode("utf-16-le"), "Stocklist".encode("utf-16-le"))
    (root / "stock" / "stock.mdb").write_bytes(other)
    return root


@pytest.fixture
def estate(tmp_path: Path, tree: Path) -> Iterator[Estate]:
    with Estate.open(tmp_path / "ours", make=True) as opened:
        scanned(opened, tree)
        yield opened


@pytest.fixture
def ours(estate: Estate, tmp_path: Path) -> Plan:
    path = tmp_path / "ours.plan.toml"
    plan(estate, path, most=20, minutes=2400)
    return read_plan(path, "ours")


def certificates(estate: Estate) -> dict[str, dict[str, object]]:
    return {r.name: json.loads(Path(r.certificate).read_text(encoding="utf-8")) for r in work_rows(estate)}


def test_a_wave_gives_each_application_a_project_and_a_certificate(estate: Estate, ours: Plan, tree: Path) -> None:
    told: list[tuple[str, WorkState]] = []
    result = run(estate, ours, 1, on_work=lambda name, state, _: told.append((name, state)))
    assert result.states == {"shop-be": WorkState.DONE, "stock": WorkState.DONE}
    assert result.exit_status == 0
    found = certificates(estate)
    assert {c["verdict"] for c in found.values()} == {"equal"}
    sources = found["shop-be"]["sources"]
    assert isinstance(sources, list)
    assert str(tree / "shop" / BACK) in [s["path"] for s in sources]
    assert ("stock", WorkState.RUNNING) in told
    (work,) = [t for t in tables(estate) if t.key == "work"]  # of the report, where whole paths take three lines
    assert {row[-1] for row in work.rows} == {f"projects/{n}.jetferry/reports/certificate.json" for n in found}
    for row in work_rows(estate):
        assert (row.attempts, row.rejected, row.done) == (1, 0, row.rows)
        assert (Path(row.project).with_suffix("").with_suffix(".jetferry") / "jetferry.log").exists()
        with Migration.open(Path(row.project), hold=False) as project:
            assert project.over(Stage.MIGRATE)
    again: list[str] = []
    assert run(estate, ours, 1, on_work=lambda name, state, _: again.append(name)).exit_status == 0
    assert again == []  # nothing was left to do


def test_a_project_that_was_made_of_other_files_is_left_alone(estate: Estate, ours: Plan, tree: Path) -> None:
    run(estate, ours, 1)
    text = ours.path.read_text(encoding="utf-8")
    swapped = text.replace('name = "stock"', 'name = "other"').replace('name = "shop-be"', 'name = "stock"')
    ours.path.write_text(swapped, encoding="utf-8")
    result = run(estate, read_plan(ours.path, "ours"), 1)
    assert result.states["stock"] is WorkState.FAILED
    (row,) = [r for r in work_rows(estate) if r.name == "stock"]
    assert "made of other files" in row.detail
    with Migration.open(Path(row.project), hold=False) as project:
        assert [project.sources.path(s) for s in project.data.sources] == [tree / "stock" / "stock.mdb"]


def test_a_damaged_file_goes_when_somebody_says_so(tmp_path: Path) -> None:
    damaged(tmp_path / "share")
    path = tmp_path / "ours.plan.toml"
    with Estate.open(tmp_path / "ours", make=True) as estate:
        scanned(estate, tmp_path / "share")
        plan(estate, path, most=20, minutes=2400)
        assert "1 file damaged" in path.read_text(encoding="utf-8")
        assert read_plan(path).entries == ()
        text = path.read_text(encoding="utf-8").replace("\ngo = false", "\ngo = true")
        path.write_text(text, encoding="utf-8")
        assert run(estate, read_plan(path), 1).states == {"shop-be": WorkState.FAILED}  # as any project refuses it
        path.write_text(text.replace("\ngo = true", "\ngo = true\nsalvage = true"), encoding="utf-8")
        assert run(estate, read_plan(path), 1).states == {"shop-be": WorkState.LOSSES}
        (row,) = work_rows(estate)
        assert row.rejected == 7


@pytest.mark.skipif(os.name == "nt", reason="the command is POSIX's")
@pytest.mark.corpus
def test_a_command_is_asked_for_the_password_of_a_file(tmp_path: Path, shared: Path) -> None:
    """As by a scan: what it knows alone could be scanned and not migrated."""
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "locked.accdb").write_bytes((shared / "corpus" / "V2010_with-password.accdb").read_bytes())
    command = ("sh", "-c", 'test -f "$0" && echo password')
    with Estate.open(tmp_path / "ours", make=True) as estate:
        scanned(estate, tmp_path / "share", options=ScanOptions(password_command=command))
        plan(estate, tmp_path / "ours.plan.toml", most=20, minutes=2400)
        ours = read_plan(tmp_path / "ours.plan.toml")
        assert run(estate, ours, 1).states == {"locked": WorkState.FAILED}
        assert run(estate, ours, 1, passwords=FilePasswords(("wrong",), command)).states == {"locked": WorkState.DONE}


def test_one_that_fails_does_not_hinder_others_and_is_tried_again_when_mended(
    estate: Estate, ours: Plan, tree: Path
) -> None:
    hidden = (tree / "stock" / "stock.mdb").rename(tree / "stock.bak")
    result = run(estate, ours)
    assert result.states == {"shop-be": WorkState.DONE, "stock": WorkState.FAILED}
    assert result.exit_status == 1
    (failed,) = [r for r in work_rows(estate) if r.name == "stock"]
    assert "stock.mdb" in failed.detail
    hidden.rename(tree / "stock" / "stock.mdb")
    assert run(estate, ours).states["stock"] is WorkState.DONE


def test_a_killed_run_attaches_to_its_workers_and_goes_on(
    estate: Estate, ours: Plan, tmp_path: Path, slowly: Path
) -> None:
    code = "from wizard.cli import main; main()"
    words = ["estate", "run", str(ours.path), "-e", str(estate.folder), "--wave", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    paths = [estate.folder / "projects" / f"{n}.jetferry.toml" for n in ("shop-be", "stock")]

    def at_work() -> list[worker.WorkerState]:
        return [s for p in paths if p.exists() and (s := worker.at_work(p)) is not None]

    deadline = time.monotonic() + 60
    while len(at_work()) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    before = at_work()
    assert len(before) == 2
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert at_work() == before  # they outlive whoever started them
    slowly.touch()
    slowly.write_text("")
    result = run(estate, ours)
    assert result.states == {"shop-be": WorkState.DONE, "stock": WorkState.DONE}
    assert {c["verdict"] for c in certificates(estate).values()} == {"equal"}
    assert all(Path(r.certificate).exists() for r in work_rows(estate))


def test_a_stopped_run_stops_its_workers(estate: Estate, ours: Plan, slowly: Path) -> None:
    running: list[str] = []
    gate = threading.Timer(3, lambda: slowly.write_text(""))  # who waits there by then has been told to stop

    def stopped() -> bool:
        if len(running) >= 2 and gate.ident is None:
            gate.start()
        return gate.ident is not None

    result = run(estate, ours, stopped=stopped, on_work=lambda n, s, _: running.append(n))
    assert result.stopped
    assert result.exit_status == 1
    assert set(result.states.values()) == {WorkState.STOPPED}
    assert all(worker.at_work(p) is None for p in (estate.folder / "projects").glob("*.toml"))
    gate.join()
    assert run(estate, ours).exit_status == 0


def test_one_run_at_a_time_and_only_waves_that_are_there(estate: Estate, ours: Plan) -> None:
    with Estate.open(estate.folder) as other, other.lock("run"), pytest.raises(ProjectError) as busy:
        run(estate, ours)
    assert busy.value.message.number == 9003
    with pytest.raises(ProjectError) as none:
        run(estate, ours, 9)
    assert (none.value.message.number, "there are: 1" in none.value.message.text) == (9202, True)


def test_a_stopped_run_says_how_to_go_on(
    estate: Estate, ours: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the estate's name the command that was told looked for another one."""
    monkeypatch.setattr("wizard.estate.run.run", lambda *_, **__: WaveResult({"stock": WorkState.STOPPED}, True))
    monkeypatch.setattr(command_work, "stop_on_signals", lambda _: None)
    status = command_work.run(
        estate.folder, ours.path, wave=1, passwords=None, password_command="", yes=True, as_json=False, quiet=True
    )
    assert status == 1
    assert f"jetferry estate run {ours.path} --estate {estate.folder}" in capsys.readouterr().err


def test_plan_and_run_as_commands(jetferry: Jetferry, estate: Estate, tmp_path: Path) -> None:
    estate.close()
    made = jetferry("estate", "plan", "-e", "ours", "--wave-size", "1", cwd=tmp_path)
    assert made.stdout.strip() == str(tmp_path / "ours.plan.toml")
    assert "2 applications in 2 waves" in made.stderr
    planned = json.loads(jetferry("estate", "plan", "-e", "ours", "--wave-size", "1", "--json", cwd=tmp_path).stdout)
    assert planned == {
        "plan": str(tmp_path / "ours.plan.toml"), "applications": 2, "waves": 2, "added": 0, "messages": []
    }  # fmt: skip
    done = jetferry("estate", "run", "ours.plan.toml", "-e", "ours", "--wave", "1", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.count("equal") == 1
    again = jetferry("estate", "run", "ours.plan.toml", "-e", "ours", "--wave", "1", "--json", cwd=tmp_path)
    ran = json.loads(again.stdout)
    assert (again.returncode, ran["status"], ran["stopped"]) == (0, 0, False)
    assert [(a["wave"], a["state"], a["verdict"]) for a in ran["applications"]] == [(1, "done", "equal")]
    told = jetferry("estate", "status", "-e", "ours", cwd=tmp_path).stdout
    assert "done" in told
    assert "waiting" in told
    text = (tmp_path / "ours.plan.toml").read_text().replace('kind = "package"', 'kind = "sqlserver"')
    (tmp_path / "ours.plan.toml").write_text(text.replace('host = ""', 'host = "sql.example.com"'))
    asked = jetferry("estate", "run", "ours.plan.toml", "-e", "ours", cwd=tmp_path)
    assert asked.returncode == 1
    assert "say --yes" in asked.stderr
