"""What a VBA module says, as far as functions that only compute go: constants, procedures, their statements.

Names are case-folded wherever they are looked up by, as VBA knows no case. Expressions are trees of the Access
dialect: VBA's operators and literals are Access's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlglot import exp


class Compare(StrEnum):
    """What Option Compare says: how the module's code compares text."""

    BINARY = "binary"
    TEXT = "text"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class VbaParameter:
    """A parameter of a procedure; `type` is VBA's name in small letters, `variant` where none is written."""

    name: str
    type: str = "variant"
    optional: bool = False
    default: exp.Expr | None = None
    by_value: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant, of a module, an enumeration or a procedure; without a `type` it has that of its value."""

    name: str
    value: exp.Expr
    type: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class ProcedureStatement:
    """Something that a procedure does, at a line of its module as the editor counts them."""

    line: int


@dataclass(frozen=True, slots=True)
class Assign(ProcedureStatement):
    """A variable, or the function's result, is given a value."""

    name: str
    value: exp.Expr


@dataclass(frozen=True, slots=True)
class If(ProcedureStatement):
    """A choice by a condition; what is Null is not true."""

    test: exp.Expr
    then: tuple[ProcedureStatement, ...]
    otherwise: tuple[ProcedureStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class Test:
    """A test of Case: `value`, `value To high`, or `Is sign value`."""

    value: exp.Expr
    sign: str = "="
    high: exp.Expr | None = None


@dataclass(frozen=True, slots=True)
class VbaCase(ProcedureStatement):
    """A Case of a Select: any of the tests will do."""

    tests: tuple[Test, ...]
    body: tuple[ProcedureStatement, ...]


@dataclass(frozen=True, slots=True)
class Select(ProcedureStatement):
    """A choice by a value: the first case that fits."""

    subject: exp.Expr
    cases: tuple[VbaCase, ...]
    otherwise: tuple[ProcedureStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class VbaExit(ProcedureStatement):
    """Exit Function."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A function that only computes. `returns` is VBA's type in small letters, `locals` are such by name.

    `handled`: On Error GoTo leads to a handler, which is left out here: it only matters where an error can be.
    """

    module: str
    name: str
    line: int
    public: bool
    parameters: tuple[VbaParameter, ...]
    returns: str
    body: tuple[ProcedureStatement, ...]
    locals: Mapping[str, str] = field(default_factory=dict, hash=False)
    constants: Mapping[str, Constant] = field(default_factory=dict, hash=False)
    handled: bool = False
    source: str = ""
    """as the editor shows it"""

    @property
    def label(self) -> str:
        """The name with its module's, as conversions call it."""
        return f"{self.module}.{self.name}"


def expressions_of(statements: Sequence[ProcedureStatement]) -> Iterator[exp.Expr]:
    """All expressions that stand in statements."""
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement.value
        elif isinstance(statement, If):
            yield statement.test
            yield from expressions_of((*statement.then, *statement.otherwise))
        elif isinstance(statement, Select):
            yield statement.subject
            for case in statement.cases:
                yield from (t.value for t in case.tests)
                yield from (t.high for t in case.tests if t.high is not None)
                yield from expressions_of(case.body)
            yield from expressions_of(statement.otherwise)


def assigned(statements: Sequence[ProcedureStatement]) -> set[str]:
    """The case-folded names of all that the statements give a value."""
    found: set[str] = set()
    for statement in statements:
        if isinstance(statement, Assign):
            found.add(statement.name.casefold())
        elif isinstance(statement, If):
            found |= assigned(statement.then) | assigned(statement.otherwise)
        elif isinstance(statement, Select):
            found |= assigned(statement.otherwise).union(*(assigned(c.body) for c in statement.cases))
    return found


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be read or converted, and at which line; 0 where that of the function is meant."""

    line: int
    reason: str


class UnsupportedVbaError(Exception):
    """A function cannot be converted."""

    def __init__(self, reason: str, line: int = 0) -> None:
        self.refusal = Refusal(line, reason)
        super().__init__(reason)
