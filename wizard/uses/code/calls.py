"""Methods, functions and properties that a statement names, with their arguments: `db.Execute sql, dbFailOnError`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.uses.code.statements import VbaStatement
from wizard.uses.code.tokens import Token, TokenKind

_NO_CALLS: Final = frozenset(
    ["if", "elseif", "and", "or", "not", "then", "else", "for", "each", "in", "to", "step", "while", "until", "do",
     "select", "case", "set", "let", "call", "dim", "redim", "const", "with", "mod", "is", "like", "xor", "new",
     "public", "private", "static", "as", "byval", "byref", "optional", "return", "loop", "next", "end", "exit"]
)  # fmt: skip
_MOST_NESTED: Final = 40
_MOST_LINKED: Final = 200
"""names of a chain: what a person writes has ten, and each call along it holds those before"""


@dataclass(frozen=True, slots=True)
class Call:
    """A chain of names with the arguments behind its last: `CurrentDb.OpenRecordset("T")`."""

    chain: tuple[str, ...]
    """as written; calls within it without their arguments"""
    arguments: tuple[tuple[Token, ...], ...]
    line: int
    begin: int
    """places of its first token and behind its last, in the statement"""
    end: int
    owners: tuple[tuple[tuple[Token, ...], ...], ...] = ()
    """the arguments of the names before the last, for each name"""
    called: bool = True
    """whether there is a place for arguments: in parentheses, or behind it at a statement's begin"""

    @property
    def name(self) -> str:
        """The last name, in small letters."""
        return self.chain[-1].casefold()

    @property
    def receiver(self) -> str:
        """What stands before the last name, in small letters: `currentdb`, `me.recordsetclone`; empty for functions."""
        return ".".join(self.chain[:-1]).casefold()

    def argument(self, place: int, *names: str) -> tuple[Token, ...]:
        """An argument by its place, or by name (`Options:=dbFailOnError`); empty where it is not given."""
        for given in self.arguments:
            if len(given) > 2 and given[1].is_sign(":=") and given[0].text.casefold() in names:
                return given[2:]
        found = self.arguments[place] if place < len(self.arguments) else ()
        return () if len(found) > 1 and found[1].is_sign(":=") else found


def calls(statement: VbaStatement) -> Iterator[Call]:
    """All chains of names in a statement, outer ones before those among their arguments."""
    tokens = statement.tokens
    pairs = _pairs(tokens)
    place = 0
    while place < len(tokens):
        token = tokens[place]
        begins = token.kind is TokenKind.NAME and (token.bracketed or token.text.casefold() not in _NO_CALLS)
        with_ = token.is_sign(".", "!") and not _joins(tokens, place) and place + 1 < len(tokens)
        if begins and not (place and tokens[place - 1].is_sign(".", "!")):
            yield from _chain(tokens, place, pairs, (), ())
        elif with_ and statement.with_:
            owner, owned = _owner(statement.with_)
            yield from _chain(tokens, place + 1, pairs, owner, owned)
        place += 1


def _joins(tokens: Sequence[Token], place: int) -> bool:
    """Whether a `.` or `!` stands behind a name or a closing parenthesis, and not alone."""
    if not place or tokens[place].spaced:
        return False
    before = tokens[place - 1]
    return before.kind is TokenKind.NAME or before.is_sign(")")


def _pairs(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each parenthesis closes; those nested too deep are left out."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for place, token in enumerate(tokens):
        if token.is_sign("("):
            open_.append(place)
        elif token.is_sign(")") and open_:
            begin = open_.pop()
            if len(open_) < _MOST_NESTED:
                found[begin] = place
    return found


_Owned = tuple[tuple[tuple[Token, ...], ...], ...]


def _owner(tokens: Sequence[Token]) -> tuple[tuple[str, ...], _Owned]:
    """The chain that a With names."""
    pairs = _pairs(tokens)
    chain: list[str] = []
    owned: list[tuple[tuple[Token, ...], ...]] = []
    place = 1 if tokens and tokens[0].is_word("new") else 0
    while place < len(tokens):
        token = tokens[place]
        if token.kind is TokenKind.NAME:
            chain.append(token.text)
            owned.append(())
        elif token.is_sign("(") and place in pairs and chain:
            owned[-1] = _arguments(tokens[place + 1 : pairs[place]])
            place = pairs[place]
        elif not token.is_sign(".", "!"):
            break
        place += 1
    return tuple(chain), tuple(owned)


def _chain(
    tokens: Sequence[Token], begin: int, pairs: dict[int, int], owner: tuple[str, ...], owned: _Owned
) -> Iterator[Call]:
    """The calls along one chain of names."""
    chain, arguments = list(owner), list(owned)
    place = begin
    first = tokens[begin]
    while place < len(tokens) and tokens[place].kind is TokenKind.NAME and len(chain) < _MOST_LINKED:
        chain.append(tokens[place].text)
        arguments.append(())
        place += 1
        if place in pairs and not (
            tokens[place].spaced and _first_place(tokens, begin) and _statement_call(tokens, pairs[place])
        ):
            arguments[-1] = _arguments(tokens[place + 1 : pairs[place]])
            yield Call(tuple(chain), arguments[-1], first.line, begin, pairs[place] + 1, tuple(arguments[:-1]))
            place = pairs[place] + 1
        elif place + 1 >= len(tokens) or not tokens[place].is_sign(".", "!"):
            at_begin = _first_place(tokens, begin)
            after = tokens[place] if place < len(tokens) else None
            behind = at_begin and after is not None and not after.is_sign("=", ":=", ".", "!", ")", ",")
            given = _arguments(tokens[place:]) if behind else ()
            yield Call(
                tuple(chain), given, first.line, begin, len(tokens) if behind else place, tuple(arguments[:-1]),
                called=behind or (at_begin and after is None),
            )  # fmt: skip
            return
        if place + 1 < len(tokens) and tokens[place].is_sign(".", "!") and tokens[place + 1].kind is TokenKind.NAME:
            place += 1
        else:
            return


def _first_place(tokens: Sequence[Token], begin: int) -> bool:
    """Whether a chain is the statement's own call."""
    if begin == 1:
        return tokens[0].is_sign(".") or tokens[0].is_word("call")
    return begin == 0 or (begin == 2 and tokens[0].is_word("call"))


def _statement_call(tokens: Sequence[Token], closing: int) -> bool:
    """`Execute (sql), dbFailOnError`: the parentheses are the first argument's."""
    return closing + 1 < len(tokens) and not tokens[closing + 1].is_sign(".", "!", "=")


def _arguments(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], ...]:
    found: list[tuple[Token, ...]] = []
    start, depth = 0, 0
    for place, token in enumerate(tokens):
        if token.is_sign("(", ")"):
            depth += 1 if token.text == "(" else -1
        elif depth == 0 and token.is_sign(","):
            found.append(tuple(tokens[start:place]))
            start = place + 1
    if tokens:
        found.append(tuple(tokens[start:]))
    return tuple(found)
