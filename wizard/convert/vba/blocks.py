"""The statements of a function: If, Select Case, assignments, and what else there is.

The lines of a procedure are read from the first to the last, blocks within each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from wizard.convert.vba.code import TOO_LONG, Line, apart, places
from wizard.convert.vba.expressions import MARKS, NAME, constants, expression
from wizard.convert.vba.model import (
    Assign,
    Constant,
    If,
    ProcedureStatement,
    Select,
    Test,
    UnsupportedVbaError,
    VbaCase,
    VbaExit,
)

_ASSIGNED: Final = re.compile(rf"(?:Let\s+)?{NAME}\s*=\s*(.+)$", re.IGNORECASE | re.DOTALL)
_IF: Final = re.compile(r"If\b\s*(.*)$", re.IGNORECASE | re.DOTALL)
_ELSE_IF: Final = re.compile(r"ElseIf\b\s*(.*)$", re.IGNORECASE | re.DOTALL)
_ELSE: Final = re.compile(r"Else\b\s*(.*)$", re.IGNORECASE | re.DOTALL)
_CASE: Final = re.compile(r"Case\b\s*(.*)$", re.IGNORECASE | re.DOTALL)
_SELECT: Final = re.compile(r"Select\s+Case\b\s*(.*)$", re.IGNORECASE | re.DOTALL)
_IS: Final = re.compile(r"(?:Is\s*)?(<>|<=|>=|=<|=>|=|<|>)\s*(.*)$", re.IGNORECASE | re.DOTALL)
_DIM: Final = re.compile(rf"{NAME}\s*(\(.*\))?(?:\s+As\s+(New\s+)?([\w.]+)(\s*\*.*)?)?$", re.IGNORECASE)
_GOTO: Final = re.compile(r"On\s+Error\s+GoTo\s+(\w+)$", re.IGNORECASE)
_QUIET: Final = re.compile(r"Debug\.Print(?:\s[\w\s\"&;,.:'-]*)?$", re.IGNORECASE)
_SAME: Final = {"=<": "<=", "=>": ">="}
_SAID: Final = {
    "for": "it has a loop (For)", "do": "it has a loop (Do)", "while": "it has a loop (While)",
    "with": "it works with an object (With)", "set": "it works with an object (Set)",
    "static": "a variable of it is Static, which keeps its value", "goto": "it jumps (GoTo)",
    "gosub": "it jumps (GoSub)", "msgbox": "it shows a message (MsgBox)", "redim": "it has an array (ReDim)",
    "open": "it opens a file", "err": "it raises or clears an error (Err)", "raise": "it raises an event",
    "docmd": "it does something in Access (DoCmd)", "stop": "it stops (Stop)", "end": "it ends the application (End)",
    "resume": "it handles errors (Resume)", "error": "it raises an error (Error)", "call": "it calls a Sub (Call)",
    TOO_LONG: "a line of it is longer than VBA takes",
}  # fmt: skip
_DEEPEST: Final = 60


class Blocks:
    """Reads the statements of a procedure. What is declared in it is gathered on the way."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.items = [(line.number, text) for line in lines for text in line.statements or ("",)]
        self.labels = {index: label.casefold() for index, label in _labelled(lines)}
        self.at = 0
        self.depth = 0
        self.locals: dict[str, str] = {}
        self.constants: dict[str, Constant] = {}
        self.handler = ""
        self.first: UnsupportedVbaError | None = None
        """the first statement that does more than compute"""

    @property
    def handled(self) -> bool:
        """Whether errors lead to a handler."""
        return bool(self.handler)

    def refuse(self, number: int, reason: str) -> None:
        """Note why the function is not one that only computes; the first reason counts."""
        self.first = self.first or UnsupportedVbaError(reason, number)

    def body(self) -> tuple[ProcedureStatement, ...]:
        """All statements. Raises RefusedError where the blocks do not fit."""
        made = self.block(())
        if self.at < len(self.items):
            raise UnsupportedVbaError(f"“{self.items[self.at][1]}” ends no block", self.items[self.at][0])
        return made

    def block(self, ends: tuple[re.Pattern[str], ...]) -> tuple[ProcedureStatement, ...]:
        """The statements up to one that ends the block, which stays. Raises UnsupportedVbaError."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnsupportedVbaError("its blocks are nested too deep", self.items[self.at][0])
        made: list[ProcedureStatement] = []
        while self.at < len(self.items):
            number, text = self.items[self.at]
            if self.handler and self.labels.get(self.at) == self.handler:
                self.reach_handler(made, number)
                break
            if any(p.match(text) for p in ends):
                break
            self.at += 1
            made += self.placed(number, text)
        self.depth -= 1
        return tuple(made)

    def reach_handler(self, made: list[ProcedureStatement], number: int) -> None:
        """What stands behind the label only runs after an error: then nothing may run into it.

        Raises UnsupportedVbaError where something may.
        """
        if self.depth > 1 or not made or not isinstance(made[-1], VbaExit):
            raise UnsupportedVbaError("it runs into its error handler", number)
        self.at = len(self.items)

    def placed(self, number: int, text: str) -> list[ProcedureStatement]:
        """What a statement is; its line is that of an error within. Raises RefusedError."""
        try:
            return self.statement(number, text)
        except UnsupportedVbaError as error:
            raise UnsupportedVbaError(error.refusal.reason, error.refusal.line or number) from error

    def statement(self, number: int, text: str) -> list[ProcedureStatement]:
        """What a statement is, with the lines of its block. Raises RefusedError."""
        if not text or _QUIET.match(text):
            return []
        if found := _SELECT.match(text):
            return [self.select(number, found[1])]
        if found := _IF.match(text):
            return [self.choice(number, found[1])]
        return simple(number, text, self)

    def choice(self, number: int, rest: str) -> If:
        """An If of one line, or the block that it begins."""
        test, after = _then(rest)
        if after:
            return self.in_line(number, test, after)
        condition = expression(test)
        then = self.block((_ELSE_IF, _ELSE, _END_IF))
        return If(number, condition, then, self.alternative())

    def alternative(self) -> tuple[ProcedureStatement, ...]:
        """What follows the first branch of a block, up to End If. Raises RefusedError."""
        number, text = self.take("End If")
        if found := _ELSE_IF.match(text):
            test, after = _then(found[1])
            if after:
                self.at -= 1
                self.items[self.at] = (number, after)
            condition = self.located(test, number)
            then = self.block((_ELSE_IF, _ELSE, _END_IF))
            return (If(number, condition, then, self.alternative()),)
        if found := _ELSE.match(text):
            if found[1]:
                self.at -= 1
                self.items[self.at] = (number, found[1])
            made = self.block((_END_IF,))
            self.take("End If")
            return made
        return ()

    def located(self, text: str, number: int) -> exp.Expr:
        """An expression of a line. Raises RefusedError with its number."""
        try:
            return expression(text)
        except UnsupportedVbaError as error:
            raise UnsupportedVbaError(error.refusal.reason, number) from error

    def take(self, wanted: str) -> tuple[int, str]:
        """The next statement, with its line. Raises RefusedError where there is none: `wanted` is missing."""
        if self.at >= len(self.items):
            raise UnsupportedVbaError(f"{wanted} is missing", self.items[-1][0] if self.items else 0)
        self.at += 1
        return self.items[self.at - 1]

    def in_line(self, number: int, test: str, after: str) -> If:
        """`If a Then b: c Else d: e`: what follows on the line belongs to it. Raises UnsupportedVbaError."""
        pieces = [after]
        while self.at < len(self.items) and self.items[self.at][0] == number and self.at not in self.labels:
            pieces.append(self.items[self.at][1])
            self.at += 1
        waiting = _pieces(pieces)
        made = If(number, expression(test), *self.inner(number, waiting))
        if waiting:
            raise UnsupportedVbaError("an Else stands too much on its line", number)
        return made

    def inner(
        self, number: int, waiting: list[str]
    ) -> tuple[tuple[ProcedureStatement, ...], tuple[ProcedureStatement, ...]]:
        """The two branches of an If of one line; an Else belongs to the nearest If."""
        then = self.run(number, waiting)
        if not waiting:
            return then, ()
        waiting.pop(0)
        return then, self.run(number, waiting)

    def run(self, number: int, waiting: list[str]) -> tuple[ProcedureStatement, ...]:
        """The statements of a line up to an Else, which stays."""
        made: list[ProcedureStatement] = []
        while waiting and waiting[0] != _OTHERWISE:
            text = waiting.pop(0)
            if found := _IF.match(text):
                test, after = _then(found[1])
                waiting[:0] = [after] if after else []
                made.append(If(number, expression(test), *self.inner(number, waiting)))
            elif text:
                made += simple(number, text, self)
        return tuple(made)

    def select(self, number: int, subject: str) -> Select:
        """A Select Case up to its end. Raises RefusedError."""
        value = expression(subject)
        self.block((_CASE, _END_SELECT))  # where nothing may stand
        cases: list[VbaCase] = []
        otherwise: tuple[ProcedureStatement, ...] = ()
        while True:
            line, text = self.take("End Select")
            found = _CASE.match(text)
            if not found:
                return Select(number, value, tuple(cases), otherwise)
            rest = found[1]
            if re.match(r"Else\b", rest, re.IGNORECASE):
                otherwise = self.block((_CASE, _END_SELECT))
                continue
            tests = tuple(_test(t, line) for t in apart(rest, ","))
            cases.append(VbaCase(line, tests, self.block((_CASE, _END_SELECT))))


_OTHERWISE: Final = "\0else"
_END_IF: Final = re.compile(r"End\s*If$", re.IGNORECASE)
_END_SELECT: Final = re.compile(r"End\s+Select$", re.IGNORECASE)


def _labelled(lines: Sequence[Line]) -> list[tuple[int, str]]:
    found, index = [], 0
    for line in lines:
        if line.label and not line.label.isdigit():
            found.append((index, line.label))
        index += len(line.statements or ("",))
    return found


def _then(rest: str) -> tuple[str, str]:
    """The condition, and what stands on the line behind Then. Raises RefusedError."""
    for begin, end in places(rest, "Then"):
        return rest[:begin].strip(), rest[end:].strip()
    raise UnsupportedVbaError("an If has no Then")


def _pieces(statements: Sequence[str]) -> list[str]:
    """Statements of a line, with a mark for each Else."""
    made: list[str] = []
    for text in statements:
        for place, part in enumerate(apart(text, "Else")):
            made += [_OTHERWISE, part] if place else [part]
    return made


def _test(text: str, line: int) -> Test:
    try:
        if found := _IS.match(text):
            return Test(expression(found[2]), _SAME.get(found[1], found[1]))
        low, *high = apart(text, "To")
        return Test(expression(low), high=expression(high[0]) if high else None)
    except UnsupportedVbaError as error:
        raise UnsupportedVbaError(error.refusal.reason, line) from error


def simple(number: int, text: str, blocks: Blocks) -> list[ProcedureStatement]:
    """A statement that is no block. Raises RefusedError where its expression cannot be read."""
    first = re.split(r"[\s.(]", text, maxsplit=1)[0].casefold()
    if first == "dim":
        _dim(number, text[3:], blocks)
        return []
    if first == "const":
        read = (c.read() for c in constants(text[5:]))
        blocks.constants.update({c.name.casefold(): c for c in read if c})
        return []
    if re.fullmatch(r"Exit\s+Function", text, re.IGNORECASE):
        return [VbaExit(number)]
    if first == "on":
        _on(number, text, blocks)
        return []
    found = _ASSIGNED.match(text)
    if found and first not in _SAID:
        return [Assign(number, found[1].strip("[]"), expression(found[3]))]
    if re.match(r"End\s+\w", text, re.IGNORECASE):
        blocks.refuse(number, f"“{text}” ends no block")
    said = _SAID.get(first, f"“{text if len(text) <= 60 else text[:59] + '…'}” does more than compute a value")
    blocks.refuse(number, "conditional compilation decides about it" if text.startswith("#") else said)
    return []


def _on(number: int, text: str, blocks: Blocks) -> None:
    found = _GOTO.match(text)
    if not found:
        blocks.refuse(number, "it goes on after an error (On Error Resume Next)")
    elif found[1] != "0":
        if blocks.handler not in ("", found[1].casefold()):
            blocks.refuse(number, "it has several error handlers")
        blocks.handler = found[1].casefold()


def _dim(number: int, text: str, blocks: Blocks) -> None:
    for part in apart(text, ","):
        found = _DIM.match(part)
        if not found or found[3] or found[4] or found[6]:
            blocks.refuse(number, f"its variable “{part}” is an array, an object or of a fixed length")
            continue
        kind = MARKS.get(found[2], (found[5] or "variant").casefold())
        blocks.locals[found[1].strip("[]")] = kind
