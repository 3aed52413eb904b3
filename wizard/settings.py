"""Options of a project with their presets, the target, and the type mapping rules: plain data.

The options are those of Microsoft's assistant for Access. Each is a field of `Options`, declared once (see
`wizard.options`): the wizard, the command, the reader of the project file, the stages and the reference take from there
what they need of it (`declarations`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from wizard.definitions import BATCH_ROWS
from wizard.events import Stage
from wizard.messages import RowProblem
from wizard.options import OptionDeclaration, Preset, option
from wizard.server_name import ServerName


class TargetKind(StrEnum):
    """What a project goes to."""

    SQL_SERVER = "sqlserver"
    AZURE_SQL_DATABASE = "azure-sql-database"
    AZURE_SQL_MANAGED_INSTANCE = "azure-sql-managed-instance"
    PACKAGE = "package"


class SqlVersion(StrEnum):
    """The dialect scripts are written for; Azure targets are treated as the newest."""

    V2016 = "2016"
    V2017 = "2017"
    V2019 = "2019"
    V2022 = "2022"
    V2025 = "2025"

    @property
    def major(self) -> int:
        """The major version that a server of it reports: 13 for SQL Server 2016."""
        return 13 + list(SqlVersion).index(self)


class Decide(StrEnum):
    """A choice that Jetferry makes where nobody does."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Level(StrEnum):
    """How a condition is reported."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    OFF = "off"


class Repair(StrEnum):
    """What is done about it."""

    REJECT = "reject"
    """the row stays behind, named in the reject file"""
    NULL = "null"
    NEAREST = "nearest"
    """the nearest value that the type holds; of a text, as much as finds room"""
    VALUE = "value"
    """a value that the rule gives"""
    REPLACE = "replace"
    """text: what of it is text, with U+FFFD in the place of what is not"""
    PLAIN = "plain"
    """duplicates: the index is made a plain one"""
    LEAVE_OUT = "leave_out"
    """orphans: the foreign key is left out"""
    PLACEHOLDER = "placeholder"
    """orphans: for each value that they refer to, a row with it and nothing else is added to the table referred to"""


_OF_VALUES = (Repair.REJECT, Repair.NULL, Repair.NEAREST, Repair.VALUE)
REPAIRS: Mapping[RowProblem, tuple[Repair, ...]] = {
    RowProblem.DATE: _OF_VALUES,
    RowProblem.NOT_A_NUMBER: _OF_VALUES,
    RowProblem.UNFIT: _OF_VALUES,
    RowProblem.UNREADABLE: (Repair.REJECT, Repair.NULL, Repair.VALUE),
    RowProblem.TEXT: (Repair.REPLACE, Repair.REJECT, Repair.NULL, Repair.VALUE),
    RowProblem.NO_VALUE: (Repair.REJECT, Repair.VALUE),
    RowProblem.DUPLICATES: (Repair.PLAIN, Repair.REJECT),
    RowProblem.ORPHANS: (Repair.LEAVE_OUT, Repair.NULL, Repair.PLACEHOLDER),
}
"""The repairs of each trouble, the one by default first."""
OF_TABLES: frozenset[RowProblem] = frozenset({RowProblem.DUPLICATES, RowProblem.ORPHANS})
"""what is repaired in rows, or allowed by the tables' definitions"""


@dataclass(frozen=True, slots=True)
class RepairRule:
    """For a trouble, what to do: in the whole project, or only in a source, a table, a column, index or relationship.

    Names are Access's, compared without case.
    """

    trouble: RowProblem
    repair: Repair
    value: str = ""
    """for `VALUE`, as people write it: `0`, `1900-01-01`, any text"""
    source: str = ""
    table: str = ""
    part: str = ""

    def covers(self, source: str, table: str, part: str) -> bool:
        """Whether it speaks of a part of a table."""
        mine = (self.source, self.table, self.part)
        return all(
            not own or own.casefold() == other.casefold()
            for own, other in zip(mine, (source, table, part), strict=True)
        )

    @property
    def level(self) -> int:
        """How local it is: 0 for the project's, 3 for a column's."""
        return bool(self.source) + bool(self.table) + bool(self.part)


class WhenExists(StrEnum):
    """What is done with an object that the server has already."""

    ALTER = "alter"
    RECREATE = "recreate"
    SKIP = "skip"


class Constraints(StrEnum):
    """What happens to indexes, foreign keys, checks and triggers of a table while its rows are loaded."""

    AFTER = "after"
    """created after the rows (stage 7 leaves them, stage 8 makes them)"""
    DISABLE = "disable"
    """disabled for the load, rebuilt and checked afterwards"""
    KEEP = "keep"


