"""Values as people read them in messages, reject files and reports: exact, and short where only shown."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Mapping
from typing import Any, Final

_LONGEST = 80

_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    bytes: lambda v: "0x" + v.hex().upper(),
    bool: lambda v: "1" if v else "0",
    dt.datetime: lambda v: v.isoformat(sep=" "),
    decimal.Decimal: lambda v: format(v, "f"),
    float: repr,
}


def exact_text(value: object) -> str | None:
    """A value as exact text; None stays None. Binary in hex, dates as ISO, numbers in full."""
    if value is None:
        return None
    writer = next((w for kind, w in _WRITERS.items() if isinstance(value, kind)), str)
    return writer(value)


def short_text(value: object) -> str:
    """The same, cut to a line's length."""
    text = exact_text(value)
    if text is None:
        return "NULL"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
