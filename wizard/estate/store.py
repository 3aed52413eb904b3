"""The estate's state: one SQLite file in a folder that is its owner's alone."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from filelock import FileLock, Timeout

from wizard import __version__
from wizard.estate import schema
from wizard.estate.model import FileScan, FileState
from wizard.file_writing import PRIVATE, expanded, left_by_another
from wizard.messages import Kind, Place, ProjectError

SUFFIX: Final = ".jetferry-estate"
DATABASE: Final = "estate.sqlite"
_BUSY: Final = 30.0
"""seconds to wait for another process's transaction"""
_NOT_ITS_FAULT: Final = frozenset(
    [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY,
     sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM]
)  # fmt: skip
_CONTENT: Final = (
    "format", "code_page", "encrypted", "workgroup", "made", "designed", "tables", "rows", "rows_read", "queries",
    "forms", "reports", "macros", "modules", "code_lines", "compiled_only", "share", "effort", "errors", "warnings",
    "complexity", "readiness", "definitions", "note",
)  # fmt: skip


def now() -> str:
    """UTC, ISO to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def estate_folder(path: Path) -> Path:
    """`NAME` or `NAME.jetferry-estate`, absolute."""
    path = expanded(path).absolute()
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name + SUFFIX)


class Estate:
    """An estate's file. Use it in the thread that opened it."""

    def __init__(self, folder: Path, database: sqlite3.Connection) -> None:
        self.folder = folder
        self.db = database
        database.row_factory = sqlite3.Row

    @classmethod
    def open(cls, path: Path, *, make: bool = False) -> Estate:
        """Open an estate; with `make` it is made where it is not there.

        Raises ProjectError: 9000 absent, 9001 of a newer Jetferry, 9002 no estate, 8035 put there by somebody else.
        """
        folder = estate_folder(path)
        file = folder / DATABASE
        if folder.is_symlink() or left_by_another(folder):
            raise ProjectError(8035, Place(Kind.PROJECT), path=folder)
        if not file.exists():
            if not make:
                raise ProjectError(9000, Place(Kind.PROJECT), path=folder)
            _prepare(file)
        try:
            return cls(folder, _connected(file))
        except (sqlite3.DatabaseError, UnicodeDecodeError) as e:  # SQLite's words on a schema that is no text
            raise _unusable(file, e) from e

    @property
    def name(self) -> str:
        """As the folder is called."""
        return self.folder.name.removesuffix(SUFFIX)

    def close(self) -> None:
        """Close it."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        """Close it. What is wrong with the file is raised as a ProjectError: what SQLite found while it was used,
        or content that cannot be so."""
        damage = ""
        with suppress(sqlite3.DatabaseError):
            if isinstance(error, LookupError | TypeError | ValueError | ArithmeticError | AttributeError):
                damage = schema.unsound(self.db)
        with suppress(sqlite3.DatabaseError):
            self.close()
        if damage:
            raise ProjectError(9002, Place(Kind.PROJECT), path=self.folder / DATABASE, what=damage) from error
        if isinstance(error, sqlite3.DatabaseError):
            raise _unusable(self.folder / DATABASE, error) from error

    @contextmanager
    def lock(self, what: str) -> Iterator[None]:
        """One process at a time scans (or runs waves). Raises ProjectError 9003."""
        guard = FileLock(self.folder / f"{what}.lock", timeout=0, mode=0o600)
        try:
            guard.acquire()
        except Timeout:
            raise ProjectError(9003, Place(Kind.PROJECT), path=self.folder, what=what) from None
        try:
            yield
        finally:
            guard.release()

    # asking

    def ask(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a statement."""
        return self.db.execute(statement, values).fetchall()

    def one(self, statement: str, *values: Any) -> Any:
        """The first column of the first row; None where there is none."""
        row = self.db.execute(statement, values).fetchone()
        return row[0] if row else None

    def about(self, key: str, default: str = "") -> str:
        """A fact of the estate itself."""
        return str(self.one("SELECT value FROM about WHERE key = ?", key) or default)

    def remember(self, key: str, value: str) -> None:
        """Keep a fact of the estate itself."""
        with self.db:
            self.db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    @property
    def salt(self) -> int:
        """What makes this estate's fingerprints of keys its own."""
        return int(self.about("salt", "0"))

    # files

    def add_roots(self, roots: Iterable[Path]) -> None:
        """Remember the folders that are looked through."""
        with self.db:
            self.db.executemany("INSERT OR IGNORE INTO root VALUES (?)", [(str(r),) for r in roots])

    def known_digests(self, size: int) -> tuple[str, ...]:
        """Contents of a size that need not be looked at again."""
        return tuple(r[0] for r in self.ask("SELECT digest FROM content WHERE size = ? LIMIT 64", size))

    def record(self, file: int, found: FileScan) -> None:
        """Keep what a file's scan found; the caller commits."""
        self.db.execute(
            "UPDATE file SET state = ?, digest = ?, number = ?, text = ?, seconds = ?, megabytes = ?, looked_at = ?, "
            "attempts = attempts + 1, size = CASE WHEN ? > 0 THEN ? ELSE size END, "
            "modified = CASE WHEN ? > 0 THEN ? ELSE modified END WHERE id = ?",
            (found.state, found.digest, found.number, _storable(found.text), found.seconds, found.megabytes, now(),
             found.size, found.size, found.modified, found.modified, file),
        )  # fmt: skip
        self.db.execute("DELETE FROM archived WHERE archive = ?", (file,))
        self.db.executemany(
            "INSERT INTO archived VALUES (?, ?, ?, ?)", [(file, _storable(n), s, t) for n, s, t in found.members]
        )
        if found.facts is not None and found.digest:
            self.record_content(found.digest, found.size, found.facts)

    def record_content(self, digest: str, size: int, facts: dict[str, Any]) -> None:
        """Keep what a content holds, in the place of what was known of it; the caller commits."""
        for table in ("access_table", "definition", "link", "message", "counted", "personal"):
            self.db.execute(f"DELETE FROM {table} WHERE digest = ?", (digest,))
        names = ", ".join(("digest", "size", *_CONTENT, "jetferry", "assessed"))
        values = (digest, size, *(_storable(facts[k]) for k in _CONTENT), __version__, now())
        marks = ", ".join("?" * len(values))
        self.db.execute(f"INSERT OR REPLACE INTO content ({names}) VALUES ({marks})", values)
        self._many("access_table", digest, [(*r[:5], bytes.fromhex(r[5])) for r in facts["access_tables"]])
        self._many("definition", digest, [(f,) for f in dict.fromkeys(facts["fingerprints"])])
        self._many("link", digest, facts["links"])
        self._many("message", digest, [(*r[:-1], json.dumps(r[-1])) for r in facts["messages"]])
        self._many("counted", digest, facts["counts"])
        self._many("personal", digest, facts["personal"])

    def _many(self, table: str, digest: str, rows: Iterable[Sequence[Any]]) -> None:
        given = [(digest, *map(_storable, r)) for r in rows]
        if given:
            self.db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(given[0]))})", given)


