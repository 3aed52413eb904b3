"""Names that try to break out reach no terminal, line, page, table or path as anything but text."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from screens.app import WizardApp
from screens.widgets.terminal_safety import HARMLESS, TerminalSafety, terminal_encoding
from tests.conftest import SAMPLE
from tests.faulty_disk import command
from tests.hostile import CONTROL, drive
from wizard.cli.progress_output import Loudness, ProgressBars, _bars
from wizard.events import BatchCommitted, TableFinished, TableStarted
from wizard.outcomes import TableState
from wizard.stages.project_log import ProjectLog

NAMES = ("[/nope]", "[bold red]x[/]", "\x1b]0;owned\x07\x1b[31mred", "l\nJF0000 forged", "\u202egnp.exe", "\x9b31m")


@pytest.mark.corpus
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["evil.accdb"])  # evil.mdb is in the bench
def test_a_whole_migration_of_hostile_names_writes_nothing_but_text(tmp_path: Path, shared: Path, name: str) -> None:
    assert drive(shared / "hostile" / name, tmp_path / "in") == []


@pytest.mark.parametrize("name", NAMES)
def test_bars_and_lines_take_any_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with _bars() as bars:
        barred = ProgressBars(Loudness.VERBOSE, bars)
        for event in (
            TableStarted(0, name, 10, 0),
            BatchCommitted(1, name, 5, 0, 10, 100, 1.0),
            TableFinished(2, name, 10, 0, 1.0, TableState.DONE),
        ):
            barred(event)
        bars.refresh()
    told = capsys.readouterr().err
    assert "owned" not in told or "\\x1b]0;owned" in told
    assert "\nJF0000" not in told
    assert "\u202e" not in told


@pytest.mark.parametrize("name", NAMES)
def test_a_log_has_one_line_an_event(name: str, tmp_path: Path) -> None:
    log = ProjectLog(tmp_path / "jetferry.log")
    log(TableStarted(0, name, 10, 0))
    log.close()
    text = (tmp_path / "jetferry.log").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 1
    assert not CONTROL.search(text.replace("\n", ""))


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_the_wizard_holds_what_a_terminal_obeys(name: str) -> None:
    assert HARMLESS in WizardApp().get_line_filters()
    (shown,) = HARMLESS.apply([Segment(f"a{name}é")], Color(0, 0, 0))
    assert not CONTROL.search(shown.text)
    assert cell_len(shown.text) == cell_len(f"a{name}é")
    assert shown.text.startswith("a")
    assert shown.text.endswith("é")


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "+-+|? a[##]x~.>?"), ("latin-1", "+-+|é a[##]x±·>?"), ("UTF-8", "╭─╮│é a[█■]✗±·▶€")],
)
def test_a_terminal_of_another_encoding_gets_signs_it_can_show_of_the_same_width(encoding: str, shown: str) -> None:
    (segment,) = TerminalSafety(encoding).apply([Segment("╭─╮│é a[█■]✗±·▶€")], Color(0, 0, 0))
    assert segment.text == shown


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({"LC_ALL": "C"}, "ascii"),
        ({"LC_ALL": "POSIX"}, "ascii"),
        ({"LC_ALL": "C", "PYTHONUTF8": "1"}, "utf-8"),
        ({"LC_ALL": "C.UTF-8"}, "utf-8"),
        ({}, "utf-8"),
    ],
)
def test_the_locale_c_is_no_utf_8_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], encoding: str
) -> None:
    for name in ("LC_ALL", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal_encoding() == encoding


WRONG = ("inspect|a|{}", "inspect|--{}", "run|a|--through|{}", "find|.|--since|{}", "--{}", "export|a|--format|{}")


@pytest.mark.parametrize("words", [*WRONG, "new|{folder}/p|--source|{folder}|--target|package|--back-end|{}"])
def test_wrong_use_is_told_harmlessly_whatever_was_typed(words: str, tmp_path: Path) -> None:
    """A `*` puts names of files where options and commands are looked for."""
    (tmp_path / "a.accdb").write_bytes(SAMPLE.read_bytes())
    name = "\x1b]0;owned\x07\x1b[31mred\nJF0000 forged\u202e\x9b"
    said = command(*(w.format(name, folder=tmp_path) for w in words.split("|")))
    assert said.status == 2
    assert "Usage: " in said.err
    assert "Error: " in said.err
    assert not CONTROL.search(said.out + said.err.replace("\n", ""))
    assert "\nJF0000" not in said.err


@pytest.mark.skipif(os.name == "nt", reason="no pseudo terminals here")
@pytest.mark.corpus
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_exported_text_drives_no_terminal_and_is_exact_elsewhere(shared: Path, form: str) -> None:
    here, there = os.openpty()
    code = "from wizard.cli import main; main()"
    command = [sys.executable, "-c", code, "export", shared / "hostile" / "evil.accdb", "a/b", "--format", form]
    with subprocess.Popen(command, stdout=there) as process:
        os.close(there)
        told = b""
        with contextlib.suppress(OSError):  # how a terminal's end is told on Linux
            while data := os.read(here, 1 << 16):
                told += data
        os.close(here)
    assert process.returncode == 0
    assert not CONTROL.search(told.decode().replace("\r\n", "\n"))
    piped = subprocess.run(command, capture_output=True, check=True).stdout
    assert "\u202e" in piped.decode()
