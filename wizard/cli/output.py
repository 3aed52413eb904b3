"""Output of commands: messages to standard error, results to standard output, tables in columns.

Imported by every command, so it imports nothing of the engine but how text is made fit. Talk that cannot be written
hinders no work; a result that cannot be written is an error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from wizard.escaping import as_json, for_terminal, settle

_SHORTEST: Final = 8
"""cells to which a column of text is cut at most"""


_FAIR: Final = 18
"""cells with which a column of text can be read"""


class OutputError(Exception):
    """Standard output takes no more; `reason` is empty where its reader has gone, which needs no words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def settle_streams() -> None:
    """Before anything is written: standard output and error take any text, and no file takes the place of a closed one.

    A stream that was closed before the program began would else lend its number to the first file that is opened; with
    no standard error, what is printed there would go among the results.
    """
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  for as long as the program
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
    settle(sys.stdout)
    settle(sys.stderr)


def say(text: str) -> None:
    """A line to standard error."""
    with suppress(OSError, ValueError):
        print(for_terminal(text), file=sys.stderr, flush=True)  # noqa: T201


def say_over(text: str) -> None:
    """In place of the line that standard error's terminal shows, without a line's end; an empty one clears it."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"\r\x1b[K{for_terminal(text)}")
        sys.stderr.flush()


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


def put_json_line(text: str) -> None:
    """A line of JSON that is made already, in ASCII where standard output is not UTF-8. Raises OutputError."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    put(text if encoding.lower().replace("-", "").startswith("utf") else json.dumps(json.loads(text)))


def output_error(error: OSError) -> OutputError:
    """What a failed write to standard output means; nothing is written there any more, at the end of Python neither."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OutputError("" if isinstance(error, BrokenPipeError) else error.strerror or str(error))


_told: set[str] = set()
"""messages that were written since the command began, and their words"""


_progress: list[str] = [""]
"""how progress is to be shown, as an option says; empty where none does"""


def begin() -> None:
    """A command begins: nothing was printed yet."""
    _told.clear()
    choose_progress("")


def choose_progress(form: str) -> None:
    """Show progress as `none`, `plain` or `bar`; empty: as it fits where standard error goes."""
    _progress[0] = form


def chosen_progress() -> str:
    """What `choose_progress` was given; `bar` or `plain` where it was given nothing."""
    return _progress[0] or ("bar" if sys.stderr is not None and sys.stderr.isatty() else "plain")


def first(message: str) -> bool:
    """Whether this message is printed for the first time: a stage has often printed what it then raises."""
    if message in _told:
        return False
    _told.add(message)
    return True


def printed(words: str) -> bool:
    """Whether these words stood in what was printed, as `remember` was given them."""
    return words in _told


def remember(words: str) -> None:
    """These words are printed, be it as a part of a line."""
    _told.add(words)


def width() -> int:
    """Cells in a line of the terminal that standard output goes to; 0 where it goes to none."""
    with suppress(OSError, ValueError, AttributeError):
        if sys.stdout.isatty() or os.environ.get("COLUMNS"):
            import shutil

            return shutil.get_terminal_size().columns
    return 0


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, most: int = 0, spare: Sequence[str] = ()
) -> list[str]:
    """Lines with columns set under their headings; a column whose cells are all figures stands to the right.

    Lines are `most` cells wide where that is given: columns with the headings `spare` go first, then texts are cut.
    """
    shown = [[for_terminal(c) for c in r] for r in rows]
    top = [for_terminal(h) for h in headings]
    for heading in spare:
        if most and heading in top and _least([top, *shown]) > most:
            at = top.index(heading)
            top, *shown = ([*r[:at], *r[at + 1 :]] for r in [top, *shown])
    widths, figures = _widths([top, *shown]), _figures(shown, len(top))
    while most and sum(widths) + 2 * len(top) - 2 > most:
        texts = [n for n in range(len(top)) if not figures[n] and widths[n] > _SHORTEST]
        if not texts:
            break
        widths[max([n for n in texts if n] or texts, key=lambda n: widths[n])] -= 1  # what comes first stays longest

    def set_out(cells: Sequence[str]) -> str:
        cut = [c if len(c) <= w else f"{c[: w - 1]}…" for c, w in zip(cells, widths, strict=True)]
        parts = (c.rjust(w) if f else c.ljust(w) for c, w, f in zip(cut, widths, figures, strict=True))
        return "  ".join(parts).rstrip()

    return [set_out(top), *(set_out(r) for r in shown)]


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _figures(rows: Sequence[Sequence[str]], columns: int) -> list[bool]:
    """Which columns hold figures alone."""
    return [any(r[n] for r in rows) and all(not r[n] or _is_figure(r[n]) for r in rows) for n in range(columns)]


def _least(rows: Sequence[Sequence[str]]) -> int:
    """Cells that a line needs for texts to be read: a fair part of each."""
    widths, figures = _widths(rows), _figures(rows[1:], len(rows[0]))
    return sum(w if f else min(w, _FAIR) for w, f in zip(widths, figures, strict=True)) + 2 * len(widths) - 2


def _is_figure(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").rstrip("%").isdigit()
