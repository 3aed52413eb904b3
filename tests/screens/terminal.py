"""A pseudo-terminal with a program in it, for tests of what only a real terminal shows."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import termios
import threading
import time


class Terminal:
    """A pseudo-terminal of 80x24 with a program in it; what it wrote is kept."""

    def __init__(self, command: list[str]) -> None:
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.execvp(command[0], command)
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.written = b""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._handle, 65_536)
            except OSError:
                return
            if not data:
                return
            self.written += data

    def shows(self, text: str, seconds: float = 40, *, behind: int = 0) -> None:
        """Wait until the text was written, behind so many bytes; a screen that is drawn anew writes words whole."""
        end = time.monotonic() + seconds
        while text.encode() not in self.written[behind:]:
            assert time.monotonic() < end, f"{text!r} was not shown: {self.written[-1500:]!r}"
            time.sleep(0.05)

    def press(self, keys: bytes) -> None:
        os.write(self._handle, keys)

    def kill(self) -> None:
        """The connection is gone, without a word."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._handle)
