"""In a real terminal: long work ends with a bell and a notification, Ctrl+Z suspends, and the terminal is as before."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.screens.terminal import Terminal

pytestmark = pytest.mark.skipif(not shutil.which("bash") or not shutil.which("stty"), reason="needs bash and stty")

WIZARD = """
from screens.app import WizardApp
class Wizard(WizardApp):
    def on_mount(self):
        super().on_mount()
        self.call_back(-1000.0, "all \\x1b rows moved")
raise SystemExit(Wizard().run() or 0)
"""
SHELL = """
set -m
stty -a > before
"$PYTHON" -c "$WIZARD"
ended=$?
stty -a > between
echo "stopped with $ended"
fg > /dev/null
ended=$?
stty -a > after
echo "left with $ended"
"""
LEAVE = b"\x1b[?1049l"
"""back from the alternate screen"""


def test_ctrl_z_suspends_and_long_work_is_told(tmp_path: Path) -> None:
    wanted = {"WIZARD": WIZARD, "PYTHON": sys.executable, "PYTHONPATH": str(Path(__file__).parents[2])}
    wanted |= {"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    names = [f"{name}={text}" for name, text in wanted.items()]
    terminal = Terminal(["env", "-C", str(tmp_path), *names, "bash", "-c", SHELL])
    try:
        terminal.shows("\x1b]9;Jetferry: all \\x1b rows moved\x07")
        assert b"\x07" in terminal.written.partition(b"\x1b]9;")[0]  # the bell
        terminal.shows("More")  # the whole screen is there
        terminal.press(b"\x1a")  # Ctrl+Z
        stopped = f"stopped with {128 + signal.SIGSTOP}"
        terminal.shows(stopped)
        there = terminal.written.partition(stopped.encode())[0]
        assert LEAVE in there
        terminal.shows("\x1b[?1049h", behind=len(there))
        terminal.press(b"\x11")  # Ctrl+Q
        terminal.shows("left with 0")
        assert LEAVE in terminal.written[len(there) :]
    finally:
        terminal.kill()
    before, between, after = ((tmp_path / name).read_text() for name in ("before", "between", "after"))
    assert " echo " in before
    assert before == between == after