class CrosstabOption(StrEnum):
    """What a crosstab without fixed headings becomes."""

    HEADINGS = "headings"
    """a view with the headings found in the data at conversion"""
    PROCEDURE = "procedure"
    """a stored procedure that finds them when run"""


@dataclass(frozen=True, slots=True)
class Options:
    """Every option of stage 1. `Options.preset(Preset.FULL)` gives a preset's values."""

    add_primary_key: bool = option("Tables", "Add a primary key to tables with neither key nor unique index", True)
    add_rowversion: Decide = option("Tables", "Add a rowversion column, which linked Access forms need for some types", Decide.AUTO, optimistic=Decide.NEVER, full=Decide.ALWAYS)  # fmt: skip  # noqa: E501
    descriptions: bool = option("Tables", "Write descriptions as extended properties", True)
    replication_columns: bool = option("Tables", "Take along the hidden columns of Access replication (s_GUID, s_Generation …)", False)  # fmt: skip  # noqa: E501
    when_exists: WhenExists = option("Loading", "What to do with an object that exists already", WhenExists.ALTER)
    load_attempts: int = option(
        "Loading",
        "How often loading is tried while objects wait for each other",
        3,
        low=1,
        stale=(),
        of_rows=False,
    )
    data_assessment: bool = option(
        "Assessment", "Look at the data too, not only at definitions", True, optimistic=False
    )
    nullable_key: Level = option("Messages", "Nullable column in a primary key", Level.WARNING, optimistic=Level.INFORMATION, full=Level.ERROR)  # fmt: skip  # noqa: E501
    foreign_key_size: Level = option("Messages", "Foreign key columns of different size", Level.WARNING, optimistic=Level.INFORMATION, full=Level.ERROR)  # fmt: skip  # noqa: E501
    indexed_memo: Level = option("Messages", "Index on a Long Text column", Level.WARNING, optimistic=Level.INFORMATION, full=Level.ERROR)  # fmt: skip  # noqa: E501
    warn_wildcards: bool = option("Messages", "Warn of SELECT * in queries over several tables", True, optimistic=False)
    warn_renamed: bool = option("Messages", "Warn when an identifier changes or needs quoting", True, optimistic=False)
    check_constraints: bool = option("Data", "Check constraints while rows are copied", False, full=True)
    fire_triggers: bool = option("Data", "Fire triggers while rows are copied", False, full=True)
    keep_identity: bool = option("Data", "Keep AutoNumber values", True)
    keep_nulls: bool = option("Data", "Keep NULL where the column has a default", True)
    table_lock: bool = option("Data", "Lock the table while rows are copied", True, of_rows=False)
    batch_size: int = option("Data", "Rows in a batch", BATCH_ROWS, low=1, stale=(), of_rows=False)
    package_inserts: bool = option(
        "Data", "Offline package: rows as INSERT statements in place of bcp files", False, of_rows=False
    )
    constraints: Constraints = option("Data", "Indexes, foreign keys and checks during the load", Constraints.AFTER, full=Constraints.KEEP, stale=(Stage.LOAD, Stage.MIGRATE))  # fmt: skip  # noqa: E501
    parallel_tables: int = option(
        "Data", "Tables copied at once (0: as many as there are cores)", 0, stale=(), of_rows=False
    )
    answer_timeout: int = option(
        "Data", "Seconds the server may take for a statement or a batch (0: for ever)", 300, stale=()
    )
    table_timeout: int = option(
        "Data", "Seconds for a statement that goes through whole tables (0: for ever)", 3600, stale=()
    )
    max_rejects_table: int = option("Data", "Stop a table after so many rejected rows (0: never)", 0, of_rows=False)
    max_rejects: int = option("Data", "Stop the migration after so many rejected rows (0: never)", 0, of_rows=False)
    views: bool = option("Queries", "Convert SELECT and UNION queries to views", True)
    functions: bool = option("Queries", "Convert parameter queries to table-valued functions", True)
    crosstabs: bool = option("Queries", "Convert crosstab queries", True)
    crosstab_headings: CrosstabOption = option("Queries", "Crosstabs without fixed headings", CrosstabOption.HEADINGS)
    procedures: bool = option("Queries", "Convert action queries to stored procedures", True)
    pass_through: bool = option("Queries", "Keep pass-through queries", True)
    prove_queries: bool = option("Queries", "Verification runs every query on both sides and compares the rows", True, optimistic=False)  # fmt: skip  # noqa: E501
    prove_rows: int = option("Queries", "Rows of a query that verification compares at most", 100_000)
    prove_seconds: int = option("Queries", "Seconds that a query may take on either side when it is verified", 60)

    @classmethod
    def preset(cls, preset: Preset) -> Options:
        """The options as that preset has them."""
        return cls(**{name: declared.presets[preset] for name, declared in declarations().items()})


