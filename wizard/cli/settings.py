"""The command that lists options."""

from __future__ import annotations

from pathlib import Path

from wizard.cli.output import put, put_json, table, width
from wizard.outcomes import Exit
from wizard.settings import Options
from wizard.stages import Migration
from wizard.stages.written_settings import listed, shown, values


def options(project: Path | None, as_json: bool) -> int:
    """Print every option, with a project's values or the defaults. Returns the exit status. Raises ProjectError."""
    chosen, default = Options(), Options()
    if project is not None:
        with Migration.open(project, hold=False) as migration:
            chosen, default = migration.data.options, Options.preset(migration.data.preset)
    rows = listed(chosen)
    if as_json:
        put_json(
            [
                {
                    "option": name, "group": declared.group.value, "help": declared.text,
                    "value": getattr(chosen, name), "default": getattr(default, name), "values": values(name),
                    "makes_stale": [s.value for s in declared.stale],
                }
                for name, declared, _ in rows
            ]
        )  # fmt: skip
        return Exit.DONE
    cells = [
        (name, f"{value}{'' if value == shown(getattr(default, name)) else ' *'}", values(name), declared.text)
        for name, declared, value in rows
    ]
    put(*table(("option", "value", "may be", "what it does"), cells, most=width()))
    if project is not None:
        put("", "* not as the preset has it")
    return Exit.DONE
