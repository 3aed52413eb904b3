"""Targets: SQL Server and Azure SQL by connection, and the offline package (`wizard.package`).

Drivers are loaded when a server is first asked for, not by importing this room.

`Session` runs statements, `apply` makes objects, `ServerSink` takes rows (the contract is `wizard.sink`).
"""

from wizard.sqlserver.apply import Applied, Step, apply
from wizard.sqlserver.connection import Session
from wizard.sqlserver.faults import Fault, ServerFault, Trouble
from wizard.sqlserver.odbcstring import settings as settings_of
from wizard.sqlserver.retry import Policy
from wizard.sqlserver.server_sink import ServerSink

__all__ = [
    "Applied", "Fault", "Policy", "ServerFault", "ServerSink", "Session", "Step", "Trouble", "apply", "settings_of",
]  # fmt: skip