def declarations() -> dict[str, OptionDeclaration]:
    """Every option by its name, in the order in which they are listed."""
    return {f.name: f.metadata["declaration"] for f in fields(Options)}


_OF_PRESETS: Mapping[Preset, tuple[RepairRule, ...]] = {
    Preset.OPTIMISTIC: (RepairRule(RowProblem.DATE, Repair.NEAREST),),
}


@dataclass(frozen=True, slots=True)
class Repairs:
    """A project's repair rules. The most local that speaks of a trouble counts, then the preset's, then the default."""

    rules: tuple[RepairRule, ...] = ()
    preset: Preset = Preset.DEFAULT

    def of(self, trouble: RowProblem, source: str, table: str, part: str = "") -> RepairRule:
        """The rule that counts: the most local one, else the default."""
        fitting = [r for r in self.rules if r.trouble is trouble and r.covers(source, table, part)]
        if fitting:
            return max(fitting, key=lambda r: r.level)
        general = next((r for r in _OF_PRESETS.get(self.preset, ()) if r.trouble is trouble), None)
        return general or RepairRule(trouble, REPAIRS[trouble][0])


@dataclass(frozen=True, slots=True)
class Target:
    """What stage 1 says of the destination. `linked` is true where Access stays the front end."""

    kind: TargetKind = TargetKind.PACKAGE
    version: SqlVersion = SqlVersion.V2022
    linked: bool = True


_TARGETS: Mapping[TargetKind, str] = {
    TargetKind.AZURE_SQL_DATABASE: "Azure SQL Database",
    TargetKind.AZURE_SQL_MANAGED_INSTANCE: "Azure SQL Managed Instance",
    TargetKind.PACKAGE: "an offline package for SQL Server {version}",
}


def target_words(target: Target) -> str:
    """Where a project goes, for people: `SQL Server 2022`."""
    return _TARGETS.get(target.kind, "SQL Server {version}").format(version=target.version.value)


@dataclass(frozen=True, slots=True)
class TypeRule:
    """`source` columns of a length between `low` and `high` become `target`.

    `target` is written as in T-SQL (`nvarchar(*)`, `decimal(*,*)`: the source's own length, precision, scale).
    `source` holds the name of a `ColumnType`, or `hyperlink`, `autonumber`, `replication_id_autonumber`.
    """

    source: str
    target: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class TypeMap:
    """Rules at three levels; the most local rule that fits wins, then the built-in defaults."""

    project: tuple[TypeRule, ...] = ()
    databases: Mapping[str, tuple[TypeRule, ...]] = field(default_factory=dict, hash=False)
    """by source key"""
    tables: Mapping[tuple[str, str], tuple[TypeRule, ...]] = field(default_factory=dict, hash=False)
    """by source key and table name"""


class Auth(StrEnum):
    """How an account signs in to the server."""

    SQL = "sql"
    WINDOWS = "windows"
    ENTRA_DEFAULT = "entra-default"
    ENTRA_INTERACTIVE = "entra-interactive"
    ENTRA_PASSWORD = "entra-password"
    ENTRA_SERVICE_PRINCIPAL = "entra-service-principal"
    ENTRA_MANAGED_IDENTITY = "entra-managed-identity"

    @property
    def needs_user(self) -> bool:
        """Whether it signs in with a name."""
        return self in (Auth.SQL, Auth.ENTRA_PASSWORD, Auth.ENTRA_SERVICE_PRINCIPAL)

    @property
    def needs_password(self) -> bool:
        """A password, or a service principal's secret."""
        return self.needs_user


class Encryption(StrEnum):
    """How a connection is encrypted, in the words of the ODBC driver's `Encrypt`."""

    STRICT = "strict"
    MANDATORY = "mandatory"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the server is and who asks. Never a password: that travels beside it, in memory only."""

    host: str = ""
    port: int | None = None
    """None: the instance's port, or 1433"""
    instance: str = ""
    database: str = ""
    auth: Auth = Auth.SQL
    user: str = ""
    """login, principal name or client id, as `auth` asks for it"""
    encryption: Encryption = Encryption.MANDATORY
    trust_certificate: bool = False
    timeout: int = 15
    """seconds to wait for a login"""
    more: tuple[tuple[str, str], ...] = ()
    """further keywords of the connection string and their values, never a secret"""

    @classmethod
    def at(cls, server: str, **others: Any) -> Connection:
        """From a server's name as people write it. Raises ServerNameError, a ValueError, with what to write instead."""
        name = ServerName.read(server)
        return cls(host=name.host, port=name.port, instance=name.instance, **others)

    @property
    def server(self) -> str:
        r"""`HOST,PORT` or `HOST\INSTANCE`, as ODBC's Server keyword has it."""
        if self.port is not None:
            return f"{self.host},{self.port}"
        return f"{self.host}\\{self.instance}" if self.instance else self.host
