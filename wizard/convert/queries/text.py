"""Laying out T-SQL for people to read."""

from __future__ import annotations

from collections.abc import Iterable

_STEP = "    "


def indented(sql: str) -> str:
    """A step to the right. Text constants of several lines are rare; where there is one, nothing is moved."""
    if "'" in sql and any(line.count("'") % 2 for line in sql.split("\n")):
        return sql
    return "\n".join(_STEP + line if line else line for line in sql.split("\n"))


def listed(items: Iterable[str]) -> str:
    """One item a line."""
    return ",\n".join(_STEP + item for item in items)


def clauses(*parts: str) -> str:
    """The parts that there are, a line each."""
    return "\n".join(part for part in parts if part)
