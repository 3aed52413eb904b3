"""Expressions of VBA as trees of the Access dialect, whose operators, precedence and literals are VBA's.

Every name goes in brackets, so that words that only Access SQL knows (Yes, Between, Order) stay names. What only
VBA has (objects, named arguments, type-declaration characters of names) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import parse_code
from wizard.convert.dialect.dates import read_date
from wizard.convert.vba.code import LONGEST_LINE, apart
from wizard.convert.vba.model import Constant, UnsupportedVbaError
from wizard.messages import ConversionError

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>"(?:[^"]|"")*")
    | (?P<date>\#[^\#"]+\#)
    | (?P<radix>&[HO][0-9A-F]+(?P<long>&?))
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[ED][+-]?[0-9]+)?)(?P<mark>[%&!\#@](?![\w"]))?
    | (?P<named>\[[^\[\]]+\])
    | (?P<word>[^\W\d]\w*)(?P<suffix>\$|[%&!\#@](?=[\s),\\/*+^=<>-]|$))?
    | (?P<assigned>:=)
    | (?P<sign><>|<=|>=|=<|=>|><|[-+*/\\^&=<>(),.!])
    """,
    re.VERBOSE | re.IGNORECASE,
)
NAME: Final = r"(\[[^\[\]]+\]|[^\W\d]\w*)([$%&!#@]?)"
"""a name, and the type-declaration character that may stand behind it"""
MARKS: Final = {"$": "string", "%": "integer", "&": "long", "!": "single", "#": "double", "@": "currency"}
_CONSTANT: Final = re.compile(rf"{NAME}(?:\s+As\s+([\w.]+))?\s*=\s*(.*)$", re.IGNORECASE | re.DOTALL)
_WORDS: Final = frozenset(["and", "or", "not", "xor", "eqv", "imp", "mod", "like", "is", "null", "true", "false"])
_OBJECTS: Final = frozenset(["new", "typeof", "addressof", "nothing", "me"])
_CONVERTERS: Final = {"%": "CInt", "&": "CLng", "!": "CSng", "#": "CDbl", "@": "CCur"}


def expression(text: str) -> exp.Expr:
    """The tree of an expression. Raises UnsupportedVbaError."""
    if len(text) > LONGEST_LINE:
        raise UnsupportedVbaError(f"an expression has {len(text):,} characters, more than VBA takes in a line")
    try:
        return parse_code(_access(text))
    except ConversionError as error:
        shown = text if len(text) <= 60 else f"{text[:59]}…"
        raise UnsupportedVbaError(f"“{shown}” cannot be read: {error.message.clause}") from error


@dataclass(frozen=True, slots=True)
class WrittenConstant:
    """A constant as it is written; a module may have more of them than anything uses."""

    name: str
    text: str
    type: str = ""
    public: bool = False

    def read(self) -> Constant | None:
        """The constant with its value; None where that cannot be read."""
        try:
            return Constant(self.name, expression(self.text), self.type, self.public)
        except UnsupportedVbaError:
            return None


def constants(text: str, *, public: bool = False) -> Iterator[WrittenConstant]:
    """The constants of a Const statement."""
    for part in apart(text, ","):
        if found := _CONSTANT.match(part):
            kind = MARKS.get(found[2], (found[3] or "").casefold())
            yield WrittenConstant(found[1].strip("[]"), found[4], kind, public)


def _access(text: str) -> str:
    made, at, before = "", 0, ""
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise UnsupportedVbaError(f"“{text[at]}” has no meaning here that is known")
        made += _token(found, before)
        at = found.end()
        before = found.group() if found.lastgroup != "space" else " "
    return made


def _token(found: re.Match[str], before: str) -> str:
    piece = found.group()
    if found["word"]:
        return _word(found["word"], found["suffix"] or "", piece, before)
    if found["number"]:
        number = re.sub("d", "E", found["number"], flags=re.IGNORECASE)
        return f"[{_CONVERTERS[found['mark']]}]({number})" if found["mark"] else number
    if found["radix"]:
        return _radix(piece.rstrip("&"), bool(found["long"]))
    if found["date"] and read_date(piece[1:-1]) is None:
        raise UnsupportedVbaError(f"{piece} is no date")
    if piece == "!":
        raise UnsupportedVbaError("it reads a field or a control (!), which is an object")
    if found["assigned"]:
        raise UnsupportedVbaError("it names an argument (:=)")
    if piece == "." and not re.search(r"[\w\])]$", before):
        raise UnsupportedVbaError("it reads a property of an object (With)")
    return piece


def _word(word: str, suffix: str, piece: str, before: str) -> str:
    folded = word.casefold()
    if folded in _OBJECTS:
        raise UnsupportedVbaError(f"it works with objects ({word})")
    if folded in _WORDS and before != "." and not suffix:
        return word
    if suffix == "!" or (suffix and suffix != "$"):
        raise UnsupportedVbaError(f"a type-declaration character stands in {piece}")
    return f"[{word}{suffix}]"


def _radix(written: str, long: bool) -> str:
    """A number of 16 bits with its sign where it is written with so few and no `&` after it, else one of 32."""
    value = int(written[2:], 16 if written[1] in "hH" else 8)
    bits = 16 if value < 1 << 16 and not long else 32
    if value >= 1 << 32:
        raise UnsupportedVbaError(f"{written} is too large")
    value -= (1 << bits) if value >> (bits - 1) else 0
    made = str(value) if value >= 0 else f"({value})"
    return f"[CLng]({made})" if long else made
