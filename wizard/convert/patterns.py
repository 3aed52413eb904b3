"""Access's Like patterns as T-SQL's.

Access: `*` any text, `?` one character, `#` one digit, `[a-c]` one of a list, `[!a-c]` none of it; within brackets
every character but `]` stands for itself, and so does `[]` for no text at all. T-SQL: `%`, `_`, `[a-c]`, `[^a-c]`.
A range of letters is written out: Access's has no letters with accents (measured of its engine), a collation's has.
"""

from __future__ import annotations

import re
from typing import Final

from wizard.convert.tree import Part, SqlNode, node_of, tsql

_WILD: Final = {"*": "%", "?": "_", "#": "[0-9]", "%": "[%]", "_": "[_]"}
_ANSI: Final = {"%": "%", "_": "_"}


def like_pattern(pattern: str, *, ansi: bool = False) -> str:
    """The T-SQL pattern. `ansi`: the wildcards are those of ALike already. Raises ValueError at an open bracket."""
    wild = _ANSI if ansi else _WILD
    made: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character != "[":
            made.append(wild.get(character, character))
            at += 1
            continue
        end = pattern.find("]", at + 1)
        if end < 0:
            raise ValueError(f"the bracket at character {at + 1} is not closed")
        made.append(_list(pattern[at + 1 : end]))
        at = end + 1
    return "".join(made)


_RANGE: Final = re.compile(r"([A-Za-z])-([A-Za-z])")


def _spelled(found: re.Match[str]) -> str:
    """The letters of a range, in the case of its first; a range that runs backwards stays."""
    low, high = (ord(letter.lower()) for letter in found.groups())
    letters = "".join(map(chr, range(low, high + 1)))
    return (letters.upper() if found[1].isupper() else letters) or found[0]


def _list(inside: str) -> str:
    """A bracket's content: T-SQL negates with ^, which in Access is a character like others."""
    if not inside:
        return ""
    negated = inside.startswith("!") and len(inside) > 1
    members = _RANGE.sub(_spelled, inside[1:] if negated else inside)
    if members.endswith("-"):  # which stands for itself, as T-SQL's pages say of one that comes first
        members = f"-{members[:-1]}"
    if not negated and len(members) == 1:
        return f"[{members}]" if members in "[%_" else members
    if members.startswith("^") and not negated:
        members = members[1:] + "^"
    return f"[{'^' if negated else ''}{members}]"


def pattern_of_column(value: Part) -> SqlNode:
    """The same for a pattern that is only known on the server; its brackets mean nearly the same there."""
    made = node_of(value)
    for access, server in (("%", "[%]"), ("_", "[_]"), ("#", "[0-9]"), ("*", "%"), ("?", "_"), ("[!", "[^")):
        made = tsql("REPLACE({}, N'{}', N'{}')", made, access, server)
    return made
