"""Pictures of text, as Format takes them: `@` is a character or a blank, `&` a character or nothing.

Source: "Format function" of the VBA reference, and what Windows does with text that is longer than its picture: the
characters left over come at the end, after all literals. Text that is shorter fills the placeholders from the right,
with `!` from the left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from wizard.convert.collations import as_others, binary
from wizard.convert.functions.number_formats import FormatError
from wizard.convert.tree import Enclosed, SqlNode, Text, called, case, coalesced, enclosed, spread, tsql
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType

_TOKEN: Final = re.compile(r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.?)|(?P<places>@+|&+)|(?P<other>.)', re.DOTALL)
_NOTHING: Final = "\uffff"
"""holds the place of an `&` that shows nothing; no text has it, as it is no character"""


@dataclass
class _Section:
    parts: list[tuple[str, int]] = field(default_factory=list)
    """literal text and 0, or blanks and how many placeholders they are"""
    flags: set[str] = field(default_factory=set)

    @property
    def blanks(self) -> str:
        """What stands in each placeholder that no character fills."""
        return "".join(t for t, count in self.parts if count)

    def empty(self) -> str:
        """What empty text becomes."""
        return "".join(t for t, _ in self.parts).replace(_NOTHING, "")


def _sections(picture: str) -> list[_Section]:
    made = [_Section()]
    for found in _TOKEN.finditer(picture):
        here = made[-1]
        if found["places"]:
            places = found["places"]
            here.parts.append((len(places) * (" " if places[0] == "@" else _NOTHING), len(places)))
        elif found["other"] == ";":
            made.append(_Section())
        elif found["other"] and found["other"] in "<>!":
            here.flags.add(found["other"])
        elif literal := found["quoted"] or found["escaped"] or found["other"]:
            here.parts.append((literal, 0))
    if len(made) > 2:  # one for text, one for no text
        raise FormatError("a picture of text has two sections at most")
    return made


def text_format_sql(value: Typed, picture: str) -> Typed:
    """The text that Format makes of a text. Raises FormatError."""
    found = _sections(picture)
    main = found[0]
    if main.flags >= {"<", ">"}:
        raise FormatError("it asks for small and for capital letters")
    sql = value.node
    for flag, name in (("<", "LOWER"), (">", "UPPER")):
        if flag in main.flags:
            sql = tsql("{}({})", name, sql)
    made = _filled(sql, main)
    if len(found) > 1:
        nothing = Text(found[1].empty())
        test = (
            tsql("{0} IS NULL OR DATALENGTH({0}) = 0", value) if value.nullable else tsql("DATALENGTH({}) = 0", value)
        )
        made = case((test, nothing), otherwise=made)
    elif value.nullable:
        nothing_for_null = case((tsql("{} IS NULL", sql), "N''"), otherwise=made)
        made = coalesced(sql, "N''") if made == sql else nothing_for_null
    literals = sum(len(t) for t, _ in main.parts)
    length = value.length + literals if value.length else 0
    return Typed(
        made, ColumnType.MEMO if value.type is ColumnType.MEMO else ColumnType.TEXT, nullable=False, length=length
    )


def _filled(sql: SqlNode, section: _Section) -> SqlNode:
    blanks, count = section.blanks, len(section.blanks)
    literals = any(not n for _, n in section.parts)
    if not literals and " " not in blanks:
        return sql
    length = enclosed("LEN({} + N'.') - 1", sql)
    shown = Text(blanks.replace(_NOTHING, " ")) if _NOTHING not in blanks else _blanks_sql(blanks)
    if not count:
        filled = sql
    elif "!" in section.flags:
        filled = tsql("CONCAT({}, SUBSTRING({}, {} + 1, {}))", sql, shown, length, count)
    else:
        missing = case((tsql("{} < {}", length, count), tsql("{} - {}", count, length)), otherwise=0)
        filled = tsql("CONCAT(LEFT({}, {}), {})", shown, missing, sql)
    pieces: list[SqlNode] = []
    at = 1
    for i, (literal, places) in enumerate(section.parts):
        if not places:
            pieces.append(Text(literal))
            continue
        last = i == len(section.parts) - 1
        pieces.append(filled if last and at == 1 else _part(filled, at, None if last else places, sql, count))
        at += places
    if section.parts and not section.parts[-1][1]:
        pieces.append(_part(filled, at, None, sql, count) if count else filled)
    made = pieces[0] if len(pieces) == 1 else called("CONCAT", *pieces)
    if _NOTHING in blanks:
        made = as_others(tsql("REPLACE({}, NCHAR(65535), N'')", binary(made)))
    return made


def _part(filled: SqlNode, start: int, length: int | None, sql: SqlNode, count: int) -> SqlNode:
    size = tsql("LEN({} + N'.') + {}", sql, count) if length is None else length
    return tsql("SUBSTRING({}, {}, {})", filled, start, size)


def _blanks_sql(blanks: str) -> SqlNode:
    runs = re.findall(f" +|{_NOTHING}+", blanks)
    parts = [Text(r) if r[0] == " " else tsql("REPLICATE(NCHAR(65535), {})", len(r)) for r in runs]
    return parts[0] if len(parts) == 1 else Enclosed(spread(" + ", parts))
