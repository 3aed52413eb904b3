"""What goes to the checker and what comes back, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from tests.sqlserver.oracle.found import Found


@dataclass(frozen=True, slots=True)
class Script:
    """A script's name and text. `statements`: whether they are looked at, or the script's form alone."""

    name: str
    text: str
    statements: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and how many statements of each kind were looked at (or passed over, by kind)."""

    found: tuple[Found, ...]
    counts: dict[str, int]
    skipped: dict[str, int]
