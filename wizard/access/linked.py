"""Linked tables and connect strings. A password in a connect string is cut out before anything else sees it."""

from __future__ import annotations

import re
from typing import Final

from wizard.definitions import LinkedTable, LinkKind

_SECRET: Final = re.compile(
    r"""(^|[;{"'])\s*(?:pwd|passwd|password|(?:jet\ oledb:)?database\ password|access\ ?token)\s*="""
    r"""\s*(?:\{(?:[^}]|\}\})*\}|"[^"]*"|'[^']*')?[^;]*""",
    re.IGNORECASE,
)
"""a password's part, wherever it stands: inside of braces or quotes that may not be closed, too"""

_PART: Final = re.compile(r"""[^=;]*=\s*(?:\{(?:[^}]|\}\})*\}|"[^"]*"|'[^']*')[^;]*|[^;]+|;""")
"""a part of a connect string, or the semicolon between two: a value in braces or quotes may hold a semicolon"""

_KINDS: Final = (
    ("odbc", LinkKind.ODBC),
    ("excel", LinkKind.EXCEL),
    ("text", LinkKind.TEXT),
    ("ms access", LinkKind.ACCESS),
)


def without_password(connect: str) -> str:
    """A connect string with the passwords' parts left out; everything else as it is."""
    return _SECRET.sub(lambda found: "" if found[1] == ";" else found[1], connect)


def part(connect: str, name: str) -> str:
    """The value of a part, without braces; empty where the string has none."""
    for found in _PART.findall(connect):
        key, equals, value = str(found).partition("=")
        if equals and key.strip().casefold() == name.casefold():
            value = value.strip()
            return value[1:-1].replace("}}", "}") if value[:1] == "{" and value[-1:] == "}" else value
    return ""


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
        connect=without_password(connect if not odbc or _is_odbc(connect) else f"ODBC;{connect}"),
        database=database or part(connect, "DATABASE"),
        foreign_name=foreign_name or name,
    )


def _is_odbc(connect: str) -> bool:
    return connect[:5].casefold() == "odbc;"


def _kind(connect: str) -> LinkKind:
    start = connect.split(";", 1)[0].strip().casefold()
    if not start or "=" in start:
        return LinkKind.ACCESS
    return next((kind for prefix, kind in _KINDS if start.startswith(prefix)), LinkKind.OTHER)
