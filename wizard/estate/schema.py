"""The tables and views of `estate.sqlite`. Any tool that reads SQLite may ask them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from wizard.estate.model import FileState, Readiness, WorkState

VERSION: Final = 1

TABLES: Final = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE root (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE scan (
    id INTEGER PRIMARY KEY, began TEXT NOT NULL, ended TEXT, folders INTEGER NOT NULL DEFAULT 0,
    found INTEGER NOT NULL DEFAULT 0, looked_at INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0
);
CREATE TABLE trouble (scan INTEGER NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL);

-- a place on the disk
CREATE TABLE file (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, folder TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, owner TEXT NOT NULL DEFAULT '',
    found_by TEXT NOT NULL DEFAULT 'name', state TEXT NOT NULL DEFAULT 'waiting', digest TEXT NOT NULL DEFAULT '',
    number INTEGER NOT NULL DEFAULT 0, text TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
    megabytes INTEGER NOT NULL DEFAULT 0, first_scan INTEGER NOT NULL, last_scan INTEGER NOT NULL,
    looked_at TEXT NOT NULL DEFAULT '', gone INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX file_digest ON file (digest);
CREATE INDEX file_state ON file (state, gone);
CREATE TABLE archived (
    archive INTEGER NOT NULL REFERENCES file (id), name TEXT NOT NULL, size INTEGER NOT NULL, modified TEXT NOT NULL
);
CREATE INDEX archived_archive ON archived (archive);

-- what files hold: one row for all that are the same byte by byte
CREATE TABLE content (
    digest TEXT PRIMARY KEY, size INTEGER NOT NULL, format TEXT NOT NULL, code_page TEXT NOT NULL,
    encrypted INTEGER NOT NULL, workgroup INTEGER NOT NULL, made TEXT NOT NULL, designed TEXT NOT NULL,
    tables INTEGER NOT NULL, rows INTEGER NOT NULL, rows_read INTEGER NOT NULL, queries INTEGER NOT NULL,
    forms INTEGER NOT NULL, reports INTEGER NOT NULL, macros INTEGER NOT NULL, modules INTEGER NOT NULL,
    code_lines INTEGER NOT NULL, compiled_only INTEGER NOT NULL, share REAL NOT NULL, effort INTEGER NOT NULL,
    errors INTEGER NOT NULL, warnings INTEGER NOT NULL, complexity INTEGER NOT NULL, readiness TEXT NOT NULL,
    definitions TEXT NOT NULL, note TEXT NOT NULL, jetferry TEXT NOT NULL, assessed TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX content_size ON content (size);
CREATE INDEX content_definitions ON content (definitions);
CREATE TABLE access_table (
    digest TEXT NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL, columns INTEGER NOT NULL,
    definition TEXT NOT NULL, keys INTEGER NOT NULL, sketch BLOB NOT NULL
);
CREATE INDEX access_table_digest ON access_table (digest);
CREATE TABLE definition (
    digest TEXT NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (digest, fingerprint)
) WITHOUT ROWID;
CREATE TABLE link (
    digest TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, foreign_name TEXT NOT NULL
);
CREATE INDEX link_digest ON link (digest);
CREATE TABLE message (
    digest TEXT NOT NULL, about TEXT NOT NULL, number INTEGER NOT NULL, severity TEXT NOT NULL,
    title TEXT NOT NULL, count INTEGER NOT NULL, effort INTEGER NOT NULL, places TEXT NOT NULL
);
CREATE INDEX message_digest ON message (digest);
CREATE TABLE counted (
    digest TEXT NOT NULL, category TEXT NOT NULL, converted INTEGER NOT NULL, partly INTEGER NOT NULL,
    failed INTEGER NOT NULL, PRIMARY KEY (digest, category)
) WITHOUT ROWID;
CREATE TABLE personal (
    digest TEXT NOT NULL, access_table TEXT NOT NULL, column_name TEXT NOT NULL, kind TEXT NOT NULL,
    confidence REAL NOT NULL, why TEXT NOT NULL
);
CREATE INDEX personal_digest ON personal (digest);

-- what follows from all of it; written again after each scan
CREATE TABLE family (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, master INTEGER NOT NULL, why TEXT NOT NULL, files INTEGER NOT NULL
);
CREATE TABLE family_member (
    file INTEGER PRIMARY KEY, family INTEGER NOT NULL, relation TEXT NOT NULL, alike REAL NOT NULL, why TEXT NOT NULL
);
CREATE TABLE edge (
    file INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, target_file INTEGER, tables INTEGER NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX edge_file ON edge (file);
CREATE TABLE application (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, files INTEGER NOT NULL,
    back_ends INTEGER NOT NULL, front_ends INTEGER NOT NULL, rows INTEGER NOT NULL, size INTEGER NOT NULL,
    effort INTEGER NOT NULL, complexity INTEGER NOT NULL, readiness TEXT NOT NULL, dead INTEGER NOT NULL,
    dead_why TEXT NOT NULL, copy_of TEXT NOT NULL, missing INTEGER NOT NULL, modified INTEGER NOT NULL
);
CREATE TABLE application_file (
    file INTEGER PRIMARY KEY, application INTEGER NOT NULL, role TEXT NOT NULL, dead INTEGER NOT NULL,
    dead_why TEXT NOT NULL
);
CREATE INDEX application_file_application ON application_file (application);

-- what was proposed and what became of it
CREATE TABLE proposed (
    plan TEXT NOT NULL, key TEXT NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (plan, key)
) WITHOUT ROWID;
CREATE TABLE work (
    plan TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, wave INTEGER NOT NULL, project TEXT NOT NULL,
    target TEXT NOT NULL, responsible TEXT NOT NULL DEFAULT '', state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, began TEXT NOT NULL DEFAULT '', ended TEXT NOT NULL DEFAULT '',
    status INTEGER, detail TEXT NOT NULL DEFAULT '', verdict TEXT NOT NULL DEFAULT '',
    rows INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0, certificate TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (plan, key)
) WITHOUT ROWID;
"""

