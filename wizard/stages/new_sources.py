"""A file that is to be a source: whether it can be one, its key, and its path as the project has it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from wizard.file_writing import is_file, real_path
from wizard.messages import Kind, Place, SourceError
from wizard.project import is_key
from wizard.stages.open_source import identity


def addable(path: Path, sources: Mapping[str, Path]) -> Path:
    """The file's real path.

    Args:
        sources: where the files of the project's sources are, by key.

    Raises:
        SourceError: it is not there, a source already, or has a name no project can hold.
    """
    path = real_path(path)
    for key, other in sources.items():
        if identity(other) == identity(path):
            raise SourceError(8203, Place(Kind.FILE, source=key), path=path, key=key)
    if not is_file(path):
        raise SourceError(8200, Place(Kind.FILE), path=path)
    if not _is_text(path):
        raise SourceError(8219, Place(Kind.FILE), path=ascii(str(path)))
    return path


def _is_text(path: Path) -> bool:
    """Whether a project file, which is UTF-8, can hold the path: names on Linux are any bytes."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def new_key(path: Path, taken: Collection[str]) -> str:
    """A key for a source, made of its file's name."""
    base = re.sub(r"[^\w-]+", "-", path.stem)[:80].strip("-").lower()
    base = base if is_key(base) else f"source-{base}".strip("-")
    return next(k for k in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if k not in taken)


def written_path(path: Path, project: Path) -> str:
    """The path as a project file has it: relative where the file lies below the project's folder."""
    base = real_path(project.parent)
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)
