"""Values: from bytes to Arrow, one decoder for each type, a column at a time.

Sources: mdbtools' HACKING notes (*Data types*); MS-OAUT for CURRENCY (a whole number of ten-thousandths), DATE and
DECIMAL; the corpus for Large Number and Date/Time Extended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wizard.access import text
from wizard.access.columns import CALCULATED_DECIMAL, CALCULATED_DECIMAL_SIZE, SIZES, ColumnPlan
from wizard.access.rows import RowLayout
from wizard.access.spans import Mask, Spans, bitmap, booleans, contiguous, text_array
from wizard.arrow_buffers import buffer_of
from wizard.definitions import ColumnType

_DAY_MS: Final = 86_400_000
_EPOCH: Final = 25_569
"""days from 1899-12-30 to 1970-01-01"""
_FIRST_DAY: Final = -657_434
_LAST_DAY: Final = 2_958_465
"""0100-01-01 and 9999-12-31, Access' own limits"""
_NOISE_MS: Final = 0.1
"""a double near the year 9999 is coarser than a microsecond: less than this from a millisecond is no fraction of it"""
_GUID: Final = b"{00000000-0000-0000-0000-000000000000}"
_GUID_WORDS: Final = ((1, 1), (0, 5), (2, 10), (3, 15))
"""which two bytes of the value, least significant first, have their four digits where in the text"""
_GUID_BYTES: Final = ((0, 20, "<u4"), (1, 25, "V12"))
"""which of the last eight bytes, two by two as they are read, have theirs where"""
_TICKS: Final = 10_000_000
"""units of 100 ns in a second"""
_LAST_TICK_DAY: Final = 3_652_058
"""9999-12-31 from 0001-01-01"""


@dataclass(frozen=True, slots=True)
class Decoding:
    """What a decoder may need beside the values."""

    plan: ColumnPlan
    layout: RowLayout
    code_page: str

    def note(self, number: int, which: Mask) -> None:
        """Add an information or warning about some of the column's values."""
        if which.any():
            self.layout.report.note(number, self.plan.name, self.layout.rows.positions[which])


ColumnDecoder = Callable[[Spans, Decoding], "pa.Array[Any]"]


