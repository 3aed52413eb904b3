"""Text: UTF-16 with or without Jet's compression from Jet 4 on, a code page in Jet 3.

A compressed value starts with FF FE. Then come runs of bytes that stand for the characters 1 to 255; a zero byte
switches to UTF-16 and back. Source: mdbtools' HACKING notes, *Text Data Type*.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wizard.access import format as fmt
from wizard.access.spans import Bytes, Mask, Places, Spans, flat, text_array
from wizard.messages import Place, SourceError

_COMPRESSED: Final = 0xFEFF
_UNKNOWN: Final = 0xFFFD
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


def code_page_of(layout: fmt.Format, header: bytes, override: str | None, place: Place) -> str:
    """The Python codec of a file's text, from its header or the override; empty where text is UTF-16.

    Raises SourceError 1007 for an override that is no codec, 1008 for a code page of the file that is unknown.
    """
    if not layout.code_page:
        return ""
    if override:
        try:
            return codecs.lookup(override).name
        except LookupError as error:
            raise SourceError(1007, place, code_page=override) from error
    sort_order, number = struct.unpack_from("<HH", header, fmt.SORT_ORDER_AT)
    number = number or _BY_LANGUAGE.get(sort_order, 1252)
    try:
        return codecs.lookup(f"cp{number}").name
    except LookupError as error:
        raise SourceError(1008, place, code_page=number) from error


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text values, and the rows where characters had to be replaced because what is kept is no text."""

    values: pa.Array
    replaced: Mask


def decode(spans: Spans, code_page: str) -> Decoded:
    """All text of a column; `code_page` empty means UTF-16, compressed or not, value by value."""
    return _from_code_page(spans, code_page) if code_page else _from_unicode(spans)


def decode_one(value: bytes, code_page: str = "") -> str:
    """One value, for names and properties. What is no text is replaced."""
    if code_page:
        return value.decode(code_page, "replace")
    if value[:2] != b"\xff\xfe":
        return value.decode("utf-16-le", "replace")
    runs = value[2:].split(b"\0")
    return "".join(run.decode("utf-16-le" if i % 2 else "latin-1", "replace") for i, run in enumerate(runs))


def _from_unicode(spans: Spans) -> Decoded:
    length = spans.length
    compressed = spans.valid & (length >= 2) & (spans.take("<u2") == _COMPRESSED)
    plain = spans.valid & ~compressed & (length > 0)
    replaced = np.zeros(len(spans), np.bool_)
    if plain.all():
        return _from_utf16(spans)
    short = Spans(spans.buffer, spans.start + 2 * compressed, np.where(plain, spans.start, spans.end), spans.valid)
    offsets, data = flat(short.binary())
    mixed = _rows_with_zero(offsets, data)
    values = text_array(spans.valid, *_widen(offsets, data))
    if plain.any():
        wide = _from_utf16(spans.only(plain))
        values = pc.replace_with_mask(values, pa.array(plain), wide.values)
        replaced[plain] = wide.replaced
    if len(mixed):
        texts = [decode_one(spans.buffer[spans.start[row] : spans.end[row]].tobytes()) for row in mixed.tolist()]
        chosen = np.zeros(len(spans), np.bool_)
        chosen[mixed] = True
        replaced[mixed] = ["\ufffd" in t for t in texts]
        values = pc.replace_with_mask(values, pa.array(chosen), pa.array(texts, pa.string()))
    return Decoded(values, replaced)


def _rows_with_zero(offsets: NDArray[np.int32], data: Bytes) -> Places:
    zeros = np.flatnonzero(data == 0)
    return np.unique(np.searchsorted(offsets, zeros, "right") - 1) if len(zeros) else zeros


def _widen(offsets: NDArray[np.int32], data: Bytes) -> tuple[NDArray[np.int32], Bytes]:
    """Latin-1 to UTF-8: bytes from 0x80 on become two."""
    high = data >= 0x80
    if not high.any():
        return offsets, data
    before = np.zeros(len(data) + 1, np.int32)
    np.cumsum(high, out=before[1:])
    out = np.empty(len(data) + int(before[-1]), np.uint8)
    at = np.arange(len(data)) + before[:-1]
    out[at] = np.where(high, 0xC0 | (data >> 6), data)
    out[at[high] + 1] = 0x80 | (data[high] & 0x3F)
    return offsets + before[offsets], out


def _from_utf16(spans: Spans) -> Decoded:
    odd = (spans.length & 1).astype(np.bool_)
    offsets, data = flat(Spans(spans.buffer, spans.start, spans.end - odd, spans.valid).binary())
    found = _utf8(offsets // 2, data.view("<u2"), spans.valid)
    return Decoded(found.values, found.replaced | odd)


def _utf8(offsets: NDArray[np.int32], units: NDArray[np.uint16], valid: Mask) -> Decoded:
    """UTF-16 units to UTF-8; halves of a surrogate pair that stand alone are replaced."""
    replaced = np.zeros(len(valid), np.bool_)
    width = (units >= 0x80).astype(np.uint8)
    if not width.any():
        return Decoded(text_array(valid, offsets, units.astype(np.uint8)), replaced)
    width += (units >= 0x800).view(np.uint8) + np.uint8(1)
    if ((units & 0xF800) == 0xD800).any():
        paired, lone = _surrogates(offsets, units)
        width -= paired
        units = np.where(lone, np.uint16(_UNKNOWN), units)
        replaced[np.searchsorted(offsets, np.flatnonzero(lone), "right") - 1] = True
    before = np.zeros(len(units) + 1, np.int32)
    np.cumsum(width, out=before[1:])
    data = units.tobytes().decode("utf-16-le").encode()
    return Decoded(text_array(valid, before[offsets], data), replaced)


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
    texts = [None if v is None else v.decode(code_page, "replace") for v in array.to_pylist()]
    return Decoded(pa.array(texts, pa.string()), np.array(["\ufffd" in (t or "") for t in texts], np.bool_))


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
