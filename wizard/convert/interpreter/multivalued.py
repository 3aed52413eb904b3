"""Columns with several values a row, alone in an output: their values in one text."""

from __future__ import annotations

from typing import Any, Final

from wizard.convert.interpreter.comparison import sort_key
from wizard.convert.interpreter.errors import UnsupportedError
from wizard.convert.interpreter.expressions import Evaluation, Row
from wizard.convert.interpreter.query_run import QueryRun
from wizard.convert.interpreter.values import text_of
from wizard.definitions import AutoNumber, Column, ComplexKind

_PARTS: Final = {ComplexKind.ATTACHMENT: "filename", ComplexKind.MULTI_VALUE: "value"}
"""what of the values a datasheet shows, by its case-folded name"""


def values_shown(run: QueryRun, column: Column, number: Evaluation) -> Evaluation:
    """The values of a row in the order in which they came, between commas. Raises UnsupportedError."""
    table = run.table(column.child_table)
    part = table.by_name.get(_PARTS.get(column.complex_kind, "")) if table and column.complex_kind else None
    key = table.by_name.get(table.child_of.key.casefold()) if table and table.child_of else None
    if table is None or part is None or key is None:
        raise UnsupportedError(f"the column {column.name} holds several values a row")
    by = next((c for c in table.columns if c.auto is AutoNumber.INCREMENT), part)
    known: dict[Any, str] = {}

    def value(row: Row) -> Any:
        if not known:
            kept = [r for r in run.kept(table, [key, part, by]) if r[1] is not None]
            for found, shown, _ in sorted(kept, key=lambda r: sort_key(r[2])):
                known[found] = f"{known[found]}, {text_of(shown)}" if found in known else text_of(shown)
        return known.get(number(row))

    return value
