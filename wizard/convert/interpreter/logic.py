"""Access SQL's And, Or, Xor, Eqv, Imp and Not: of truth values, whatever their operands are.

Access's engine has no operations on bits but BAND and its kin; `5 And 2` is True there (Microsoft's article Q194206,
"Jet drivers do not support bitwise operators"). VBA's operators, which have, are those of `operators`.
"""

from __future__ import annotations

from typing import Any

from wizard.convert.interpreter.operators import truth


def denied(value: Any) -> bool | None:
    """Not. Like all here it raises CellError for what has no truth, such as text that is no number."""
    known = truth(value)
    return None if known is None else not known


def both(a: Any, b: Any) -> bool | None:
    """And: False decides."""
    p, q = truth(a), truth(b)
    if p is False or q is False:
        return False
    return None if p is None or q is None else True


def either(a: Any, b: Any) -> bool | None:
    """Or: True decides."""
    p, q = truth(a), truth(b)
    if p or q:
        return True
    return None if p is None or q is None else False


def one_of(a: Any, b: Any) -> bool | None:
    """Xor."""
    p, q = truth(a), truth(b)
    return None if p is None or q is None else p is not q


def same(a: Any, b: Any) -> bool | None:
    """Eqv."""
    p, q = truth(a), truth(b)
    return None if p is None or q is None else p is q


def implied(a: Any, b: Any) -> bool | None:
    """Imp: False decides on the left, True on the right."""
    return either(denied(a), b)
