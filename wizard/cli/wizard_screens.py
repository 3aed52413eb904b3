"""The one place where the engine knows of the interface: the command that opens the wizard."""

from __future__ import annotations

from pathlib import Path


def open_wizard(project: Path | None) -> int:
    """Open the wizard, on a project where one is given; returns its exit status."""
    from screens.app import run

    return run(project)
