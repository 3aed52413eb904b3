"""Crosstabs: TRANSFORM … PIVOT, with a column for each heading that the query lists, or that its rows have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.interpreter.comparison import equal_key, sort_key
from wizard.convert.interpreter.errors import BoundsError, QueryError
from wizard.convert.interpreter.expressions import Row, prepared
from wizard.convert.interpreter.logic import truth
from wizard.convert.interpreter.query_run import QueryRun
from wizard.convert.interpreter.row_groups import RowGroup, evaluated
from wizard.convert.interpreter.selects import CompiledSelect
from wizard.convert.interpreter.values import EMPTY, text_of
from wizard.definitions import ColumnType

MOST_HEADINGS: Final = 254
"""Access's queries have at most 255 columns"""
NULL_HEADING: Final = "<>"
"""what Access calls the column of rows without a heading"""


class Crosstab:
    """`query` groups; `values` says of each group and heading what the cell holds."""

    def __init__(self, run: QueryRun, node: nodes.Transform, select: CompiledSelect) -> None:
        """`select` is the compiled query of `node`. Raises QueryError where it does not group."""
        self.run = run
        value = node.this.unalias() if isinstance(node.this, exp.Alias) else node.this
        self.select = select
        if not self.select.aggregated:
            raise QueryError("a crosstab groups its rows")
        own = len(self.select.calls)
        self.cell = prepared(value, self.select.scope)
        self.cell_calls = self.select.calls[own:]
        self.select.calls = self.select.calls[:own]
        self.shift = own
        self.select.scope.aggregate = lambda _: None
        self.pivot = prepared(node.args["pivot"], self.select.scope)
        self.fixed = [prepared(n, self.select.scope)(()) for n in node.args.get("headings") or ()]
        self.outer = self.select.outer
        self.names = list(self.select.names)
        self.kinds = list(self.select.kinds)
        self.sorted = bool(self.select.order)
        self._made: list[Row] | None = None
        self._name()

    def _name(self) -> None:
        """A crosstab's columns are known when its rows are, unless it lists them."""
        if self.fixed:
            self.headings: list[Any] = list({heading_key(v): v for v in self.fixed}.values())
        else:
            self._made = self._rows(found=True)
        self.names += [shown_heading(v) for v in self.headings]
        self.kinds += [ColumnType.UNKNOWN] * len(self.headings)

    def rows(self) -> list[Row]:
        """A row a group, its cells behind."""
        if self._made is None:
            self._made = self._rows(found=False)
        return self._made

    def _rows(self, *, found: bool) -> list[Row]:
        select, meter = self.select, self.run.meter
        groups: dict[Row, RowGroup] = {}
        cells: dict[tuple[Row, Any], RowGroup] = {}
        seen: dict[Any, Any] = {}
        for row in select.source_rows():
            values = tuple(group(row) for group in select.group)
            key = tuple(map(equal_key, values))
            heading = self.pivot(row)
            head = heading_key(heading)
            seen.setdefault(head, heading)
            if found and len(seen) > MOST_HEADINGS:
                raise BoundsError("headings of a crosstab", MOST_HEADINGS)
            if key not in groups:
                meter.keep(values)
                groups[key] = RowGroup(row, values, select.calls)
            groups[key].add(row)
            if (key, head) not in cells:
                cells[key, head] = RowGroup(row, values, self.cell_calls)
            cells[key, head].add(row)
        if found:
            self.headings = sorted((_heading(v) for v in seen.values()), key=sort_key)
        order = sorted(groups, key=lambda k: tuple(map(sort_key, groups[k].values)))
        made = []
        for key in order:
            group = groups[key]
            if all(truth(test(group.row)) is True for test in select.having):
                made.append((group.row, select.made(group.row) + self._cells(key, group, cells)))
        return select.in_order(made)

    def _cells(self, key: Row, group: RowGroup, cells: dict[tuple[Row, Any], RowGroup]) -> Row:
        return tuple(self._cell(group, cells.get((key, heading_key(h)))) for h in self.headings)

    def _cell(self, group: RowGroup, cell: RowGroup | None) -> Any:
        """Of a heading without rows every aggregate is Null, Count too."""
        own: Sequence[Any] = (None,) * len(self.cell_calls) if cell is None else cell.row[-1]
        whole = (*group.first, (*(None,) * self.shift, *own))
        return evaluated(self.cell, whole)


def _heading(value: Any) -> Any:
    return None if value == "" or value is EMPTY else value


def heading_key(value: Any) -> Any:
    """The same for values of one heading: text in whatever case, empty text and Null, numbers and their text."""
    if value is None or value == "" or value is EMPTY or value == NULL_HEADING:
        return None
    key = equal_key(value)
    return key if isinstance(key, str) else equal_key(text_of(value))


def shown_heading(value: Any) -> str:
    """The name of a heading's column."""
    return NULL_HEADING if value is None else text_of(value).replace(".", "_")
