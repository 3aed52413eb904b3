"""Which cipher a protected file is read with."""

from __future__ import annotations

import struct
from collections.abc import Callable

from wizard.access.codec.agile import agile
from wizard.access.codec.ciphers import PageDecoder, UnsupportedCipherError, page_key, rc4
from wizard.access.codec.office import cryptoapi, legacy_rc4
from wizard.messages import PasswordError, Place, SourceError

_LONGEST_PASSWORD = 255

_Scheme = Callable[[bytes, bytes, bytes], PageDecoder | None]


def jet_decoder(key: bytes) -> PageDecoder:
    """Jet 3 and Jet 4: RC4 with the header's key and the page's number."""
    return lambda page, raw: rc4(page_key(key, page), raw)


def office_decoder(info: bytes, password: str | None, key: bytes, place: Place) -> PageDecoder:
    """ACE: what the file's encryption information asks for. Raises PasswordError and SourceError (JF1502)."""
    scheme = _scheme(info, place)
    if password is None:
        raise PasswordError(1500, place)
    secret = password[:_LONGEST_PASSWORD].encode("utf-16-le", "surrogatepass")
    try:
        decoder = scheme(info, secret, key)
    except (UnsupportedCipherError, struct.error) as e:
        raise SourceError(1502, place, scheme=e) from e
    if decoder is None:
        raise PasswordError(1501, place)
    return decoder


def _scheme(info: bytes, place: Place) -> _Scheme:
    """By the version of the encryption information (MS-OFFCRYPTO 2.3)."""
    version = struct.unpack_from("<HH", info) if len(info) >= 4 else (0, 0)
    if version == (4, 4):
        return agile
    if version in ((2, 2), (3, 2), (4, 2)):
        return cryptoapi
    if version == (1, 1):
        return legacy_rc4
    raise SourceError(1502, place, scheme=f"encryption information of version {version[0]}.{version[1]}")
