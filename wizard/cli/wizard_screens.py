"""The command that opens the wizard: the only place where the engine imports the interface."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from wizard.messages import ProjectError


def need_terminal() -> None:
    """Raises ProjectError where there is no terminal to show the wizard on: it would wait for keys that never come.

    It reads standard input and writes to standard error; what is led elsewhere on standard output would wait for
    results that a wizard does not give.
    """
    names = ("standard input", "standard output", "standard error")
    for name, stream in zip(names, (sys.stdin, sys.stdout, sys.stderr), strict=True):
        if stream is None or not stream.isatty():
            raise ProjectError(8036, what=f"{name} is not one")
    if os.environ.get("TERM") == "dumb":
        raise ProjectError(8036, what="TERM=dumb says that this one cannot show it")


def open_wizard(project: Path | None) -> int:
    """Open the wizard, on a project where one is given; returns its exit status. Raises ProjectError."""
    need_terminal()
    from screens.app import run

    return run(project)
