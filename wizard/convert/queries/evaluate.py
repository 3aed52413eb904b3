"""Access expressions computed here, over values read from the file: enough of them to find a crosstab's headings.

Whatever could come out otherwise in Access or on the server (another country's settings, the order of texts in a
collation, a text taken for a number, the clock) is not computed but raises `UnknowableError`, when the expression is
prepared or when the value is met. Values are those of the reader: None, bool, int, float, Decimal, str, datetime.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.queries.evaluated import FUNCTIONS, UnknowableError, number_of, text_of, whole_of

Row = tuple[Any, ...]
Evaluation = Callable[[Row], Any]
Columns = Callable[[exp.Column], Evaluation]
"""prepares a column reference, or raises UnknowableError"""


def prepared(node: exp.Expr, columns: Columns) -> Evaluation:
    """A function from a row to the expression's value there. Raises UnknowableError, as that function may."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise UnknowableError
    return handler(node, columns)


def holds(value: object) -> bool | None:
    """A value as a condition: true where it is not 0, None where it is unknown."""
    return None if value is None else bool(number_of(value))


def equal_key(value: object) -> object:
    """The same for values that Access finds equal: text without regard to case, True as -1."""
    if isinstance(value, str):
        return value.casefold()
    return -int(value) if isinstance(value, bool) else value


def _constant(value: object) -> Evaluation:
    return lambda _: value


def _literal(node: exp.Literal, _: Columns) -> Evaluation:
    if node.is_string:
        return _constant(node.name)
    return _constant(int(node.name) if node.name.isdigit() else float(node.name))


def _column(node: exp.Column, columns: Columns) -> Evaluation:
    return columns(node)


def _bang(node: nodes.Bang, columns: Columns) -> Evaluation:
    """`Table!Column`; what else is written so lies outside."""
    if len(node.expressions) != 2:
        raise UnknowableError
    table, column = node.expressions
    return columns(exp.Column(this=column.copy(), table=table.copy()))


def _arithmetic(calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Columns], Evaluation]:
    def prepare(node: exp.Binary, columns: Columns) -> Evaluation:
        left, right = prepared(node.this, columns), prepared(node.expression, columns)

        def value(row: Row) -> Any:
            a, b = left(row), right(row)
            if a is None or b is None:
                return None
            if calculate is operator.add and isinstance(a, str) and isinstance(b, str):
                return a + b
            p, q = number_of(a), number_of(b)
            if isinstance(p, float) is not isinstance(q, float):
                p, q = float(p), float(q)
            try:
                return calculate(p, q)
            except (ArithmeticError, ValueError):
                raise UnknowableError from None

        return value

    return prepare


def _multiplied(a: Any, b: Any) -> Any:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        raise UnknowableError  # Currency is rounded to four places
    return a * b


def _whole(calculate: Callable[[int, int], int]) -> Callable[[Any, Any], int]:
    """The backslash and Mod round their operands to even and cut towards zero."""

    def value(a: Any, b: Any) -> int:
        x, y = whole_of(a), whole_of(b)
        if not y:
            raise UnknowableError
        made = calculate(abs(x), abs(y))
        sign = (x < 0) if calculate is operator.mod else (x < 0) is not (y < 0)
        return -made if sign else made

    return value


def _joined(node: exp.DPipe, columns: Columns) -> Evaluation:
    left, right = prepared(node.this, columns), prepared(node.expression, columns)

    def value(row: Row) -> str | None:
        a, b = left(row), right(row)
        return None if a is None and b is None else text_of(a) + text_of(b)

    return value


def _negative(node: exp.Neg, columns: Columns) -> Evaluation:
    inner = prepared(node.this, columns)
    return lambda row: None if (value := inner(row)) is None else -number_of(value)


_PLAIN_TEXT: Final = re.compile(r"[A-Za-z0-9]*\Z")


