"""The statements of a module, each with its procedure, the loops around it and the object of the With around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from wizard.convert.vba.code import NO_LABELS
from wizard.uses.code.tokens import CodeBudget, Token, TokenKind, logical_lines

_SCOPES: Final = ("public", "private", "friend", "global", "static")
_LOOPS: Final = ("for", "do", "while")
_LOOP_ENDS: Final = ("next", "loop", "wend")
_PROCEDURES: Final = ("sub", "function", "property")
_DEEPEST: Final = 100
_LONGEST_WITH: Final = 60
"""names and signs of a With's object that are kept"""


@dataclass(frozen=True, slots=True)
class VbaStatement:
    """One statement; `tokens` without labels, and without the `If … Then` before it on its line."""

    tokens: tuple[Token, ...]
    procedure: str = ""
    """empty for the declarations at the module's top"""
    loops: int = 0
    """For, Do and While around it"""
    with_: tuple[Token, ...] = ()
    """the object of the innermost With"""
    old_vba: bool = False
    """it is compiled by VBA 6 or on 32 bits only, as `#If VBA7` or `#If Win64` says"""
    begins_procedure: bool = False
    header: bool = False
    """the condition of an If, ElseIf, Do, While, Select or Case: its `=` compares"""

    @property
    def line(self) -> int:
        """The line of its first token."""
        return self.tokens[0].line

    def word(self, place: int = 0) -> str:
        """The word at a place in small letters; empty where none is."""
        found = self.tokens[place] if place < len(self.tokens) else None
        return found.text.casefold() if found and found.kind is TokenKind.NAME and not found.bracketed else ""


@dataclass
class _StatementBranch:
    """Where one is in a `#If`."""

    old: bool
    """the branch at hand is compiled by old VBA only"""
    new_before: bool
    """a branch before is for VBA 7 or 64 bits: what follows is not"""


@dataclass
class _StatementWalk:
    procedure: str = ""
    loops: int = 0
    withs: list[tuple[Token, ...]] = field(default_factory=list)
    conditions: list[_StatementBranch] = field(default_factory=list)
    """a `#If` each"""


def statements(source: str, budget: CodeBudget) -> Iterator[VbaStatement]:
    """All statements of a module, in order, as far as `budget` goes."""
    walk = _StatementWalk()
    for tokens in logical_lines(source, budget):
        if tokens[0].is_sign("#"):
            _compile(walk, tokens)
            continue
        for part, header in _parts(tokens):
            yield from _statement(walk, part, header)


def _compile(walk: _StatementWalk, tokens: Sequence[Token]) -> None:
    """Conditional compilation: `#If VBA7`, `#ElseIf Win64`, `#If Not VBA7`."""
    words = [t.text.casefold() for t in tokens[1:]]
    asks = "vba7" in words or "win64" in words
    inverted = "not" in words
    if words[:1] == ["if"]:
        walk.conditions.append(_StatementBranch(asks and inverted, asks and not inverted))
    elif words[:1] in (["else"], ["elseif"]) and walk.conditions:
        branch = walk.conditions[-1]
        branch.old = branch.new_before or (asks and inverted)
        branch.new_before |= asks and not inverted
    elif words[:1] == ["end"] and walk.conditions:
        walk.conditions.pop()
    del walk.conditions[_DEEPEST:]


def _parts(tokens: list[Token]) -> Iterator[tuple[list[Token], bool]]:
    """The statements of a line: what `:`, `Then` and `Else` part. With whether it is a condition."""
    part: list[Token] = []
    for place, token in enumerate(tokens):
        if token.is_sign(":"):
            if not (place == 1 and tokens[0].kind is TokenKind.NAME and part):  # a label, or a statement of one word
                if part:
                    yield part, False
            elif tokens[0].is_word(*NO_LABELS):
                yield part, False
            part = []
        elif not part and token.is_word("if", "elseif"):
            part = [token]
        elif part and part[0].is_word("if", "elseif") and token.is_word("then"):
            yield part, True
            part = []
        elif token.is_word("else") and not (part and part[0].is_word("case")):
            if part:
                yield part, False
            part = []
        else:
            part.append(token)
    if part:
        if len(part) > 1 and part[0].kind is TokenKind.NUMBER:
            part = part[1:]  # a line number
        yield part, part[0].is_word("if", "elseif", "select", "case", "while", "until")


def _statement(walk: _StatementWalk, tokens: list[Token], header: bool) -> Iterator[VbaStatement]:
    words = [t.text.casefold() if t.kind is TokenKind.NAME and not t.bracketed else "" for t in tokens[:4]]
    bare = [w for w in words if w not in _SCOPES]
    first = words[0]
    begins = bool(bare) and bare[0] in _PROCEDURES and len(tokens) > 1
    if begins:
        name = words.index(bare[0]) + (2 if bare[0] == "property" else 1)
        walk.procedure = tokens[name].text if name < len(tokens) else ""
        walk.loops, walk.withs = 0, []
    if first in _LOOP_ENDS:
        commas = sum(t.is_sign(",") for t in tokens) if first == "next" else 0
        walk.loops = max(0, walk.loops - 1 - commas)
    elif first == "end" and words[1:2] == ["with"]:
        if walk.withs:
            walk.withs.pop()
    elif first == "end" and words[1:2] and words[1] in _PROCEDURES:
        walk.procedure, walk.loops, walk.withs = "", 0, []
    around = walk.withs[-1] if walk.withs else ()
    yield VbaStatement(
        tuple(tokens),
        walk.procedure,
        walk.loops + (first in ("do", "while") or (first == "loop" and len(words) > 1)),
        around,
        any(c.old for c in walk.conditions),
        begins,
        header or first in ("do", "loop", "while", "select", "case"),
    )
    if first in _LOOPS:
        walk.loops = min(walk.loops + 1, _DEEPEST)
    elif first == "with" and len(walk.withs) < _DEEPEST:
        own = tuple(tokens[1:])
        whole = (*around, *own) if own and own[0].is_sign(".", "!") else own
        walk.withs.append(whole if len(whole) <= _LONGEST_WITH else ())
