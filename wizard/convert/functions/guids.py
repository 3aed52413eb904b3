"""Functions of GUIDs."""

from __future__ import annotations

from typing import Final

from wizard.convert.functions.registry import FunctionCall, Sample, function, null_as
from wizard.convert.tree import Volatility, enclosed, tsql, volatile
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType

AREA: Final = "text"
_GUID: Final = "12345678-9ABC-DEF0-1234-56789ABCDEF0"


@function("GenGUID", (0, 0), "NEWID()", Sample("GenGUID()", None, "it is random"), area="logic", aliases=("GUIDGen",))
def gen_guid(_: FunctionCall) -> Typed:
    """A new GUID for each row."""
    return Typed(volatile(Volatility.ROW, "NEWID()"), ColumnType.GUID, nullable=False)


@function("StringFromGUID", (1, 1), "N'{guid {' + CONVERT(nchar(36), a) + N'}}'",
          (f"StringFromGUID({{guid {{{_GUID}}}}})", f"{{guid {{{_GUID}}}}}"), area=AREA)  # fmt: skip
def string_from_guid(call: FunctionCall) -> Typed:
    """A GUID as text, in the form `{guid {…}}`."""
    value = null_as(call.any(0), "uniqueidentifier", ColumnType.GUID)
    if value.type not in (ColumnType.GUID, ColumnType.UNKNOWN):
        call.fail("its argument is no GUID")
    sql = enclosed("N'{{guid {{' + CONVERT(nchar(36), {}) + N'}}}}'", value)
    return Typed(sql, ColumnType.TEXT, value.nullable, 44)


@function("GUIDFromString", (1, 1), "CONVERT(uniqueidentifier, …)",
          (f'StringFromGUID(GUIDFromString("{{guid {{{_GUID}}}}}"))', f"{{guid {{{_GUID}}}}}"),
          takes="t", area=AREA)  # fmt: skip
def guid_from_string(call: FunctionCall) -> Typed:
    """A GUID of such a text: its last 36 characters without the braces."""
    value = call[0]
    sql = tsql("CONVERT(uniqueidentifier, RIGHT(REPLACE({}, N'}}', N''), 36))", value)
    return Typed(sql, ColumnType.GUID, value.nullable)
