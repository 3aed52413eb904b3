"""A whole database: tables, links, relationships, queries, and the names of what stays in Access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from wizard.definitions.tables import Table


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
