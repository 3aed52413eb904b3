"""Access's arithmetic and concatenation, with the types of their results.

Result types are those of the VBA language reference for each operator; where T-SQL's own arithmetic would overflow,
divide whole numbers or lose digits, operands are converted first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from wizard.convert.date_arithmetic import moved_by_days
from wizard.convert.expression_types import as_currency, as_integer, as_number, as_text
from wizard.convert.literals import NULL, double, integer, text
from wizard.convert.tree import (
    Failing,
    SqlNode,
    called,
    case,
    coalesced,
    enclosed,
    failing,
    guarded,
    null_if,
    only_where,
    tsql,
)
from wizard.convert.typed_sql import DATES, FLOATS, INTEGERS, SHORT_INTEGERS, TEXTS, ExpressionUse, Typed, Walker
from wizard.definitions import ColumnType

_ADDING: Final = (
    ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG, ColumnType.BIGINT, ColumnType.SINGLE, ColumnType.DOUBLE,
    ColumnType.CURRENCY, ColumnType.DECIMAL,
)  # fmt: skip
"""least to most precise for + and -"""
_MULTIPLYING: Final = (
    ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG, ColumnType.BIGINT, ColumnType.SINGLE, ColumnType.CURRENCY,
    ColumnType.DOUBLE, ColumnType.DECIMAL,
)  # fmt: skip
_TEXT_DEFAULT: Final = 255
_NVARCHAR: Final = 4000
_MOST_JOINED: Final = 100
"""arguments of one CONCAT: it takes 2 to 254, says its page in the Transact-SQL reference, other servers take 100"""


def add(left: Typed, right: Typed) -> Typed:
    """`+`: text to text joins and keeps NULL; a date moves by days; all else adds."""
    if _void(left, right):
        return NULL
    if (left.type in TEXTS and right.type in TEXTS | {ColumnType.UNKNOWN}) or (right.type in TEXTS and _unknown(left)):
        nullable = left.nullable or right.nullable
        if isinstance(left.constant, str) and isinstance(right.constant, str):
            return text(left.constant + right.constant)
        kind = ColumnType.MEMO if ColumnType.MEMO in (left.type, right.type) else ColumnType.TEXT
        return Typed(enclosed("{} + {}", left, right), kind, nullable, left.length + right.length)
    if left.type in DATES:
        return moved_by_days(left, right)
    if right.type in DATES:
        return moved_by_days(right, left)
    return _calculated("+", left, right, _ADDING)


def subtract(left: Typed, right: Typed) -> Typed:
    """`-`: two dates give the days between them, with their fraction."""
    if _void(left, right):
        return NULL
    if left.type in DATES and right.type in DATES:
        sql = enclosed("DATEDIFF_BIG(millisecond, {}, {}) / 86400000.0E0", right, left)
        return Typed(sql, ColumnType.DOUBLE, left.nullable or right.nullable)
    if left.type in DATES:
        return moved_by_days(left, right, -1)
    return _calculated("-", left, right, _ADDING)


def multiply(left: Typed, right: Typed) -> Typed:
    """`left * right`, in Access's type for it."""
    if _void(left, right):
        return NULL
    return _calculated("*", left, right, _MULTIPLYING)


def _void(*operands: Typed) -> bool:
    """Whether one is a NULL that is written out, which has no type that T-SQL could calculate with."""
    return any(o.is_null for o in operands)


def _unknown(value: Typed) -> bool:
    return value.type is ColumnType.UNKNOWN


def _calculated(sign: str, left: Typed, right: Typed, order: tuple[ColumnType, ...]) -> Typed:
    a, b = as_number(left), as_number(right)
    nullable = a.nullable or b.nullable
    kinds = {a.type, b.type} - {ColumnType.UNKNOWN}
    kind = max(kinds, key=order.index, default=ColumnType.UNKNOWN)
    if kind is ColumnType.SINGLE and kinds & {ColumnType.LONG, ColumnType.BIGINT}:
        kind = ColumnType.DOUBLE
    if kind is ColumnType.CURRENCY and ColumnType.SINGLE in kinds and sign == "*":
        kind = ColumnType.DOUBLE
    if kind in SHORT_INTEGERS:
        kind = ColumnType.LONG
    second = b.node if _same_width(b, kind) else _operand(b, kind, kinds)
    sql: SqlNode = enclosed("{} {} {}", _operand(a, kind, kinds), sign, second)
    variable = a.constant is None or b.constant is None
    if sign == "*" and kind is ColumnType.LONG and variable and (_is_long(a) or _is_long(b)):
        wide = "CONVERT(bigint, {}) * {}" if a.constant is None else "{} * CONVERT(bigint, {})"
        return Typed(enclosed(wide, a, b), ColumnType.BIGINT, nullable, grown=True)
    if sign == "*" and kind is ColumnType.BIGINT and (_outgrows(a, b) or _outgrows(b, a)):
        sql, kind = enclosed("CONVERT(float, {}) * {}", a, b), ColumnType.DOUBLE
    if sign != "*" and kind is ColumnType.LONG and _is_long(a) and _is_long(b) and not _unwritten(a, b):
        return Typed(enclosed("CONVERT(bigint, {}) {} {}", a, sign, b), ColumnType.BIGINT, nullable, grown=True)
    if kind is ColumnType.CURRENCY and kinds & FLOATS:
        sql = as_currency(Typed(sql, ColumnType.DOUBLE)).node
    if kind is ColumnType.CURRENCY and kinds == {kind} and sign == "*":
        exact = enclosed("CONVERT(decimal(18, 4), {}) * CONVERT(decimal(19, 4), {})", a, b)  # together 38 digits
        sql = as_currency(Typed(exact, ColumnType.DECIMAL)).node
    return Typed(sql, kind, nullable)


