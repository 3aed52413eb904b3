"""Parsing expressions: Access's operators with Access's precedence, references, literals, calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from wizard.convert.dialect import nodes
from wizard.convert.dialect.date_texts import lacks_year
from wizard.convert.dialect.token_cursor import MAX_NESTING, RESERVED, TokenCursor

NOT_LEVEL: Final = 6
COMPARISON: Final = 7
CONCATENATION: Final = 8
SIGN: Final = 15
"""in Access's engine a sign binds more tightly than ^, and `-2 ^ 2` is 4"""
CODE_SIGN: Final = 13
"""in VBA less tightly, and it is -4"""

LEVELS: Final[dict[str, int]] = {
    "IMP": 1,
    "EQV": 2,
    "XOR": 3,
    "OR": 4,
    "AND": 5,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "LIKE", "ALIKE", "BETWEEN", "IN", "IS"), COMPARISON),
    "&": CONCATENATION,
    **dict.fromkeys(("BAND", "BOR", "BXOR"), CONCATENATION),
    "+": 9,
    "-": 9,
    "MOD": 10,
    "\\": 11,
    "*": 12,
    "/": 12,
    "^": 14,
}
"""how tightly each operator binds, from Microsoft's table of operator precedence in VBA; the bitwise words, which only
the ANSI-92 mode of the engine knows, are not in it: they bind more tightly than a comparison, as people write them"""

BINARY: Final[dict[str, type[exp.Expression]]] = {
    "IMP": nodes.Imp,
    "EQV": nodes.Eqv,
    "XOR": exp.Xor,
    "OR": exp.Or,
    "AND": exp.And,
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
    "LIKE": exp.Like,
    "ALIKE": nodes.ALike,
    "&": exp.DPipe,
    "BAND": exp.BitwiseAnd,
    "BOR": exp.BitwiseOr,
    "BXOR": exp.BitwiseXor,
    "+": exp.Add,
    "-": exp.Sub,
    "MOD": exp.Mod,
    "\\": exp.IntDiv,
    "*": exp.Mul,
    "/": exp.Div,
    "^": exp.Pow,
}
_SIGNS: Final[dict[str, tuple[type[exp.Expression] | None, int]]] = {
    "NOT": (exp.Not, NOT_LEVEL),
    "-": (exp.Neg, SIGN),
    "+": (None, SIGN),
    "BNOT": (exp.BitwiseNot, SIGN),
}
"""what stands before an operand, and how tightly the operand holds together; a plus means nothing"""
_NEGATABLE: Final = ("LIKE", "ALIKE", "IN", "BETWEEN")
_BALANCED: Final = ("AND", "OR", "&")
_LONG_CHAIN: Final = 16
_CONSTANTS: Final = {"TRUE": True, "YES": True, "ON": True, "FALSE": False, "NO": False, "OFF": False}


def _date_literal(text: str) -> exp.Expression:
    """A date; one that is written without its year is of the present one, as CDate has it."""
    if lacks_year(text):
        return exp.Anonymous(this="CDate", expressions=[exp.Literal.string(text)])
    return nodes.DateLiteral(this=text)


_LITERALS: Final[dict[TokenType, Callable[[str], exp.Expression]]] = {
    TokenType.STRING: lambda text: exp.Literal(this=text, is_string=True),
    TokenType.NUMBER: lambda text: exp.Literal(this=text.upper(), is_string=False),
    TokenType.DATE: _date_literal,
    TokenType.HEX_STRING: lambda text: nodes.Radix(this=text),
    TokenType.UUID: lambda text: nodes.GuidLiteral(this=text),
}
_QUANTIFIERS: Final[dict[str, type[exp.Expression]]] = {"ANY": exp.Any, "SOME": exp.Any, "ALL": exp.All}
_OUTSIDE: Final = frozenset({"forms", "reports", "screen", "tempvars", "application", "codecontextobject"})
"""collections of the Access application, which a query can refer to"""


