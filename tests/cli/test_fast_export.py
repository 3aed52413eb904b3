"""`jetferry export` written plainly does without Typer, and means what Typer would have it mean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.conftest import SAMPLE
from wizard.cli import files, main
from wizard.cli.app import app
from wizard.cli.fast_export import COMMAND, FLAGS, VALUES, understood

PLAIN = [
    "export a.accdb",
    "export a.accdb T",
    "export a.accdb T U",
    "export a.accdb --format csv T -q U",
    "export a.accdb --out here --json",
    "export -f arrow a.accdb --out here --embedded",
    "export --salvage --no-salvage a.accdb --code-page cp1250 --quiet",
    "export a.accdb --no-embedded --salvage -f csv --format jsonl",
]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `files.export` was called with, in place of its work."""
    calls: list[dict[str, Any]] = []

    def export(file: Path, tables: list[str], **options: Any) -> int:
        calls.append({"file": file, "tables": tables, **options})
        return 0

    monkeypatch.setattr(files, "export", export)
    return calls


@pytest.mark.parametrize("line", PLAIN)
def test_what_is_understood_is_what_typer_understands(called: list[dict[str, Any]], line: str) -> None:
    app(line.split(), standalone_mode=False)
    assert [understood(line.split())] == called


@pytest.mark.parametrize(
    "line",
    [
        "", "a.jetferry.toml", "inspect a.accdb", "export", "export --help", "export a.accdb --help",
        "export a.accdb --format", "export a.accdb --format=csv", "export a.accdb -fcsv", "export -- -a.accdb",
        "export a.accdb --form csv", "export a.accdb --out -x", "export a.accdb -", "--version", "export -qf csv a",
        "export a.accdb --format xml",
    ],
)  # fmt: skip
def test_what_leaves_a_question_is_left_to_typer(line: str) -> None:
    assert understood(line.split()) is None


def test_no_option_is_unknown_to_typer_or_here() -> None:
    command = typer.main.get_command(app).commands[COMMAND]  # type: ignore[attr-defined]
    known = {name for p in command.params for name in (*p.opts, *p.secondary_opts) if name.startswith("-")}
    assert known - {"--help"} == {*VALUES, *FLAGS}


def test_typer_is_not_loaded_for_it() -> None:
    code = "import sys\nfrom wizard.cli import main\ntry: main()\nfinally: assert 'typer' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code, "export", str(SAMPLE), "Publishers", "--format", "csv"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('"')


def test_a_format_that_there_is_not_is_shown_with_the_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["jetferry", "export", str(SAMPLE), "--format", "xml"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "Usage: " in told
    assert "'xml' is none of jsonl, csv, arrow, parquet" in told
