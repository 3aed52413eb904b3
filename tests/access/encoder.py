"""Encrypts plain Access files as Access would, written from the specifications and not from the reader's code.

Sources: MS-OFFCRYPTO 2.3.4 to 2.3.6, mdbtools HACKING (header mask, Jet's RC4). Only for tests.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

PageCipher = Callable[[int, bytes], bytes]

ENCODING_KEY = bytes.fromhex("0badcafe")


def rc4(key: bytes, data: bytes) -> bytes:
    """The textbook's RC4, byte by byte."""
    s = list(range(256))
    j = 0
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) % 256
        s[i], s[j] = s[j], s[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        out.append(byte ^ s[(s[i] + s[j]) % 256])
    return bytes(out)


def aes(key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
    return Cipher(AES(key), CBC(iv) if iv else ECB()).encryptor().update(data)


def mixed(page: int) -> bytes:
    return struct.pack("<I", struct.unpack("<I", ENCODING_KEY)[0] ^ page)


def masked(header: bytes) -> bytes:
    """Put the mask on (or take it off)."""
    length = 126 if header[0x14] == 0 else 128
    stream = rc4(struct.pack("<I", 0x6B39DAC7), bytes(length))
    return header[:0x18] + bytes(a ^ b for a, b in zip(header[0x18:], stream, strict=False)) + header[0x18 + length :]


def protect(
    source: Path,
    target: Path,
    *,
    cipher: PageCipher | None = None,
    info: bytes = b"",
    password: str = "",
    pages: int | None = None,
) -> Path:
    """Write a protected copy. `password` is Jet's, kept in the header; `info` is Office's EncryptionInfo."""
    data = source.read_bytes()
    size = 2048 if data[0x14] == 0 else 4096
    header = bytearray(masked(data[:size]))
    if cipher:
        header[0x3E:0x42] = ENCODING_KEY
    if password:
        stored = password.encode("cp1252").ljust(20, b"\0") if size == 2048 else password.encode("utf-16-le")
        if size == 4096:
            days = struct.pack("<I", int(struct.unpack_from("<d", header, 0x72)[0]))
            stored = bytes(a ^ b for a, b in zip(stored.ljust(40, b"\0"), days * 10, strict=True))
        header[0x42 : 0x42 + len(stored)] = stored
    if info:
        header[0x299 : 0x29B + len(info)] = struct.pack("<H", len(info)) + info
    count = len(data) // size if pages is None else pages
    body = [data[n * size : (n + 1) * size] for n in range(1, count)]
    if cipher:
        body = [cipher(n, page) for n, page in enumerate(body, 1)]
    target.write_bytes(masked(bytes(header)) + b"".join(body))
    return target


def jet() -> PageCipher:
    return lambda n, page: rc4(mixed(n), page)


def binary_rc4(password: str) -> tuple[bytes, PageCipher]:
    """RC4 of version 1.1 (2.3.6)."""
    salt, verifier = os.urandom(16), os.urandom(16)
    first = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    base = hashlib.md5((first + salt) * 16).digest()[:5]

    def key(block: bytes) -> bytes:
        return hashlib.md5(base + block).digest()

    both = rc4(key(bytes(4)), verifier + hashlib.md5(verifier).digest())
    return struct.pack("<HH", 1, 1) + salt + both, lambda n, page: rc4(key(mixed(n)), page)


def _header(flags: int, algorithm: int, bits: int, provider: str) -> bytes:
    name = (provider + "\0").encode("utf-16-le")
    fields = struct.pack("<8I", flags, 0, algorithm, 0x8004, bits, 1 if algorithm == 0x6801 else 24, 0, 0)
    return struct.pack("<I", len(fields + name)) + fields + name


def cryptoapi(password: str, bits: int, provider: str = "Microsoft Enhanced Cryptographic Provider v1.0") -> tuple[bytes, PageCipher]:  # fmt: skip  # noqa: E501
    """RC4 CryptoAPI (2.3.5)."""
    salt, verifier = os.urandom(16), os.urandom(16)
    base = hashlib.sha1(salt + password.encode("utf-16-le")).digest()
    size = (bits or 128) // 8

    def key(block: bytes) -> bytes:
        made = hashlib.sha1(base + block).digest()[:size]
        return made.ljust(16, b"\0") if size == 5 else made

    both = rc4(key(bytes(4)), verifier + hashlib.sha1(verifier).digest())
    tail = struct.pack("<I", 16) + salt + both[:16] + struct.pack("<I", 20) + both[16:]
    info = struct.pack("<HHI", 4, 2, 0x04) + _header(0x04, 0x6801, bits, provider) + tail
    return info, lambda n, page: rc4(key(mixed(n)), page)


def standard(password: str, bits: int, *, legacy: bool = False) -> tuple[bytes, PageCipher]:
    """Standard AES (2.3.4.5 to 2.3.4.9); `legacy` is what Access 2007 wrote: no AES flag, no stretching."""
    salt, verifier = os.urandom(16), os.urandom(16)
    h = hashlib.sha1(salt + password.encode("utf-16-le")).digest()
    for i in range(0 if legacy else 50_000):
        h = hashlib.sha1(struct.pack("<I", i) + h).digest()

    def key(block: bytes) -> bytes:
        final = hashlib.sha1(h + block).digest()
        x = [hashlib.sha1(bytes(f ^ c for f, c in zip(final.ljust(64, b"\0"), bytes([c]) * 64, strict=True))).digest()
             for c in (0x36, 0x5C)]  # fmt: skip
        return (x[0] + x[1])[: bits // 8]

    first = key(bytes(4))
    flags = 0x04 if legacy else 0x24
    stored = aes(first, verifier), aes(first, hashlib.sha1(verifier).digest().ljust(32, b"\0"))
    tail = struct.pack("<I", 16) + salt + stored[0] + struct.pack("<I", 20) + stored[1]
    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider"
    algorithm = {128: 0x660E, 192: 0x660F, 256: 0x6610}[bits]
    info = struct.pack("<HHI", 4 if legacy else 3, 2, flags) + _header(flags, algorithm, bits, provider) + tail
    return info, lambda n, page: aes(key(mixed(n)), page)


def agile(password: str, bits: int, name: str, *, chaining: str = "CBC", spins: int = 1000) -> tuple[bytes, PageCipher]:
    """Agile (2.3.4.10 to 2.3.4.13)."""
    plain = name.replace("-", "").lower()

    def digest(data: bytes) -> bytes:
        return hashlib.new(plain, data).digest()

    salts = os.urandom(16), os.urandom(16)
    secret, verifier = os.urandom(bits // 8), os.urandom(16)
    h = digest(salts[1] + password.encode("utf-16-le"))
    for i in range(spins):
        h = digest(struct.pack("<I", i) + h)

    def locked(block: str, data: bytes) -> str:
        key = digest(h + bytes.fromhex(block))[: bits // 8].ljust(bits // 8, b"\x36")
        data = data.ljust(-(-len(data) // 16) * 16, b"\0")
        return base64.b64encode(aes(key, data, salts[1] if chaining == "CBC" else None)).decode()

    common = (
        f'saltSize="16" blockSize="16" keyBits="{bits}" hashSize="{len(digest(b""))}" cipherAlgorithm="AES" '
        f'cipherChaining="ChainingMode{chaining}" hashAlgorithm="{name}"'
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
        '<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" '
        'xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
        f'<keyData {common} saltValue="{base64.b64encode(salts[0]).decode()}"/>'
        '<keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
        f'<p:encryptedKey spinCount="{spins}" {common} saltValue="{base64.b64encode(salts[1]).decode()}" '
        f'encryptedVerifierHashInput="{locked("fea7d2763b4b9e79", verifier)}" '
        f'encryptedVerifierHashValue="{locked("d7aa0f6d3061344e", digest(verifier))}" '
        f'encryptedKeyValue="{locked("146e0be7abacd0d6", secret)}"/>'
        "</keyEncryptor></keyEncryptors></encryption>"
    )

    def cipher(n: int, page: bytes) -> bytes:
        iv = digest(salts[0] + mixed(n))[:16]
        return aes(secret, page, iv if chaining == "CBC" else None)

    return struct.pack("<HHI", 4, 4, 0x40) + xml.encode(), cipher
