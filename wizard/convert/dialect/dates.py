"""What Access accepts between two `#`: US order, ISO order, month names, times, in any sensible mixture."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
TURN: Final = 50
"""years of two digits from here on are of the last century"""
_TIME: Final = re.compile(
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?\s*(?P<half>[ap]m?)?"
    r"|(?P<hour_only>\d{1,2})\s*(?P<half_only>[ap]m))\s*$",
    re.IGNORECASE | re.ASCII,
)
_PART: Final = re.compile(r"\d+|[a-z]+", re.IGNORECASE | re.ASCII)
_SEPARATORS: Final = re.compile(r"[\s,/.\-]*")
_LONGEST: Final = 64
"""no accepted date is longer; keeps the patterns above from long work on nonsense"""


def read_date(text: str) -> datetime | None:
    """The moment that `text` names; a time alone is of 1899-12-30; None where Access would refuse it.

    Order is the US one (month, day, year) wherever the numbers allow, as Access has it whatever the country.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    hour = minute = second = 0
    time = _TIME.search(text)
    if time and (time.start() == 0 or text[time.start() - 1] in " T\t"):
        clock = _read_time(time)
        if clock is None:
            return None
        hour, minute, second = clock
        text = text[: time.start()].rstrip(" \tT")
    day = _read_day(text) if text else (1899, 12, 30)
    if day is None:
        return None
    try:
        return datetime(*day, hour, minute, second)  # Access knows no time zones
    except (ValueError, OverflowError):
        return None


def _read_time(match: re.Match[str]) -> tuple[int, int, int] | None:
    hour = int(match["hour"] or match["hour_only"])
    half = (match["half"] or match["half_only"] or "").lower()
    if half:
        if not 1 <= hour <= 12 and not (hour == 0 and half.startswith("a")):
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, int(match["minute"] or 0), int(match["second"] or 0)


def _read_day(text: str) -> tuple[int, int, int] | None:
    parts = _PART.findall(text)
    if len(parts) == 2 and len(parts[1]) > 2:  # a month and a year: `Feb 2024`, `2/2024`
        parts.insert(1, "1")
    if len(parts) != 3 or _SEPARATORS.sub("", _PART.sub("", text)):
        return None
    named = [index for index, part in enumerate(parts) if part.isalpha()]
    if len(named) > 1 or (named and parts[named[0]].lower() not in MONTHS):
        return None
    if named:
        month = MONTHS[parts.pop(named[0]).lower()]
        first, second = parts
        day, year = (second, first) if len(first) > 2 else (first, second)
        return _year(year), month, int(day)
    if len(parts[0]) > 2:
        return _year(parts[0]), int(parts[1]), int(parts[2])
    month, day_number = int(parts[0]), int(parts[1])
    if month > 12 >= day_number:  # Access takes a day first where it cannot be a month
        month, day_number = day_number, month
    if month > 12:  # and a two-digit year first where it can be neither
        return _year(parts[0]), int(parts[1]), int(parts[2])
    return _year(parts[2]), month, day_number


def _year(text: str) -> int:
    return int(text) if len(text) > 2 else full_year(int(text))


def full_year(year: int) -> int:
    """Two digits are of 1950 to 2049, as Windows has had it since 2019 (and before of 1930 to 2029)."""
    return year + (2000 if year < TURN else 1900 if year < 100 else 0)


def write_date(moment: datetime) -> str:
    """The `#…#` literal that Access itself would write for it."""
    day = f"{moment.month}/{moment.day}/{moment.year:04d}"
    time = f"{moment.hour % 12 or 12}:{moment.minute:02d}:{moment.second:02d} {'PM' if moment.hour >= 12 else 'AM'}"
    if (moment.year, moment.month, moment.day) == (1899, 12, 30):
        return f"#{time}#"
    return f"#{day}#" if (moment.hour, moment.minute, moment.second) == (0, 0, 0) else f"#{day} {time}#"
