"""Append-only files of JSON lines, each with a checksum of its own, that survive being cut off anywhere."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from wizard.file_writing import opened as opened_file
from wizard.file_writing import replacing
from wizard.messages import Kind, Place, RecordError

LineRecord = dict[str, Any]

_PIECE: Final = 1 << 20


def with_checksum(record: LineRecord) -> str:
    """The record as a line of JSON with its checksum under `crc`, without the line end."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str)
    return f'{body[:-1]}{"," if record else ""}"crc":"{zlib.crc32(body.encode()):08x}"}}'


def opened(line: str) -> LineRecord:
    """The record of a line. Raises ValueError where it is damaged or cut off."""
    record = json.loads(line)
    if not isinstance(record, dict):
        raise ValueError("not a record")  # noqa: TRY004  what callers catch is one kind of error
    crc = record.pop("crc", "")
    if with_checksum(record) != line or not crc:
        raise ValueError("checksum does not fit")
    return record


class ChecksummedFile:
    """Appends records; what `append` has returned from is on the disk. Raises RecordError where it cannot be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = _whole(path)
            self._file = path.open("ab")
            if self._file.tell() > whole:  # a last line was cut off by a crash: nothing may be glued to it
                self._file.truncate(whole)
        except OSError as e:
            raise _trouble(path, e) from e

    def append(self, records: Sequence[LineRecord], *, durable: bool = True) -> None:
        """Add records, flushed to the disk where `durable`. Raises RecordError."""
        if not records:
            return
        try:
            self._file.write("".join(with_checksum(r) + "\n" for r in records).encode())
            self._file.flush()
            if durable:
                os.fsync(self._file.fileno())
        except OSError as e:
            raise _trouble(self.path, e) from e

    def close(self) -> None:
        """Never raises: what had to be kept was flushed before."""
        try:
            self._file.close()
        except OSError:
            return


def _trouble(path: Path, why: OSError) -> RecordError:
    return RecordError(6012, Place(Kind.FILE, name=str(path)), file=path, reason=why.strerror or why)


def _whole(path: Path) -> int:
    """Bytes of the whole lines: behind them is what a crash cut off."""
    if not path.exists():
        return 0
    with opened_file(path) as file:
        at = file.seek(0, os.SEEK_END)
        while at:
            start = max(0, at - _PIECE)
            file.seek(start)
            end = file.read(at - start).rfind(b"\n")
            if end >= 0:
                return start + end + 1
            at = start
    return 0


def _lines(path: Path, longest: int) -> Iterator[bytes]:
    """Whole lines with their ends; a last line without end is left out. Of a line that is too long only its end."""
    if not path.exists():
        return
    with opened_file(path) as file:
        while line := file.readline(longest + 1 if longest else -1):
            if longest and len(line) > longest:
                while line and not line.endswith(b"\n"):
                    line = file.readline(longest)
                line = line and b"\n"
            if line.endswith(b"\n"):
                yield line


def read(path: Path, longest: int = 0) -> tuple[list[LineRecord], list[int]]:
    """The records of a file and the numbers (from 1) of damaged lines; a cut-off last line is neither.

    Lines of more than `longest` bytes are damaged, where that is not 0. Raises RecordError where the file cannot be
    read.
    """
    records: list[LineRecord] = []
    damaged: list[int] = []
    try:
        for number, line in enumerate(_lines(path, longest), 1):
            try:
                records.append(opened(line.decode().rstrip("\n")))
            except (ValueError, RecursionError):
                damaged.append(number)
    except OSError as e:
        raise _trouble(path, e) from e
    return records, damaged


def replace(path: Path, records: Sequence[LineRecord]) -> None:
    """Put a file with these records in the place of the old one, whole or not at all. Raises RecordError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            for record in records:
                file.write((with_checksum(record) + "\n").encode())
    except OSError as e:
        raise _trouble(path, e) from e
