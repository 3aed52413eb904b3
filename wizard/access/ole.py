"""OLE objects: the embedded file taken out of Access' wrapper.

Access writes a header of its own (signature 1C15) before an OLE 1 stream. Of an object made by Packager the stream
holds the file with its name; of others, the server's own data: a compound document, a bitmap. Source: MS-OLEDS 2.2,
Jackcess' `OleUtil`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

_SIGNATURE: Final = b"\x15\x1c"
_OLE_VERSION: Final = 0x0501
_EMBEDDED: Final = 2
_STATIC: Final = 3
_PACKAGER: Final = 2
_FILE_INSIDE: Final = 0x30000


@dataclass(frozen=True, slots=True)
class Embedded:
    """What an OLE value holds."""

    data: bytes
    class_name: str
    """the OLE server's class: `Package`, `Word.Document.8`, `PBrush`"""
    name: str = ""
    """the file's name, as far as the object knows it"""


def embedded_file(value: bytes) -> Embedded | None:
    """The file in an OLE value; None where the value has no wrapper, only links to a file, or is damaged.

    A value without a wrapper is what a program stored there itself; it is its own content.
    """
    if value[:2] != _SIGNATURE:
        return None
    try:
        return _unwrapped(value)
    except (struct.error, IndexError, _CutShortError):
        return None


def with_embedded_files(rows: pa.RecordBatch, columns: Iterable[str]) -> pa.RecordBatch:
    """Rows whose OLE columns hold the embedded files in place of the objects; values without one stay as they are."""
    for name in columns:
        at = rows.schema.get_field_index(name)
        taken = [found.data if v and (found := embedded_file(v)) else v for v in rows.column(at).to_pylist()]
        rows = rows.set_column(at, rows.schema.field(at), pa.array(taken, pa.binary()))
    return rows


class _CutShortError(ValueError):
    """A length goes beyond the value's end."""


@dataclass
class _Stream:
    """Reads a value from beginning to end."""

    data: bytes
    at: int = 0

    def number(self, layout: str = "<I") -> int:
        found: int = struct.unpack_from(layout, self.data, self.at)[0]
        self.at += struct.calcsize(layout)
        return found

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise _CutShortError
        self.at += size
        return self.data[self.at - size : self.at]

    def counted(self) -> str:
        """Text with its length before it."""
        return self.take(self.number()).split(b"\0")[0].decode("cp1252", "replace")

    def terminated(self) -> str:
        """Text that ends in a zero byte."""
        end = self.data.index(0, self.at) if 0 in self.data[self.at :] else -1
        if end < 0:
            raise _CutShortError
        text = self.data[self.at : end]
        self.at = end + 1
        return text.decode("cp1252", "replace")


def _unwrapped(value: bytes) -> Embedded | None:
    stream = _Stream(value, struct.unpack_from("<H", value, 2)[0])
    if stream.number() != _OLE_VERSION or stream.number() not in (_EMBEDDED, _STATIC):
        return None
    class_name = stream.counted()
    stream.counted()  # topic
    stream.counted()  # item
    data = stream.take(stream.number())
    return _packaged(data, class_name) if class_name.casefold() == "package" else Embedded(data, class_name)


def _packaged(data: bytes, class_name: str) -> Embedded | None:
    stream = _Stream(data)
    if stream.number("<H") != _PACKAGER:
        return Embedded(data, class_name)
    name = stream.terminated()
    stream.terminated()  # path it was taken from
    if stream.number() != _FILE_INSIDE:
        return None  # a link: the file is not in the database
    stream.counted()  # path of a temporary copy
    content = stream.take(stream.number())
    return Embedded(content, class_name, _unicode_name(stream) or name)


def _unicode_name(stream: _Stream) -> str:
    """Newer packages repeat path, name and path in UTF-16 after the file."""
    try:
        stream.take(2 * stream.number())
        return stream.take(2 * stream.number()).decode("utf-16-le", "replace").split("\0")[0]
    except (struct.error, _CutShortError):
        return ""
