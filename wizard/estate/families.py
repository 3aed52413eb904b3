"""Families of copies: files of the same content, of the same definitions, and those that hold part of another.

Definitions are compared by their fingerprints, exactly; rows by the sketches of their keys, about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.estate.fingerprints import shared_keys
from wizard.estate.links import copies_by_path

_COMPARED: Final = 200
"""sets of definitions that one definition brings together at most"""
_PART: Final = 0.8
"""of the smaller set's definitions that the other has too, from which it is a part"""
_ALIKE: Final = 0.5
"""of all definitions of both that they share"""
_FEW: Final = 3
"""definitions that must be shared where neither is a part of the other"""
_SAME_ROWS: Final = 0.9


class Kinship(StrEnum):
    """What a file is to the likely master of its family."""

    MASTER = "master"
    SAME = "same content"
    OLDER = "older state"
    NEWER = "newer state"
    ROWS = "part of the rows"
    OTHER_ROWS = "same definitions, other rows"
    PART = "part of the definitions"
    MORE = "more definitions"
    ALIKE = "alike"

    @property
    def copy(self) -> bool:
        """Whether the master has all that the file has."""
        return self in (Kinship.SAME, Kinship.OLDER, Kinship.ROWS, Kinship.PART)


@dataclass(frozen=True, slots=True)
class Member:
    """A file, as far as families ask."""

    id: int
    path: str
    digest: str
    definitions: str
    """digest of all definitions; empty where there are none"""
    modified: int
    rows: int
    links_to_it: int


@dataclass(frozen=True, slots=True)
class Related:
    """A file's place in its family."""

    file: int
    relation: Kinship
    alike: float
    why: str


@dataclass(frozen=True, slots=True)
class Family:
    """Files that come from one another; the likely master first."""

    master: Member
    why: str
    members: tuple[Related, ...]


Tables = Mapping[str, tuple[int, bytes]]
"""of a content: rows and sketch of keys by the fingerprint of the table's definition"""


def families(
    files: Sequence[Member], definitions: Mapping[str, frozenset[str]], tables: Callable[[str], Tables]
) -> list[Family]:
    """All families of two files and more.

    Args:
        definitions: fingerprints by the digest of all of them.
        tables: asked for the tables of contents that are compared by their rows.
    """
    groups: dict[str, list[Member]] = defaultdict(list)
    for file in files:
        groups[file.definitions or f"content {file.digest}"].append(file)
    joined = _joined({k: definitions[k] for k in groups if k in definitions})
    together: dict[str, list[Member]] = defaultdict(list)
    for key, members in groups.items():
        together[joined.get(key, key)] += members
    return [_family(members, definitions, tables) for members in together.values() if len(members) > 1]


def _joined(definitions: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Which sets of definitions belong together: the first of each for all of them."""
    parent = {key: key for key in definitions}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    having: dict[str, list[str]] = defaultdict(list)
    for key, prints in definitions.items():
        for one in prints:
            having[one].append(key)
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for keys in having.values():
        some = sorted(keys, key=lambda k: len(definitions[k]), reverse=True)[:_COMPARED]
        for n, a in enumerate(some):
            for b in some[n + 1 :]:
                shared[a, b] += 1
    for (a, b), both in shared.items():
        if _belong(len(definitions[a]), len(definitions[b]), both):
            parent[root(a)] = root(b)
    return {key: root(key) for key in definitions}


def _belong(one: int, other: int, both: int) -> bool:
    part = both / min(one, other) >= _PART and both >= 2
    return part or (both >= _FEW and both / (one + other - both) >= _ALIKE)


def _family(
    members: list[Member], definitions: Mapping[str, frozenset[str]], tables: Callable[[str], Tables]
) -> Family:
    newest = max(m.modified for m in members)
    most = max(m.rows for m in members)
    copied = copies_by_path([m.path for m in members])

    def rank(member: Member) -> tuple[object, ...]:
        return (
            bool(member.links_to_it),
            member.path not in copied,
            member.modified,
            member.rows,
            -len(member.path),
            member.path,
        )

    master = max(members, key=rank)
    reasons = [
        *([f"{master.links_to_it} link to it"] if master.links_to_it else []),
        *(["its path does not look like a copy's"] if master.path not in copied else []),
        *(["changed last"] if master.modified == newest else []),
        *(["most rows"] if master.rows == most and most else []),
    ]
    related = [Related(master.id, Kinship.MASTER, 1.0, ", ".join(reasons))]
    known: dict[str, tuple[Kinship, float, str]] = {}
    for member in sorted((m for m in members if m is not master), key=lambda m: m.path):
        if member.digest not in known or known[member.digest][0] in (
            Kinship.OLDER,
            Kinship.NEWER,
            Kinship.ROWS,
        ):
            known[member.digest] = _related(member, master, definitions, tables)
        related.append(Related(member.id, *known[member.digest]))
    return Family(master, ", ".join(reasons), tuple(related))


def _related(
    member: Member, master: Member, definitions: Mapping[str, frozenset[str]], tables: Callable[[str], Tables]
) -> tuple[Kinship, float, str]:
    if member.digest == master.digest:
        return Kinship.SAME, 1.0, "byte by byte the same"
    if member.definitions == master.definitions:
        return _by_rows(member, master, tables)
    mine, its = definitions.get(member.definitions, frozenset()), definitions.get(master.definitions, frozenset())
    both = len(mine & its)
    alike = round(both / max(1, len(mine | its)), 3)
    told = f"{both} of its {len(mine)} definitions"
    if mine <= its:
        keys = _keys(tables(member.digest), tables(master.digest))
        if keys >= _SAME_ROWS:
            return Kinship.PART, alike, f"{told}, about {keys:.0%} of its keys"
        return Kinship.ALIKE, alike, f"{told}, but about {1 - keys:.0%} of its keys are not in the master"
    if its <= mine:
        return Kinship.MORE, alike, f"all {len(its)} definitions of the master, and {len(mine) - both} more"
    return Kinship.ALIKE, alike, f"{told} are the master's too"


def _by_rows(member: Member, master: Member, tables: Callable[[str], Tables]) -> tuple[Kinship, float, str]:
    mine, its = tables(member.digest), tables(master.digest)
    there, back = _keys(mine, its), _keys(its, mine)
    told = f"same definitions, about {there:.0%} of its keys"
    if there >= _SAME_ROWS:
        if back < _SAME_ROWS and member.modified >= master.modified:
            return Kinship.ROWS, round(back, 3), told
        return (
            (Kinship.OLDER if member.modified <= master.modified else Kinship.NEWER),
            round(back, 3),
            told,
        )
    if back >= _SAME_ROWS and member.modified > master.modified:
        return Kinship.NEWER, round(there, 3), "same definitions, all of the master's keys and more"
    return Kinship.OTHER_ROWS, round(there, 3), told


def _keys(mine: Tables, its: Tables) -> float:
    """About which part of one content's keys the other has too, in tables of the same definition."""
    shared = counted = 0.0
    for definition, (rows, sketch) in mine.items():
        if rows:
            other = its.get(definition, (0, b""))
            shared += rows * shared_keys(sketch, rows, other[1], other[0])
            counted += rows
    return shared / counted if counted else 1.0
