"""The tables of .github/REFERENCE.md that the code knows; `python -m tests.reference` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from wizard.convert.functions.registry import FUNCTIONS, SqlFunction
from wizard.convert.functions.unsupported import REFUSED
from wizard.convert.queries.constructs import constructs_table
from wizard.options import Preset
from wizard.settings import declarations

REFERENCE: Final = Path(__file__).resolve().parents[1] / ".github" / "REFERENCE.md"


def options_table() -> str:
    """Markdown: each option with its help and its value in each preset."""
    rows = ["| option | what it does | default | optimistic | full |", "| --- | --- | --- | --- | --- |"]
    for name, declared in declarations().items():
        values = (declared.presets[p] for p in Preset)
        rows.append(f"| `{name}` | {declared.help} | " + " | ".join(map(_shown, values)) + " |")
    return "\n".join(rows) + "\n"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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


TABLES: Final[dict[str, Callable[[], str]]] = {
    "options": options_table,
    "constructs": constructs_table,
    "functions": functions_table,
}


def shown(name: str) -> str:
    """The table as the reference has it."""
    text = REFERENCE.read_text(encoding="utf-8")
    _, start, rest = text.partition(f"<!-- {name}:begin -->\n")
    table, end, _ = rest.partition(f"<!-- {name}:end -->")
    if not start or not end:
        raise ValueError(f"{REFERENCE.name} has no table of {name}")
    return table


def main() -> None:
    """Write every table anew."""
    text = REFERENCE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        text = text.replace(shown(name), table())
    REFERENCE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
