"""The report's tables as data: columns and rows, and for each content what its assessment said."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from wizard.estate.overview import work_rows
from wizard.estate.store import Estate

_PLACES: Final = 3
_PLACE: Final = 80
"""characters of a place that are shown"""
_MOST: Final = 30
"""messages of a database in the report; the rest is in the estate's file"""

TEXT, DATE, PATH, STATE = "text", "date", "path", "state"
NUMBER, SIZE, EFFORT, SHARE = "number", "size", "effort", "share"


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of the report."""

    key: str
    title: str
    note: str
    columns: list[tuple[str, str]]
    """title and kind"""
    rows: list[list[Any]]


_TABLES: Final = (
    (
        "databases", "Databases", "Every file; a row opens its assessment. The worst first.",
        "SELECT path, readiness, substr(modified, 1, 10), format, size, tables, rows, queries, forms + reports, "
        "code_lines, round(share, 3), effort, errors, personal, coalesce(relation, ''), "
        "coalesce(application_name, ''), "
        "CASE WHEN dead THEN dead_why ELSE '' END, CASE WHEN state <> 'assessed' THEN state || ': ' || problem "
        "ELSE coalesce(note, '') END, digest FROM database "
        "ORDER BY CASE readiness WHEN 'not' THEN 0 WHEN 'with work' THEN 1 ELSE 2 END, effort DESC, path",
        ("file", PATH), ("converts", STATE), ("changed", DATE), ("format", TEXT), ("size", SIZE), ("tables", NUMBER),
        ("rows", NUMBER), ("queries", NUMBER), ("forms", NUMBER), ("code", NUMBER), ("share", SHARE), ("work", EFFORT),
        ("errors", NUMBER), ("personal", NUMBER), ("in its family", TEXT), ("application", TEXT), ("dead", TEXT),
        ("told", TEXT),
    ),
    (
        "applications", "Applications", "Files that hang together by links; the main file names them.",
        "SELECT name, readiness, files, front_ends, back_ends, rows, size, effort, complexity, missing, "
        "CASE WHEN dead THEN dead_why ELSE '' END, copy_of, key FROM application ORDER BY files DESC, effort DESC, key",
        ("application", TEXT), ("converts", STATE), ("files", NUMBER), ("front ends", NUMBER), ("back ends", NUMBER),
        ("rows", NUMBER), ("size", SIZE), ("work", EFFORT), ("complexity", NUMBER), ("missing", NUMBER),
        ("dead", TEXT), ("copy of", PATH), ("main file", PATH),
    ),
    (
        "families", "Families", "Files that come from one another, with the likely master and why.",
        "SELECT c.name, relation, path, round(alike, 2), c.why FROM copies c JOIN family f ON f.id = c.family "
        "ORDER BY f.files DESC, c.family, c.master DESC, path",
        ("family", TEXT), ("is", TEXT), ("file", PATH), ("alike", SHARE), ("why", TEXT),
    ),
    (
        "links", "Links and missing targets", "Where linked tables and pass-through queries lead.",
        "SELECT state, kind, target, count(*), sum(tables), coalesce(target_path, ''), min(path) FROM links "
        "GROUP BY state, kind, target, target_path ORDER BY CASE state WHEN 'missing' THEN 0 WHEN 'ambiguous' THEN 1 "
        "ELSE 2 END, 4 DESC",
        ("is", STATE), ("kind", TEXT), ("target", PATH), ("files", NUMBER), ("tables", NUMBER), ("found at", PATH),
        ("for one, from", PATH),
    ),
    (
        "personal", "Columns that look personal", "By name and by pattern; never the values.",
        "SELECT kind, round(confidence, 2), why, access_table, column_name, count(*), min(path) FROM personal_columns "
        "GROUP BY kind, confidence, why, access_table, column_name ORDER BY confidence DESC, 6 DESC",
        ("kind", TEXT), ("confidence", SHARE), ("by", TEXT), ("table", TEXT), ("column", TEXT), ("files", NUMBER),
        ("for one, in", PATH),
    ),
    (
        "messages", "Messages", "What the assessments said, over all databases.",
        "SELECT 'JF' || number, severity, about, title, databases, times, effort FROM messages",
        ("number", TEXT), ("severity", STATE), ("about", TEXT), ("what", TEXT), ("databases", NUMBER),
        ("times", NUMBER), ("work", EFFORT),
    ),
    (
        "unread", "Not read", "Files that cannot be read, and why.",
        "SELECT path, state, problem FROM unreadable ORDER BY state, path",
        ("file", PATH), ("is", STATE), ("why", TEXT),
    ),
    (
        "formats", "Formats", "", "SELECT format, files, bytes, rows FROM formats",
        ("format", TEXT), ("files", NUMBER), ("size", SIZE), ("rows", NUMBER),
    ),
    (
        "owners", "Owners", "Who owns the files, as the file system says.",
        "SELECT owner, files, bytes, effort FROM owners",
        ("owner", TEXT), ("files", NUMBER), ("size", SIZE), ("work", EFFORT),
    ),
    (
        "archives", "In archives", "Databases that ZIP archives name; they were not opened.",
        "SELECT archive, name, size, modified FROM archives",
        ("archive", PATH), ("name", TEXT), ("size", SIZE), ("changed", DATE),
    ),
    (
        "troubles", "Not looked at", "Folders that cannot be read, and links, which are not followed.",
        "SELECT path, reason FROM trouble WHERE scan = (SELECT max(id) FROM scan)",
        ("place", PATH), ("why", TEXT),
    ),
)  # fmt: skip


def tables(estate: Estate) -> list[ReportTable]:
    """All that have rows."""
    found = []
    for key, title, note, asked, *columns in _TABLES:
        rows = [list(r) for r in estate.ask(str(asked))]
        if rows:
            found.append(ReportTable(str(key), str(title), str(note), [(str(a), str(b)) for a, b in columns], rows))
    work = [
        [r.wave, r.name, r.state, r.verdict, r.rows, r.rejected, r.target, r.responsible, r.detail,
         r.certificate.removeprefix(f"{estate.folder}{os.sep}")]
        for r in work_rows(estate)
    ]  # fmt: skip
    if work:
        heads = [
            ("wave", NUMBER), ("application", TEXT), ("is", STATE), ("verdict", TEXT), ("rows", NUMBER),
            ("rows lost", NUMBER), ("to", TEXT), ("responsible", TEXT), ("detail", TEXT), ("certificate", PATH),
        ]  # fmt: skip
        note = f"What the plan says, and what became of it. Certificates lie below {estate.folder}."
        found.insert(0, ReportTable("work", "Waves at work", note, heads, work))
    return found


def details(estate: Estate) -> dict[str, Any]:
    """What the report opens of a database: messages with places, what converts, personal columns; by digest.

    Titles of messages stand once for all.
    """
    titles: dict[str, int] = {}
    messages: dict[str, list[Any]] = defaultdict(list)
    asked = (
        "SELECT * FROM message ORDER BY digest, CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, "
        "effort DESC"
    )
    for row in estate.db.execute(asked):
        if len(messages[row["digest"]]) < _MOST:
            title = f"{row['severity']}\tJF{row['number']} {row['title']}"
            places = [p[:_PLACE] for p in json.loads(row["places"])[:_PLACES] if p]
            messages[row["digest"]].append([titles.setdefault(title, len(titles)), row["count"], row["effort"], places])
    counts: dict[str, list[Any]] = defaultdict(list)
    for row in estate.db.execute("SELECT * FROM counted"):
        counts[row["digest"]].append([row["category"], row["converted"], row["partly"], row["failed"]])
    personal: dict[str, list[Any]] = defaultdict(list)
    for row in estate.db.execute("SELECT * FROM personal ORDER BY confidence DESC"):
        if len(personal[row["digest"]]) < _MOST:
            found = [row["access_table"], row["column_name"], row["kind"], round(row["confidence"], 2), row["why"]]
            personal[row["digest"]].append(found)
    known = messages.keys() | counts.keys() | personal.keys()
    return {
        "titles": list(titles),
        "of": {d: [messages.get(d, []), counts.get(d, []), personal.get(d, [])] for d in sorted(known)},
    }
