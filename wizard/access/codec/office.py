"""Office's encryption of ACE files before Agile: RC4, RC4 CryptoAPI, Standard AES and its legacy variant.

Source: MS-OFFCRYPTO 2.3.2, 2.3.3 (structures), 2.3.4.5 to 2.3.4.9 (Standard), 2.3.5 (RC4 CryptoAPI), 2.3.6 (RC4).
Access differs from Office documents in one point: the block of a page's key is the header's encoding key mixed with
the page's number, where a document has the block's number.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from wizard.access.codec.ciphers import (
    PageDecoder,
    UnsupportedCipherError,
    aes_decrypt,
    fixed,
    hash_named,
    page_key,
    rc4,
    spin,
)

_FLAG_CRYPTOAPI = 0x04
_FLAG_AES = 0x20
_RC4 = 0x6801
_AES_BITS = {0x660E: 128, 0x660F: 192, 0x6610: 256}
_SHA1 = 0x8004
_STANDARD_SPINS = 50_000


_make_md5 = hash_named("MD5")
_make_sha1 = hash_named("SHA1")


def _md5(data: bytes) -> bytes:
    return _make_md5(data).digest()


def _sha1(data: bytes) -> bytes:
    return _make_sha1(data).digest()


@dataclass(frozen=True, slots=True)
class _Info:
    """EncryptionHeader and EncryptionVerifier."""

    flags: int
    cipher: int
    key_bytes: int
    salt: bytes
    verifier: bytes
    verifier_hash_size: int
    verifier_hash: bytes


def legacy_rc4(info: bytes, password: bytes, key: bytes) -> PageDecoder | None:
    """RC4 of version 1.1 with MD5. The decoder, or None where the password is wrong. Arguments as of `cryptoapi`."""
    salt, verifier, verifier_hash = struct.unpack_from("<16s16s16s", info, 4)
    base = _md5((_md5(password)[:5] + salt) * 16)[:5]
    plain = rc4(_md5(base + bytes(4)), verifier + verifier_hash)
    if _md5(plain[:16]) != plain[16:]:
        return None
    return lambda page, raw: rc4(_md5(base + page_key(key, page)), raw)


def cryptoapi(info: bytes, password: bytes, key: bytes) -> PageDecoder | None:
    """RC4 CryptoAPI, Standard AES, or the AES without key stretching that Access 2007 wrote.

    Args:
        info: the encryption information of page 0, from its version on.
        password: in UTF-16, 510 bytes at most.
        key: the header's encoding key of 4 bytes, which is mixed with a page's number.

    Returns:
        The decoder, or None where the password is wrong.

    Raises:
        UnsupportedCipherError: for other ciphers, hashes and key sizes.
    """
    parsed = _parse(info)
    base = _sha1(parsed.salt + password)
    if parsed.cipher == _RC4:
        return _rc4_cryptoapi(parsed, base, key)
    # the AES flag tells Standard encryption from the legacy scheme, which does not stretch the key
    return _aes(parsed, spin(_make_sha1, base, _STANDARD_SPINS if parsed.flags & _FLAG_AES else 0), key)


def _parse(info: bytes) -> _Info:
    size = struct.unpack_from("<I", info, 8)[0]
    flags, _, cipher, digest, bits = struct.unpack_from("<5I", info, 12)
    if not flags & _FLAG_CRYPTOAPI:
        raise UnsupportedCipherError("an encryption provider of another maker")
    if digest not in (0, _SHA1):
        raise UnsupportedCipherError(f"hash algorithm 0x{digest:X}")
    cipher = cipher or (0x660E if flags & _FLAG_AES else _RC4)
    if cipher != _RC4 and cipher not in _AES_BITS:
        raise UnsupportedCipherError(f"cipher algorithm 0x{cipher:X}")
    if not bits:
        # without a size, the provider's own: 40 bits for RC4 of the base provider, else 128 (MS-OFFCRYPTO 2.3.5.1)
        name = info[44 : 12 + size].decode("utf-16-le", "replace").split("\0")[0].strip().lower()
        bits = (40 if not name or " base " in name else 128) if cipher == _RC4 else _AES_BITS[cipher]
    salt_size, salt, verifier, hash_size = struct.unpack_from("<I16s16sI", info, 12 + size)
    stored = 20 if cipher == _RC4 else 32
    verifier_hash = info[12 + size + 40 :][:stored]
    if salt_size != 16 or len(verifier_hash) != stored or not 0 < hash_size <= stored or not 0 < bits <= 512:
        raise UnsupportedCipherError("encryption information that contradicts itself")
    return _Info(flags, cipher, bits // 8, salt, verifier, hash_size, verifier_hash)


def _rc4_cryptoapi(info: _Info, base: bytes, key: bytes) -> PageDecoder | None:
    def derive(block: bytes) -> bytes:
        made = fixed(_sha1(base + block), info.key_bytes)
        return fixed(made, 16) if info.key_bytes == 5 else made

    plain = rc4(derive(bytes(4)), info.verifier + info.verifier_hash)
    if _sha1(plain[:16])[: info.verifier_hash_size] != plain[16 : 16 + info.verifier_hash_size]:
        return None
    return lambda page, raw: rc4(derive(page_key(key, page)), raw)


def _aes(info: _Info, stretched: bytes, key: bytes) -> PageDecoder | None:
    def derive(block: bytes) -> bytes:
        last = _sha1(stretched + block).ljust(64, b"\0")
        inner = _sha1(bytes(b ^ 0x36 for b in last))
        outer = _sha1(bytes(b ^ 0x5C for b in last))
        return fixed(inner + outer, info.key_bytes)

    first = derive(bytes(4))
    verifier = aes_decrypt(first, info.verifier)
    expected = aes_decrypt(first, info.verifier_hash)[: info.verifier_hash_size]
    if _sha1(verifier)[: info.verifier_hash_size] != expected:
        return None
    return lambda page, raw: aes_decrypt(derive(page_key(key, page)), raw)
