"""Figures with their nouns: `1 row`, `2 rows`."""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter
from typing import Any, Final

_COUNT: Final = "#"
"""begins the format of a count in a template: `{count:#row}`, `{count:#table is|tables are}`"""
_AGREEING: Final = "!"
"""begins the format of what agrees with a count: `{count:!is|are}`"""
_THOUSANDS: Final = ","


def counted(number: int, one: str, many: str = "") -> str:
    """`1 table`, `2,000 tables`. `many` is what stands behind any number but 1: `one` with an s unless given."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(part: float, whole: float = 1, digits: int = 1) -> str:
    """`99.9%`, or `99%` without digits; all of nothing is all.

    What is less than all is never rounded to all, nor what is more than nothing to nothing.
    """
    if part >= whole:
        return f"{100:.{digits}f}%"
    least = 10.0**-digits
    return f"{min(max(100 * part / whole, least if part else 0), 100 - least):.{digits}f}%"


def some_of(names: Sequence[str], most: int = 20) -> str:
    """`A, B, C`, and how many more there are where there are many."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def within_sentence(title: str) -> str:
    """A heading as it stands within a sentence: `check constraints`, `VBA functions`."""
    return title if title.startswith("VBA") else title.lower()


def singular(title: str) -> str:
    """One of what a heading names, within a sentence: `check constraint`, `VBA function`."""
    many = within_sentence(title)
    for ending, single in (("queries", "query"), ("indexes", "index")):
        if many.endswith(ending):
            return many[: -len(ending)] + single
    return many.removesuffix("s")


def hours(minutes: int) -> str:
    """As people say it: 'none', '40 minutes', '3.5 hours', '4 days' of eight hours."""
    if minutes <= 0:
        return "none"
    if minutes < 90:
        return counted(minutes, "minute")
    if minutes < 16 * 60:
        return f"{minutes / 60:.1f} hours".replace(".0", "")
    return f"{minutes / 480:.1f} days".replace(".0", "")


class Template(Formatter):
    """`str.format` with counts: `{count:#row}` is what `counted` says of the fact, `{count:,}` the number alone."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Writes counts with their nouns: `{rows:#row}`."""
        one, _, many = format_spec[1:].partition("|")
        if format_spec.startswith(_COUNT):
            return counted(_number(value), one, many)
        if format_spec.startswith(_AGREEING):
            return one if _number(value) == 1 else many
        if format_spec == _THOUSANDS:
            return f"{_number(value):,}"
        return str(super().format_field(value, format_spec))


def _number(value: Any) -> int:
    """A count, also one that was written with commas already."""
    return int(str(value).replace(",", ""))


TEMPLATE: Final = Template()
