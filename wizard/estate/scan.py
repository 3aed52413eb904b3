"""A scan: folders gone through, new and changed files assessed, the estate's file brought up to date.

Whatever was found is in the file within seconds, so that a scan may be killed at any moment and goes on from there when
it is run again: a file is looked at when its size or time of change is not what it was, or when it was not looked at to
the end. A content that is known from another place is not read again beyond its digest.
"""

from __future__ import annotations

import os
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from wizard.estate.engines import Asked, Engine
from wizard.estate.model import FileScan, FileState, ScanOrder, ScanPhase, ScanProgress
from wizard.estate.store import Estate, now
from wizard.estate.walk import Folder, Trouble, WalkedFile, walk
from wizard.file_writing import real_path
from wizard.messages import Kind, Place, ProjectError

COMMIT_SECONDS: Final = 2.0
"""after which what was found is made permanent"""
PROGRESS_SECONDS: Final = 0.5
BREATH: Final = 200
"""files gone through before what was found meanwhile is taken in"""
OnProgress = Callable[[ScanProgress], None]
Derive = Callable[[Estate], None]


@dataclass(frozen=True)
class ScanOptions:
    """How a scan looks at files."""

    passwords: tuple[str, ...] = field(default=(), repr=False)
    password_command: tuple[str, ...] = ()
    rows: bool = True
    checks: bool = False
    again: bool = False
    """look at everything again, changed or not"""
    retry: bool = False
    """look again at files that took too long, too much memory, or crashed their worker"""
    code_page: str = ""
    paths: tuple[tuple[str, str], ...] = ()
    """where the engine's workers have a folder: its path here, and there"""


@dataclass
class ScanResult:
    """What a scan came to."""

    folders: int = 0
    found: int = 0
    looked_at: int = 0
    failed: int = 0
    gone: int = 0
    troubles: int = 0
    seconds: float = 0.0
    stopped: bool = False


def command_of(text: str) -> tuple[str, ...]:
    """A command as people write it, in words. Raises ValueError."""
    return tuple(shlex.split(text, posix=os.name != "nt"))


