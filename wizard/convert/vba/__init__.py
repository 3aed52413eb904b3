"""VBA functions of a database's own modules: read here, run by the interpreter, translated by `wizard.convert.own`.

What is read is what functions that only compute are made of; all else is refused with its line.
"""

from __future__ import annotations

from wizard.convert.vba.library import BARE, INTRINSIC, Library, constants_of, function_source, library_of
from wizard.convert.vba.model import (
    Assign,
    Compare,
    Constant,
    If,
    Procedure,
    ProcedureStatement,
    Select,
    Test,
    UnsupportedVbaError,
    VbaCase,
    VbaExit,
    VbaParameter,
    assigned,
)
from wizard.convert.vba.reader import VbaModule

__all__ = [
    "BARE",
    "INTRINSIC",
    "Assign",
    "Compare",
    "Constant",
    "If",
    "Library",
    "Procedure",
    "ProcedureStatement",
    "Select",
    "Test",
    "UnsupportedVbaError",
    "VbaCase",
    "VbaExit",
    "VbaModule",
    "VbaParameter",
    "assigned",
    "constants_of",
    "function_source",
    "library_of",
]
