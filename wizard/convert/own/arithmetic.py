"""VBA's arithmetic as T-SQL: with the types of its results, and with its overflows.

Of two whole numbers the result has the larger of their types. Where that is too small, a Variant grows (Integer to
Long to Double) and all else is error 6, says "Data type summary" and "Operator summary" of the VBA language reference.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from sqlglot import exp

from wizard.convert import operators
from wizard.convert.expression_types import as_date, serial
from wizard.convert.literals import NULL, integer
from wizard.convert.own.values import (
    MOST_MONEY,
    RANGES,
    FailIf,
    Value,
    missing,
    number_of,
    plain,
    whole_of,
)
from wizard.convert.tree import Number, SqlNode, enclosed, null_if, tsql
from wizard.convert.typed_sql import DATES, INTEGERS, Typed, Walker
from wizard.convert.vba import UnsupportedVbaError
from wizard.definitions import ColumnType

_WIDTH: Final = (ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG)
NOTHING: Final = Value(NULL, variant=True)


def calculated(sign: str, left: Value, right: Value, fail_if: FailIf) -> Value:
    """`+`, `-` and `*`. Raises RefusedError."""
    if left.typed.is_null or right.typed.is_null:
        return NOTHING
    a, b = plain(left), plain(right)
    families = {a.family, b.family}
    if sign == "+" and families == {"text"}:
        return Value(operators.add(a.typed, b.typed), a.variant or b.variant)
    if "text" in families:
        raise UnsupportedVbaError("it calculates with text")
    if "dates" in families:
        return _dates(sign, a, b, fail_if)
    p, q = number_of(a, fail_if), number_of(b, fail_if)
    variant = a.variant or b.variant
    if p.type in INTEGERS and q.type in INTEGERS:
        return _whole(sign, p, q, fail_if, variant=variant)
    if sign == "*" and {p.type, q.type} == {ColumnType.CURRENCY}:
        fail_if(tsql("CONVERT(float, {}) * {} NOT BETWEEN {} AND {}", p, q, *MOST_MONEY))
    operator = {"+": operators.add, "-": operators.subtract, "*": operators.multiply}[sign]
    return Value(operator(p.typed, q.typed), variant)


def _whole(sign: str, a: Value, b: Value, fail_if: FailIf, *, variant: bool) -> Value:
    kind = max(a.type, b.type, key=_WIDTH.index)
    (low, high), nullable = _reach(sign, a, b), a.nullable or b.nullable
    least, most = RANGES[kind]
    fits = least <= low and high <= most
    if not fits and variant:
        kind = ColumnType.LONG
        least, most = RANGES[kind]
        if not (least <= low and high <= most):
            made = enclosed("CONVERT(float, {}) {} {}", a, sign, b)
            return Value(Typed(made, ColumnType.DOUBLE, nullable), variant=True)
    elif not fits:
        if low > most or high < least:
            raise UnsupportedVbaError("it always overflows")
        fail_if(tsql("CONVERT(bigint, {}) {} {} NOT BETWEEN {} AND {}", a, sign, b, least, most))
    if low == high:
        return Value(replace(integer(low), type=kind), variant)
    return Value(Typed(enclosed("{} {} {}", a, sign, b), kind, nullable), variant, max(low, least), min(high, most))


def _reach(sign: str, a: Value, b: Value) -> tuple[int, int]:
    (p, q), (r, s) = a.bounds, b.bounds
    if sign == "+":
        return p + r, q + s
    if sign == "-":
        return p - s, q - r
    products = (p * r, p * s, q * r, q * s)
    return min(products), max(products)


_DAYS: Final = "DATEDIFF(day, '18991230', {})"


def _dates(sign: str, a: Value, b: Value, fail_if: FailIf) -> Value:
    """A date moves by days; two dates give the days between them."""
    variant = a.variant or b.variant
    if sign == "-" and a.type in DATES and b.type in DATES:
        return Value(operators.subtract(a.typed, b.typed), variant)
    if sign == "*" or (a.type in DATES) is (b.type in DATES) or (sign == "-" and b.type in DATES):
        raise UnsupportedVbaError("it calculates with dates as with numbers")
    day, days = (a, b) if a.type in DATES else (b, a)
    number = number_of(days, fail_if)
    if number.type is ColumnType.CURRENCY:
        raise UnsupportedVbaError("it moves a date by an amount of Currency")
    if number.type not in INTEGERS:  # before 1899-12-30 the time of day counts away from it
        total = enclosed("{} {} {}", serial(day.typed), sign, number)
        fail_if(tsql("{} NOT BETWEEN -657434.99999 AND 2958465.99999", total))
        return Value(as_date(Typed(total, ColumnType.DOUBLE, day.nullable or number.nullable)), variant)
    fail_if(tsql("{} {} {} NOT BETWEEN -657434 AND 2958465", tsql(_DAYS, day), sign, _big(number)))
    made = operators.add(day.typed, number.typed) if sign == "+" else operators.subtract(day.typed, number.typed)
    return Value(made, variant)


def _big(number: Value) -> SqlNode:
    """A number that may be added to days without overflow."""
    low, high = number.bounds
    if number.type not in INTEGERS or (low > -(2**30) and high < 2**30):
        return number.node
    return tsql("CONVERT(bigint, {})", number)


def negative(value: Value, fail_if: FailIf) -> Value:
    """A minus before a value. Raises RefusedError."""
    if value.typed.is_null:
        return NOTHING
    if plain(value).family != "numbers":
        raise UnsupportedVbaError("it calculates with text or a date")
    number = number_of(value, fail_if)
    if number.type in INTEGERS and not isinstance(number.typed.constant, int):
        zero = Value(replace(integer(0), type=ColumnType.INTEGER))
        return _whole("-", zero, number, fail_if, variant=value.variant)
    return Value(operators.negate(number.typed), value.variant)


def _numbers(left: Value, right: Value, fail_if: FailIf) -> tuple[Value, Value]:
    for value in (left, right):
        if plain(value).family not in ("numbers", ""):
            raise UnsupportedVbaError("it divides text or dates")
    return number_of(left, fail_if), number_of(right, fail_if)


def divided(left: Value, right: Value, fail_if: FailIf) -> Value:
    """`/` gives a Double; 0 as divisor is error 11."""
    if left.typed.is_null or right.typed.is_null:
        return NOTHING
    a, b = _numbers(left, right, fail_if)
    _no_zero(b, fail_if)
    first = a.node if a.type is ColumnType.DOUBLE else tsql("CONVERT(float, {})", a)
    made = enclosed("{} / {}", first, b)
    return Value(Typed(made, ColumnType.DOUBLE, a.nullable or b.nullable), left.variant or right.variant)


def _no_zero(divisor: Value, fail_if: FailIf) -> None:
    known = divisor.typed.constant
    if isinstance(known, int | float):
        if not known:
            raise UnsupportedVbaError("it divides by 0")
    else:
        fail_if(tsql("{} = 0", divisor))


def divided_whole(sign: str, left: Value, right: Value, fail_if: FailIf) -> Value:
    r"""`\` and Mod round their operands and cut the result towards zero, as T-SQL's operators do."""
    if left.typed.is_null or right.typed.is_null:
        return NOTHING
    given = _numbers(left, right, fail_if)
    a, b = (whole_of(v, v.type if v.type in _WIDTH else ColumnType.LONG, fail_if) for v in given)
    _no_zero(b, fail_if)
    (low, high), (least, most) = a.bounds, b.bounds
    reach = max(abs(low), abs(high))
    if sign == "%":
        reach = min(reach, max(abs(least), abs(most)) - 1)
    if reach > RANGES[ColumnType.LONG][1]:
        fail_if(tsql("{} = {} AND {} = -1", a, RANGES[ColumnType.LONG][0], b))
        reach = RANGES[ColumnType.LONG][1]
    kind = max(a.type, b.type, key=_WIDTH.index)
    made = Typed(enclosed("{} {} {}", a, sign, b), kind, a.nullable or b.nullable)
    signed = low < 0 or (sign == "/" and least < 0)
    return Value(made, left.variant or right.variant, -reach if signed else 0, reach)


def raised(left: Value, right: Value, fail_if: FailIf, walker: Walker, node: exp.Expr) -> Value:
    """`^` gives a Double; what has no power is error 5."""
    if left.typed.is_null or right.typed.is_null:
        return NOTHING
    a, b = _numbers(left, right, fail_if)
    if (overflow := _too_large(a, b)) is not None:
        fail_if(overflow)
    made = operators.power(a.typed, b.typed, walker, node)
    if made.nullable and not (isinstance(a.typed.constant, int | float) and a.typed.constant > 0):
        fail_if(missing((a.typed, b.typed), made))
    return Value(replace(made, nullable=a.nullable or b.nullable), left.variant or right.variant)


_DIGITS: Final = 308.2547155599167
"""the decimal logarithm of the largest Double"""


def _too_large(base: Value, exponent: Value) -> SqlNode | None:
    """The condition under which a power is larger than any Double; None where it never is."""
    known, power = base.typed.constant, exponent.typed.constant
    if isinstance(known, int | float):
        if isinstance(power, int | float) or abs(known) <= 1:
            return None  # the server says so when the function is made, if ever
        return tsql("{} > {}", exponent, Number(_DIGITS / math.log10(abs(known))))
    if isinstance(power, int | float) and abs(power) <= 1:
        return None
    return tsql("{} * LOG10({}) > {}", exponent, null_if(tsql("ABS(CONVERT(float, {}))", base), 0), Number(_DIGITS))
