"""Access SQL run over rows: the tree that `wizard.convert.dialect` parses, with Access's own semantics.

This room is independent of the translation to T-SQL, so that each can be held against the other. Its functions and
operators are written from Microsoft's documentation of Access and VBA. It reads no file and asks no server: rows come
through a `ReadRows`.
"""

from __future__ import annotations

from wizard.convert.interpreter.crosstabs import heading_key
from wizard.convert.interpreter.errors import (
    BoundsError,
    CellError,
    CellFault,
    ErrorValue,
    InterpreterError,
    ParameterError,
    QueryError,
    UnsupportedError,
)
from wizard.convert.interpreter.parameter_samples import sample_columns
from wizard.convert.interpreter.parameters import prompts
from wizard.convert.interpreter.procedures import FunctionRunner
from wizard.convert.interpreter.query_run import Bounds
from wizard.convert.interpreter.results import Interpreter, Result
from wizard.convert.interpreter.table_rows import ReadRows
from wizard.convert.interpreter.validation_rules import Rule, judge
from wizard.convert.interpreter.values import text_of

__all__ = [
    "Bounds",
    "BoundsError",
    "CellError",
    "CellFault",
    "ErrorValue",
    "FunctionRunner",
    "Interpreter",
    "InterpreterError",
    "ParameterError",
    "QueryError",
    "ReadRows",
    "Result",
    "Rule",
    "UnsupportedError",
    "heading_key",
    "judge",
    "prompts",
    "sample_columns",
    "text_of",
]