VIEWS: Final = """
CREATE VIEW database AS
SELECT f.id, f.path, f.name, f.folder, f.size, datetime(f.modified / 1000000000, 'unixepoch') AS modified, f.owner,
    f.state, f.text AS problem, f.found_by, f.digest, c.format, c.made, c.designed, c.encrypted, c.workgroup, c.tables,
    c.rows, c.queries, c.forms, c.reports, c.macros, c.modules, c.code_lines, c.share, c.effort, c.errors, c.warnings,
    c.complexity, coalesce(c.readiness, 'not') AS readiness, c.note, m.family, m.relation, fm.name AS family_name,
    af.application, af.role, coalesce(af.dead, 0) AS dead, coalesce(af.dead_why, '') AS dead_why,
    a.name AS application_name,
    (SELECT count(*) FROM personal p WHERE p.digest = f.digest AND p.digest <> '') AS personal,
    (SELECT count(*) FROM edge e WHERE e.file = f.id AND e.state = 'missing') AS missing_links
FROM file f LEFT JOIN content c ON c.digest = f.digest AND f.state = 'assessed'
LEFT JOIN family_member m ON m.file = f.id LEFT JOIN family fm ON fm.id = m.family
LEFT JOIN application_file af ON af.file = f.id LEFT JOIN application a ON a.id = af.application
WHERE f.gone = 0 AND f.state <> 'archive';
CREATE VIEW formats AS
SELECT coalesce(format, state) AS format, count(*) AS files, sum(size) AS bytes, coalesce(sum(rows), 0) AS rows
FROM database GROUP BY 1 ORDER BY 2 DESC;
CREATE VIEW ages AS
SELECT CAST(strftime('%Y', modified) AS INTEGER) AS year, count(*) AS files, sum(size) AS bytes
FROM database GROUP BY 1 ORDER BY 1;
CREATE VIEW owners AS
SELECT owner, count(*) AS files, sum(size) AS bytes, coalesce(sum(effort), 0) AS effort FROM database
GROUP BY 1 ORDER BY 2 DESC;
CREATE VIEW copies AS
SELECT m.family, fm.name, f.path, m.relation, m.alike, m.why, f.id = fm.master AS master
FROM family_member m JOIN family fm ON fm.id = m.family JOIN file f ON f.id = m.file ORDER BY m.family, master DESC;
CREATE VIEW links AS
SELECT f.path, e.kind, e.target, t.path AS target_path, e.tables, e.state FROM edge e JOIN file f ON f.id = e.file
LEFT JOIN file t ON t.id = e.target_file WHERE f.gone = 0;
CREATE VIEW missing_targets AS
SELECT e.target, e.kind, count(*) AS files, sum(e.tables) AS tables FROM edge e WHERE e.state = 'missing'
GROUP BY 1, 2 ORDER BY 3 DESC;
CREATE VIEW dead AS SELECT path, dead_why, modified, rows, size FROM database WHERE dead = 1;
CREATE VIEW personal_columns AS
SELECT d.path, p.access_table, p.column_name, p.kind, p.confidence, p.why FROM database d
JOIN personal p ON p.digest = d.digest ORDER BY p.confidence DESC;
CREATE VIEW messages AS
SELECT m.number, m.severity, m.title, m.about, count(DISTINCT d.id) AS databases, sum(m.count) AS times,
    sum(m.effort) AS effort
FROM database d JOIN message m ON m.digest = d.digest GROUP BY m.number, m.severity, m.about
ORDER BY effort DESC, times DESC;
CREATE VIEW readiness AS
SELECT readiness, count(*) AS databases, coalesce(sum(effort), 0) AS effort, coalesce(sum(rows), 0) AS rows
FROM database GROUP BY 1;
CREATE VIEW unreadable AS SELECT path, state, problem FROM database WHERE state <> 'assessed';
CREATE VIEW archives AS
SELECT f.path AS archive, a.name, a.size, a.modified FROM archived a JOIN file f ON f.id = a.archive WHERE f.gone = 0;
"""

