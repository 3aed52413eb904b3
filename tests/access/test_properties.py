"""Property blobs give typed values; damaged ones give what stands before the damage, and say so."""

from __future__ import annotations

import struct
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.access.properties import parse
from wizard.access.text import decode_one


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def named(text: bytes) -> bytes:
    return struct.pack("<H", len(text)) + text


def chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", len(data) + 6, kind) + data


def names(*texts: bytes) -> bytes:
    return chunk(0x80, b"".join(named(t) for t in texts))


def value(index: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<HBBHH", 8 + len(data), 0, kind, index, len(data)) + data


def values(owner: bytes, *entries: bytes, kind: int = 1) -> bytes:
    name = named(owner)
    return chunk(kind, struct.pack("<I", 4 + len(name)) + name + b"".join(entries))


def blob(*chunks: bytes, magic: bytes = b"MR2\0") -> bytes:
    return magic + b"".join(chunks)


def test_values_have_their_types_and_owners() -> None:
    raw = blob(
        names(utf16("Required"), utf16("Description"), utf16("Size"), utf16("GUID"), utf16("Made"), utf16("Price")),
        values(b"", value(1, 10, utf16("all orders")), value(4, 8, struct.pack("<d", 36526.5)), kind=0),
        values(
            utf16("Käufer"),
            value(0, 1, b"\1"),
            value(2, 4, struct.pack("<i", -3)),
            value(3, 9, bytes(range(16))),
            value(5, 5, struct.pack("<q", 12345)),
        ),
    )
    found = parse(raw, decode_one)
    assert found.damage == ""
    assert found.itself == {"Description": "all orders", "Made": datetime(2000, 1, 1, 12)}
    assert found.of("KÄUFER") == {
        "Required": True,
        "Size": -3,
        "GUID": "{03020100-0504-0706-0809-0A0B0C0D0E0F}",
        "Price": Decimal("1.2345"),
    }
    assert found.of("absent") == {}


def test_access_97_keeps_names_in_its_code_page() -> None:
    raw = blob(names("Описание".encode("cp1251")), values("Имя".encode("cp1251"), value(0, 10, b"\xe4\xe0")), magic=b"KKD\0")  # fmt: skip  # noqa: E501
    assert parse(raw, lambda b: decode_one(b, "cp1251")).of("имя") == {"Описание": "да"}


def test_compressed_text_is_unpacked() -> None:
    raw = blob(names(utf16("Caption")), values(utf16("a"), value(0, 12, b"\xff\xfePlain")))
    assert parse(raw, decode_one).of("A") == {"Caption": "Plain"}


def test_unknown_types_stay_bytes() -> None:
    raw = blob(names(utf16("X")), values(utf16("a"), value(0, 99, b"??"), value(0, 4, b"12")))
    assert parse(raw, decode_one).of("a") == {"X": b"12"}


def test_no_blob_is_no_properties() -> None:
    assert parse(None, decode_one).itself == {}
    assert parse(b"", decode_one).damage == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"JUNKJUNK",
        blob(names(utf16("A")), struct.pack("<IH", 999_999, 1)),
        blob(names(utf16("A")), struct.pack("<IH", 0, 1)),
        blob(chunk(0x80, struct.pack("<H", 500) + b"ab")),
        blob(names(utf16("A")), values(utf16("c"), value(7, 1, b"\1"))),
        blob(names(utf16("A")), chunk(1, struct.pack("<I", 1 << 30))),
        blob(names(utf16("A")), values(utf16("c"), b"\x09\0\0\1\0\0\xff\xff\1")),
    ],
)
def test_damage_is_said(raw: bytes) -> None:
    assert parse(raw, decode_one).damage


def test_what_stands_before_the_damage_is_kept() -> None:
    raw = blob(names(utf16("A")), values(utf16("c"), value(0, 1, b"\1")), b"\xff\xff")
    found = parse(raw, decode_one)
    assert found.of("c") == {"A": True}
    assert found.damage


GOOD = blob(
    names(utf16("Required"), utf16("Description")),
    values(utf16("Column"), value(0, 1, b"\1"), value(1, 10, utf16("text"))),
    values(b"", value(1, 10, utf16("table")), kind=0),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, len(GOOD)))  # fmt: skip  # noqa: E501
def test_bytes_changed_anywhere_never_crash_it(changes: list[tuple[int, int]], cut: int) -> None:
    raw = bytearray(GOOD)
    for at, byte in changes:
        raw[at] = byte
    parse(bytes(raw), decode_one)
    parse(bytes(raw[:cut]), decode_one)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_noise_never_crashes_it(noise: bytes) -> None:
    parse(b"MR2\0" + noise, decode_one)
