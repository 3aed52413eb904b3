"""One process at a time: a lock of the operating system, which a dead process does not keep, and who holds it."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from wizard.file_writing import read_json, write_whole
from wizard.messages import Kind, Place, ProjectError, ProjectTakenError
from wizard.plain_data import decode
from wizard.run_files import RunFiles


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the project open."""

    pid: int = 0
    host: str = "?"
    since: str = "?"
    """ISO 8601, UTC"""
    what: str = "?"
    """wizard, command or worker"""

    @property
    def since_when(self) -> str:
        """For people: `2026-11-30 08:17 UTC`."""
        return f"{self.since[:16].replace('T', ' ')} UTC"


class ProjectLock:
    """The lock of a project's folder. `take` raises ProjectError naming the holder where another process has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = RunFiles(folder)
        self._holder = files.holder
        self._lock = FileLock(files.lock, mode=0o600, thread_local=False)

    def take(self, what: str, *, wait: float = 0) -> None:
        """Take it, waiting for at most `wait` seconds. Others must not be able to take it: it is the owner's alone.

        Raises ProjectTakenError where another has it, ProjectError where the folder does not allow it.
        """
        if Path(self._lock.lock_file).is_symlink():
            raise ProjectError(8035, Place(Kind.PROJECT), path=self._lock.lock_file)
        try:
            self._lock.acquire(timeout=wait)
        except Timeout:
            h = self.holder() or Holder()
            place = Place(Kind.PROJECT)
            raise ProjectTakenError(8005, place, pid=h.pid, host=h.host, since=h.since_when, what=h.what) from None
        except OSError as e:
            raise ProjectError(8007, path=self._holder.parent, what=e.strerror or e) from None
        now = datetime.now(UTC).isoformat(timespec="seconds")
        holder = Holder(os.getpid(), socket.gethostname(), now, what)
        with suppress(OSError):  # one of a former version may be anybody's
            Path(self._lock.lock_file).chmod(0o600)
        try:
            write_whole(self._holder, json.dumps(asdict(holder)))
        except OSError as e:
            self._lock.release()
            raise ProjectError(8007, path=self._holder.parent, what=e.strerror or e) from None

    def release(self) -> None:
        """Let it go; harmless where it is not held."""
        if self._lock.is_locked:
            with suppress(OSError):  # it says nothing while the lock is free
                self._holder.unlink(missing_ok=True)
            self._lock.release()

    @property
    def held(self) -> bool:
        """By this object."""
        return bool(self._lock.is_locked)

    def holder(self) -> Holder | None:
        """What the last to take the lock wrote; None where nobody has, or it cannot be read."""
        try:
            return decode(Holder, read_json(self._holder))
        except (OSError, ValueError):
            return None

    def taken(self) -> Holder | None:
        """The process that holds the lock now, this one included; None where it is free."""
        if self.held:
            return self.holder()
        if not self.folder.is_dir():
            return None
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return self.holder() or Holder()
        except OSError:
            return None
        self._lock.release()
        return None
