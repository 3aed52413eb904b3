"""What can go wrong when Access SQL is run: in one value, or with the query as a whole."""

from __future__ import annotations

from enum import StrEnum


class CellFault(StrEnum):
    """Why Access shows #Error in a cell. The numbers are those of VBA's trappable errors."""

    INVALID_CALL = "invalid procedure call or argument (5)"
    OVERFLOW = "overflow (6)"
    DIVISION_BY_ZERO = "division by zero (11)"
    TYPE_MISMATCH = "type mismatch (13)"
    INVALID_NULL = "invalid use of Null (94)"
    CRITERIA = "the criteria of a domain function cannot be read (3075)"
    DOMAIN = "a domain function names something that is not there (3078)"
    SEVERAL_ROWS = "a sub-query gives more than one row (3354)"


class CellError(Exception):
    """One value cannot be computed: #Error in its cell, while the other rows go on."""

    def __init__(self, fault: CellFault, detail: str = "") -> None:
        self.fault = fault
        super().__init__(f"{fault}: {detail}" if detail else str(fault))


class InterpreterError(Exception):
    """The query as a whole gives no rows here."""


class QueryError(InterpreterError):
    """Access would refuse the query, or stop it: it names what is not there, or an error meets its WHERE."""


class UnsupportedError(InterpreterError):
    """The query asks for something that is not run here; Access would run it."""


class ParameterError(InterpreterError):
    """Access would ask for a value that was not given: `prompt` says which."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        super().__init__(f"no value is given for the parameter {prompt}")


class BoundsError(InterpreterError):
    """A bound of rows, time or memory was met: `bound` is its name."""

    def __init__(self, bound: str, limit: float) -> None:
        self.bound, self.limit = bound, limit
        super().__init__(f"the bound of {limit:,.0f} {bound} was met")


class ErrorValue:
    """#Error as a value of a row; whatever reads it is an error too."""

    __slots__ = ("fault",)

    def __init__(self, fault: CellFault) -> None:
        self.fault = fault

    def __repr__(self) -> str:
        return "#Error"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ErrorValue)

    def __hash__(self) -> int:
        return hash(ErrorValue)
