"""Access SQL as a dialect of sqlglot: `parse_query`, `parse_expression`, `parse_rule`, and `to_access` back again.

Of any text these either give a tree or raise ConversionError (3001 to 3009) with line and column.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from typing import Any, Final, TypeVar

from sqlglot import exp, parser
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token

from wizard.convert.dialect import nodes
from wizard.convert.dialect.evaluated import evaluated
from wizard.convert.dialect.expressions import CODE_SIGN
from wizard.convert.dialect.generator import AccessGenerator
from wizard.convert.dialect.statements import StatementParser
from wizard.convert.dialect.token_cursor import LONGEST_TEXT, MAX_NESTING
from wizard.convert.dialect.tokenizer import AccessTokenizer
from wizard.messages import ConversionError, Kind, Place

MAX_DEPTH: Final = 400
"""levels of a tree; beyond them walking it, which everything after parsing does, would be no longer safe"""
_FRAMES: Final = 20_000
"""calls within each other that MAX_NESTING and MAX_DEPTH can need, with room to spare"""

Root = TypeVar("Root", bound=exp.Expression)


class Access(Dialect):
    """Access SQL. sqlglot's own entry points (`sqlglot.parse_one(sql, dialect=Access)`) work with it too."""

    Tokenizer = AccessTokenizer
    Generator = AccessGenerator

    class Parser(parser.Parser):
        """Hands all statements to the parser of this package: next to nothing of the grammar is common SQL."""

        def parse(self, raw_tokens: list[Token], sql: str) -> list[exp.Expr | None]:
            """One statement, whatever it is. Raises ConversionError."""
            return [_guarded(StatementParser(raw_tokens, sql).statement)]

        def parse_into(
            self,
            expression_types: Any,  # noqa: ARG002  # sqlglot's signature
            raw_tokens: list[Token],
            sql: str | None = None,
        ) -> list[exp.Expr | None]:
            """One expression. Raises ConversionError."""
            return [_guarded(StatementParser(raw_tokens, sql or "").whole_expression)]


def parse_query(text: str, marks: Collection[str] = ()) -> nodes.SavedQuery:
    """The tree of one statement; `marks` stand for values not known yet, as in `parse_criteria`.

    Raises ConversionError.
    """
    return _guarded(lambda: evaluated(_parser(text, marks).statement(), _whole))


def _whole(text: str) -> exp.Expression:
    return _parser(text).whole_expression()


def parse_expression(text: str) -> exp.Expression:
    """The tree of an expression: a default, a calculated column, a control's source. Raises ConversionError."""
    return _guarded(lambda: _whole(text))


def parse_code(text: str) -> exp.Expression:
    """The tree of an expression of VBA, in which a sign binds less tightly than ^. Raises ConversionError."""

    def parse() -> exp.Expression:
        parser = _parser(text)
        parser.sign = CODE_SIGN
        return parser.whole_expression()

    return _guarded(parse)


def parse_rule(text: str, column: str) -> exp.Expression:
    """The tree of a column's validation rule, with the column put in wherever the rule leaves it out.

    `>0`, `Between 1 And 5 Or Is Null` and `"A" Or "B"` are such rules. Raises ConversionError.
    """

    def parse() -> exp.Expression:
        parser = _parser(text)
        parser.implied = exp.Column(this=exp.Identifier(this=column, quoted=True))
        return _tested(parser.whole_expression(), parser.implied)

    return _guarded(parse)


def parse_criteria(text: str, marks: Collection[str]) -> exp.Expression:
    """The tree of an expression in which some characters stand for values that are not known yet.

    Such a mark is a Column of its own name where a value may stand; within a text or a date it stays in that literal
    (a DateLiteral's `this` is then the text as written). Raises ConversionError, also where one touches a word or a
    number.
    """
    return _guarded(lambda: _parser(text, marks).whole_expression())


def to_access(tree: exp.Expr) -> str:
    """The Access SQL of a tree."""
    return AccessGenerator(dialect=Access).generate(tree)


def _parser(text: str, marks: Collection[str] = ()) -> StatementParser:
    if len(text) > LONGEST_TEXT:  # reading millions of parentheses takes minutes
        raise ConversionError(3010, Place(Kind.QUERY, line=1, column=1), length=len(text), limit=LONGEST_TEXT)
    return StatementParser(AccessTokenizer(dialect=Access).tokenize(text, marks), text)


def _tested(node: exp.Expression, column: exp.Column) -> exp.Expression:
    """A value where a rule wants a test means that the column equals it; with Not before it, that it does not."""
    inner = node.unnest()
    if isinstance(inner, exp.And | exp.Or | exp.Not):
        for key in inner.arg_types:
            inner.set(key, _tested(inner.args[key], column))
    elif isinstance(inner.this if isinstance(inner, exp.Neg) else inner, _WRITTEN):
        return exp.EQ(this=column.copy(), expression=node)
    return node


_WRITTEN: Final = (exp.Literal, exp.Boolean, nodes.DateLiteral)


def _guarded(parse: Callable[[], Root]) -> Root:
    """Parse with room for every nesting that is accepted; refuse trees that are too deep to walk."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    tree = parse()
    deepest, node = _depth(tree)
    if deepest > MAX_DEPTH:
        line, column = nodes.position(node)
        raise ConversionError(3007, Place(Kind.QUERY, line=line, column=column), limit=MAX_DEPTH)
    return tree


def _depth(tree: exp.Expression) -> tuple[int, exp.Expression]:
    """Levels of a tree, and a node at its bottom."""
    deepest: tuple[int, exp.Expression] = (0, tree)
    stack: list[tuple[int, Any]] = [(1, tree)]
    while stack:
        level, node = stack.pop()
        if level > deepest[0]:
            deepest = (level, node)
        stack += [(level + 1, child) for child in node.iter_expressions()]
    return deepest


__all__ = [
    "MAX_DEPTH",
    "MAX_NESTING",
    "Access",
    "nodes",
    "parse_code",
    "parse_criteria",
    "parse_expression",
    "parse_query",
    "parse_rule",
    "to_access",
]
