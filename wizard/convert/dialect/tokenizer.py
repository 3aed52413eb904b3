"""Cutting Access SQL into tokens, each with its line and column."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from typing import Final, NoReturn

from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from wizard.convert.dialect.date_texts import lacks_year
from wizard.convert.dialect.dates import read_date
from wizard.convert.dialect.token_cursor import RESERVED
from wizard.messages import ConversionError, Kind, Place

BRACKET_QUERY: Final = "[("
"""text of the token that opens `[SELECT …]. AS x`"""
END_BRACKET_QUERY: Final = ")]."

_NUMBER: Final = r"(?>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E[+-]?[0-9]+)?)"
_GUID: Final = "[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
_AFTER_NUMBERS: Final = "|".join(sorted({*RESERVED, "PERCENT"}))
"""words that end a number though no space is before them; other letters make a name of it: `420_LEN`"""
_PATTERN: Final = re.compile(
    r"""
      (?P<space>[\s\x00]+)
    | (?P<comment>/\*.*?\*/ | ^[ \t]*--[^\n]* | (?<=\s)--(?=\s)[^\n]*)
    | (?P<radix>&H[0-9A-F]{1,8}&? | &O[0-7]{1,11}&?)
    | (?P<number>{NUMBER}(?!\w))
    | (?P<word>[^\W0-9]\w*\$? | @@?\w+ | [0-9]+(?!(?:{AFTER_NUMBERS})(?!\w))[^\W0-9]\w*)
    | (?P<figures>{NUMBER})
    | (?P<string>"(?:[^"]|"")*" | '(?:[^']|'')*')
    | (?P<backtick>`\s*[^`\[\]\s][^`\[\]]*`)
    | (?P<date>\#[^\#\n]*\#)
    | (?P<guid>\{{GUID}\} | \{\s*guid\s*\{{GUID}\}\s*\})
    | (?P<end_query>\]\s*\.(?!\s*\[))
    | (?P<operator><> | >< | <= | =< | >= | => | [-+*/\\^&=<>(),.;!])
    """.replace("{NUMBER}", _NUMBER)
    .replace("{GUID}", _GUID)
    .replace("{AFTER_NUMBERS}", _AFTER_NUMBERS),
    re.VERBOSE | re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_BRACKETED: Final = re.compile(r"\[([^\[\]]*)\]")
_QUERY_AHEAD: Final = re.compile(r"\[\s*(?:SELECT|TABLE)\s", re.IGNORECASE)
_QUERY_ENDED: Final = re.compile(r"\s*\.(?:\s+(?!\[)|\s*[),;]|\s*\Z)")
_SHOWN: Final = 40
"""characters of a number in a message"""
_SAME: Final = {"><": "<>", "=<": "<=", "=>": ">="}

_KINDS: Final = {
    "radix": TokenType.HEX_STRING,
    "number": TokenType.NUMBER,
    "figures": TokenType.NUMBER,
    "word": TokenType.VAR,
    "string": TokenType.STRING,
    "backtick": TokenType.IDENTIFIER,
    "date": TokenType.DATE,
    "guid": TokenType.UUID,
    "operator": TokenType.PARAMETER,
}
_VALUES: Final[dict[str, Callable[[str], str]]] = {
    "string": lambda text: text[1:-1].replace(text[0] * 2, text[0]),
    "backtick": lambda text: text[1:-1].strip(),
    "guid": lambda text: text[text.rindex("{") + 1 : text.index("}")].upper(),
    "radix": str.upper,
    "operator": lambda text: _SAME.get(text, text),
}
_NAMES: Final = (TokenType.VAR, TokenType.IDENTIFIER)
_NEVER_CLOSED: Final = {'"': "text", "'": "text", "`": "name", "#": "date", "[": "name", "/": "comment"}


class AccessTokenizer(Tokenizer):
    """Keywords are words like others: Access lets most of them be names, so the parser knows them by their place."""

    IDENTIFIERS = [("[", "]"), "`"]  # noqa: RUF012  # declared so throughout sqlglot
    QUOTES = ['"', "'"]  # noqa: RUF012

    def tokenize(self, sql: str, marks: Collection[str] = ()) -> list[Token]:
        """Every token but space and comments. Raises ConversionError (3003 to 3090) with the place.

        `marks` are characters that stand for values: names of their own outside of quotes, and any text within.
        """
        return _Scanner(sql, marks).scan()


class _Scanner:
    def __init__(self, sql: str, marks: Collection[str] = ()) -> None:
        self.sql = sql
        self.marks = frozenset(marks)
        self.at = 0
        self.line = 1
        self.line_start = 0
        self.open_queries = 0
        self.tokens: list[Token] = []

    def scan(self) -> list[Token]:
        sql, size = self.sql, len(self.sql)
        while self.at < size:
            if sql[self.at] == "[":
                self.bracket()
                continue
            if sql[self.at] in self.marks:
                self.mark()
                continue
            if sql[self.at] == "." and self.behind_name():
                self.add(TokenType.PARAMETER, ".", 1)
                continue
            match = _PATTERN.match(sql, self.at)
            kind = match.lastgroup if match else None
            if match is None or kind is None or (kind == "operator" and sql.startswith("/*", self.at)):
                self.refuse()
            text = match.group()
            if kind == "end_query":
                if not self.open_queries:
                    self.refuse()
                self.open_queries -= 1
                self.add(TokenType.R_BRACKET, END_BRACKET_QUERY, len(text))
            elif kind in ("space", "comment"):
                self.skip(len(text))
            else:
                self.add(_KINDS[kind], self.value(kind, text), len(text))
        return self.tokens

    def value(self, kind: str, text: str) -> str:
        """What a token's text stands for: content without quotes, dates in ISO form, one spelling of operators."""
        if kind == "date" and not self.marks.isdisjoint(text):
            return text[1:-1]
        if kind == "date":
            moment = read_date(text[1:-1])
            if moment is None and not lacks_year(text[1:-1]):
                self.fail(3004, text=text)
            return moment.isoformat() if moment else text[1:-1]
        if kind in ("number", "figures"):
            return self.number(text)
        return _VALUES[kind](text) if kind in _VALUES else text

    def number(self, text: str) -> str:
        """A number as it is written; one that is too small for a Double is 0 there, one too large is none."""
        found = float(text)
        if math.isinf(found):
            self.fail(3090, written=text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
        return "0.0" if not found and "e" in text.casefold() else text

    def bracket(self) -> None:
        """A name in brackets, or the old form of a query in FROM: `[SELECT …]. AS x`."""
        name = _BRACKETED.match(self.sql, self.at)
        if _QUERY_AHEAD.match(self.sql, self.at) and (name is None or _QUERY_ENDED.match(self.sql, name.end())):
            self.open_queries += 1
            self.add(TokenType.L_BRACKET, BRACKET_QUERY, 1)
            return
        if name is None:
            self.fail(3003, what="name")
        if not name[1].strip():
            self.fail(3005)
        self.add(TokenType.IDENTIFIER, name[1].strip(), len(name[0]))

    def mark(self) -> None:
        """A value that is not known yet: what touches it would be one word or number with it."""
        last = self.tokens[-1] if self.tokens else None
        after = self.sql[self.at + 1 : self.at + 2]
        touching = last is not None and last.end + 1 == self.at and last.token_type in (*_NAMES, TokenType.NUMBER)
        if touching or after in self.marks or after.isalnum() or after in ("_", "."):
            self.refuse()
        self.add(TokenType.IDENTIFIER, self.sql[self.at], 1)

    def behind_name(self) -> bool:
        """Whether a name ends here: the dot behind it begins no number (`t.2ndName`)."""
        last = self.tokens[-1] if self.tokens else None
        return last is not None and last.end + 1 == self.at and last.token_type in _NAMES

    def add(self, kind: TokenType, text: str, width: int) -> None:
        column = self.at - self.line_start + 1
        self.tokens.append(Token(kind, text, self.line, column, self.at, self.at + width - 1))
        self.skip(width)

    def skip(self, width: int) -> None:
        end = self.at + width
        lines = self.sql.count("\n", self.at, end)
        if lines:
            self.line += lines
            self.line_start = self.sql.rindex("\n", self.at, end) + 1
        self.at = end

    def refuse(self) -> NoReturn:
        character = self.sql[self.at]
        what = _NEVER_CLOSED.get(character)
        if what:
            self.fail(3003, what=what)
        self.fail(3006, character=character)

    def fail(self, number: int, **facts: object) -> NoReturn:
        raise ConversionError(number, Place(Kind.QUERY, line=self.line, column=self.at - self.line_start + 1), **facts)
