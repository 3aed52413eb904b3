"""Writing files so that a file under its final name is always whole, whatever happens on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from wizard.file_writing import replacing, settle
from wizard.messages import Kind, Place, TargetError

_AT_ONCE: Final = 8
"""files flushed at the same time"""


def write_all(folder: Path, files: Mapping[str, bytes], *, executable: str = "") -> None:
    """As `write_whole` for many files below a folder, which are flushed at the same time: a disk takes that as one.

    `executable` names one of them.
    """
    parents = {(folder / name).parent for name in files}
    for parent in parents:
        parent.mkdir(parents=True, exist_ok=True)

    def put_one(name: str) -> None:
        put(folder / name, files[name], executable=name == executable)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="package") as pool:
        for _ in pool.map(put_one, files):
            pass
    for parent in parents:
        settle(parent)


def put(path: Path, data: bytes, *, executable: bool = False) -> None:
    """Replace the file at once. After a power cut it may be the former one, never a mixture or a part."""
    with replacing(path, executable=executable, settled=False) as file:
        file.write(data)


def write_at(path: Path, offset: int, data: bytes) -> None:
    """Put `data` at an offset, cut off what came after it, and flush to the disk."""
    mode = "r+b" if path.exists() else "w+b"
    with path.open(mode) as file:
        file.seek(offset)
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def named(folder: Path, beginning: str, end: str) -> list[Path]:
    """The folder's entries with such names, in order; none where there is no folder. A pattern takes twenty times as
    long, and each table asks.
    """
    with suppress(FileNotFoundError):
        names = sorted(os.listdir(folder))  # noqa: PTH208  a Path for each entry is what takes so long
        return [folder / name for name in names if name.startswith(beginning) and name.endswith(end)]
    return []


@contextmanager
def failures_as_errors(folder: Path) -> Iterator[None]:
    """Turn a full or broken disk into TargetError 5600."""
    try:
        yield
    except OSError as e:
        reason = e.strerror or str(e)
        raise TargetError(5600, Place(Kind.FILE, name=str(e.filename or folder)), folder=folder, reason=reason) from e
