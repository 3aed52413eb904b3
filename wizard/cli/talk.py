"""How commands speak: talk to standard error, results to standard output, tables set in columns.

Imported by every command, so it imports nothing of the engine.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def say(text: str) -> None:
    """A line to standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def put(text: str) -> None:
    """A result, to standard output."""
    print(text, flush=True)  # noqa: T201


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Columns set under their headings; a column whose cells are all figures stands to the right."""
    widths = [max(len(r[n]) for r in [headings, *rows]) for n in range(len(headings))]
    figures = [
        all(r[n].replace(",", "").replace(".", "").rstrip("%").isdigit() for r in rows) for n in range(len(headings))
    ]

    def set_out(cells: tuple[str, ...]) -> str:
        parts = (c.rjust(w) if f else c.ljust(w) for c, w, f in zip(cells, widths, figures, strict=True))
        return "  ".join(parts).rstrip()

    return "\n".join([set_out(headings), *(set_out(r) for r in rows)])