_WORDS: Final[dict[tuple[str, str], type[StrEnum]]] = {
    ("file", "state"): FileState,
    ("content", "readiness"): Readiness,
    ("application", "readiness"): Readiness,
    ("work", "state"): WorkState,
}
"""columns that hold one of a few words"""
_REFERENCES: Final = (
    ("family", "master", "file", "id"), ("family_member", "file", "file", "id"), ("edge", "file", "file", "id"),
    ("edge", "target_file", "file", "id"), ("application_file", "file", "file", "id"),
    ("archived", "archive", "file", "id"), ("family_member", "family", "family", "id"),
    ("application_file", "application", "application", "id"), ("file", "digest", "content", "digest"),
)  # fmt: skip
"""columns that name a row of another table, and its key; only files that were assessed have a content"""
_JSON: Final[tuple[tuple[str, str, type], ...]] = (("proposed", "entry", dict), ("message", "places", list))
"""columns that hold JSON, and what it is"""
_NUMBERS: Final = ("salt", "dead_months")
"""facts of the estate itself that are numbers"""


def unsound(db: sqlite3.Connection) -> str:
    """What an estate's file holds that Jetferry never writes; empty where there is nothing such.

    SQLite keeps any value in any column, and nothing that leads nowhere is refused. Raises sqlite3.DatabaseError.
    """
    return next(_unsound(db), "")


def _unsound(db: sqlite3.Connection) -> Iterator[str]:
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for _, column, kind, needed, _, _ in db.execute(f"PRAGMA table_info({table})").fetchall():
            kinds = {kind.lower()} | ({"null"} if not needed else set())
            found = {r[0] for r in db.execute(f"SELECT DISTINCT typeof({column}) FROM {table}")}
            yield from (f"{column} of {table} holds a value that is {k}" for k in sorted(found - kinds))
    for (table, column), words in _WORDS.items():
        known = ", ".join(f"'{w}'" for w in words)
        if db.execute(f"SELECT 1 FROM {table} WHERE {column} NOT IN ({known})").fetchone():
            yield f"{column} of {table} holds none of its words"
    for table, column, other, key in _REFERENCES:
        of = " AND state = 'assessed'" if column == "digest" else ""
        if db.execute(f"SELECT 1 FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {other}){of}").fetchone():
            yield f"{column} of {table} names a {other} that is not there"
    for table, column, shape in _JSON:
        if not all(_is_json(text, shape) for (text,) in db.execute(f"SELECT {column} FROM {table}")):
            yield f"{column} of {table} is not as it must be"
    for key, value in db.execute("SELECT key, value FROM about"):
        if key in _NUMBERS and not value.isdecimal():
            yield f"{key} is no number"


def _is_json(text: str, kind: type) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        return False


EXPORTED: Final = (
    "database", "formats", "ages", "owners", "copies", "links", "missing_targets", "dead", "personal_columns",
    "messages", "readiness", "unreadable", "archives", "application", "access_tables", "work",
)  # fmt: skip
"""what is exported: views, and these by `query_of`"""


def query_of(name: str) -> str:
    """The statement that gives what is exported under a name."""
    if name == "access_tables":
        return (
            "SELECT d.path, t.name, t.rows, t.columns FROM database d JOIN access_table t ON t.digest = d.digest "
            "AND d.state = 'assessed'"
        )
    return f"SELECT * FROM {name}"
