"""Finding the Access files of an estate: by their signature as well as by their name, within the folders given.

Links are not followed: what they lead to within the tree is found there, and what lies outside is not of the estate.
A file that is called as Access files are is not opened here: it is when it is looked at. Of others the first bytes are
read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard.access.discover import SUFFIXES
from wizard.access.folder_walk import walk_folders
from wizard.file_writing import real_path

NAMES: Final = SUFFIXES - {".accdt"}
"""a template (.accdt) is an archive from which Access makes a database: none yet"""
SIGNATURES: Final = (b"\0\1\0\0Standard Jet DB\0", b"\0\1\0\0Standard ACE DB\0")
ARCHIVE: Final = b"PK\3\4"
SMALLEST: Final = 3 * 2048
"""bytes: an Access file has at least three pages"""
_LOCKS: Final = frozenset({".ldb", ".laccdb"})
_OPEN: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class WalkedFile:
    """An Access file, or an archive that may hold some."""

    path: str
    size: int
    modified: int
    """nanoseconds since 1970"""
    owner: int
    """the account's number; -1 where there is none"""
    by: str
    """`name`, `signature` or `archive`"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A folder or file that could not be looked at, or a link that was not followed."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder has been looked through."""

    path: str


def walk(
    roots: Sequence[Path], stopped: Callable[[], bool], skip: Path | None = None
) -> Iterator[WalkedFile | Trouble | Folder]:
    """Go through folders and all below them, in the order of names; a file that lies in two roots is found once.

    Args:
        stopped: asked before every folder and file.
        skip: a folder that is not looked into, the estate's own.
    """
    left_out = str(skip) if skip else ""
    for folder in walk_folders([str(real_path(r)) for r in roots], stopped):
        if folder.path == left_out:
            continue
        if folder.refused:
            yield Trouble(folder.path, folder.refused)
            continue
        for entry in folder.entries:
            if stopped():
                return
            try:
                found = _entry(entry, folder.below)
            except OSError as e:
                yield Trouble(entry.path, e.strerror or str(e))
                continue
            if found is not None:
                yield found
        yield Folder(folder.path)


def _entry(entry: os.DirEntry[str], below: list[str]) -> WalkedFile | Trouble | None:
    if entry.is_symlink() or (hasattr(entry, "is_junction") and entry.is_junction()):
        return Trouble(entry.path, "a link, which is not followed")
    if entry.is_dir(follow_symlinks=False):
        below.append(entry.path)
        return None
    status = entry.stat(follow_symlinks=False)
    ending = os.path.splitext(entry.name)[1].casefold()  # noqa: PTH122  as above
    if not stat.S_ISREG(status.st_mode) or ending in _LOCKS:
        return None
    by = "name" if ending in NAMES else _signature(entry.path, ending) if status.st_size >= SMALLEST else ""
    if not by and ending == ".zip":
        by = "archive"
    return WalkedFile(entry.path, status.st_size, status.st_mtime_ns, status.st_uid, by) if by else None


def _signature(path: str, ending: str) -> str:
    """By what the first bytes say that it is; raises OSError where it cannot be opened."""
    handle = os.open(path, _OPEN)
    try:
        begin = os.read(handle, 20)
    finally:
        os.close(handle)
    if begin.startswith(SIGNATURES):
        return "signature"
    return "archive" if begin.startswith(ARCHIVE) and ending in (".zip", "") else ""
