"""VBA source as logical lines: continued lines joined, comments taken off, cut where `:` parts statements.

Source: Microsoft's MS-VBAL, 3.2 "Logical Line Grammar" and 3.3 "Lexical Tokens".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wizard.convert.dialect.dates import read_date

DATE_LITERAL: Final = r"""\#(?=[^\#"\n]*[/:\-\s][^\#"\n]*\#|[^\#"\n]*\d[^\#"\n]*\#)[^\#"\n]+\#"""
"""a pattern of a date literal: between two # stands a figure, or a sign that parts figures; else # is a type mark"""
_ATTRIBUTE: Final = re.compile(r"Attribute [\w.]+ = ")
CONTINUED: Final = re.compile(r"[ \t]_[ \t]*$")
"""what stands at the end of a physical line that goes on in the next"""
LONGEST_LINE: Final = 25 * 1024
"""characters of a logical line: VBA takes 1,023 in each of 25 lines (Microsoft's pages "Line too long" and "Too many
line continuations")"""
MOST_LINES: Final = 65_534
"""lines that VBA takes in a module (Microsoft's page "Too many lines"); what lies behind them is no module of its"""
TOO_LONG: Final = "'"
"""stands for the statements of a longer line, which are not read; no statement begins so"""
_PIECE: Final = re.compile(
    r"""
      (?P<string>"(?:[^"]|"")*"?) | (?P<date>\#[^\#"]+\#) | (?P<comment>') | (?P<colon>:(?!=))
    | (?P<other>[^"\#':]+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_REMARK: Final = re.compile(r"\s*Rem(?=\s|$)", re.IGNORECASE)
_LABEL: Final = re.compile(r"\s*(\d+(?=\s|:|$)|[^\W\d]\w*(?=:(?!=)))\s*:?", re.UNICODE)
NO_LABELS: Final = frozenset(["else", "loop", "wend", "next", "do", "beep", "stop", "end", "return", "resume"])
"""statements of one word, which a colon may follow"""


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: the number of its first physical line, from 1, and its statements."""

    number: int
    statements: tuple[str, ...]
    label: str = ""


def lines_of(source: str) -> Iterator[Line]:
    """The logical lines that say something, as far as VBA takes lines."""
    first, pending = 1, list[str]()
    for number, physical in enumerate(shown_lines(source)[:MOST_LINES], 1):
        first = first if pending else number
        if continued := CONTINUED.search(physical):
            pending.append(physical[: continued.start()])
            continue
        line = _line(first, " ".join([*pending, physical]))
        pending = []
        if line.statements or line.label:
            yield line


def shown_lines(source: str) -> list[str]:
    """The physical lines as the editor counts them: it hides those that begin with `Attribute`."""
    return [line for line in source.split("\n") if not _ATTRIBUTE.match(line)]


def _line(number: int, text: str) -> Line:
    if len(text) > LONGEST_LINE:
        return Line(number, (TOO_LONG,))
    label = ""
    found = _LABEL.match(text)
    if found and found[1].casefold() not in NO_LABELS:
        label, text = found[1], text[found.end() :]
    statements = (s for s in cut(text) if s)
    return Line(number, tuple(statements), label)


def cut(text: str) -> list[str]:
    """The statements of a line, without its comment."""
    parts: list[list[str]] = [[]]
    blank, at = True, 0
    while found := _PIECE.match(text, at):
        kind, piece = found.lastgroup, found.group()
        if kind == "date" and read_date(piece[1:-1]) is None:
            kind, piece = "other", "#"
        if kind == "comment" or (blank and _REMARK.match(text, at)):
            break
        at += len(piece)
        if kind == "colon":
            parts.append([])
            blank = True
        else:
            parts[-1].append(piece)
            blank = blank and not piece.strip()
    return ["".join(p).strip() for p in parts]


def apart(text: str, separator: str) -> list[str]:
    """A text cut at a word or sign that stands outside of quotes and parentheses; words in any case."""
    parts, start = list[str](), 0
    for begin, end in places(text, separator):
        parts.append(text[start:begin].strip())
        start = end
    return [*parts, text[start:].strip()]


def places(text: str, separator: str) -> Iterator[tuple[int, int]]:
    """Where a word or sign begins and ends that stands outside of quotes and parentheses."""
    wanted = re.compile(rf"(?<!\w){separator}(?!\w)" if separator.isalpha() else re.escape(separator), re.IGNORECASE)
    depth, at = 0, 0
    while at < len(text):
        character = text[at]
        if character == '"':
            quoted = _PIECE.match(text, at)
            at = quoted.end() if quoted else len(text)
            continue
        depth += (character == "(") - (character == ")")
        hit = wanted.match(text, at) if depth == 0 else None
        if hit:
            yield hit.span()
        at = hit.end() if hit else at + 1
