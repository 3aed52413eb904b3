"""CREATE statements of single objects.

Every identifier passes through `objects.quote` and every text through `objects.literal`.
"""

from __future__ import annotations

import re

from wizard.objects import (
    Action,
    CheckConstraint,
    ForeignKey,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerTable,
    literal,
    quote,
)

DESCRIPTION = "MS_Description"
SOURCE_SQL = "Jetferry_AccessSQL"
VALIDATION_TEXT = "Jetferry_ValidationText"
PROPERTY_LIMIT = 3750
"""characters of nvarchar in an extended property (7,500 bytes)"""


def schema(name: str) -> str:
    """A batch of its own, as CREATE SCHEMA must be; harmless where the schema is there."""
    return f"IF SCHEMA_ID({literal(name)}) IS NULL EXEC({literal('CREATE SCHEMA ' + quote(name))});"


def table(wanted: ServerTable) -> str:
    """The columns alone, without computed ones: those, keys, defaults and constraints are statements of their own."""
    body = ",\n    ".join(column(c) for c in wanted.columns if not c.computed)
    return f"CREATE TABLE {wanted.name} (\n    {body}\n);"


def column(wanted: ServerColumn) -> str:
    """`[name] type NOT NULL …`, as CREATE TABLE and ALTER TABLE ADD want it, without the default."""
    if wanted.computed:
        persisted = " PERSISTED" if wanted.persisted else ""
        return f"{quote(wanted.name)} AS ({wanted.computed}){persisted}"
    words = [quote(wanted.name), str(wanted.type)]
    if wanted.collation:
        words.append(f"COLLATE {wanted.collation}")
    if wanted.identity:
        words.append(f"IDENTITY({wanted.seed},{wanted.increment})")
    words.append("NULL" if wanted.nullable else "NOT NULL")
    return " ".join(words)


def add_column(owner: Name, wanted: ServerColumn) -> str:
    """With its default at once: rows that are there get it where NULL is not allowed, and else stay without value."""
    words = column(wanted)
    if wanted.default:
        words += f" CONSTRAINT {quote(wanted.default_name)} DEFAULT ({wanted.default})"
    return f"ALTER TABLE {owner} ADD {words};"


def default(owner: Name, wanted: ServerColumn) -> str:
    """The statement that adds a column's default."""
    return (
        f"ALTER TABLE {owner} ADD CONSTRAINT {quote(wanted.default_name)} "
        f"DEFAULT ({wanted.default}) FOR {quote(wanted.name)};"
    )


def primary_key(owner: Name, wanted: ServerIndex) -> str:
    """The statement that adds the primary key."""
    clustered = "CLUSTERED" if wanted.clustered else "NONCLUSTERED"
    return f"ALTER TABLE {owner} ADD CONSTRAINT {quote(wanted.name)} PRIMARY KEY {clustered} ({_key_columns(wanted)});"


def index(owner: Name, wanted: ServerIndex) -> str:
    """The statement that makes an index."""
    unique = "UNIQUE " if wanted.unique else ""
    clustered = "CLUSTERED " if wanted.clustered else ""
    where = f" WHERE {wanted.where}" if wanted.where else ""
    return f"CREATE {unique}{clustered}INDEX {quote(wanted.name)} ON {owner} ({_key_columns(wanted)}){where};"


def _key_columns(wanted: ServerIndex) -> str:
    return ", ".join(quote(c.name) + (" DESC" if c.descending else "") for c in wanted.columns)


def foreign_key(owner: Name, wanted: ForeignKey, *, unchecked: bool = False) -> str:
    """Checked against the rows that are there, so that the server trusts it, unless rows are known to break it."""
    how = "NOCHECK" if unchecked else "CHECK"
    own = ", ".join(map(quote, wanted.columns))
    other = ", ".join(map(quote, wanted.referenced_columns))
    actions = ""
    if wanted.on_delete is not Action.NO_ACTION:
        actions += f" ON DELETE {wanted.on_delete}"
    if wanted.on_update is not Action.NO_ACTION:
        actions += f" ON UPDATE {wanted.on_update}"
    return (
        f"ALTER TABLE {owner} WITH {how} ADD CONSTRAINT {quote(wanted.name)} "
        f"FOREIGN KEY ({own}) REFERENCES {wanted.referenced} ({other}){actions};"
    )


