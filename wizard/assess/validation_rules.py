"""Access's validation rules applied to batches of rows, by `wizard.convert.interpreter`.

A rule becomes a function of a batch's columns; it says for each row true, false or unknown (null), as Access does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wizard.definitions import Column
from wizard.messages import ConversionError

if TYPE_CHECKING:
    from wizard.convert.interpreter import Rule

RuleTest = Callable[[Mapping[str, "pa.Array[Any]"]], "pa.Array[Any]"]
"""columns by case-folded name to booleans with nulls"""


class UntoldError(ValueError):
    """The rule asks something of a row that cannot be evaluated here."""


@dataclass(frozen=True, slots=True)
class BatchRule:
    """A validation rule that is evaluated for a batch's rows at once."""

    test: RuleTest
    columns: tuple[str, ...]
    """names, as the table has them, of the columns it looks at"""


def rule_of(text: str, columns: Mapping[str, Column], column: str = "", *, now: datetime | None = None) -> BatchRule:
    """The rule of a column, or of a table where `column` is empty; `columns` are the table's, by case-folded name.

    `now` is what Date() and Now() give, where left out the moment of asking. Raises UntoldError.
    """
    from wizard.convert.interpreter import InterpreterError, judge

    try:
        rule = judge(text, columns, column, now=now or datetime.now())  # Access knows no zones
    except (ConversionError, InterpreterError) as e:
        raise UntoldError(text) from e
    return BatchRule(lambda batch: _results(rule, batch), rule.columns)


def _results(rule: Rule, batch: Mapping[str, pa.Array[Any]]) -> pa.Array[Any]:
    """Of a single column each different value is evaluated once."""
    arrays = [batch[name.casefold()] for name in rule.columns]
    if len(arrays) == 1 and not pa.types.is_nested(arrays[0].type):
        encoded = arrays[0].dictionary_encode(null_encoding="encode")
        told = pa.array([rule.test((v,)) for v in encoded.dictionary.to_pylist()], pa.bool_())
        return told.take(encoded.indices)
    if not arrays:
        rows = len(next(iter(batch.values()), ()))
        return pa.array([rule.test(())] * rows, pa.bool_())
    return pa.array([rule.test(row) for row in zip(*(a.to_pylist() for a in arrays), strict=True)], pa.bool_())
