"""The ciphers and hashes that Access files use, all from `cryptography` and `hashlib`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

BLOCK = 16
"""bytes of an AES block"""

_ARC4_KEY_BYTES = (5, 7, 8, 10, 16, 20, 24, 32)

Hash = Callable[[bytes], "hashlib._Hash"]
PageDecoder = Callable[[int, bytes], bytes]
"""a page's number and its bytes as stored, to its bytes in clear"""

_MODULES: Final = {
    "md5": ["_md5"],
    "sha1": ["_sha1"],
    "sha256": ["_sha256", "_sha2"],
    "sha384": ["_sha512", "_sha2"],
    "sha512": ["_sha512", "_sha2"],
}
"""where Python has its own of each, before and from 3.12 on; a Python may be built without"""


class UnsupportedCipherError(ValueError):
    """The file asks for a cipher, hash, chaining mode or key size that is not supported; the text names it."""


def rc4(key: bytes, data: bytes) -> bytes:
    """RC4 of the data; encrypting and decrypting are the same.

    RC4 reads its key in a circle, so a key and its repetition are the same key: Jet's keys of 4 bytes are repeated
    to a size that `cryptography` takes. Raises UnsupportedCipherError.
    """
    size = next((s for s in _ARC4_KEY_BYTES if key and s % len(key) == 0), None)
    if size is None:
        raise UnsupportedCipherError(f"RC4 with a key of {8 * len(key)} bits")
    return Cipher(ARC4(key * (size // len(key))), mode=None).encryptor().update(data)


def aes_decrypt(key: bytes, data: bytes, *, chaining: str = "ECB", iv: bytes = b"") -> bytes:
    """AES without padding. What is left over at the end of a cut page, less than a block, comes back as it is.

    `key` has 16, 24 or 32 bytes, `iv` 16 where `chaining` is CBC. Raises UnsupportedCipherError.
    """
    if chaining not in ("ECB", "CBC"):
        raise UnsupportedCipherError(f"AES with chaining mode {chaining}")
    if len(key) not in (16, 24, 32):
        raise UnsupportedCipherError(f"AES with a key of {8 * len(key)} bits")
    if chaining != "ECB" and len(iv) != BLOCK:
        raise UnsupportedCipherError(f"AES with an initial vector of {len(iv)} bytes")
    mode = CBC(iv) if chaining == "CBC" else ECB()  # noqa: S305  (what the file was written with)
    whole = len(data) - len(data) % BLOCK
    return Cipher(AES(key), mode).decryptor().update(data[:whole]) + data[whole:]


def hash_named(name: str) -> Hash:
    """The hash of an encryption descriptor: `SHA1`, `SHA-256`, `SHA384`, `SHA512`, `MD5`.

    Python's own where it has it: for texts as short as those here, calling OpenSSL takes longer than hashing.

    Raises:
        UnsupportedCipherError: for any other name.
    """
    plain = name.upper().replace("-", "").replace("_", "").lower()
    if plain not in _MODULES:
        raise UnsupportedCipherError(f"hash {name!r}")
    make: Hash = getattr(hashlib, plain)
    for module in _MODULES[plain]:
        with suppress(ImportError):
            make = getattr(import_module(module), plain)
    return make


def spin(make: Hash, value: bytes, times: int) -> bytes:
    """The slow part of making a key: hash the counter and the last hash, `times` times (MS-OFFCRYPTO 2.3.4.11)."""
    for i in range(times):
        value = make(i.to_bytes(4, "little") + value).digest()
    return value


def fixed(data: bytes, length: int, filler: int = 0) -> bytes:
    """The data cut to exactly that length, or filled to it with the byte `filler`."""
    return data[:length].ljust(length, bytes([filler]))


def page_key(key: bytes, page: int) -> bytes:
    """The header's 4-byte key mixed with the page's number."""
    return (int.from_bytes(key[:4], "little") ^ page).to_bytes(4, "little") + key[4:]
