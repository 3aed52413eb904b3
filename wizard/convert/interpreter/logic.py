"""Access SQL's And, Or, Xor, Eqv, Imp and Not: of truth values, whatever their operands are.

Access's engine has no operations on bits but BAND, BOR, BXOR and BNOT; `5 And 2` is True there (Microsoft's article
Q194206, "Jet drivers do not support bitwise operators"). VBA's operators, which have, are those of `operators`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from wizard.convert.interpreter.operators import Operation
from wizard.convert.interpreter.text_parsing import read_number
from wizard.convert.interpreter.values import Guid, number_of, whole_of


def rounded_truth(value: Any) -> bool | None:
    """The condition of IIf, which is rounded to a whole number first: 0.5 is False there (measured of the engine)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and read_number(value) is None:
        return True  # whatever it says
    return bool(abs(number_of(value)) > _HALF)


_HALF: Final = 0.5


def place(index: Any) -> int:
    """Which of Choose's values is meant; a fraction of the index is dropped. 0 for Null."""
    return 0 if index is None else math.trunc(number_of(index))


def bitwise(calculate: Callable[[int, int], int]) -> Operation:
    """BAND, BOR, BXOR and BNOT, of whole numbers."""
    return lambda a, b: None if a is None or b is None else calculate(_bits(a), _bits(b))


def complement(value: Any) -> int | None:
    """BNOT."""
    return None if value is None else ~_bits(value)


def _bits(value: Any) -> int:
    return -int(value) if isinstance(value, bool) else whole_of(value)


def truth(value: Any) -> bool | None:
    """A value as a condition of the engine: true where it does not read as 0, as all text that is no number is.

    None where it is unknown. That was measured of the engine; CBool and VBA say type mismatch there. Raises CellError.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Guid) or (isinstance(value, str) and read_number(value) is None):
        return True
    return bool(number_of(value))


def denied(value: Any) -> bool | None:
    """Not. Like all here it raises CellError for what has no truth."""
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
