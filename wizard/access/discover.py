"""Finding Access files in folders, and the files that linked tables point to."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path, PureWindowsPath
from typing import Final

from wizard.access.folder_walk import SeenFiles, walk_folders
from wizard.definitions import LinkedTable, LinkKind
from wizard.file_writing import expanded

SUFFIXES: Final = frozenset({".mdb", ".accdb", ".mde", ".accde", ".accdr", ".accdt", ".mda", ".accda"})

_PROGRESS_EVERY: Final = 50
"""folders"""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """An Access file in a folder; `size` in bytes, `modified` in seconds since the epoch."""

    path: Path
    size: int
    """bytes"""
    modified: datetime
    """local time"""


@dataclass(frozen=True, slots=True)
class UnreadableFolder:
    """A folder or file that could not be looked at; the search goes on without it."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """Sent now and then, and at the end with `done`."""

    folders: int
    files: int
    """Access files seen, those that do not fit the search included"""
    found: int
    current: Path
    done: bool = False


SearchResult = FoundFile | UnreadableFolder | SearchProgress


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for."""

    folders: Sequence[Path]
    name_part: str = ""
    """part of the file's name, in any case"""
    modified_since: datetime | None = None
    """local time"""
    at_least: int = 0
    """bytes"""
    suffixes: frozenset[str] = SUFFIXES

    def fits(self, file: FoundFile) -> bool:
        """Whether a file is among those looked for."""
        return (
            self.name_part.casefold() in file.path.name.casefold()
            and file.size >= self.at_least
            and (self.modified_since is None or file.modified >= self.modified_since)
        )


def find_files(search: Search, stopped: Callable[[], bool] = lambda: False) -> Iterator[SearchResult]:
    """Look through folders and all below them, in the order of names; links are followed.

    Args:
        stopped: asked before every folder and file, `threading.Event.is_set` for one; True ends the search.

    Yields:
        Files as they are found, folders that cannot be read, and progress; always a last `SearchProgress`.
    """
    seen = SeenFiles()
    folders = files = found = 0
    current = Path()
    for folder in walk_folders([str(expanded(f)) for f in search.folders], stopped):
        current = Path(folder.path)
        if folder.refused:
            yield UnreadableFolder(current, folder.refused)
        else:
            folders += 1
        for entry in folder.entries:
            if stopped():
                break
            try:
                if entry.is_dir():
                    folder.below.append(entry.path)
                elif Path(entry.name).suffix.casefold() in search.suffixes and (file := _file(entry, seen)):
                    files += 1
                    if search.fits(file):
                        found += 1
                        yield file
            except OSError as e:
                yield UnreadableFolder(Path(entry.path), e.strerror or str(e))
        if folders % _PROGRESS_EVERY == 0:
            yield SearchProgress(folders, files, found, current)
    yield SearchProgress(folders, files, found, current, done=True)


def _file(entry: os.DirEntry[str], seen: SeenFiles) -> FoundFile | None:
    status = entry.stat()
    if not stat.S_ISREG(status.st_mode) or not seen.first_time(status):
        return None
    return FoundFile(Path(entry.path), status.st_size, datetime.fromtimestamp(status.st_mtime))


@dataclass(frozen=True, slots=True)
class BackEnd:
    """A file that linked tables point to."""

    stored: str
    """the path as the links have it, a Windows path as a rule"""
    found: Path | None
    """where it is on this machine; None: its place must be asked for"""
    tables: tuple[str, ...]
    """the linked tables' names"""


