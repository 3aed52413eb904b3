"""Which applications go in which wave: simple and alive ones first, back ends with their front ends, within limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wizard.estate.derivation import DAMAGED
from wizard.estate.families import Kinship
from wizard.estate.model import FileState, Readiness
from wizard.estate.store import Estate
from wizard.plurals import counted, hours

_RANK: Final = {Readiness.ITSELF: 0, Readiness.WORK: 1, Readiness.NOT: 2}
_DAMAGED: Final = f"SELECT {DAMAGED} FROM file f WHERE f.path = ?"
LONGEST: Final = 60
"""characters of a project's name"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A living application that is no copy, as a plan proposes it."""

    key: str
    """the path of its main file, which stays the same when the estate is scanned again"""
    name: str
    """of its project: letters, digits and `-`, its own in the plan"""
    sources: tuple[str, ...]
    """its back ends, and of front ends that are alike one"""
    readiness: Readiness
    effort: int
    complexity: int
    rows: int
    files: int
    missing: int
    damaged: int = 0
    """of its sources: what cannot be read of them is left out"""
    wave: int = 0

    @property
    def why(self) -> str:
        """What people want to know of it in a line."""
        told = f"converts {self.readiness}" if self.readiness is not Readiness.NOT else "does not convert"
        missing = f", {counted(self.missing, 'link target')} missing" if self.missing else ""
        damaged = f", {counted(self.damaged, 'file')} damaged" if self.damaged else ""
        work, size = f"{hours(self.effort)} of work" if self.effort else "no work", counted(self.rows, "row")
        return f"{told}, {work}, {size}, {counted(self.files, 'file')}{missing}{damaged}"


def candidates(estate: Estate, names: Mapping[str, str] | None = None) -> list[Candidate]:
    """All living applications that can be read, in the order in which they should go.

    Args:
        names: those of a plan by its keys, which stay: projects are called after them.
    """
    found = []
    for row in estate.ask("SELECT * FROM application WHERE dead = 0 AND copy_of = ''"):
        sources = _sources(estate, row["id"])
        if sources:
            damaged = sum(estate.one(_DAMAGED, s) for s in sources)
            found.append(
                Candidate(
                    row["key"], row["name"], sources, Readiness(row["readiness"]), row["effort"], row["complexity"],
                    row["rows"], row["files"], row["missing"], damaged,
                )
            )  # fmt: skip
    found.sort(key=lambda c: (_RANK[c.readiness], bool(c.missing), c.effort, c.complexity, c.key))
    return list(_named(found, names or {}))


def _sources(estate: Estate, application: int) -> tuple[str, ...]:
    """Back ends first, then a front end of each kind: the master of its family where it is one of these."""
    rows = estate.ask(
        "SELECT f.path, f.modified, af.role, c.definitions, m.relation FROM application_file af "
        "JOIN file f ON f.id = af.file JOIN content c ON c.digest = f.digest "
        "LEFT JOIN family_member m ON m.file = f.id WHERE af.application = ? AND f.state = ? ORDER BY f.path",
        application, FileState.ASSESSED,
    )  # fmt: skip
    backs = [r["path"] for r in rows if r["role"] != "front end"]
    fronts: dict[str, tuple[bool, int, str]] = {}
    for row in rows:
        if row["role"] == "front end":
            rank = (row["relation"] == Kinship.MASTER, row["modified"], row["path"])
            key = row["definitions"] or row["path"]
            fronts[key] = max(fronts.get(key, rank), rank)
    return (*backs, *sorted(path for _, _, path in fronts.values()))


def _named(found: Iterable[Candidate], names: Mapping[str, str]) -> Iterable[Candidate]:
    taken = {n.casefold() for n in names.values()}
    for one in found:
        if one.key in names:
            yield replace(one, name=names[one.key])
            continue
        name = project_name(one.name)
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name}-{number}", number + 1
        taken.add(unique.casefold())
        yield replace(one, name=unique)


def project_name(text: str) -> str:
    """A name that any system takes for a file, and SQL Server for a database or a schema: letters, digits, hyphens."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.replace("ß", "ss")) if not unicodedata.combining(c))
    made = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()[:LONGEST].strip("-")
    return f"db-{made}".strip("-") if not made or not made[0].isalpha() else made


def waves(found: Sequence[Candidate], *, most: int, minutes: int) -> list[Candidate]:
    """Each with its wave, from 1: as they come, a new one where the wave has its number, or its minutes, of work."""
    result, wave, count, spent = [], 1, 0, 0
    for one in found:
        if count and (count >= most or spent + one.effort > minutes):
            wave, count, spent = wave + 1, 0, 0
        result.append(replace(one, wave=wave))
        count, spent = count + 1, spent + one.effort
    return result
