"""What `jetferry uses` prints, as plain data, and what the screens show of one object in lines."""

from __future__ import annotations

from typing import Any

from wizard.access.redaction import redacted
from wizard.uses.index import Uses, words
from wizard.uses.model import Use


def named(uses: Uses, text: str) -> tuple[str, str] | None:
    """The table or query, and the column, that `NAME` or `TABLE.COLUMN` means; names may have dots themselves."""
    if name := uses.known(text):
        return name, ""
    for place, character in enumerate(text):
        if character != ".":
            continue
        table, column = uses.known(text[:place]), text[place + 1 :].strip("[]")
        if table and (found := uses.column(table, column)):
            return table, found
    return None


def describe_uses(uses: Uses, name: str, column: str = "") -> dict[str, Any]:
    """What uses a table, query or column."""
    found = uses.of(name, column)
    return {"name": name, "column": column, "uses": [_use(u) for u in found], "not_looked_at": uses.left_out}


def describe_unused(uses: Uses) -> dict[str, Any]:
    """The tables and queries that nothing uses."""
    unused = [{"kind": str(kind), "name": name} for kind, name in uses.unused()]
    return {"unused": unused, "not_looked_at": uses.left_out}


def _use(use: Use) -> dict[str, Any]:
    user = use.user
    return {
        "kind": str(user.kind),
        "user": user.name,
        "part": redacted(user.part),
        "line": user.line or None,
        "how": str(use.how),
        "through": list(use.via),
        "column": use.column,
    }


def lines_of(uses: Uses, name: str, column: str = "") -> tuple[str, ...]:
    """What uses something, a line each."""
    return tuple(dict.fromkeys(words(use) for use in uses.of(name, column)))
