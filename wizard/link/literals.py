"""Text and plain data as literals of PowerShell and VBA: never as code.

PowerShell's single quotes know no escapes. VBA's modules are read in the machine's ANSI code page, so that they are
ASCII, with `\\uXXXX` for the rest, turned back by a function of the module; a line of the editor has 1,023 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

_CONTROL: Final = re.compile(r"([\x00-\x1f])")
_QUOTES: Final = re.compile("(['\u2018\u2019\u201a\u201b])")
_CHUNK: Final = 120
"""characters of a text in one VBA literal: six each where they are not ASCII"""
_LONGEST_LINE: Final = 900
_MOST_ARGUMENTS: Final = 20
_LONGEST_PROCEDURE: Final = 40_000
_MOST_LINES: Final = 120


def powershell(text: object) -> str:
    """A literal in single quotes. PowerShell takes typographic single quotes for plain ones: all are doubled."""
    parts = _CONTROL.split(str(text))
    if len(parts) == 1:
        return "'" + _QUOTES.sub(r"\1\1", parts[0]) + "'"
    pieces = [f"[char]{ord(p)}" if n % 2 else powershell(p) for n, p in enumerate(parts) if p or not n]
    return "(" + " + ".join(pieces) + ")"


def powershell_data(value: object, indent: str = "") -> str:
    """Plain data as an expression: texts, numbers, truth values, lists and mappings. A list has a line an item."""
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "[pscustomobject]@{ " + "; ".join(f"{k} = {powershell_data(v, indent)}" for k, v in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not any(isinstance(v, Mapping) for v in value):
            return "@(" + ", ".join(powershell_data(v, indent) for v in value) + ")"
        inner = indent + "    "
        return "@(\n" + "".join(f"{inner}{powershell_data(v, inner)}\n" for v in value) + f"{indent})"
    return powershell(value)


def vba(text: object) -> str:
    """A string expression of VBA in ASCII: `"plain"` or `U("with \\u00e9scapes")`."""
    plain = str(text)
    quoted = plain.replace('"', '""')
    if plain.isascii() and (plain.isprintable() or not plain):
        return f'"{quoted}"'
    units = quoted.replace("\\", "\\u005c").encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return 'U("' + "".join(chr(c) if 0x20 <= c < 0x7F else f"\\u{c:04x}" for c in codes) + '")'


def vba_records(records: Iterable[Sequence[str]]) -> Iterator[str]:
    """Statements that rebuild records of texts: `P` begins one, `A` adds texts to it, `M` goes on with the last text.

    `P "Tables", "Orders", "Orders_local"`; no statement is longer than the editor's line.
    """
    for record in records:
        verb, waiting = "P", list[str]()
        for text in record:
            first, *rest = [text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK)] or [""]
            literal = vba(first)
            if len(waiting) == _MOST_ARGUMENTS or sum(map(len, waiting)) + len(literal) > _LONGEST_LINE:
                yield f"{verb} {', '.join(waiting)}"
                verb, waiting = "A", []
            waiting.append(literal)
            if rest:
                yield f"{verb} {', '.join(waiting)}"
                verb, waiting = "A", []
                yield from (f"M {vba(piece)}" for piece in rest)
        if waiting:
            yield f"{verb} {', '.join(waiting)}"


def vba_procedures(lines: Iterable[str]) -> Iterator[list[str]]:
    """The statements in parts, each short enough for a procedure: VBA compiles 64 KB, and an editor wants an end."""
    part: list[str] = []
    size = 0
    for line in lines:
        if part and (size + len(line) > _LONGEST_PROCEDURE or len(part) == _MOST_LINES):
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line)
    if part:
        yield part


def remark(text: object) -> str:
    """Text for a comment: a line of ASCII, without what ends PowerShell's (`#>`) or takes the next line into VBA's."""
    seen = "".join(c if c.isascii() and c.isprintable() else "?" for c in str(text))
    return re.sub("(?<=#)>|(?<= )_$", "?", seen)
