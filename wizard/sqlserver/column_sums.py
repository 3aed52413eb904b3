"""Figures that show whether two sides hold the same values: NULLs, sums, lengths, hashes, column by column.

Each figure is computed twice: here over Arrow arrays, and by the server as an aggregate (of a package here again).
Numbers are summed exactly as decimals, floating point by its bits (a zero's sign aside), dates as seconds since 1900
and fractions of a second, text and binary by length in bytes (UTF-16) and by the first seven bytes of SHA-256, summed;
where no server computes the other side, by a hash of 64 bits that is quicker. Sums do not depend on the order of rows.
The figures of a batch add to those of the next, so memory stays bounded.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.arrow_buffers import numbers_in
from wizard.coercion.value_hashes import Hashes, null_hash, value_hashes
from wizard.objects import ServerColumn, ServerType, quote

ColumnSums = Mapping[str, Mapping[str, int]]
"""By column: figure and value. `NULL values` is among them for every column."""

NULLS: Final = "NULL values"
_TOTAL: Final = "sum"
_EXACT: Final = Context(prec=80)
"""decimal's own would round sums of more than 28 digits"""


@dataclass(frozen=True, slots=True)
class ColumnSum:
    """One figure of a kind of type. `sql` has `{c}` for the column; it is inside SUM, and `here` adds up an array."""

    name: str
    sql: str
    here: Callable[[pa.Array[Any]], int]


def _sum(values: pa.Array[Any]) -> int:
    if pa.types.is_boolean(values.type):
        values = pc.cast(values, pa.int8())
    if pa.types.is_decimal(values.type):
        total = pc.sum(pc.cast(values, pa.decimal128(38, values.type.scale))).as_py()
        return int(total.scaleb(values.type.scale)) if total is not None else 0
    if pa.types.is_integer(values.type) and values.type.bit_width < 64:
        return int(pc.sum(pc.cast(values, pa.int64())).as_py() or 0)
    numbers: list[Any] = values.drop_null().to_pylist()
    return sum(numbers)  # 64 bits may overflow a sum of 64 bits


def _bits(kind: type[np.generic], bits: type[np.generic]) -> Callable[[pa.Array[Any]], int]:
    def add(values: pa.Array[Any]) -> int:
        found = values.drop_null().to_numpy(zero_copy_only=False).astype(kind)
        raw = np.where(found == 0, kind(0), found).view(bits)
        low, high = np.bitwise_and(raw, 0xFFFF).sum(dtype=np.int64), np.right_shift(raw, 16).sum(dtype=np.int64)
        return int(high) * 65_536 + int(low)

    return add


def _lengths(values: pa.Array[Any]) -> int:
    if pa.types.is_binary(values.type):
        return int(pc.sum(pc.binary_length(values)).as_py() or 0)
    offsets, data = _flat(values.drop_null())
    return int(_units(data[offsets[0] : offsets[-1]]).sum(dtype=np.int64)) * 2


def _hashes(values: pa.Array[Any]) -> int:
    """What repeats is hashed only once, which is most of the speed."""
    counted = pc.value_counts(values.drop_null())
    data, places = _encoded(counted.field("values"))
    digests = b"".join([_sha256(data[a:b]) for a, b in pairwise(places)])
    first = np.frombuffer(digests, np.uint8).reshape(-1, 32)[:, :7].astype(np.int64)
    times = counted.field("counts").to_numpy()
    by_byte = (first * times[:, np.newaxis]).sum(axis=0)
    return sum(int(total) << 8 * place for place, total in enumerate(reversed(by_byte.tolist())))


_fresh: Final = hashlib.sha256().copy


def _sha256(value: memoryview) -> bytes:
    """A copy of what has begun takes half the time of beginning."""
    begun = _fresh()
    begun.update(value)
    return begun.digest()


def _own_hashes(hashes: Callable[[pa.Array[Any]], Hashes]) -> Callable[[pa.Array[Any]], int]:
    """The sum of hashes that no server knows, and that are ten times as quick."""

    def add(values: pa.Array[Any]) -> int:
        found = hashes(values)
        high, low = (found >> np.uint64(32)).sum(dtype=np.uint64), (found & np.uint64(0xFFFFFFFF)).sum(dtype=np.uint64)
        return (int(high) << 32) + int(low) - int(values.null_count) * null_hash()

    return add


