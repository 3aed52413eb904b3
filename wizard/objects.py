"""What SQL Server will hold, or holds already, as plain data.

`convert` makes these from Access definitions, `target` reads the same from a server, so that the two can be
compared; `migrate` needs of them only where each column's values go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from wizard.messages import Message
from wizard.tsql_words import words

MAX = -1
"""the length of nvarchar(max) and varbinary(max)"""


class ObjectKind(StrEnum):
    """In the order in which things are created."""

    SCHEMA = "schema"
    TABLE = "table"
    PRIMARY_KEY = "primary_key"
    INDEX = "index"
    FOREIGN_KEY = "foreign_key"
    CHECK = "check"
    DEFAULT = "default"
    VIEW = "view"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    DESCRIPTION = "description"
    """an extended property"""


class Action(StrEnum):
    """What a foreign key does when the referenced row changes."""

    NO_ACTION = "NO ACTION"
    CASCADE = "CASCADE"
    SET_NULL = "SET NULL"


@dataclass(frozen=True, slots=True)
class TableRef:
    """A table of a source, by the source's key in the project."""

    source: str
    table: str


@dataclass(frozen=True, slots=True)
class Name:
    """A two-part name on the server, unquoted. `str()` quotes it for a statement."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{quote(self.schema)}.{quote(self.name)}"

    @property
    def plain(self) -> str:
        """As events and reports name it: `dbo.Orders`."""
        return f"{self.schema}.{self.name}"


SETTINGS: Final = (
    "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON;\n"
    "SET NUMERIC_ROUNDABORT OFF;"
)
"""What a session must have set to make or fill tables with filtered indexes, computed columns or their indexes; a
server refuses such statements (Msg 1934) without. ODBC sets some of it, DB-Library and others do not.

Source: "CREATE INDEX (Transact-SQL)", "Required SET options for filtered indexes"; "SET Options That Affect Results".
"""


def quote(identifier: str) -> str:
    """The one place where an identifier is quoted: brackets around it, closing brackets doubled."""
    return "[" + identifier.replace("]", "]]") + "]"


def literal(text: str) -> str:
    """The one place where text becomes a Unicode string literal."""
    return "N'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class ServerType:
    """A SQL Server type: `ServerType("nvarchar", 40)`, `ServerType("decimal", precision=18, scale=6)`."""

    name: str
    length: int | None = None
    """characters (nvarchar) or bytes (varbinary); MAX for max; None where the type has none"""
    precision: int | None = None
    scale: int | None = None

    def __str__(self) -> str:
        if self.length is not None:
            return f"{self.name}({'max' if self.length == MAX else self.length})"
        if self.precision is not None:
            return f"{self.name}({self.precision},{self.scale or 0})"
        if self.scale is not None:
            return f"{self.name}({self.scale})"
        return self.name


@dataclass(frozen=True, slots=True)
class ServerColumn:
    """A column of a table on the server."""

    name: str
    type: ServerType
    nullable: bool = True
    identity: bool = False
    seed: int = 1
    increment: int = 1
    default: str = ""
    """T-SQL expression; empty where there is none"""
    default_name: str = ""
    computed: str = ""
    """T-SQL expression of a computed column"""
    persisted: bool = False
    collation: str = ""
    description: str = ""
    source: str = ""
    """the Access column whose values go here; empty for columns made here (rowversion, added keys)"""
    code_page: int = field(default=0, compare=False)
    """in which the server keeps the text of char and varchar, as its collation says; 0 where that is not known"""


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column of an index, with its direction."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ServerIndex:
    """A primary key or an index, unique or not."""

    name: str
    columns: tuple[KeyColumn, ...]
    primary: bool = False
    unique: bool = False
    clustered: bool = False
    where: str = ""
    """the filter of a filtered index, as T-SQL"""
    source: str = ""
    loosened: bool = False
    """Access has it unique and old rows share values: a plain index, until they are mended"""
    constraint: bool = False
    """a unique constraint of the server's, which is dropped as one (Msg 3723)"""
    disabled: bool = False
    """there, and neither kept up nor used; not by Jetferry for the time of a load"""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key, with what it refers to."""

    name: str
    columns: tuple[str, ...]
    referenced: Name
    referenced_columns: tuple[str, ...]
    on_delete: Action = Action.NO_ACTION
    on_update: Action = Action.NO_ACTION
    source: str = ""
    disabled: bool = False
    """there, and asked of no row; not by Jetferry for the time of a load"""


@dataclass(frozen=True, slots=True)
class CheckConstraint:
    """A check constraint."""

    name: str
    expression: str
    text: str = ""
    """Access's validation text"""
    column: str = ""
    """the column whose rule it was; empty for a table's"""
    unchecked: bool = False
    """old rows break it: it is added WITH NOCHECK, after the rows, and asks new rows only"""
    rule: str = ""
    """the Access rule that it was made of; empty for those made here"""
    tightens: str = ""
    """the column that becomes NOT NULL in the check's place once every row has a value"""
    filled: bool = False
    """it takes no empty text"""
    disabled: bool = False
    """there, and asked of no row; not by Jetferry for the time of a load"""


