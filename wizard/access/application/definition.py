"""Form and report definitions (`Blob`): a tree of objects, each with the properties that are not default.

A header of 10 bytes (format, format of the writer, 0, object type), then one object: its properties, then a marker that
says whether children follow. There are two ways to write a property. The *compact* one (formats 0x11 of Access 97 and
0x13 of the 2000 format): a byte `slot`, whose range gives the size. The *wide* one (0x14, 0x15): slot, global id, type,
declared size, length. The slot, together with the object's type, names the property in all of them; the ids are not
stable from 0x1C6 on. Found by comparing databases with the sources exported from them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from wizard.access.application.byte_cursor import ByteCursor, DamagedError, utf16
from wizard.access.application.macros import actions
from wizard.access.application.model import DefinitionNode, PropertyValue

_HEADER: Final = 10
_FORMAT_97: Final = 0x11
_COMPACT: Final = (_FORMAT_97, 0x13)
_WIDE: Final = (0x14, 0x15)
_LEAF, _ONE, _MANY = 0xFD, 0xFE, 0xFF
_DEEPEST: Final = 40
_MOST: Final = 100_000
"""objects of a form: Access allows 754 controls over its lifetime"""
_STABLE_IDS: Final = 0x1C6
_EMBEDDED: Final = 17
_TEXT: Final = (10, 12)
_YES_NO: Final = 1
_FIXED: Final = ((48, 0), (96, 1), (156, 2), (188, 4))
"""slots below, and the bytes of their values in the compact form"""
_NUMBERS: Final[Mapping[int, tuple[str, ...]]] = {
    2: ("", "<B", "<h", "", "<i"),
    3: ("", "<B", "<h", "", "<i"),
    4: ("", "<B", "<h", "", "<i"),
    6: ("", "", "", "", "<f"),
    7: ("", "", "", "", "", "", "", "", "<d"),
    8: ("", "", "", "", "", "", "", "", "<d"),
}
"""how a value of a Jet type is read, by its length"""


@dataclass(frozen=True, slots=True)
class _Names:
    slots: Mapping[tuple[int, int], tuple[str, int]]
    """name and Jet type by object type and slot"""
    ids: Mapping[int, tuple[str, int]]

    def of(self, kind: int, slot: int, number: int = 0) -> tuple[str, int]:
        known = self.slots.get((kind, slot))
        if known is None and 0 < number < _STABLE_IDS:
            known = self.ids.get(number)
        return known or (f"slot {slot}", 0)


@cache
def _names() -> _Names:
    read = json.loads(files(__package__).joinpath("names.json").read_text(encoding="utf-8"))
    slots = {(int(t), int(s)): (n, k) for t, of_type in read["slots"].items() for s, (n, k) in of_type.items()}
    return _Names(slots, {int(i): (n, k) for i, (n, k) in read["ids"].items()})


@dataclass(slots=True)
class _Open:
    """An object while it is read."""

    type: int
    properties: dict[str, PropertyValue] = field(default_factory=dict)
    not_default: list[str] = field(default_factory=list)

    def put(self, name: str, value: PropertyValue) -> None:
        """A name that is there already belongs to another slot (RecordSource has a second one in later versions)."""
        if name not in self.properties or not self.properties[name]:
            self.properties[name] = value


def read(blob: bytes, code_page: str, delta: bytes = b"") -> DefinitionNode:
    """Read a definition.

    Args:
        blob: the stream `Blob` of a form or report.
        code_page: the codec of text in the format of Access 97.
        delta: the stream `BlobDelta`: what the compact form cannot hold, laid over the tree where it fits.

    Raises:
        DamagedError: the definition contradicts itself.
    """
    node = _BlobReader(blob, code_page).read()
    if len(delta) > _HEADER:
        node = _laid_over(node, _BlobReader(delta, code_page).read())
    return node


class _BlobReader:
    def __init__(self, blob: bytes, code_page: str) -> None:
        self.cursor = ByteCursor(blob)
        form, _, _, self.type = (self.cursor.u16(), self.cursor.u16(), self.cursor.u32(), self.cursor.u16())
        if form not in (*_COMPACT, *_WIDE):
            raise DamagedError(f"it is of format 0x{form:x}, which is not known")
        self.code_page = code_page
        self.one_byte_text = form == _FORMAT_97
        self.names = _names()
        self.objects = 0
        self.next: Callable[[], int] = self.cursor.u8 if form in _COMPACT else self.cursor.u32
        self.property = self._compact if form in _COMPACT else self._wide

    def read(self) -> DefinitionNode:
        return self._node(self.type, 0)

    def _node(self, kind: int, depth: int) -> DefinitionNode:
        self.objects += 1
        if depth > _DEEPEST or self.objects > _MOST:
            raise DamagedError(f"its objects are nested more than {_DEEPEST} deep, or more than {_MOST}")
        found = _Open(kind)
        while (slot := self.next()) not in (_LEAF, _ONE, _MANY):
            self.property(found, slot)
        count = 0 if slot == _LEAF else 1 if slot == _ONE else self.cursor.u16()
        children = [self._node(self.cursor.u16(), depth + 1) for _ in range(count)]
        return DefinitionNode(kind, found.properties, tuple(found.not_default), tuple(children))

    def _compact(self, found: _Open, slot: int) -> None:
        name, kind = self.names.of(found.type, slot)
        size = next((s for below, s in _FIXED if slot < below), None)
        if size == 0:
            found.not_default.append(name)
        elif size is not None:
            found.put(name, self._value(kind or 4, self.cursor.take(size)))
        else:
            size = self.cursor.u8()
            size = size if size != 0xFF else self.cursor.u16()
            size = size if size != 0xFFFF else self.cursor.u32()
            self._put(found, name, kind, self.cursor.take(size))

    def _wide(self, found: _Open, slot: int) -> None:
        number, kind, _, size = self.cursor.u16(), self.cursor.u32(), self.cursor.u32(), self.cursor.u32()
        name, _ = self.names.of(found.type, slot, number)
        data = self.cursor.take(size)
        if kind == _YES_NO:
            found.not_default.append(name)
        else:
            self._put(found, name, kind, data)

    def _put(self, found: _Open, name: str, kind: int, data: bytes) -> None:
        if kind == _EMBEDDED:
            found.put(name, actions(name, data, self.code_page if self.one_byte_text else ""))
        else:
            found.put(name, self._value(kind, data))

    def _value(self, kind: int, data: bytes) -> PropertyValue:
        if kind in _TEXT:
            return self._text(data)
        layouts = _NUMBERS.get(kind, ())
        layout = layouts[len(data)] if len(data) < len(layouts) else ""
        return struct.unpack(layout, data)[0] if layout else data

    def _text(self, data: bytes) -> str:
        text = data.decode(self.code_page, "replace") if self.one_byte_text else utf16(data)
        return text.rstrip("\0")


def _laid_over(node: DefinitionNode, delta: DefinitionNode) -> DefinitionNode:
    """The node with what the other has beside it, child by child where they have as many."""
    properties: dict[str, Any] = {**delta.properties, **node.properties}
    same = len(node.children) == len(delta.children)
    children: Iterable[DefinitionNode] = map(_laid_over, node.children, delta.children) if same else node.children
    not_default = tuple(dict.fromkeys(node.not_default + delta.not_default))
    return replace(node, properties=properties, not_default=not_default, children=tuple(children))
