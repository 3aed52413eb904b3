"""Eval of a text that is written out, which is the expression that it holds: `Eval("[Forms]![F]![C]")`.

People write it so that DAO, which knows no forms, can open the query.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.messages import ConversionError

Tree = TypeVar("Tree", bound=exp.Expression)


def evaluated(tree: Tree, parse: Callable[[str], exp.Expression]) -> Tree:
    """The tree with such calls replaced. One that names a column stays: Eval sees none, and Access shows an error."""
    for call in list(tree.find_all(exp.Anonymous)):
        text = call.expressions[0] if len(call.expressions) == 1 else None
        if str(call.this).casefold() != "eval" or not isinstance(text, exp.Literal) or not text.is_string:
            continue
        try:
            made = parse(text.name)
        except ConversionError:
            continue  # the call is refused, with its place
        if made.find(exp.Column, exp.Subquery):
            continue
        if isinstance(made.unnest(), _TESTS):  # which Eval gives as -1 and 0
            made = exp.Mul(this=exp.Paren(this=made), expression=exp.Literal.number(1))
        for node in made.find_all(exp.Expression):
            nodes.place(node, *nodes.position(call))
        call.replace(exp.Paren(this=made))
    return tree


_TESTS: Final = (exp.Predicate, exp.Connector, exp.Not)
