"""Passwords of files: those of a list, tried in turn, then what a command prints that is asked per file; none kept."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from wizard.messages import PasswordError

_COMMAND_SECONDS: Final = 30.0
_MOST_PRINTED: Final = 64 << 10
"""bytes that a command may print"""


@dataclass(frozen=True, slots=True)
class FilePasswords:
    """Where passwords of files come from."""

    listed: tuple[str, ...] = field(default=(), repr=False)
    command: tuple[str, ...] = ()
    """program and arguments; given the path, its first line is the password"""

    def of(self, path: str) -> Iterator[str]:
        """Those to try for a file that needs one. Raises PasswordError 9107 where the command gives none."""
        yield from self.listed
        if self.command:
            try:
                first = _printed([*self.command, path])
            except (OSError, ValueError) as e:
                raise PasswordError(9107, what=getattr(e, "strerror", None) or e) from None
            if not first:
                raise PasswordError(9107, what="it printed nothing")
            yield first


def _printed(command: Sequence[str]) -> str:
    """The first line that a command prints. Raises OSError and, where it fails or does not end, ValueError."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        late = threading.Timer(_COMMAND_SECONDS, _end, [process])
        late.start()
        try:
            assert process.stdout is not None  # noqa: S101  # it was asked for just above
            told = process.stdout.read(_MOST_PRINTED + 1)
            if len(told) > _MOST_PRINTED:
                raise ValueError(f"it printed more than {_MOST_PRINTED >> 10} KB")
            status = process.wait()
        finally:
            in_time = late.is_alive()
            late.cancel()
            _end(process)
    if not in_time:
        raise ValueError(f"it did not end within {_COMMAND_SECONDS:.0f} s")
    if status:
        raise ValueError(f"it ended with status {status}")
    return told.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command with all that it started, where the system knows what that is."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
