"""Expressions of Access SQL made into functions of a row. What names and sub-queries mean, `ExpressionNames` says."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.interpreter import logic, operators
from wizard.convert.interpreter.comparison import compared
from wizard.convert.interpreter.errors import CellError, QueryError, UnsupportedError
from wizard.convert.interpreter.functions import FUNCTIONS, REFUSED
from wizard.convert.interpreter.values import EMPTY, MISSING, Guid, Integer, bool_of, fitted_literal, text_of

Row = tuple[Any, ...]
Evaluation = Callable[[Row], Any]
"""a row to a value; may raise CellError"""


class ExpressionNames(ABC):
    """What an expression needs to know beside itself."""

    now: datetime
    """what Now() gives"""

    @abstractmethod
    def column(self, node: exp.Column) -> Evaluation:
        """A column, an output column, or a parameter. Raises InterpreterError."""

    @abstractmethod
    def outside(self, node: nodes.Bang) -> Evaluation:
        """A reference out of the query. Raises InterpreterError."""

    @abstractmethod
    def rows(self, query: exp.Expr) -> Callable[[Row], Sequence[Row]]:
        """A sub-query's rows, for a row of the query around it. Raises InterpreterError."""

    @abstractmethod
    def call(self, node: exp.Anonymous) -> Evaluation | None:
        """An aggregate or a domain function; None for other functions. Raises InterpreterError."""

    def own(self, node: exp.Anonymous) -> Callable[[Sequence[Any]], Any] | None:  # noqa: ARG002
        """A VBA function of the database's own, given its arguments; None where there is none.

        Raises InterpreterError.
        """
        return None

    def textual(self, node: exp.Expr) -> bool:  # noqa: ARG002
        """Whether an expression is certainly a text."""
        return False

    @abstractmethod
    def used(self, what: str) -> None:
        """Note that `clock`, `random` or `user` is asked for."""


def prepared(node: exp.Expr, names: ExpressionNames) -> Evaluation:
    """A function from a row to the expression's value there. Raises InterpreterError."""
    handler = _HANDLERS.get(type(node)) or _BY_NAME.get(type(node).__name__)
    if handler is None:
        raise UnsupportedError(f"{type(node).__name__} is not run here")
    return handler(node, names)


def conjuncts(condition: exp.Expr | None) -> Iterator[exp.Expr]:
    """The conditions that And joins."""
    stack = [condition] if condition is not None else []
    while stack:
        node = stack.pop()
        bare = node.unnest()
        if isinstance(bare, exp.And):
            stack += [bare.expression, bare.this]
        else:
            yield node


def constant(value: object) -> Evaluation:
    """What gives the same value for every row."""
    return lambda _: value


def _literal(node: exp.Literal, _: ExpressionNames) -> Evaluation:
    return constant(node.name if node.is_string else fitted_literal(node.name))


def _radix(node: nodes.Radix, _: ExpressionNames) -> Evaluation:
    small = -(2**15) <= node.value < 2**15 and not node.args["this"].endswith("&")
    return constant(Integer(node.value) if small else node.value)


def _binary(operation: operators.Operation) -> Callable[[Any, ExpressionNames], Evaluation]:
    def prepare(node: exp.Binary, names: ExpressionNames) -> Evaluation:
        left, right = prepared(node.this, names), prepared(node.expression, names)
        return lambda row: operation(left(row), right(row))

    return prepare


def _unary(operation: Callable[[Any], Any]) -> Callable[[Any, ExpressionNames], Evaluation]:
    def prepare(node: exp.Unary, names: ExpressionNames) -> Evaluation:
        inner = prepared(node.this, names)
        return lambda row: operation(inner(row))

    return prepare


def _comparison(test: Callable[[int, int], bool]) -> Callable[[Any, ExpressionNames], Evaluation]:
    def outcome(found: int) -> bool:
        return test(found, 0)

    compare = operators.comparison(outcome)

    def prepare(node: exp.Binary, names: ExpressionNames) -> Evaluation:
        left, right = node.this, node.expression
        if isinstance(right, exp.Any | exp.All):
            return _quantified(left, right, compare, names)
        one, other = prepared(left, names), prepared(right, names)
        return lambda row: compare(one(row), other(row))

    return prepare


def _equality(test: Callable[[int, int], bool]) -> Callable[[Any, ExpressionNames], Evaluation]:
    """= and <>: beside True or False as a word a value is true where it is not 0, of whatever type it is."""
    compared_ = _comparison(test)

    def prepare(node: exp.Binary, names: ExpressionNames) -> Evaluation:
        for one, other in ((node.this, node.expression), (node.expression, node.this)):
            flag = other.unnest()
            if isinstance(flag, exp.Boolean):
                wanted = bool(flag.this) is test(0, 0)
                value = prepared(one, names)
                return lambda row: None if (known := logic.truth(value(row))) is None else known is wanted
        return compared_(node, names)

    return prepare


