"""The manifest of a package: files with rows and SHA-256, for people and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from wizard import __version__, escaping
from wizard.messages import Message
from wizard.objects import ServerTable
from wizard.package.append_thread import digest_of
from wizard.package.bcp_rows import Terminators
from wizard.package.versions import VersionNeed, VersionNeeds
from wizard.sink import OrphanedRows

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
RESULT: Final = "deployed.json"
"""what the deployment commands write: not one of the package's files, and no sum is kept of it"""
BCP: Final = "bcp -c"
"""the format of a data file"""
SQL: Final = "sql"
"""the format of a file of INSERT statements"""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A data file (with terminators) or a file of INSERT statements (without)."""

    path: str
    """relative to the package, with forward slashes"""
    rows: int
    size: int
    sha256: str
    terminators: Terminators | None = None
    identity: bool = False
    """it has values for the table's identity column"""


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A table's files and rows."""

    table: ServerTable
    files: tuple[FileEntry, ...]
    rows: int
    rejected: int
    complete: bool
    """its source was read to the end"""
    fields: tuple[str, ...] = ()
    """columns that its data files have fields for; empty where they have one for each of the table's"""
    unread: int = 0
    """rows that could not be read in the source, about"""
    beyond_ascii: Mapping[str, int] = field(default_factory=dict)
    """texts with characters beyond ASCII, by column kept in a code page: whether it holds them, only the database that
    they come to can say"""


@dataclass(frozen=True, slots=True)
class ScriptEntry:
    """A script, in the order of running."""

    path: str
    title: str
    statements: int
    after_data: bool
    sha256: str


def file_entry(
    folder: Path, path: Path, rows: int, *, sha256: str = "", ends: Terminators | None = None, identity: bool = False
) -> FileEntry:
    """The entry of a finished file. `sha256` is of what was written; empty where only the disk knows it."""
    size = path.stat().st_size
    digest = sha256 or digest_of(path, size).hexdigest()
    return FileEntry(path.relative_to(folder).as_posix(), rows, size, digest, ends, identity)


def as_json(
    name: str,
    scripts: Sequence[ScriptEntry],
    tables: Sequence[TableEntry],
    others: Mapping[str, str],
    orphans: Sequence[OrphanedRows] = (),
    *,
    versions: VersionNeeds | None = None,
    missing: Sequence[str] = (),
    less_guarded: Sequence[Message] = (),
) -> bytes:
    """The manifest: no clock, no path of this machine, so that equal inputs give equal bytes.

    `others` are the SHA-256 of all other files but the check sums and this one, by path. `orphans` are foreign keys
    that are left unchecked, as rows that they refer to were rejected. `versions` are those of the scripts,
    `missing` tables that were chosen and are not in the package, `less_guarded` says which foreign keys and unique
    indexes were left out or made plain.
    """
    known = versions or VersionNeeds()
    content = {
        "package": name,
        "written_by": f"jetferry {__version__}",
        "written_for": f"SQL Server {known.written_for.value}",
        "needs": _needs(known.needs),
        "encoding": "utf-8",
        "complete": not missing and all(t.complete for t in tables if _has_source(t)),
        "missing": list(missing),
        "rejected": sum(t.rejected for t in tables),
        "unread": sum(t.unread for t in tables),
        "unchecked": [
            {"schema": o.child.schema, "table": o.child.name, "foreign_key": o.key, "rows": o.count} for o in orphans
        ],
        "less_guarded": [
            {"code": m.code, "table": m.place.name, "name": m.place.part, "because": m.text} for m in less_guarded
        ],
        "beyond_ascii": sum(n for t in tables for n in t.beyond_ascii.values()),
        "scripts": [
            {"path": s.path, "statements": s.statements, "after_data": s.after_data, "sha256": s.sha256}
            for s in scripts
        ],
        "tables": [_table(t) for t in tables],
        "others": [{"path": path, "sha256": digest} for path, digest in others.items()],
    }
    return (escaping.as_json(content) + "\n").encode()


def _needs(needs: VersionNeed) -> dict[str, Any]:
    level = needs.compatibility
    facts: dict[str, Any] = {"version": needs.product, "because_of": needs.why}
    if level.level:
        facts["compatibility_level"] = {"lowest": level.level, "because_of": level.why}
    return facts


def _has_source(entry: TableEntry) -> bool:
    return entry.table.source is not None


def _table(entry: TableEntry) -> dict[str, Any]:
    return {
        "schema": entry.table.name.schema,
        "name": entry.table.name.name,
        "source": entry.table.source.table if entry.table.source else None,
        "rows": entry.rows,
        "rejected": entry.rejected,
        "unread": entry.unread,
        "beyond_ascii": dict(entry.beyond_ascii),
        "complete": entry.complete,
        "columns": [{"name": c.name, "type": str(c.type), "nullable": c.nullable} for c in entry.table.columns],
        "fields": list(entry.fields) or [c.name for c in entry.table.columns],
        "files": [_file(f) for f in entry.files],
    }


def _file(entry: FileEntry) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "path": entry.path,
        "format": BCP if entry.terminators else SQL,
        "rows": entry.rows,
        "bytes": entry.size,
        "sha256": entry.sha256,
    }
    if entry.terminators:
        facts["field_terminator"] = entry.terminators.field.decode()
        facts["row_terminator"] = entry.terminators.row.decode()
        facts["keep_identity"] = entry.identity
    return facts
