"""`jetferry export` as it is mostly written, without Typer: loading that takes as long as exporting 80,000 rows.

Typer knows the command: its options, their help, and what is wrong with what was written. Here only words that leave
no question are understood; any others, `--help` and mistakes among them, are left to Typer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from wizard.stages.access_files import formats

COMMAND: Final = "export"
VALUES: Final = {"--format": "form", "-f": "form", "--out": "out", "--code-page": "code_page"}
"""options that the next word belongs to"""
FLAGS: Final = {
    "--embedded": {"embedded": True},
    "--no-embedded": {"embedded": False},
    "--spreadsheet": {"spreadsheet": True},
    "--no-spreadsheet": {"spreadsheet": False},
    "--salvage": {"salvage": True},
    "--no-salvage": {"salvage": False},
    "--json": {"as_json": True},
    "--quiet": {"quiet": True},
    "-q": {"quiet": True},
}


def understood(words: Sequence[str]) -> dict[str, Any] | None:
    """What `files.export` is to be called with; None where Typer is to read the words."""
    named: list[str] = []
    given: dict[str, Any] = {}
    rest = iter(words)
    if next(rest, "") != COMMAND or os.name == "nt":  # in Windows, Typer finds the files that a pattern names
        return None
    for word in rest:
        if not word.startswith("-"):
            named.append(word)
        elif word in FLAGS:
            given |= FLAGS[word]
        elif word in VALUES:
            value = next(rest, "-")
            if value.startswith("-"):
                return None
            given[VALUES[word]] = value
        else:
            return None
    plain = {
        "form": "jsonl", "out": None, "embedded": False, "spreadsheet": False, "salvage": False, "code_page": "",
        "as_json": False, "quiet": False,
    }  # fmt: skip
    meant = plain | given
    if not named or meant["form"] not in formats() or (meant["as_json"] and meant["out"] is None):
        return None
    if meant["out"] is not None:
        meant["out"] = Path(meant["out"])
    return {**meant, "file": Path(named[0]), "tables": named[1:]}
