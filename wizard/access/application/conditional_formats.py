"""Conditional formats of controls: their expressions, out of the properties `ConditionalFormat` and `…Format14`.

Found by laying the bytes of 15 databases beside what Access shows of them. `ConditionalFormat` (Access 2000 and later,
three conditions at most): u32 1, u32 size, u32 count, three records of seven u32 (kind, operator, places of two texts
in characters, flags, two colours), then the texts, NUL-ended UTF-16. `ConditionalFormat14` (Access 2010 and later, any
number): u16 1, u32 count, and for each kind, operator, flags and two colours as u32, two texts each with its length
before it and a NUL behind, and 13 bytes more. Kind 0 compares the control's value, 1 is an expression, 2 the focus.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wizard.access.application.byte_cursor import ByteCursor, DamagedError, utf16
from wizard.access.application.model import DefinitionNode

_OLD: Final = "ConditionalFormat"
_NEW: Final = "ConditionalFormat14"
_RECORDS: Final = 3
_MOST: Final = 1_000
_BEHIND: Final = 13


@dataclass(frozen=True, slots=True)
class ConditionalFormat:
    """One condition."""

    kind: int
    """0: the control's value is compared; 1: an expression; 2: the control has the focus; others: data bars"""
    expressions: tuple[str, ...]


def conditional_formats(node: DefinitionNode) -> tuple[ConditionalFormat, ...]:
    """The conditions of a control; none where it has none, or they are damaged."""
    for name, read in ((_NEW, _new), (_OLD, _old)):
        data = node.properties.get(name)
        if isinstance(data, bytes):
            try:
                return tuple(read(data))
            except DamagedError:
                continue
    return ()


def _new(data: bytes) -> Iterator[ConditionalFormat]:
    cursor = ByteCursor(data)
    cursor.u16()
    count = cursor.u32()
    if count > _MOST:
        raise DamagedError(f"it has {count} conditional formats")
    for _ in range(count):
        kind = cursor.u32()
        cursor.take(16)
        texts = [_counted(cursor), _counted(cursor)]
        cursor.take(_BEHIND)
        yield ConditionalFormat(kind, tuple(t for t in texts if t))


def _counted(cursor: ByteCursor) -> str:
    text = utf16(cursor.take(2 * cursor.u32()))
    cursor.take(2)
    return text


def _old(data: bytes) -> Iterator[ConditionalFormat]:
    cursor = ByteCursor(data)
    cursor.take(8)
    count = cursor.u32()
    if count > _RECORDS:
        raise DamagedError(f"it has {count} conditional formats")
    records = [[cursor.u32() for _ in range(7)] for _ in range(_RECORDS)]
    area = utf16(cursor.take(cursor.left // 2 * 2))
    for kind, _, first, second, *_ in records[:count]:
        texts = [area[at:].partition("\0")[0] for at in (first, second) if at <= len(area)]
        yield ConditionalFormat(kind, tuple(t for t in texts if t))
