"""Applications: files that hang together by links. Which of them are dead, and which are copies of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard.estate.families import Kinship
from wizard.estate.links import Edge, LinkState
from wizard.estate.model import Readiness

BACK, FRONT, ALONE = "back end", "front end", "alone"
_MONTH: Final = 30.44 * 86_400 * 1_000_000_000
"""nanoseconds"""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file, as far as applications ask."""

    id: int
    path: str
    size: int
    modified: int
    read: bool
    definitions: str
    rows: int = 0
    objects: int = 0
    """queries, forms, reports, macros, modules"""
    effort: int = 0
    complexity: int = 0
    readiness: Readiness = Readiness.NOT
    damaged: bool = False
    """there may be more in it than could be read"""


@dataclass(frozen=True, slots=True)
class FileRole:
    """A file's place in its application."""

    file: int
    role: str
    dead: bool
    why: str


@dataclass(frozen=True, slots=True)
class EstateApplication:
    """Files that hang together."""

    name: str
    key: str
    """the path of its main file: the back end that most link to, else the file itself"""
    parts: tuple[FileRole, ...]
    rows: int
    size: int
    effort: int
    complexity: int
    readiness: Readiness
    dead: bool
    dead_why: str
    copy_of: str
    """the key of the application that has all that this one has; empty where there is none"""
    missing: int
    modified: int


def applications(
    files: Sequence[KnownFile],
    edges: Sequence[Edge],
    relations: Mapping[int, tuple[Kinship, int]],
    *,
    now: int,
    dead_months: int,
) -> list[EstateApplication]:
    """All applications, the largest first.

    Args:
        relations: what a file is to the master of its family, and which file that is.
        now: nanoseconds since 1970.
        dead_months: without a change, after which nobody seems to need a file.
    """
    found = _Applications(files, edges, relations, now - int(dead_months * _MONTH), dead_months)
    return sorted(found.all(), key=lambda a: (-len(a.parts), a.key))


class _Applications:
    def __init__(
        self, files: Sequence[KnownFile], edges: Sequence[Edge], relations: Mapping[int, tuple[Kinship, int]],
        oldest: int,
        months: int,
    ) -> None:  # fmt: skip
        self.files = {f.id: f for f in files}
        self.relations, self.oldest, self.months = relations, oldest, months
        self.out: dict[int, list[Edge]] = defaultdict(list)
        self.into: dict[int, list[int]] = defaultdict(list)
        for edge in edges:
            if edge.file in self.files:
                self.out[edge.file].append(edge)
                if edge.to is not None and edge.to in self.files:
                    self.into[edge.to].append(edge.file)
        self.parent = {f.id: f.id for f in files}
        for to, fronts in self.into.items():
            for front in fronts:
                self.parent[self.root(front)] = self.root(to)

    def root(self, file: int) -> int:
        while self.parent[file] != file:
            self.parent[file] = self.parent[self.parent[file]]
            file = self.parent[file]
        return file

    def all(self) -> list[EstateApplication]:
        together: dict[int, list[KnownFile]] = defaultdict(list)
        for file in self.files.values():
            together[self.root(file.id)].append(file)
        mains = {root: self.main(members) for root, members in together.items()}
        return [self.one(members, mains[root], mains) for root, members in together.items()]

    def main(self, members: Sequence[KnownFile]) -> KnownFile:
        return max(members, key=lambda f: (len(self.into[f.id]), f.read, f.rows, f.complexity, f.path))

    def one(self, members: Sequence[KnownFile], main: KnownFile, mains: Mapping[int, KnownFile]) -> EstateApplication:
        parts = tuple(self.part(f) for f in sorted(members, key=lambda f: (f is not main, f.path)))
        read = [f for f in members if f.read]
        each = {f.definitions or str(f.id): f for f in read}.values()  # front ends of many hands are one piece of work
        dead = all(p.dead for p in parts)
        return EstateApplication(
            name=Path(main.path).stem or main.path,
            key=main.path,
            parts=parts,
            rows=sum(f.rows for f in each),
            size=sum(f.size for f in members),
            effort=sum(f.effort for f in each),
            complexity=sum(f.complexity for f in each),
            readiness=_readiness(read, members),
            dead=dead,
            dead_why=next((p.why for p in parts if p.file == main.id), "") if dead else "",
            copy_of=self.copy_of(members, main, mains),
            missing=sum(e.state in (LinkState.MISSING, LinkState.AMBIGUOUS) for f in members for e in self.out[f.id]),
            modified=max(f.modified for f in members),
        )

    def copy_of(self, members: Sequence[KnownFile], main: KnownFile, mains: Mapping[int, KnownFile]) -> str:
        """The other application in which the masters of all these files are."""
        if not all(f.id in self.relations and self.relations[f.id][0].copy for f in members):
            return ""
        master = self.root(self.relations[main.id][1])
        return mains[master].path if master != self.root(main.id) else ""

    def part(self, file: KnownFile) -> FileRole:
        into, out = self.into[file.id], self.out[file.id]
        role = BACK if into else FRONT if any(e.kind == "access" for e in out) else ALONE
        old = file.modified < self.oldest
        needed = any(self.files[f].modified >= self.oldest for f in into)
        empty = file.read and not file.damaged and not file.rows and not out
        bare = empty and not file.objects
        dead = (old and not needed) or (bare and not into)
        signs = [
            *([f"no change in {self.months} months"] if old else []),
            *(["no rows"] if empty else []),
            *(["nothing links to it"] if not into and not out else []),
        ]
        return FileRole(file.id, role, dead, "; ".join(signs) if dead else "")


def _readiness(read: Sequence[KnownFile], members: Sequence[KnownFile]) -> Readiness:
    if not read:
        return Readiness.NOT
    kinds = {f.readiness for f in read}
    if kinds == {Readiness.NOT}:
        return Readiness.NOT
    whole = kinds == {Readiness.ITSELF} and len(read) == len(members)
    return Readiness.ITSELF if whole else Readiness.WORK