def compared(a: object, b: object) -> int | None:
    """Less than 0, 0 or more as a is less than b, equal or greater; None where one is NULL."""
    if a is None or b is None:
        return None
    if isinstance(a, str) and isinstance(b, str):
        x, y = a.casefold(), b.casefold()
        if x == y:
            return 0
        if x.rstrip(" ") == y.rstrip(" "):
            raise UnknowableError
        if _PLAIN_TEXT.match(a) and _PLAIN_TEXT.match(b):
            return -1 if x < y else 1
        return 2  # not equal; which comes first, the collation says
    if isinstance(a, datetime) and isinstance(b, datetime):
        return (a > b) - (a < b)
    if isinstance(a, str | datetime) or isinstance(b, str | datetime):
        raise UnknowableError
    p, q = number_of(a), number_of(b)
    return int(p > q) - int(p < q)


def _compare(test: Callable[[int, int], bool]) -> Callable[[Any, Columns], Evaluation]:
    def prepare(node: exp.Binary, columns: Columns) -> Evaluation:
        left, right = prepared(node.this, columns), prepared(node.expression, columns)
        return lambda row: _tested(test, left(row), right(row))

    return prepare


def _tested(test: Callable[[int, int], bool], a: object, b: object) -> bool | None:
    found = compared(a, b)
    if found is None:
        return None
    if found == 2 and test not in (operator.eq, operator.ne):  # see `compared`
        raise UnknowableError
    return bool(test(found, 0))


def _between(node: exp.Between, columns: Columns) -> Evaluation:
    value, low, high = (prepared(node.args[k], columns) for k in ("this", "low", "high"))

    def inside(row: Row) -> bool | None:
        x, a, b = value(row), low(row), high(row)
        if x is None or a is None or b is None:
            return None
        if _tested(operator.gt, a, b):
            a, b = b, a
        return bool(_tested(operator.le, a, x) and _tested(operator.le, x, b))

    return inside


def _member(node: exp.In, columns: Columns) -> Evaluation:
    if node.args.get("query") is not None:
        raise UnknowableError
    value, members = prepared(node.this, columns), [prepared(m, columns) for m in node.expressions]

    def found(row: Row) -> bool | None:
        tests = [_tested(operator.eq, value(row), m(row)) for m in members]
        return True if True in tests else None if None in tests else False

    return found


def _null(node: exp.Is, columns: Columns) -> Evaluation:
    value = prepared(node.this, columns)
    if not isinstance(node.expression, exp.Null):
        raise UnknowableError
    return lambda row: value(row) is None


def _not(node: exp.Not, columns: Columns) -> Evaluation:
    inner = prepared(node.this, columns)

    def opposite(row: Row) -> Any:
        value = inner(row)
        if value is None or isinstance(value, bool):
            return None if value is None else not value
        raise UnknowableError  # the bits of a number

    return opposite


def _connected(decisive: bool) -> Callable[[Any, Columns], Evaluation]:
    """And is decided by False, Or by True, whatever the other side is, were it not to be known."""

    def prepare(node: exp.Binary, columns: Columns) -> Evaluation:
        sides = [_condition(n, columns) for n in (node.this, node.expression)]

        def value(row: Row) -> bool | None:
            unknowable, null = False, False
            for side in sides:
                try:
                    found = side(row)
                except UnknowableError:
                    unknowable = True
                    continue
                if found is not None and found is decisive:
                    return found
                null = null or found is None
            if unknowable:
                raise UnknowableError
            return None if null else not decisive

        return value

    return prepare


def _condition(node: exp.Expr, columns: Columns) -> Evaluation:
    try:
        inner = prepared(node, columns)
    except UnknowableError:
        return _raising

    def value(row: Row) -> bool | None:
        found = inner(row)
        if found is None or isinstance(found, bool):
            return found
        raise UnknowableError  # And and Or of numbers are of their bits

    return value


def _raising(_: Row) -> Any:
    raise UnknowableError


def _like(node: exp.Like, columns: Columns) -> Evaluation:
    pattern = node.expression.unnest()
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise UnknowableError
    value, test = prepared(node.this, columns), _pattern(pattern.name)
    return lambda row: None if (found := value(row)) is None else test.fullmatch(text_of(found)) is not None


