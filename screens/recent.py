"""The projects opened last, for the start screen."""

from __future__ import annotations

import json
from pathlib import Path

from wizard import remembered

MOST = 8
_NAME = "recent.json"


def here() -> Path:
    """The working directory; the home folder where that was taken away meanwhile."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def recent_projects() -> list[Path]:
    """Project files that are still there, the latest first."""
    try:
        listed = json.loads(remembered.recalled(_NAME))
        return [p for p in map(Path, listed) if p.is_file()][:MOST]
    except (ValueError, TypeError, OSError, RecursionError):
        return []


def remember(project: Path) -> None:
    """Put a project first."""
    listed = [project, *(p for p in recent_projects() if p != project)][:MOST]
    remembered.remember(_NAME, json.dumps([str(p) for p in listed]))  # in ASCII: names need not be UTF-8
