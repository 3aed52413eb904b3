"""The names under which SQL text speaks of Access's types, and the server's types for parameters and casts.

Source: Microsoft's Access SQL reference, "SQL data types" and "Equivalent ANSI SQL data types".
"""

from __future__ import annotations

from typing import Final

from wizard.convert.dialect import nodes
from wizard.definitions import ColumnType

_NAMES: Final = {
    ColumnType.BOOLEAN: "BIT BOOLEAN LOGICAL LOGICAL1 YESNO",
    ColumnType.BYTE: "BYTE TINYINT INTEGER1",
    ColumnType.INTEGER: "SHORT SMALLINT INTEGER2",
    ColumnType.LONG: "LONG INTEGER INT INTEGER4 COUNTER AUTOINCREMENT IDENTITY",
    ColumnType.BIGINT: "BIGINT",
    ColumnType.SINGLE: "SINGLE REAL FLOAT4 IEEESINGLE",
    ColumnType.DOUBLE: "DOUBLE FLOAT FLOAT8 IEEEDOUBLE NUMBER DOUBLE_PRECISION",
    ColumnType.CURRENCY: "CURRENCY MONEY",
    ColumnType.DECIMAL: "DECIMAL DEC NUMERIC",
    ColumnType.DATE: "DATETIME DATE TIME TIMESTAMP",
    ColumnType.DATE_EXTENDED: "DATETIME2",
    ColumnType.TEXT: "TEXT CHAR CHARACTER VARCHAR STRING ALPHANUMERIC NCHAR CHAR_VARYING CHARACTER_VARYING"
    " NCHAR_VARYING NATIONAL_CHAR NATIONAL_CHARACTER NATIONAL_CHAR_VARYING NATIONAL_CHARACTER_VARYING",
    ColumnType.MEMO: "LONGTEXT MEMO NOTE LONGCHAR LONG_TEXT NTEXT NATIONAL_TEXT",
    ColumnType.GUID: "GUID UNIQUEIDENTIFIER",
    ColumnType.BINARY: "BINARY VARBINARY BINARY_VARYING BIT_VARYING",
    ColumnType.LONGBINARY: "LONGBINARY OLEOBJECT GENERAL IMAGE LONG_BINARY",
    ColumnType.UNKNOWN: "VALUE",
}
_TYPES: Final = {name.replace("_", " "): kind for kind, names in _NAMES.items() for name in names.split()}

_SERVER: Final = {
    ColumnType.BOOLEAN: "bit",
    ColumnType.BYTE: "tinyint",
    ColumnType.INTEGER: "smallint",
    ColumnType.LONG: "int",
    ColumnType.BIGINT: "bigint",
    ColumnType.SINGLE: "real",
    ColumnType.DOUBLE: "float",
    ColumnType.CURRENCY: "money",
    ColumnType.DECIMAL: "decimal(28, 10)",
    ColumnType.DATE: "datetime2(0)",
    ColumnType.DATE_EXTENDED: "datetime2(7)",
    ColumnType.MEMO: "nvarchar(max)",
    ColumnType.GUID: "uniqueidentifier",
    ColumnType.BINARY: "varbinary(510)",
    ColumnType.LONGBINARY: "varbinary(max)",
    ColumnType.COMPLEX: "int",
}
UNLIMITED: Final = frozenset({ColumnType.MEMO, ColumnType.LONGBINARY})
"""those whose types on the server have no limit"""
DEFAULT_LENGTH: Final = 255
_LONGEST: Final = 4000


def access_type(name: nodes.TypeName) -> tuple[ColumnType, int] | None:
    """The type and the length in characters (0 where it has none) a type's name stands for; None for no type's name."""
    kind = _TYPES.get(name.args["this"])
    if kind is None:
        return None
    first = next(iter(name.args.get("sizes") or ()), "")
    if kind is ColumnType.TEXT:
        return kind, int(first) if first.isdigit() and int(first) else DEFAULT_LENGTH
    return kind, 0


def server_type(kind: ColumnType, length: int = 0) -> str:
    """The server's type for a parameter of an Access type."""
    if kind in _SERVER:
        return _SERVER[kind]
    return f"nvarchar({min(length or DEFAULT_LENGTH, _LONGEST)})"
