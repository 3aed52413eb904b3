"""IIf, Choose or Switch as an argument that must be a constant: the call is made once for each choice.

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
    choice = _first(call, number)
    if choice is None:
        return None
    branches = _branches(choice)
    made = [chosen(call, number, choice, p) if i in branches else p.copy() for i, p in enumerate(choice.expressions)]
    return nodes.place(exp.Anonymous(this=choice.this, expressions=made), *nodes.position(choice))


def unchosen(call: exp.Anonymous, number: int) -> exp.Anonymous | None:
    """The call where the first choice within an argument chooses nothing; None where it always chooses."""
    choice = _first(call, number)
    return None if choice is None or _always(choice) else chosen(call, number, choice, exp.Null())


def completed(choice: exp.Anonymous, otherwise: exp.Expr) -> exp.Anonymous:
    """A choice that may choose nothing, with a value for then."""
    name, parts = str(choice.this), [p.copy() for p in choice.expressions]
    if name.casefold() == "choose":
        whether = exp.Anonymous(this=name, expressions=[parts[0].copy(), *(exp.Literal.number(1) for _ in parts[1:])])
        none = exp.Is(this=nodes.place(whether, *nodes.position(choice)), expression=exp.Null())
        made = exp.Anonymous(this="IIf", expressions=[none, otherwise, choice.copy()])
    else:
        more = [exp.Boolean(this=True), otherwise] if name.casefold() == "switch" else [otherwise]
        made = exp.Anonymous(this=name, expressions=[*parts, *more])
    return nodes.place(made, *nodes.position(choice))


def chosen(call: exp.Anonymous, number: int, choice: exp.Expr, branch: exp.Expr) -> exp.Anonymous:
    """The call with one of its values in place of a choice within an argument."""
    arguments = [_put(a, choice, branch) if i == number else a.copy() for i, a in enumerate(call.expressions)]
    return nodes.place(exp.Anonymous(this=call.this, expressions=arguments), *nodes.position(call))


def _first(call: exp.Anonymous, number: int) -> exp.Anonymous | None:
    found = _choices(call.expressions[number])
    return found[0] if 1 <= len(found) <= _MOST else None


def _always(choice: exp.Anonymous) -> bool:
    """Whether one of the values is chosen in any case."""
    parts = choice.expressions
    if str(choice.this).casefold() == "iif":
        return len(parts) > 2
    return str(choice.this).casefold() == "switch" and len(parts) > 1 and parts[-2] == exp.Boolean(this=True)


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