def _quantified(
    left: exp.Expr, quantifier: exp.Expr, compare: operators.Operation, names: ExpressionNames
) -> Evaluation:
    """`x > Any (SELECT …)`: any row decides by True, all by False."""
    value, rows = prepared(left, names), names.rows(quantifier.this)
    deciding = isinstance(quantifier, exp.Any)

    def decided(row: Row) -> bool | None:
        found, null = value(row), False
        for other in rows(row):
            outcome: bool | None = compare(found, other[0])
            if outcome is deciding:
                return deciding
            null = null or outcome is None
        return None if null else not deciding

    return decided


def _connected(operation: operators.Operation, decisive: bool) -> Callable[[Any, ExpressionNames], Evaluation]:
    """And is decided by False and Or by True on either side, whatever the other is, were it an error."""

    def prepare(node: exp.Binary, names: ExpressionNames) -> Evaluation:
        left, right = prepared(node.this, names), prepared(node.expression, names)

        def value(row: Row) -> Any:
            try:
                first = logic.truth(left(row))
            except CellError:
                if logic.truth(right(row)) is decisive:
                    return decisive
                raise
            return first if first is decisive else operation(first, right(row))

        return value

    return prepare


def _between(node: exp.Between, names: ExpressionNames) -> Evaluation:
    value, low, high = (prepared(node.args[k], names) for k in ("this", "low", "high"))
    return lambda row: operators.between(value(row), low(row), high(row))


def _member(node: exp.In, names: ExpressionNames) -> Evaluation:
    value = prepared(node.this, names)
    query = node.args.get("query")
    if query is not None:
        rows = names.rows(query)
        return lambda row: member(value(row), (other[0] for other in rows(row)))
    members = [prepared(m, names) for m in node.expressions]
    return lambda row: member(value(row), (m(row) for m in members))


def member(value: Any, others: Iterator[Any]) -> bool | None:
    """In: unknown where the value, or one of those it is not equal to, is Null."""
    null = False
    for other in others:
        if value is None or other is None:
            null = True
        elif compared(value, other) == 0:
            return True
    return None if null else False


def _is_null(node: exp.Is, names: ExpressionNames) -> Evaluation:
    if not isinstance(node.expression, exp.Null):
        raise UnsupportedError("Is is only run before Null")
    inner = prepared(node.this, names)
    return lambda row: inner(row) is None


def _exists(node: exp.Exists, names: ExpressionNames) -> Evaluation:
    rows = names.rows(node.this)
    return lambda row: bool(rows(row))


def _scalar(node: exp.Expr, names: ExpressionNames) -> Evaluation:
    rows = names.rows(node)

    def value(row: Row) -> Any:
        found = rows(row)
        if len(found) > 1:
            raise QueryError("a sub-query for one value gives more than one row (3354)")
        return found[0][0] if found else None

    return value


def _call(node: exp.Anonymous, names: ExpressionNames) -> Evaluation:
    special = names.call(node)
    if special is not None:
        return special
    name = function_name(node)
    arguments: Sequence[exp.Expr] = node.expressions
    if name in CHOOSERS:
        (least, most), chooser = CHOOSERS[name]
        _count(node, len(arguments), least, most)
        given = [_argument(a, names) for a in arguments]
        if name == "nz" and len(given) == 1 and names.textual(arguments[0]):
            given.append(constant(""))  # no number: 1 added to it is an error
        return chooser(given)
    found = FUNCTIONS.get(name)
    own = names.own(node) if found is None else None
    if own is not None:
        parts = [constant(MISSING) if isinstance(a, nodes.Omitted) else prepared(a, names) for a in arguments]
        return lambda row: own([v(row) for v in parts])
    if found is None:
        if name in REFUSED:
            raise UnsupportedError(f"the function {node.name} is not run here")
        raise UnsupportedError(f"the function {node.name} is none of Access: it may be of the database's own modules")
    _count(node, len(arguments), found.least, found.most)
    if found.uses:
        names.used(found.uses)
    values = [_argument(a, names) for a in arguments]
    calculate, takes_null = found.calculate, found.takes_null
    before = (names.now,) if found.clocked else ()

    def value(row: Row) -> Any:
        made = [v(row) for v in values]
        if not takes_null and None in made:
            return None
        return calculate(*before, *made)

    return value


def function_name(node: exp.Anonymous) -> str:
    """The case-folded name without `$`, where that is no function of its own, and without `VBA.`."""
    name = node.name.casefold().rpartition(".")[2]
    return name if name in FUNCTIONS else name.removesuffix("$")


def _argument(node: exp.Expr, names: ExpressionNames) -> Evaluation:
    return constant(OMITTED) if isinstance(node, nodes.Omitted) else prepared(node, names)


