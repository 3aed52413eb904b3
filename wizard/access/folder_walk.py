"""Folders and all below them, one after another, each listed once: what searches and scans of folders stand on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A folder with what lies in it, in the order of names; or why it could not be listed."""

    path: str
    entries: Sequence[os.DirEntry[str]] = ()
    refused: str = ""
    below: list[str] = field(default_factory=list)
    """folders to go through next, which the receiver puts here"""


@dataclass(frozen=True, slots=True)
class SeenFiles:
    """Files and folders by device and number: links can lead to the same place twice, or in a circle."""

    known: set[tuple[int, int]] = field(default_factory=set)

    def first_time(self, status: os.stat_result) -> bool:
        """Whether it was not asked for before; always, on file systems that number nothing."""
        key = (status.st_dev, status.st_ino)
        if status.st_ino and key in self.known:
            return False
        self.known.add(key)
        return True


def walk_folders(folders: Sequence[str], stopped: Callable[[], bool]) -> Iterator[ListedFolder]:
    """List folders, and those that the receiver finds in them, depth first.

    Args:
        stopped: asked before every folder; True ends the walk.
    """
    seen = SeenFiles()
    pending = list(reversed(folders))
    while pending and not stopped():
        folder = pending.pop()
        try:
            if not seen.first_time(os.stat(folder)):  # noqa: PTH116  there may be millions: no object is made for each
                continue
            with os.scandir(folder) as listing:
                listed = ListedFolder(folder, sorted(listing, key=lambda e: e.name))
        except OSError as e:
            listed = ListedFolder(folder, refused=e.strerror or str(e))
        yield listed
        pending += reversed(listed.below)
