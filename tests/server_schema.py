"""A schema of the test server emptied, so that a test finds it as new and leaves nothing."""

from __future__ import annotations

from contextlib import suppress

from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError

_WORDS = {"V": "VIEW", "P": "PROCEDURE", "IF": "FUNCTION", "FN": "FUNCTION", "TF": "FUNCTION", "U": "TABLE"}


def odd(session: ServerSession, name: str) -> str:
    """The name, without closing brackets where the server does not read them in names, as Babelfish does not."""
    try:
        session.query("SELECT 1 AS [a]]b]")
    except ServerError:
        return name.replace("]", "")
    return name


def clear(session: ServerSession, schema: str) -> None:
    """Drop everything of the schema, in as many rounds as dependencies ask for."""
    keys = f"SELECT OBJECT_NAME(parent_object_id), name FROM sys.foreign_keys WHERE SCHEMA_NAME(schema_id) = '{schema}'"
    for table, name in session.query(keys):
        session.execute(f"ALTER TABLE [{schema}].[{table}] DROP CONSTRAINT [{name}]")
    for _ in range(4):
        listed = f"SELECT name, type FROM sys.objects WHERE SCHEMA_NAME(schema_id) = '{schema}'"
        found = [(name, _WORDS[kind.strip()]) for name, kind in session.query(listed) if kind.strip() in _WORDS]
        for name, word in found:
            with suppress(ServerError):
                session.execute(f"DROP {word} [{schema}].[{name}]")
        if not found:
            return
