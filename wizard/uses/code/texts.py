"""Values of text expressions in code, as far as constants go: literals, constants and variables joined by `&` and
`+`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from wizard.uses.code.tokens import Token, TokenKind
from wizard.uses.model import UNKNOWN

LONGEST: Final = 64_000
"""characters of SQL that Access takes"""
_CONSTANTS: Final[Mapping[str, str]] = {
    "vbcrlf": "\r\n", "vbnewline": "\r\n", "vbcr": "\r", "vblf": "\n", "vbtab": "\t", "vbnullstring": "",
    "vbnullchar": "\0", "vbformfeed": "\f", "vbverticaltab": "\v",
}  # fmt: skip
_MOST_NESTED: Final = 20
"""parentheses around an expression"""
_SAME: Final = ("trim", "ltrim", "rtrim", "cstr", "str", "nz")
_SEVERAL: Final = re.compile(f"{UNKNOWN}+")


@dataclass
class Texts:
    """The texts that names stand for: constants of the project and the module, variables of the procedure."""

    project: dict[str, str]
    """public constants, by case-folded name"""
    module: dict[str, str] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    """the line where a local text was begun"""

    def value(self, tokens: Sequence[Token]) -> str:
        """The text of an expression, with `UNKNOWN` for what is known only when it runs."""
        parts, start, depth = list[str](), 0, 0
        for place, token in enumerate(tokens):
            if token.kind is not TokenKind.SIGN:
                continue
            if token.text in "()":
                depth += 1 if token.text == "(" else -1
            elif depth == 0 and token.text in ("&", "+"):
                parts.append(self._operand(tokens[start:place]))
                start = place + 1
        parts.append(self._operand(tokens[start:]))
        joined = "".join(parts)
        if len(joined) > LONGEST:
            return UNKNOWN
        return _SEVERAL.sub(UNKNOWN, joined) if UNKNOWN * 2 in joined else joined

    def _operand(self, tokens: Sequence[Token]) -> str:
        for _ in range(_MOST_NESTED):
            if len(tokens) < 2 or not tokens[0].is_sign("(") or not tokens[-1].is_sign(")"):
                break
            tokens = tokens[1:-1]
            if _has_operator(tokens):
                return self.value(tokens)
        if len(tokens) <= 1:
            return self._single(tokens[0]) if tokens else ""
        first, *_, last = tokens
        if len(tokens) == 4 and first.is_word("chr", "chrw") and tokens[2].kind is TokenKind.NUMBER:
            code = int(tokens[2].text) if tokens[2].text.isdigit() and len(tokens[2].text) < 5 else 0
            return chr(code) if 0 < code < 0x300 else UNKNOWN
        if first.is_word("left") and tokens[1].is_sign("(") and last.is_sign(")"):  # the begin says what it is
            comma = next((i for i, t in enumerate(tokens) if t.is_sign(",")), len(tokens) - 1)
            return self.value(tokens[2:comma])
        alone = first.is_word(*_SAME) and tokens[1].is_sign("(") and last.is_sign(")")
        return self.value(tokens[2:-1]) if alone and not any(t.is_sign(",") for t in tokens) else UNKNOWN

    def _single(self, token: Token) -> str:
        if token.kind in (TokenKind.TEXT, TokenKind.NUMBER):
            return token.text
        return self._named(token) if token.kind is TokenKind.NAME else UNKNOWN

    def _named(self, token: Token) -> str:
        name = token.text.casefold()
        for known in (self.local, self.module, self.project, _CONSTANTS):
            if name in known:
                return known[name]
        return UNKNOWN

    def begin_procedure(self) -> None:
        """Forget the variables of the procedure before."""
        self.local, self.begun = {}, {}


def _has_operator(tokens: Sequence[Token]) -> bool:
    depth = 0
    for token in tokens:
        if token.is_sign("(", ")"):
            depth += 1 if token.text == "(" else -1
            if depth < 0:
                return False
        elif depth == 0 and token.is_sign("&", "+"):
            return True
    return False
