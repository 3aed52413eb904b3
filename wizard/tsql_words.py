"""T-SQL that others wrote (a server's definitions, a statement edited by hand), cut into words.

What Jetferry writes itself is a tree while it is made, and never read again. Where there is only text, it is cut here,
so that a name, a text or a comment that holds a word of T-SQL is not taken for one. Nothing is raised: what does not
end goes to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_PIECE: Final = re.compile(
    r"""(?P<BLANK>\s+) | (?P<LINE>--[^\n]*) | (?P<COMMENT>/\*)
      | (?P<TEXT>N?'[^']*(?:''[^']*)*(?:'|\Z))
      | (?P<NAME>\[[^\]]*(?:\]\][^\]]*)*(?:\]|\Z) | "[^"]*(?:""[^"]*)*(?:"|\Z))
      | (?P<WORD>[\w@\#$]+) | (?P<SIGN>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"/\*|\*/")


class WordKind(Enum):
    """What a piece is."""

    BLANK = auto()
    COMMENT = auto()
    """of either kind; those between /* and */ nest"""
    TEXT = auto()
    NAME = auto()
    """in brackets or quotes"""
    WORD = auto()
    """a keyword, a bare name, a variable, a number (in two where it has a point)"""
    SIGN = auto()
    """one character"""


@dataclass(frozen=True, slots=True)
class SqlWord:
    """A piece of T-SQL, and where it stands."""

    kind: WordKind
    shown: str
    """as it is written"""
    start: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + len(self.shown)

    @property
    def keyword(self) -> str:
        """In capital letters; empty for what is no bare word."""
        return self.shown.upper() if self.kind is WordKind.WORD else ""

    @property
    def value(self) -> str:
        """A text or a name without its quotes; all else as it is written."""
        if self.kind is WordKind.TEXT:
            return self.shown[self.shown.index("'") + 1 : -1].replace("''", "'")
        if self.kind is WordKind.NAME:
            close = {"[": "]"}.get(self.shown[0], '"')
            return self.shown[1:-1].replace(close * 2, close)
        return self.shown


def pieces(sql: str) -> Iterator[SqlWord]:
    """All of a text: joined, they are it again."""
    at = 0
    while found := _PIECE.match(sql, at):
        name = str(found.lastgroup)
        end = _comment_end(sql, found.end()) if name == "COMMENT" else found.end()
        yield SqlWord(WordKind["COMMENT" if name == "LINE" else name], sql[at:end], at)
        at = end


def words(sql: str) -> list[SqlWord]:
    """The same without blanks and comments."""
    return [word for word in pieces(sql) if word.kind not in (WordKind.BLANK, WordKind.COMMENT)]


def _comment_end(sql: str, start: int) -> int:
    depth = 1
    for found in _COMMENT.finditer(sql, start):
        depth += 1 if found[0] == "/*" else -1
        if not depth:
            return found.end()
    return len(sql)
