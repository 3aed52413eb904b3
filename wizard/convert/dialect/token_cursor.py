"""A cursor over tokens, and the one way in which the parser gives up."""

from __future__ import annotations

from typing import Final, NoReturn

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from wizard.convert.dialect.nodes import Node, place
from wizard.messages import ConversionError, Kind, Place

MAX_NESTING: Final = 100
"""parentheses, calls and sub-queries within each other; Access itself gives up at about half of that"""

LONGEST_TEXT: Final = 500_000
"""characters of a statement that are read; Access takes about 64,000 (Microsoft's "Access specifications")"""

_RESERVED = """
    ALTER AND AS ASC BETWEEN BY CREATE DELETE DESC DISTINCT DISTINCTROW DROP EQV EXISTS FROM GROUP
    HAVING IMP IN INNER INSERT INTO IS JOIN LIKE ALIKE MOD NOT ON OR ORDER PARAMETERS PIVOT SELECT SET
    TRANSFORM UNION UPDATE VALUES WHERE WITH XOR
    """
RESERVED: Final = frozenset(_RESERVED.split())
"""words that are never names unless in brackets or behind a dot"""


class TokenCursor:
    """A place in a list of tokens. `word` is the current token in capitals, empty for literals and quoted names."""

    def __init__(self, tokens: list[Token], sql: str) -> None:
        lines = sql.split("\n")
        end = Token(TokenType.SENTINEL, "", len(lines), len(lines[-1]) + 1, len(sql), len(sql))
        self.sql = sql
        self.tokens = [*tokens, end]
        self.words = [self._word_of(token) for token in self.tokens]
        self.index = 0
        self.depth = 0
        self.token = self.tokens[0]
        self.word = self.words[0]

    @staticmethod
    def _word_of(token: Token) -> str:
        kinds = (TokenType.VAR, TokenType.PARAMETER, TokenType.L_BRACKET, TokenType.R_BRACKET)
        return token.text.upper() if token.token_type in kinds else ""

    def advance(self) -> Token:
        """Step over the current token and return it."""
        token = self.token
        if self.index + 1 < len(self.tokens):
            self.index += 1
            self.token = self.tokens[self.index]
            self.word = self.words[self.index]
        return token

    def ahead(self, steps: int = 1) -> str:
        """The word so many tokens ahead."""
        index = self.index + steps
        return self.words[index] if index < len(self.words) else ""

    def at(self, *words: str) -> bool:
        """Whether these words come next, in this order."""
        return all(self.ahead(steps) == word for steps, word in enumerate(words))

    def accept(self, *words: str) -> bool:
        """Step over these words if all of them come next."""
        if not self.at(*words):
            return False
        for _ in words:
            self.advance()
        return True

    def expect(self, *words: str) -> None:
        """Go over these words. Raises ConversionError where others stand there."""
        for word in words:
            if not self.accept(word):
                self.fail(word)

    @property
    def is_name(self) -> bool:
        """Whether a name stands here."""
        kind = self.token.token_type
        return kind is TokenType.IDENTIFIER or (kind is TokenType.VAR and self.word not in RESERVED)

    def name(self, what: str) -> exp.Identifier:
        """A name, in brackets or plain; `what` says for the error what was expected."""
        if not self.is_name:
            self.fail(what)
        return self.identifier()

    def identifier(self) -> exp.Identifier:
        """The current token as a name, whatever it is."""
        token = self.advance()
        return self.placed(exp.Identifier(this=token.text, quoted=True), token)

    def number(self, what: str) -> exp.Literal:
        """A number, `what` says for the message which one. Raises ConversionError."""
        if self.token.token_type is not TokenType.NUMBER:
            self.fail(what)
        return exp.Literal(this=self.advance().text.upper(), is_string=False)

    def placed(self, node: Node, token: Token) -> Node:
        """The node, with the line and column of a token."""
        return place(node, token.line, token.col)

    def deeper(self) -> None:
        """Count a level of nesting; `shallower` gives it back."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            self.refuse(3007, limit=MAX_NESTING)

    def shallower(self) -> None:
        """One level of nesting less."""
        self.depth -= 1

    def fail(self, expected: str) -> NoReturn:
        """Raise ConversionError 3001 or 3002: what was expected here, and what is here instead."""
        if self.token.token_type is TokenType.SENTINEL:
            self.refuse(3002, expected=expected)
        self.refuse(3001, expected=expected, found=self.sql[self.token.start : self.token.end + 1][:40])

    def refuse(self, number: int, **facts: object) -> NoReturn:
        """Give up with a numbered message about this place. Raises ConversionError."""
        raise ConversionError(number, Place(Kind.QUERY, line=self.token.line, column=self.token.col), **facts)
