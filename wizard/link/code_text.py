"""Text of VBA for changes of it: what of it is code, where its statements are, and where the arguments of a call."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from wizard.convert.vba.code import CONTINUED, DATE_LITERAL

_BLANK: Final = "\0"
"""stands, in masked text, for each character of a literal or a name in brackets"""
_REMARK: Final = "\1"
"""stands there for each character of a comment"""
_PIECE: Final = re.compile(
    rf"""
      (?P<text>"(?:[^"\n]|"")*"?)
    | (?P<date>{DATE_LITERAL})
    | (?P<name>\[[^\[\]\n]*\])
    | (?P<comment>'(?:[^\n]*[ \t]_[ \t]*\n)*[^\n]*)
    | (?P<remark>(?:\A|(?<=[\n:]))[ \t]*Rem(?=[ \t\n]|$)(?:[^\n]*[ \t]_[ \t]*\n)*[^\n]*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_PROCEDURE: Final = 2_000
"""statements: what is asked of each is asked of all"""
_CONTINUED: Final = re.compile(r"[ \t]_[ \t]*\n")
_SEVERAL: Final = re.compile(r":(?!=)|^\s*\d+\s|^\s*(?:Else)?If\b.*\bThen\b\s*\S", re.IGNORECASE)
_END: Final = re.compile(r"\b(?:Else|ElseIf)\b", re.IGNORECASE)
_BEGINS: Final = re.compile(r"\b(?:Then|Else)\b|:(?!=)|(?<! _)\n", re.IGNORECASE)
_CHAIN: Final = re.compile(r"[ \t]*[\w.!()\[\]\0\"]*")
_HEAD: Final = re.compile(
    r"\s*(?:(?:Public|Private|Friend|Static)\s+)*(?:Sub|Function|Property\s+(?:Get|Let|Set))\s+(\w+)", re.IGNORECASE
)
_TAIL: Final = re.compile(r"\s*End\s+(?:Sub|Function|Property)\b", re.IGNORECASE)
_WITH: Final = re.compile(r"\s*With\s+(.*?)\s*", re.IGNORECASE | re.DOTALL)
_END_WITH: Final = re.compile(r"\s*End\s+With\b", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with the same length, what is in literals, dates, names in brackets and comments blanked."""

    def blank(found: re.Match[str]) -> str:
        piece = found.group()
        if found.lastgroup in ("comment", "remark"):
            return re.sub(r"[^\n]", _REMARK, piece)
        closed = len(piece) > 1 and (found.lastgroup != "text" or piece.endswith('"'))
        return piece[0] + _BLANK * (len(piece) - 2) + piece[-1] if closed else _BLANK * len(piece)

    return _PIECE.sub(blank, text)


def bare(text: str) -> str:
    """Its code alone."""
    return masked(text).replace(_BLANK, "").replace(_REMARK, "")


def is_closed(text: str) -> bool:
    """Whether every text in it has its second quote."""
    pieces = (f.group() for f in _PIECE.finditer(text) if f.lastgroup == "text")
    return all(len(p) > 1 and p.endswith('"') for p in pieces)


def literals(text: str) -> Iterator[tuple[int, int]]:
    """Where the content of each text in double quotes begins and ends."""
    for found in _PIECE.finditer(text):
        if found.lastgroup == "text" and len(found.group()) > 1 and found.group().endswith('"'):
            yield found.start() + 1, found.end() - 1


def code_of(text: str) -> str:
    """A statement's code in one line, literals and comments blanked, each character at the place that it has there."""
    return _CONTINUED.sub(lambda m: " " * len(m.group()), masked(text).replace(_REMARK, " "))


@dataclass(frozen=True, slots=True)
class CodeStatement:
    """A logical line: its physical lines, counted from 0, joined by line ends."""

    first: int
    last: int
    text: str
    code: str
    """see `code_of`"""
    procedure: str = ""
    withs: tuple[str, ...] = ()
    """what the With blocks around it name, the innermost last"""

    @property
    def plain(self) -> bool:
        """Whether it is one statement alone: no others behind `:`, no label, nothing behind Then."""
        return not _SEVERAL.search(self.code)


@dataclass(frozen=True)
class ModuleText:
    """A module's lines as the editor shows them, and its statements."""

    lines: Sequence[str]
    statements: tuple[CodeStatement, ...] = field(init=False)
    lasts: list[int] = field(init=False)
    """the last line of each statement"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "statements", tuple(_statements(self.lines)))
        object.__setattr__(self, "lasts", [s.last for s in self.statements])

    def at(self, line: int) -> CodeStatement | None:
        """The statement that a line, counted from 1, is of."""
        place = bisect_left(self.lasts, line - 1)
        return self.statements[place] if line > 0 and place < len(self.statements) else None

    def procedure_of(self, statement: CodeStatement) -> list[CodeStatement]:
        """All statements of its procedure; none where it stands in none, or in one that is longer than people write."""
        if not statement.procedure:
            return []
        place = bisect_left(self.lasts, statement.last)
        first, last = place, place
        while first > 0 and not _HEAD.match(self.statements[first].code) and place - first < _LONGEST_PROCEDURE:
            first -= 1
        while last + 1 < len(self.statements) and not _TAIL.match(self.statements[last].code):
            last += 1
            if last - first > _LONGEST_PROCEDURE:
                return []
        return list(self.statements[first : last + 1])


def _statements(lines: Sequence[str]) -> Iterator[CodeStatement]:
    first, procedure, withs = 0, "", list[str]()
    for place, line in enumerate(lines):
        if CONTINUED.search(line) and place + 1 < len(lines):
            continue
        text = "\n".join(lines[first : place + 1])
        code = code_of(text)
        if head := _HEAD.match(code):
            procedure, withs = head[1], []
        if _END_WITH.match(code) and withs:
            withs.pop()
        yield CodeStatement(first, place, text, code, procedure, tuple(withs))
        if _TAIL.match(code):
            procedure, withs = "", []
        elif opened := _WITH.fullmatch(code):
            withs.append(opened[1])
        first = place + 1


# --- calls -----------------------------------------------------------------------------------------------------------


def calls(text: str, method: str) -> Iterator[tuple[int, int]]:
    """Where the arguments of each call of a method begin and end."""
    code = masked(text)
    for match in re.finditer(rf"[.!]{method}\b[ \t]*", code, re.IGNORECASE):
        begin = match.end()
        closing = _closing(code, begin) if code[begin : begin + 1] == "(" else None
        whole = _statement_end(code, begin)
        if closing is not None:
            behind = code[closing + 1 : whole].lstrip(" \t")[:1]
            statement = _is_statement(code, match.start()) and behind not in (".", "!")
            if not statement:
                yield begin + 1, closing
            elif behind in ("", ","):  # `db.Execute (sql), options`: the parentheses are the first argument's
                yield begin, whole
        elif whole > begin:
            yield begin, whole


def _is_statement(code: str, method: int) -> bool:
    """Whether a statement begins with the chain of names before a method: what follows are its arguments, bare."""
    begin = max((m.end() for m in _BEGINS.finditer(code, 0, method)), default=0)
    return bool(_CHAIN.fullmatch(code, begin, method))


def _closing(code: str, begin: int) -> int | None:
    depth = 0
    for place in range(begin, len(code)):
        if code[place] in "()":
            depth += 1 if code[place] == "(" else -1
            if depth == 0:
                return place
    return None


def _statement_end(code: str, begin: int) -> int:
    """Where the statement ends that goes on at `begin`: before `:`, Else, a comment or the end, blanks left out."""
    end = len(code)
    for place in range(begin, len(code)):
        colon = code[place] == ":" and code[place + 1 : place + 2] != "="
        if colon or code[place] == _REMARK or (code[place - 1 : place].isspace() and _END.match(code, place)):
            end = place
            break
    while end > begin and code[end - 1].isspace():
        end -= 1
    return end


def arguments(text: str, begin: int, end: int) -> list[str]:
    """The texts of the arguments, parted by commas of the call itself."""
    code = masked(text)
    found, start, depth = [], begin, 0
    for place in range(begin, end):
        if code[place] in "()[]":
            depth += 1 if code[place] in "([" else -1
        elif code[place] == "," and depth == 0:
            found.append(text[start:place])
            start = place + 1
    return [*found, text[start:end]]
