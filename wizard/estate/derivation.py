"""What is derived from all files of an estate together, again after each scan: links, families, applications."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from functools import lru_cache
from typing import Final

from wizard.estate.applications import KnownFile, applications
from wizard.estate.families import Family, Kinship, Member, Tables, families
from wizard.estate.links import Edge, LinkNode, edges
from wizard.estate.model import READING, FileState, Readiness
from wizard.estate.store import Estate
from wizard.messages import CATALOGUE, Topic

DEAD_MONTHS = "dead_months"

_SALVAGED: Final = ", ".join(str(n) for n, entry in CATALOGUE.items() if entry.topic is Topic.SALVAGED)
DAMAGED: Final = (
    "EXISTS (SELECT 1 FROM message m WHERE m.digest = f.digest "
    f"AND m.about = '{READING}' AND m.number IN ({_SALVAGED}))"
)
"""whether of file `f` something could not be read, for SELECT"""


def derive(estate: Estate) -> None:
    """Find what hangs together. Quick: nothing is read but the estate's file."""
    files = estate.ask(
        "SELECT f.*, c.definitions, c.rows, c.effort, c.complexity, c.readiness, "
        "c.queries + c.forms + c.reports + c.macros + c.modules AS objects, "
        f"{DAMAGED} AS damaged FROM file f "
        "LEFT JOIN content c ON c.digest = f.digest AND f.state = ? WHERE f.gone = 0 AND f.state <> ? ORDER BY f.path",
        FileState.ASSESSED, FileState.ARCHIVE,
    )  # fmt: skip
    found_edges = edges([LinkNode(f["id"], f["path"], f["digest"]) for f in files], _links(estate))
    into: dict[int, int] = defaultdict(int)
    for edge in found_edges:
        if edge.to is not None:
            into[edge.to] += 1
    members = [
        Member(f["id"], f["path"], f["digest"], f["definitions"] or "", f["modified"], f["rows"] or 0, into[f["id"]])
        for f in files
        if f["state"] == FileState.ASSESSED
    ]
    found_families = families(members, _definitions(estate, members), _tables(estate))
    relations: dict[int, tuple[Kinship, int]] = {
        m.file: (m.relation, family.master.id) for family in found_families for m in family.members
    }
    known = [
        KnownFile(
            f["id"], f["path"], f["size"], f["modified"], f["state"] == FileState.ASSESSED, f["definitions"] or "",
            f["rows"] or 0, f["objects"] or 0, f["effort"] or 0, f["complexity"] or 0,
            Readiness(f["readiness"]) if f["readiness"] else Readiness.NOT, bool(f["damaged"]),
        )
        for f in files
    ]  # fmt: skip
    months = int(estate.about(DEAD_MONTHS, "24"))
    apps = applications(known, found_edges, relations, now=time.time_ns(), dead_months=months)
    with estate.db as db:
        for table in ("edge", "family", "family_member", "application", "application_file"):
            db.execute(f"DELETE FROM {table}")
        _keep_edges(estate, found_edges)
        _keep_families(estate, found_families)
        for number, app in enumerate(apps, 1):
            roles = [p.role for p in app.parts]
            db.execute(
                f"INSERT INTO application VALUES ({', '.join('?' * 16)})",
                (number, app.name, app.key, len(app.parts), roles.count("back end"), roles.count("front end"), app.rows,
                 app.size, app.effort, app.complexity, app.readiness, app.dead, app.dead_why, app.copy_of, app.missing,
                 app.modified),
            )  # fmt: skip
            db.executemany(
                "INSERT INTO application_file VALUES (?, ?, ?, ?, ?)",
                [(p.file, number, p.role, p.dead, p.why) for p in app.parts],
            )


def _keep_edges(estate: Estate, found: list[Edge]) -> None:
    estate.db.executemany(
        "INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?)",
        [(e.file, e.kind, e.target, e.to, e.tables, e.state) for e in found],
    )


def _keep_families(estate: Estate, found: list[Family]) -> None:
    for number, family in enumerate(found, 1):
        name = os.path.basename(family.master.path)  # noqa: PTH119
        estate.db.execute(
            "INSERT INTO family VALUES (?, ?, ?, ?, ?)",
            (number, name, family.master.id, family.why, len(family.members)),
        )
        estate.db.executemany(
            "INSERT INTO family_member VALUES (?, ?, ?, ?, ?)",
            [(m.file, number, m.relation, m.alike, m.why) for m in family.members],
        )


def _links(estate: Estate) -> dict[str, list[tuple[str, str, int]]]:
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for row in estate.db.execute(
        "SELECT digest, kind, target, count(*) AS tables FROM link GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ):
        found[row["digest"]].append((row["kind"], row["target"], row["tables"]))
    return found


def _definitions(estate: Estate, members: list[Member]) -> dict[str, frozenset[str]]:
    """The fingerprints of each set of definitions, taken from one of the contents that have it."""
    one = {m.definitions: m.digest for m in members if m.definitions}
    wanted = set(one.values())
    found: dict[str, set[str]] = defaultdict(set)
    for row in estate.db.execute("SELECT digest, fingerprint FROM definition"):
        if row[0] in wanted:
            found[row[0]].add(row[1])
    return {key: frozenset(found[digest]) for key, digest in one.items()}


def _tables(estate: Estate) -> _Asked:
    return _Asked(estate)


class _Asked:
    """Rows and sketches of a content's tables, as they are asked for."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._kept = lru_cache(64)(self._read)

    def __call__(self, digest: str) -> Tables:
        return self._kept(digest)

    def _read(self, digest: str) -> Tables:
        rows = self._estate.ask("SELECT definition, keys, sketch FROM access_table WHERE digest = ?", digest)
        return {r["definition"]: (r["keys"], r["sketch"]) for r in rows}
