"""Values as people read them in messages, reject files, comparisons, reports and previews: exact, or short."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Mapping
from typing import Any, Final

_LONGEST: Final = 80
_NAMED: Final = 40
_COMPARED: Final = 60
_PREVIEWED: Final = 200
"""characters of a value that is cut: in a report, in a message, in a comparison, in a preview"""

_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    bytes: lambda v: "0x" + v.hex().upper(),
    bool: lambda v: "1" if v else "0",
    dt.datetime: lambda v: v.isoformat(sep=" "),
    decimal.Decimal: lambda v: format(v, "f"),
    float: lambda v: repr(v).replace("nan", "NaN").replace("inf", "infinity"),
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


def named_text(value: object) -> str:
    """A value that a message names: in quotes where it is text, never longer than a line takes."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"0x{value[:8].hex()}{'…' if len(value) > 8 else ''}"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= _NAMED else text[: _NAMED - 2] + "…'"


def comparison_text(value: object) -> str:
    """A value beside the one of the other side: in quotes where it is text, so that no blank goes unseen."""
    if value is None:
        return "NULL"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= _COMPARED else text[: _COMPARED - 1] + "…"


def preview_text(value: object) -> str | None:
    """A value in a page of rows, cut where it is long; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    text = f"{value:f}" if isinstance(value, decimal.Decimal) else str(value)  # never 0E-8
    return text if len(text) <= _PREVIEWED else text[: _PREVIEWED - 1] + "…"
