r"""Server names as people write them, and what else a connection string may say of a server.

Sources: Microsoft's "Connect to the Database Engine" (`tcp:`, `np:`, `lpc:`, `admin:`, LocalDB), "DSN and Connection
String Keywords and Attributes" of its ODBC driver, RFC 3986 and 6874 (brackets about an IPv6 address, its zone), RFC
5890 (IDNA).
"""

from __future__ import annotations

import ipaddress
import platform
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

LOCAL: Final = frozenset({".", "(local)", "localhost"})
"""names of this machine"""
LOCALDB: Final = "(localdb)"
_PIPES: Final = ("np:", "lpc:")
_ADMIN: Final = ("admin:", "dedicated admin:")
_PROTOCOLS: Final = ("tcp:", *_PIPES, *_ADMIN)
_LONGEST_LABEL: Final = 63
_LONGEST_NAME: Final = 253
_LABEL: Final = re.compile(r"[A-Za-z0-9_-]+")
"""Windows lets a machine's name have underscores, which RFC 1123 does not"""
_NO_INSTANCE: Final = frozenset("\\/,:;*?\"'<>|[]{}()=@")
"""source: "Instance configuration", names of instances"""
_LARGEST_PORT: Final = 65_535
_PORT: Final = 1433
"""of an instance without a name, where no other is said"""

_OWN_KEYS: Final = {
    **dict.fromkeys(("driver", "app", "connectretrycount", "dsn", "filedsn", "savefile"), "Jetferry sets it itself"),
    **dict.fromkeys(("server", "addr", "address", "data source", "network", "net"), "it is the server's own setting"),
    **dict.fromkeys(("database", "initial catalog"), "it is the database's own setting"),
    **dict.fromkeys(("uid", "user id", "trusted_connection", "authentication"), "it is the sign-in's own setting"),
    **dict.fromkeys(("encrypt", "trustservercertificate"), "it is the encryption's own setting"),
}
_SECRET_KEYS: Final = ("pwd", "password", "passwd", "secret", "accesstoken", "access token", "clientkey")
_SECRET_VALUE: Final = re.compile(r"(?:password|pwd)\s*[:=]", re.IGNORECASE)
"""as in ClientCertificate=file:FILE,password:PASSWORD"""


class ServerNameError(ValueError):
    """A server's name, or a keyword, that means nothing; the text says what to write."""


@dataclass(frozen=True, slots=True)
class ServerName:
    """A server's host, with its port or instance."""

    host: str
    """a name or an address; for `np:` and `lpc:` all that was written"""
    port: int | None = None
    instance: str = ""

    @classmethod
    def read(cls, written: str) -> ServerName:
        r"""From `HOST`, `HOST,PORT`, `HOST\INSTANCE`, `.`, `(local)`, `tcp:…`, `np:…`, `lpc:…`, `(localdb)\NAME`, IPv6.

        Raises ServerNameError.
        """
        text = written.strip()
        if not text:
            return cls("")
        protocol = _protocol(text)
        if protocol in _ADMIN:
            raise ServerNameError(f"{protocol} is the administrators' emergency connection; write the name without it")
        rest = text[len(protocol) :].strip()
        if again := _protocol(rest):
            raise ServerNameError(f"'{written}' has {protocol} and {again}; write one of them, or the name alone")
        if not rest.strip("\\"):
            raise _nameless(written)
        if protocol in _PIPES:
            return cls(text)
        if text.startswith("\\\\"):
            return cls(f"np:{text}")
        if "://" in rest:
            raise ServerNameError(f"'{written}' is an address of the web; write the server's name alone")
        host, port, instance = _parts(rest)
        if not host.strip("."):
            if host != ".":
                raise _nameless(written)
        elif ":" not in host:
            host = host.removesuffix(".")
        _check(host, written)
        if host.casefold() != LOCALDB and any(c in _NO_INSTANCE or ord(c) < 0x21 for c in instance):
            raise ServerNameError(f"'{instance}' cannot be the name of an instance; write HOST\\INSTANCE")
        return cls(host, port, instance)


def _protocol(text: str) -> str:
    folded = text.casefold()
    return next((p for p in _PROTOCOLS if folded.startswith(p)), "")


def _nameless(written: str) -> ServerNameError:
    return ServerNameError(
        f"'{written}' names no server; write HOST, HOST,PORT or HOST\\INSTANCE; this machine is . or localhost"
    )


def _parts(text: str) -> tuple[str, int | None, str]:
    if text.startswith("["):
        return _bracketed(text)
    before, comma, after = text.partition(",")
    host, _, instance = before.partition("\\")
    host = host.strip()
    name, colon, number = host.partition(":")
    if name and colon and number.strip().isdigit():
        raise ServerNameError(f"the port stands behind a comma: {name},{number}")
    return host, _port(after) if comma else None, instance.strip()


