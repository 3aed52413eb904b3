"""The projects opened last, for the start screen."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

MOST = 8


def _file() -> Path:
    return user_state_path("jetferry") / "recent.json"


def here() -> Path:
    """The working directory; the home folder where that was taken away meanwhile."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def recent_projects() -> list[Path]:
    """Project files that are still there, the latest first."""
    try:
        listed = json.loads(_file().read_text(encoding="utf-8"))
        return [p for p in map(Path, listed) if p.is_file()][:MOST]
    except (OSError, ValueError, TypeError):
        return []


def remember(project: Path) -> None:
    """Put a project first; where the list cannot be written, nothing is remembered."""
    listed = [project, *(p for p in recent_projects() if p != project)][:MOST]
    with suppress(OSError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(json.dumps([str(p) for p in listed], ensure_ascii=False), encoding="utf-8")
