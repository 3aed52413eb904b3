"""The texts that an argument is joined of, by & or by +."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.functions.registry import FunctionCall
from wizard.convert.literals import read_number
from wizard.convert.tree import Variable
from wizard.convert.typed_sql import DATES, NUMBERS, TEXTS
from wizard.definitions import ColumnType


def operands(call: FunctionCall, node: exp.Expr) -> Iterator[str | exp.Expr]:
    """What `&` joins, or `+` between texts, from left to right; what is known already as its text."""
    node = nodes.bare(node)
    if isinstance(node, exp.DPipe) or (isinstance(node, exp.Add) and joins_texts(call, node)):
        yield from operands(call, node.this)
        yield from operands(call, node.expression)
        return
    if isinstance(node, exp.Literal):
        yield node.name
        return
    known = call.walker.value(node).constant if isinstance(node, exp.Anonymous | exp.Null) else None
    if isinstance(known, str) or (isinstance(known, int) and not isinstance(known, bool)):
        yield str(known)
    elif isinstance(node, exp.Null):
        yield ""
    else:
        yield node


def joins_texts(call: FunctionCall, node: exp.Expr) -> bool:
    """Whether a + joins: one of its operands is certainly a text."""
    node = nodes.bare(node)
    if isinstance(node, exp.Literal):
        return bool(node.is_string)
    if isinstance(node, exp.DPipe):
        return True
    if isinstance(node, exp.Add):
        return joins_texts(call, node.this) or joins_texts(call, node.expression)
    return isinstance(node, exp.Anonymous) and call.walker.value(node).type in TEXTS


def joined_by_plus(call: FunctionCall, node: exp.Expr) -> Iterator[exp.Add]:
    """The texts joined by + of which one may be NULL."""
    node = nodes.bare(node)
    if isinstance(node, exp.Add) and joins_texts(call, node):
        if mismatched(call, node):
            call.fail("+ joins a text to a number or a date, where Access shows an error: join them by &")
        if any(may_be_null(call, o) for o in added(node)):
            yield node
    elif isinstance(node, exp.DPipe | exp.Add):
        yield from joined_by_plus(call, node.this)
        yield from joined_by_plus(call, node.expression)


def added(node: exp.Expr) -> list[exp.Expr]:
    """What + joins, from left to right."""
    node = nodes.bare(node)
    return [*added(node.this), *added(node.expression)] if isinstance(node, exp.Add) else [node]


def may_be_null(call: FunctionCall, node: exp.Expr) -> bool:
    """Whether NULL stands there, or a text or a parameter that may be NULL; to CStr NULL is an error."""
    if isinstance(node, exp.Null):
        return True
    if not isinstance(node, exp.Column | exp.Anonymous | nodes.Bang):
        return False
    if isinstance(node, exp.Anonymous) and node.name.casefold().removesuffix("$") == "cstr":
        return False
    value = call.walker.value(node)
    return value.nullable and (value.type in TEXTS or isinstance(value.node, Variable))


def mismatched(call: FunctionCall, node: exp.Expr) -> bool:
    """Whether + meets a text that is no number and a number, a date or a truth value: to Access a type mismatch."""
    parts = [call.walker.value(o) for o in added(node)]
    worded = any(isinstance(p.constant, str) and read_number(p.constant) is None for p in parts)
    return worded and any(p.type in _APART and not isinstance(p.node, Variable) for p in parts)


_APART: Final = NUMBERS | DATES | {ColumnType.BOOLEAN}
