"""Access's operators over values: arithmetic with the types of its results, logic of three values, concatenation.

The types of results are those of the VBA language reference for each operator. Numbers grow where a Variant's would
(Integer to Long to Double), as Access computes in queries. Null makes Null, but where And, Or and Imp are decided.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from wizard.convert.interpreter.comparison import compared, pattern_of
from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.values import (
    DIGITS,
    RANGES,
    BigInt,
    Byte,
    Currency,
    Empty,
    Guid,
    Integer,
    Single,
    bool_of,
    currency_of,
    decimal_of,
    double_of,
    exact,
    mismatch,
    moment_of,
    number_of,
    serial_of,
    single_of,
    text_of,
    whole_of,
)

_ADDING: Final = (Byte, Integer, int, BigInt, Single, float, Currency, Decimal)
_MULTIPLYING: Final = (Byte, Integer, int, BigInt, Single, Currency, float, Decimal)
"""least to most precise"""
_ADD_RANK: Final = {kind: rank for rank, kind in enumerate(_ADDING)}
_MULTIPLY_RANK: Final = {kind: rank for rank, kind in enumerate(_MULTIPLYING)}
_WIDER: Final[dict[type, type]] = {Byte: Integer, Integer: int}
_LONGS: Final = (int, BigInt)

Operation = Callable[[Any, Any], Any]


def add(a: Any, b: Any) -> Any:
    """`+` joins two texts, moves a date by days, adds all else."""
    if a is None or b is None:
        return None
    if isinstance(a, str) and isinstance(b, str):
        return str(a) + str(b)
    if isinstance(a, datetime) or isinstance(b, datetime):
        return moment_of(double_of(a) + double_of(b))
    return _calculated(a, b, _ADD_RANK, lambda x, y: x + y)


def subtract(a: Any, b: Any) -> Any:
    """`-`: two dates give the days between them."""
    if a is None or b is None:
        return None
    if isinstance(a, datetime) and isinstance(b, datetime):
        return serial_of(a) - serial_of(b)
    if isinstance(a, datetime) or isinstance(b, datetime):
        return moment_of(double_of(a) - double_of(b))
    return _calculated(a, b, _ADD_RANK, lambda x, y: x - y)


def multiply(a: Any, b: Any) -> Any:
    """`a * b`, in Access's type for it."""
    return None if a is None or b is None else _calculated(a, b, _MULTIPLY_RANK, lambda x, y: x * y)


def _calculated(a: Any, b: Any, rank: dict[type, int], calculate: Operation) -> Any:
    """Both operands in the more precise of their types, and the result in the first type that holds it."""
    x, y = number_of(a), number_of(b)
    one, other = type(x), type(y)
    kind = one if rank[one] >= rank[other] else other
    if kind is Single and (one in _LONGS or other in _LONGS):
        kind = float
    if kind is Currency and rank is _MULTIPLY_RANK and Single in (one, other):
        kind = float
    if kind in RANGES:
        return fitted(calculate(int(x), int(y)), kind)
    if kind is float or kind is Single:
        made = calculate(float(x), float(y))
        if not math.isfinite(made):
            raise CellError(CellFault.OVERFLOW)
        return single_of(made) if kind is Single and abs(made) < 3.4e38 else made
    if kind is Currency:
        return currency_of(calculate(_exact_or_currency(x), _exact_or_currency(y)))
    return decimal_of(DIGITS.plus(calculate(exact(x), exact(y))))


def _exact_or_currency(number: Any) -> Decimal:
    """A Double beside Currency is added as it is, and the sum rounded."""
    if isinstance(number, float):
        return Decimal(repr(float(number)))
    return Decimal(number)


def fitted(number: int, kind: type) -> Any:
    """A whole number in the first type from `kind` on that holds it: Integer, Long, Double."""
    while True:
        low, high = RANGES[kind]
        if low <= number <= high:
            return number if kind is int else kind(number)
        if kind not in _WIDER:
            return float(number)
        kind = _WIDER[kind]


def divide(a: Any, b: Any) -> Any:
    """`/`: a Double; a Single of two that are no wider; a Decimal where one is.

    Raises CellError by 0 and where it does not fit.
    """
    if a is None or b is None:
        return None
    x, y = number_of(a), number_of(b)
    if not y:
        raise CellError(CellFault.DIVISION_BY_ZERO)
    kinds = {type(x), type(y)}
    if Decimal in kinds:
        return decimal_of(DIGITS.divide(exact(x), exact(y)))
    try:
        made = float(x) / float(y)
    except OverflowError:
        raise CellError(CellFault.OVERFLOW) from None
    if not math.isfinite(made):
        raise CellError(CellFault.OVERFLOW)
    return single_of(made) if Single in kinds and kinds <= {Single, Integer, Byte} else made


