"""Advice for a quicker load, which people may follow; nothing is changed unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.messages import Kind, Message, Place
from wizard.objects import Name, ServerTable, literal
from wizard.settings import Options
from wizard.sqlserver.blockers import APPLICATION
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import ServerError

_NAMED = 5
"""tables named in one piece of advice"""

_RECOVERY = (
    "SELECT DB_NAME(), CAST(DATABASEPROPERTYEX(DB_NAME(), 'Recovery') AS nvarchar(60)),"
    " CAST(SERVERPROPERTY('EngineEdition') AS int)"
)
_HEAPS = (
    "SELECT s.name, t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
    " JOIN sys.indexes AS h ON h.object_id = t.object_id AND h.type = 0 WHERE NOT EXISTS"
    " (SELECT 1 FROM sys.indexes AS i WHERE i.object_id = t.object_id AND i.type > 0 AND i.is_disabled = 0)"
)
"""Tables that bulk copies with TABLOCK enter side by side, with little logged: *Prerequisites for minimal logging*."""
_MAY_SEE = (
    "SELECT CASE WHEN HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') = 1"
    " OR (CAST(SERVERPROPERTY('EngineEdition') AS int) = 5"
    " AND HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DATABASE STATE') = 1) THEN 1 ELSE 0 END"
)
_OTHERS = (
    "SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE is_user_process = 1 AND database_id = DB_ID()"
    f" AND session_id <> @@SPID AND COALESCE(program_name, N'') NOT LIKE {literal(APPLICATION + '%')}"
)


def advice(session: ServerSession, options: Options, tables: Sequence[ServerTable]) -> Iterator[Message]:
    """On the recovery model and the table lock, where the server lets it be known that they matter.

    Raises nothing for what cannot be asked.
    """
    try:
        rows = session.query(_RECOVERY)
        if rows and rows[0][1] == "FULL" and rows[0][2] not in (5, 8):  # not Azure, where it cannot be chosen
            yield Message.of(5303, Place(Kind.SERVER, name=session.server), database=rows[0][0])
        if not options.table_lock:
            yield from _lock(session, [t.name for t in tables])
    except ServerError:
        return


def _lock(session: ServerSession, tables: Sequence[Name]) -> Iterator[Message]:
    """The lock is off, though nobody else is there to be kept out and tables have no index to keep up."""
    heaps = {Name(str(schema), str(name)) for schema, name in session.query(_HEAPS)}
    found = [name for name in tables if name in heaps]
    if not found or session.value(_MAY_SEE) != 1 or session.value(_OTHERS) != 0:
        return
    names = ", ".join(str(n) for n in found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
    yield Message.of(5307, Place(Kind.SERVER, name=session.server), count=len(found), tables=names)
