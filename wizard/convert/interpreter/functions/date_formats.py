"""Dates and times by the pictures of Format."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from wizard.convert.interpreter.functions.dates import DAYS, MONTHS, date_part
from wizard.convert.interpreter.values import general_date, long_time, short_date

_HALVES: Final = ("AM/PM", "A/P", "AMPM")
_TOKEN: Final = re.compile(
    r'\\(?P<escaped>.)|"(?P<quoted>[^"]*)"?|(?P<half>am/pm|ampm|a/p)'
    r"|(?P<sign>dddddd|ddddd|dddd|ddd|dd|d|ww|w|mmmm|mmm|mm|m|q|yyyy|yy|y|hh|h|nn|n|ss|s|ttttt|c)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS: Final[dict[str, Callable[[datetime], str]]] = {
    "c": general_date,
    "d": lambda d: str(d.day),
    "dd": lambda d: f"{d.day:02d}",
    "ddd": lambda d: DAYS[d.isoweekday() % 7][:3],
    "dddd": lambda d: DAYS[d.isoweekday() % 7],
    "ddddd": short_date,
    "dddddd": lambda d: f"{DAYS[d.isoweekday() % 7]}, {MONTHS[d.month - 1]} {d.day}, {d.year}",
    "m": lambda d: str(d.month),
    "mm": lambda d: f"{d.month:02d}",
    "mmm": lambda d: MONTHS[d.month - 1][:3],
    "mmmm": lambda d: MONTHS[d.month - 1],
    "q": lambda d: str(date_part("q", d)),
    "y": lambda d: str(date_part("y", d)),
    "yy": lambda d: f"{d.year % 100:02d}",
    "yyyy": lambda d: f"{d.year:04d}",
    "n": lambda d: str(d.minute),
    "nn": lambda d: f"{d.minute:02d}",
    "s": lambda d: str(d.second),
    "ss": lambda d: f"{d.second:02d}",
    "ttttt": long_time,
}


def half_at(picture: str, at: int) -> bool:
    """Whether a sign of morning and afternoon stands there."""
    return any(picture[at : at + len(h)].upper() == h for h in _HALVES)


def formatted(moment: datetime, picture: str, first: int, rule: int) -> str:
    """`m` behind an hour is the minute; with a sign of morning and afternoon hours are of twelve."""
    tokens = list(_TOKEN.finditer(picture))
    twelve = any(t["half"] for t in tokens)
    made, after_hour = "", False
    for token in tokens:
        sign = (token["sign"] or "").lower()
        if not sign:
            made += _half(token["half"], moment) if token["half"] else _plain(token)
            continue
        if sign in ("h", "hh"):
            hour = (moment.hour + 11) % 12 + 1 if twelve else moment.hour
            made += f"{hour:02d}" if sign == "hh" else str(hour)
        elif sign in ("w", "ww"):
            made += str(date_part(sign, moment, first, rule))
        elif sign in ("m", "mm") and after_hour:
            made += _SIGNS["n" * len(sign)](moment)
        else:
            made += _SIGNS[sign](moment)
        after_hour = sign in ("h", "hh")
    return made


def _plain(token: re.Match[str]) -> str:
    return next(p for p in (token["escaped"], token["quoted"], token["other"]) if p is not None)


def _half(sign: str, moment: datetime) -> str:
    late = moment.hour >= 12
    if sign.upper() == "AMPM":
        return "PM" if late else "AM"
    return sign.split("/")[late]
