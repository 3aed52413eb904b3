"""IsError: where Access shows an error a server has NULL, so that it is asked for what makes the NULL."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from wizard.convert.comparisons import NEVER
from wizard.convert.dialect import nodes
from wizard.convert.expression_types import as_integer, as_number
from wizard.convert.functions.registry import FunctionCall, function
from wizard.convert.tree import SqlColumn, SqlNode, enclosed, spread, tsql
from wizard.convert.typed_sql import TEXTS, Condition, Typed

AREA: Final = "logic"
_SURE: Final = (exp.Literal, exp.Column, exp.Boolean, exp.Null, nodes.Bang, nodes.DateLiteral, nodes.Radix)
"""what is no error by itself"""
_CALCULATED: Final = (exp.Add, exp.Sub, exp.Mul, exp.Neg)
_DIVIDED: Final = (exp.Div, exp.IntDiv, exp.Mod)
_CONVERSIONS: Final = {
    "cbyte", "cint", "clng", "clnglng", "csng", "cdbl", "ccur", "cdec", "cdate", "cvdate", "cstr",
}  # fmt: skip
"""functions to which Null is an error too"""
_AGGREGATES: Final = {"sum", "avg", "min", "max", "count", "stdev", "stdevp", "var", "varp"}
_CHOOSING: Final = {
    "iif", "switch", "choose", "nz", "dlookup", "dfirst", "dlast", "dcount", "dsum", "davg", "dmin", "dmax",
}  # fmt: skip
"""functions that may give NULL or hide one"""


@function("IsError", (1, 1), "whether a is NULL by what would be an error", ("IsError(5)", False),
          ("IsError(1/0)", True), ('IsError(CDate("x"))', True), area=AREA, hides=False,
          note="an error in a query that is read is NULL there, told")  # fmt: skip
def is_error(call: FunctionCall) -> Condition:
    found = _faults(call, call.arguments[0])
    if found or call.arguments[0].find(exp.Column):
        call.note(3532, reason="an error is NULL on the server, also in what a query that it reads gives")
    if not found:
        return NEVER
    return Condition(enclosed("{}", spread(" OR ", found)), nullable=False)


def _faults(call: FunctionCall, node: exp.Expr) -> list[SqlNode]:
    """Conditions, none of them ever unknown, of which one holds where the expression is an error in Access.

    Raises ConversionError where that cannot be told.
    """
    node = node.unnest()
    if isinstance(node, _SURE):
        return []
    if isinstance(node, (*_CALCULATED, *_DIVIDED, exp.DPipe)):
        inner = [fault for operand in node.iter_expressions() for fault in _faults(call, operand)]
        return [*inner, *_of_text(call, node), *_by_zero(call, node)]
    name = node.name.casefold().removesuffix("$") if isinstance(node, exp.Anonymous) else ""
    if name in _CONVERSIONS:
        return [tsql("{} IS NULL", call.walker.value(node))]
    if name in _AGGREGATES and not any(_faults(call, a) for a in node.expressions if not isinstance(a, exp.Star)):
        return []
    return [_nothing_of_something(call, node)]


def _by_zero(call: FunctionCall, node: exp.Expr) -> list[SqlNode]:
    if not isinstance(node, _DIVIDED):
        return []
    whole = not isinstance(node, exp.Div)
    dividend, divisor = (call.walker.value(node.args[side]) for side in ("this", "expression"))
    divisor = as_integer(divisor) if whole else as_number(divisor)
    if isinstance(divisor.constant, int | float) and divisor.constant:
        return []
    tests = [tsql("{} IS NOT NULL", v) for v in (dividend, divisor) if v.nullable]
    return [enclosed("{}", spread(" AND ", [*tests, tsql("{} = 0", divisor)]))]


def _of_text(call: FunctionCall, node: exp.Expr) -> list[SqlNode]:
    """Text that is calculated with and is no number."""
    if isinstance(node, exp.DPipe):
        return []
    values = [call.walker.value(operand) for operand in node.iter_expressions()]
    if isinstance(node, exp.Add) and all(v.type in TEXTS for v in values):
        return []
    return [_no_number(v) for v in values if v.type in TEXTS]


def _no_number(value: Typed) -> SqlNode:
    return enclosed("{} IS NOT NULL AND {} IS NULL", value, as_number(value))


def _nothing_of_something(call: FunctionCall, node: exp.Expr) -> SqlNode:
    """NULL where nothing that it is made of is."""
    choosing = any(c.name.casefold() in _CHOOSING for c in node.find_all(exp.Anonymous))
    value = call.walker.value(node)
    facts = value.node.facts
    if choosing or facts.subquery or facts.aggregate or node.find(exp.Null):
        call.fail("whether it is an error cannot be told on a server, where it is NULL then as by itself")
    there = [tsql("{} IS NOT NULL", SqlColumn(*column)) for column in sorted(facts.columns)]
    return enclosed("{}", spread(" AND ", [tsql("{} IS NULL", value), *there]))