class ExpressionParser(TokenCursor, ABC):
    """Precedence climbing. `implied` is the column that a validation rule does not name; `sign` how a sign binds."""

    implied: exp.Column | None = None
    sign = SIGN

    @abstractmethod
    def query(self) -> exp.Expression:
        """A SELECT or UNION."""

    def expression(self, floor: int = 1) -> exp.Expression:
        """An expression of operators that bind at least as tightly as `floor`."""
        left = self.prefix()
        for links in count():
            if links > MAX_NESTING * 3:
                self.refuse(3007, limit=MAX_NESTING * 3)
            word = self.word
            negated = word == "NOT" and self.ahead() in _NEGATABLE
            level = COMPARISON if negated else LEVELS.get(word, 0)
            if level < max(floor, 1):
                break
            if negated:
                token = self.advance()
                left = self.placed(exp.Not(this=self.operation(left, self.word, level)), token)
            else:
                left = self.operation(left, word, level)
        return left

    def operation(self, left: exp.Expression, word: str, level: int) -> exp.Expression:
        """What the operator at the cursor makes of its left operand and what follows."""
        token = self.advance()
        match word:
            case "BETWEEN":
                low = self.expression(CONCATENATION)
                self.expect("AND")
                return self.placed(exp.Between(this=left, low=low, high=self.expression(CONCATENATION)), token)
            case "IN":
                return self.placed(self.membership(left), token)
            case "IS":
                return self.placed(self.null_test(left), token)
        operands = [left, self.expression(level + 1)]
        while word in _BALANCED and self.accept(word):
            operands.append(self.expression(level + 1))
        return self.placed(_chain(BINARY[word], operands), token)

    def membership(self, left: exp.Expression) -> exp.Expression:
        """IN with a list or a query, after that word."""
        self.expect("(")
        if self.word in ("SELECT", "TRANSFORM"):
            node = exp.In(this=left, query=self.subquery())
        else:
            node = exp.In(this=left, expressions=[self.expression()])
            while self.accept(","):
                node.append("expressions", self.expression())
        self.expect(")")
        return node

    def null_test(self, left: exp.Expression) -> exp.Expression:
        """IS NULL or IS NOT NULL, after IS."""
        negated = self.accept("NOT")
        if not self.accept("NULL"):
            self.fail("NULL")
        test = exp.Is(this=left, expression=exp.Null())
        return exp.Not(this=test) if negated else test

    def subquery(self) -> exp.Subquery:
        """A query within parentheses, of which the first has been taken; some files have a `;` before the last."""
        self.deeper()
        node = exp.Subquery(this=self.query())
        self.accept(";")
        self.shallower()
        return node

    def prefix(self) -> exp.Expression:
        """An operand with what may stand before it."""
        word, token = self.word, self.token
        if self.implied and word == "NOT" and self.ahead() in (*_NEGATABLE, "NULL"):
            return self.implied_test()
        if word in _SIGNS and (word != "BNOT" or self.ahead() == "(" or self.is_operand(1)):
            kind, floor = _SIGNS[word]
            operand = self.signed(self.sign if floor == SIGN else floor)
            return self.placed(kind(this=operand), token) if kind else operand
        if word in _QUANTIFIERS and self.ahead() == "(" and self.ahead(2) == "SELECT":
            self.advance()
            self.advance()
            node = _QUANTIFIERS[word](this=self.subquery())
            self.expect(")")
            return node
        return self.primary()

    def is_operand(self, steps: int) -> bool:
        """Whether a name or a literal stands so many tokens ahead."""
        index = min(self.index + steps, len(self.tokens) - 1)
        kind, word = self.tokens[index].token_type, self.words[index]
        name = kind is TokenType.VAR and word not in RESERVED and word not in LEVELS
        return name or kind is TokenType.IDENTIFIER or kind in _LITERALS

    def signed(self, floor: int) -> exp.Expression:
        """What a sign or Not at the cursor applies to."""
        self.advance()
        self.deeper()
        operand = self.expression(floor)
        self.shallower()
        return operand

    def implied_test(self) -> exp.Expression:
        """The column that a rule leaves out; with `Not Null`, which Access writes in full itself, the whole test."""
        assert self.implied is not None  # noqa: S101  # for the type checker: the caller has looked
        column = self.implied.copy()
        if self.accept("NOT", "NULL"):
            return exp.Not(this=exp.Is(this=column, expression=exp.Null()))
        return column

    def primary(self) -> exp.Expression:
        """A literal, a reference, a call, or something in parentheses."""
        token, word = self.token, self.word
        node = self.literal()
        if node is not None:
            self.advance()
            return self.placed(node, token)
        if word == "(":
            return self.parentheses()
        if self.accept("EXISTS", "("):
            node = self.placed(exp.Exists(this=self.subquery()), token)
            self.expect(")")
            return node
        if word.startswith("@@"):
            self.refuse(3009 if word == "@@IDENTITY" else 3230, word=self.token.text)
        if self.is_name or (word in ("ASC", "SET") and self.ahead() == "("):
            return self.reference()
        if self.implied and LEVELS.get(word) == COMPARISON:
            return self.implied.copy()
        return self.fail("a value, a name or a function")

    def literal(self) -> exp.Expression | None:
        """What the current token alone stands for; None where it is no literal."""
        kind, text = self.token.token_type, self.token.text
        if kind in _LITERALS:
            return _LITERALS[kind](text)
        if self.word == "NULL":
            return exp.Null()
        if self.word in _CONSTANTS and self.ahead() not in ("(", "!", "."):
            return exp.Boolean(this=_CONSTANTS[self.word])
        return None

    def parentheses(self) -> exp.Expression:
        """An expression or a sub-query in parentheses."""
        token = self.advance()
        if self.word == "SELECT":
            node: exp.Expression = self.subquery()
        else:
            self.deeper()
            node = exp.Paren(this=self.expression())
            self.shallower()
        self.expect(")")
        return self.placed(node, token)

    def reference(self) -> exp.Expression:
        """A column, a call, or something outside the query, with whatever dots and bangs say."""
        token = self.token
        parts: list[exp.Expression] = [self.identifier()]
        separators = ""
        while True:
            if self.word == "(" and isinstance(parts[-1], exp.Identifier) and "!" not in separators:
                name = ".".join(part.name for part in parts)
                parts, separators = [self.placed(self.call(name), token)], ""
            elif self.word in (".", "!"):
                separators += self.advance().text
                parts.append(self.part())
            else:
                break
        if len(parts) == 1 and not isinstance(parts[0], exp.Identifier):
            return parts[0]
        return self.placed(self.referred(parts, separators), token)

    def part(self) -> exp.Expression:
        """One name of a reference, or its star."""
        if self.word == "*":
            return self.placed(exp.Star(), self.advance())
        if self.token.token_type not in (TokenType.VAR, TokenType.IDENTIFIER) and not self.token.text.isdecimal():
            self.fail("a name")
        return self.identifier()

    def referred(self, parts: Sequence[exp.Expression], separators: str) -> exp.Expression:
        """A column, or a reference out of the query, of names and what stands between them (`.` and `!`)."""
        if any(isinstance(part, exp.Star) for part in parts[:-1]):
            self.fail("a name before “*”")
        outside = len(parts) > 1 and (
            not isinstance(parts[0], exp.Identifier)
            or (parts[0].name.casefold() in _OUTSIDE and "!" in separators)
            or ("!" in separators and len(parts) > 2)
        )
        if outside or len(parts) > 4:
            return nodes.Bang(expressions=list(parts), separators=separators)
        keys = ("this", "table", "db", "catalog")
        return exp.Column(**dict(zip(keys, reversed(parts), strict=False)))

    def call(self, name: str) -> exp.Expression:
        """A call's arguments; one may be left out, and Count may have a star."""
        self.expect("(")
        self.deeper()
        arguments: list[exp.Expression] = []
        if not self.accept(")"):
            while True:
                arguments.append(self.argument())
                if not self.accept(","):
                    break
            self.expect(")")
        self.shallower()
        return exp.Anonymous(this=name, expressions=arguments)

    def argument(self) -> exp.Expression:
        """An argument of a call, which may be left out."""
        if self.word in (",", ")"):
            return nodes.Omitted()
        if self.word == "*" and self.ahead() == ")":
            return self.placed(exp.Star(), self.advance())
        if self.is_name and (self.ahead(), self.ahead(2), self.ahead(3)) == (".", "*", ")"):
            token = self.token  # Count(t.*) counts rows, as Count(*) does
            for _ in "t.*":
                self.advance()
            return self.placed(exp.Star(), token)
        if self.word == "SELECT":
            self.fail("a parenthesis before SELECT")
        return self.expression()


def _chain(operator: type[exp.Expression], operands: Sequence[exp.Expression]) -> exp.Expression:
    """Operands joined from the left; many of an associative operator as a balanced tree, so that depth stays small.

    Written back, both forms give the same text.
    """
    if len(operands) > _LONG_CHAIN:
        middle = len(operands) // 2
        return operator(this=_chain(operator, operands[:middle]), expression=_chain(operator, operands[middle:]))
    node = operands[0]
    for operand in operands[1:]:
        node = operator(this=node, expression=operand)
    return node
