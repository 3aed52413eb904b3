"""Commands that run a project or look at one running: signals, detached work, retries; what is said meanwhile."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Jetferry
from tests.conftest import SAMPLE
from tests.steering import wait_until_read
from wizard.cli.progress_output import Loudness, ProgressLines
from wizard.events import (
    BatchCommitted,
    Event,
    PauseChanged,
    Stage,
    StageChanged,
    Status,
    TableFinished,
    TableStarted,
)
from wizard.messages import Message
from wizard.outcomes import TableState
from wizard.stages.migrate import MigrateStage
from wizard.worker import Command


def test_running_again_does_nothing_and_says_done(jetferry: Jetferry, migrated: Path) -> None:
    manifest = migrated / "harborbooks.jetferry" / "package" / "manifest.json"
    before = manifest.stat().st_mtime_ns
    done = jetferry("run", migrated / "harborbooks", "--yes")
    assert done.returncode == 0
    assert "running" not in done.stderr
    assert manifest.stat().st_mtime_ns == before


def test_tables_that_a_comparison_found_to_differ_are_not_done(
    jetferry: Jetferry, migrated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stage had ended well before; only filling them again mends it, which a person has to say."""
    found = Message.of(8122, count=1, names="dbo.Authors")
    monkeypatch.setattr(MigrateStage, "found_differing", lambda _: found)
    done = jetferry("run", migrated / "harborbooks", "--yes")
    assert done.returncode == 1
    assert "Nothing to do" not in done.stderr
    assert f"{found}" in done.stderr
    assert "jetferry run --reload" in done.stderr
    assert str(found) in jetferry("status", migrated / "harborbooks").stdout
    assert jetferry("run", migrated / "harborbooks", "--yes", "--through", "load").returncode == 0


@pytest.mark.parametrize(
    ("name", "damage"), [("data", "gone"), ("data", "longer"), ("010-tables.sql", "longer"), ("manifest.json", "gone")]
)
def test_a_package_that_is_not_whole_any_more_is_not_done(
    jetferry: Jetferry, migrated: Path, name: str, damage: str
) -> None:
    path = migrated / "harborbooks.jetferry" / "package" / name
    if name == "data":
        path = next(path.glob("*-Authors.dat"))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"-- mine")
    for _ in ("as it is left", "as verify finds it"):
        done = jetferry("run", migrated / "harborbooks")
        assert done.returncode == 1
        assert "Nothing to do" not in done.stderr
        assert path.name in done.stderr
        assert "jetferry run --reload" in done.stderr
        told = json.loads(jetferry("status", migrated / "harborbooks", "--json").stdout)["messages"]
        assert [path.name in t for t in told] == [True]
        assert jetferry("verify", migrated / "harborbooks").returncode == 1
    assert jetferry("run", migrated / "harborbooks", "--reload", "--yes").returncode == 0
    assert "Nothing to do" in jetferry("run", migrated / "harborbooks").stderr


def test_commands_that_are_told_can_be_given_from_anywhere(jetferry: Jetferry, tmp_path: Path) -> None:
    """A name alone is found only where the project lies, and one with a space is two words."""
    project = tmp_path / "my projects" / "b c"
    project.parent.mkdir()
    made = jetferry("new", project, "--source", SAMPLE, "--target", "package")
    assert f'jetferry run "{project}"' in made.stderr
    process = moving("run", project, "--yes", seconds=0.5)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=200)
    assert f"'jetferry run \"{project}.jetferry.toml\"'" in told


def test_status_for_people_and_for_programs(jetferry: Jetferry, migrated: Path) -> None:
    assert "8 Migrate  done" in jetferry("status", migrated / "harborbooks").stdout
    shown = json.loads(jetferry("status", migrated / "harborbooks", "--json").stdout)
    assert {s["stage"]: s["status"] for s in shown["stages"]}["migrate"] == "done"
    assert sum(t["done"] for t in shown["tables"]) == 4458
    assert shown["worker"] is None