def _unwritten(*values: Typed) -> bool:
    """Whether none of them is written out."""
    return all(v.constant is None for v in values)


def _is_long(value: Typed) -> bool:
    """Whether a whole number may need more than 16 bits."""
    small = isinstance(value.constant, int) and -(2**15) <= value.constant < 2**15
    return value.type is ColumnType.LONG and not small


def _outgrows(value: Typed, other: Typed) -> bool:
    """Whether the product of a number that is a Double in Access beyond a Long, and of another, may need one."""
    return value.grown and (_is_long(other) or other.grown)


def _same_width(value: Typed, kind: ColumnType) -> bool:
    return value.constant is not None and kind not in FLOATS


def _operand(value: Typed, kind: ColumnType, kinds: set[ColumnType]) -> SqlNode:
    """The operand, widened where T-SQL would calculate in the narrower type of the two."""
    if value.constant is not None:
        return value.node
    if value.type in SHORT_INTEGERS and kind is ColumnType.LONG and value.type in kinds:
        return tsql("CONVERT(int, {})", value)
    if kind is ColumnType.DOUBLE and value.type is not ColumnType.DOUBLE:
        return tsql("CONVERT(float, {})", value)
    if kind is ColumnType.CURRENCY and value.type is ColumnType.SINGLE:
        return tsql("CONVERT(float, {})", value)
    return value.node


def negate(value: Typed) -> Typed:
    """`-value`."""
    if _void(value):
        return NULL
    number = as_number(value)
    if isinstance(number.constant, int):
        made = integer(-number.constant)
        return replace(made, type=number.type) if number.type in SHORT_INTEGERS else made
    if isinstance(number.constant, float):
        return double(-number.constant)
    kind = ColumnType.LONG if number.type in SHORT_INTEGERS else number.type
    sql = tsql("CONVERT(int, {})", number) if number.type is ColumnType.BYTE else number.node
    return Typed(enclosed("-{}", sql), kind, number.nullable)


_FEWER_DIGITS: Final = (
    "a quotient of Decimals has 6 to 20 decimals, as many as the server has for the two types, and up to 28 in Access"
)


def divide(left: Typed, right: Typed, walker: Walker, node: exp.Expr) -> Typed:
    """`/` is never a division of whole numbers."""
    if _void(left, right):
        return NULL
    a, b = as_number(left), as_number(right)
    exact = ColumnType.DECIMAL in (a.type, b.type) and not {a.type, b.type} & FLOATS
    first = a.node if exact or a.type is ColumnType.DOUBLE else tsql("CONVERT(float, {})", a)
    kind = ColumnType.DECIMAL if exact else ColumnType.DOUBLE
    if exact:
        walker.scope.note(3532, node, function="/", reason=_FEWER_DIGITS)
    divisor, nullable = _divisor(a, b, walker, node)
    return Typed(enclosed("{} / {}", first, divisor), kind, a.nullable or nullable)


def divide_whole(left: Typed, right: Typed, walker: Walker, node: exp.Expr) -> Typed:
    r"""`\` rounds its operands to whole numbers and drops the fraction of the result."""
    if _void(left, right):
        return NULL
    a, b = _integers(left, right, walker)
    divisor, nullable = _divisor(a, b, walker, node)
    return Typed(enclosed("{} / {}", a, divisor), _whole(a, b), a.nullable or nullable)


def modulo(left: Typed, right: Typed, walker: Walker, node: exp.Expr) -> Typed:
    """`Mod` rounds its operands; the result has the sign of the first, as in T-SQL."""
    if _void(left, right):
        return NULL
    a, b = _integers(left, right, walker)
    divisor, nullable = _divisor(a, b, walker, node)
    return Typed(enclosed("{} % {}", a, divisor), _whole(a, b), a.nullable or nullable)


def _integers(left: Typed, right: Typed, walker: Walker) -> tuple[Typed, Typed]:
    """Operands as whole numbers. A rule keeps the server's error where one is larger than a Long."""
    guarded = walker.scope.use is not ExpressionUse.CHECK
    return as_integer(left, guarded=guarded), as_integer(right, guarded=guarded)