_NUMBERED: Final = ("NEWSEQUENTIALID()", "NEWID()")
"""defaults that give each row a value of its own"""


@dataclass(frozen=True, slots=True)
class ServerTable:
    """A table on the server, with everything that belongs to it."""

    name: Name
    columns: tuple[ServerColumn, ...]
    primary_key: ServerIndex | None = None
    indexes: tuple[ServerIndex, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    description: str = ""
    source: TableRef | None = None
    left_out: tuple[ForeignKey, ...] = ()
    """foreign keys that old rows break: not made until these are mended"""

    def column(self, name: str) -> ServerColumn | None:
        """The column of that name, compared as most servers compare names: without case."""
        folded = name.casefold()
        return next((c for c in self.columns if c.name.casefold() == folded), None)

    @property
    def key_waits(self) -> bool:
        """Whether the primary key is over columns that the server numbers: no row of a source can break it.

        Without it the table is a heap while rows are copied, which several bulk copies can enter at once.
        """
        keyed = [self.column(c.name) for c in self.primary_key.columns] if self.primary_key else []
        return bool(keyed) and all(c and not c.source and (c.identity or c.default in _NUMBERED) for c in keyed)


@dataclass(frozen=True, slots=True)
class ModuleParameter:
    """`prompt` is what Access would ask for, `name` what the server calls it, with its @; `type` in T-SQL."""

    name: str
    prompt: str
    type: str

    @property
    def type_name(self) -> str:
        """The type without its size, in small letters."""
        return words(self.type)[0].value.casefold()


@dataclass(frozen=True, slots=True)
class ServerModule:
    """A view, function or procedure. `sql` is the whole CREATE statement."""

    name: Name
    kind: ObjectKind
    sql: str
    depends_on: tuple[Name, ...] = ()
    source: TableRef | None = None
    """the query it was, or the VBA function, as `module.function`"""
    source_sql: str = ""
    """the query's SQL, or the function's VBA"""
    parameters: tuple[ModuleParameter, ...] = ()
    """in the order of the statement; empty for one read from a server"""
    returns: str = ""
    """the type of the value that a scalar function gives; empty for all else"""


class Outcome(StrEnum):
    """What became of a source object."""

    CONVERTED = "converted"
    PARTLY = "partly"
    """converted, and something of it could not be"""
    FAILED = "failed"


CATEGORIES: Final = {
    "tables": "Tables",
    "columns": "Columns",
    "keys": "Primary keys",
    "indexes": "Indexes",
    "foreign_keys": "Foreign keys",
    "check_constraints": "Check constraints",
    "defaults": "Defaults",
    "queries": "Queries",
    "functions": "VBA functions",
}
"""categories in the order of reports, with what people call them"""


@dataclass(frozen=True, slots=True)
class Converted:
    """One source object and what became of it, for trees, counts and reports."""

    source: TableRef
    category: str
    """of CATEGORIES"""
    part: str
    """column, index or relationship within the table; empty for tables and queries"""
    outcome: Outcome
    target: str = ""
    """name on the server, for people"""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement to run on the server, with the object it makes or changes. Batches are never split by GO inside."""

    kind: ObjectKind
    name: Name
    sql: str
    part: str = ""
    """the constraint, index or column, where it is not the object itself"""
    depends_on: tuple[Name, ...] = ()
    waits: bool = False
    """makes what may wait until the rows are there (option *constraints*), as it helps to reject none of them singly"""
    after_rows: bool = False
    """old rows break what it makes: it waits for the rows whatever the option says"""
    unchecked: str = ""
    """the same for a constraint that rows break: it is made for those to come only"""
    drops: bool = False
    """it takes away what it names"""


@dataclass(frozen=True)
class Conversion:
    """All that stage 6 makes."""

    tables: tuple[ServerTable, ...] = ()
    modules: tuple[ServerModule, ...] = ()
    items: tuple[Converted, ...] = ()
    messages: tuple[Message, ...] = ()
    review: tuple[Statement, ...] = field(default=())
    """statements for a person to read, not run (data definition queries)"""
