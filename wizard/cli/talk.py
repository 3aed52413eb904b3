"""How commands speak: talk to standard error, results to standard output, tables set in columns.

Imported by every command, so it imports nothing of the engine but how text is made fit. Talk that cannot be written
hinders no work; a result that cannot be written is an error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from wizard.escaping import as_json, for_terminal, settle


class OutputError(Exception):
    """Standard output takes no more; `reason` is empty where its reader has gone, which needs no words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def settle_streams() -> None:
    """Before anything is written: standard output and error take any text, and no file takes the place of a closed one.

    A stream that was closed before the program began would else lend its number to the first file that is opened.
    """
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)
    settle(sys.stdout)
    settle(sys.stderr)


def say(text: str) -> None:
    """A line to standard error."""
    with suppress(OSError, ValueError):
        print(for_terminal(text), file=sys.stderr, flush=True)  # noqa: T201


def put(*lines: str) -> None:
    """Lines of a result, to standard output. Raises OutputError."""
    if sys.stdout is None:
        raise OutputError("it is closed")
    try:
        print("\n".join(map(for_terminal, lines)), flush=True)  # noqa: T201
    except OSError as e:
        raise output_error(e) from e


def put_json(value: Any) -> None:
    """A result as JSON: in ASCII where standard output is not UTF-8. Raises OutputError."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    put(*as_json(value, ascii_only=not encoding.lower().replace("-", "").startswith("utf")).split("\n"))


def output_error(error: OSError) -> OutputError:
    """What a failed write to standard output means; nothing is written there any more, at the end of Python neither."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OutputError("" if isinstance(error, BrokenPipeError) else error.strerror or str(error))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines with columns set under their headings; a column whose cells are all figures stands to the right."""
    shown = [[for_terminal(c) for c in r] for r in rows]
    top = [for_terminal(h) for h in headings]
    widths = [max(len(r[n]) for r in [top, *shown]) for n in range(len(top))]
    figures = [
        all(r[n].replace(",", "").replace(".", "").rstrip("%").isdigit() for r in shown) for n in range(len(top))
    ]

    def set_out(cells: Sequence[str]) -> str:
        parts = (c.rjust(w) if f else c.ljust(w) for c, w, f in zip(cells, widths, figures, strict=True))
        return "  ".join(parts).rstrip()

    return [set_out(top), *(set_out(r) for r in shown)]
