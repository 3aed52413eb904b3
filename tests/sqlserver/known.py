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


KNOWN: Final[tuple[Fault, ...]] = ()


def known(one: Found) -> bool:
    return any(
        f.code == one.code and f.script in one.file and f.statement in f"{one.text} {one.statement}" for f in KNOWN
    )


BATTERY: Final[dict[str, str]] = {
    "L529": "GUID or binary converted to a number (item 5)",
    "L206": "GUID or binary against numbers and dates (item 5)",
    "L257": "text into Binary (item 5)",
    "L8169": "a GUID against text that is none (item 5)",
    "L145": "DISTINCT TOP ordered by a condition (item 5)",
    "L8117": "aggregates of Null (item 5)",
    "L402": "Oct of a Long (item 3)",
    "L443": "Rnd and GenGUID in functions (item 4)",
    "L8120": "grouped expressions that are not found again (item 2)",
    "L8121": "grouped expressions that are not found again (item 2)",
    "L8127": "grouped expressions that are not found again (item 2)",
    "L8102": "UPDATE of an AutoNumber (item 5)",
}
"""codes of what the battery finds and nobody has mended yet; each goes when its kind is mended"""
