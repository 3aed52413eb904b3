"""Protected files open with their password, say at once when it is missing or wrong, and give their pages in clear."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access import encoder
from wizard.access import AccessFile
from wizard.access.codec import PageCodec, open_codec, unmask
from wizard.access.codec.ciphers import UnsupportedCipherError, aes_decrypt, hash_named, rc4, spin
from wizard.access.inspect import describe
from wizard.messages import JetferryError, PasswordError, SourceError

PASSWORD = "Größe 7 Ω"

OFFICE = {
    "RC4 1.1": lambda: encoder.binary_rc4(PASSWORD),
    "RC4 CryptoAPI, 40 bits": lambda: encoder.cryptoapi(PASSWORD, 40),
    "RC4 CryptoAPI, 128 bits": lambda: encoder.cryptoapi(PASSWORD, 128),
    "RC4 CryptoAPI, the provider's key size": lambda: encoder.cryptoapi(PASSWORD, 0),
    "Standard AES-128": lambda: encoder.standard(PASSWORD, 128),
    "Standard AES-256": lambda: encoder.standard(PASSWORD, 256),
    "Access 2007's AES-256": lambda: encoder.standard(PASSWORD, 256, legacy=True),
    "Agile AES-128, SHA-1": lambda: encoder.agile(PASSWORD, 128, "SHA1"),
    "Agile AES-192, SHA-256": lambda: encoder.agile(PASSWORD, 192, "SHA-256"),
    "Agile AES-256, SHA-384": lambda: encoder.agile(PASSWORD, 256, "SHA384"),
    "Agile AES-256, SHA-512": lambda: encoder.agile(PASSWORD, 256, "SHA512"),
    "Agile AES-128 ECB, SHA-1": lambda: encoder.agile(PASSWORD, 128, "SHA1", chaining="ECB"),
}


def clear(path: Path, codec: PageCodec, size: int = 4096) -> list[bytes]:
    data = path.read_bytes()
    return [codec.decode(n, data[n * size : (n + 1) * size]) for n in range(1, len(data) // size)]


def pages(path: Path, count: int, size: int = 4096) -> list[bytes]:
    data = path.read_bytes()
    return [data[n * size : (n + 1) * size] for n in range(1, count)]


@pytest.mark.parametrize("scheme", OFFICE)
def test_a_file_encrypted_by_office_opens_with_its_password_alone(scheme: str, sample: Path, tmp_path: Path) -> None:
    info, cipher = OFFICE[scheme]()
    path = encoder.protect(sample, tmp_path / "locked.accdb", cipher=cipher, info=info, pages=6)
    header = path.read_bytes()[:4096]
    codec = open_codec(header, PASSWORD)
    assert clear(path, codec) == pages(sample, 6)
    assert codec.encrypted
    assert codec.password
    with pytest.raises(PasswordError, match="JF1501"):
        open_codec(header, PASSWORD + "x")
    with pytest.raises(PasswordError, match=r"JF1500.*locked"):
        open_codec(header, path=str(path))


@pytest.mark.parametrize("scheme", ["RC4 CryptoAPI, 128 bits", "Agile AES-256, SHA-512"])
def test_everything_in_an_encrypted_file_is_read(scheme: str, sample: Path, tmp_path: Path) -> None:
    info, cipher = OFFICE[scheme]()
    path = encoder.protect(sample, tmp_path / "harborbooks.accdb", cipher=cipher, info=info)
    with AccessFile.open(path, PASSWORD) as locked, AccessFile.open(sample) as plain:
        assert describe(locked.definition) == describe(plain.definition) | {"encrypted": True}
        for table in ("Books", "Order Details"):
            assert rows(locked, table) == rows(plain, table)
    with pytest.raises(PasswordError, match="JF1501"):
        AccessFile.open(path, "wrong")


def rows(file: AccessFile, table: str) -> list[dict[str, object]]:
    return [row for batch in file.read(table) for row in batch.rows.to_pylist()]


def test_a_page_cut_short_does_not_stop_the_others(sample: Path, tmp_path: Path) -> None:
    info, cipher = encoder.agile(PASSWORD, 256, "SHA512")
    path = encoder.protect(sample, tmp_path / "a.accdb", cipher=cipher, info=info, pages=3)
    data = path.read_bytes()
    codec = open_codec(data[:4096], PASSWORD)
    cut = codec.decode(2, data[8192 : 8192 + 1000])
    assert len(cut) == 1000
    assert cut[:992] == pages(sample, 3)[1][:992]


def test_jet_4_asks_for_its_password_and_compares_case(shared: Path) -> None:
    header = (shared / "corpus" / "V2000_with-password.mdb").read_bytes()[:4096]
    codec = open_codec(header, "password")
    assert (codec.encrypted, codec.password) == (False, True)
    assert codec.decode(1, b"as it is") == b"as it is"
    for wrong in ("Password", "passwor", "password ", ""):
        with pytest.raises(PasswordError, match="JF1501"):
            open_codec(header, wrong)
    with pytest.raises(PasswordError, match="JF1500"):
        open_codec(header)


@pytest.mark.parametrize("name", ["V2010_with-password.accdb", "office-agile-4.4.accdb"])
def test_files_encrypted_by_access_itself_open(name: str, shared: Path) -> None:
    path = shared / "corpus" / name
    codec = open_codec(path.read_bytes()[:4096], "password")
    kinds = {page[0] for page in clear(path, codec)}
    assert kinds <= {1, 2, 3, 4, 5}  # data, definitions, indexes, usage maps
    with pytest.raises(PasswordError, match="JF1501"):
        open_codec(path.read_bytes()[:4096], "Password")


@pytest.mark.parametrize(
    ("version", "size", "password"), [(0, 2048, ""), (1, 4096, ""), (0, 2048, "Zoë"), (1, 4096, "пароль")]
)
def test_files_encoded_by_jet_are_read_without_knowing_the_key(
    version: int, size: int, password: str, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.mdb"
    body = bytes(range(256)) * (size * 4 // 256)
    plain.write_bytes(encoder.masked(b"\0\1\0\0Standard Jet DB\0" + bytes([version]) + bytes(size - 21)) + body)
    path = encoder.protect(plain, tmp_path / "encoded.mdb", cipher=encoder.jet(), password=password)
    header = path.read_bytes()[:size]
    codec = open_codec(header, password or None)
    assert b"".join(clear(path, codec, size)) == body
    if password:
        with pytest.raises(PasswordError, match="JF1500"):
            open_codec(header)
        with pytest.raises(PasswordError, match="JF1501"):
            open_codec(header, password.upper())


def test_a_plain_file_needs_no_password_and_takes_any(sample: Path) -> None:
    header = sample.read_bytes()[:4096]
    for password in (None, "", "anything"):
        codec = open_codec(header, password)
        assert not codec.encrypted
        assert not codec.password
        assert codec.decode(7, b"page") == b"page"


def test_nothing_that_is_shown_holds_a_secret(sample: Path, tmp_path: Path) -> None:
    info, cipher = encoder.agile(PASSWORD, 256, "SHA512")
    path = encoder.protect(sample, tmp_path / "a.accdb", cipher=cipher, info=info, pages=2)
    codec = open_codec(path.read_bytes(), PASSWORD)
    shown = repr(codec)
    with pytest.raises(PasswordError) as wrong:
        open_codec(path.read_bytes(), "hunter2 ")
    shown += repr(wrong.value) + str(wrong.value)
    assert PASSWORD not in shown
    assert "hunter2" not in shown
    assert "decode" not in shown


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'hashAlgorithm="SHA512"', b'hashAlgorithm="SHAKE9"'),
        (b'spinCount="1000"', b'spinCount="9999"0000'),
        (b'spinCount="1000"', b'spinCount="-100"'),
        (b'cipherAlgorithm="AES"', b'cipherAlgorithm="DES"'),
        (b"ChainingModeCBC", b"ChainingModeXYZ"),
        (b"<keyData ", b"<keyDato "),
        (b"<?xml version", b"<!DOCTYPE ver"),
        (b'blockSize="16"', b'blockSize="17"'),
    ],
)
def test_an_encryption_nobody_knows_is_refused_with_its_name(
    old: bytes, new: bytes, sample: Path, tmp_path: Path
) -> None:
    info, cipher = encoder.agile(PASSWORD, 256, "SHA512")
    assert old in info
    path = encoder.protect(sample, tmp_path / "a.accdb", cipher=cipher, info=info.replace(old, new), pages=2)
    with pytest.raises(SourceError, match="JF1502"):
        open_codec(path.read_bytes(), PASSWORD)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([(4, 4), (4, 2), (3, 2), (1, 1), (9, 9)]))
def test_hostile_encryption_information_is_an_error_and_not_a_crash(junk: bytes, version: tuple[int, int]) -> None:
    header = bytearray(4096)
    header[0x14] = 3
    header[0x3E:0x42] = encoder.ENCODING_KEY
    info = bytes([version[0], 0, version[1], 0]) + junk
    header[0x299 : 0x29B + len(info)] = len(info).to_bytes(2, "little") + info
    with pytest.raises(JetferryError):
        open_codec(encoder.masked(bytes(header)), "x")


def test_a_header_too_short_is_refused() -> None:
    with pytest.raises(SourceError, match="JF1503"):
        open_codec(b"\0\1\0\0Standard ACE DB\0")


@given(st.binary(min_size=152, max_size=400))
def test_the_mask_taken_off_twice_is_back(header: bytes) -> None:
    assert unmask(unmask(header)) == header


@given(st.sampled_from([4, 5, 8, 10, 16, 20, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n)), st.binary())
def test_rc4_is_rc4_for_every_key_size_that_files_use(key: bytes, data: bytes) -> None:
    assert rc4(key, data) == encoder.rc4(key, data)


def test_ciphers_that_are_not_supported_are_named() -> None:
    with pytest.raises(UnsupportedCipherError, match="88 bits"):
        rc4(bytes(11), b"data")
    with pytest.raises(UnsupportedCipherError, match="40 bits"):
        aes_decrypt(bytes(5), bytes(16))


@pytest.mark.parametrize("name", ["MD5", "SHA1", "SHA-256", "SHA384", "SHA512"])
def test_a_key_is_the_same_whosever_hash_makes_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own or OpenSSL's: a Python may be built without either."""
    value = b"salt and password"
    for i in range(3):
        value = hashlib.new(name.replace("-", ""), i.to_bytes(4, "little") + value).digest()
    assert spin(hash_named(name), b"salt and password", 3) == value
    for module in ("_md5", "_sha1", "_sha256", "_sha512", "_sha2"):
        monkeypatch.setitem(sys.modules, module, None)
    assert spin(hash_named(name), b"salt and password", 3) == value
