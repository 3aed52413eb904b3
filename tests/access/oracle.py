"""How the oracle files of ../shared write values, and our values written the same way."""

from __future__ import annotations

import hashlib
import struct
from datetime import datetime
from decimal import Decimal
from typing import Any

PASSWORD = "password"
"""of the corpus' protected files"""


def expected(value: Any) -> Any:
    """An oracle's value, as something that compares. Numbers carry their kind, dates stop at the second."""
    if not isinstance(value, str):
        return value if isinstance(value, bool) or value is None else ("int", value)
    prefix, _, rest = value.partition(":")
    if prefix == "f32":
        return "float", struct.unpack(">f", bytes.fromhex(rest))[0]
    if prefix == "f64":
        return "float", struct.unpack(">d", bytes.fromhex(rest))[0]
    if prefix == "dec":
        return "decimal", Decimal(rest).normalize()
    if prefix == "dt":
        return "date", _to_the_second(rest)
    if len(value) == 38 and value[0] == "{" and value[-1] == "}":
        return value.upper()
    return value


def actual(value: Any, wanted: Any) -> Any:
    """One of our values in the same form; `wanted` tells a date's text from other text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        return f"sha1:{len(value)}:{hashlib.sha1(value).hexdigest()}"
    if isinstance(value, Decimal):
        return "decimal", value.normalize()
    if isinstance(value, float):
        return "float", value
    if isinstance(value, datetime):
        return "date", value.isoformat(timespec="seconds")
    if isinstance(value, int):
        return "int", value
    return ("date", value[:19]) if isinstance(wanted, tuple) and wanted[0] == "date" else value


def _to_the_second(text: str) -> str:
    """The oracle leaves zero parts out, and rounds milliseconds by a rule of its own."""
    day, _, clock = text.partition("T")
    clock = clock or "00:00:00"
    return f"{day}T{clock if clock.count(':') == 2 else clock + ':00'}"[:19]
