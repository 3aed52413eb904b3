"""Whether a worker has read what it was told to do: no while after which it surely has, on a machine that is busy."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from wizard import worker
from wizard.worker import COMMANDS, POLL, Command, worker_folder

LONGEST: Final = 60.0
"""seconds after which it is given up"""


def has_read(project: Path, last: Command) -> bool:
    """Whether the worker at work stands at the end of its file of commands, which is that one (so Linux says)."""
    attachment = worker.attach(project)
    attachment.close()
    commands = worker_folder(attachment.path) / COMMANDS
    if commands.read_text(encoding="ascii").split()[-1:] != [last.value]:
        return False
    process = Path("/proc") / str(attachment.state.pid)
    for opened in (process / "fd").iterdir():
        if opened.readlink() == commands.resolve():
            position, _, _ = (process / "fdinfo" / opened.name).read_text().partition("\n")
            return int(position.split()[1]) == commands.stat().st_size
    return False


def wait_until_read(project: Path, last: Command) -> None:
    """Until it has, and a moment for it to obey; other systems than Linux are given time."""
    end = time.monotonic() + LONGEST
    while sys.platform == "linux" and not has_read(project, last):
        assert time.monotonic() < end, "the worker does not read its commands"
        time.sleep(0.02)
    time.sleep(POLL if sys.platform == "linux" else 3 * POLL)
