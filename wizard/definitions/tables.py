"""Tables with their columns and indexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

BATCH_ROWS: Final = 20_000
"""rows that are read at once where nobody says how many: half of it takes a fifth longer, twice of it no less"""


class ColumnType(StrEnum):
    """Access column types, named as Microsoft's migration assistant names them."""

    BOOLEAN = "boolean"
    BYTE = "byte"
    INTEGER = "integer"
    LONG = "long"
    BIGINT = "bigint"
    SINGLE = "single"
    DOUBLE = "double"
    CURRENCY = "currency"
    DECIMAL = "decimal"
    DATE = "date"
    DATE_EXTENDED = "date_extended"
    TEXT = "text"
    MEMO = "memo"
    GUID = "guid"
    BINARY = "binary"
    LONGBINARY = "longbinary"
    COMPLEX = "complex"
    UNKNOWN = "unknown"


class AutoNumber(StrEnum):
    """How Access fills an AutoNumber column."""

    NONE = ""
    INCREMENT = "increment"
    RANDOM = "random"
    REPLICATION = "replication"


class ComplexKind(StrEnum):
    """What a column of type complex keeps in its hidden flat table."""

    ATTACHMENT = "attachment"
    MULTI_VALUE = "multi_value"
    VERSION_HISTORY = "version_history"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an Access table."""

    name: str
    type: ColumnType
    length: int = 0
    """characters for text, bytes for binary, else 0"""
    precision: int = 0
    scale: int = 0
    auto: AutoNumber = AutoNumber.NONE
    required: bool = False
    default: str = ""
    """the Access expression as kept, without a leading '='; empty where there is none"""
    validation_rule: str = ""
    validation_text: str = ""
    allow_zero_length: bool | None = None
    """None where the file does not say"""
    description: str = ""
    format: str = ""
    caption: str = ""
    input_mask: str = ""
    decimal_places: int | None = None
    hyperlink: bool = False
    calculated: str = ""
    """a calculated column's expression; its `type` is the type of its result"""
    complex_kind: ComplexKind | None = None
    child_table: str = ""
    """for complex columns: the name under which the database lists the child table with the values"""
    properties: Mapping[str, object] = field(default_factory=dict, hash=False)
    """every property of the file, by its Access name (lookup properties among them)"""


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A column of an index, with its direction."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index of an Access table."""

    name: str
    columns: tuple[IndexColumn, ...]
    primary: bool = False
    unique: bool = False
    required: bool = False
    ignore_nulls: bool = False
    for_relationship: bool = False
    """made by Access for a relationship, not by a person"""


@dataclass(frozen=True, slots=True)
class ChildOf:
    """Says that a table holds the values of a complex column: `key` in it equals the parent column's number."""

    table: str
    column: str
    key: str
    kind: ComplexKind
    stored: str = ""
    """the table's own name in the file, such as `f_<GUID>_<column>`, by which a query may read it"""


@dataclass(frozen=True)
class Table:
    """A local table. `rows` is the count in the table's header: a hint, not the truth."""

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    rows: int = 0
    description: str = ""
    validation_rule: str = ""
    validation_text: str = ""
    hidden: bool = False
    child_of: ChildOf | None = None
    properties: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def primary_key(self) -> Index | None:
        """The index that is the primary key."""
        return next((i for i in self.indexes if i.primary), None)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by case-folded name (Access names differ in more than case)."""
        return {c.name.casefold(): c for c in self.columns}
