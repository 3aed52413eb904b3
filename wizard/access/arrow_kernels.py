"""Arrow's compute functions, called by name.

`pyarrow.compute` makes a documented Python function of each of them, which takes 20 ms whenever a command starts, and
`Array.cast` loads it too. What it stands on is called here directly.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyarrow._compute import CastOptions, JoinOptions, ReplaceSubstringOptions, call_function


def call(name: str, *arguments: Any) -> Any:
    """A function that takes no options: of arrays and scalars, an array or a scalar. Raises what Arrow raises."""
    return call_function(name, list(arguments))


def cast(array: pa.Array[Any], kind: pa.DataType) -> pa.Array[Any]:
    """The values in another type. Raises ArrowInvalid where one would not be the same there."""
    return array if array.type == kind else call_function("cast", [array], CastOptions.safe(kind))


def joined(*parts: Any, between: pa.Scalar[Any], null: str | None = None) -> pa.Array[Any]:
    """Text of several columns, row by row; a null gives a null, or is written as `null`."""
    how = JoinOptions("emit_null") if null is None else JoinOptions("replace", null)
    return call_function("binary_join_element_wise", [*parts, between], how)


def replaced(column: pa.Array[Any], pattern: str, text: str, *, regex: bool = False) -> pa.Array[Any]:
    """Text with all places replaced that are `pattern`, or match it where it is a regular expression (`regex`)."""
    name = "replace_substring_regex" if regex else "replace_substring"
    return call_function(name, [column], ReplaceSubstringOptions(pattern, text))


def with_replaced(values: pa.Array[Any], which: pa.Array[Any], replacements: pa.Array[Any]) -> pa.Array[Any]:
    """The values, those marked replaced by the replacements in their order."""
    return call_function("replace_with_mask", [values, which, replacements])
