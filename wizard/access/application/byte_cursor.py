"""Reading bytes from beginning to end, never beyond their end."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_U16: Final = struct.Struct("<H")
_U32: Final = struct.Struct("<I")


class DamagedError(ValueError):
    """A stream of the application contradicts itself; the text says how, as part of a sentence."""


@dataclass(slots=True)
class ByteCursor:
    """Reads numbers and bytes one after the other. Each raises DamagedError where the data ends before it."""

    data: bytes
    at: int = 0

    @property
    def left(self) -> int:
        """How many bytes there are still."""
        return len(self.data) - self.at

    def u8(self) -> int:
        """An unsigned byte. Raises DamagedError beyond the end."""
        if self.left < 1:
            raise self._short(1)
        self.at += 1
        return self.data[self.at - 1]

    def u16(self) -> int:
        """An unsigned number of two bytes, the lower first. Raises DamagedError beyond the end."""
        if self.left < 2:
            raise self._short(2)
        self.at += 2
        found: int = _U16.unpack_from(self.data, self.at - 2)[0]
        return found

    def u32(self) -> int:
        """An unsigned number of four bytes, the lowest first. Raises DamagedError beyond the end."""
        if self.left < 4:
            raise self._short(4)
        self.at += 4
        found: int = _U32.unpack_from(self.data, self.at - 4)[0]
        return found

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises DamagedError where there are fewer."""
        if self.left < size:
            raise self._short(size)
        self.at += size
        return self.data[self.at - size : self.at]

    def _short(self, size: int) -> DamagedError:
        return DamagedError(f"{size} bytes are wanted at byte {self.at} of {len(self.data)}")


def utf16(raw: bytes) -> str:
    """Text of UTF-16LE as the file has it; what is no text becomes U+FFFD."""
    return raw.decode("utf-16-le", "replace")
