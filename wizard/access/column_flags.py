"""What the flag bytes of a column's record mean, and which types can have what they say.

A bit is believed only where the column's type can have the property: files of Access 97 set AUTO_GUID on columns of
Text, Date/Time, Currency and Integer, which Access does not show as AutoNumber (its help, *AutoNumber data type*: field
sizes Long Integer and Replication ID, no other).

Sources: mdbtools' HACKING notes (*Column definition*), the masks of Jackcess' ColumnImpl, DAO's field attributes
(dbFixedField, dbUpdatableField, dbAutoIncrField, dbHyperlinkField), and what the corpus shows, each named below.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag
from functools import lru_cache
from typing import Final


class ColumnFlag(IntFlag):
    """The flag byte (Jet 3: byte 13 of a column's record, later: byte 15)."""

    FIXED = 0x01
    """The value lies in the row's fixed part. Clear: among the variable values, where numbers and dates can lie too
    (calculated columns, Decimals of Access 2010). Long values always lie there."""
    UPDATABLE = 0x02
    """DAO's dbUpdatableField; set on every column seen. Says nothing of NULL."""
    AUTO_LONG = 0x04
    """AutoNumber that counts or is random: Long. On a complex column, the number that leads to its values."""
    UNKNOWN_08 = 0x08
    """Not seen."""
    SYSTEM = 0x10
    """A column of a system table (a replica's own are such too)."""
    UNKNOWN_20 = 0x20
    """Seen on MSysObjects.Owner alone."""
    AUTO_GUID = 0x40
    """AutoNumber of Replication ID. Without meaning on any other type."""
    HYPERLINK = 0x80
    """Long Text whose text Access takes for `shown#address#part#`."""


class ExtraFlag(IntFlag):
    """The byte after it, which Jet 3 has not."""

    COMPRESSED = 0x01
    """Text may be kept compressed."""
    CALCULATED = 0xC0
    """Two bits; either says that the value is wrapped and was calculated."""


_OLE: Final = 11
_MEMO: Final = 12
_LONG: Final = 4
_GUID: Final = 15
_COMPLEX: Final = 18

_ONLY: Final[Mapping[ColumnFlag, frozenset[int]]] = {
    ColumnFlag.AUTO_LONG: frozenset({_LONG, _COMPLEX}),
    ColumnFlag.AUTO_GUID: frozenset({_GUID}),
    ColumnFlag.HYPERLINK: frozenset({_MEMO}),
}
_NEVER: Final[Mapping[ColumnFlag, frozenset[int]]] = {ColumnFlag.FIXED: frozenset({_OLE, _MEMO})}


@lru_cache(1 << 12)
def says(flags: int, flag: ColumnFlag, type_: int) -> bool:
    """Whether a column's flag byte has the bit, and its type (a type byte of the file) can have the meaning."""
    possible = type_ in _ONLY[flag] if flag in _ONLY else type_ not in _NEVER.get(flag, ())
    return possible and bool(flags & flag)
