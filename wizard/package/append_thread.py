"""Bytes written at a file's end by a thread, while the next ones are made."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

    Bytes = bytes | memoryview

_CHUNK: Final = 1 << 20


class AppendThread:
    """What comes behind the first `size` bytes of a file; whatever lay there is cut off.

    `digest` is the SHA-256 of those bytes, and becomes that of the whole. Raises OSError, from any method, where the
    disk fails; nothing of the tail counts then.
    """

    def __init__(self, pool: ThreadPoolExecutor, path: Path, size: int, digest: Hash) -> None:
        self.path = path
        self.digest = digest
        self._pool = pool
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self._file.truncate(size)
        self._file.seek(size)
        self._under_way: Future[None] | None = None

    def put(self, *pieces: Bytes) -> None:
        """Add the pieces, in the thread; waits for those of the call before."""
        self.wait()
        self._under_way = self._pool.submit(self._write, pieces)

    def _write(self, pieces: tuple[Bytes, ...]) -> None:
        for piece in pieces:
            left = memoryview(piece)
            self.digest.update(left)
            while left:
                left = left[self._file.write(left) :]

    def wait(self) -> None:
        """Everything put so far can be read from the file."""
        if self._under_way is not None:
            under_way, self._under_way = self._under_way, None
            under_way.result()

    def settle(self) -> None:
        """Everything put is on the disk."""
        self.wait()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file, when the thread is through with it. Never raises."""
        if self._under_way is not None:
            self._under_way.exception()
        self._file.close()


def digest_of(path: Path, size: int) -> Hash:
    """The SHA-256 of the file's first `size` bytes."""
    digest = hashlib.sha256()
    if size:
        with path.open("rb") as file:
            while size and (chunk := file.read(min(_CHUNK, size))):
                digest.update(chunk)
                size -= len(chunk)
    return digest
