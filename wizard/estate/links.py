"""The graph of links: which files of the estate the linked tables of others point to, and which targets are missing.

A link holds the path as its maker's machine had it, with that machine's drives and shares. It is resolved by its last
parts: of the estate's files of that name, the one that shares most of them, of several as good the one nearest to the
file that links, and of several as near the one whose path does not look like a copy's.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PureWindowsPath
from typing import Final

_COPY: Final = re.compile(
    r"backup|\bbak\b|_bak|\.bak|copy|copies|\bold\b|_old|archiv|kopie|sicherung|copia|copie|ancien|vecchi|antigu|"
    r"\btest|_test|\btmp\b|temp|deleted|\(\d+\)|\bv?\d{8}\b|(19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d|oud\b|alt\b|~",
    re.IGNORECASE,
)
"""what paths of copies hold, in several languages"""
_OF_FILES: Final = ("excel", "text")
"""kinds whose targets are files that are no databases"""
_ABOVE: Final = 4
"""folders above the file that links in which such a target is looked for"""


def copies_by_path(paths: Sequence[str]) -> frozenset[str]:
    """Those that look like copies' by what they do not all have in common."""
    try:
        common = len(os.path.commonpath(paths)) if len(paths) > 1 else 0
    except ValueError:  # several drives
        common = 0
    return frozenset(p for p in paths if _COPY.search(p[common:]))


@dataclass(frozen=True, slots=True)
class LinkNode:
    """A file, as far as links ask."""

    id: int
    path: str
    digest: str


class LinkState(StrEnum):
    """Whether the file that links point to is one of the estate."""

    FOUND = "found"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    ELSEWHERE = "elsewhere"
    """nobody can say from here"""


@dataclass(frozen=True, slots=True)
class Edge:
    """What a file's links of one target come to."""

    file: int
    kind: str
    target: str
    to: int | None
    """the file of the estate that is meant"""
    tables: int
    state: LinkState


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of a path as any system writes it, small, without drive, share's server and steps up."""
    found = PureWindowsPath(path.replace("/", "\\"))
    share = (found.drive.rpartition("\\")[2],) if found.drive.startswith("\\\\") else ()
    return tuple(p.casefold() for p in (*share, *(p for p in found.parts if p not in (found.anchor, "..", "."))))


class Resolver:
    """Finds targets among the files of an estate."""

    def __init__(self, files: Iterable[LinkNode]) -> None:
        self._by_name: dict[str, list[tuple[int, tuple[str, ...], bool]]] = defaultdict(list)
        files = list(files)
        copied = copies_by_path([f.path for f in files])
        for file in files:
            parts = parts_of(file.path)
            self._by_name[parts[-1]].append((file.id, parts, file.path not in copied))

    def find(self, front: tuple[str, ...], own: int, target: str) -> tuple[int | None, LinkState]:
        """The file that a stored path means, and how that stands."""
        wanted = parts_of(target)
        if not wanted:
            return None, LinkState.MISSING
        among = [f for f in self._by_name.get(wanted[-1], ()) if f[0] != own]
        if not among:
            return None, LinkState.MISSING
        scored = [((_tail(p, wanted), _head(p, front), genuine), i) for i, p, genuine in among]
        best = max(s for s, _ in scored)
        found = [i for s, i in scored if s == best]
        return (found[0], LinkState.FOUND) if len(found) == 1 else (None, LinkState.AMBIGUOUS)


def _tail(path: Sequence[str], wanted: Sequence[str]) -> int:
    return _alike(reversed(path), reversed(wanted))


def _head(path: Sequence[str], front: Sequence[str]) -> int:
    return _alike(path[:-1], front[:-1])


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def edges(files: Sequence[LinkNode], links: Mapping[str, Sequence[tuple[str, str, int]]]) -> list[Edge]:
    """All edges; `links` has kind, target and number of tables by the digest of the file that links."""
    resolver = Resolver(files)
    found = []
    for file in files:
        own = parts_of(file.path)
        for kind, target, tables in links.get(file.digest, ()):
            if kind == "access":
                to, state = resolver.find(own, file.id, target)
            else:
                to, state = None, _beside(file.path, target) if kind in _OF_FILES else LinkState.ELSEWHERE
            found.append(Edge(file.id, kind, target, to, tables, state))
    return found


def _beside(front: str, target: str) -> LinkState:
    """Whether a file or folder that is no database is where its last parts say, near the file that links to it."""
    parts = PureWindowsPath(target.replace("/", "\\")).parts[-4:]
    folder = os.path.dirname(front)  # noqa: PTH120
    for _ in range(_ABOVE + 1):
        for begin in range(len(parts)):
            if any(p in ("..", "\\") or ":" in p for p in parts[begin:]):
                continue
            if os.path.lexists(os.path.join(folder, *parts[begin:])):  # noqa: PTH118
                return LinkState.FOUND
        folder = os.path.dirname(folder)  # noqa: PTH120
    return LinkState.MISSING
