"""The code pages in which a server keeps the text of char and varchar, asked of its collations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from wizard.objects import literal
from wizard.sqlserver.connection import ServerSession

OF_DATABASE: Final = "CAST(COLLATIONPROPERTY({collation}, 'CodePage') AS int)".format(
    collation="CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128))"
)
"""an expression; NULL where a server does not say"""
_OF_COLUMNS: Final = (
    "SELECT s.name, t.name, c.name, CAST(COLLATIONPROPERTY(c.collation_name, 'CodePage') AS int)"
    " FROM sys.columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id"
    " JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
    " WHERE s.name IN ({schemas}) AND TYPE_NAME(c.system_type_id) IN (N'char', N'varchar')"
)


def database_page(session: ServerSession) -> int:
    """Of the database's collation; 0 where the server does not say. Raises ServerError."""
    return int(str(session.value(f"SELECT {OF_DATABASE}") or 0))


def column_pages(session: ServerSession, schemas: Iterable[str]) -> Mapping[tuple[str, str, str], int]:
    """By schema, table and column, of the columns that are there; 0 where the server does not say.

    Raises ServerError.
    """
    names = ", ".join(literal(s) for s in schemas)
    rows = session.query(_OF_COLUMNS.format(schemas=names)) if names else []
    return {(str(s), str(t), str(c)): int(str(page or 0)) for s, t, c, page in rows}