def check(owner: Name, wanted: CheckConstraint, *, unchecked: bool = False) -> str:
    """Checked against the rows that are there, unless it is known that they break it."""
    how = "NOCHECK" if unchecked or wanted.unchecked else "CHECK"
    return f"ALTER TABLE {owner} WITH {how} ADD CONSTRAINT {quote(wanted.name)} CHECK ({wanted.expression});"


def enabled(owner: Name, constraint: str, *, unchecked: bool = False) -> str:
    """Ask a constraint that is there of rows again: of all, or of new ones only."""
    how = "NOCHECK" if unchecked else "CHECK"
    return f"ALTER TABLE {owner} WITH {how} CHECK CONSTRAINT {quote(constraint)};"


def extended_property(name: str, value: str, path: tuple[tuple[str, str], ...]) -> str:
    """Set a property, new or not. `path` is up to three pairs of level type and name, from SCHEMA down.

    A property holds 7,500 bytes: what is longer goes on under the names `name_2`, `name_3` …, so that nothing is lost.
    """
    levels = ", ".join(
        f"@level{i}type = {literal(kind)}, @level{i}name = {literal(part)}" for i, (kind, part) in enumerate(path)
    )
    place = [literal(part) for pair in path for part in pair] + ["NULL", "NULL"] * (3 - len(path))
    lines = [f"DECLARE @value nvarchar({PROPERTY_LIMIT});"]
    for number, piece in enumerate(_pieces(value), 1):
        own = literal(name if number == 1 else f"{name}_{number}")
        lines += [
            f"SET @value = {text(piece)};",
            f"IF EXISTS (SELECT 1 FROM sys.fn_listextendedproperty({own}, {', '.join(place)}))",
            f"    EXEC sys.sp_updateextendedproperty @name = {own}, @value = @value, {levels};",
            "ELSE",
            f"    EXEC sys.sp_addextendedproperty @name = {own}, @value = @value, {levels};",
        ]
    return "\n".join(lines)


def rule_text(table: Name, check: CheckConstraint) -> str:
    """Keep a rule's validation text with its check constraint."""
    path = (("SCHEMA", table.schema), ("TABLE", table.name), ("CONSTRAINT", check.name))
    return extended_property(VALIDATION_TEXT, check.text, path)


def text(value: str) -> str:
    """A text as an expression without line breaks inside a literal: a line `GO` there would end a script's batch."""
    parts = text_parts(value)
    return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"


def text_parts(value: str) -> list[str]:
    """The constants and characters that, joined by `+`, are a text."""
    if not any(c in value for c in "\r\n"):
        return [literal(value)]
    parts = [p for p in re.split(r"(\r|\n)", value) if p]
    return [{"\r": "NCHAR(13)", "\n": "NCHAR(10)"}.get(p) or literal(p) for p in parts]


def _pieces(value: str) -> list[str]:
    pieces: list[str] = []
    piece, size = "", 0
    for character in value:
        width = 2 if ord(character) > 0xFFFF else 1
        if size + width > PROPERTY_LIMIT:
            pieces.append(piece)
            piece, size = "", 0
        piece, size = piece + character, size + width
    return [*pieces, piece]


_OBJECT_TYPES = {
    ObjectKind.TABLE: "U",
    ObjectKind.VIEW: "V",
    ObjectKind.PROCEDURE: "P",
    ObjectKind.PRIMARY_KEY: "PK",
    ObjectKind.FOREIGN_KEY: "F",
    ObjectKind.CHECK: "C",
    ObjectKind.DEFAULT: "D",
}


def absent(kind: ObjectKind, name: Name) -> str:
    """A condition that is true where no such object is in the schema (functions come in several types)."""
    kinds = _OBJECT_TYPES.get(kind)
    found = f"OBJECT_ID({literal(str(name))}, {literal(kinds)})" if kinds else f"OBJECT_ID({literal(str(name))})"
    return f"{found} IS NULL"


def column_absent(owner: Name, column_name: str) -> str:
    """A condition: the table has no such column."""
    return f"COL_LENGTH({literal(str(owner))}, {literal(column_name)}) IS NULL"


def index_absent(owner: Name, index_name: str) -> str:
    """A condition: the table has no such index."""
    return (
        f"NOT EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = OBJECT_ID({literal(str(owner))}) "
        f"AND name = {literal(index_name)})"
    )
