"""What a look at the rows showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a look at a column's data showed; conversion uses it to choose types that hold every value."""

    rows: int = 0
    nulls: int = 0
    empty: int = 0
    """values that are empty text"""
    max_length: int = 0
    """characters of text, bytes of binary"""
    minimum: object = None
    maximum: object = None
    fraction_of_second: bool = False
    distinct: int | None = None
    not_finite: int = 0
    """NaN and infinities"""


@dataclass(frozen=True, slots=True)
class TableProfile:
    """What a pass over a table's rows showed."""

    rows: int
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict, hash=False)
    unread: int = 0
    """values that could not be read; `columns` say nothing of them"""
