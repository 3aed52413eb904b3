"""VBA projects: the modules' source, found through the `dir` stream (MS-OVBA 2.3.4), or in Access 97's rows.

In Access files the names of the modules' streams are random; only `dir` says which is whose. Access 97 has no `dir`: a
row of MSysModules2 holds a module's streams one after the other, the compressed source at the tail of the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from wizard.access.application.byte_cursor import ByteCursor, DamagedError, utf16
from wizard.access.application.compression import decompress
from wizard.access.application.model import Module, ModuleKind, Reference

_LARGEST_MODULE: Final = 16 << 20
"""bytes of source"""
_MOST_LINES: Final = 65_534
"""of source that the editor shows (Microsoft's page "Too many lines")"""
_LARGEST_PROJECT: Final = 64 << 20
_MOST_MODULES: Final = 4096
"""Access allows 1,000"""

# record ids of the dir stream (MS-OVBA 2.3.4.2)
_CODE_PAGE: Final = 0x0003
_VERSION: Final = 0x0009
_REFERENCE: Final = 0x000D
_REFERENCE_NAME: Final = 0x0016
_REFERENCE_NAME_TEXT: Final = 0x003E
_MODULE_NAME: Final = 0x0019
_MODULE_NAME_TEXT: Final = 0x0047
_STREAM_NAME: Final = 0x001A
_STREAM_NAME_TEXT: Final = 0x0032
_OFFSET: Final = 0x0031
_STANDARD: Final = 0x0021
_CLASS: Final = 0x0022

_BEGIN_97: Final = b"\x00Attribut\x00e VB_Nam"
"""how source begins: a byte of flags and eight literals, twice"""
_HEAD_97: Final = 0x1269


@dataclass(slots=True)
class Budget:
    """How much source may still be unfolded of a file."""

    left: int = _LARGEST_PROJECT

    def unfold(self, data: bytes) -> bytes:
        """The compressed data unfolded, and its size taken off the budget. Raises DamagedError."""
        if self.left <= 0:
            raise DamagedError(f"the project has more than {_LARGEST_PROJECT >> 20} MB of source")
        out = bytearray()
        try:
            return decompress(data, min(_LARGEST_MODULE, self.left), out)
        finally:  # what is refused was unfolded too
            self.left -= len(out)


@dataclass(frozen=True, slots=True)
class Listed:
    """A module as `dir` lists it."""

    name: str
    stream: str = ""
    offset: int = 0
    """of the compressed source in the stream; what stands before it is compiled code"""
    standard: bool = False

    @property
    def kind(self) -> ModuleKind:
        """Standard or class module, or the code behind a form or report."""
        return ModuleKind.STANDARD if self.standard else kind_of(self.name)


@dataclass(slots=True)
class Directory:
    """What `dir` says of a project."""

    code_page: str = "cp1252"
    modules: list[Listed] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


def kind_of(name: str) -> ModuleKind:
    """Of a module that is no standard module."""
    if name.startswith("Form_"):
        return ModuleKind.FORM
    return ModuleKind.REPORT if name.startswith("Report_") else ModuleKind.CLASS


def codec(number: int) -> str:
    """The Python codec of a Windows code page; that of Western Europe for one that is unknown."""
    name = f"cp{number}" if number not in (0, 65001) else {0: "cp1252", 65001: "utf-8"}[number]
    try:
        "".encode(name)
    except LookupError:
        return "mac-roman" if number == 10000 else "cp1252"
    return name


def directory(stream: bytes, budget: Budget) -> Directory:
    """Read a `dir` stream. Raises DamagedError."""
    found = Directory()
    reference = ""
    for kind, data in _records(budget.unfold(stream)):
        if kind == _CODE_PAGE:
            found.code_page = codec(int.from_bytes(data[:2], "little"))
        elif kind == _REFERENCE_NAME:
            reference = data.decode(found.code_page, "replace")
        elif kind == _REFERENCE_NAME_TEXT:
            reference = utf16(data)
        elif kind == _REFERENCE:
            library = ByteCursor(data)
            found.references.append(
                Reference(reference, library.take(library.u32()).decode(found.code_page, "replace"))
            )
        elif kind == _MODULE_NAME:
            if len(found.modules) == _MOST_MODULES:
                raise DamagedError(f"it lists more than {_MOST_MODULES} modules")
            found.modules.append(Listed(data.decode(found.code_page, "replace")))
        elif found.modules and (change := _about_module(kind, data, found.code_page)):
            found.modules[-1] = replace(found.modules[-1], **change)
    return found


def _about_module(kind: int, data: bytes, code_page: str) -> Mapping[str, Any]:
    """The fields of the module last named that a record holds."""
    if kind == _MODULE_NAME_TEXT:
        return {"name": utf16(data)}
    if kind == _STREAM_NAME:
        return {"stream": data.decode(code_page, "replace")}
    if kind == _STREAM_NAME_TEXT:
        return {"stream": utf16(data)}
    if kind == _OFFSET:
        return {"offset": int.from_bytes(data[:4], "little")}
    return {"standard": kind == _STANDARD} if kind in (_STANDARD, _CLASS) else {}


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    cursor = ByteCursor(data)
    while cursor.left >= 6:
        kind, size = cursor.u16(), cursor.u32()
        yield kind, cursor.take(6 if kind == _VERSION else size)  # that one says 4 and has 6 (MS-OVBA 2.3.4.2.1.11)


def module(listed: Listed, stream: bytes | None, code_page: str, budget: Budget) -> Module:
    """A module with its source; without, where the stream is absent or ends at the source's offset (compiled only).

    Raises DamagedError.
    """
    if stream is None or listed.offset >= len(stream):
        return Module(listed.name, listed.kind, None)
    source = _source(budget.unfold(stream[listed.offset :]), code_page)
    return Module(listed.name, listed.kind, source)


def module_97(name: str, value: bytes, code_page: str, budget: Budget) -> Module:
    """A module of Access 97 from its row's value. Raises DamagedError."""
    cursor = ByteCursor(value)
    if cursor.u16() != _HEAD_97:
        raise DamagedError("it does not begin as modules of Access 97 do")
    cursor.take(6)  # 4 and 1, two and four bytes
    cursor.take(cursor.u8())  # its name, _VBA_MODULE
    stream = cursor.take(cursor.u32())
    begin = stream.rfind(_BEGIN_97)
    if begin < 3:
        return Module(name, kind_of(name), None)
    source = _source(budget.unfold(stream[begin - 3 :]), code_page)
    standard = "\nAttribute VB_PredeclaredId" not in source and "VB_Creatable" not in source
    kind = ModuleKind.STANDARD if standard and kind_of(name) is ModuleKind.CLASS else kind_of(name)
    return Module(name, kind, source)


def _source(data: bytes, code_page: str) -> str:
    """Source with LF as line end. Raises DamagedError where it has more lines than VBA takes."""
    source = data.decode(code_page, "replace").replace("\r\n", "\n").replace("\r", "\n")
    if source.count("\n") - source.count("\nAttribute ") > _MOST_LINES:
        raise DamagedError(f"it has more than {_MOST_LINES:,} lines, which VBA does not take")
    return source


_PASSWORD: Final = re.compile(rb'(?:^|\n)DPB="([0-9A-Fa-f]{2,4096})"')


def has_password(project: bytes) -> bool:
    """Whether a password hides the project in the editor, by the PROJECT stream (MS-OVBA 2.3.1.16, 2.4.3.3)."""
    found = _PASSWORD.search(project)
    if not found or len(found[1]) % 2:
        return False
    data = bytes.fromhex(found[1].decode())
    if len(data) < 8:
        return False
    seed, before, last = data[:3]
    plain = seed ^ last
    clear = bytearray()
    for byte in data[3:]:
        plain = byte ^ (before + plain & 0xFF)
        before, last = last, byte
        clear.append(plain)
    ignored = (seed & 6) // 2
    return int.from_bytes(clear[ignored : ignored + 4], "little") > 1  # without a password it is the one byte 0
