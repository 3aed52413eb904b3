"""The registry as a table for people."""

from __future__ import annotations

from wizard.convert.functions.registry import FUNCTIONS, Function


def functions_table() -> str:
    """Markdown: each function of Access, what it becomes, and what to know; by area, in alphabetical order."""
    rows = ["| Area | Access | On the server | To know |", "| --- | --- | --- | --- |"]
    unique: dict[int, Function] = {id(f): f for f in FUNCTIONS.values()}
    for found in sorted(unique.values(), key=lambda f: (f.area, f.name.casefold())):
        becomes = found.becomes.replace("|", "\\|")
        rows.append(f"| {found.area} | `{found.name}` | `{becomes}` | {found.note} |")
    return "\n".join(rows) + "\n"
