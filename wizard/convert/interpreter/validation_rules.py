"""Validation rules of columns and tables, evaluated for rows with Access's own values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlglot import exp

from wizard.convert.dialect import nodes, parse_expression, parse_rule
from wizard.convert.interpreter.errors import CellError, QueryError, UnsupportedError
from wizard.convert.interpreter.expressions import Evaluation, ExpressionNames, Row, prepared
from wizard.convert.interpreter.logic import truth
from wizard.convert.interpreter.table_rows import maker
from wizard.definitions import Column


@dataclass(frozen=True, slots=True)
class Rule:
    """`columns` are the names, as the table has them, of those the rule looks at; `test` takes their values.

    It takes them in that order, as the reader gives them, and says whether they obey: True, False, or None where the
    rule is Null, which Access lets pass. A row for which the rule is an error does not obey.
    """

    columns: tuple[str, ...]
    test: Callable[[Sequence[Any]], bool | None]


def judge(text: str, columns: Mapping[str, Column], column: str = "", *, now: datetime) -> Rule:
    """The rule of a column, or of a table where `column` is empty.

    `columns` are the table's, by case-folded name; `now` is what Date() and Now() give.
    Raises ConversionError where the text cannot be parsed, InterpreterError where it cannot be evaluated here.
    """
    tree = parse_rule(text, column) if column else parse_expression(text)
    names = _Columns(columns, now)
    value = prepared(tree, names)
    found = [columns[n] for n in names.wanted]
    makers = [maker(c) for c in found]

    def test(values: Sequence[Any]) -> bool | None:
        row = tuple(m(v) if m and v is not None else v for m, v in zip(makers, values, strict=True))
        try:
            return truth(value(row))
        except (CellError, ArithmeticError):
            return False

    return Rule(tuple(c.name for c in found), test)


class _Columns(ExpressionNames):
    """The columns of one table, each at the place in which it was first named."""

    def __init__(self, columns: Mapping[str, Column], now: datetime) -> None:
        self.known, self.now = columns, now
        self.wanted: list[str] = []

    def column(self, node: exp.Column) -> Evaluation:
        name = node.name.casefold()
        if name not in self.known:
            raise QueryError(f"there is no column {node.name}")
        if name not in self.wanted:
            self.wanted.append(name)
        place = self.wanted.index(name)
        return lambda row: row[place]

    def outside(self, node: nodes.Bang) -> Evaluation:
        raise UnsupportedError(f"{node.prompt} lies outside the table")

    def rows(self, query: exp.Expr) -> Callable[[Row], Sequence[Row]]:
        raise UnsupportedError(f"a rule with a sub-query ({query.key})")

    def call(self, node: exp.Anonymous) -> Evaluation | None:  # noqa: ARG002
        return None

    def used(self, what: str) -> None:
        """A rule may ask the clock: it is judged at `now`."""
