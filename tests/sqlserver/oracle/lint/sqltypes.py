"""SQL Server's types as tuples of a name and its arguments, and which becomes which by itself.

Source: "Data type precedence" and the conversion chart of "CAST and CONVERT". Codes are the server's message numbers.
"""

from __future__ import annotations

import re
from typing import Any

INTS = ("tinyint", "smallint", "int", "bigint")
EXACT = (*INTS, "decimal", "numeric", "money", "smallmoney")
APPROX = ("float", "real")
NUMBERS = (*EXACT, *APPROX)
TEXTS = ("nvarchar", "varchar", "nchar", "char", "sysname")
OLD_DATES = ("datetime", "smalldatetime")
NEW_DATES = ("date", "time", "datetime2", "datetimeoffset")
DATES = (*OLD_DATES, *NEW_DATES)
BYTES = ("varbinary", "binary", "rowversion", "timestamp")
ORDER = (
    "sql_variant",
    "xml",
    "datetimeoffset",
    "datetime2",
    "datetime",
    "smalldatetime",
    "date",
    "time",
    "float",
    "real",
    "decimal",
    "numeric",
    "money",
    "smallmoney",
    "bigint",
    "int",
    "smallint",
    "tinyint",
    "bit",
    "ntext",
    "text",
    "image",
    "timestamp",
    "rowversion",
    "uniqueidentifier",
    "nvarchar",
    "sysname",
    "nchar",
    "varchar",
    "char",
    "varbinary",
    "binary",
)
AGGREGATES = {
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "COUNT",
    "COUNT_BIG",
    "STDEV",
    "STDEVP",
    "VAR",
    "VARP",
    "STRING_AGG",
    "CHECKSUM_AGG",
    "GROUPING",
    "GROUPING_ID",
}
Type = tuple[Any, ...] | None
"""name, then length, or precision and scale; None where it is not known"""
NULL: tuple[Any, ...] = ("NULL",)
"""the type of NULL itself"""
SINCE = {
    "TRIM": 140,
    "STRING_AGG": 140,
    "CONCAT_WS": 140,
    "TRANSLATE": 140,
    "APPROX_COUNT_DISTINCT": 150,
    "GREATEST": 160,
    "LEAST": 160,
    "DATETRUNC": 160,
    "DATE_BUCKET": 160,
    "GENERATE_SERIES": 160,
    "LEFT_SHIFT": 160,
    "RIGHT_SHIFT": 160,
    "BIT_COUNT": 160,
    "GET_BIT": 160,
    "SET_BIT": 160,
    "JSON_OBJECT": 160,
    "JSON_ARRAY": 160,
    "JSON_PATH_EXISTS": 160,
    "REGEXP_LIKE": 170,
    "REGEXP_REPLACE": 170,
    "REGEXP_SUBSTR": 170,
    "REGEXP_INSTR": 170,
    "PRODUCT": 170,
    "UNISTR": 170,
    "CURRENT_DATE": 170,
    "BASE64_ENCODE": 170,
    "BASE64_DECODE": 170,
    "EDIT_DISTANCE": 170,
}

SIZES: dict[str, int] = {
    "int": 4,
    "bigint": 8,
    "smallint": 2,
    "tinyint": 1,
    "bit": 1,
    "float": 8,
    "real": 4,
    "money": 8,
    "datetime": 8,
    "datetime2": 8,
    "uniqueidentifier": 16,
    "rowversion": 8,
    "decimal": 17,
    "date": 3,
}
"""bytes of a value"""


def clash(a: Type, b: Type) -> int | None:
    """The server's error where a value of type a is to become one of type b by itself: 206, 257 or None."""
    if a is None or b is None or a == NULL or b == NULL:
        return None
    a, b = a[0], b[0]
    if a == b or "sql_variant" in (a, b):
        return None
    number_a, number_b = a in NUMBERS or a == "bit", b in NUMBERS or b == "bit"
    if (a in NEW_DATES and number_b) or (number_a and b in NEW_DATES):
        return 206
    if a in OLD_DATES and number_b:
        return 257
    if "uniqueidentifier" in (a, b) and (number_a or number_b or a in DATES or b in DATES):
        return 206
    if {a, b} == {"date", "time"}:
        return 206
    if a in TEXTS and b in BYTES:
        return 257
    if (a in BYTES and b in APPROX) or (a in APPROX and b in BYTES):
        return 206
    return None


def explicit(a: Type, b: Type) -> bool:
    """True where CONVERT(b, a) is refused (529)."""
    if a is None or b is None or a == NULL:
        return False
    a, b = a[0], b[0]
    number_a, number_b = a in NUMBERS or a == "bit", b in NUMBERS or b == "bit"
    if (a in NEW_DATES and number_b) or (number_a and b in NEW_DATES):
        return True
    if "uniqueidentifier" in (a, b) and (number_a or number_b or a in DATES or b in DATES):
        return True
    if {a, b} == {"date", "time"}:
        return True
    return a in BYTES and b in APPROX


def stronger(a: Type, b: Type) -> Type:
    """The type that a value of either has."""
    if a is None or b is None:
        return None
    if a == NULL:
        return b
    if b == NULL:
        return a
    if a[0] not in ORDER or b[0] not in ORDER:
        return None
    if a[0] == b[0]:
        if a[0] in TEXTS + BYTES and len(a) > 1 and len(b) > 1:
            return (a[0], None if a[1] is None or b[1] is None else max(a[1], b[1]))
        return a
    high, low = (a, b) if ORDER.index(a[0]) < ORDER.index(b[0]) else (b, a)
    if high[0] in TEXTS and low[0] in TEXTS and len(high) > 1 and len(low) > 1:
        return (high[0], None if high[1] is None or low[1] is None else max(high[1], low[1]))
    return high


MAX = 1 << 30
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*")
_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?.*", re.S)
_DATE = re.compile(r"(\d{8}|\d{4}-\d\d-\d\d)?([ T]?\d\d?:\d\d(:\d\d(\.\d+)?)?)?")


def reads_as(text: str, kind: str) -> bool:
    """True where a literal becomes that type on every server."""
    if kind in NUMBERS:
        return bool(_NUMBER.fullmatch(text)) and (kind not in INTS or not re.search("[.eE]", text))
    if kind == "bit":
        return text.strip().lower() in ("true", "false") or bool(re.fullmatch(r"[-+]?\d+", text.strip()))
    if kind == "uniqueidentifier":
        return bool(_GUID.fullmatch(text))
    return bool(_DATE.fullmatch(text)) if kind in DATES else True


def of_type(t: Any) -> Type:
    """A DataTypeReference."""
    if t is None:
        return None
    kind = type(t).__name__
    if kind == "XmlDataTypeReference":
        return ("xml",)
    if kind != "SqlDataTypeReference":
        name = t.Name.BaseIdentifier.Value.lower() if t.Name is not None else ""
        return ("nvarchar", 128) if name == "sysname" else None
    name = str(t.SqlDataTypeOption).lower()
    name = {"rowversion": "rowversion", "timestamp": "rowversion", "numeric": "decimal"}.get(name, name)
    args = list(t.Parameters)
    if name in TEXTS + BYTES and name != "rowversion":
        if not args:
            return (name, None)
        return (name, MAX if type(args[0]).__name__ == "MaxLiteral" else int(args[0].Value))
    if name == "decimal":
        return (name, int(args[0].Value) if args else 18, int(args[1].Value) if len(args) > 1 else 0)
    return (name,)
