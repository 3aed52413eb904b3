"""VBA source cut into logical lines of tokens, each with the line that the editor shows it in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from wizard.convert.vba.code import CONTINUED, DATE_LITERAL, LONGEST_LINE, MOST_LINES, shown_lines

_TOKEN: Final = re.compile(
    rf"""
      (?P<space>[ \t\x00-\x1f\xa0\u3000]+)
    | (?P<text>"(?:[^"]|"")*"?)
    | (?P<date>{DATE_LITERAL})
    | (?P<comment>'.*)
    | (?P<number>&[HO][0-9A-F]+[&%^]? | (?:\d+\.?\d*|\.\d+)(?:[ED][+-]?\d+)?[%&!\#@^]?)
    | (?P<name>[^\W\d]\w*[$%&!\#@^]?(?![^\W\d]|\[) | [^\W\d]\w*)
    | (?P<bracketed>\[[^\[\]\n]*\])
    | (?P<sign>:= | <> | <= | >= | =< | => | .)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MARKS: Final = "$%&!#@^"


class TokenKind(Enum):
    """What a token is."""

    NAME = auto()
    TEXT = auto()
    NUMBER = auto()
    DATE = auto()
    SIGN = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A name (without brackets and type mark), a text (without quotes), a number, a date or a sign."""

    kind: TokenKind
    text: str
    line: int
    bracketed: bool = False
    spaced: bool = False
    """whether a space stands before it: `f (x)` is not `f(x)`, nor `a &b` what `a& b` is"""

    def is_word(self, *words: str) -> bool:
        """Whether it is one of some words, given in small letters."""
        return self.kind is TokenKind.NAME and not self.bracketed and self.text.casefold() in words

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of some signs."""
        return self.kind is TokenKind.SIGN and self.text in signs


@dataclass
class CodeBudget:
    """How much code is still looked at, of all modules of a file together."""

    tokens: int = 1_500_000
    """some 150,000 lines of code, and ten to twenty seconds"""
    left_out: int = 0
    """lines that are longer than VBA takes, stretches of lines more than it takes, and modules beyond that number"""


def logical_lines(source: str, budget: CodeBudget) -> Iterator[list[Token]]:
    """The tokens of each logical line that has some; continued lines are one."""
    pending: list[tuple[int, str]] = []
    lines = shown_lines(source)
    budget.left_out += len(lines) > MOST_LINES
    for number, physical in enumerate(lines[:MOST_LINES], 1):
        if not pending and physical.lstrip(" \t")[:1] in ("", "'") and not physical.endswith("_"):
            continue
        continued = CONTINUED.search(physical)
        pending.append((number, physical[: continued.start()] if continued else physical))
        if continued and number < min(len(lines), MOST_LINES):
            continue
        if budget.tokens <= 0:
            budget.left_out += 1
            return
        if sum(len(text) for _, text in pending) > LONGEST_LINE:
            budget.left_out += 1
        elif tokens := _tokens(pending):
            budget.tokens -= len(tokens)
            yield tokens
        pending = []


def _tokens(lines: list[tuple[int, str]]) -> list[Token]:
    found: list[Token] = []
    for number, text in lines:
        spaced = True
        for match in _TOKEN.finditer(text):
            kind, piece = match.lastgroup, match.group()
            if kind == "space":
                spaced = True
                continue
            if kind == "comment" or (kind == "name" and piece.casefold() == "rem" and _begins(found)):
                break
            found.append(_token(kind or "sign", piece, number, spaced))
            spaced = False
    return found


def _begins(found: list[Token]) -> bool:
    """Whether a statement may begin here."""
    return not found or found[-1].is_sign(":")


def _token(kind: str, piece: str, line: int, spaced: bool) -> Token:
    if kind == "name":
        # `a&b` is one name with a mark and another name only where VBA's editor put it so: it writes `a & b`
        return Token(TokenKind.NAME, piece.rstrip(_MARKS), line, spaced=spaced)
    if kind == "bracketed":
        return Token(TokenKind.NAME, piece[1:-1].strip(), line, bracketed=True, spaced=spaced)
    if kind == "text":
        inner = piece[1:-1] if len(piece) > 1 and piece.endswith('"') else piece[1:]
        return Token(TokenKind.TEXT, inner.replace('""', '"'), line, spaced=spaced)
    kinds = {"number": TokenKind.NUMBER, "date": TokenKind.DATE}
    return Token(kinds.get(kind, TokenKind.SIGN), piece, line, spaced=spaced)
