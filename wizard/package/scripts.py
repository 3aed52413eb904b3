"""Statements as script files: one per kind in the order of running, batches parted by GO.

sqlcmd takes a line `GO`, `:r`, `!!` or `quit` for a command wherever it stands, even in the middle of a string; a
statement with such a line is run through `sp_executesql` from a text without line ends. Variables like `$(x)` are
left alone because the deployment commands call sqlcmd with -x.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wizard.objects import SETTINGS, Name, ObjectKind, ServerTable, Statement, literal, quote
from wizard.package.bcp_rows import Terminators
from wizard.package.versions import LevelNeed, VersionNeed
from wizard.plurals import counted
from wizard.settings import Constraints, Options
from wizard.sqlserver.code_pages import OF_DATABASE

PREAMBLE: Final = f"SET XACT_ABORT, NOCOUNT ON;\n{SETTINGS}\nGO\n"

_TITLES: Final = {
    ObjectKind.SCHEMA: "schemas",
    ObjectKind.TABLE: "tables",
    ObjectKind.DEFAULT: "defaults",
    ObjectKind.PRIMARY_KEY: "primary-keys",
    ObjectKind.INDEX: "indexes",
    ObjectKind.FOREIGN_KEY: "foreign-keys",
    ObjectKind.CHECK: "checks",
    ObjectKind.VIEW: "views",
    ObjectKind.FUNCTION: "functions",
    ObjectKind.PROCEDURE: "procedures",
    ObjectKind.DESCRIPTION: "descriptions",
}
_BEFORE: Final = (ObjectKind.SCHEMA, ObjectKind.TABLE, ObjectKind.DEFAULT, ObjectKind.PRIMARY_KEY)
_CONSTRAINTS: Final = (ObjectKind.INDEX, ObjectKind.FOREIGN_KEY, ObjectKind.CHECK)
_LAST: Final = ObjectKind.DESCRIPTION
_ADDED_KEYS: Final = "added-keys"
_MODULES: Final = (ObjectKind.VIEW, ObjectKind.FUNCTION, ObjectKind.PROCEDURE)
# sqlcmd reads lines, not T-SQL: what begins one is a command to it in the middle of a name or a text too
_COMMAND: Final = re.compile(r"^[ \t]*(GO\b|:|!!|(EXIT|QUIT|RESET|ED|LIST|LISTVAR)\b)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """A script file: its name and its text."""

    path: str
    title: str
    text: str
    statements: int
    after_data: bool


def scripts(
    statements: Sequence[Statement],
    tables: Sequence[ServerTable],
    options: Options,
    unchecked: Collection[tuple[Name, str]] = (),
) -> list[Script]:
    """The package's scripts. Data are loaded between those before and those after; the last one checks everything
    but the foreign keys in `unchecked` (table and key), which the rows of the package are known to break."""
    statements = [
        replace(s, sql=s.unchecked) if s.kind is ObjectKind.FOREIGN_KEY and (s.name, s.part) in unchecked else s
        for s in statements
    ]
    kept = options.constraints is Constraints.KEEP
    groups: list[_Group] = []
    for kind in (*_BEFORE, *_CONSTRAINTS):
        ours = [s for s in statements if s.kind is kind]
        late = [s for s in ours if s.after_rows or (not kept and (s.waits or kind in _CONSTRAINTS))]
        title = _ADDED_KEYS if kind is ObjectKind.PRIMARY_KEY else _TITLES[kind]
        groups += [(_TITLES[kind], [s for s in ours if s not in late], False), (title, late, True)]
    groups += [(_TITLES[k], group, True) for k, group in _modules([s for s in statements if s.kind in _MODULES])]
    groups.append((_TITLES[_LAST], [s for s in statements if s.kind is _LAST], True))
    made = []
    for number, (title, group, after) in enumerate((g for g in groups if g[1]), 1):
        body = "".join(f"{batch(s.sql)}\nGO\n" for s in group)
        made.append(Script(f"{number * 10:03d}-{title}.sql", title, PREAMBLE + body, len(group), after))
    return [*made, _final(tables, unchecked)]


def version_script(needs: VersionNeed, texts: int = 0) -> Script:
    """The first script: it stops with a clear message on a server that is older than the scripts need, or a database
    whose level of compatibility is below what they need; Azure's have one too. It warns of `texts` whose characters
    the code page of the database may not hold.

    Azure's services say version 12 whatever they can, and are let pass by their edition; so is a server that does not
    say its version or level. Sources: "SERVERPROPERTY (Transact-SQL)" (EngineEdition 5: SQL Database, 8: Managed
    Instance, 12: SQL database in Fabric); "DB_ID (Transact-SQL)" (Azure's may be another than in sys.databases, so that
    the name is asked for); 13.0.4001 is Service Pack 1 of SQL Server 2016. RAISERROR, as THROW is no word of servers
    before 2012; -b makes sqlcmd stop at it.
    """
    major, build = needs.first_build
    text = (
        "DECLARE @edition int = CAST(SERVERPROPERTY('EngineEdition') AS int);\n"
        "DECLARE @version nvarchar(128) = CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128));\n"
        "DECLARE @major int = CAST(PARSENAME(@version, 4) AS int), @build int = CAST(PARSENAME(@version, 2) AS int);\n"
        f"IF @edition NOT IN (5, 8, 12) AND (@major < {major} OR (@major = {major} AND @build < {build}))\n"
        "BEGIN\n"
        f"    DECLARE @said nvarchar(2000) = {literal(_TOO_OLD.format(product=needs.product, why=needs.why))}\n"
        f"        + @version + {literal(_NOTHING_DONE)};\n"
        "    RAISERROR(N'%s', 16, 1, @said);\n"
        "END;"
    )
    if needs.compatibility.level:
        text += _level_test(needs.compatibility)
    if texts:
        text += _page_warning(texts)
    return Script("000-version.sql", "version", PREAMBLE + batch(text) + "\nGO\n", 1, False)


def _level_test(needs: LevelNeed) -> str:
    wanted = needs.level
    return (
        "\nDECLARE @level int = (SELECT compatibility_level FROM sys.databases WHERE name = DB_NAME());\n"
        f"IF @level < {wanted}\n"
        "BEGIN\n"
        f"    DECLARE @low nvarchar(2000) = {literal(_TOO_LOW.format(level=wanted, why=needs.why))}\n"
        f"        + CAST(@level AS nvarchar(10)) + {literal(_RAISE.format(level=wanted))};\n"
        "    RAISERROR(N'%s', 16, 1, @low);\n"
        "END;"
    )


def _page_warning(texts: int) -> str:
    """UTF-8, code page 65001, holds every character."""
    have = counted(texts, "text of this package has", "texts of this package have")
    return (
        f"\nDECLARE @page int = {OF_DATABASE};\n"
        "IF @page IS NULL OR @page <> 65001\n"
        f"    PRINT {literal(have + _PAGE)} + ISNULL(CAST(@page AS nvarchar(10)), N'unknown')\n"
        f"        + {literal(_PAGE_LOSES)};"
    )


_PAGE: Final = " characters beyond ASCII in columns of varchar or char, and the code page of this database is "
_PAGE_LOSES: Final = (
    ". What it does not hold arrives as '?', without an error. README.md says which columns they are, and how to lose "
    "nothing."
)
_TOO_LOW: Final = (
    "The scripts of this package need a database of compatibility level {level} or above ({why}), and this one has "
)
_RAISE: Final = (
    ". Nothing was done. Raise it with ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = {level}; or choose another "
    "database."
)


_TOO_OLD: Final = "The scripts of this package need {product} or later ({why}), and this server is version "
_NOTHING_DONE: Final = (
    ". Nothing was done. Choose a newer server, or choose its version in Jetferry and have the scripts written for it."
)


_Group = tuple[str, list[Statement], bool]
"""title, statements, whether they run after the rows"""


def _modules(modules: Sequence[Statement]) -> Iterable[tuple[ObjectKind, list[Statement]]]:
    """Views, functions and procedures so that what is referred to comes first, in as few files as that allows."""
    waiting = list(modules)
    while waiting:
        takeable = ((kind, _takeable(waiting, kind)) for kind in _MODULES)
        in_a_circle = (waiting[0].kind, [s for s in waiting if s.kind is waiting[0].kind])
        kind, group = next((found for found in takeable if found[1]), in_a_circle)
        yield kind, group
        waiting = [s for s in waiting if s not in group]


def _takeable(waiting: Sequence[Statement], kind: ObjectKind) -> list[Statement]:
    """Modules of one kind, in an order in which each refers only to earlier ones or to none that wait."""
    taken: list[Statement] = []
    left = list(waiting)
    while True:
        names = {s.name for s in left}
        ready = [s for s in left if s.kind is kind and not any(d in names and d != s.name for d in s.depends_on)]
        if not ready:
            return taken
        taken += ready
        left = [s for s in left if s not in ready]


def batch(sql: str) -> str:
    """The statement as a batch of a script: itself, or through `sp_executesql` where a line looks like a command."""
    text = sql.strip()
    if not _COMMAND.search(text):
        return text
    pieces = re.split(r"(\r\n|\r|\n)", text)
    ends = {"\r\n": "NCHAR(13) + NCHAR(10)", "\r": "NCHAR(13)", "\n": "NCHAR(10)"}
    lines = [ends.get(p) or literal(p) for p in pieces if p]
    joined = "\n    + ".join(["CAST(N'' AS nvarchar(max))", *lines])
    return f"DECLARE @statement nvarchar(max) = {joined};\nEXEC sys.sp_executesql @statement;"


def checking(table: Name, key: str) -> str:
    """The statement that checks a foreign key with the rows that are there, and has the server trust it."""
    return f"ALTER TABLE {table} WITH CHECK CHECK CONSTRAINT {quote(key)};"


def _final(tables: Sequence[ServerTable], unchecked: Collection[tuple[Name, str]]) -> Script:
    """Constraints checked with the rows that arrived, so that the server trusts them; counters and statistics set.

    Checks that old rows are known to break, and keys in `unchecked`, stay as they are: enabled, and not trusted.
    """
    left = {t.name: _left(t, unchecked) for t in tables}
    batches = [_trusted(t, left[t.name]) for t in tables if _trustable(t, left[t.name])]
    batches += [_untrusted(t, left[t.name]) for t in tables if _trustable(t, left[t.name])]
    for table in tables:
        if any(c.identity for c in table.columns):
            batches.append(f"DBCC CHECKIDENT({literal(str(table.name))}, RESEED) WITH NO_INFOMSGS;")
    batches += [f"UPDATE STATISTICS {t.name};" for t in tables]
    body = "".join(f"{batch(b)}\nGO\n" for b in batches)
    return Script("900-check-constraints.sql", "check-constraints", PREAMBLE + body, len(batches), True)


def _left(table: ServerTable, unchecked: Collection[tuple[Name, str]]) -> list[str]:
    """The constraints that some rows are known to break."""
    keys = [k.name for k in table.foreign_keys if (table.name, k.name) in unchecked]
    return keys + [c.name for c in table.checks if c.unchecked]


def _trustable(table: ServerTable, left: Sequence[str]) -> list[str]:
    """The constraints that every row is to obey."""
    names = [k.name for k in table.foreign_keys] + [c.name for c in table.checks]
    return [n for n in names if n not in left]


def _trusted(table: ServerTable, left: Sequence[str]) -> str:
    which = ", ".join(map(quote, _trustable(table, left))) if left else "ALL"
    return f"ALTER TABLE {table.name} WITH CHECK CHECK CONSTRAINT {which};"


def _untrusted(table: ServerTable, left: Sequence[str]) -> str:
    """The script ends here where a constraint is not trusted; those `left` unchecked aside."""
    name = literal(str(table.name))
    of_table = f"WHERE parent_object_id = OBJECT_ID({name}) AND is_not_trusted = 1"
    if left:
        of_table += f" AND name NOT IN ({', '.join(map(literal, left))})"
    return (
        f"IF EXISTS (SELECT 1 FROM sys.foreign_keys {of_table})\n"
        f"    OR EXISTS (SELECT 1 FROM sys.check_constraints {of_table})\n"
        f"    THROW 50001, {literal(f'A constraint on {table.name} is not trusted.')}, 1;"
    )


def count_script(table: ServerTable) -> str:
    """One number: the rows the table holds."""
    return f"SET NOCOUNT ON;\n{batch(f'SELECT COUNT_BIG(*) FROM {table.name};')}\nGO\n"


def format_file(table: ServerTable, fields: Sequence[str], ends: Terminators) -> str:
    """bcp's (non-XML) format file for a data file that has fields for some of the table's columns only.

    Fields are mapped by the columns' numbers; the name in the last column but one only must not be blank.
    """
    numbers = {c.name: n for n, c in enumerate(table.columns, 1)}
    lines = ["13.0", str(len(fields))]
    for place, name in enumerate(fields, 1):
        end = (ends.field if place < len(fields) else ends.row).decode()
        shown = end.replace("\t", "\\t").replace("\n", "\\n")
        lines.append(f'{place} SQLCHAR 0 0 "{shown}" {numbers[name]} C{numbers[name]} ""')
    return "\n".join(lines) + "\n"
