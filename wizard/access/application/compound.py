"""OLE compound files (MS-CFB): the streams of one, by path.

Own code, as little of the format is wanted and the bytes are a stranger's: a chain of sectors is followed no further
than there are sectors, each entry is visited once, and what is put together is counted against the file's size.
"""

from __future__ import annotations

from array import array
from typing import Final

from wizard.access.application.byte_cursor import DamagedError, utf16

Path = tuple[str, ...]

_MAGIC: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_LAST: Final = 0xFFFFFFFA
"""sector numbers from here on mean: end of chain, free, part of the allocation table"""
_NOBODY: Final = 0xFFFFFFFF
_HEADER: Final = 512
_IN_HEADER: Final = 109
"""sectors of the allocation table that the header itself lists"""
_ENTRY: Final = 128
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def streams(data: bytes) -> dict[Path, bytes]:
    """All streams by the names of their storages and their own. Streams that cannot be read are left out.

    Raises DamagedError where it is no compound file or its directory cannot be read.
    """
    return _CompoundFile(data).streams()


def _number(data: bytes, at: int, size: int = 4) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _numbers(data: bytes) -> array[int]:
    return array("I", data[: len(data) // 4 * 4])  # four bytes, little-endian, on every system that Python runs here


class _CompoundFile:
    def __init__(self, data: bytes) -> None:
        if not data.startswith(_MAGIC) or len(data) < _HEADER:
            raise DamagedError("it is no compound file")
        self.data = data
        shift = _number(data, 30, 2)
        if shift not in (9, 12):
            raise DamagedError(f"its sectors have 2^{shift} bytes")
        self.size = 1 << shift
        self.sectors = len(data) // self.size
        self.table = self._table()
        self.directory = self._chain(_number(data, 48))
        self.cutoff = _number(data, 56)
        self.small_table = _numbers(self._chain(_number(data, 60)))
        root = self.directory[:_ENTRY]
        if len(root) < _ENTRY or root[66] != _ROOT:
            raise DamagedError("its directory has no root")
        self.small = self._chain(_number(root, 116))

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def _table(self) -> array[int]:
        """The allocation table: which sector follows which."""
        listed = list(_numbers(self.data[76 : 76 + 4 * _IN_HEADER]))
        following, seen = _number(self.data, 68), set[int]()
        while following < self.sectors and following not in seen:
            seen.add(following)
            *more, following = _numbers(self._sector(following)) or [_NOBODY]
            listed += more
        table = array("I")
        for number in dict.fromkeys(listed):
            if number < self.sectors:
                table.extend(_numbers(self._sector(number).ljust(self.size, b"\0")))
        return table

    def _chain(self, first: int, size: int | None = None) -> bytes:
        """The sectors of a chain. Raises DamagedError where it runs in a circle or is shorter than `size`."""
        parts: list[bytes] = []
        wanted = self.sectors if size is None else -(-size // self.size)
        number = first
        while number < _LAST and (size is None or len(parts) < wanted):
            if number >= len(self.table) or len(parts) >= self.sectors:
                raise DamagedError(f"a chain of sectors goes astray at sector {number}")
            parts.append(self._sector(number))
            number = self.table[number]
        return self._whole(b"".join(parts), size)

    def _small_chain(self, first: int, size: int) -> bytes:
        """The same for streams shorter than the cutoff, which lie in sectors of 64 bytes of the root's stream."""
        parts: list[bytes] = []
        number = first
        while number < _LAST and len(parts) * 64 < size:
            if number >= len(self.small_table):
                raise DamagedError(f"a chain of small sectors goes astray at sector {number}")
            parts.append(self.small[number * 64 : number * 64 + 64])
            number = self.small_table[number]
        return self._whole(b"".join(parts), size)

    @staticmethod
    def _whole(joined: bytes, size: int | None) -> bytes:
        if size is None:
            return joined
        if len(joined) < size:
            raise DamagedError(f"a stream of {size} bytes has only {len(joined)}")
        return joined[:size]

    def streams(self) -> dict[Path, bytes]:
        found: dict[Path, bytes] = {}
        seen: set[int] = {0}
        room = 2 * len(self.data)
        waiting: list[tuple[int, Path]] = [(_number(self.directory, 76), ())]
        while waiting:
            number, above = waiting.pop()
            entry = self.directory[number * _ENTRY : (number + 1) * _ENTRY]
            if number in seen or len(entry) < _ENTRY:
                continue
            seen.add(number)
            waiting += [(_number(entry, 68), above), (_number(entry, 72), above)]
            path = (*above, utf16(entry[: max(_number(entry, 64, 2) - 2, 0)][:64]))
            if entry[66] == _STORAGE and len(path) < _DEEPEST:
                waiting.append((_number(entry, 76), path))
            elif entry[66] == _STREAM and _number(entry, 120) <= room:
                try:
                    found[path] = self._stream(entry)
                except DamagedError:
                    continue  # whoever misses it says so
                room -= len(found[path])
        return found

    def _stream(self, entry: bytes) -> bytes:
        first, size = _number(entry, 116), _number(entry, 120)
        return self._small_chain(first, size) if size < self.cutoff else self._chain(first, size)


_DEEPEST: Final = 16
"""storages within each other; Access uses three"""
