"""Access expressions to T-SQL that means the same: `translate_value`, `translate_condition`.

Sources: Microsoft's VBA language reference (operators, data types of results), its Access SQL reference, and the
Transact-SQL reference. T-SQL distinguishes values and conditions, and Access does not: a condition used as a value
becomes a CASE that keeps NULL, a value used as a condition is compared with 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlglot import exp

from wizard.convert import comparisons, operators
from wizard.convert.comparisons import as_condition, as_value
from wizard.convert.dialect import nodes, to_access
from wizard.convert.expression_types import SHORTEST, SHOWN_WHOLE, needs_format
from wizard.convert.functions import FunctionCall, find, refusal
from wizard.convert.functions.choose_calls import completed, distributed, unchosen
from wizard.convert.literals import FALSE, NULL, TRUE, double, integer, moment, short, text
from wizard.convert.told import note_faults
from wizard.convert.tree import (
    MOST_LEVELS,
    Enclosed,
    SqlNode,
    bare,
    enclosed,
    faults,
    guarded,
    spread,
    tsql,
    undecided,
    unguarded,
)
from wizard.convert.typed_sql import INTEGERS, Condition, ExpressionUse, NameScope, Typed
from wizard.definitions import ColumnType
from wizard.messages import ConversionError, Place

LONGEST: Final = 300_000
"""characters of T-SQL that one expression may become: operands that T-SQL needs repeated could otherwise multiply"""


def translate_value(node: exp.Expr, scope: NameScope) -> Typed:
    """The value of an expression, fit to be an operand (`bare` takes off what parentheses are then too many).

    Raises ConversionError for what a server cannot have, naming it and its place.
    """
    value = Translator(scope).value(node)
    note_faults(value.node, node, scope)
    made = _of_depth(value.node, scope.place(node))
    return value if made is value.node else replace(value, node=made)


def translate_condition(node: exp.Expr, scope: NameScope) -> SqlNode:
    """A search condition, for WHERE, HAVING, ON and CHECK. Raises ConversionError."""
    condition = Translator(scope).condition(node).node
    note_faults(condition, node, scope)
    return bare(_of_depth(condition, scope.place(node)))


def _of_depth(made: SqlNode, place: Place) -> SqlNode:
    """What the server takes: where the tests that keep errors make it too deep, those go, and messages have told."""
    if made.facts.depth > MOST_LEVELS:
        made = unguarded(made)
    check_depth(made, place)
    return made


def check_depth(made: SqlNode, place: Place) -> None:
    """Raises ConversionError (3533) where the server would refuse the statement."""
    if made.facts.depth > MOST_LEVELS:
        raise ConversionError(3533, place, depth=made.facts.depth, limit=MOST_LEVELS)


class Translator:
    """Walks a tree; what an operator or function means is in the modules beside this one."""

    def __init__(self, scope: NameScope, *, aggregated: bool = False) -> None:
        self.scope = scope
        self.aggregated = aggregated

    def aggregating(self) -> Translator:
        """The same within an aggregate, where what is grouped by is not known."""
        return Translator(self.scope, aggregated=True)

    def within(self, scope: NameScope) -> Translator:
        """The same in another scope."""
        return Translator(scope)

    def value(self, node: exp.Expr) -> Typed:
        """An expression as a value. Raises ConversionError."""
        made = self.walk(node)
        return made if isinstance(made, Typed) else as_value(made)

    def condition(self, node: exp.Expr) -> Condition:
        """An expression as a condition. Raises ConversionError."""
        made = self.walk(node)
        return made if isinstance(made, Condition) else as_condition(made)

    def known(self, node: exp.Expr) -> Typed | None:
        """What a SELECT around computed already for this expression."""
        return self.scope.known(node, aggregated=self.aggregated)

    def walk(self, node: exp.Expr) -> Typed | Condition:
        """An expression as what it is made of first. Raises ConversionError."""
        try:
            handler = next((_HANDLERS[c] for c in type(node).__mro__ if c in _HANDLERS), None)
            if handler is None:
                raise ConversionError(3502, self.scope.place(node), what=f"“{to_access(node)}”")
            made = self.known(node) or handler(self, node)
        except RecursionError:
            raise ConversionError(3501, self.scope.place(node), limit=LONGEST) from None
        if made.node.size > LONGEST:
            raise ConversionError(3501, self.scope.place(node), limit=LONGEST)
        if self.aggregated and (made.node.facts.subquery or self.scope.reads_outer(made.node)):
            return self.scope.beside(made if isinstance(made, Typed) else as_value(made), node)
        return made


Walked = Typed | Condition


def _literal(_: Translator, node: exp.Literal) -> Typed:
    if node.is_string:
        return text(node.name)
    written = node.name
    if written.isdigit():
        return integer(int(written))
    return double(float(written))


def _radix(node: nodes.Radix) -> Typed:
    return integer(node.value) if str(node.this).endswith("&") else short(node.value)


def _boolean(_: Translator, node: exp.Boolean) -> Typed:
    return TRUE if node.this else FALSE


def _date(_: Translator, node: nodes.DateLiteral) -> Typed:
    return moment(node.moment)


def _guid(_: Translator, node: nodes.GuidLiteral) -> Typed:
    return Typed(tsql("CONVERT(uniqueidentifier, '{}')", node.name), ColumnType.GUID, nullable=False)


def _subquery(walker: Translator, node: exp.Subquery) -> Typed:
    return walker.scope.rows(_allowed(walker, node))


def _allowed(walker: Translator, node: exp.Expr) -> exp.Expr:
    if walker.scope.use is not ExpressionUse.QUERY:
        where = {ExpressionUse.CHECK: "a validation rule", ExpressionUse.DEFAULT: "a default"}.get(
            walker.scope.use, "a computed column"
        )
        raise ConversionError(3506, walker.scope.place(node), what="A sub-query", where=where)
    return node


def _exists(walker: Translator, node: exp.Exists) -> Condition:
    return Condition(enclosed("EXISTS {}", walker.scope.rows(_allowed(walker, node.this))), nullable=False)


def _call(walker: Translator, node: exp.Anonymous) -> Walked:
    name = str(node.this)
    found = find(name)
    if found is None and (own := walker.scope.own(node, walker)):
        return own
    if found is None:
        raise _unknown(name, walker.scope.place(node))
    arguments = tuple(node.expressions)
    if not found.least <= len(arguments) <= found.most:
        expected = str(found.least) if found.least == found.most else f"{found.least} to {found.most}"
        place = walker.scope.place(node)
        raise ConversionError(3504, place, function=found.name, expected=expected, count=len(arguments))
    for number in found.written:
        if number < len(arguments) and (choice := distributed(node, number)):
            nothing = unchosen(node, number) if found.hides else None
            return walker.walk(completed(choice, nothing) if nothing else choice)
    made = found.handler(FunctionCall(node, found, arguments, walker.aggregating() if found.aggregate else walker))
    hides = not made.nullable if found.hides is None else found.hides
    return _keeping_errors(made, walker) if hides else made


def _keeping_errors(made: Walked, walker: Translator) -> Walked:
    """What a function that gives something for NULL makes of an error: no more than an error. A rule keeps errors."""
    if not made.node.facts.faults or walker.scope.use is ExpressionUse.CHECK:
        return made
    if isinstance(made, Condition):
        return comparisons.errors_kept(made, walker)
    shown = guarded(made.shown, faults(made.node)) if made.shown else None
    return replace(made, node=guarded(made.node), nullable=True, shown=shown)


def _unknown(name: str, place: Place) -> ConversionError:
    reason = refusal(name)
    return ConversionError(3505 if reason else 3503, place, function=name, reason=reason)


_TURNED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _order(sign: str) -> Callable[[Translator, Any], Condition]:
    def compare(walker: Translator, node: exp.Binary) -> Condition:
        quantifier = {exp.Any: "ANY", exp.All: "ALL"}.get(type(node.expression))
        if quantifier:
            query = _allowed(walker, node.expression.this)
            column = walker.scope.rows(query)
            left = comparisons.beside_rows(walker.value(node.this), column)
            turned = column.type is ColumnType.BOOLEAN  # True is -1 in Access, and 1 as a bit
            by = _TURNED.get(sign, sign) if turned else sign
            return Condition(enclosed("{} {} {} {}", left, by, quantifier, column))
        if sign in ("=", "<>"):
            return comparisons.equals(sign, node, walker)
        return comparisons.compare(sign, walker.value(node.this), walker.value(node.expression), walker, node)

    return compare


def _like(walker: Translator, node: exp.Like | nodes.ALike) -> Condition:
    ansi = isinstance(node, nodes.ALike)
    return comparisons.like(walker.value(node.this), walker.value(node.expression), walker, node, ansi=ansi)


def _in(walker: Translator, node: exp.In) -> Condition:
    if node.args.get("query") is not None:
        _allowed(walker, node)
    return comparisons.membership(node, walker)


def _logical(walker: Translator, node: exp.Expr, parts: Sequence[Walked]) -> list[Condition]:
    """Operands of And, Or, Xor, Eqv, Imp and Not, of numbers too their truth.

    Access's engine has no operations on bits but BAND, BOR, BXOR and BNOT (Microsoft's article Q194206); in VBA they
    are such
    operations: a message says so.
    """
    if all(isinstance(p, Typed) and p.type in INTEGERS for p in parts):
        walker.scope.note(3545, node, operator=_WORDS[type(node)])
    return [p if isinstance(p, Condition) else as_condition(p) for p in parts]


_WORDS: Final[dict[type[exp.Expr], str]] = {
    exp.And: "And", exp.Or: "Or", exp.Xor: "Xor", nodes.Eqv: "Eqv", nodes.Imp: "Imp", exp.Not: "Not"
}  # fmt: skip


def _connected(word: str) -> Callable[[Translator, Any], Condition]:
    """And, Or."""

    def connect(walker: Translator, node: exp.Binary) -> Condition:
        conditions = _logical(walker, node, [walker.walk(p) for p in _flat(node, type(node), walker)])
        joined = Enclosed(spread(f" {word} ", conditions))
        return Condition(undecided(joined), any(c.nullable for c in conditions))

    return connect


def _joined(node: exp.DPipe, walker: Translator) -> list[exp.Expr]:
    """The operands of `&`, whose parentheses mean nothing: NULL is as empty text however they are grouped."""
    return _flat(node, exp.DPipe, walker, lambda n: n.unnest() if isinstance(n.unnest(), exp.DPipe) else n)


def _concatenated(walker: Translator, node: exp.DPipe) -> Typed:
    parts = [walker.value(p) for p in _joined(node, walker)]
    if any(needs_format(p) for p in parts):
        walker.scope.note(3522, node, function="&", picture=SHORTEST)
    return operators.concatenate(parts)


def _flat(
    node: exp.Expr, kind: type[exp.Expr], walker: Translator, bare: Callable[[exp.Expr], exp.Expr] = lambda n: n
) -> list[exp.Expr]:
    """The operands of a chain of one associative operator, from left to right; `bare` takes off parentheses.

    A part of the chain that is grouped by stays whole.
    """
    found: list[exp.Expr] = []
    waiting = [node]
    while waiting:
        one = bare(waiting.pop())
        if type(one) is kind and (one is node or not walker.known(one)):
            waiting += [one.args["expression"], one.args["this"]]
        else:
            found.append(one)
    return found


def _not(walker: Translator, node: exp.Not) -> Condition:
    (condition,) = _logical(walker, node, [walker.walk(node.this)])
    return comparisons.negated(condition)


def _pair(truth: str) -> Callable[[Translator, Any], Condition]:
    """Xor, Eqv, Imp, for which T-SQL has no words."""

    def connect(walker: Translator, node: exp.Binary) -> Condition:
        p, q = _logical(walker, node, [walker.walk(node.this), walker.walk(node.expression)])
        return Condition(enclosed(truth, a=p, b=q), p.nullable or q.nullable)

    return connect


def _binary(operator: Callable[[Typed, Typed], Typed]) -> Callable[[Translator, Any], Typed]:
    return lambda walker, node: _calculated(node) or operator(walker.value(node.this), walker.value(node.expression))


def _sum(operator: Callable[[Typed, Typed], Typed], sign: str) -> Callable[[Translator, Any], Typed]:
    def add(walker: Translator, node: exp.Binary) -> Typed:
        if known := _calculated(node):
            return known
        left, right = walker.value(node.this), walker.value(node.expression)
        made = operator(left, right)
        long = left.type is right.type is made.type is ColumnType.LONG
        if long and nodes.sums_columns(node.this) and nodes.sums_columns(node.expression):
            walker.scope.note(3532, node, function=sign, reason=_BEYOND_LONG)
        return made

    return add


_BEYOND_LONG: Final = "a result beyond 2,147,483,647 ends the whole query; Access goes on with a Double"


def _calculated(node: exp.Expr) -> Typed | None:
    """Arithmetic of whole numbers that are written out, where it leaves what an int holds."""
    found = nodes.beyond_long(node)
    if found is None:
        return None
    return integer(found) if abs(found) < SHOWN_WHOLE else double(float(found))


def _dividing(operator: Callable[[Typed, Typed, Translator, exp.Expr], Typed]) -> Callable[[Translator, Any], Typed]:
    return lambda walker, node: operator(walker.value(node.this), walker.value(node.expression), walker, node)


_HANDLERS: Final[dict[type, Callable[[Translator, Any], Walked]]] = {
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Null: lambda _, __: NULL,
    nodes.DateLiteral: _date,
    nodes.GuidLiteral: _guid,
    nodes.Radix: lambda _, node: _radix(node),
    exp.Column: lambda walker, node: walker.scope.column(node),
    nodes.Bang: lambda walker, node: walker.scope.parameter(node),
    exp.Paren: lambda walker, node: walker.walk(node.this),
    exp.Subquery: _subquery,
    exp.Exists: _exists,
    exp.Anonymous: _call,
    exp.Neg: lambda walker, node: operators.negate(walker.value(node.this)),
    exp.Add: _sum(operators.add, "+"),
    exp.Sub: _sum(operators.subtract, "-"),
    exp.Mul: _binary(operators.multiply),
    exp.Pow: _dividing(operators.power),
    exp.Div: _dividing(operators.divide),
    exp.IntDiv: _dividing(operators.divide_whole),
    exp.Mod: _dividing(operators.modulo),
    exp.DPipe: _concatenated,
    exp.EQ: _order("="),
    exp.NEQ: _order("<>"),
    exp.LT: _order("<"),
    exp.LTE: _order("<="),
    exp.GT: _order(">"),
    exp.GTE: _order(">="),
    exp.Like: _like,
    nodes.ALike: _like,
    exp.Between: lambda walker, node: comparisons.between(node, walker),
    exp.In: _in,
    exp.Is: lambda walker, node: comparisons.null_test(node, walker),
    exp.Not: _not,
    exp.BitwiseAnd: _binary(lambda a, b: operators.bitwise("&", a, b)),
    exp.BitwiseOr: _binary(lambda a, b: operators.bitwise("|", a, b)),
    exp.BitwiseXor: _binary(lambda a, b: operators.bitwise("^", a, b)),
    exp.BitwiseNot: lambda walker, node: operators.bitwise_not(walker.value(node.this)),
    exp.And: _connected("AND"),
    exp.Or: _connected("OR"),
    exp.Xor: _pair("({a} AND NOT {b}) OR (NOT {a} AND {b})"),
    nodes.Eqv: _pair("({a} AND {b}) OR (NOT {a} AND NOT {b})"),
    nodes.Imp: _pair("(NOT {a}) OR {b}"),
}
