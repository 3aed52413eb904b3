"""SQL Server and Azure SQL: connections, objects, bulk copy.

Drivers are loaded when a server is first asked for, not by importing this room.

`ServerSession` runs statements, `apply` makes objects, `ServerSink` takes rows (the contract is `wizard.sink`).
"""

from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.connection_string import settings as settings_of
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.server_sink import ServerSink
from wizard.sqlserver.statement_runner import StatementResult, StatementStep, run_statements

__all__ = [
    "DriverError",
    "ErrorKind",
    "RetryPolicy",
    "ServerError",
    "ServerSession",
    "ServerSink",
    "StatementResult",
    "StatementStep",
    "run_statements",
    "settings_of",
]  # fmt: skip
