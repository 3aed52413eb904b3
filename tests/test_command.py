"""The command as a person or a script uses it: output, exit statuses, signals; never a traceback."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import SAMPLE
from wizard.cli import main, reports
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
from wizard.migrate import TableComparison
from wizard.outcomes import TableState
from wizard.stages import CancellationToken
from wizard.stages.verification import Verification
from wizard.worker import POLL


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


Jetferry = Callable[..., Done]


@pytest.fixture
def jetferry(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Jetferry]:
    """Runs the command in this process: `jetferry("status", project, cwd=…, JETFERRY_PASSWORD=…)`."""
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for name in [n for n in os.environ if n.startswith("JETFERRY_")]:
        monkeypatch.delenv(name)

    def run(*words: str | Path, cwd: Path | None = None, **environment: str) -> Done:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["jetferry", *map(str, words)])
            patched.setattr(sys, "stdin", io.StringIO())
            if cwd:
                patched.chdir(cwd)
            for name, value in environment.items():
                patched.setenv(name, value)
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
            told = capfd.readouterr()
        assert "Traceback" not in told.err
        return Done(int(ended.value.code or 0), told.out, told.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, run once, on a machine that cannot load any database driver."""
    folder = tmp_path_factory.mktemp("demo") / "d"
    no_driver = "import sys; sys.modules['pyodbc'] = sys.modules['mssql_python'] = None"  # as where unixODBC is absent
    command = [
        sys.executable,
        "-c",
        f"{no_driver}\nfrom wizard.cli import main; main()",
        "demo",
        "--headless",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(folder.resolve() / "harborbooks.jetferry" / "package")
    return folder


def test_the_demo_ends_in_a_package_and_a_report(migrated: Path) -> None:
    package = migrated / "harborbooks.jetferry" / "package"
    assert json.loads((package / "manifest.json").read_text(encoding="utf-8"))
    reports = {p.name for p in (migrated / "harborbooks.jetferry" / "reports").iterdir()}
    assert {"assessment.html", "assessment.json", "certificate.html"} <= reports
    assert list((migrated / "harborbooks.jetferry" / "runs").glob("*.csv"))
    log = (migrated / "harborbooks.jetferry" / "jetferry.log").read_text(encoding="utf-8")
    assert "8 Migrate done: 4,458 rows in 10 tables" in log


def test_running_again_does_nothing_and_says_done(jetferry: Jetferry, migrated: Path) -> None:
    manifest = migrated / "harborbooks.jetferry" / "package" / "manifest.json"
    before = manifest.stat().st_mtime_ns
    done = jetferry("run", migrated / "harborbooks", "--yes")
    assert done.returncode == 0
    assert "running" not in done.stderr
    assert manifest.stat().st_mtime_ns == before


def test_status_for_people_and_for_programs(jetferry: Jetferry, migrated: Path) -> None:
    assert "8 Migrate  done" in jetferry("status", migrated / "harborbooks").stdout
    shown = json.loads(jetferry("status", migrated / "harborbooks", "--json").stdout)
    assert {s["stage"]: s["status"] for s in shown["stages"]}["migrate"] == "done"
    assert sum(t["done"] for t in shown["tables"]) == 4458
    assert shown["worker"] is None


def test_verify_tells_equal_from_changed(jetferry: Jetferry, migrated: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(migrated, copy)
    assert jetferry("verify", copy / "harborbooks").returncode == 0
    data = next((copy / "harborbooks.jetferry" / "package" / "data").glob("*Books.dat"))
    data.write_bytes(data.read_bytes().replace(b"Volume", b"volume", 1))
    done = jetferry("verify", copy / "harborbooks")
    assert done.returncode == 1
    assert data.name in done.stderr


@pytest.mark.parametrize(
    ("name", "damage", "number"),
    [
        ("SHA256SUMS", b"", "JF8121"),
        ("SHA256SUMS", b"\xff\xfe", "JF8121"),
        ("manifest.json", b"\xff\xfe", "JF5607"),
        ("manifest.json", b'{"scripts": [], "tables": [{"schema": "dbo", "name": "Books"}]}', "JF5607"),
    ],
)
def test_verify_tells_of_a_damaged_record_of_the_package(
    name: str, damage: bytes, number: str, jetferry: Jetferry, migrated: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(migrated, copy)
    (copy / "harborbooks.jetferry" / "package" / name).write_bytes(damage)
    done = jetferry("verify", copy / "harborbooks")
    assert done.returncode == 1
    assert number in done.stderr
    assert "JF8000" not in done.stderr


def test_verify_shows_the_rows_of_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    proofs = (
        TableComparison("dbo.All", "src.All", equal=True, source_rows=0, target_rows=0, rejected=2_000),
        TableComparison("dbo.Some", "src.Some", equal=False, source_rows=990, target_rows=600, rejected=10),
    )
    migration: Any = SimpleNamespace(migrate=SimpleNamespace(verify=lambda *_: Verification(proofs)))
    assert reports._verify(migration, CancellationToken(), None, False) == 1
    cells = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [c[1:] for c in cells if "dbo." in c[-4]] == [
        ["src.All", "dbo.All", "2,000", "0", "2,000"],
        ["src.Some", "dbo.Some", "1,000", "600", "10"],
    ]
    reports._verify(migration, CancellationToken(), None, True)
    assert [t["source_rows"] for t in json.loads(capsys.readouterr().out)["tables"]] == [2_000, 1_000]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--database", "books"), "need --server"),
        (("--server", "db1"), "needs --database"),
        (("--server", "db1,x,y", "--database", "books"), "--server: "),
    ],
)
def test_a_server_of_a_deployed_package_is_named_whole(
    jetferry: Jetferry, migrated: Path, words: tuple[str, ...], why: str
) -> None:
    done = jetferry("verify", migrated / "harborbooks", *words)
    assert done.returncode == 2
    assert why in done.stderr


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


def test_inspect_prints_one_object(jetferry: Jetferry) -> None:
    done = jetferry("inspect", SAMPLE, "--json")
    assert done.returncode == 0
    shown = json.loads(done.stdout)
    assert {"file", "format", "tables", "linked_tables", "relationships", "queries", "other_objects"} <= set(shown)
    assert "Order Details" in jetferry("inspect", SAMPLE).stdout


def test_export_to_standard_output_and_to_a_folder(jetferry: Jetferry, tmp_path: Path) -> None:
    lines = jetferry("export", SAMPLE, "User").stdout.splitlines()
    assert json.loads(lines[0])["table"] == "User"
    assert len(lines) == 4
    done = jetferry("export", SAMPLE, "User", "Books", "--format", "csv", "--out", tmp_path / "out")
    assert done.returncode == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["Books.csv", "User.csv"]


def test_find_lists_files_and_names_what_it_cannot_read(jetferry: Jetferry, tmp_path: Path) -> None:
    shutil.copyfile(SAMPLE, tmp_path / "a.accdb")
    (tmp_path / "notes.txt").write_text("no database", encoding="utf-8")
    found = json.loads(jetferry("find", tmp_path, "--json").stdout)
    assert [Path(f["path"]).name for f in found] == ["a.accdb"]
    assert jetferry("find", tmp_path, "--name", "zzz").stdout == ""
    assert jetferry("find", tmp_path, "--at-least", "1G").stdout == ""
    missing = jetferry("find", tmp_path / "nowhere")
    assert missing.returncode == 3
    assert "nowhere" in missing.stderr


def test_assess_a_file(jetferry: Jetferry, tmp_path: Path) -> None:
    done = jetferry("assess", SAMPLE, "--html", tmp_path / "report.html", "--json")
    assert done.returncode in (0, 3)
    assert json.loads(done.stdout)
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8").casefold()


def test_a_folder_of_files_becomes_one_project_and_what_cannot_be_read_is_named(
    jetferry: Jetferry, tmp_path: Path
) -> None:
    share = tmp_path / "share" / "shop"
    share.mkdir(parents=True)
    for name in ("a.accdb", "b.mdb"):
        shutil.copy(SAMPLE, share / name)
    (share / "broken.mdb").write_bytes(b"no database at all")
    done = jetferry("new", tmp_path / "p", "--source", share / "a.accdb", "-s", share.parent, "--target", "package")
    assert done.returncode == 3
    assert f"left out: {share / 'broken.mdb'}" in done.stderr
    assert "2 sources" in jetferry("status", tmp_path / "p").stdout

    (tmp_path / "empty").mkdir()
    none = jetferry("new", tmp_path / "q", "--source", tmp_path / "empty", "--target", "package")
    assert none.returncode == 2
    assert "no Access file" in none.stderr
    assert not list(tmp_path.glob("q*"))


def test_what_is_left_out_is_named_with_status_3(jetferry: Jetferry, tmp_path: Path) -> None:
    jetferry("new", tmp_path / "p", "--source", SAMPLE, "--target", "package")
    file = tmp_path / "p.jetferry.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text + "\n[[edits]]\nsource = 'harborbooks'\nname = 'Publishers'\nwhat = 'type'\npart = 'Name'\n"
        "value = 'nvarchar(12)'\n",
        encoding="utf-8",
    )
    done = jetferry("run", tmp_path / "p", "--yes")
    assert done.returncode == 3, done.stderr
    assert "left out: table dbo.Publishers:" in done.stderr
    again = jetferry("run", tmp_path / "p", "--yes")
    assert again.returncode == 3


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["exprot", "x"], 2, "Did you mean 'export'?"),
        (["run"], 2, "Missing argument"),
        (["run", "absent"], 2, "JF8001"),
        (["status", "absent"], 2, "JF8001"),
        (["attach", "absent"], 2, "JF8001"),
        (["inspect", "absent.mdb"], 2, "JF1"),
        (["export", str(SAMPLE), "No Such Table"], 2, "No Such Table"),
        (["export", str(SAMPLE), "--format", "xml"], 2, "jsonl, csv, arrow, parquet"),
        (["find", ".", "--since", "yesterday"], 2, "2024-01-31"),
        (["find", ".", "--at-least", "much"], 2, "500K"),
        (["new", "p", "--source", "absent.mdb", "--target", "package"], 2, "JF8200"),
        (["new", "p", "--source", str(SAMPLE), "--target", "oracle"], 2, "oracle"),
        (["new", "p", "--source", str(SAMPLE), "--target", "sqlserver"], 2, "--server"),
        (["new", "p", "--source", str(SAMPLE), "--target", "package", "--server", "h"], 2, "no server"),
        (["new", "a:b", "--source", str(SAMPLE), "--target", "package"], 2, "JF8020"),
        (["inspect", __file__], 2, "JF1"),
    ],
)
def test_wrong_use_and_unusable_input_give_status_2(
    jetferry: Jetferry, tmp_path: Path, words: list[str], status: int, told: str
) -> None:
    done = jetferry(*words, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


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


def test_an_unexpected_error_is_a_report_and_no_traceback(tmp_path: Path) -> None:
    code = (
        "import wizard.cli.files as f\n"
        "def broken(*a, **k): raise RuntimeError('secret cause')\n"
        "f.inspect = broken\n"
        "from wizard.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "inspect", str(SAMPLE)],
        capture_output=True, text=True, env={**os.environ, "XDG_STATE_HOME": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "JF8000" in done.stderr
    assert "Traceback" not in done.stderr
    (report,) = (tmp_path / "jetferry" / "errors").iterdir()
    text = report.read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert "doing: inspect" in text
    assert "in broken" in text
    assert "secret cause" not in text  # it may hold values of rows
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -c 'from wizard.cli import main; main()' export '{SAMPLE}' | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["table"]
    assert done.stderr == ""


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
    _, told = process.communicate(timeout=60)
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
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "JF8307" in told
    assert "Traceback" not in told
    assert jetferry("run", tmp_path / "p", "--yes").returncode == 0


def test_an_interrupt_that_nothing_catches_is_said_too() -> None:
    code = (
        "import wizard.cli.files as f\n"
        "def pressed(*a, **k): raise KeyboardInterrupt\n"
        "f.inspect = pressed\n"
        "from wizard.cli import main\nmain()"
    )
    command = [sys.executable, "-c", code, "inspect", str(SAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "interrupted\n")


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
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "stopped by SIGINT" in told
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
    time.sleep(2 * POLL)
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


def test_help_is_quick_and_loads_no_rooms() -> None:
    code = (
        "import sys\nfrom wizard.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "rooms = ('pyarrow', 'sqlglot', 'pyodbc', 'mssql_python', 'textual', 'numpy')\n"
        "print([m for m in rooms if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False)
    assert "demo" in done.stdout
    assert done.stderr.strip() == "[]"
