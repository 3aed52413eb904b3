"""Pictures of dates, as Format takes them: cut into tokens, and each token written as T-SQL without FORMAT.

Source: "Format function" of the VBA reference. `m` after an hour is minutes; hours are of 24 unless AM or PM follows.
What a picture is of, its first sign that has a meaning says; signs of other pictures are literal text from there on.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from wizard.convert.create import text as text_sql
from wizard.convert.functions.dates import DAYS, MONTHS, names_sql, week_sql, weekday_sql
from wizard.convert.typed import Typed
from wizard.convert.values import general_date
from wizard.definitions import ColumnType

_TOKEN: Final = re.compile(
    r'"[^"]*"?|\\.|am/pm|a/p|ampm|ttttt|dddddd|ddddd|dddd|ddd|dd|d|ww|w|mmmm|mmm|mm|m|q|yyyy|yy|y|hh|h|nn|n|ss|s|c|.',
    re.IGNORECASE | re.DOTALL,
)
NAMED: Final = {
    "general date": "c",
    "long date": 'dddd", "mmmm d", "yyyy',
    "medium date": "dd-mmm-yy",
    "short date": "m/d/yyyy",
    "long time": "h:nn:ss AM/PM",
    "medium time": "hh:nn AM/PM",
    "short time": "hh:nn",
}
"""as the settings of the United States have them"""
LOCAL: Final = frozenset({"general date", "long date", "short date", "long time", "c", "ddddd", "dddddd", "ttttt"})
_EXPANDED: Final = {"ddddd": NAMED["short date"], "dddddd": NAMED["long date"], "ttttt": NAMED["long time"]}
_CHEAP: Final = {"yyyy-mm-dd": "23", "yyyymmdd": "112", "yyyy/mm/dd": "111", "mm/dd/yyyy": "101",
                 "dd/mm/yyyy": "103", "yyyy-mm": "23", "yyyymm": "112", "yyyy": "112",
                 "mm-dd-yyyy": "110", "dd-mm-yyyy": "105", "dd.mm.yyyy": "104"}  # fmt: skip
"""pictures that are the whole or the beginning of one of CONVERT's styles"""


_CLOCKS: Final = ("hh:nn:ss", "hh:mm:ss", "hh:nn", "hh:mm")
_HALF_DAYS: Final = ("am/pm", "a/p", "ampm")
_SIGNS: Final = frozenset(
    ("ttttt", "dddddd", "ddddd", "dddd", "ddd", "dd", "d", "ww", "w", "mmmm", "mmm", "mm", "m", "q", "yyyy", "yy", "y",
     "hh", "h", "nn", "n", "ss", "s", "c")
)  # fmt: skip
NAMES: Final = frozenset({"ddd", "dddd", "mmm", "mmmm"})
"""names of days and months, which Windows has in its own language"""
_KIND: Final = re.compile(
    r'"[^"]*"?|\\.?|(?P<number>[0#.])|(?P<date>am/pm|a/p|ampm|ttttt|[cdhmnqswy/:])|(?P<text>[@&<>!])|.',
    re.IGNORECASE | re.DOTALL,
)


class Of(StrEnum):
    """What a picture is of."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    ANY = "any"
    """nothing but literal text"""


def kind(picture: str) -> Of:
    if picture.lower() in NAMED:
        return Of.DATE
    found = (m.lastgroup for m in _KIND.finditer(picture))
    return Of(next((f for f in found if f), "any"))


def tokens(picture: str) -> list[str]:
    """The picture's parts: signs in lower case (but those for AM and PM), and literals; `m` and `mm` after hours
    become n, nn."""
    found = [t.lower() if t.lower() in _SIGNS else t for t in _TOKEN.findall(NAMED.get(picture.lower(), picture))]
    expanded = [e for t in found for e in (tokens(_EXPANDED[t]) if t in _EXPANDED else [t])]
    clock = False
    for i, token in enumerate(expanded):
        if token in ("h", "hh"):
            clock = True
        elif token in ("m", "mm") and clock:
            expanded[i] = "n" * len(token)
            clock = False
        elif token in _SIGNS:
            clock = False
    return expanded


def date_sql(day: str, picture: str, first: int = 1, rule: int = 1) -> str:
    """The text that Format makes of a date, as an expression over the date's T-SQL (NULL is the caller's)."""
    if picture.lower() in _CLOCKS:
        return f"CONVERT(nvarchar({len(picture)}), CONVERT(time(0), {day}))"
    style = _CHEAP.get(picture.lower())
    if style:
        return f"CONVERT(nvarchar({len(picture)}), {day}, {style})"
    parts = tokens(picture)
    half_day = any(p.lower() in _HALF_DAYS for p in parts)
    pieces = [_piece(p, day, (first, rule), half_day=half_day) for p in parts]
    merged: list[str] = []
    literal = ""
    for piece in [*pieces, None]:
        if isinstance(piece, tuple):
            literal += piece[0]
            continue
        if literal:
            merged.append(text_sql(literal))
            literal = ""
        if piece is not None:
            merged.append(piece)
    if len(merged) == 1:
        return merged[0]
    return f"CONCAT({', '.join(merged)})" if merged else "N''"


def _piece(token: str, day: str, weeks: tuple[int, int], *, half_day: bool) -> str | tuple[str]:
    """T-SQL of a token, or a one-tuple of literal text."""
    if token[0] == '"':
        return (token.strip('"'),)
    if token[0] == "\\":
        return (token[1:],)
    hour = f"DATEPART(hour, {day})"
    shown_hour = f"(({hour} + 11) % 12 + 1)" if half_day else hour
    numbers = {
        "d": f"DAY({day})", "m": f"MONTH({day})", "q": f"DATEPART(quarter, {day})", "w": weekday_sql(day, weeks[0]),
        "ww": week_sql(day, *weeks), "y": f"DATEPART(dayofyear, {day})", "h": shown_hour,
        "n": f"DATEPART(minute, {day})", "s": f"DATEPART(second, {day})",
    }  # fmt: skip
    if token in numbers:
        return f"CONVERT(nvarchar(3), {numbers[token]})"
    if token in ("dd", "mm", "hh", "nn", "ss"):
        return f"RIGHT(CONCAT(N'0', {numbers[token[0]]}), 2)"
    if token.lower() in _HALF_DAYS:
        morning, evening = ("A", "P") if token[1] == "/" else ("AM", "PM")
        if token[0] == "a" and "/" in token:
            morning, evening = morning.lower(), evening.lower()
        return f"CASE WHEN {hour} < 12 THEN N'{morning}' ELSE N'{evening}' END"
    others = {
        "ddd": names_sql(weekday_sql(day), DAYS, short=True),
        "dddd": names_sql(weekday_sql(day), DAYS),
        "mmm": names_sql(f"MONTH({day})", MONTHS, short=True),
        "mmmm": names_sql(f"MONTH({day})", MONTHS),
        "yy": f"RIGHT(CONVERT(nchar(4), {day}, 112), 2)",
        "yyyy": f"CONVERT(nchar(4), {day}, 112)",
        "c": general_date(Typed(day, ColumnType.DATE)).sql,
    }  # fmt: skip
    return others.get(token) or (token,)
