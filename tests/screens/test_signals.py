"""The wizard on a terminal is told to end: it ends soon, and the terminal is as it was."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

import pytest

pytest.importorskip("pty", reason="terminals are POSIX's")
import pty

COMMAND = (sys.executable, "-P", "-c", "from wizard.cli import main; main()")
ENTERED, LEFT = b"\x1b[?1049h", b"\x1b[?1049l"
"""the screen beside the terminal's own"""


def read(terminal: int, until: bytes = b"") -> bytes:
    """What the wizard writes, until that is among it or nothing comes any more."""
    found, end = b"", time.monotonic() + 60
    with suppress(OSError):  # the other end is closed
        while (not until or until not in found) and time.monotonic() < end and (more := os.read(terminal, 65_536)):
            found += more
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_wizard_and_puts_the_terminal_back(number: signal.Signals) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execve(COMMAND[0], COMMAND, {**os.environ, "TERM": "xterm-256color"})
    assert ENTERED in read(terminal, b"Jetferry")
    os.kill(child, number)
    assert LEFT in read(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    os.close(terminal)
