"""A file of the disk read by ranges. Not mapped: of a mapped file that is cut, or whose share is lost, the system ends
the process that looks at it without a word, where reading gives an error that can be reported."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from threading import Lock
from typing import Final

from wizard.messages import Place, SourceError, UnsteadyFileError

_AT_PLACE: Final = hasattr(os, "preadv")
_OPEN: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""a pipe is not waited for: it is refused"""


class Ranges:
    """An open file. Safe to use from several threads, and from processes forked from this one.

    It is closed when nobody holds it any longer: closing it earlier could give its number to another file that a
    thread would go on to read.
    """

    def __init__(self, path: str | os.PathLike[str], place: Place) -> None:
        """Raises SourceError: 1000 where it cannot be opened, 1040 for what is no file."""
        self.place = place
        self._file = -1
        self._lock = Lock()
        try:
            self._file = os.open(path, _OPEN)
            self._state = os.fstat(self._file)
        except (OSError, ValueError) as error:
            raise SourceError(1000, place, reason=getattr(error, "strerror", None) or str(error)) from error
        if stat.S_ISDIR(self._state.st_mode):
            raise SourceError(1000, place, reason=os.strerror(errno.EISDIR))
        if not stat.S_ISREG(self._state.st_mode):
            raise SourceError(1040, place)
        self.size = self._state.st_size
        """bytes, when it was opened"""

    def into(self, at: int, target: memoryview) -> None:
        """Fill the target with the bytes from `at` on.

        Raises SourceError 1041 where reading fails, 1042 where the file ends.
        """
        while target:
            try:
                got = self._read(at, target)
            except OSError as error:
                raise UnsteadyFileError(1041, self.place, at=at, reason=error.strerror or str(error)) from error
            if not got:
                raise UnsteadyFileError(1042, self.place, at=at, size=self.size)
            at += got
            target = target[got:]

    def _read(self, at: int, target: memoryview) -> int:
        if _AT_PLACE:
            return os.preadv(self._file, [target], at)
        with self._lock:  # Windows has one place for all
            os.lseek(self._file, at, os.SEEK_SET)
            found = os.read(self._file, len(target))
        target[: len(found)] = found
        return len(found)

    @property
    def modified(self) -> int:
        """When the file was last written to, as it was opened: nanoseconds since 1970."""
        return self._state.st_mtime_ns

    @property
    def changed(self) -> bool:
        """Whether the file was written to, cut or taken away since it was opened. Raises SourceError 1041."""
        try:
            now = os.fstat(self._file)
        except OSError as error:
            raise UnsteadyFileError(1041, self.place, at=0, reason=error.strerror or str(error)) from error
        gone = bool(self._state.st_nlink) and not now.st_nlink
        return gone or (now.st_size, now.st_mtime_ns) != (self._state.st_size, self._state.st_mtime_ns)

    def check(self) -> None:
        """Raises SourceError 1043 where the file is no longer what was opened: rows read would be of two states."""
        if self.changed:
            raise UnsteadyFileError(1043, self.place)

    def __del__(self) -> None:
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
