"""Linked tables and connect strings. A password in a connect string is cut out before anything else sees it."""

from __future__ import annotations

from typing import Final

from wizard.access.redaction import part, redacted, without_secrets
from wizard.definitions import LinkedTable, LinkKind

_KINDS: Final = (
    ("odbc", LinkKind.ODBC),
    ("excel", LinkKind.EXCEL),
    ("text", LinkKind.TEXT),
    ("ms access", LinkKind.ACCESS),
)


def linked_table(name: str, connect: str, database: str, foreign_name: str, *, odbc: bool) -> LinkedTable:
    """A linked table from its row in MSysObjects.

    Args:
        connect: as stored, passwords and all.
        database: the column of that name: a path, empty for ODBC.
        odbc: the row is of the type of ODBC tables, whose connect string is kept without the prefix that Access shows.
    """
    return LinkedTable(
        name=name,
        kind=LinkKind.ODBC if odbc else _kind(connect),
        connect=without_secrets(connect if not odbc or _is_odbc(connect) else f"ODBC;{connect}"),
        database=redacted(database or part(connect, "DATABASE")),
        foreign_name=redacted(foreign_name or name),
    )


def _is_odbc(connect: str) -> bool:
    return connect[:5].casefold() == "odbc;"


def _kind(connect: str) -> LinkKind:
    start = connect.split(";", 1)[0].strip().casefold()
    if not start or "=" in start:
        return LinkKind.ACCESS
    return next((kind for prefix, kind in _KINDS if start.startswith(prefix)), LinkKind.OTHER)
