"""Agile encryption (Access 2010 and later): AES as an XML descriptor says, SHA-1 to SHA-512.

Source: MS-OFFCRYPTO 2.3.4.10 to 2.3.4.13. A page's initial vector comes from the header's encoding key mixed with
the page's number, where an Office document has the segment's number.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from xml.etree import ElementTree

from wizard.access.codec.ciphers import (
    PageDecoder,
    UnsupportedCipherError,
    aes_decrypt,
    fixed,
    hash_named,
    page_key,
    spin,
)

_ENCRYPTION = "{http://schemas.microsoft.com/office/2006/encryption}"
_PASSWORD = "{http://schemas.microsoft.com/office/2006/keyEncryptor/password}"
_VERIFIER_INPUT = bytes.fromhex("fea7d2763b4b9e79")
_VERIFIER_HASH = bytes.fromhex("d7aa0f6d3061344e")
_KEY_VALUE = bytes.fromhex("146e0be7abacd0d6")
_MOST_SPINS = 1_000_000
"""ten times what Access writes; the specification allows ten million, which takes longer than anybody waits"""
_FILLER = 0x36


@dataclass(frozen=True, slots=True)
class _Cipher:
    """The attributes that keyData and encryptedKey share."""

    salt: bytes
    block_size: int
    key_bytes: int
    chaining: str
    hash_name: str

    @classmethod
    def of(cls, element: ElementTree.Element) -> _Cipher:
        if element.attrib["cipherAlgorithm"].upper() != "AES":
            raise UnsupportedCipherError(f"cipher {element.attrib['cipherAlgorithm']}")
        return cls(
            salt=_binary(element, "saltValue"),
            block_size=_number(element, "blockSize", 4096),
            key_bytes=_number(element, "keyBits", 512) // 8,
            chaining=element.attrib["cipherChaining"].removeprefix("ChainingMode").upper(),
            hash_name=element.attrib["hashAlgorithm"],
        )


def agile(info: bytes, password: bytes, key: bytes) -> PageDecoder | None:
    """The decoder of a file's pages, or None where the password is wrong. Arguments as of `office.cryptoapi`.

    Raises:
        UnsupportedCipherError: the descriptor is not readable, or asks for what is not supported.
    """
    data, lock, element = _descriptor(info[8:])
    make = hash_named(lock.hash_name)
    spun = spin(make, make(lock.salt + password).digest(), _number(element, "spinCount", _MOST_SPINS))

    def unlock(block: bytes, attribute: str) -> bytes:
        derived = fixed(make(spun + block).digest(), lock.key_bytes, _FILLER)
        iv = fixed(lock.salt, lock.block_size, _FILLER)
        return aes_decrypt(derived, _binary(element, attribute), chaining=lock.chaining, iv=iv)

    verifier = unlock(_VERIFIER_INPUT, "encryptedVerifierHashInput")
    expected = make(verifier).digest()
    if unlock(_VERIFIER_HASH, "encryptedVerifierHashValue")[: len(expected)] != expected:
        return None
    page_secret = unlock(_KEY_VALUE, "encryptedKeyValue")[: data.key_bytes]
    page_hash = hash_named(data.hash_name)

    def decode(page: int, raw: bytes) -> bytes:
        iv = fixed(page_hash(data.salt + page_key(key, page)).digest(), data.block_size, _FILLER)
        return aes_decrypt(page_secret, raw, chaining=data.chaining, iv=iv)

    decode(1, bytes(data.block_size))  # a descriptor that asks for what there is not is refused now, not later
    return decode


def _descriptor(xml: bytes) -> tuple[_Cipher, _Cipher, ElementTree.Element]:
    if b"<!" in xml:  # no descriptor has a document type; entities could only be an attack
        raise UnsupportedCipherError("an encryption descriptor with declarations of its own")
    try:
        root = ElementTree.fromstring(xml.rstrip(b"\0"))  # noqa: S314  (declarations are refused above)
        data = root.find(f"{_ENCRYPTION}keyData")
        lock = root.find(f".//{_PASSWORD}encryptedKey")
        if data is None or lock is None:
            raise UnsupportedCipherError("an encryption descriptor that is not opened by a password")
        return _Cipher.of(data), _Cipher.of(lock), lock
    except (ElementTree.ParseError, KeyError) as e:
        raise UnsupportedCipherError(f"an encryption descriptor that cannot be read ({e})") from e


def _number(element: ElementTree.Element, name: str, most: int) -> int:
    text = element.attrib.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) > most:
        raise UnsupportedCipherError(f"an encryption descriptor whose {name} is {text[:20]!r}")
    return int(text)


def _binary(element: ElementTree.Element, name: str) -> bytes:
    try:
        return base64.b64decode(element.attrib[name], validate=True)
    except (KeyError, binascii.Error) as e:
        raise UnsupportedCipherError(f"an encryption descriptor without a readable {name}") from e