def _storable(value: Any) -> Any:
    """Text that SQLite takes: halves of surrogate pairs, as names of files may have, become escapes."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _prepare(file: Path) -> None:
    """The folder and an empty file, both the owner's alone before anything is in them. Raises ProjectError 8007."""
    try:
        file.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        file.parent.chmod(PRIVATE)
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as e:
        raise ProjectError(8007, Place(Kind.PROJECT), path=file.parent, what=e.strerror or e) from e


def _unusable(file: Path, error: Exception) -> ProjectError:
    """9007 where the file is not to blame: a full or failing disk, a lock, no right to it; else 9002, damaged."""
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if primary in _NOT_ITS_FAULT:
        return ProjectError(9007, Place(Kind.PROJECT), what=file, why=error)
    return ProjectError(9002, Place(Kind.PROJECT), path=file, what=error)


def _connected(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=_BUSY)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        _fit(db, file)
    except BaseException:
        db.close()
        raise
    return db


def _fit(db: sqlite3.Connection, file: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > schema.VERSION:
        raise ProjectError(9001, Place(Kind.PROJECT), path=file, found=version, known=schema.VERSION)
    if version == 0:
        _fill(db)


def _fill(db: sqlite3.Connection) -> None:
    """All of the schema or nothing: whoever was faster made it already."""
    facts = {"made": now(), "salt": str(secrets.randbits(62)), "dead_months": "24"}
    begun = "".join(f"INSERT INTO about VALUES ('{key}', '{value}');" for key, value in facts.items())
    try:
        db.executescript(
            f"BEGIN EXCLUSIVE;{schema.TABLES}{schema.VIEWS}{begun}PRAGMA user_version = {schema.VERSION};COMMIT;"
        )
    except sqlite3.OperationalError:
        db.rollback()
        if db.execute("PRAGMA user_version").fetchone()[0] != schema.VERSION:
            raise


__all__ = ["DATABASE", "SUFFIX", "Estate", "FileState", "estate_folder", "now"]
