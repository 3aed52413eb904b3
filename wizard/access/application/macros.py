"""Macros: rows of records with a string area each; embedded macros are the same; data macros stand in `LvExtra`.

A record is 17 numbers of two bytes (action, row, offsets of four strings and ten arguments, length of the string area),
the string area, and two bytes. The first record is a header. From Access 2010 on, comments that begin with `_AXL:` are
the pieces of the same macro as XML. The numbers of the actions were found by comparing databases with their exported
text (T), with the macros' own XML (X), and in the comments of Northwind's macros (N).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.access.application.byte_cursor import ByteCursor, DamagedError, utf16
from wizard.access.application.model import DataMacro, Macro, MacroAction

_NOTHING: Final = 0xFFFF
_XML: Final = "_AXL:"
_RECORD: Final = struct.Struct("<17H")
_MAGIC: Final = b"MR2\0"
_NAMES: Final = 0x80
_VALUES: Final = 3

ACTIONS: Final[Mapping[int, str]] = {
    3: "ApplyFilter",
    4: "Beep",
    5: "CancelEvent",
    6: "Close",
    9: "Echo",
    11: "FindNext",
    13: "GoToControl",
    14: "GoToPage",
    15: "GoToRecord",
    17: "Hourglass",
    21: "MoveSize",
    22: "MsgBox",
    23: "OpenForm",
    24: "OpenQuery",
    25: "OpenTable",
    26: "PrintOut",
    27: "Quit",
    28: "Requery",
    33: "RunCode",
    34: "RunMacro",
    35: "RunSQL",
    40: "SetValue",
    43: "ShowAllRecords",
    44: "StopAllMacros",
    45: "StopMacro",
    46: "OpenReport",
    54: "SendObject",
    58: "RunCommand",
    67: "CloseDatabase",
    69: "SearchForRecord",
    70: "SetProperty",
    72: "ClearMacroError",
    73: "OnError",
    76: "SetTempVar",
    78: "RemoveTempVar",
    79: "SetDisplayedCategories",
    83: "BrowseTo",
}
"""those that were seen; another is shown by its number, with its arguments"""


def actions(name: str, blob: bytes, code_page: str = "") -> Macro:
    """Read a macro.

    Args:
        blob: the stream `Blob`, an embedded macro's value, or Access 97's `LvExtra`.
        code_page: the codec of the text; empty where it is UTF-16.

    Raises:
        DamagedError: a record contradicts itself.
    """
    cursor = ByteCursor(blob)
    found: list[MacroAction] = []
    xml: list[str] = []
    first = True
    room = 4 * len(blob)
    while cursor.left >= _RECORD.size:
        action, _, *offsets, size = _RECORD.unpack(cursor.take(_RECORD.size))
        area = cursor.take(size)
        cursor.take(2)
        if first:  # the header
            first = False
            continue
        strings = [_string(area, at, code_page) for at in offsets]
        room -= sum(len(s) for s in strings if s)
        if room < 0:
            raise DamagedError("the strings of its rows overlap")
        _, comment, condition, label, *arguments = strings
        if not action and comment and comment.startswith(_XML):
            xml.append(comment.removeprefix(_XML))
            continue
        while arguments and arguments[-1] is None:
            arguments.pop()
        shown = "" if not action else ACTIONS.get(action, f"Action {action}")
        given = tuple(a or "" for a in arguments)
        found.append(MacroAction(action, shown, given, condition or "", comment or "", label or ""))
    if first and blob:
        raise DamagedError(f"a macro of {len(blob)} bytes has no header")
    return Macro(name, tuple(found), "".join(xml))


def _string(area: bytes, at: int, code_page: str) -> str | None:
    """The string at an offset of the area, up to its zero; None where there is none."""
    if at == _NOTHING:
        return None
    if at > len(area):
        raise DamagedError(f"a string begins at byte {at} of {len(area)}")
    if code_page:
        return area[at:].partition(b"\0")[0].decode(code_page, "replace")
    return utf16(area[at:]).partition("\0")[0]


def data_macros(table: str, value: bytes) -> Iterator[DataMacro]:
    """The macros in `LvExtra` of a table's row, which is laid out as `LvProp` is but with lengths of four bytes.

    Raises DamagedError.
    """
    cursor = ByteCursor(value)
    if cursor.take(4) != _MAGIC:
        raise DamagedError("it does not begin as data macros do")
    names: list[str] = []
    while cursor.left:
        size, kind = cursor.u32(), cursor.u16()
        body = ByteCursor(cursor.take(max(size - 6, 0)))
        if kind == _NAMES:
            while body.left:
                names.append(utf16(body.take(body.u16())))
        elif kind == _VALUES:
            body.take(max(body.u32() - 4, 0))  # the owner
            yield from _values(table, body, names)


def _values(table: str, body: ByteCursor, names: list[str]) -> Iterator[DataMacro]:
    while body.left:
        one = ByteCursor(body.take(max(body.u32() - 4, 0)))
        one.u16()  # flags and type
        index = one.u16()
        xml = utf16(one.take(one.u32()))
        yield DataMacro(table, names[index] if index < len(names) else f"Event {index}", xml)
