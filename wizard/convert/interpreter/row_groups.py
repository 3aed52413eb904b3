"""Groups of a SELECT: the first row, the values that are grouped by, the aggregates; an error of one is its cell's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wizard.convert.interpreter.aggregates import Aggregate
from wizard.convert.interpreter.errors import CellError, ErrorValue
from wizard.convert.interpreter.expressions import Evaluation, Row


@dataclass
class AggregateCall:
    """An aggregate's call: how to count, and the value to count; None counts rows."""

    make: Callable[[], Aggregate]
    value: Evaluation | None


class RowGroup:
    """One group: its first row, the values it is grouped by, and its aggregates."""

    def __init__(self, first: Row, values: Row, calls: Sequence[AggregateCall]) -> None:
        self.first, self.values, self.calls = first, values, calls
        self.counters = [call.make() for call in calls]

    def add(self, row: Row) -> None:
        """One row more."""
        for call, counter in zip(self.calls, self.counters, strict=True):
            if counter.fault is not None:
                continue
            try:
                counter.add(1 if call.value is None else call.value(row))
            except CellError as e:
                counter.fault = e.fault

    @property
    def row(self) -> Row:
        """The group's first row, the aggregates' results behind."""
        return (*self.first, tuple(_result(c) for c in self.counters))


def _result(counter: Aggregate) -> Any:
    if counter.fault is not None:
        return ErrorValue(counter.fault)
    try:
        return counter.result()
    except CellError as e:
        return ErrorValue(e.fault)


def evaluated(value: Evaluation, row: Row) -> Any:
    """A cell's value, or #Error."""
    try:
        return value(row)
    except CellError as e:
        return ErrorValue(e.fault)