def _count(node: exp.Anonymous, count: int, least: int, most: int) -> None:
    if not least <= count <= most:
        raise QueryError(f"the function {node.name} is given {count} arguments")


def _iif(values: list[Evaluation]) -> Evaluation:
    test, yes = values[0], values[1]
    no = values[2] if len(values) > 2 else constant(None)
    return lambda row: yes(row) if logic.rounded_truth(test(row)) else no(row)


def _switch(values: list[Evaluation]) -> Evaluation:
    if len(values) % 2:
        raise QueryError("Switch wants a value after each condition")
    pairs = list(zip(values[::2], values[1::2], strict=True))
    return lambda row: next((value(row) for test, value in pairs if operators.truth(test(row))), None)


def _choose(values: list[Evaluation]) -> Evaluation:
    def value(row: Row) -> Any:
        number = logic.place(values[0](row))
        return values[number](row) if 0 < number < len(values) else None

    return value


def _nz(values: list[Evaluation]) -> Evaluation:
    """Of a number or a date, with a text for Null, it is text: a query's columns have one type."""
    other = values[1] if len(values) > 1 else constant(EMPTY)

    def value(row: Row) -> Any:
        found = values[0](row)
        if found is None:
            return other(row)
        return text_of(found) if not isinstance(found, str) and isinstance(other(row), str) else found

    return value


def _is_error(values: list[Evaluation]) -> Evaluation:
    def value(row: Row) -> bool:
        try:
            values[0](row)
        except CellError:
            return True
        return False

    return value


OMITTED: Final = EMPTY
"""an argument left out is Empty to the function"""
_MOST: Final = 1_000
CHOOSERS: Final[dict[str, tuple[tuple[int, int], Callable[[list[Evaluation]], Evaluation]]]] = {
    "iif": ((2, 3), _iif),
    "switch": ((2, _MOST), _switch),
    "choose": ((2, _MOST), _choose),
    "nz": ((1, 2), _nz),
    "iserror": ((1, 1), _is_error),
}
"""functions that do not compute all of their arguments, and how many they may have"""


def _bang(node: nodes.Bang, names: ExpressionNames) -> Evaluation:
    return names.outside(node)


_HANDLERS: Final[dict[type, Callable[[Any, ExpressionNames], Evaluation]]] = {
    exp.Literal: _literal,
    exp.Boolean: lambda node, _: constant(bool(node.this)),
    exp.Null: lambda _, __: constant(None),
    nodes.DateLiteral: lambda node, _: constant(node.moment),
    nodes.Radix: _radix,
    nodes.GuidLiteral: lambda node, _: constant(Guid(node.args["this"])),
    exp.Column: lambda node, names: names.column(node),
    nodes.Bang: _bang,
    exp.Paren: lambda node, names: prepared(node.this, names),
    exp.Subquery: _scalar,
    exp.Anonymous: _call,
    exp.Neg: _unary(operators.negative),
    exp.Not: _unary(logic.denied),
    exp.Add: _binary(operators.add),
    exp.Sub: _binary(operators.subtract),
    exp.Mul: _binary(operators.multiply),
    exp.Div: _binary(operators.divide),
    exp.IntDiv: _binary(operators.whole_quotient),
    exp.Mod: _binary(operators.rest),
    exp.Pow: _binary(operators.power),
    exp.DPipe: _binary(operators.join),
    exp.EQ: _equality(operator.eq),
    exp.NEQ: _equality(operator.ne),
    exp.LT: _comparison(operator.lt),
    exp.LTE: _comparison(operator.le),
    exp.GT: _comparison(operator.gt),
    exp.GTE: _comparison(operator.ge),
    exp.Between: _between,
    exp.In: _member,
    exp.Is: _is_null,
    exp.Exists: _exists,
    exp.And: _connected(logic.both, decisive=False),
    exp.Or: _connected(logic.either, decisive=True),
    exp.Xor: _binary(logic.one_of),
    nodes.Eqv: _binary(logic.same),
    nodes.Imp: _binary(logic.implied),
    exp.Like: _binary(operators.like),
    nodes.ALike: _binary(lambda a, b: operators.like(a, b, ansi=True)),
    exp.BitwiseAnd: _binary(logic.bitwise(operator.and_)),
    exp.BitwiseOr: _binary(logic.bitwise(operator.or_)),
    exp.BitwiseXor: _binary(logic.bitwise(operator.xor)),
    exp.BitwiseNot: _unary(logic.complement),
}
_BY_NAME: Final[dict[str, Callable[[Any, ExpressionNames], Evaluation]]] = {}
"""for nodes that a later dialect may add"""

__all__ = ["Evaluation", "ExpressionNames", "Row", "bool_of", "conjuncts", "constant", "prepared", "text_of"]
