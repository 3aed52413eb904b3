"""The estate as screens show it: rows that are sorted, filtered and folded, and what is done from there.

Each call opens the estate's file for itself, so that any thread may ask.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from wizard.estate.derivation import derive
from wizard.estate.engines import LocalEngine
from wizard.estate.model import FileState, Readiness
from wizard.estate.overview import Overview, WorkRow, overview, work_rows
from wizard.estate.plan import SUFFIX as PLAN_SUFFIX
from wizard.estate.plan import Planned, plan, read_plan
from wizard.estate.run import OnWork, WaveResult, run
from wizard.estate.scan import OnProgress, ScanResult, scan
from wizard.estate.store import SUFFIX, Estate, estate_folder
from wizard.plurals import counted, hours

WAVE_SIZE: Final = 20
WAVE_MINUTES: Final = 2400


class SortBy(StrEnum):
    """How the list is sorted; each begins with what people look for by it."""

    WORST = "worst first"
    NAME = "name"
    SIZE = "size"
    ROWS = "rows"
    AGE = "last change"


@dataclass(frozen=True, slots=True)
class DatabaseRow:
    """A database in the list."""

    id: int
    path: str
    name: str
    state: FileState
    readiness: Readiness
    effort: int
    rows: int
    size: int
    modified: str
    family: int
    """0 where it is alone"""
    relation: str
    members: int
    """of its family"""
    dead: bool
    application: str

    @property
    def worst(self) -> tuple[object, ...]:
        """By which the worst comes first."""
        rank = (Readiness.NOT, Readiness.WORK, Readiness.ITSELF).index(self.readiness)
        return (rank, -self.effort, self.path)


_KEYS: Final[dict[SortBy, Callable[[DatabaseRow], object]]] = {
    SortBy.WORST: lambda r: r.worst,
    SortBy.NAME: lambda r: (r.name.casefold(), r.path),
    SortBy.SIZE: lambda r: (-r.size, r.path),
    SortBy.ROWS: lambda r: (-r.rows, r.path),
    SortBy.AGE: lambda r: (r.modified, r.path),
}


_ROWS: Final = (
    "SELECT f.id, f.path, f.name, f.state, coalesce(c.readiness, 'not') AS readiness, coalesce(c.effort, 0) AS effort, "
    "coalesce(c.rows, 0) AS rows, f.size, date(f.modified / 1000000000, 'unixepoch') AS modified, "
    "coalesce(m.family, 0) AS family, coalesce(m.relation, '') AS relation, coalesce(fm.files, 1) AS members, "
    "coalesce(af.dead, 0) AS dead, coalesce(a.name, '') AS application FROM file f "
    "LEFT JOIN content c ON c.digest = f.digest AND f.state = 'assessed' "
    "LEFT JOIN family_member m ON m.file = f.id LEFT JOIN family fm ON fm.id = m.family "
    "LEFT JOIN application_file af ON af.file = f.id LEFT JOIN application a ON a.id = af.application "
    "WHERE f.gone = 0 AND f.state <> 'archive'"
)


def _database(r: sqlite3.Row) -> DatabaseRow:
    return DatabaseRow(
        r["id"], r["path"], r["name"], FileState(r["state"]), Readiness(r["readiness"]), r["effort"], r["rows"],
        r["size"], r["modified"], r["family"], r["relation"], r["members"], bool(r["dead"]), r["application"],
    )  # fmt: skip


def arranged(rows: Sequence[DatabaseRow], order: SortBy, words: str = "", *, folded: bool = True) -> list[DatabaseRow]:
    """Those that have all words, in order; of families the master alone where they are folded."""
    wanted = words.casefold().split()
    found = [r for r in rows if not wanted or all(w in f"{r.path}\n{r.application}".casefold() for w in wanted)]
    if folded:
        found = [r for r in found if not r.family or r.relation == "master"]
    return sorted(found, key=_KEYS[order])  # type: ignore[arg-type]


def in_common(rows: Sequence[DatabaseRow]) -> int:
    """How many characters of folders all paths begin with."""
    if len(rows) < 2:
        return 0
    try:
        return len(os.path.commonpath([r.path for r in rows])) + 1
    except ValueError:  # several drives
        return 0


def estates(folder: Path) -> list[Path]:
    """The estates that lie in a folder."""
    try:
        return sorted(p for p in folder.glob(f"*{SUFFIX}") if p.is_dir())
    except OSError:
        return []


class Browser:
    """An estate for a screen."""

    def __init__(self, path: Path) -> None:
        self.folder = estate_folder(path)
        self.name = self.folder.name.removesuffix(SUFFIX)

    @property
    def plan_file(self) -> Path:
        """Where its plan is, or would be."""
        return self.folder.with_name(self.name + PLAN_SUFFIX)

    @property
    def exists(self) -> bool:
        """Whether it was made already."""
        return self.folder.exists()

    def overview(self) -> Overview:
        """Its figures. Raises ProjectError."""
        with Estate.open(self.folder) as estate:
            return overview(estate)

    def roots(self) -> list[str]:
        """The folders that earlier scans went through. Raises ProjectError."""
        with Estate.open(self.folder) as estate:
            return [r[0] for r in estate.ask("SELECT path FROM root ORDER BY 1")]

    def rows(self) -> list[DatabaseRow]:
        """All databases. Raises ProjectError."""
        with Estate.open(self.folder) as estate:
            return [_database(r) for r in estate.db.execute(_ROWS)]

    def facts(self, file: int) -> list[tuple[str, str]]:
        """What is known of a database: titles and texts. Raises ProjectError."""
        with Estate.open(self.folder) as estate:
            return _facts(estate, file)

    def work(self) -> list[WorkRow]:
        """The applications of the plan, as they stand; those that were never begun too. Raises ProjectError."""
        with Estate.open(self.folder) as estate:
            begun = {(r.name, r.wave): r for r in work_rows(estate, self.plan_file.name)}
            if not self.plan_file.exists():
                return list(begun.values())
            entries = read_plan(self.plan_file, self.name).entries
            rows = [
                begun.get((e.name, e.wave))
                or WorkRow("", e.wave, e.name, "waiting", e.target, e.responsible, 0, 0, 0, "", "", "", "", 0)
                for e in entries
            ]
            return sorted(rows, key=lambda r: (r.wave, r.name))

    # doing

    def scan(self, folders: Sequence[Path], stopped: Callable[[], bool], on_progress: OnProgress) -> ScanResult:
        """Make it where it is not there, and bring it up to date. Raises ProjectError."""
        engine = LocalEngine()
        try:
            with Estate.open(self.folder, make=True) as estate:
                return scan(estate, folders, engine, stopped=stopped, on_progress=on_progress, derive=derive)
        finally:
            engine.close()

    def plan(self) -> Planned:
        """Write the plan, or bring it up to date. Raises ProjectError, OSError."""
        with Estate.open(self.folder) as estate:
            return plan(estate, self.plan_file, most=WAVE_SIZE, minutes=WAVE_MINUTES)

    def servers(self, wave: int) -> tuple[str, ...]:
        """The servers that a wave would write to. Raises ProjectError."""
        return tuple(sorted({e.server for e in read_plan(self.plan_file, self.name).entries if e.wave == wave} - {""}))

    def run(self, wave: int, stopped: Callable[[], bool], on_work: OnWork) -> WaveResult:
        """Run a wave of the plan. Raises ProjectError."""
        with Estate.open(self.folder) as estate:
            return run(estate, read_plan(self.plan_file, self.name), wave, stopped=stopped, on_work=on_work)


def _facts(estate: Estate, file: int) -> list[tuple[str, str]]:
    (row,) = estate.ask("SELECT * FROM database WHERE id = ?", file)
    found = [("File", row["path"]), ("Owner", row["owner"]), ("Last change", str(row["modified"]))]
    if row["state"] != FileState.ASSESSED:
        return [*found, ("Not read", f"{row['state']}: {row['problem']}")]
    made = [f"made or compacted {row['made'][:10]}"] * bool(row["made"])
    made += [f"designed {row['designed'][:10]}"] * bool(row["designed"])
    found += [
        ("Format", ", ".join([row["format"], f"{row['size'] / 1e6:,.1f} MB", *made])),
        ("Holds", ", ".join(counted(row[key], one, many) for key, one, many in _HELD)),
        ("Converts", f"{row['readiness']}: {int(row['share'] * 100)} % of the objects; work: {hours(row['effort'])}"),
    ]  # fmt: skip
    if row["note"]:
        found.append(("Reading", row["note"]))
    if row["dead"]:
        found.append(("Dead", row["dead_why"]))
    found += _relations(estate, file, row["family"])
    found += [
        ("Personal", f"{p['access_table']}.{p['column_name']}: {p['kind']}, {p['confidence']:.0%} by {p['why']}")
        for p in estate.ask("SELECT * FROM personal WHERE digest = ? ORDER BY confidence DESC LIMIT 12", row["digest"])
    ]
    messages = estate.ask("SELECT * FROM message WHERE digest = ? ORDER BY effort DESC, count DESC", row["digest"])
    return found + [
        (f"JF{m['number']}", f"{m['severity']}: {m['title']} ({counted(m['count'], 'time')})") for m in messages
    ]


_HELD: Final = (
    ("tables", "table", ""), ("rows", "row", ""), ("queries", "query", "queries"), ("forms", "form", ""),
    ("reports", "report", ""), ("macros", "macro", ""), ("code_lines", "line of code", "lines of code"),
)  # fmt: skip


def _relations(estate: Estate, file: int, family: int | None) -> list[tuple[str, str]]:
    found = []
    for member in estate.ask(  # what it is itself stands first, and what the master is
        "SELECT f.path, m.relation, m.why FROM family_member m JOIN file f ON f.id = m.file WHERE m.family = ? "
        "ORDER BY m.file = ? DESC, m.relation = 'master' DESC, f.path LIMIT 12",
        family or 0, file,
    ):  # fmt: skip
        found.append(("Family", f"{member['relation']}: {member['path']} ({member['why']})"))
    for edge in estate.ask(
        "SELECT e.kind, e.target, e.tables, e.state, t.path FROM edge e LEFT JOIN file t ON t.id = e.target_file "
        "WHERE e.file = ? LIMIT 12",
        file,
    ):
        where = f", at {edge['path']}" if edge["path"] else ""
        found.append(("Links to", f"{edge['target']} ({edge['kind']}, {edge['state']}{where})"))
    for edge in estate.ask(
        "SELECT f.path FROM edge e JOIN file f ON f.id = e.file WHERE e.target_file = ? LIMIT 12", file
    ):
        found.append(("Linked from", edge["path"]))
    return found
