"""Faults that are known and not mended yet: what a server would refuse, each with where it is written down.

A fault is taken off this list by who mends it; nothing is put on it to make a change pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.sqlserver.oracle.found import Found


@dataclass(frozen=True, slots=True)
class Fault:
    """A message (its tool's code) about a script (a part of its name) or statement (a part of its text)."""

    code: str
    script: str
    statement: str
    why: str


KNOWN: Final[tuple[Fault, ...]] = (
    Fault("70604", "test_hostile_names", "", "DacFx takes $(x) in a name for a variable of sqlcmd"),
)


def known(one: Found) -> bool:
    return any(
        f.code == one.code and f.script in one.file and f.statement in f"{one.text} {one.statement}" for f in KNOWN
    )