def decode(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
    """One column's values as Arrow, of the type that its plan says."""
    return _DECODERS[decoding.plan.type](spans, decoding)


def yes_no(bits: Mask) -> pa.Array[Any]:
    """Yes/No from the null masks: never null."""
    return booleans(bits)


def _array(kind: pa.DataType, valid: Mask, data: NDArray[Any]) -> pa.Array[Any]:
    return pa.Array.from_buffers(kind, len(valid), [bitmap(valid), buffer_of(np.ascontiguousarray(data))])


def _number(dtype: str) -> ColumnDecoder:
    def number(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
        return _array(decoding.plan.arrow, spans.valid, spans.take(dtype))

    return number


def _real(dtype: str) -> ColumnDecoder:
    def real(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
        found = spans.take(dtype)
        decoding.note(1023, spans.valid & ~np.isfinite(found))
        return _array(decoding.plan.arrow, spans.valid, found)

    return real


def _calculated_yes_no(spans: Spans, _decoding: Decoding) -> pa.Array[Any]:
    return booleans(spans.valid & (spans.take("u1") != 0))


def _currency(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
    """Eight bytes in units of a ten-thousandth."""
    low = spans.take("<i8")
    return _array(decoding.plan.arrow, spans.valid, np.stack([low, low >> 63], axis=1))


def _date(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
    """Days since 1899-12-30 as a double; the fraction counts forward, in negative values too.

    Rounded to the nearest millisecond: that gives back every second and millisecond that was ever stored.
    """
    found = spans.take("<f8")
    with np.errstate(invalid="ignore"):
        day = np.trunc(found)
        good = spans.valid & (day >= _FIRST_DAY) & (day <= _LAST_DAY)
    bad = spans.valid & ~good
    if decoding.layout.damaged:
        decoding.layout.set_aside(bad, "its date lies outside of the years 100 to 9999", decoding.plan.name)
    else:
        decoding.note(1024, bad)
    day = np.where(good, day, 0)
    exact = np.abs(np.where(good, found, 0) - day) * _DAY_MS
    clock = np.rint(exact)
    decoding.note(1025, np.abs(exact - clock) > _NOISE_MS)
    return _array(decoding.plan.arrow, good, (day.astype(np.int64) - _EPOCH) * _DAY_MS + clock.astype(np.int64))


def _date_extended(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
    """42 characters: 19 digits of days since 0001-01-01, a colon, 19 digits of 100 ns (12 and 7), a colon, 7.

    Arrow has no timestamp of 100 ns for the years 1 to 9999, so the value is ISO text, always with seven decimals.
    """
    digits = spans.matrix(SIZES[ColumnType.DATE_EXTENDED]).astype(np.int64) - ord("0")
    powers = 10 ** np.arange(18, -1, -1, dtype=np.int64)
    plain = ((digits[:, :19] >= 0) & (digits[:, :19] <= 9) & (digits[:, 20:39] >= 0) & (digits[:, 20:39] <= 9)).all(1)
    days, ticks = digits[:, :19] @ powers, digits[:, 20:39] @ powers
    bad = spans.valid & ~(plain & (days >= 0) & (days <= _LAST_TICK_DAY) & (ticks >= 0) & (ticks < 86_400 * _TICKS))
    decoding.layout.lose(bad, "an extended date is not written as one", decoding.plan.name)
    valid = spans.valid & ~bad
    stamp = np.datetime64("0001-01-01") + np.where(valid, days, 0)
    seconds = stamp.astype("datetime64[s]") + np.where(valid, ticks // _TICKS, 0)
    texts = [f"{s}.{f:07d}" for s, f in zip(seconds.astype(str).tolist(), (ticks % _TICKS).tolist(), strict=True)]
    return pa.array(texts, pa.string(), mask=~valid)


def _decimal(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
    """A sign byte, then 16 bytes: four words of little-endian bytes, the most significant word first.

    Access allows 28 digits, so the first word is zero; where it is not, the words are in the other order.
    """
    if decoding.plan.raw.calculated:
        return _calculated_decimal(spans, decoding)
    raw = spans.matrix(SIZES[ColumnType.DECIMAL])
    words = contiguous(raw[:, 1:]).view("<u4").astype(np.uint64)
    other = words[:, 0] != 0
    if other.any():
        words[other] = words[other][:, ::-1]
    low, high = words[:, 3] | (words[:, 2] << np.uint64(32)), words[:, 1] | (words[:, 0] << np.uint64(32))
    negative = raw[:, 0] != 0
    low, high = np.where(negative, ~low + np.uint64(1), low), np.where(negative, ~high + (low == 0), high)
    return _array(decoding.plan.arrow, spans.valid, np.stack([low, high], axis=1))


def _calculated_decimal(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
    """OLE's DECIMAL: two bytes of no meaning here, scale, sign (0x80), then 4 high and 8 low bytes of the number."""
    exact = Context(prec=60)
    found: list[Decimal | None] = []
    for raw, there in zip(spans.matrix(CALCULATED_DECIMAL_SIZE), spans.valid.tolist(), strict=True):
        high, low = raw[4:8].view("<u4")[0], raw[8:16].view("<u8")[0]
        number = Decimal((int(high) << 64) | int(low)).scaleb(-int(raw[2]), exact)
        found.append((-number if raw[3] else number) if there else None)
    digits = CALCULATED_DECIMAL.scale
    bad = np.array([v is not None and int(v.as_tuple().exponent) < -digits for v in found], np.bool_)
    decoding.layout.lose(bad, f"a calculated decimal has more than {digits} decimals", decoding.plan.name)
    return pa.array(found, CALCULATED_DECIMAL, mask=~spans.valid | bad)


@lru_cache
def _digits() -> NDArray[np.uint32]:
    """The four hexadecimal digits of each number of two bytes, as text."""
    two = np.frombuffer(b"".join(b"%02X" % n for n in range(256)), "<u2").astype("<u4")
    four: NDArray[np.uint32] = (two[:, None] | (two << 16)).ravel()
    return four


def _guid(spans: Spans, _decoding: Decoding) -> pa.Array[Any]:
    """Sixteen bytes, the first three groups little-endian, as text in braces."""
    words = contiguous(spans.matrix(16)).view("<u2")
    size = len(_GUID)
    out = bytearray(_GUID) * len(spans)
    for n, at in _GUID_WORDS:
        np.ndarray(len(spans), "<u4", out, at, size)[:] = _digits().take(words[:, n])
    last = _digits().take(words[:, 4:].byteswap()).view(np.uint8)
    for n, at, digits in _GUID_BYTES:
        np.ndarray(len(spans), digits, out, at, size)[:] = np.ndarray(len(spans), digits, last, 4 * n, 16)
    return text_array(spans.valid, np.arange(len(spans) + 1) * size, out)


def _text(spans: Spans, decoding: Decoding) -> pa.Array[Any]:
    found = text.decode(spans, decoding.code_page)
    decoding.note(1026, found.replaced)
    if decoding.layout.damaged and found.replaced.any():
        texts: list[Any] = spans.only(found.replaced).binary().to_pylist()
        decoding.layout.set_aside(found.replaced, "some of its bytes are no text", decoding.plan.name, texts)
    return found.values


def _binary(spans: Spans, _decoding: Decoding) -> pa.Array[Any]:
    return spans.binary()


_DECODERS: Final[Mapping[ColumnType, ColumnDecoder]] = {
    ColumnType.BOOLEAN: _calculated_yes_no,
    ColumnType.BYTE: _number("u1"),
    ColumnType.INTEGER: _number("<i2"),
    ColumnType.LONG: _number("<i4"),
    ColumnType.COMPLEX: _number("<i4"),
    ColumnType.BIGINT: _number("<i8"),
    ColumnType.SINGLE: _real("<f4"),
    ColumnType.DOUBLE: _real("<f8"),
    ColumnType.CURRENCY: _currency,
    ColumnType.DATE: _date,
    ColumnType.DATE_EXTENDED: _date_extended,
    ColumnType.DECIMAL: _decimal,
    ColumnType.GUID: _guid,
    ColumnType.TEXT: _text,
    ColumnType.MEMO: _text,
    ColumnType.BINARY: _binary,
    ColumnType.LONGBINARY: _binary,
    ColumnType.UNKNOWN: _binary,
}
