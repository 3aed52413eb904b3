"""IIf, Choose or Switch in an argument that must be known: the choice is made among calls.

`Format(x, IIf(c, "0.00", "0") & "%")` is `IIf(c, Format(x, "0.00" & "%"), Format(x, "0" & "%"))`.
"""

from __future__ import annotations

from typing import Final, TypeGuard

from sqlglot import exp

from wizard.convert.dialect import nodes

_MOST: Final = 3
"""choices within one argument: each at least doubles the calls"""


def distributed(call: exp.Anonymous, number: int) -> exp.Anonymous | None:
    """The choice of which an argument is made, with the call in each of its branches; None where there is none."""
    argument = call.expressions[number]
    found = _choices(argument)
    if not 1 <= len(found) <= _MOST:
        return None
    choice = found[0]

    def within(branch: exp.Expr) -> exp.Expr:
        arguments = [_put(a, choice, branch) if i == number else a.copy() for i, a in enumerate(call.expressions)]
        return nodes.place(exp.Anonymous(this=call.this, expressions=arguments), *nodes.position(call))

    parts = choice.expressions
    branches = _branches(choice)
    made = [within(p) if i in branches else p.copy() for i, p in enumerate(parts)]
    return nodes.place(exp.Anonymous(this=choice.this, expressions=made), *nodes.position(choice))


def _branches(choice: exp.Anonymous) -> range:
    """Which arguments are the values chosen from."""
    switch = str(choice.this).casefold() == "switch"
    return range(1, len(choice.expressions), 2 if switch else 1)


def _choices(node: exp.Expr) -> list[exp.Anonymous]:
    """The choices that a text is put together from."""
    if isinstance(node, exp.Paren):
        return _choices(node.this)
    if isinstance(node, exp.DPipe | exp.Add):
        return [*_choices(node.this), *_choices(node.expression)]
    return [node] if is_choice(node) else []


def is_choice(node: exp.Expr) -> TypeGuard[exp.Anonymous]:
    """Whether it is a function that gives one of its arguments."""
    return isinstance(node, exp.Anonymous) and str(node.this).casefold() in ("iif", "switch", "choose")


def _put(node: exp.Expr, choice: exp.Expr, branch: exp.Expr) -> exp.Expr:
    """A copy with the branch in place of the choice."""
    if node is choice:
        return exp.Paren(this=branch.copy())
    if isinstance(node, exp.Paren):
        return exp.Paren(this=_put(node.this, choice, branch))
    if isinstance(node, exp.DPipe | exp.Add):
        parts = (_put(p, choice, branch) for p in (node.this, node.expression))
        return type(node)(this=next(parts), expression=next(parts))
    return node.copy()
