"""Text: UTF-16 with or without Jet's compression from Jet 4 on, a code page in Jet 3.

A compressed value starts with FF FE. Then come runs of bytes that stand for the characters 1 to 255; a zero byte
switches to UTF-16 and back. Source: mdbtools' HACKING notes, *Text Data Type*.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.arrow_kernels import cast, with_replaced
from wizard.access.spans import (
    LENGTH,
    PADDING,
    Bytes,
    Mask,
    Places,
    Spans,
    booleans,
    contiguous,
    flat,
    numbers_at,
    text_array,
)
from wizard.messages import Place, SourceError

_COMPRESSED: Final = 0xFEFF
_UNKNOWN: Final = 0xFFFD
_PADDING: Final = np.zeros(PADDING, np.uint8)
_MARK: Final = np.array([0xFF, 0xFE], np.uint8)
"""before compressed text"""
_SHORT_RUN: Final = 4
_AT_ONCE: Final = 1 << 20
"""bytes"""
_BY_LANGUAGE: Final = {
    0x0404: 950,
    0x0405: 1250,
    0x0408: 1253,
    0x040D: 1255,
    0x040E: 1250,
    0x0401: 1256,
    0x0411: 932,
    0x0412: 949,
    0x0415: 1250,
    0x0419: 1251,
    0x041A: 1250,
    0x041E: 874,
    0x041F: 1254,
    0x0424: 1250,
    0x0804: 936,
}
"""Windows code pages by sort order, for headers that name no code page; all others are 1252"""


def code_page_of(layout: fmt.FileFormat, header: bytes, override: str | None, place: Place) -> str:
    """The Python codec of a file's text, from its header or the override (a codec, or a number of Windows'); empty
    where text is UTF-16.

    Raises SourceError 1007 for an override that is no codec, 1008 for a code page of the file that is unknown.
    """
    if not layout.code_page:
        return ""
    if override:
        return codec_of(override, place)
    sort_order, number = struct.unpack_from("<HH", header, fmt.SORT_ORDER_AT)
    number = number or _BY_LANGUAGE.get(sort_order, 1252)
    try:
        return codecs.lookup(f"cp{number}").name
    except LookupError as error:
        raise SourceError(1008, place, code_page=number) from error


def codec_of(code_page: str, place: Place) -> str:
    """The Python codec that a person named, as a codec or as a number of Windows'. Raises SourceError 1007."""
    name = f"cp{code_page}" if code_page.isdigit() else code_page
    try:
        b"a".decode(name)  # there are codecs that are no text, or of two bytes at least
        return codecs.lookup(name).name
    except (LookupError, UnicodeError) as error:
        raise SourceError(1007, place, code_page=code_page) from error


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text values, and the rows where characters had to be replaced because what is kept is no text."""

    values: pa.Array[Any]
    replaced: Mask


def decode(spans: Spans, code_page: str) -> Decoded:
    """All text of a column; `code_page` empty means UTF-16, compressed or not, value by value.

    A megabyte or so at once: what is made on the way takes many times the text itself.
    """
    if int(spans.length.sum()) <= _AT_ONCE:
        return _decoded(spans, code_page)
    ends = np.cumsum(spans.length)
    large = spans.length > _AT_ONCE
    cuts = np.flatnonzero((np.diff(ends // _AT_ONCE) > 0) | large[:-1] | large[1:]) + 1
    borders = [0, *cuts.tolist(), len(spans)]
    parts = [_decoded(spans.slice(a, b), code_page) for a, b in pairwise(borders)]
    return Decoded(pa.concat_arrays([p.values for p in parts]), np.concatenate([p.replaced for p in parts]))


def _decoded(spans: Spans, code_page: str) -> Decoded:
    if len(spans) == 1 and int(spans.length[0]) > _AT_ONCE:
        return _large(spans.buffer[int(spans.start[0]) : int(spans.end[0])], code_page)
    return _from_code_page(spans, code_page) if code_page else _from_unicode(spans)


def _large(value: Bytes, code_page: str) -> Decoded:
    """One long text, in pieces."""
    text = bytearray()
    replaced = False
    compressed = not code_page and value[:2].tobytes() == _MARK.tobytes()
    for piece in _pieces(value, code_page, compressed=compressed):
        size = len(piece) - PADDING
        whole = Spans(piece, np.zeros(1, np.int64), np.array([size]), np.ones(1, np.bool_))
        if code_page:
            found = _from_code_page(whole, code_page)
        elif compressed:
            found = _from_unicode(whole)
        elif size % 2:
            found = Decoded(pa.array([piece[:size].tobytes().decode("utf-16-le", "replace")]), np.ones(1, np.bool_))
        else:
            found = _from_utf16(whole)
        replaced |= bool(found.replaced[0])
        text += flat(cast(found.values, pa.binary()))[1].tobytes()
    return Decoded(text_array(np.ones(1, np.bool_), np.array([0, len(text)]), text), np.array([replaced]))


def _pieces(value: Bytes, code_page: str, *, compressed: bool) -> Iterator[Bytes]:
    """A long text cut between characters, each piece as if it stood alone, with padding behind it."""
    mark = _MARK if compressed else _MARK[:0]
    at, wide = len(mark), False
    while at < len(value):
        end = min(at + _AT_ONCE, len(value))
        head = np.append(mark, np.uint8(0)) if wide else mark
        if end < len(value):
            wide, end = _cut(value, at, end, wide) if compressed else (False, _boundary(value, at, end, code_page))
        yield np.concatenate([head, value[at:end], _PADDING])
        at = end


def _cut(value: Bytes, at: int, end: int, wide: bool) -> tuple[bool, int]:
    """Where to cut compressed text, and whether it is of two bytes a character there; `wide` says it of `at`."""
    zeroes = np.flatnonzero(value[at:end] == 0)
    wide = wide is not bool(len(zeroes) % 2)
    if not wide:
        return wide, end
    begin = at + int(zeroes[-1]) + 1 if len(zeroes) else at
    return wide, max(_whole(value, begin, end), begin)


def _whole(value: Bytes, begin: int, end: int) -> int:
    """The last border of a character of UTF-16 up to `end`, of a text that begins at `begin`."""
    end -= (end - begin) % 2
    return end - 2 if end - begin >= 2 and value[end - 1] & 0xFC == 0xD8 else end


def _boundary(value: Bytes, at: int, end: int, code_page: str) -> int:
    """Where to cut plain text: between characters."""
    if not code_page:
        return _whole(value, at, end)
    if _table(code_page) is not None:
        return end
    decoder = codecs.getincrementaldecoder(code_page)("replace")
    decoder.decode(value[at:end].tobytes())
    return end - len(decoder.getstate()[0])


def decode_one(value: bytes, code_page: str = "", errors: str = "replace") -> str:
    """One value, for names, properties and irregular text; `errors` as in `bytes.decode`."""
    if code_page:
        return value.decode(code_page, errors)
    if value[:2] != b"\xff\xfe":
        return value.decode("utf-16-le", errors)
    runs = value[2:].split(b"\0")
    return "".join(_run("utf-16-le" if i % 2 else "latin-1", run, errors) for i, run in enumerate(runs))


def _run(codec: str, run: bytes, errors: str) -> str:
    return _short_run(codec, run, errors) if len(run) < _SHORT_RUN else run.decode(codec, errors)


@lru_cache(1 << 12)
def _short_run(codec: str, run: bytes, errors: str) -> str:
    """Text of nothing but changes between runs would take seconds a megabyte."""
    return run.decode(codec, errors)


def _one_by_one(spans: Spans, code_page: str = "") -> Decoded:
    """Irregular text, value by value; all valid."""
    texts: list[str] = []
    replaced = np.zeros(len(spans), np.bool_)
    values: list[Any] = spans.binary().to_pylist()
    for i, value in enumerate(values):
        try:
            texts.append(decode_one(value, code_page, "strict"))
        except UnicodeDecodeError:
            texts.append(decode_one(value, code_page))
            replaced[i] = True
    return Decoded(pa.array(texts, pa.string()), replaced)


def _from_unicode(spans: Spans) -> Decoded:
    length = spans.length
    views = spans.views(2)
    compressed = (numbers_at(views, LENGTH, "<u2") == _COMPRESSED) & (length >= 2)
    uneven = (length & 1) != 0
    if not (compressed.any() or uneven.any()):
        return _from_utf16(spans, contiguous(views[:, :-2]))
    rest = (length > 0) & ~compressed
    some = bool(rest.any())
    end = np.where(rest, spans.start, spans.end) if some else spans.end
    short = Spans(spans.buffer, spans.start + 2 * compressed, end, spans.valid)
    offsets, data = flat(short.binary(contiguous(views[:, 2:])))
    replaced = np.zeros(len(spans), np.bool_)
    values = text_array(spans.valid, *_widen(offsets, data))
    if not some and data.min(initial=1):
        return Decoded(values, replaced)
    mixed = np.zeros(len(spans), np.bool_)
    mixed[_rows_with(data == 0, offsets)] = True
    for rows, how in ((rest & ~uneven, _from_utf16), (mixed, _from_runs), (rest & uneven, _one_by_one)):
        if rows.any():
            found = how(spans.only(rows))
            replaced[rows] = found.replaced
            values = with_replaced(values, booleans(rows), found.values)
    return Decoded(values, replaced)


def _rows_with(which: Mask, offsets: NDArray[np.int32]) -> Places:
    """The rows in which some byte (or unit) is marked."""
    marked = np.flatnonzero(which)
    return np.unique(np.searchsorted(offsets, marked, "right") - 1) if len(marked) else marked


def _from_runs(spans: Spans) -> Decoded:
    """Compressed values that change between runs of one and of two bytes a character; all valid.

    A byte's run is of two bytes where an odd number of zeroes stands before it in its value.
    """
    offsets, data = flat(Spans(spans.buffer, spans.start + 2, spans.end, spans.valid).binary())
    zero = data == 0
    zeroes = np.zeros(len(data) + 1, np.int32)
    np.cumsum(zero, out=zeroes[1:])
    before = zeroes[:-1] - np.repeat(zeroes[offsets[:-1]], np.diff(offsets))
    wide = ((before & 1) == 1) & ~zero
    at = np.arange(len(data))
    in_run = at - np.maximum.accumulate(np.where(zero, at, -1)) - 1
    low = wide & ((in_run & 1) == 0)
    following = np.append(wide[1:], False)
    high_byte = np.where(low, np.append(data[1:], np.uint8(0)), 0).astype(np.uint16)
    broken = (low & ~following) | (low & ((high_byte & 0xF8) == 0xD8))  # halves of characters, or of surrogate pairs
    kept = ~zero & (low | ~wide)
    units_before = np.zeros(len(data) + 1, np.int32)
    np.cumsum(kept, out=units_before[1:])
    units = (data | (high_byte << 8))[kept]
    found = _utf8(units_before[offsets], units, spans.valid)
    alone = np.zeros(len(spans), np.bool_)
    alone[_rows_with(broken, offsets)] = True
    if not alone.any():
        return found
    exact = _one_by_one(spans.only(alone))
    found.replaced[alone] = exact.replaced
    return Decoded(with_replaced(found.values, booleans(alone), exact.values), found.replaced)


def _widen(offsets: NDArray[np.int32], data: Bytes) -> tuple[NDArray[np.int32], Bytes]:
    """Latin-1 to UTF-8: bytes from 0x80 on become two."""
    if data.max(initial=0) < 0x80:
        return offsets, data
    high = data >= 0x80
    before = np.zeros(len(data) + 1, np.int32)
    np.cumsum(high, out=before[1:])
    out = np.empty(len(data) + int(before[-1]), np.uint8)
    at = np.arange(len(data)) + before[:-1]
    out[at] = np.where(high, 0xC0 | (data >> 6), data)
    out[at[high] + 1] = 0x80 | (data[high] & 0x3F)
    return offsets + before[offsets], out


def _from_utf16(spans: Spans, views: Bytes | None = None) -> Decoded:
    offsets, data = flat(spans.binary(views))
    return _utf8(offsets // 2, data.view("<u2"), spans.valid)


def _utf8(offsets: NDArray[np.int32], units: NDArray[np.uint16], valid: Mask) -> Decoded:
    """UTF-16 units to UTF-8; halves of a surrogate pair that stand alone are replaced."""
    replaced = np.zeros(len(valid), np.bool_)
    most = int(units.max(initial=0))
    if most < 0x80:
        return Decoded(text_array(valid, offsets, units.astype(np.uint8)), replaced)
    width = (units >= 0x80).view(np.uint8) + np.uint8(1)
    if most >= 0x800:
        width += units >= 0x800
    if most >= 0xD800 and ((units & 0xF800) == 0xD800).any():
        paired, lone = _surrogates(offsets, units)
        width -= paired
        units = np.where(lone, np.uint16(_UNKNOWN), units)
        replaced[_rows_with(lone, offsets)] = True
    before = np.zeros(len(units) + 1, np.int32)
    np.cumsum(width, out=before[1:])
    text = units.astype(np.uint8).tobytes().decode("latin-1") if most < 0x100 else units.tobytes().decode("utf-16-le")
    return Decoded(text_array(valid, before[offsets], text.encode()), replaced)


def _surrogates(offsets: NDArray[np.int32], units: NDArray[np.uint16]) -> tuple[Mask, Mask]:
    """Which units belong to a pair, and which are halves that stand alone. A pair does not cross values."""
    high = (units & 0xFC00) == 0xD800
    low = (units & 0xFC00) == 0xDC00
    first = np.zeros(len(units) + 1, np.bool_)
    first[offsets] = True
    pair = high[:-1] & low[1:] & ~first[1:-1]
    paired = np.zeros(len(units), np.bool_)
    paired[:-1] |= pair
    paired[1:] |= pair
    return paired, (high | low) & ~paired


def _from_code_page(spans: Spans, code_page: str) -> Decoded:
    array = spans.binary()
    offsets, data = flat(array)
    high = data >= 0x80
    if not high.any():
        return Decoded(text_array(spans.valid, offsets, data), np.zeros(len(spans), np.bool_))
    table = _table(code_page)
    if table is not None:
        return _utf8(offsets, table[data], spans.valid)
    rows = np.zeros(len(spans), np.bool_)
    rows[_rows_with(high, offsets)] = True
    found = _one_by_one(spans.only(rows), code_page)
    replaced = np.zeros(len(spans), np.bool_)
    replaced[rows] = found.replaced
    ascii_only = text_array(spans.valid, offsets, np.where(high, ord("?"), data).astype(np.uint8))
    return Decoded(with_replaced(ascii_only, booleans(rows), found.values), replaced)


@lru_cache
def _table(code_page: str) -> NDArray[np.uint16] | None:
    """The characters of a code page of single bytes; None for others. Unassigned bytes below A0 are as in Windows."""
    every = bytes(range(256))
    alone = "".join(bytes([b]).decode(code_page, "replace") for b in every)
    if len(alone) != len(every) or alone != every.decode(code_page, "replace"):
        return None
    units = np.array([ord(c) for c in alone], np.uint16)
    control = np.arange(256, dtype=np.uint16)
    return np.where((units == _UNKNOWN) & (control < 0xA0), control, units)
