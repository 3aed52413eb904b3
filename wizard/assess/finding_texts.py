"""Text for rows and values in messages of the data checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from wizard.coercion.columns import BadValue
from wizard.coercion.value_text import named_text
from wizard.plurals import counted

SAMPLES: Final = 3
"""rows that a message names"""


def sample(rows: pa.RecordBatch, at: int, columns: Sequence[str]) -> str:
    """A row as people find it again: `OrderID 17, ISBN 978…`."""
    names = {n.casefold(): n for n in rows.schema.names}
    parts = []
    for wanted in columns:
        name = names.get(wanted.casefold())
        if name is not None:
            parts.append(f"{name} {named_text(rows.column(name)[at].as_py())}")
    return ", ".join(parts)


class Reasons:
    """Why rows cannot go: each reason once, however many rows have it."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, int], BadValue] = {}
        self._count: Counter[tuple[str, int]] = Counter()

    def add(self, bad: BadValue) -> None:
        """One row more that was refused for a reason."""
        self._first.setdefault((bad.column, bad.number), bad)
        self._count[bad.column, bad.number] += 1

    def texts(self) -> tuple[str, ...]:
        """The first few: what the message of the first such row says, and how many more rows there are like it."""
        found = []
        for key, bad in list(self._first.items())[:SAMPLES]:
            text, more = bad.reason, self._count[key] - 1
            found.append(f"{text} ({counted(more, 'more row')} for the same reason.)" if more else text)
        if left := len(self._first) - len(found):
            found.append(f"({counted(left, 'other reason')}.)")
        return tuple(found)