def read_passwords(path: Path) -> tuple[str, ...]:
    """A password a line. Raises ProjectError 9005."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as e:
        raise ProjectError(9005, Place(Kind.FILE), path=path, what=getattr(e, "strerror", None) or e) from e
    return tuple(dict.fromkeys(line for line in text.splitlines() if line))


def scan(
    estate: Estate,
    roots: Sequence[Path],
    engine: Engine,
    options: ScanOptions | None = None,
    *,
    stopped: Callable[[], bool] = lambda: False,
    on_progress: OnProgress = lambda _: None,
    derive: Derive | None = None,
) -> ScanResult:
    """Bring the estate up to date; with no `roots`, for those of earlier scans.

    Raises ProjectError: no folder (9004, 9006), another process scans (9003).
    """
    roots = [real_path(r) for r in roots] or [Path(r["path"]) for r in estate.ask("SELECT path FROM root")]
    if not roots:
        raise ProjectError(9006, Place(Kind.PROJECT), name=estate.name)
    check_roots(roots)
    with estate.lock("scan"):
        estate.add_roots(roots)
        return _Scan(estate, roots, options or ScanOptions(), stopped, on_progress).run(engine, derive)


def check_roots(roots: Sequence[Path]) -> None:
    """Raises ProjectError 9004 where a folder is not there."""
    for root in map(real_path, roots):
        if not root.is_dir():
            raise ProjectError(9004, Place(Kind.FILE), path=root, what="it is not there, or no folder")


class _Scan:
    def __init__(
        self,
        estate: Estate,
        roots: Sequence[Path],
        options: ScanOptions,
        stopped: Callable[[], bool],
        on_progress: OnProgress,
    ) -> None:
        self.estate, self.roots, self.options = estate, roots, options
        self.stopped, self.on_progress = stopped, on_progress
        self.result = ScanResult()
        self.began = time.monotonic()
        self.committed = self.reported = self.began
        self.done = 0
        self.seen = 0
        """files that the walk, which goes ahead, has found"""
        self.current = ""
        self.owners: dict[int, str] = {}
        self.unread: list[str] = []
        """folders that could not be looked into: what was known below them is not gone for that"""
        with estate.db as db:
            self.number = db.execute("INSERT INTO scan (began) VALUES (?)", (now(),)).lastrowid or 0

    def run(self, engine: Engine, derive: Derive | None) -> ScanResult:
        """Go through it all."""
        for file, found in engine.run(self._orders(), self.stopped):
            self._take(file, found)
        self.result.stopped = self.stopped()
        if not self.result.stopped:
            self._mark_gone()
        self._close_record()
        if derive is not None and not self.result.stopped:
            self._report(ScanPhase.COMPARING, at_once=True)
            derive(self.estate)
        self.result.seconds = time.monotonic() - self.began
        with self.estate.db as db:
            ended = None if self.result.stopped else now()
            db.execute("UPDATE scan SET ended = ?, seconds = ? WHERE id = ?", (ended, self.result.seconds, self.number))
        self._report(ScanPhase.DONE, at_once=True)
        return self.result

    def _close_record(self) -> None:
        r = self.result
        self.estate.db.execute(
            "UPDATE scan SET folders = ?, found = ?, looked_at = ? WHERE id = ?",
            (r.folders, r.found, r.looked_at, self.number),
        )
        self.estate.db.commit()

    # finding

    def _orders(self) -> Iterator[Asked | None]:
        for seen, found in enumerate(self._ahead(), 1):
            if isinstance(found, Folder):
                self.result.folders += 1
                self.current = found.path
            elif isinstance(found, Trouble):
                self._trouble(found)
            else:
                self.result.found += 1
                asked = self._asked(found)
                if asked is not None:
                    yield asked
            if seen % BREATH == 0:
                self._settle()
                yield None
            self._report(ScanPhase.LOOKING)

    def _ahead(self) -> Iterator[WalkedFile | Trouble | Folder]:
        """What the walk finds, which goes ahead in a thread of its own: so it is known how much there is to be done."""
        found: SimpleQueue[WalkedFile | Trouble | Folder | Exception | None] = SimpleQueue()

        def go() -> None:
            try:
                for one in walk(self.roots, self.stopped, skip=self.estate.folder):
                    self.seen += isinstance(one, WalkedFile)
                    found.put(one)
            except Exception as e:  # raised where the scan is: what was not found is not gone for that
                found.put(e)
            found.put(None)

        threading.Thread(target=go, daemon=True).start()
        while (one := found.get()) is not None:
            if isinstance(one, Exception):
                raise one
            yield one

    def _trouble(self, found: Trouble) -> None:
        self.result.troubles += 1
        self.unread.append(found.path)
        self.estate.db.execute("INSERT INTO trouble VALUES (?, ?, ?)", (self.number, _text(found.path), found.reason))

    def _asked(self, found: WalkedFile) -> Asked | None:
        """The order to look at a file, where it needs to be; the file's row is brought up to date."""
        path = _text(found.path)
        db = self.estate.db
        row = db.execute("SELECT id, size, modified, state, owner FROM file WHERE path = ?", (path,)).fetchone()
        if row is None:
            folder, name = os.path.split(path)
            file = db.execute(
                "INSERT INTO file (path, name, folder, size, modified, owner, found_by, first_scan, last_scan) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (path, name, folder, found.size, found.modified, self._owner(found), found.by, self.number,
                 self.number),
            ).lastrowid  # fmt: skip
        else:
            file = row["id"]
            same = (row["size"], row["modified"]) == (found.size, found.modified)
            state = FileState(row["state"])
            db.execute("UPDATE file SET last_scan = ?, gone = 0 WHERE id = ?", (self.number, file))
            if same and not self._wanted(state):
                self.done += 1
                return None
            db.execute(
                "UPDATE file SET size = ?, modified = ?, state = ?, owner = ?, found_by = ? WHERE id = ?",
                (found.size, found.modified, FileState.WAITING, self._owner(found), found.by, file),
            )
        if path != found.path:  # a name with bytes that are no text: it is told, and cannot be handed to a worker
            self._take(
                file or 0, FileScan(FileState.UNREADABLE, number=8219, text="its name has bytes that are no text")
            )
            return None
        known = () if self.options.again else self.estate.known_digests(found.size)
        return file or 0, ScanOrder(
            self._there(found.path), archive=found.by == "archive", known=known, passwords=self.options.passwords,
            password_command=self.options.password_command, rows=self.options.rows, checks=self.options.checks,
            salt=self.estate.salt, code_page=self.options.code_page,
        )  # fmt: skip

    def _wanted(self, state: FileState) -> bool:
        o = self.options
        asked = state is FileState.PASSWORD and bool(o.passwords or o.password_command)
        return o.again or state.unsteady or asked or (o.retry and state.hostile)

    def _there(self, path: str) -> str:
        """The path as workers see it."""
        for here, there in self.options.paths:
            if path == here or path.startswith(here.rstrip("/\\") + "/") or path.startswith(here.rstrip("/\\") + "\\"):
                return there.rstrip("/\\") + path[len(here.rstrip("/\\")) :]
        return path

    def _owner(self, found: WalkedFile) -> str:
        if found.owner not in self.owners:
            self.owners[found.owner] = str(found.owner)
            with suppress(OSError, KeyError, NotImplementedError):
                self.owners[found.owner] = Path(found.path).owner()
        return self.owners[found.owner]

    # taking in

    def _take(self, file: int, found: FileScan) -> None:
        if found.state is FileState.ASSESSED and found.facts is None and not self._known(found.digest):
            # its content was forgotten meanwhile
            found = FileScan(FileState.CHANGED, size=found.size, modified=found.modified)
        self.estate.record(file, found)
        self.result.looked_at += 1
        self.result.failed += found.state not in (FileState.ASSESSED, FileState.ARCHIVE)
        self._settle()
        self._report(ScanPhase.LOOKING)

    def _known(self, digest: str) -> bool:
        return self.estate.one("SELECT 1 FROM content WHERE digest = ?", digest) is not None

    def _settle(self) -> None:
        if time.monotonic() - self.committed > COMMIT_SECONDS:
            self.estate.db.commit()
            self.committed = time.monotonic()

    def _mark_gone(self) -> None:
        """Files below these roots that are no longer there; not those of folders that could not be looked into."""
        rows = self.estate.ask("SELECT id, path FROM file WHERE last_scan < ? AND gone = 0", self.number)
        below = [str(r).rstrip("/\\") for r in self.roots]
        gone = [r["id"] for r in rows if _is_below(r["path"], below) and not _is_below(r["path"], self.unread)]
        self.estate.db.executemany("UPDATE file SET gone = 1 WHERE id = ?", [(g,) for g in gone])
        self.result.gone = len(gone)

    def _report(self, phase: ScanPhase, *, at_once: bool = False) -> None:
        clock = time.monotonic()
        if at_once or clock - self.reported >= PROGRESS_SECONDS:
            self.reported = clock
            r, done = self.result, self.done + self.result.looked_at
            progress = ScanProgress(
                phase, r.folders, self.seen, done, r.looked_at, r.failed, max(0, self.seen - done),
                clock - self.began, self.current,
            )  # fmt: skip
            self.on_progress(progress)


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(path == f or path.startswith((f + "/", f + "\\")) for f in folders)


def _text(path: str) -> str:
    """A path as the store keeps it."""
    return path.encode("utf-8", "backslashreplace").decode()