def _bracketed(text: str) -> tuple[str, int | None, str]:
    """Of an IPv6 address in brackets, whose port may stand behind a colon, and whose zone behind %25 (RFC 6874)."""
    inside, closed, rest = text[1:].partition("]")
    inside, rest = inside.strip(), rest.strip()
    if not closed:
        raise ServerNameError(f"'{text}' lacks the bracket that closes the address: [{inside.partition(',')[0]}]")
    if inside and ":" not in inside:
        raise ServerNameError(f"brackets stand about an IPv6 address alone; write {inside}{rest}")
    if rest.startswith(":"):
        rest = f",{rest[1:]}"
    if rest and rest[0] not in ",\\":
        raise ServerNameError(f"the port stands behind a comma: [{inside}],{rest}")
    instance, comma, port = rest.partition(",")
    address, zoned, zone = inside.partition("%25")
    host = f"{address}%{zone}" if zoned and zone else inside
    return host, _port(port) if comma else None, instance.removeprefix("\\").strip()


def _port(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:6]) <= _LARGEST_PORT:
        raise ServerNameError(f"what follows the comma must be the port's number, 1 to {_LARGEST_PORT}, not '{text}'")
    return int(text)


def _check(host: str, written: str) -> None:
    if not host or host.casefold() in LOCAL or host.casefold() == LOCALDB:
        return
    if ":" in host:
        _check_address(host, written)
        return
    if ";" in host:
        raise ServerNameError(f"the port stands behind a comma: {host.replace(';', ',')}")
    before, slash, after = host.rpartition("/")
    if slash and before.strip("/") and after:
        raise ServerNameError(f"the instance stands behind a backslash: {before.strip('/')}\\{after}")
    try:
        name = network_name(host)
    except UnicodeError:
        name = ""
    right = all(0 < len(label) <= _LONGEST_LABEL and _LABEL.fullmatch(label) for label in name.split("."))
    if not right or len(name) > _LONGEST_NAME:
        raise ServerNameError(f"'{written}' cannot be the name of a server; write HOST, HOST,PORT or HOST\\INSTANCE")


def _check_address(host: str, written: str) -> None:
    address, zoned, zone = host.partition("%")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        more = "; write HOST, HOST,PORT or HOST\\INSTANCE" if host.count(":") == 1 else ""
        raise ServerNameError(f"'{written}' is no IPv6 address{more}") from None
    if zoned and (not zone or any(ord(c) < 0x21 for c in zone)):
        raise ServerNameError(f"'{written}' names no zone behind %; write {address} or {address}%ZONE")


def same_for_all(written: str) -> str:
    """A name that all ways to write a server have in common, as far as that can be told without asking the network."""
    try:
        name = ServerName.read(written)
        host = network_name(name.host).casefold()
    except (ServerNameError, UnicodeError):
        return written.casefold()
    with suppress(ValueError):
        host = "localhost" if ipaddress.ip_address(host).is_loopback else host
    port = "" if name.port in (None, _PORT) else f",{name.port}"
    return f"{host}\\{name.instance.casefold()}" if name.instance and not port else f"{host}{port}"


def network_name(host: str) -> str:
    """What name resolution takes: this machine is localhost, an internationalised name is in its ASCII form.

    Raises UnicodeError where there is no such form.
    """
    if host.casefold() in LOCAL:
        return "localhost"
    return host if host.isascii() else host.encode("idna").decode("ascii")


def on_windows() -> bool:
    """Asked here alone, so that the other branch is one that can be reached."""
    return platform.system() == "Windows"


def windows_only(host: str) -> str:
    """What a name needs that Windows alone has, in words; empty where any system will do."""
    folded = host.casefold()
    if folded.startswith("np:"):
        return "named pipes"
    if folded.startswith("lpc:"):
        return "shared memory"
    return "LocalDB" if folded == LOCALDB else ""


def read_keyword(written: str) -> tuple[str, str]:
    """A keyword of a connection string and its value, from `KEY=VALUE`. Raises ServerNameError as `check_keyword`."""
    key, equals, value = written.partition("=")
    if not equals or not key.strip():
        raise ServerNameError(f"'{written}' is not of the form KEY=VALUE")
    check_keyword(key, value)
    return key.strip(), value.strip()


def check_keyword(key: str, value: str) -> None:
    """Raises ServerNameError where it would say again what a setting says, or holds a secret."""
    folded = key.strip().casefold()
    if any(secret in folded.replace("_", " ") for secret in _SECRET_KEYS) or _SECRET_VALUE.search(value):
        raise ServerNameError(f"'{key}': a password has no place here; it is asked for, or read from JETFERRY_PASSWORD")
    if folded in _OWN_KEYS:
        raise ServerNameError(f"'{key}' cannot be given here: {_OWN_KEYS[folded]}")
    if any(ord(c) < 0x20 for c in key + value) or set(key) & set(";{}=[]"):
        raise ServerNameError(f"'{key}' holds a character that no connection string takes")
