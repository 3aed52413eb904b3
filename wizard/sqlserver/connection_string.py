"""ODBC connection strings: made from settings, and read, with braces as MS-ODBCSTR has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wizard.messages import Kind, Place, TargetError
from wizard.server_name import ServerNameError, network_name, on_windows, windows_only
from wizard.settings import Auth, Connection, Encryption

KEEP_ALIVE, KEEP_ALIVE_INTERVAL = 30, 5
"""seconds of silence after which the network is asked whether the other end is there, and seconds between questions:
what lies between (Azure's gateway, a firewall) forgets connections that say nothing for some minutes"""

_AUTHENTICATION = {
    Auth.ENTRA_DEFAULT: "ActiveDirectoryDefault",
    Auth.ENTRA_INTERACTIVE: "ActiveDirectoryInteractive",
    Auth.ENTRA_PASSWORD: "ActiveDirectoryPassword",
    Auth.ENTRA_SERVICE_PRINCIPAL: "ActiveDirectoryServicePrincipal",
    Auth.ENTRA_MANAGED_IDENTITY: "ActiveDirectoryMsi",
}
_ENCRYPT = {Encryption.STRICT: "strict", Encryption.MANDATORY: "yes", Encryption.OPTIONAL: "no"}


def braced(value: str) -> str:
    """A value as it must stand in a connection string: in braces, closing braces doubled, where need be."""
    if value and (any(c in value for c in ";{}=[](),?*!@ ") or value != value.strip()):
        return "{" + value.replace("}", "}}") + "}"
    return value


def text(parameters: Mapping[str, str]) -> str:
    """The connection string of these parameters, in their order.

    Raises TargetError for a value with a zero character.
    """
    for key, value in parameters.items():
        if "\0" in value:
            raise TargetError(5013, Place(Kind.SERVER), reason=f"{key} holds a zero character")
    return ";".join(f"{key}={braced(value)}" for key, value in parameters.items())


def parse(string: str) -> dict[str, str]:
    """Parameters by lower-case keyword; the first of several counts, as ODBC has it. Raises TargetError."""
    found: dict[str, str] = {}
    at = 0
    while at < len(string):
        if string[at] in "; \t\r\n":
            at += 1
            continue
        key, equals, _ = string[at:].partition("=")
        if not equals:
            raise TargetError(5013, Place(Kind.SERVER), reason=f"there is no '=' after {key.strip()!r}")
        at += len(key) + 1
        value, at = _value(string, at)
        found.setdefault(key.strip().casefold(), value)
    return found


def _value(string: str, at: int) -> tuple[str, int]:
    """The value that starts there, and where it ends."""
    while at < len(string) and string[at] in " \t":
        at += 1
    if at >= len(string) or string[at] != "{":
        end = string.find(";", at)
        end = len(string) if end < 0 else end
        return string[at:end].strip(), end
    parts = []
    at += 1
    while True:
        end = string.find("}", at)
        if end < 0:
            raise TargetError(5013, Place(Kind.SERVER), reason="a value's opening brace has no closing one")
        parts.append(string[at:end])
        if string[end + 1 : end + 2] != "}":
            return "".join(parts), end + 1
        parts.append("}")
        at = end + 2


def parameters(connection: Connection, password: str = "") -> dict[str, str]:
    """The keywords Microsoft's drivers share for these settings, the driver's own name aside.

    Raises TargetError where the way of signing in lacks a user or password.
    """
    auth = connection.auth
    if auth.needs_user and not connection.user:
        raise TargetError(5015, Place(Kind.SERVER, name=connection.server), auth=auth, what="a user name")
    if auth.needs_password and not password:
        raise TargetError(5015, Place(Kind.SERVER, name=connection.server), auth=auth, what="a password")
    result = {"Server": _server(connection)}
    if connection.database:
        result["Database"] = connection.database
    if auth is Auth.WINDOWS:
        result["Trusted_Connection"] = "yes"
    elif auth is not Auth.SQL:
        result["Authentication"] = _AUTHENTICATION[auth]
    if connection.user and auth is not Auth.WINDOWS:
        result["UID"] = connection.user
    if auth.needs_password:
        result["PWD"] = password
    result["Encrypt"] = _ENCRYPT[connection.encryption]
    if connection.trust_certificate:
        result["TrustServerCertificate"] = "yes"
    given = {key.casefold() for key, _ in connection.more}
    return {k: v for k, v in result.items() if k.casefold() not in given} | dict(connection.more)


def _server(connection: Connection) -> str:
    """The Server keyword. Raises TargetError where the name needs what Windows alone has."""
    if what := windows_only(connection.host):
        if not on_windows():
            raise TargetError(5021, Place(Kind.SERVER, name=connection.server), server=connection.server, what=what)
        return connection.server
    return replace(connection, host=network_name(connection.host)).server


_TRUE = ("yes", "true", "1", "mandatory")


def settings(string: str) -> tuple[Connection, str]:
    """Settings and password of a connection string as administrators pass them around. Raises TargetError."""
    given = parse(string)
    server = given.get("server") or given.get("addr") or given.get("address") or given.get("data source") or ""
    if not server:
        raise TargetError(5013, Place(Kind.SERVER), reason="the connection string names no Server")
    encrypt = given.get("encrypt", "yes").casefold()
    encryption = Encryption.STRICT if encrypt == "strict" else Encryption.OPTIONAL
    if encrypt in _TRUE:
        encryption = Encryption.MANDATORY
    auth = Auth.SQL
    if given.get("trusted_connection", "no").casefold() in _TRUE:
        auth = Auth.WINDOWS
    elif wanted := given.get("authentication", "").casefold():
        names = {name.casefold(): a for a, name in _AUTHENTICATION.items()} | {"sqlpassword": Auth.SQL}
        if wanted not in names:
            raise TargetError(5013, Place(Kind.SERVER), reason=f"Authentication={wanted} is not known")
        auth = names[wanted]
    try:
        connection = Connection.at(
            server,
            database=given.get("database") or given.get("initial catalog") or "",
            auth=auth,
            user=given.get("uid") or given.get("user id") or "",
            encryption=encryption,
            trust_certificate=given.get("trustservercertificate", "no").casefold() in _TRUE,
        )
    except ServerNameError as e:
        raise TargetError(5013, Place(Kind.SERVER), reason=str(e)) from None
    return connection, given.get("pwd") or given.get("password") or ""
