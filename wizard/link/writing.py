"""Writing the kit: a PowerShell script, a VBA module and a guide.

Names from the Access file go into both languages as literals, never as code: in PowerShell in single quotes, which
know no escapes; in VBA, whose modules are read in the machine's ANSI code page, as ASCII with `\\uXXXX` for the rest,
turned back by a function of the module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from wizard import __version__
from wizard.escaping import for_markdown
from wizard.file_writing import write_whole
from wizard.link.kit import Kit
from wizard.messages import Kind, PasswordRiskError, Place, StageError
from wizard.package.table_state import slug
from wizard.settings import Auth, Connection, Encryption
from wizard.sqlserver.connection_string import text as connection_text

DRIVERS: Final = ("ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server")
"""in the order in which they are tried"""
_ENCRYPT: Final = {Encryption.STRICT: "Strict", Encryption.MANDATORY: "Yes", Encryption.OPTIONAL: "No"}


def write_kit(folder: Path, kit: Kit, *, password: str = "", accept_password_risk: bool = False) -> tuple[Path, ...]:
    """Write the kit's three files; returns their paths, the guide last.

    A password is written only where the risk was accepted; then the linked tables sign in as the migration did, and
    the files are their owner's alone.
    Raises StageError 7001 where it was not accepted, 7002 where the disk refuses.
    """
    if password and not accept_password_risk:
        raise PasswordRiskError(7001, Place(Kind.PROJECT, kit.source))
    auth = kit.connection.auth if password else kit.auth
    facts = {
        "kit": kit,
        "stem": slug(kit.file.rpartition(".")[0] or kit.file),
        "parameters": connection_text(_parameters(kit.connection, auth, password)),
        "server": kit.connection.server,
        "database": kit.connection.database,
        "auth": _AUTH_NAMES[auth],
        "has_password": bool(password),
        "drivers": DRIVERS,
        "version": __version__,
    }
    wanted = {
        f"Link-{facts['stem']}.ps1": ("link.ps1.jinja", "utf-8-sig", "\r\n"),
        "JetferryLink.bas": ("link.bas.jinja", "ascii", "\r\n"),
        "LINKING.md": ("LINKING.md.jinja", "utf-8", "\n"),
    }
    try:
        for name, (template, encoding, end) in wanted.items():
            made = _ENVIRONMENT.get_template(template).render(facts).replace("\n", end)
            write_whole(folder / name, made.encode(encoding), private=bool(password))
    except OSError as e:
        raise StageError(7002, Place(Kind.FILE, name=str(folder)), folder=folder, reason=e.strerror or str(e)) from e
    return tuple(folder / name for name in wanted)


_AUTH_NAMES: Final = {
    Auth.SQL: "sql",
    Auth.WINDOWS: "windows",
    Auth.ENTRA_DEFAULT: "entra",
    Auth.ENTRA_INTERACTIVE: "entra",
    Auth.ENTRA_PASSWORD: "entra-password",
    Auth.ENTRA_SERVICE_PRINCIPAL: "entra-service-principal",
    Auth.ENTRA_MANAGED_IDENTITY: "entra",
}


def _parameters(connection: Connection, auth: Auth, password: str) -> Mapping[str, str]:
    """What follows driver, server and database in a linked table's connection string."""
    found: dict[str, str] = {}
    match auth:
        case Auth.WINDOWS:
            found["Trusted_Connection"] = "Yes"
        case Auth.SQL:
            found |= {"UID": connection.user, "PWD": password}
        case Auth.ENTRA_PASSWORD:
            found |= {"Authentication": "ActiveDirectoryPassword", "UID": connection.user, "PWD": password}
        case Auth.ENTRA_SERVICE_PRINCIPAL:
            found |= {"Authentication": "ActiveDirectoryServicePrincipal", "UID": connection.user, "PWD": password}
        case _:
            found["Authentication"] = "ActiveDirectoryInteractive"
    found["Encrypt"] = _ENCRYPT[connection.encryption]
    found["TrustServerCertificate"] = "Yes" if connection.trust_certificate else "No"
    found["APP"] = "Microsoft Access"
    return found


def powershell(text: object) -> str:
    """A literal in single quotes. PowerShell takes typographic single quotes for plain ones: all are doubled."""
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", str(text)) + "'"


def vba(text: object) -> str:
    """A string expression of VBA in ASCII: `"plain"` or `U("with \\u00e9scapes")`."""
    plain = str(text)
    quoted = plain.replace('"', '""')
    if plain.isascii() and plain.isprintable():
        return f'"{quoted}"'
    units = quoted.replace("\\", "\\u005c").encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return 'U("' + "".join(chr(c) if 0x20 <= c < 0x7F else f"\\u{c:04x}" for c in codes) + '")'


def _remark(text: object) -> str:
    """Text for a comment: one line, ASCII where the language wants it."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in str(text))


_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("wizard.link"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701  no HTML: PowerShell and VBA have quoting filters of their own
)
_ENVIRONMENT.filters["ps"] = powershell
_ENVIRONMENT.filters["vba"] = vba
_ENVIRONMENT.filters["remark"] = _remark
_ENVIRONMENT.filters["md"] = for_markdown
