"""Writing the kit: a PowerShell script, VBA modules, the plan as JSON, the changes of code, and a guide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard import __version__
from wizard.convert.triggers import review_script
from wizard.file_writing import write_whole
from wizard.link.kit import Kit
from wizard.link.literals import powershell, powershell_data, remark, vba, vba_procedures, vba_records
from wizard.link.plan import plan_of, records_of, steps_of
from wizard.messages import Kind, PasswordRiskError, Place, StageError
from wizard.package.table_state import slug
from wizard.script_templates import environment_of
from wizard.settings import Auth, Connection, Encryption
from wizard.sqlserver.connection_string import text as connection_text

if TYPE_CHECKING:
    from jinja2 import Environment

DRIVERS: Final = ("ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server")
"""in the order in which they are tried"""
_ENCRYPT: Final = {Encryption.STRICT: "Strict", Encryption.MANDATORY: "Yes", Encryption.OPTIONAL: "No"}


def write_kit(folder: Path, kit: Kit, *, password: str = "", accept_password_risk: bool = False) -> tuple[Path, ...]:
    """Write the kit's files; returns their paths, the guide last.

    A password is written only where the risk was accepted; then the linked tables sign in as the migration did, and
    the files are their owner's alone.
    Raises StageError 7001 where it was not accepted, 7002 where the disk refuses.
    """
    if password and not accept_password_risk:
        raise PasswordRiskError(7001, Place(Kind.PROJECT, kit.source))
    made = _texts(kit, password)
    try:
        for name, text in made.items():
            encoding, end = _FILES[name.rpartition(".")[2]]
            write_whole(folder / name, text.replace("\n", end).encode(encoding), private=bool(password))
    except OSError as e:
        raise StageError(7002, Place(Kind.FILE, name=str(folder)), folder=folder, reason=e.strerror or str(e)) from e
    return tuple(folder / name for name in made)


_FILES: Final = {
    "ps1": ("utf-8-sig", "\r\n"),
    "bas": ("ascii", "\r\n"),
    "json": ("utf-8", "\n"),
    "diff": ("utf-8", "\n"),
    "sql": ("utf-8-sig", "\r\n"),
    "md": ("utf-8", "\n"),
}
"""encoding and line end, by the ending of a file's name"""


def _texts(kit: Kit, password: str) -> dict[str, str]:
    """The files by name."""
    auth = kit.connection.auth if password else kit.auth
    stem = slug(kit.file.rpartition(".")[0] or kit.file)
    plan, steps = plan_of(kit, __version__), steps_of(kit)
    triggers = review_script(kit.triggers)
    diff = "".join(m.diff for m in kit.code.modules)
    facts = {
        "kit": kit,
        "stem": stem,
        "plan_file": f"Link-{stem}.plan.json",
        "diff_file": f"Link-{stem}.diff",
        "steps": plan["steps"],
        "left": plan["left"],
        "code_left": plan["code_left"],
        "procedures": list(vba_procedures(vba_records(records_of(steps)))),
        "step_names": ", ".join(s.name for s in steps),
        "asked_names": ", ".join(s.name for s in steps if s.asked),
        "parameters": connection_text(_parameters(kit.connection, auth, password)),
        "server": kit.connection.server,
        "database": kit.connection.database,
        "auth": _AUTH_NAMES[auth],
        "has_password": bool(password),
        "drivers": DRIVERS,
        "version": __version__,
    }

    def rendered(template: str) -> str:
        return _environment().get_template(template).render(facts)

    return {
        f"Link-{stem}.ps1": rendered("link.ps1.jinja"),
        "JetferryLink.bas": rendered("link.bas.jinja"),
        "Jetferry.bas": rendered("standing.bas.jinja"),
        f"Link-{stem}.plan.json": json.dumps(plan, indent=1, ensure_ascii=False) + "\n",
        **({f"Link-{stem}.diff": diff} if diff else {}),
        **({"Triggers.sql": triggers} if triggers else {}),
        "LINKING.md": rendered("LINKING.md.jinja"),
    }


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


@cache
def _environment() -> Environment:
    environment = environment_of("wizard.link")
    environment.filters["ps"] = powershell
    environment.filters["psdata"] = powershell_data
    environment.filters["vba"] = vba
    environment.filters["remark"] = remark
    return environment
