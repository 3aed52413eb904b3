"""Attachments and OLE objects give the file that was put into them."""

from __future__ import annotations

import struct
import zlib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.access.complex_columns import AttachmentError, attached_file
from wizard.access.ole import embedded_file, with_embedded_files


def attachment(data: bytes, extension: str = "txt", *, deflate: bool = True) -> bytes:
    name = (extension + "\0").encode("utf-16-le")
    content = struct.pack("<III", 12 + len(name), 1, len(name)) + name + data
    return struct.pack("<II", int(deflate), len(content)) + (zlib.compress(content) if deflate else content)


@given(st.binary(max_size=2000), st.booleans())
def test_an_attachment_comes_out_of_its_wrapper(data: bytes, deflate: bool) -> None:
    assert attached_file(attachment(data, deflate=deflate)) == data


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\1\0\0",
        struct.pack("<II", 7, 4) + b"abcd",
        struct.pack("<II", 1, 4) + b"not deflated",
        struct.pack("<II", 0, 100) + b"short",
        struct.pack("<II", 0, 8) + struct.pack("<II", 99, 0),
        struct.pack("<II", 1, 0xFFFFFFFF) + zlib.compress(b"bomb" * 100),
        attachment(b"data" * 9)[:-8],
    ],
)
def test_a_wrapper_that_cannot_be_is_an_error(stored: bytes) -> None:
    with pytest.raises(AttachmentError):
        attached_file(stored)


def counted(text: bytes) -> bytes:
    return struct.pack("<I", len(text)) + text


def ole(class_name: bytes, data: bytes, *, kind: int = 2) -> bytes:
    names = b"Shown name\0" + class_name
    head = b"\x15\x1c" + struct.pack("<HIHHHHi", 20 + len(names), kind, 11, len(class_name), 20, 31, -1) + names
    return head + struct.pack("<II", 0x0501, 2) + counted(class_name) + counted(b"") + counted(b"") + counted(data) + b"\1\5\0\0"  # fmt: skip  # noqa: E501


def package(name: bytes, data: bytes, unicode_name: str = "") -> bytes:
    stream = struct.pack("<H", 2) + name + b"\0c:\\x\\" + name + b"\0" + struct.pack("<I", 0x30000)
    stream += counted(b"c:\\temp\\x\0") + counted(data)
    for text in ("c:\\temp\\x", unicode_name, "c:\\x") if unicode_name else ():
        stream += struct.pack("<I", len(text)) + text.encode("utf-16-le")
    return ole(b"Package\0", stream)


def test_a_package_gives_its_file_and_name() -> None:
    found = embedded_file(package(b"letter.txt", b"Dear Sir"))
    assert found
    assert (found.data, found.name, found.class_name) == (b"Dear Sir", "letter.txt", "Package")
    newer = embedded_file(package(b"?????.txt", b"x", "письмо.txt"))
    assert newer
    assert newer.name == "письмо.txt"


def test_another_server_gives_its_own_data() -> None:
    found = embedded_file(ole(b"PBrush\0", b"BM picture"))
    assert found
    assert (found.data, found.class_name, found.name) == (b"BM picture", "PBrush", "")


def test_links_and_values_without_wrapper_hold_no_file() -> None:
    link = struct.pack("<H", 2) + b"a.txt\0c:\\a.txt\0" + struct.pack("<IH", 0x10000, 1) + b"c:\\a.txt\0"
    assert embedded_file(ole(b"Package\0", link)) is None
    assert embedded_file(b"\x89PNG plain") is None
    assert embedded_file(b"") is None


def test_a_column_of_objects_gives_files_and_keeps_what_has_none() -> None:
    values = [package(b"a.txt", b"file"), b"plain", None, b""]
    rows = pa.record_batch({"n": [1, 2, 3, 4], "o": pa.array(values, pa.binary())})
    assert with_embedded_files(rows, ["o"]).to_pydict() == {"n": [1, 2, 3, 4], "o": [b"file", b"plain", None, b""]}


WHOLE = package(b"letter.txt", b"Dear Sir", "brief.txt")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(0, len(WHOLE)))
def test_damage_never_crashes_it(at: int, byte: int, cut: int) -> None:
    changed = WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]
    embedded_file(changed)
    embedded_file(changed[:cut])
