"""What an Access database holds, as plain data: the room `access` makes these, everyone else reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class QueryKind(StrEnum):
    """The kinds of saved query."""

    SELECT = "select"
    UNION = "union"
    CROSSTAB = "crosstab"
    UPDATE = "update"
    DELETE = "delete"
    APPEND = "append"
    MAKE_TABLE = "make_table"
    PASS_THROUGH = "pass_through"
    DATA_DEFINITION = "data_definition"


class JoinKind(StrEnum):
    """The join Access proposes for a relationship."""

    INNER = "inner"
    LEFT = "left"
    RIGHT = "right"


class LinkKind(StrEnum):
    """Where a linked table really lives."""

    ACCESS = "access"
    ODBC = "odbc"
    EXCEL = "excel"
    TEXT = "text"
    OTHER = "other"


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


@dataclass(frozen=True, slots=True)
class LinkedTable:
    """A table that lives elsewhere. `connect` never holds a password: it is cut out when read."""

    name: str
    kind: LinkKind
    connect: str
    database: str
    """path of the file, or the ODBC database"""
    foreign_name: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """`table`.`columns` refer to `referenced_table`.`referenced_columns`."""

    name: str
    table: str
    columns: tuple[str, ...]
    referenced_table: str
    referenced_columns: tuple[str, ...]
    enforced: bool = True
    cascade_update: bool = False
    cascade_delete: bool = False
    cascade_null: bool = False
    one_to_one: bool = False
    join: JoinKind = JoinKind.INNER


@dataclass(frozen=True, slots=True)
class Query:
    """A saved query with its SQL as Access would show it."""

    name: str
    kind: QueryKind
    sql: str
    stored: str = ""
    """the text as older versions of Access show it, where `sql` is a mended form of it: with the NUL that ends some
    pass-through and data-definition queries, or with `[SELECT …].` for a SELECT in the FROM clause"""
    hidden: bool = False
    """made by a form, report or control (`~sq_…`)"""
    owner_object: str = ""
    """for hidden queries: the form or report it belongs to, as far as the name says"""
    connect: str = ""
    """for pass-through queries, without password"""
    returns_records: bool = True
    properties: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class MacroStatement:
    """A statement of a data macro."""

    name: str
    """as Access's XML has it: `SetField`, `CreateRecord`, `If` (whose body are its branches)"""
    arguments: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: tuple[MacroStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class TableMacro:
    """What a table does by itself when a row changes."""

    table: str
    event: str
    """`BeforeChange`, `AfterInsert`, `AfterUpdate`, …"""
    statements: tuple[MacroStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherObjects:
    """Names of what stays in Access."""

    forms: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeModule:
    """A standard VBA module, whose functions queries may call."""

    name: str
    source: str
    """as the file has it, with `Attribute` lines and LF as line end"""


@dataclass(frozen=True)
class Database:
    """All that Jetferry knows of an Access file's definitions."""

    path: str
    format: str
    """for people: 'Access 2010 (ACE 14)', 'Access 97 (Jet 3)'"""
    code_page: str = ""
    """Python codec of Jet 3 text; empty for later formats"""
    tables: tuple[Table, ...] = ()
    """user tables in the file's order, child tables of complex columns after them; no system tables"""
    linked_tables: tuple[LinkedTable, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    queries: tuple[Query, ...] = ()
    other: OtherObjects = OtherObjects()
    code: Callable[[], tuple[CodeModule, ...]] = field(default=tuple, repr=False, compare=False)
    """the standard modules that have source: read when first asked for, as most files need none of them"""
    encrypted: bool = False
    workgroup: bool = False
    """protected by a workgroup file: read all the same, with a message"""

    @cached_property
    def tables_by_name(self) -> Mapping[str, Table]:
        """Tables by case-folded name."""
        return {t.name.casefold(): t for t in self.tables}


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
