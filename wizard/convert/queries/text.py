"""Laying out T-SQL for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_STEP: Final = "    "
_NEWLINES: Final = re.compile(r"\[(?:[^\]]|\]\])*\]|'[^']*'|\n")
"""line ends, and the names and text constants that may hold some"""


def indented(sql: str) -> str:
    """A step to the right, but for the lines within text constants."""
    return _STEP + _NEWLINES.sub(lambda m: f"\n{_STEP}" if m[0] == "\n" else m[0], sql)


def listed(items: Iterable[str]) -> str:
    """One item a line."""
    return ",\n".join(_STEP + item for item in items)


def clauses(*parts: str) -> str:
    """The parts that there are, a line each."""
    return "\n".join(part for part in parts if part)
