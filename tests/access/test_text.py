"""Text comes out as it went in: compressed, plain, mixed, in code pages; what is no text is replaced and told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.access.spans import PADDING, Spans
from wizard.access.text import decode, decode_one

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
MOSTLY_LATIN = st.text(
    st.one_of(st.characters(max_codepoint=0xFF, exclude_characters="\0"), st.sampled_from("–€Жя漢😀")), max_size=40
)


def spans_of(values: list[bytes | None]) -> Spans:
    """The values, one after the other in a buffer, as the reader finds them."""
    ends = np.cumsum([len(v or b"") for v in values], dtype=np.int64)
    valid = np.array([v is not None for v in values], np.bool_)
    start = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    buffer = np.frombuffer(b"".join(v or b"" for v in values) + bytes(PADDING), np.uint8)
    return Spans(buffer, np.where(valid, start, 0), np.where(valid, ends, 0), valid)


def compressed(text: str) -> bytes:
    """As Access compresses: runs of one byte a character, zero bytes around runs of two."""
    out, wide = bytearray(b"\xff\xfe"), False
    raw = text.encode("utf-16-le")
    for unit in (raw[i : i + 2] for i in range(0, len(raw), 2)):
        if bool(unit[1]) != wide:
            out.append(0)
            wide = not wide
        out += unit if wide else unit[:1]
    return bytes(out)


def can_be_compressed(text: str) -> bool:
    """Characters whose low byte is zero cannot: the zero would end the run."""
    raw = text.encode("utf-16-le")
    return all(raw[i] for i in range(0, len(raw), 2))


@given(st.lists(st.one_of(st.none(), TEXTS, MOSTLY_LATIN), max_size=12), st.data())
def test_compressed_and_plain_values_in_one_column(texts: list[str | None], data: st.DataObject) -> None:
    stored = [
        None
        if t is None
        else compressed(t)
        if can_be_compressed(t) and data.draw(st.booleans())
        else t.encode("utf-16-le")
        for t in texts
    ]
    found = decode(spans_of(stored), "")
    keep = [i for i, t in enumerate(texts) if not (t or "").startswith("\ufeff")]  # reads as the mark of compression
    have = found.values.to_pylist()
    assert [have[i] for i in keep] == [texts[i] for i in keep]
    assert not found.replaced[keep].any()


@given(st.lists(st.one_of(st.none(), st.binary(max_size=30), st.binary(max_size=20).map(lambda b: b"\xff\xfe" + b))))
def test_any_bytes_read_alike_in_bulk_and_alone(stored: list[bytes | None]) -> None:
    found = decode(spans_of(stored), "")
    assert found.values.to_pylist() == [None if v is None else decode_one(v) for v in stored]
    found.values.validate(full=True)
    for value, replaced in zip(stored, found.replaced, strict=True):
        assert not replaced or "\ufffd" in decode_one(value or b"")


@pytest.mark.parametrize("code_page", ["cp1250", "cp1251", "cp1252", "cp932", "cp936", "cp949", "cp874"])
@settings(max_examples=30)
@given(data=st.data())
def test_code_pages(code_page: str, data: st.DataObject) -> None:
    alphabet = st.characters(codec=code_page, exclude_characters="¢£¬‖−〜")  # cp932 gives others back for these
    texts = data.draw(st.lists(st.one_of(st.none(), st.text(alphabet, max_size=20))))
    found = decode(spans_of([None if t is None else t.encode(code_page) for t in texts]), code_page)
    assert found.values.to_pylist() == texts
    assert not found.replaced.any()


def test_bytes_that_windows_maps_to_controls_are_no_loss() -> None:
    found = decode(spans_of([b"\x81\x8d"]), "cp1252")
    assert found.values.to_pylist() == ["\x81\x8d"]


def test_halves_of_a_surrogate_pair_do_not_join_across_values() -> None:
    found = decode(spans_of([b"a\0\x3d\xd8", b"\x00\xdeb\0", "😀".encode("utf-16-le")]), "")
    assert found.values.to_pylist() == ["a\ufffd", "\ufffdb", "😀"]
    assert found.replaced.tolist() == [True, True, False]
