"""Protected Access files: how a file's pages are encoded is found once, at opening, from its first page.

What is met: plain files; Jet 3 and Jet 4 database passwords (the pages stay plain, so the password is only asked
for and compared); Jet 3 and Jet 4 encoded files (RC4 with a key in the header, no password); ACE files with a
password, encrypted by Office's RC4, RC4 CryptoAPI, Standard AES, Access 2007's own AES, or Agile AES. Keys and
passwords are never part of a message, a log or a `repr`. The ciphers are loaded when a file needs them: most do not,
and starting counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType

from wizard.access.codec.header import SMALLEST, Protection, protection, unmask
from wizard.messages import Kind, PasswordError, Place, SourceError


@dataclass(frozen=True, slots=True)
class PageCodec:
    """Turns pages as stored into pages as read. Page 0 is never encoded; its mask is `unmask`'s business."""

    encrypted: bool = False
    """pages are encoded or encrypted"""
    password: bool = False
    """the file asks for a password"""
    _decode: Callable[[int, bytes], bytes] | None = field(default=None, repr=False)

    def decode(self, page_number: int, raw: bytes) -> bytes:
        """The bytes in clear of a whole page as stored; as they are for page 0 and for plain files."""
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
        if given != found.password:  # which stands in the file for anybody to read: nothing to hide by time
            raise PasswordError(1501, place)
    if not found.encoded:
        return PageCodec(password=bool(found.password))
    return PageCodec(True, bool(found.password), _schemes().jet_decoder(found.encoding_key))


def _office(found: Protection, password: str | None, place: Place) -> PageCodec:
    decoder = _schemes().office_decoder(found.encryption_info, password, found.encoding_key, place)
    return PageCodec(True, True, decoder)


def _schemes() -> ModuleType:
    return import_module("wizard.access.codec.schemes")


__all__ = ["PageCodec", "Protection", "open_codec", "protection", "unmask"]
