"""From errors to exit statuses: never a traceback, always what to do next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Jetferry
from tests.conftest import SAMPLE


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
        (["export", str(SAMPLE), "--json"], 2, "--json needs --out"),
        (["demo", "--json"], 2, "--headless"),
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


def test_a_file_that_is_not_there_is_named_once(jetferry: Jetferry, tmp_path: Path) -> None:
    told = jetferry("new", "p", "--source", "absent.mdb", cwd=tmp_path).stderr
    assert told.count("absent.mdb") == 1, told
