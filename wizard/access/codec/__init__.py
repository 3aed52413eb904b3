"""Protected Access files: how a file's pages are encoded is found once, at opening, from its first page.

What is met: plain files; Jet 3 and Jet 4 database passwords (the pages stay plain, so the password is only asked
for and compared); Jet 3 and Jet 4 encoded files (RC4 with a key in the header, no password); ACE files with a
password, encrypted by Office's RC4, RC4 CryptoAPI, Standard AES, Access 2007's own AES, or Agile AES. Keys and
passwords are never part of a message, a log or a `repr`.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from wizard.access.codec.agile import agile
from wizard.access.codec.ciphers import UnsupportedCipherError, page_key, rc4
from wizard.access.codec.header import SMALLEST, Protection, protection, unmask
from wizard.access.codec.office import cryptoapi, legacy_rc4
from wizard.messages import Kind, PasswordError, Place, SourceError

_LONGEST_PASSWORD = 255


@dataclass(frozen=True, slots=True)
class PageCodec:
    """Turns pages as stored into pages as read. Page 0 is never encoded; its mask is `unmask`'s business."""

    encrypted: bool = False
    """pages are encoded or encrypted"""
    password: bool = False
    """the file asks for a password"""
    _decode: Callable[[int, bytes], bytes] | None = field(default=None, repr=False)

    def decode(self, page_number: int, raw: bytes) -> bytes:
        """The page's bytes in clear; as they are for page 0 and for plain files."""
        if self._decode is None or page_number == 0:
            return raw
        return self._decode(page_number, raw)


def open_codec(header: bytes, password: str | None = None, *, code_page: str = "cp1252", path: str = "") -> PageCodec:
    """Choose the codec of a file.

    Args:
        header: page 0 as stored, at least `SMALLEST` bytes.
        password: None where nobody has been asked yet.
        code_page: Python codec of a Jet 3 file, in which its password is kept.
        path: the file's, for messages.

    Raises:
        PasswordError: a password is needed (JF1500) or the one given is wrong (JF1501).
        SourceError: the encryption is of a kind that is not supported (JF1502).
    """
    place = Place(Kind.FILE, path)
    if len(header) < SMALLEST:
        raise SourceError(1503, place, size=len(header))
    found = protection(header)
    if not found.ace:
        return _jet(found, password, code_page, place)
    return _office(found, password, place) if found.encoded else PageCodec()


def _jet(found: Protection, password: str | None, code_page: str, place: Place) -> PageCodec:
    if found.password:
        if password is None:
            raise PasswordError(1500, place)
        given = password.encode(code_page if found.jet3 else "utf-16-le", "replace")
        if not hmac.compare_digest(given, found.password):
            raise PasswordError(1501, place)
    if not found.encoded:
        return PageCodec(password=bool(found.password))
    key = found.encoding_key
    return PageCodec(True, bool(found.password), lambda page, raw: rc4(page_key(key, page), raw))


def _office(found: Protection, password: str | None, place: Place) -> PageCodec:
    scheme = _scheme(found.encryption_info, place)
    if password is None:
        raise PasswordError(1500, place)
    secret = password[:_LONGEST_PASSWORD].encode("utf-16-le", "surrogatepass")
    try:
        decoder = scheme(found.encryption_info, secret, found.encoding_key)
    except (UnsupportedCipherError, struct.error) as e:
        raise SourceError(1502, place, scheme=e) from e
    if decoder is None:
        raise PasswordError(1501, place)
    return PageCodec(True, True, decoder)


def _scheme(info: bytes, place: Place) -> Callable[[bytes, bytes, bytes], Callable[[int, bytes], bytes] | None]:
    """By the version of the encryption information (MS-OFFCRYPTO 2.3)."""
    version = struct.unpack_from("<HH", info) if len(info) >= 4 else (0, 0)
    if version == (4, 4):
        return agile
    if version in ((2, 2), (3, 2), (4, 2)):
        return cryptoapi
    if version == (1, 1):
        return legacy_rc4
    raise SourceError(1502, place, scheme=f"encryption information of version {version[0]}.{version[1]}")


__all__ = ["PageCodec", "Protection", "open_codec", "protection", "unmask"]