def _pattern(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\[!?[^\]]*\]|.", pattern, re.DOTALL)
    wild = {"*": ".*", "?": ".", "#": "[0-9]"}
    made = ""
    for part in parts:
        if len(part) > 1:
            negated = part.startswith("[!") and len(part) > len("[!]")
            members = part[1 + negated : -1].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
            made += f"[{'^' if negated else ''}{members}]" if members else ""
        elif part == "[":
            raise UnknowableError
        else:
            made += wild.get(part) or re.escape(part)
    try:
        return re.compile(made, re.IGNORECASE | re.DOTALL)
    except re.error:
        raise UnknowableError from None


def _call(node: exp.Anonymous, columns: Columns) -> Evaluation:
    name = node.name.casefold().removesuffix("$")
    arguments: Sequence[exp.Expr] = node.expressions
    if any(isinstance(a, nodes.Omitted) for a in arguments):
        raise UnknowableError
    values = [prepared(a, columns) for a in arguments]
    if name in _CHOOSERS:
        fits, chooser = _CHOOSERS[name]
        if not fits(len(values)):
            raise UnknowableError
        return chooser(values)
    found = FUNCTIONS.get(name)
    if found is None or not found.least <= len(values) <= found.most:
        raise UnknowableError

    def value(row: Row) -> Any:
        made = [v(row) for v in values]
        if None in made and not found.takes_null:
            return None
        try:
            return found.calculate(*made)
        except (ArithmeticError, ValueError):
            raise UnknowableError from None

    return value


def _iif(values: list[Evaluation]) -> Evaluation:
    test, yes = values[0], values[1]
    no = values[2] if len(values) > 2 else _constant(None)
    return lambda row: yes(row) if holds(test(row)) else no(row)


def _switch(values: list[Evaluation]) -> Evaluation:
    pairs = list(zip(values[::2], values[1::2], strict=True))
    return lambda row: next((value(row) for test, value in pairs if holds(test(row))), None)


def _choose(values: list[Evaluation]) -> Evaluation:
    def value(row: Row) -> Any:
        index = values[0](row)
        number = None if index is None else whole_of(index)
        return values[number](row) if number is not None and 0 < number < len(values) else None

    return value


def _nz(values: list[Evaluation]) -> Evaluation:
    return lambda row: values[1](row) if (found := values[0](row)) is None else found


_CHOOSERS: Final[dict[str, tuple[Callable[[int], bool], Callable[[list[Evaluation]], Evaluation]]]] = {
    "iif": (lambda count: count in (2, 3), _iif),
    "switch": (lambda count: count > 0 and count % 2 == 0, _switch),
    "choose": (lambda count: count > 1, _choose),
    "nz": (lambda count: count == 2, _nz),  # without the second it gives 0 or empty text, as the type is
}
"""functions that need not compute all of their arguments, and how many they may have"""
_HANDLERS: Final[dict[type, Callable[[Any, Columns], Evaluation]]] = {
    exp.Literal: _literal,
    exp.Boolean: lambda node, _: _constant(bool(node.this)),
    exp.Null: lambda _, __: _constant(None),
    nodes.DateLiteral: lambda node, _: _constant(node.moment),
    nodes.Radix: lambda node, _: _constant(node.value),
    exp.Column: _column,
    nodes.Bang: _bang,
    exp.Paren: lambda node, columns: prepared(node.this, columns),
    exp.Anonymous: _call,
    exp.Neg: _negative,
    exp.Add: _arithmetic(operator.add),
    exp.Sub: _arithmetic(operator.sub),
    exp.Mul: _arithmetic(_multiplied),
    exp.Div: _arithmetic(lambda a, b: float(a) / float(b)),
    exp.IntDiv: _arithmetic(_whole(operator.floordiv)),
    exp.Mod: _arithmetic(_whole(operator.mod)),
    exp.DPipe: _joined,
    exp.EQ: _compare(operator.eq),
    exp.NEQ: _compare(operator.ne),
    exp.LT: _compare(operator.lt),
    exp.LTE: _compare(operator.le),
    exp.GT: _compare(operator.gt),
    exp.GTE: _compare(operator.ge),
    exp.Between: _between,
    exp.In: _member,
    exp.Is: _null,
    exp.Not: _not,
    exp.And: _connected(decisive=False),
    exp.Or: _connected(decisive=True),
    exp.Like: _like,
}
