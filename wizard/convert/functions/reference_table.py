"""The registry as a table for people."""

from __future__ import annotations

from wizard.convert.functions.registry import FUNCTIONS, SqlFunction
from wizard.convert.functions.unsupported import REFUSED


def functions_table() -> str:
    """Markdown: each function of Access, what it becomes, and what to know; by area, in alphabetical order.

    Functions that are refused come last, a row for each reason.
    """
    rows = ["| Area | Access | On the server | To know |", "| --- | --- | --- | --- |"]
    unique: dict[int, SqlFunction] = {id(f): f for f in FUNCTIONS.values()}
    for found in sorted(unique.values(), key=lambda f: (f.area, f.name.casefold())):
        becomes = found.becomes.replace("|", "\\|")
        rows.append(f"| {found.area} | `{found.name}` | `{becomes}` | {found.note} |")
    for reason in sorted(set(REFUSED.values())):
        names = ", ".join(f"`{n}`" for n in sorted(REFUSED, key=str.casefold) if REFUSED[n] == reason)
        rows.append(f"| refused | {names} | nothing | {reason} |")
    return "\n".join(rows) + "\n"
