"""Expressions of VBA code, made into functions of the variables' values.

They differ from those of queries: every part is computed, so that an error in any of them is one of the whole; whole
numbers of declared types overflow where Variants grow; text is compared as the module's Option Compare says; what
takes a String, a number or a date refuses Null. Written from the VBA language reference ("Operator summary",
"Comparison operators", "Data type summary", the functions' pages) and its type library, not from the translation.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.interpreter import operators
from wizard.convert.interpreter.comparison import compared, pattern_of, text_key
from wizard.convert.interpreter.errors import CellError, CellFault, UnsupportedError
from wizard.convert.interpreter.expressions import function_name
from wizard.convert.interpreter.values import EMPTY, RANGES, Byte, Empty, Integer, fitted_vba_literal, number_of
from wizard.convert.interpreter.vba_functions import called
from wizard.convert.interpreter.vba_names import CompiledCode, Names, Variables, text
from wizard.convert.vba import BARE, Compare


def compiled(node: exp.Expr, names: Names) -> CompiledCode:
    """Raises UnsupportedError for what is not run here."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise UnsupportedError(f"VBA code with {type(node).__name__} is not run here")
    return handler(node, names)


def _constant(value: Any) -> CompiledCode:
    return (lambda _: value), False


def _column(node: exp.Column, names: Names) -> CompiledCode:
    parts = [p.name.casefold() for p in node.parts]
    found = names.read(parts[-1].removesuffix("$"))
    if isinstance(found, tuple):
        return found
    if found is not None:
        return compiled(found, names)
    own = names.own(".".join(parts), [])
    if own is not None:
        return own
    if parts[-1] in BARE:
        return called(parts[-1], [], names)
    raise UnsupportedError(f"the name {node.name} is not known to VBA code here")


# --- operators -----------------------------------------------------------------------------------------------------

_WIDTH: Final[Mapping[type, int]] = {Byte: 0, Integer: 1, int: 2}


def _calculated(
    calculate: operators.Operation, exactly: Callable[[int, int], int]
) -> Callable[[Any, Names], CompiledCode]:
    """Of two whole numbers that are no Variants the result must fit into the larger of their types."""

    def prepare(node: exp.Binary, names: Names) -> CompiledCode:
        (left, one), (right, other) = compiled(node.this, names), compiled(node.expression, names)
        variant = one or other

        def value(variables: Variables) -> Any:
            a, b = left(variables), right(variables)
            if a is None or b is None:
                return None
            if isinstance(a, str) != isinstance(b, str) and not isinstance(a, datetime) and not isinstance(b, datetime):
                a, b = number_of(a), number_of(b)
            if variant:
                return calculate(a, b)
            p, q = (Integer(-v) if isinstance(v, bool) else v for v in (a, b))
            if type(p) not in _WIDTH or type(q) not in _WIDTH:
                return calculate(a, b)
            kind = max(type(p), type(q), key=lambda k: _WIDTH[k])
            return fitted(exactly(int(p), int(q)), kind)

        return value, variant

    return prepare


def fitted(number: int, kind: type) -> Any:
    """A whole number of a type. Raises CellError where it does not fit."""
    low, high = RANGES[kind]
    if not low <= number <= high:
        raise CellError(CellFault.OVERFLOW)
    return number if kind is int else kind(number)


def _binary(calculate: operators.Operation) -> Callable[[Any, Names], CompiledCode]:
    def prepare(node: exp.Binary, names: Names) -> CompiledCode:
        (left, one), (right, other) = compiled(node.this, names), compiled(node.expression, names)

        def value(variables: Variables) -> Any:
            a, b = left(variables), right(variables)
            return calculate(a, b)

        return value, one or other

    return prepare


def _negative(node: exp.Neg, names: Names) -> CompiledCode:
    inner, variant = compiled(node.this, names)

    def value(variables: Variables) -> Any:
        number = inner(variables)
        if number is None or variant:
            return operators.negative(number)
        kind = type(number_of(number))
        return fitted(-int(number_of(number)), kind) if kind in _WIDTH else operators.negative(number)

    return value, variant


def _not(node: exp.Not, names: Names) -> CompiledCode:
    inner, variant = compiled(node.this, names)
    return (lambda variables: operators.invert(inner(variables))), variant


def _join(node: exp.DPipe, names: Names) -> CompiledCode:
    (left, one), (right, other) = compiled(node.this, names), compiled(node.expression, names)

    def value(variables: Variables) -> Any:
        a, b = left(variables), right(variables)
        return None if a is None and b is None else text(a) + text(b)

    return value, one or other


