"""Property blobs (`LvProp` of MSysObjects): the properties of a table, query or database and of its columns.

The blob is a magic number and chunks: one lists the properties' names, each of the others holds the values of one
owner (the object itself, or a column). access-parser's `LVPROP` is not used: it reads the text of Access 97's `KKD`
blobs as UTF-16 and then ends silently where a length no longer fits (testV1997.mdb: 31 properties of 907), does so
with damaged blobs too, and takes half as long as all of opening a file (harborbooks.accdb: 7 ms; this: 0.3 ms).
"""

from __future__ import annotations

import datetime
import struct
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

MAGIC: Final = (b"MR2\0", b"KKD\0")
"""of Jet 4 and later, and of Jet 3"""

_NAMES: Final = 0x80
_OWNER_ITSELF: Final = 0x00
_OWN_COLUMN: Final = 0x01
_EPOCH: Final = datetime.datetime(1899, 12, 30)

Properties = Mapping[str, object]
_Read = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class PropertyBlob:
    """What a blob says. Values are str, bool, int, float, Decimal, datetime, UUID text in braces, or bytes."""

    itself: Properties = field(default_factory=dict)
    """of the table, query or database"""
    columns: Mapping[str, Properties] = field(default_factory=dict)
    """of each column, by its case-folded name"""
    damage: str = ""
    """why reading stopped before the blob's end; what stands before it was read"""

    def of(self, column: str) -> Properties:
        """The properties of a column, whatever the case of its name."""
        return self.columns.get(column.casefold(), {})


class _DamageError(ValueError):
    """The blob contradicts itself; the text says how."""


def parse(blob: bytes | None, decode: Callable[[bytes], str]) -> PropertyBlob:
    """Read a blob.

    Args:
        blob: the column's value; None or empty where there are no properties.
        decode: turns text as the format stores it into str; used for names and values.

    Returns:
        Everything that could be read. A damaged blob says so in `damage`; nothing is raised.
    """
    if not blob:
        return PropertyBlob()
    if blob[:4] not in MAGIC:
        return PropertyBlob(damage=f"it begins with {blob[:4].hex()}")
    itself: dict[str, object] = {}
    columns: dict[str, dict[str, object]] = {}
    names: list[str] = []
    try:
        for kind, chunk in _chunks(blob):
            if kind == _NAMES:
                names = [decode(raw) for raw in _name_list(chunk)]
            else:
                owner, rest = _owner(chunk)
                name = decode(owner)
                target = itself if kind == _OWNER_ITSELF or not name else columns.setdefault(name.casefold(), {})
                _values(rest, names, decode, target)
    except (_DamageError, struct.error) as e:
        return PropertyBlob(itself, columns, str(e))
    return PropertyBlob(itself, columns)


def _chunks(blob: bytes) -> Iterator[tuple[int, bytes]]:
    at = 4
    while at < len(blob):
        length, kind = struct.unpack_from("<IH", blob, at)
        if length < 6 or at + length > len(blob):
            raise _DamageError(f"a chunk at byte {at} says that it is {length} bytes long")
        yield kind, blob[at + 6 : at + length]
        at += length


def _name_list(chunk: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(chunk):
        length = struct.unpack_from("<H", chunk, at)[0]
        if at + 2 + length > len(chunk):
            raise _DamageError(f"a property's name says that it is {length} bytes long")
        yield chunk[at + 2 : at + 2 + length]
        at += 2 + length


def _owner(chunk: bytes) -> tuple[bytes, bytes]:
    """The owner's name and the values after it."""
    if not chunk:
        return b"", b""
    block = struct.unpack_from("<I", chunk)[0]
    if block < 4 or block > len(chunk):
        raise _DamageError(f"the block with an owner's name says that it is {block} bytes long")
    length = struct.unpack_from("<H", chunk, 4)[0] if block > 6 else 0
    if 6 + length > block and length:
        raise _DamageError(f"an owner's name says that it is {length} bytes long")
    return chunk[6 : 6 + length], chunk[block:]


def _values(data: bytes, names: list[str], decode: Callable[[bytes], str], into: dict[str, object]) -> None:
    at = 0
    while at < len(data):
        length, _, kind, index, size = struct.unpack_from("<HBBHH", data, at)
        if length < 8 or 8 + size > length or at + length > len(data):
            raise _DamageError(f"a value at byte {at} says that it is {length} bytes long with {size} of data")
        if index >= len(names):
            raise _DamageError(f"a value names property {index} of {len(names)}")
        into[names[index]] = _value(kind, names[index], data[at + 8 : at + 8 + size], decode)
        at += length


def _value(kind: int, name: str, data: bytes, decode: Callable[[bytes], str]) -> object:
    if kind in (10, 12):  # text, memo
        return decode(data)
    if kind == 9 and name.casefold() == "guid" and len(data) == 16:
        kind = 15  # GUIDs are marked as binary
    layout = _FIXED.get(kind)
    if layout is None or len(data) < layout[0]:
        return data
    return layout[1](data)


def _guid(data: bytes) -> str:
    return "{" + str(uuid.UUID(bytes_le=data[:16])).upper() + "}"


def _date(data: bytes) -> object:
    days = struct.unpack("<d", data[:8])[0]
    try:
        whole = int(days)
        return _EPOCH + datetime.timedelta(days=whole) + datetime.timedelta(days=abs(days - whole))
    except (OverflowError, ValueError):
        return days


def _number(layout: str) -> _Read:
    return lambda data: struct.unpack_from(layout, data)[0]


_FIXED: Final[Mapping[int, tuple[int, _Read]]] = {
    1: (1, lambda data: data[0] != 0),
    2: (1, _number("<B")),
    3: (2, _number("<h")),
    4: (4, _number("<i")),
    5: (8, lambda data: Decimal(struct.unpack_from("<q", data)[0]).scaleb(-4)),
    6: (4, _number("<f")),
    7: (8, _number("<d")),
    8: (8, _date),
    15: (16, _guid),
    19: (8, _number("<q")),
}
"""size and reader of each type that a property of fixed size can have, by Jet's type number"""
