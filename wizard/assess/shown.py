"""Rows and values as messages name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

SAMPLES: Final = 3
"""rows that a message names"""


def sample(rows: pa.RecordBatch, at: int, columns: Sequence[str]) -> str:
    """A row as people find it again: `OrderID 17, ISBN 978…`."""
    names = {n.casefold(): n for n in rows.schema.names}
    parts = []
    for wanted in columns:
        name = names.get(wanted.casefold())
        if name is not None:
            parts.append(f"{name} {shorten(rows.column(name)[at].as_py())}")
    return ", ".join(parts)


def shorten(value: Any) -> str:
    """A value for a message: in quotes where it is text, never longer than a line takes."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"0x{value[:8].hex()}{'…' if len(value) > 8 else ''}"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:38] + "…'"