def _encoded(values: pa.Array[Any]) -> tuple[memoryview, list[int]]:
    """The values end to end as bytes, text in UTF-16, and where each begins and the last ends. None is null."""
    offsets, data = _flat(values)
    if not pa.types.is_string(values.type):
        return memoryview(data.tobytes()), offsets.tolist()
    text = data[offsets[0] : offsets[-1]]
    units = np.concatenate([np.zeros(1, np.int64), _units(text).cumsum(dtype=np.int64)])
    return memoryview(text.tobytes().decode().encode("utf-16-le")), (2 * units[offsets - offsets[0]]).tolist()


def _flat(values: pa.Array[Any]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Offsets and bytes of text or binary."""
    _, offsets, data = values.buffers()
    if not len(values):
        return np.zeros(1, np.int32), np.empty(0, np.uint8)
    found = numbers_in(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return numbers_in(offsets, np.int32, len(values) + 1, values.offset * 4), found


def _units(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """By byte of UTF-8, the UTF-16 code units of the character that begins there."""
    begins: npt.NDArray[np.uint8] = ((text & 0xC0) != 0x80).view(np.uint8)
    return begins + (text >= 0xF0)


_EPOCH: Final = -2_208_988_800
"""1900-01-01 in seconds of the Unix epoch"""


def _seconds(values: pa.Array[Any]) -> int:
    found = _stamps(values)
    return int(np.floor_divide(found, 1_000_000).sum(dtype=np.int64)) - _EPOCH * len(found)


def _micros(values: pa.Array[Any]) -> int:
    return int(np.mod(_stamps(values), 1_000_000).sum(dtype=np.int64))


def _stamps(values: pa.Array[Any]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if pa.types.is_string(values.type):
        values = pc.utf8_slice_codeunits(values, 0, 26)
    found = pc.cast(pc.cast(values.drop_null(), pa.timestamp("us")), pa.int64())
    result: np.ndarray[tuple[int], np.dtype[np.int64]] = found.to_numpy(zero_copy_only=False)
    return result


def _tenths(values: pa.Array[Any]) -> int:
    """100 ns: all seven digits of datetime2(7)."""
    return int(pc.sum(pc.cast(pc.utf8_slice_codeunits(values, 20, 27), pa.int64())).as_py() or 0)


_DAYS: Final = "CAST(DATEDIFF(day, '19000101', {c}) AS decimal(38,0)) * 86400"
"""a date has no hours to ask for (error 9810)"""
_SECONDS: Final = ColumnSum(
    "seconds since 1900", "CAST(DATEDIFF_BIG(second, '19000101', {c}) AS decimal(38,0))", _seconds
)
"""from SQL Server 2016 on; of an older one the columns are read back"""
_HASH: Final = "CAST(CAST(SUBSTRING(HASHBYTES('SHA2_256', {v}), 1, 7) AS bigint) AS decimal(38,0))"
_WIDE: Final = "CAST({c} AS nvarchar(max))"
_GUID: Final = "UPPER(CAST({c} AS nvarchar(36)))"


def _text(value: str) -> tuple[ColumnSum, ...]:
    return (
        ColumnSum("bytes of text", f"CAST(DATALENGTH({value}) AS decimal(38,0))", _lengths),
        ColumnSum("hash", _HASH.replace("{v}", value), _hashes),
    )


def _date(fraction: str, here: Callable[[pa.Array[Any]], int]) -> tuple[ColumnSum, ...]:
    return _SECONDS, ColumnSum("fractions of a second", f"CAST({fraction} AS decimal(38,0))", here)


def of_type(column: ServerColumn) -> tuple[ColumnSum, ...]:
    """The figures for a column of that type, NULL values aside."""
    name, scale = column.type.name.casefold(), column.type.scale
    digits = _digits(column.type)
    if digits is not None:
        return (ColumnSum(_TOTAL, f"CAST({{c}} AS decimal(38,{digits}))", _sum),)
    if name == "datetime2" and scale in (None, 7):
        return _date("DATEPART(nanosecond, {c}) / 100", _tenths)
    if name in _FIXED:
        return _FIXED[name]
    return _text(f"RTRIM({_WIDE})" if name in ("char", "nchar") else _WIDE)


def _digits(type_: ServerType) -> int | None:
    """Decimals of an exact number's type; None for other types."""
    name = type_.name.casefold()
    if name in ("money", "smallmoney"):
        return 4
    return type_.scale or 0 if name in ("decimal", "numeric") else None


def written(type_: ServerType, figure: str, value: int) -> str:
    """A figure for people: the sum of exact numbers with its point."""
    digits = _digits(type_) if figure == _TOTAL else None
    return f"{Decimal(value).scaleb(-digits, _EXACT):f}" if digits else str(value)


_SUM: Final = (ColumnSum(_TOTAL, "CAST({c} AS decimal(38,0))", _sum),)
_FIXED: Final[Mapping[str, tuple[ColumnSum, ...]]] = {
    **dict.fromkeys(("bit", "tinyint", "smallint", "int", "bigint"), _SUM),
    "real": (
        ColumnSum(
            "bits", "CAST(CASE WHEN {c} = 0 THEN 0 ELSE CAST(CAST({c} AS binary(4)) AS int) END AS decimal(38,0))",
            _bits(np.float32, np.int32),
        ),
    ),
    "float": (
        ColumnSum(
            "bits", "CAST(CASE WHEN {c} = 0 THEN 0 ELSE CAST(CAST({c} AS binary(8)) AS bigint) END AS decimal(38,0))",
            _bits(np.float64, np.int64),
        ),
    ),
    "date": (ColumnSum(_SECONDS.name, _DAYS, _seconds),),
    "datetime": _date("DATEPART(millisecond, {c}) * 1000", _micros),
    "smalldatetime": _date("DATEPART(millisecond, {c}) * 1000", _micros),
    "datetime2": _date("DATEPART(microsecond, {c})", _micros),
    "uniqueidentifier": (ColumnSum("hash", _HASH.replace("{v}", _GUID), _hashes),),
    **dict.fromkeys(
        ("binary", "varbinary", "image"),
        (
            ColumnSum("bytes", "CAST(DATALENGTH({c}) AS decimal(38,0))", _lengths),
            ColumnSum("hash", _HASH.replace("{v}", "CAST({c} AS varbinary(max))"), _hashes),
        ),
    ),
}  # fmt: skip


class Hashing(StrEnum):
    """How texts and binaries are hashed: both sides alike."""

    SERVER = "hash"
    """SHA-256, which a server can compute"""
    OWN = "fingerprint"
    """`wizard.coercion.value_hashes`, where both sides are computed here"""


class RunningSums:
    """Figures that grow batch by batch. Batches have the schema `sink.batch_schema` gives the columns."""

    def __init__(
        self,
        columns: Sequence[ServerColumn],
        hashing: Hashing = Hashing.SERVER,
        hashes: Callable[[pa.Array[Any]], Hashes] = value_hashes,
        own: Collection[str] = (),
    ) -> None:
        """`own` are names of columns that are hashed by `Hashing.OWN` whatever the others are hashed by."""
        self.columns = tuple(columns)
        ours = ColumnSum(Hashing.OWN, "", _own_hashes(hashes))
        self._figures = {
            c.name: [
                ours if f.name == Hashing.SERVER and (hashing is Hashing.OWN or c.name in own) else f
                for f in of_type(c)
            ]
            for c in columns
        }
        self.rows = 0
        self._found: dict[str, Counter[str]] = {c.name: Counter({NULLS: 0}) for c in columns}

    def add(self, batch: pa.RecordBatch) -> None:
        """The rows of one batch more."""
        self.rows += batch.num_rows
        for column in self.columns:
            values = batch.column(batch.schema.get_field_index(column.name))
            found = self._found[column.name]
            found[NULLS] += values.null_count
            for figure in self._figures[column.name]:
                found[figure.name] += figure.here(values)

    def merge(self, other: RunningSums) -> None:
        """The rows of another more, which are of the same columns."""
        self.rows += other.rows
        for name, found in other._found.items():
            self._found[name].update(found)

    @property
    def figures(self) -> dict[str, dict[str, int]]:
        """The figures of all rows so far, by column."""
        return {name: dict(found) for name, found in self._found.items()}


def select(column: ServerColumn) -> list[tuple[str, str]]:
    """By figure, the aggregate a server computes it with."""
    c = quote(column.name)
    nulls = f"SUM(CASE WHEN {c} IS NULL THEN CAST(1 AS bigint) ELSE 0 END)"
    return [(NULLS, nulls), *((f.name, f"SUM({f.sql.replace('{c}', c)})") for f in of_type(column))]
