"""The tables of .github/REFERENCE.md that the code knows; `python -m tests.reference` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from wizard.convert.functions.reference_table import functions_table
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
