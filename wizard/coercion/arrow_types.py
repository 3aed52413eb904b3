"""The Arrow types in which values travel to a server."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from wizard.objects import ServerColumn, ServerType

_FIXED: dict[str, pa.DataType] = {
    "bit": pa.bool_(),
    "tinyint": pa.uint8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "float": pa.float64(),
    "money": pa.decimal128(19, 4),
    "smallmoney": pa.decimal128(10, 4),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "smalldatetime": pa.timestamp("us"),
    "uniqueidentifier": pa.string(),
    "binary": pa.binary(),
    "varbinary": pa.binary(),
    "image": pa.binary(),
}


def arrow_type(type_: ServerType) -> pa.DataType:
    """The Arrow type in which values of a server's type travel.

    Whole numbers, floating point and bit as they are; money and decimal as decimal128; dates with times as
    timestamps in microseconds without zone, but `datetime2(7)` as text `YYYY-MM-DD hh:mm:ss.fffffff` (year 1 to
    9999 in steps of 100 ns fits no Arrow timestamp); GUIDs as 36 characters in upper case without braces; binary
    as binary; everything else as string.
    """
    name = type_.name.casefold()
    if name in ("decimal", "numeric"):
        return pa.decimal128(type_.precision or 18, type_.scale or 0)
    if name == "datetime2":
        return pa.string() if type_.scale in (None, 7) else pa.timestamp("us")
    return _FIXED.get(name, pa.string())


def batch_schema(columns: Sequence[ServerColumn]) -> pa.Schema:
    """The schema of a delivery's batches: fields are named as the server's columns."""
    return pa.schema([pa.field(c.name, arrow_type(c.type), nullable=c.nullable) for c in columns])
