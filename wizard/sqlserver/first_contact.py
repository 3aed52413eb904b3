"""Which servers have let this process in: what one of them says of its database afterwards may be a failover's.

"Cannot open database" (4060) is a mistake in the settings at the first contact. Of a server that let us in before it is
what Azure and availability groups say while a database moves ("Troubleshoot transient connection errors in Azure SQL
Database"), and worth another attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from wizard.settings import Connection
from wizard.sqlserver.driver_errors import ServerError

T = TypeVar("T")

_met: set[tuple[str, str, str]] = set()


def let_in(connection: Connection, open_: Callable[[], T], *, first: bool = False) -> T:
    """A new connection, as `open_` makes it. Raises ServerFault, of trouble that passes where it may be a failover's.

    `first` takes the server at its word, as at the first contact: somebody is trying out settings.
    """
    key = (connection.server.casefold(), connection.database.casefold(), connection.user.casefold())
    try:
        opened = open_()
    except ServerError as e:
        if first or key not in _met:
            raise
        raise ServerError(e.fault.momentary) from e
    _met.add(key)
    return opened
