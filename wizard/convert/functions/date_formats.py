"""Pictures of dates, as Format takes them: cut into tokens, and each token written as T-SQL without FORMAT.

Source: "Format function" of the VBA reference. `m` after an hour is minutes; hours are of 24 unless AM or PM follows.
What a picture is of, its first sign that has a meaning says; signs of other pictures are literal text from there on.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from wizard.convert.expression_types import general_date
from wizard.convert.functions.dates import DAYS, MONTHS, names_sql, week_sql, weekday_sql
from wizard.convert.tree import Part, SqlNode, Text, Volatility, called, case, enclosed, node_of, tsql, volatile
from wizard.convert.typed_sql import Typed
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
_OF_SESSION: Final = ("23",)
"""styles that are not deterministic: those to 100 but 20 and 21, and 106, 107, 109, 113 ("CAST and CONVERT")"""


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
    """What a picture is of, by its first sign that says so."""
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


def date_sql(day: Part, picture: str, first: int = 1, rule: int = 1) -> SqlNode:
    """The text that Format makes of a date, as an expression over the date's T-SQL (NULL is the caller's)."""
    if picture.lower() in _CLOCKS:
        return volatile(Volatility.SESSION, "CONVERT(nvarchar({}), CONVERT(time(0), {}))", len(picture), day)
    style = _CHEAP.get(picture.lower())
    if style:
        template = "CONVERT(nvarchar({}), {}, {})"
        if style in _OF_SESSION:
            return volatile(Volatility.SESSION, template, len(picture), day, style)
        return tsql(template, len(picture), day, style)
    parts = tokens(picture)
    half_day = any(p.lower() in _HALF_DAYS for p in parts)
    pieces = [_piece(p, day, (first, rule), half_day=half_day) for p in parts]
    merged: list[SqlNode] = []
    literal = ""
    for piece in [*pieces, None]:
        if isinstance(piece, str):
            literal += piece
            continue
        if literal:
            merged.append(Text(literal))
            literal = ""
        if piece is not None:
            merged.append(piece)
    if len(merged) == 1:
        return merged[0]
    return called("CONCAT", *merged) if merged else Text("")


def _piece(token: str, day: Part, weeks: tuple[int, int], *, half_day: bool) -> SqlNode | str:
    """T-SQL of a token, or literal text."""
    if token[0] == '"':
        return token.strip('"')
    if token[0] == "\\":
        return token[1:]
    hour = tsql("DATEPART(hour, {})", day)
    shown_hour: SqlNode = enclosed("({} + 11) % 12 + 1", hour) if half_day else hour
    numbers: dict[str, SqlNode] = {
        "d": tsql("DAY({})", day), "m": tsql("MONTH({})", day), "q": tsql("DATEPART(quarter, {})", day),
        "w": weekday_sql(day, weeks[0]), "ww": week_sql(day, *weeks),
        "y": tsql("DATEPART(dayofyear, {})", day), "h": shown_hour,
        "n": tsql("DATEPART(minute, {})", day), "s": tsql("DATEPART(second, {})", day),
    }  # fmt: skip
    if token in numbers:
        return tsql("CONVERT(nvarchar(3), {})", numbers[token])
    if token in ("dd", "mm", "hh", "nn", "ss"):
        return tsql("RIGHT(CONCAT(N'0', {}), 2)", numbers[token[0]])
    if token.lower() in _HALF_DAYS:
        morning, evening = ("A", "P") if token[1] == "/" else ("AM", "PM")
        if token[0] == "a" and "/" in token:
            morning, evening = morning.lower(), evening.lower()
        return case((tsql("{} < 12", hour), Text(morning)), otherwise=Text(evening))
    others: dict[str, SqlNode] = {
        "ddd": names_sql(weekday_sql(day), DAYS, short=True),
        "dddd": names_sql(weekday_sql(day), DAYS),
        "mmm": names_sql(tsql("MONTH({})", day), MONTHS, short=True),
        "mmmm": names_sql(tsql("MONTH({})", day), MONTHS),
        "yy": tsql("RIGHT(CONVERT(nchar(4), {}, 112), 2)", day),
        "yyyy": tsql("CONVERT(nchar(4), {}, 112)", day),
        "c": general_date(Typed(node_of(day), ColumnType.DATE)).node,
    }  # fmt: skip
    return others.get(token) or token
