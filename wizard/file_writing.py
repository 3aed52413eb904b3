"""Writing files: whole or not at all, readable by whom the umask lets, or by their owner alone; and reading them again.

Every file that Jetferry writes in one go is written here; errors name the file that was meant.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

PRIVATE: Final = 0o700
"""the mode of a folder that is its owner's alone"""
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
MOST_KEPT: Final = 256 << 20
"""bytes of a file that is read in one go, several times what ten thousand tables need"""
_OLD: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class TooLargeError(ValueError):
    """A file is larger than anything that Jetferry would keep."""


def opened(path: Path) -> IO[bytes]:
    """A file that Jetferry keeps, to be read. Raises OSError, for a pipe too, which would be waited for else."""
    file = os.fdopen(os.open(path, _OLD), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return file


def content_of(path: Path, most: int = MOST_KEPT) -> bytes:
    """All of a file that Jetferry keeps. Raises OSError, and TooLargeError where it has more than `most` bytes."""
    with opened(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise TooLargeError(f"it is larger than {most >> 20} MB")
    return data


def read_json(path: Path) -> Any:
    """What a file of JSON holds. Raises OSError, and ValueError where it is damaged in whatever way."""
    try:
        return json.loads(content_of(path).decode())
    except RecursionError as e:
        raise ValueError("it is nested too deep") from e


def is_whole_json(path: Path) -> bool:
    """Whether a file looks like one object of JSON from its first and last bytes; quick, however long it is."""
    try:
        with opened(path) as file:
            begins = file.read(1) == b"{"
            file.seek(-1, os.SEEK_END)
            return begins and file.read(1) == b"}"
    except (OSError, ValueError):
        return False


def write_whole(path: Path, data: str | bytes, *, private: bool = False, executable: bool = False) -> None:
    """Write so that a reader finds the old content or the new one, as `replacing` does. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, private=private, executable=executable) as file:
        file.write(data.encode() if isinstance(data, str) else data)


@contextmanager
def replacing(
    path: Path, *, private: bool = False, executable: bool = False, settled: bool = True
) -> Iterator[IO[bytes]]:
    """A file that takes the place of the one at `path` when all of it is on the disk, else leaves nothing behind.

    A link stays a link: what it leads to is replaced. What is there and no regular file (a device, a pipe) is written
    to, never replaced. A new file has the mode that the umask leaves, a replaced one keeps its own; a `private` one is
    its owner's alone. The rename is made permanent unless `settled` is false: see `settle`.

    Raises OSError, which names `path`.
    """
    try:
        there = path.stat() if path.exists() else None
        if there is not None and not stat.S_ISREG(there.st_mode):
            with path.open("wb") as file:
                yield file
            return
        real = Path(os.path.realpath(path))
        new = real.with_name(f".{os.urandom(8).hex()}.tmp")
        descriptor = os.open(new, _NEW, 0o600 if private else 0o777 if executable else 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if there is not None and not private and hasattr(os, "fchmod"):
                    os.fchmod(file.fileno(), stat.S_IMODE(there.st_mode) | (0o111 if executable else 0))
                yield file
                file.flush()
                os.fsync(file.fileno())
            new.replace(real)
        except BaseException:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise
    except OSError as e:
        e.filename, e.filename2 = str(path), None
        raise
    if settled:
        settle(path.parent)


def make_private(folder: Path) -> None:
    """Make a folder that is its owner's alone, where it is not there. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=PRIVATE, exist_ok=True)


def settle(folder: Path) -> None:
    """Make renames in a folder permanent, where the system lets a folder be flushed (Windows does not)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path with a home folder for its `~`; as it is where that is nobody's, since a file may be called so."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  Path.expanduser raises where there is no such account


def real_path(path: str | os.PathLike[str]) -> Path:
    """A path without links and steps up, as far as there is anything, whatever it holds.

    Path.resolve raises for links in a circle, for names too long and for those that no file can have.
    """
    whole = expanded(path)
    try:
        return Path(os.path.realpath(whole))
    except (OSError, ValueError):
        return Path.cwd() / whole


def is_file(path: Path) -> bool:
    """Whether a file is there. Path.is_file raises where a name is too long for one."""
    return os.path.isfile(path)  # noqa: PTH113


def strange(folder: Path) -> Path | None:
    """A folder that is a link, or the first thing below it that is neither a file nor a folder; None where all is well.

    In a folder that came from elsewhere (an archive, a share) a link leads who writes there to any file of the account,
    and a pipe is waited for without end.
    """
    if folder.is_symlink():
        return folder
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(here, name)
            try:
                mode = path.lstat().st_mode
            except OSError:
                continue
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return path
    return None


def left_by_another(path: Path) -> bool:
    """Whether another account put `path` (a folder, a file or a link) where every account may put things.

    In a folder such as /tmp somebody else can be first with a name that we are going to use.
    """
    if not hasattr(os, "geteuid"):
        return False
    try:
        here, around = path.lstat(), path.parent.stat()
    except OSError:
        return False
    return bool(around.st_mode & stat.S_IWOTH) and here.st_uid not in (os.geteuid(), 0)