def bitwise(sign: str, left: Typed, right: Typed) -> Typed:
    """BAND, BOR, BXOR, which only the ANSI-92 mode of Access's engine has."""
    if _void(left, right):
        return NULL
    a, b = as_integer(left), as_integer(right)
    return Typed(enclosed("{} {} {}", a, sign, b), _whole(a, b), a.nullable or b.nullable)


def bitwise_not(value: Typed) -> Typed:
    """Not of a whole number."""
    if _void(value):
        return NULL
    number = as_integer(value)
    return Typed(enclosed("~ {}", number), _whole(number, number), number.nullable)


def _whole(a: Typed, b: Typed) -> ColumnType:
    return ColumnType.BIGINT if ColumnType.BIGINT in (a.type, b.type) else ColumnType.LONG


def _divisor(dividend: Typed, value: Typed, walker: Walker, node: exp.Expr) -> tuple[SqlNode, bool]:
    """A divisor of 0 gives NULL: see message 3520. A rule keeps the server's error, as Access its own."""
    if isinstance(value.constant, int | float) and value.constant:
        return value.node, False
    if walker.scope.use is ExpressionUse.CHECK:
        return value.node, value.nullable
    walker.scope.note(3520, node)
    zero = tsql("{} = 0", value)
    fault = tsql("{} IS NOT NULL AND {}", dividend, zero) if dividend.nullable else zero
    return failing(null_if(value, 0), fault), True


def power(left: Typed, right: Typed, walker: Walker, node: exp.Expr) -> Typed:
    """`^`. What has no power (a root of a negative number, 0 to a negative one) gives NULL, as 3529 says."""
    if _void(left, right):
        return NULL
    a, b = as_number(left), as_number(right)
    base = a.node if a.type is ColumnType.DOUBLE else tsql("CONVERT(float, {})", a)
    sql: SqlNode = tsql("POWER({}, {})", base, b)
    nullable = a.nullable or b.nullable
    possible = _possible(a, b)
    if possible and walker.scope.use is not ExpressionUse.CHECK:
        walker.scope.note(3529, node, function="^")
        sql, nullable = only_where(possible, sql), True
    return Typed(sql, ColumnType.DOUBLE, nullable)


def _possible(base: Typed, exponent: Typed) -> SqlNode | None:
    """The condition on which a number has that power; None where it always has."""
    known = exponent.constant
    whole = exponent.type in INTEGERS
    if isinstance(base.constant, int | float) and base.constant > 0:
        return None
    if isinstance(known, int | float):
        if known >= 0:
            return None if whole else tsql("{} >= 0", base)
        return tsql("{} <> 0" if whole else "{} > 0", base)
    if whole:
        return enclosed("{} <> 0 OR {} >= 0", base, exponent)
    return enclosed("{0} > 0 OR {0} = 0 AND {1} >= 0 OR {0} < 0 AND {1} = FLOOR({1})", base, exponent)


def concatenate(parts: list[Typed]) -> Typed:
    """`&`: NULL is as empty text, unless every part is NULL, which gives NULL."""
    texts = _folded([as_text(p) for p in parts])
    length = sum(len(t.constant) if isinstance(t.constant, str) else t.length or _TEXT_DEFAULT for t in texts)
    memo = any(t.type is ColumnType.MEMO for t in texts)
    operands = [t.node for t in texts]
    if len(operands) == 1:
        return texts[0]
    convert = length > _NVARCHAR and not memo
    memo = memo or convert
    joined = _joined(operands, memo=memo, convert=convert)
    nullable = all(t.nullable for t in texts)
    if nullable:
        joined = case((tsql("{} IS NOT NULL", coalesced(*operands)), joined))
    joined = guarded(joined)
    nullable = nullable or isinstance(joined, Failing)
    return Typed(joined, ColumnType.MEMO if memo else ColumnType.TEXT, nullable, 0 if memo else length)


def _folded(texts: list[Typed]) -> list[Typed]:
    """Neighbours that are written out become one."""
    made: list[Typed] = []
    for one in texts:
        last = made[-1].constant if made else None
        if isinstance(last, str) and isinstance(one.constant, str):
            made[-1] = text(last + one.constant)
        else:
            made.append(one)
    return made


def _joined(operands: list[SqlNode], *, memo: bool, convert: bool) -> SqlNode:
    """CONCAT, nested where there are more operands than it takes.

    A CONCAT gives nvarchar(max) only where one of its own arguments is that, and else cuts at 4,000 characters: each
    of several nested ones needs such an argument (`memo`: the result is that long; `convert`: no operand is).
    """
    if len(operands) > _MOST_JOINED:
        chunks = [operands[i : i + _MOST_JOINED] for i in range(0, len(operands), _MOST_JOINED)]
        operands = [_joined(c, memo=memo, convert=memo) if len(c) > 1 else c[0] for c in chunks]
        return _joined(operands, memo=False, convert=False)
    first = tsql("CONVERT(nvarchar(max), {})", operands[0]) if convert else operands[0]
    return called("CONCAT", first, *operands[1:])
