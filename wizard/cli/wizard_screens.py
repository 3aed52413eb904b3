"""The one place where the engine knows of the interface: the command that opens the wizard."""

from __future__ import annotations

import sys
from pathlib import Path

from wizard.messages import ProjectError


def open_wizard(project: Path | None) -> int:
    """Open the wizard, on a project where one is given; returns its exit status.

    Raises ProjectError where there is no terminal to show it on: it would wait for keys that never come.
    """
    for stream in (sys.stdin, sys.stderr):  # the wizard reads the one and writes to the other
        if stream is None or not stream.isatty():
            raise ProjectError(8036)
    from screens.app import run

    return run(project)
