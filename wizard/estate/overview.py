"""Figures of an estate for status, report and screens, each a query to its file of state."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from filelock import FileLock, Timeout

from wizard.estate.model import Readiness
from wizard.estate.store import Estate
from wizard.plurals import counted

WORKING: Final = ("scan", "run")
"""what an estate can be at work with, by the names of locks"""


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known of an estate as a whole."""

    name: str
    folder: str
    scanned: str
    """when the last scan ended; empty where none has"""
    databases: int = 0
    contents: int = 0
    """that differ"""
    size: int = 0
    rows: int = 0
    tables: int = 0
    queries: int = 0
    forms: int = 0
    reports: int = 0
    code_lines: int = 0
    unread: int = 0
    families: int = 0
    copies: int = 0
    """files of which a family's master has everything"""
    applications: int = 0
    """that are alive and no copies"""
    dead: int = 0
    """databases"""
    personal: int = 0
    """databases with columns that look personal"""
    missing: int = 0
    """targets of links that are missing"""
    archived: int = 0
    """databases in archives"""
    troubles: int = 0
    effort: int = 0
    """minutes, over living applications that are no copies"""
    itself: int = 0
    work: int = 0
    impossible: int = 0
    waiting: int = 0

    @property
    def readiness(self) -> dict[Readiness, int]:
        """Databases by how far they convert."""
        return {Readiness.ITSELF: self.itself, Readiness.WORK: self.work, Readiness.NOT: self.impossible}


def overview(estate: Estate) -> Overview:
    """All figures at once."""
    d = estate.ask(
        "SELECT count(*) AS databases, count(DISTINCT nullif(digest, '')) AS contents, coalesce(sum(size), 0) AS size, "
        "coalesce(sum(rows), 0) AS rows, coalesce(sum(tables), 0) AS tables, coalesce(sum(queries), 0) AS queries, "
        "coalesce(sum(forms), 0) AS forms, coalesce(sum(reports), 0) AS reports, "
        "coalesce(sum(code_lines), 0) AS code_lines, sum(state <> 'assessed') AS unread, sum(dead) AS dead, "
        "sum(personal > 0) AS personal, sum(readiness = 'by itself') AS itself, sum(readiness = 'with work') AS work, "
        "sum(readiness = 'not') AS impossible, sum(state = 'waiting') AS waiting FROM database"
    )[0]
    living = "FROM application WHERE dead = 0 AND copy_of = ''"
    return Overview(
        estate.name,
        str(estate.folder),
        str(estate.one("SELECT max(ended) FROM scan") or ""),
        **{k: d[k] or 0 for k in d.keys()},  # noqa: SIM118  a row gives values when it is gone through
        families=estate.one("SELECT count(*) FROM family"),
        copies=estate.one(
            "SELECT count(*) FROM family_member WHERE relation IN ('same content', 'older state', 'part of the rows', "
            "'part of the definitions')"
        ),
        applications=estate.one(f"SELECT count(*) {living}"),
        missing=estate.one("SELECT count(*) FROM missing_targets"),
        archived=estate.one("SELECT count(*) FROM archives"),
        troubles=estate.one("SELECT count(*) FROM trouble WHERE scan = (SELECT max(id) FROM scan)"),
        effort=estate.one(f"SELECT coalesce(sum(effort), 0) {living}"),
    )


@dataclass(frozen=True, slots=True)
class WorkRow:
    """Where an application of a plan stands."""

    plan: str
    wave: int
    name: str
    state: str
    target: str
    responsible: str
    rows: int
    rejected: int
    done: int
    """rows that arrived so far"""
    verdict: str
    detail: str
    project: str
    certificate: str
    attempts: int


def work_rows(estate: Estate, plan: str = "", wave: int = 0) -> list[WorkRow]:
    """All applications of plans, by wave and name."""
    rows = estate.ask(
        "SELECT * FROM work WHERE (? = '' OR plan = ?) AND (? = 0 OR wave = ?) ORDER BY plan, wave, name, key",
        plan, plan, wave, wave,
    )  # fmt: skip
    return [WorkRow(**{k: r[k] for k in WorkRow.__slots__}) for r in rows]


def at_work(estate: Estate) -> tuple[str, ...]:
    """What other processes do with the estate now: `scan`, `run`."""
    found = []
    for what in WORKING:
        guard = FileLock(estate.folder / f"{what}.lock", timeout=0, mode=0o600)
        try:
            guard.acquire()
        except Timeout:
            found.append(what)
        else:
            guard.release()
    return tuple(found)


def status(estate: Estate) -> dict[str, Any]:
    """All of it as plain data, for `estate status --json`."""
    found = asdict(overview(estate))
    scan = estate.ask("SELECT * FROM scan ORDER BY id DESC LIMIT 1")
    return {
        **found,
        "at_work": list(at_work(estate)),
        "last_scan": dict(scan[0]) if scan else None,
        "states": {r[0]: r[1] for r in estate.ask("SELECT state, count(*) FROM file WHERE gone = 0 GROUP BY 1")},
        "applications_of_plans": [asdict(r) for r in work_rows(estate)],
    }


def summary(o: Overview) -> str:
    """The estate in one line."""
    living, copies = counted(o.applications, "living application"), counted(o.copies, "copy", "copies")
    differ = f"{counted(o.databases, 'database')} ({o.contents:,} that differ)"
    return f"{differ}, {living}, {copies}, {o.dead:,} dead, {o.unread:,} not read"
