"""What the worker needs of a project that it has not opened: its lock and its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from wizard.file_writing import read_json
from wizard.project import ProjectLock, folder_of, make_folder, project_path
from wizard.project.codec import decode

T = TypeVar("T")


def lock_of(path: Path) -> ProjectLock:
    """The lock of the project file at `path`, not taken."""
    return ProjectLock(folder_of(path))


def decode_state(path: Path, kind: type[T]) -> T | None:
    """A small dataclass kept as JSON; None where there is none, or it cannot be read."""
    try:
        return decode(kind, read_json(path))
    except (OSError, ValueError):
        return None


__all__ = ["decode_state", "lock_of", "make_folder", "project_path"]