def back_ends(
    front_end: Path, linked: Sequence[LinkedTable], moved: dict[str, Path] | None = None, known: Sequence[Path] = ()
) -> list[BackEnd]:
    """The Access files behind a front end's links, and where they are.

    Looked for at the stored path, then by its last parts: beside and below the front end, below the folders above it
    (as a share's folders lie wherever the share is mounted), and among the files that are `known`.

    Args:
        moved: new places of stored paths, as somebody gave them; such a path is looked for nowhere else, so that
            no file of the same name takes its place unasked.
        known: files that are at hand anyway, such as other sources of a project. The one that has most of the stored
            path's last parts is meant; where two have as many, none is.
    """
    by_path: dict[str, list[LinkedTable]] = {}
    for table in linked:
        if table.kind is LinkKind.ACCESS and table.database:
            by_path.setdefault(table.database.casefold(), []).append(table)
    places = {t[0].database: _locate(front_end, t[0].database, moved or {}, known) for t in by_path.values()}
    given = {stored.casefold() for stored in moved or {}}
    taken = _contested({stored: p for stored, p in places.items() if p and stored.casefold() not in given})
    return [
        BackEnd(stored, None if stored in taken else places[stored], tuple(t.name for t in tables))
        for tables in by_path.values()
        for stored in (tables[0].database,)
    ]


def _contested(places: dict[str, Path]) -> set[str]:
    r"""Paths for which a file was found that is as likely another one's: `N:\2023\data.mdb` beside `N:\2024\data.mdb`.

    Two paths of which one ends in the other may be one file's, by a share and by a drive.
    """
    lost: set[str] = set()
    for (one, place), (other, there) in combinations(places.items(), 2):
        a, b = ([p.casefold() for p in _parts(stored)] for stored in (one, other))
        if place != there or a[-len(b) :] == b or b[-len(a) :] == a:
            continue
        scores = _alike(place, a), _alike(place, b)
        lost |= {stored for stored, score in zip((one, other), scores, strict=True) if score <= min(scores)}
    return lost


_ABOVE: Final = 4
"""folders above the front end's own in which a stored path's last parts are looked for"""


def _locate(front_end: Path, stored: str, moved: dict[str, Path], known: Sequence[Path]) -> Path | None:
    given = [p for key, p in moved.items() if key.casefold() == stored.casefold()]
    if given:
        return _existing(given[-1].parent, [given[-1].name])
    if (os.name == "nt" or stored.startswith("/")) and (found := _existing(Path(stored).parent, [Path(stored).name])):
        return found
    parts = _parts(stored)
    # the longest tail first: \\server\share\data\back.accdb may be data/back.accdb beside the front end
    tails = [parts[i:] for i in range(len(parts))]
    folders = [front_end.parent, *front_end.parent.parents[:_ABOVE]]
    for folder in folders:
        # above the front end's folder a file's name alone would say too little
        for tail in tails if folder == front_end.parent else tails[:-1]:
            if found := _existing(folder, tail):
                return found
    return _among(known, parts)


def _parts(stored: str) -> list[str]:
    """The parts of a path as Windows or another system writes it: the share's name first, no drive, no steps up."""
    path = PureWindowsPath(stored.replace("/", "\\"))
    share = [path.drive.rpartition("\\")[2]] if path.drive.startswith("\\\\") else []
    return share + [p for p in path.parts if p not in (path.anchor, "..", ".")]


def _among(known: Sequence[Path], parts: Sequence[str]) -> Path | None:
    """The file that has most of a path's last parts in common; None where that is none, or not one alone."""
    scores = {path: _alike(path, parts) for path in known}
    best = max(scores.values(), default=0)
    found = [path for path, score in scores.items() if score == best]
    return found[0] if best and len(found) == 1 else None


def _alike(path: Path, parts: Sequence[str]) -> int:
    """How many of a path's last parts the file has."""
    pairs = zip(reversed(path.parts), reversed(parts), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a.casefold() != b.casefold()), len(parts))


def _existing(folder: Path, parts: Sequence[str]) -> Path | None:
    """The file at a path below a folder, whatever the case of its parts; None where there is none."""
    try:
        if (place := folder.joinpath(*parts)).is_file():
            return place
        for part in parts:
            same = sorted(p for p in folder.iterdir() if p.name.casefold() == part.casefold())
            if not same:
                return None
            folder = same[0]
        return folder if folder.is_file() else None
    except OSError:
        return None
