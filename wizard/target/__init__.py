"""Targets: SQL Server and Azure SQL by connection, and the offline package (`wizard.target.package`).

Drivers are loaded when a server is first asked for, not by importing this room.

`Session` runs statements, `apply` makes objects, `ServerSink` takes rows (the contract is `wizard.target.sink`).
"""

from wizard.target.apply import Applied, Step, apply
from wizard.target.connection import Session
from wizard.target.faults import Fault, ServerFault, Trouble
from wizard.target.odbcstring import settings as settings_of
from wizard.target.retry import Policy
from wizard.target.server_sink import ServerSink

__all__ = [
    "Applied", "Fault", "Policy", "ServerFault", "ServerSink", "Session", "Step", "Trouble", "apply", "settings_of",
]  # fmt: skip