def test_a_source_that_changed_makes_its_stages_stale(jetferry: Jetferry, migrated: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(migrated, copy)
    os.utime(copy / "harborbooks.accdb", (1, 1))
    shown = json.loads(jetferry("status", copy / "harborbooks", "--json").stdout)
    found = {s["stage"]: s["status"] for s in shown["stages"]}
    assert (found["sources"], found["convert"], found["load"]) == ("done", "done", "done")
    assert (found["assess"], found["migrate"]) == ("stale", "stale")
    (copy / "harborbooks.accdb").rename(copy / "moved.accdb")
    shown = json.loads(jetferry("status", copy / "harborbooks", "--json").stdout)
    found = {s["stage"]: s["status"] for s in shown["stages"]}
    assert found["sources"] == found["convert"] == "stale"
    done = jetferry("run", copy / "harborbooks", "--yes")
    assert done.returncode == 2
    assert "JF8200" in done.stderr


def test_a_server_that_is_not_there_gives_status_1_in_words(jetferry: Jetferry, tmp_path: Path) -> None:
    made = jetferry(
        "new", tmp_path / "p", "--source", SAMPLE, "--target", "sqlserver", "--server", "127.0.0.1,9",
        "--database", "d", "--user", "u", JETFERRY_PASSWORD="x",
    )  # fmt: skip
    assert made.returncode == 0
    done = jetferry("run", tmp_path / "p", "--yes", JETFERRY_PASSWORD="x")
    assert done.returncode == 1
    assert "JF5003" in done.stderr
    assert "'x'" not in (tmp_path / "p.jetferry.toml").read_text(encoding="utf-8")


def test_nothing_is_written_to_a_server_unasked(jetferry: Jetferry, tmp_path: Path) -> None:
    jetferry(
        "new", tmp_path / "p", "--source", SAMPLE, "--target", "sqlserver", "--server", "127.0.0.1,9",
        "--database", "d", "--user", "u",
    )  # fmt: skip
    done = jetferry("run", tmp_path / "p", JETFERRY_PASSWORD="x")
    assert done.returncode == 1
    assert "--yes" in done.stderr
    again = jetferry("retry-rejects", tmp_path / "p", JETFERRY_PASSWORD="x")
    assert again.returncode == 1
    assert "This writes to database 'd' on 127.0.0.1,9; without a terminal to ask at, say --yes." in again.stderr
    agreed = jetferry("retry-rejects", tmp_path / "p", "--yes", JETFERRY_PASSWORD="x")
    assert "without a terminal" not in agreed.stderr
    assert "JF81" in agreed.stderr, "stage 8 says what it waits for"


SLOW = (
    "import signal, time, wizard.stages.project_session as s\n"
    "tell = s.ProjectSession.emit\n"
    "def slow(self, event):\n"
    "    tell(self, event)\n"
    "    if type(event).__name__ == 'TableStarted': print('moving', flush=True); time.sleep({seconds})\n"
    "s.ProjectSession.emit = slow\n"
    "from wizard.cli import main\nmain()"
)


def moving(*words: str | Path, seconds: float = 1.5) -> subprocess.Popen[str]:
    """The command in a process of its own, once the first table's rows move."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW.format(seconds=seconds), *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "moving\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_at_the_next_unit_and_says_how_to_go_on(
    jetferry: Jetferry, tmp_path: Path, number: signal.Signals
) -> None:
    jetferry("new", tmp_path / "p", "--source", SAMPLE, "--target", "package")
    process = moving("run", tmp_path / "p", "--yes", seconds=0.5)
    process.send_signal(number)
    _, told = process.communicate(timeout=200)
    assert process.returncode == 1
    assert "Traceback" not in told
    assert number.name in told
    assert "jetferry run" in told
    assert jetferry("run", tmp_path / "p", "--yes").returncode == 0


def test_a_second_interrupt_ends_at_once_with_status_1_and_a_line(jetferry: Jetferry, tmp_path: Path) -> None:
    jetferry("new", tmp_path / "p", "--source", SAMPLE, "--target", "package")
    process = moving("run", tmp_path / "p", "--yes")
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.4)
    _, told = process.communicate(timeout=200)
    assert process.returncode == 1
    assert "JF8307" in told
    assert "Traceback" not in told
    assert jetferry("run", tmp_path / "p", "--yes").returncode == 0


def test_a_retry_of_rejects_is_refused_interrupted_and_gone_on_with(jetferry: Jetferry, tmp_path: Path) -> None:
    project, file = tmp_path / "p", tmp_path / "p.jetferry.toml"
    jetferry("new", project, "--source", SAMPLE, "--target", "package")
    edit = (
        "\n[[edits]]\nsource = 'harborbooks'\nname = 'Publishers'\nwhat = 'type'\npart = 'Name'\n"
        "value = 'nvarchar({width})'\n"
    )
    file.write_text(file.read_text(encoding="utf-8") + edit.format(width=12), encoding="utf-8")
    jetferry("run", project, "--through", "load")
    early = jetferry("retry-rejects", project)
    assert early.returncode == 2
    assert "JF8124" in early.stderr
    assert "8 Migrate  ready" in jetferry("status", project).stdout
    assert jetferry("run", project).returncode == 3
    unknown = jetferry("retry-rejects", project, "dbo.Nosuch")
    assert unknown.returncode == 2
    assert "JF8113" in unknown.stderr
    assert "verified" in jetferry("status", project).stdout
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("nvarchar(12)", "nvarchar(60)"), encoding="utf-8")
    assert jetferry("run", project, "--through", "load").returncode == 3
    process = moving("retry-rejects", project)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=200)
    assert process.returncode == 1
    assert "Stopped by SIGINT" in told
    assert "jetferry retry-rejects" in told
    assert "8 Migrate  ready" in jetferry("status", project).stdout
    again = jetferry("retry-rejects", project)
    assert again.returncode == 0
    assert "JF8125" in again.stderr
    jetferry("run", project)
    assert "8 Migrate  done" in jetferry("status", project).stdout
    assert jetferry("verify", project).returncode == 0


def test_who_attaches_late_to_paused_work_sees_how_far_each_table_has_come(capfd: pytest.CaptureFixture[str]) -> None:
    history: list[Event] = [
        StageChanged(0.5, Stage.MIGRATE, Status.RUNNING),
        *(TableStarted(1.0, name, 900, done=300) for name in "abc"),
        *(BatchCommitted(1.0 + n, name, 300 + n * 100, 0, 900, 1, float(n)) for n in range(1, 4) for name in "abc"),
        TableFinished(5.0, "c", 600, 0, 3.0, TableState("cancelled")),
        PauseChanged(6.0, paused=True),
    ]
    ProgressLines(Loudness.NORMAL).past(history)
    assert capfd.readouterr().err.splitlines() == [
        "8 Migrate running",
        "a: 600/900 rows, 100 rows/s, 0.0 MB, 3 s left",
        "b: 600/900 rows, 100 rows/s, 0.0 MB, 3 s left",
        "c: stopped, 600 rows, 300 of them now, in 3.0 s",
        "paused at the next batch",
    ]


def test_detached_work_is_stopped_gone_on_with_and_followed_from_elsewhere(
    jetferry: Jetferry, tmp_path: Path, slowly: Path
) -> None:
    project = tmp_path / "p"
    jetferry("new", project, "--source", SAMPLE, "--target", "package")
    started = jetferry("run", project, "--yes", "--detach")
    assert started.returncode == 0
    worker = json.loads(jetferry("status", project, "--json").stdout)["worker"]
    assert worker["pid"] == int(started.stdout)
    second = jetferry("run", project, "--yes", "--detach")
    assert second.returncode == 2
    assert "jetferry attach" in second.stderr
    assert jetferry("stop", project).returncode == 0
    wait_until_read(project, Command.CANCEL)
    slowly.touch()
    stopped = jetferry("attach", project)
    assert stopped.returncode == 1
    assert "jetferry run" in stopped.stderr
    # run again, it goes on; followed while it works, and seen whole by who comes late
    assert jetferry("run", project, "--yes", "--detach").returncode == 0
    followed = jetferry("status", project, "--follow")
    assert followed.returncode == 0
    assert "A worker is at work" in followed.stdout
    assert "8 Migrate done" in followed.stderr
    watched = jetferry("attach", project)
    assert watched.returncode == 0, watched.stderr
    assert len(re.findall(r"^dbo\..*: done, ", watched.stderr, re.MULTILINE)) == 10
    late = jetferry("stop", project)
    assert late.returncode == 1
    assert "JF8304" in late.stderr
