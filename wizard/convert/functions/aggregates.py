"""Aggregates. NULL is left out by both; whole numbers are widened where T-SQL would overflow or cut the average."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from wizard.convert.expression_types import as_number
from wizard.convert.functions.registry import FunctionCall, Handler, function, null_as
from wizard.convert.tree import aggregate, case, faults, guarded, null_if, spread, tsql, with_reasons
from wizard.convert.typed_sql import FLOATS, INTEGERS, TEXTS, Condition, Typed
from wizard.definitions import ColumnType

AREA: Final = "aggregates"
_D: Final = ColumnType.DOUBLE


def _sum(call: FunctionCall) -> Typed:
    number = call.number(0)
    if number.type in INTEGERS:
        return Typed(
            aggregate("SUM(CONVERT(bigint, {}))", number), ColumnType.BIGINT, grown=number.type is not ColumnType.BIGINT
        )
    if number.type is ColumnType.SINGLE:
        return Typed(aggregate("SUM(CONVERT(float, {}))", number), _D)
    return Typed(aggregate("SUM({})", number), number.type)


def _avg(call: FunctionCall) -> Typed:
    number = call.number(0)
    if number.type in INTEGERS or number.type in FLOATS:
        return Typed(aggregate("AVG(CONVERT(float, {}))", number), _D)
    if number.type is ColumnType.CURRENCY:  # of money T-SQL cuts the fifth decimal, where Access rounds
        return Typed(tsql("CONVERT(money, {})", aggregate("AVG(CONVERT(decimal(38, 10), {}))", number)), number.type)
    return Typed(aggregate("AVG({})", number), number.type)


def _count(call: FunctionCall) -> Typed:
    if isinstance(call.arguments[0], exp.Star):
        return Typed(aggregate("COUNT(*)"), ColumnType.LONG, nullable=False)
    return Typed(aggregate("COUNT({})", null_as(call.any(0), "int", ColumnType.LONG)), ColumnType.LONG, nullable=False)


def extreme(name: str, value: Typed) -> Typed:
    """MIN or MAX, which T-SQL does not have of bits and GUIDs; True is less than False in Access."""
    value = null_as(value, "int", ColumnType.LONG)
    if value.type is ColumnType.BOOLEAN:
        value = as_number(value)
    if value.type is ColumnType.GUID:
        sql = tsql("CONVERT(uniqueidentifier, {})", aggregate("{}(CONVERT(char(36), {}))", name, value))
        return Typed(sql, value.type)
    return Typed(aggregate("{}({})", name, value), value.type, nullable=True, length=value.length)


def _extreme(name: str) -> Handler:
    """Min and Max, to which an empty text is no value (measured of Access's engine)."""

    def handler(call: FunctionCall) -> Typed:
        value = call.any(0)
        if value.shown is not None:
            call.note(3532, reason=NUMBERED)
        if value.type not in TEXTS:
            return extreme(name, value)
        if name == "MIN":
            call.note(3532, reason=_EMPTY)
        return extreme(name, replace(value, node=null_if(value, "N''"), nullable=True))

    return handler


NUMBERED: Final = "a number among dates becomes the moment of that number, and is shown as one"
_EMPTY: Final = (
    "empty text counts as no value; where some stands before others Access gives the least of those behind it alone"
)


def _edge(name: str) -> Handler:
    """First and Last: the value of the row that is numbered 1 where the source has an order.

    Else they take whatever row the engine meets first or last: a message says so where that may matter.
    """

    def handler(call: FunctionCall) -> Typed:
        edge = call.walker.scope.edge(call.arguments[0], last=name == "MAX")
        row = edge.number
        value = call.any(0)
        if row:
            value = replace(value, node=case((tsql("{} = 1", row), value)), constant=None)
        elif not edge.any:
            call.note(3521, other=name)
        made = extreme("MAX" if row else name, value)
        made = replace(made, node=with_reasons(made.node, value.node))
        bit = value.type is ColumnType.BOOLEAN  # which it stays, unlike a least or greatest one
        return replace(made, node=tsql("CONVERT(bit, {})", made), type=value.type) if bit else made

    return handler


def _spread(name: str) -> Handler:
    return lambda call: Typed(aggregate("{}(CONVERT(float, {}))", name, call.number(0)), _D)


def _of_errors(handler: Handler) -> Handler:
    """An aggregate over rows of which one is an error: an error too, where T-SQL leaves its NULL out."""

    def handle(call: FunctionCall) -> Typed | Condition:
        made = handler(call)
        if isinstance(call.arguments[0], exp.Star) or isinstance(made, Condition):
            return made
        value = call.any(0).node
        if not (found := faults(value)):
            return made
        one = aggregate("MAX({})", case((spread(" OR ", found), 1), otherwise=0))
        return replace(made, node=with_reasons(guarded(made.node, (tsql("{} = 1", one),)), value), nullable=True)

    return handle


_ORDERED: Final = (
    "exact where the one source is a query with ORDER BY, or where rows of a group must agree; else told: a table on a"
    " server has no {} row"
)
for _name, _becomes, _handler, _note in (
    ("Sum", "SUM(a)", _of_errors(_sum), "whole numbers as bigint"),
    ("Avg", "AVG(a)", _of_errors(_avg), "whole numbers as float"),
    ("Count", "COUNT(a)", _of_errors(_count), ""),
    ("Min", "MIN(a)", _of_errors(_extreme("MIN")), ""),
    ("Max", "MAX(a)", _of_errors(_extreme("MAX")), ""),
    ("First", "MIN(a), or a of the row with ROW_NUMBER 1", _edge("MIN"), _ORDERED.format("first")),
    ("Last", "MAX(a), or a of the row with ROW_NUMBER 1", _edge("MAX"), _ORDERED.format("last")),
    ("StDev", "STDEV(a)", _of_errors(_spread("STDEV")), ""),
    ("StDevP", "STDEVP(a)", _of_errors(_spread("STDEVP")), ""),
    ("Var", "VAR(a)", _of_errors(_spread("VAR")), ""),
    ("VarP", "VARP(a)", _of_errors(_spread("VARP")), ""),
):
    function(_name, (1, 1), _becomes, area=AREA, note=_note, aggregate=True)(_handler)
