"""Pictures of text, as Format takes them: `@` is a character or a blank, `&` a character or nothing.

Source: "Format function" of the VBA reference, and what Windows does with text that is longer than its picture: the
characters left over come at the end, after all literals. Text that is shorter fills the placeholders from the right,
with `!` from the left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from wizard.convert.create import text as text_sql
from wizard.convert.functions.numberpictures import PictureError
from wizard.convert.typed import Typed
from wizard.definitions import ColumnType

_TOKEN: Final = re.compile(r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.?)|(?P<places>@+|&+)|(?P<other>.)', re.DOTALL)
_NOTHING: Final = "\uffff"
"""holds the place of an `&` that shows nothing; no text has it, as it is no character"""
_BINARY: Final = "COLLATE Latin1_General_BIN2"


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
        raise PictureError("a picture of text has two sections at most")
    return made


def text_picture_sql(value: Typed, picture: str) -> Typed:
    """The text that Format makes of a text. Raises PictureError."""
    found = _sections(picture)
    main = found[0]
    if main.flags >= {"<", ">"}:
        raise PictureError("it asks for small and for capital letters")
    sql = value.sql
    for flag, name in (("<", "LOWER"), (">", "UPPER")):
        if flag in main.flags:
            sql = f"{name}({sql})"
    made = _filled(sql, main)
    if len(found) > 1:
        nothing = text_sql(found[1].empty())
        test = (
            f"{value.sql} IS NULL OR DATALENGTH({value.sql}) = 0" if value.nullable else f"DATALENGTH({value.sql}) = 0"
        )
        made = f"CASE WHEN {test} THEN {nothing} ELSE {made} END"
    elif value.nullable:
        plain = made == sql
        made = f"COALESCE({sql}, N'')" if plain else f"CASE WHEN {sql} IS NULL THEN N'' ELSE {made} END"
    literals = sum(len(t) for t, _ in main.parts)
    length = value.length + literals if value.length else 0
    return Typed(
        made, ColumnType.MEMO if value.type is ColumnType.MEMO else ColumnType.TEXT, nullable=False, length=length
    )


def _filled(sql: str, section: _Section) -> str:
    blanks, count = section.blanks, len(section.blanks)
    literals = any(not n for _, n in section.parts)
    if not literals and " " not in blanks:
        return sql
    length = f"(LEN({sql} + N'.') - 1)"
    shown = text_sql(blanks.replace(_NOTHING, " ")) if _NOTHING not in blanks else _blanks_sql(blanks)
    if not count:
        filled = sql
    elif "!" in section.flags:
        filled = f"CONCAT({sql}, SUBSTRING({shown}, {length} + 1, {count}))"
    else:
        filled = f"CONCAT(LEFT({shown}, CASE WHEN {length} < {count} THEN {count} - {length} ELSE 0 END), {sql})"
    pieces, at = [], 1
    for i, (literal, places) in enumerate(section.parts):
        if not places:
            pieces.append(text_sql(literal))
            continue
        last = i == len(section.parts) - 1
        pieces.append(filled if last and at == 1 else _part(filled, at, "" if last else str(places), sql, count))
        at += places
    if section.parts and not section.parts[-1][1]:
        pieces.append(_part(filled, at, "", sql, count) if count else filled)
    made = pieces[0] if len(pieces) == 1 else f"CONCAT({', '.join(pieces)})"
    if _NOTHING in blanks:
        made = f"(REPLACE({made} {_BINARY}, NCHAR(65535), N'') COLLATE DATABASE_DEFAULT)"
    return made


def _part(filled: str, start: int, length: str, sql: str, count: int) -> str:
    return f"SUBSTRING({filled}, {start}, {length or f'LEN({sql} + N{chr(39)}.{chr(39)}) + {count}'})"


def _blanks_sql(blanks: str) -> str:
    runs = re.findall(f" +|{_NOTHING}+", blanks)
    parts = [text_sql(r) if r[0] == " " else f"REPLICATE(NCHAR(65535), {len(r)})" for r in runs]
    return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"