def _whole(calculate: Callable[[int, int], int]) -> Operation:
    """The backslash and Mod round their operands to even and cut towards zero."""

    def value(a: Any, b: Any) -> Any:
        if a is None or b is None:
            return None
        p, q = number_of(a), number_of(b)
        wide = BigInt if BigInt in (type(p), type(q)) else int
        x, y = whole_of(p, wide), whole_of(q, wide)
        if not y:
            raise CellError(CellFault.DIVISION_BY_ZERO)
        small = all(isinstance(n, Integer | Byte) for n in (p, q))
        return fitted(calculate(x, y), Integer if small else wide)

    return value


def _quotient(x: int, y: int) -> int:
    made = abs(x) // abs(y)
    return -made if (x < 0) is not (y < 0) else made


def _rest(x: int, y: int) -> int:
    made = abs(x) % abs(y)
    return -made if x < 0 else made


whole_quotient: Final = _whole(_quotient)
rest: Final = _whole(_rest)


def power(a: Any, b: Any) -> Any:
    """`a ^ b`, a Double. Raises CellError."""
    if a is None or b is None:
        return None
    x, y = double_of(a), double_of(b)
    if (x == 0 and y < 0) or (x < 0 and y != int(y)):
        raise CellError(CellFault.INVALID_CALL)
    try:
        made = x**y
    except OverflowError:
        raise CellError(CellFault.OVERFLOW) from None
    return float(made)


def negative(value: Any) -> Any:
    """`-value`, in its own type where that can hold it."""
    if value is None:
        return None
    number = number_of(value)
    kind = type(number)
    if kind in RANGES:
        return fitted(-int(number), Integer if kind is Byte else kind)
    if kind is float:
        return -number
    return Single(-number) if kind is Single else currency_of(-number) if kind is Currency else -number


def join(a: Any, b: Any) -> Any:
    """`&`: Null counts as nothing beside something."""
    return None if a is None and b is None else text_of(a) + text_of(b)


def comparison(test: Callable[[int], bool]) -> Operation:
    """The operator that tests what `compared` gives."""
    return lambda a, b: None if a is None or b is None else test(compared(a, b))


def between(value: Any, low: Any, high: Any) -> bool | None:
    """The bounds may be in either order."""
    if value is None or low is None or high is None:
        return None
    if compared(low, high) > 0:
        low, high = high, low
    return compared(value, low) >= 0 and compared(value, high) <= 0


def like(value: Any, pattern: Any, *, ansi: bool = False) -> bool | None:
    """Whether a text fits a pattern; `ansi`: one with % and _."""
    if value is None or pattern is None:
        return None
    return pattern_of(text_of(pattern), ansi)(text_of(value))


def truth(value: Any) -> bool | None:
    """A value as a condition: true where it is not 0, None where it is unknown."""
    if value is None or isinstance(value, bool):
        return value
    return bool_of(value)


def invert(value: Any) -> Any:
    """Not: of a truth value its opposite, of a number its bits."""
    if value is None:
        return None
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return not bool_of(value)
    number = number_of(value)
    return fitted(~whole_of(number), type(number) if type(number) in (Integer, int) else int)


def _bits(calculate: Callable[[int, int], int], a: Any, b: Any) -> Any:
    return fitted(calculate(_bits_of(a), _bits_of(b)), int)


def _bits_of(value: Any) -> int:
    if isinstance(value, datetime | Guid | bytes) or not isinstance(value, bool | int | float | Decimal | str | Empty):
        if isinstance(value, datetime):
            return whole_of(value)
        raise mismatch(value)
    return -int(bool_of(value)) if _is_truth_text(value) else whole_of(value)


def _is_truth_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip(" ").casefold() in ("true", "false")


def both(a: Any, b: Any) -> Any:
    """And, of truth values or of bits: 0 decides."""
    if isinstance(a, bool) and isinstance(b, bool):
        return a and b
    if a is None or b is None:
        other = b if a is None else a
        return False if other is not None and not _bits_of(other) else None
    return _bits(lambda x, y: x & y, a, b)


def either(a: Any, b: Any) -> Any:
    """Or, of truth values or of bits: True decides."""
    if isinstance(a, bool) and isinstance(b, bool):
        return a or b
    if a is None or b is None:
        other = b if a is None else a
        return True if other is not None and _bits_of(other) == -1 else None
    return _bits(lambda x, y: x | y, a, b)


def one_of(a: Any, b: Any) -> Any:
    """Xor."""
    if a is None or b is None:
        return None
    if isinstance(a, bool) and isinstance(b, bool):
        return a is not b
    return _bits(lambda x, y: x ^ y, a, b)


def same(a: Any, b: Any) -> Any:
    """Eqv."""
    if a is None or b is None:
        return None
    if isinstance(a, bool) and isinstance(b, bool):
        return a is b
    return _bits(lambda x, y: ~(x ^ y), a, b)


def implied(a: Any, b: Any) -> Any:
    """Imp: false decides on the left, true on the right."""
    if isinstance(a, bool) and isinstance(b, bool):
        return not a or b
    return either(invert(a), b)
