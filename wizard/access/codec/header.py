"""Page 0 of an Access file: a masked header with the encoding key and, before Access 2007, the password.

The mask is RC4 with a fixed key, the same in every file; it hides nothing from anybody. Offsets are those of the
file (mdbtools HACKING, Jackcess).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import Final

_MASK: Final = bytes.fromhex(
    "b56f03626108c255eba96772433f009c7a9f90ff809a31c579baed30bcdfcc9d63d9e4c37b42fb8abc4e86fbec375d44"
    "9cfac65e28e613b68a6054947b36f572dfb177f41343cfafb1333461795b92b57c2a05f17c99011b98fd124f4a946c3e"
    "60265f95f8d089248567c61f2744d2eecf65edff07c746a178160cede92d62d4"
)
"""the first bytes of RC4 with the key 6B39DAC7; kept here so that plain files need no cipher loaded"""
_MASKED_FROM: Final = 0x18
_VERSION_AT: Final = 0x14
_KEY_AT: Final = 0x3E
_PASSWORD_AT: Final = 0x42
_CREATED_AT: Final = 0x72
_CRYPTO_AT: Final = 0x299
"""of Office's encryption information in an ACE file: its length in two bytes, then itself"""

SMALLEST: Final = 2048
"""bytes of header needed: the smaller of the page sizes"""


@dataclass(frozen=True, slots=True)
class Protection:
    """How page 0 says that a file is protected. Never printed with its secrets."""

    jet3: bool
    ace: bool
    encoding_key: bytes = field(repr=False)
    """4 bytes, all zero where pages are stored plainly"""
    password: bytes = field(repr=False)
    """as stored by Jet 3 (the file's code page) and Jet 4 (UTF-16), without the filler; empty where there is none"""
    encryption_info: bytes = field(repr=False)
    """Office's EncryptionInfo (MS-OFFCRYPTO 2.3) of an ACE file, empty where there is none"""

    @property
    def encoded(self) -> bool:
        """Whether pages are encoded."""
        return any(self.encoding_key)


def unmask(header: bytes) -> bytes:
    """Page 0, at least `SMALLEST` bytes of it, with its mask taken off (or put on again)."""
    length = 126 if header[_VERSION_AT] == 0 else 128
    masked = header[_MASKED_FROM : _MASKED_FROM + length]
    clear = bytes(a ^ b for a, b in zip(masked, _MASK, strict=False))
    return header[:_MASKED_FROM] + clear + header[_MASKED_FROM + length :]


def protection(header: bytes) -> Protection:
    """Read the protection of a file from its first page as stored, at least `SMALLEST` bytes of it."""
    version = header[_VERSION_AT]
    plain = unmask(header)
    ace = version >= 2
    return Protection(
        jet3=version == 0,
        ace=ace,
        encoding_key=plain[_KEY_AT : _KEY_AT + 4],
        password=b"" if ace else _stored_password(plain, jet3=version == 0),
        encryption_info=_encryption_info(plain) if ace else b"",
    )


def _stored_password(plain: bytes, *, jet3: bool) -> bytes:
    if jet3:
        return plain[_PASSWORD_AT : _PASSWORD_AT + 20].split(b"\0", 1)[0]
    # Jet 4 hides it once more under the whole days of the file's date of creation
    created = struct.unpack_from("<d", plain, _CREATED_AT)[0]
    days = int(created) & 0xFFFFFFFF if math.isfinite(created) else 0
    mask = days.to_bytes(4, "little") * 10
    stored = bytes(a ^ b for a, b in zip(plain[_PASSWORD_AT : _PASSWORD_AT + 40], mask, strict=True))
    end = next((i for i in range(0, 40, 2) if stored[i : i + 2] == b"\0\0"), 40)
    return stored[:end]


def _encryption_info(plain: bytes) -> bytes:
    length = int.from_bytes(plain[_CRYPTO_AT : _CRYPTO_AT + 2], "little")
    return plain[_CRYPTO_AT + 2 : _CRYPTO_AT + 2 + length]
