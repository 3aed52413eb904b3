"""Whether the expression of a computed column is deterministic to SQL Server, as PERSISTED and indexes need it.

Its rules ("Deterministic and nondeterministic functions", "Indexes on computed columns", "CAST and CONVERT"; errors
4936 and 2729): no function that reads the clock, the language or the first day of the week; no text that becomes a
date, and no date that becomes text, by itself or by a style that depends on the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.objects import ServerType, quote

_FUNCTIONS: Final = re.compile(
    r"\b(FORMAT|DATENAME|ISDATE|GETDATE|GETUTCDATE|SYSDATETIME|SYSUTCDATETIME|NEWID|RAND|USER_NAME|SUSER_SNAME|HOST_NAME)\("
    r"|\bDATEPART\((weekday|week|wk|ww|dw)\b|\bCURRENT_TIMESTAMP\b",
    re.IGNORECASE,
)
_DATE_TEXT: Final = re.compile(r"'(\d{8}|\d{4}-\d\d-\d\d[^']*|\d\d:\d\d(:\d\d[^']*)?)'")
_WRITTEN: Final = re.compile(r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]")
"""a constant or a name: what looks like a function within is none"""
_CONVERT: Final = re.compile(r"\b(?:TRY_)?CONVERT\(", re.IGNORECASE)
_DATES: Final = ("date", "time", "datetime", "datetime2", "smalldatetime", "datetimeoffset")
_TEXTS: Final = ("nvarchar", "varchar", "nchar", "char")
_FIXED: Final = frozenset({20, 21, 25, 120, 121, *range(101, 132)}) - {106, 107, 109, 113, 130}
"""styles that no language and no setting changes"""
_MADE: Final = re.compile(
    rf"\b(?:(?:TRY_)?CONVERT\((?:{'|'.join(_DATES)})\b|DATEADD\(|EOMONTH\(|(?:DATE|TIME|DATETIME|DATETIME2|SMALLDATETIME)FROMPARTS\()",
    re.IGNORECASE,
)
"""what makes a date, of no date column perhaps"""
_PARTS: Final = re.compile(r"\b(?:YEAR|MONTH|DAY|DATEPART|DATEDIFF|DATEDIFF_BIG|LEN|DATALENGTH)\(", re.IGNORECASE)


def undetermined(expression: str, columns: Mapping[str, ServerType]) -> str:
    """Why an expression over `columns` (their types by the server's name) is not deterministic; empty where it is."""
    expression = _WRITTEN.sub(lambda m: m[0] if m[0][0] == "[" or _DATE_TEXT.fullmatch(m[0]) else "''", expression)
    if found := _FUNCTIONS.search(_WRITTEN.sub("''", expression)):
        return f"{found[0].rstrip('(')} depends on the session or the time"
    text = [quote(n) for n, t in columns.items() if t.name in _TEXTS]
    dates = [quote(n) for n, t in columns.items() if t.name in _DATES]
    bare = expression
    for call in _converts(expression):
        arguments = _arguments(call)
        kind, value = arguments[0].split("(")[0].strip().casefold(), arguments[1] if len(arguments) > 1 else ""
        style = arguments[2].strip() if len(arguments) > 2 else ""
        if style.isdigit() and int(style) in _FIXED:
            bare = bare.replace(call, call.replace("'", ""))
        elif kind in _DATES and (any(c in value for c in text) or "'" in value):
            return "a text becomes a date by the session's language"
        elif kind in _TEXTS and _has_date(_without_parts(value), dates):
            return "a date becomes text by the session's language"
    if _DATE_TEXT.search(bare) and dates:
        return "a date is compared with or counted from a text"
    return ""


def _has_date(value: str, columns: list[str]) -> bool:
    return any(c in value for c in columns) or bool(_MADE.search(value))


def _converts(expression: str) -> Iterator[str]:
    """Every call of CONVERT, those within others too."""
    for found in _CONVERT.finditer(expression):
        yield expression[found.start() : _closing(expression, found.end()) + 1]


def _closing(text: str, at: int) -> int:
    """The place of the parenthesis that closes the one before `at`."""
    depth, quoted = 1, ""
    for place in range(at, len(text)):
        c = text[place]
        if quoted:
            quoted = "" if c == quoted else quoted
        elif c in "'[":
            quoted = "]" if c == "[" else "'"
        else:
            depth += (c == "(") - (c == ")")
            if depth == 0:
                return place
    return len(text) - 1


def _arguments(call: str) -> list[str]:
    """The arguments of a call, as they are written."""
    inside = call[call.index("(") + 1 : -1]
    found, depth, quoted, start = [], 0, "", 0
    for place, c in enumerate(inside):
        if quoted:
            quoted = "" if c == quoted else quoted
        elif c in "'[":
            quoted = "]" if c == "[" else "'"
        elif c == "," and depth == 0:
            found.append(inside[start:place])
            start = place + 1
        else:
            depth += (c == "(") - (c == ")")
    return [*found, inside[start:]]


def _without_parts(value: str) -> str:
    """The text without the calls that make a number of a date."""
    while found := _PARTS.search(value):
        value = value[: found.start()] + "0" + value[_closing(value, found.end()) + 1 :]
    return value