def _comparison(test: Callable[[int, int], bool]) -> Callable[[Any, Names], CompiledCode]:
    def prepare(node: exp.Binary, names: Names) -> CompiledCode:
        (left, one), (right, other) = compiled(node.this, names), compiled(node.expression, names)
        compare = names.compare

        def value(variables: Variables) -> Any:
            a, b = left(variables), right(variables)
            return None if a is None or b is None else test(order(a, b, one, other, compare), 0)

        return value, one or other

    return prepare


def order(a: Any, b: Any, a_variant: bool, b_variant: bool, compare: Compare) -> int:
    """Less than 0, 0 or more as a is less than b, equal or greater. Raises CellError.

    A String and a Variant are compared as text; a Variant that holds text is more than one that holds a number; text
    and a number of a declared type are compared as numbers.
    """
    if isinstance(a, Empty | str) and isinstance(b, Empty | str):
        return texts_order(text(a), text(b), compare)
    if isinstance(a, str) is not isinstance(b, str):
        if isinstance(a, str):
            return -order(b, a, b_variant, a_variant, compare)
        if a_variant and not b_variant:
            return texts_order(text(a), b, compare)
        if a_variant and b_variant:
            return -1
        return compared(number_of(a), number_of(b))
    return compared(a, b)


def texts_order(a: str, b: str, compare: Compare) -> int:
    """Blanks at the end count, as they do not in a comparison of Access SQL."""
    if compare is Compare.BINARY:
        x, y = (t.encode("utf-16-be", "surrogatepass") for t in (a, b))
        return int(x > y) - int(x < y)
    p, q = ((text_key(t), len(t) - len(t.rstrip(" "))) for t in (a, b))
    return int(p > q) - int(p < q)


def _like(node: exp.Like, names: Names) -> CompiledCode:
    (left, one), (right, other) = compiled(node.this, names), compiled(node.expression, names)
    binary = names.compare is Compare.BINARY

    def value(variables: Variables) -> Any:
        a, b = left(variables), right(variables)
        return None if a is None or b is None else pattern_of(text(b), binary=binary)(text(a))

    return value, one or other


def _call(node: exp.Anonymous, names: Names) -> CompiledCode:
    arguments = [
        (a, _constant(EMPTY) if isinstance(a, nodes.Omitted) else compiled(a, names)) for a in node.expressions
    ]
    name = node.name.casefold()
    if not name.startswith("vba."):
        own = names.own(name, [(a, made[0]) for a, made in arguments])
        if own is not None:
            return own
    if function_name(node) == "ismissing":
        return names.is_missing(node.expressions[0].name.casefold()), False
    return called(function_name(node), [made for _, made in arguments], names, dollar=name.endswith("$"))


_HANDLERS: Final[dict[type, Callable[[Any, Names], CompiledCode]]] = {
    exp.Literal: lambda node, _: _constant(node.name if node.is_string else fitted_vba_literal(node.name)),
    exp.Boolean: lambda node, _: _constant(bool(node.this)),
    exp.Null: lambda _, __: ((lambda _: None), True),
    nodes.DateLiteral: lambda node, _: _constant(node.moment),
    exp.Column: _column,
    exp.Paren: lambda node, names: compiled(node.this, names),
    exp.Anonymous: _call,
    exp.Neg: _negative,
    exp.Not: _not,
    exp.Add: _calculated(operators.add, operator.add),
    exp.Sub: _calculated(operators.subtract, operator.sub),
    exp.Mul: _calculated(operators.multiply, operator.mul),
    exp.Div: _binary(operators.divide),
    exp.IntDiv: _binary(operators.whole_quotient),
    exp.Mod: _binary(operators.rest),
    exp.Pow: _binary(operators.power),
    exp.DPipe: _join,
    exp.EQ: _comparison(operator.eq),
    exp.NEQ: _comparison(operator.ne),
    exp.LT: _comparison(operator.lt),
    exp.LTE: _comparison(operator.le),
    exp.GT: _comparison(operator.gt),
    exp.GTE: _comparison(operator.ge),
    exp.Like: _like,
    exp.And: _binary(operators.both),
    exp.Or: _binary(operators.either),
    exp.Xor: _binary(operators.one_of),
    nodes.Eqv: _binary(operators.same),
    nodes.Imp: _binary(operators.implied),
}
