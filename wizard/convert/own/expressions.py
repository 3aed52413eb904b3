"""Expressions of VBA code as T-SQL, for one state of the variables.

It is a walk of its own beside that of queries (`wizard.convert.expressions`): what differs between VBA and Access SQL
is here, what functions become is asked of the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, Protocol

from sqlglot import exp

from wizard.convert.comparisons import as_condition, as_value, negated
from wizard.convert.dialect import nodes
from wizard.convert.literals import FALSE, NULL, TRUE, double, moment, short, text
from wizard.convert.operators import concatenate
from wizard.convert.own import arithmetic, comparisons
from wizard.convert.own.calls import call
from wizard.convert.own.special import SPECIAL
from wizard.convert.own.values import Value, text_of, whole_of
from wizard.convert.tree import SqlNode, enclosed
from wizard.convert.typed_sql import INTEGERS, Condition, ExpressionUse, GroupEdge, NameScope, Typed, Walker
from wizard.convert.vba import BARE, Compare, UnsupportedVbaError
from wizard.definitions import ColumnType
from wizard.messages import Place


class Surroundings(Protocol):
    """What an expression asks of the function that it is part of. Every method may raise RefusedError."""

    @property
    def compare(self) -> Compare:
        """How text is compared."""

    def name(self, name: str) -> Value | exp.Expr | None:
        """A variable's value, or the expression of a constant; None where it is neither."""
        ...

    def is_variable(self, name: str) -> bool:
        """Whether a case-folded name is that of a variable."""

    def is_missing(self, name: str) -> bool:
        """Whether an optional parameter was left out."""
        ...

    def own(self, node: exp.Anonymous, walker: Expressions) -> Value | None:
        """A call of a function of the database's own; None where there is none of that name."""
        ...


ValueOrCondition = Value | Condition


class Expressions:
    """Walks a tree; it is the `Walker` that the functions of queries ask, too."""

    def __init__(self, around: Surroundings, fail_if: Callable[[SqlNode], None]) -> None:
        self.around = around
        self._fail_if = fail_if
        self._scope: NameScope = _ProcedureScope()
        self._made: dict[int, tuple[exp.Expr, ValueOrCondition]] = {}

    @property
    def scope(self) -> NameScope:
        """What functions of queries ask of their surroundings."""
        return self._scope

    @property
    def compare(self) -> Compare:
        """How text is compared."""
        return self.around.compare

    def fail_if(self, condition: SqlNode) -> None:
        """Note a condition under which VBA raises an error."""
        self._fail_if(condition)

    def of(self, node: exp.Expr) -> Value:
        """The value of an expression. Raises RefusedError."""
        made = self.made(node)
        return Value(as_value(made)) if isinstance(made, Condition) else made

    def made(self, node: exp.Expr) -> ValueOrCondition:
        """The value, or the condition that it is. What is asked for again is not made again.

        Raises UnsupportedVbaError.
        """
        known = self._made.get(id(node))
        if known is None:
            handler = _HANDLERS.get(type(node))
            if handler is None:
                raise UnsupportedVbaError(f"an expression has a part that is not converted ({type(node).__name__})")
            known = self._made[id(node)] = (node, handler(self, node))
        return known[1]

    def truth(self, node: exp.Expr) -> Condition:
        """An expression as a condition: of numbers every one but 0 is true. Raises RefusedError."""
        made = self.made(node)
        if isinstance(made, Condition):
            return made
        if made.family != "numbers" and not made.typed.is_null:
            raise UnsupportedVbaError("a text or a date is taken for a condition")
        return as_condition(made.typed)

    def is_missing(self, node: exp.Expr) -> bool:
        """Whether IsMissing of a parameter is true. Raises RefusedError."""
        if not isinstance(node, exp.Column) or node.args.get("table"):
            raise UnsupportedVbaError("IsMissing is asked of what is no parameter")
        return self.around.is_missing(node.name.casefold())

    @contextmanager
    def asking(self, *, queries: bool) -> Iterator[None]:
        """Within, a sub-query may be made, or none."""
        before, self._scope = self._scope, _ProcedureScope(use=ExpressionUse.QUERY if queries else ExpressionUse.CHECK)
        yield
        self._scope = before

    # what the functions of queries ask

    def value(self, node: exp.Expr) -> Typed:
        """The value as T-SQL has it."""
        return self.of(node).typed

    def walk(self, node: exp.Expr) -> Typed | Condition:
        """The value, or the condition that it is."""
        made = self.made(node)
        return made if isinstance(made, Condition) else made.typed

    def condition(self, node: exp.Expr) -> Condition:
        """The node as a condition."""
        return self.truth(node)

    def known(self, _: exp.Expr) -> Typed | None:
        """Nothing is grouped by in code."""
        return None

    def aggregating(self) -> NoReturn:
        """Raises RefusedError: code has no rows."""
        raise UnsupportedVbaError("it calls an aggregate")

    def within(self, _: NameScope) -> NoReturn:
        """Raises RefusedError: code reads no table."""
        raise UnsupportedVbaError("it reads a table")


@dataclass
class _ProcedureScope:
    """Names are the walker's own; messages about functions in queries have no counterpart here: a function is refused
    or exact.
    """

    names: frozenset[str] = field(default_factory=frozenset)
    use: ExpressionUse = ExpressionUse.CHECK
    """for which functions guard nothing: what would be an error has been asked before"""

    def column(self, node: exp.Column) -> NoReturn:
        raise UnsupportedVbaError(f"{node.name} is read where it cannot be")

    def parameter(self, node: nodes.Bang) -> NoReturn:
        raise UnsupportedVbaError(f"it reads {node.prompt}")

    def rows(self, _: exp.Expr) -> NoReturn:
        raise UnsupportedVbaError("it runs a query")

    def domain(self, name: str) -> NoReturn:
        raise UnsupportedVbaError(f"it reads {name}")

    def row_order(self, *_: object, **__: object) -> NoReturn:
        raise UnsupportedVbaError("it runs a query")

    def beside(self, *_: object) -> NoReturn:
        raise UnsupportedVbaError("it runs a query")

    def reads_outer(self, _: SqlNode) -> bool:
        return False

    def known(self, _: exp.Expr, *, aggregated: bool) -> Typed | None:
        del aggregated
        return None

    def edge(self, _: exp.Expr, *, last: bool) -> GroupEdge:
        del last
        return GroupEdge()

    def own(self, node: exp.Anonymous, walker: Walker) -> NoReturn:
        del walker
        raise UnsupportedVbaError(f"it calls {node.name}")

    def place(self, _: exp.Expr) -> Place:
        return Place()

    def note(self, *_: object, **__: Any) -> None:
        return None


def _literal(_: Expressions, node: exp.Literal) -> Value:
    if node.is_string:
        if "\0" in node.name:
            raise UnsupportedVbaError("a text has the character 0, which statements cannot hold")
        return Value(text(node.name))
    if not node.name.isdigit():
        return Value(double(float(node.name)))
    found = short(int(node.name))
    return Value(double(float(node.name)) if found.type is ColumnType.BIGINT else found)


def _column(walker: Expressions, node: exp.Column) -> ValueOrCondition:
    if len(node.parts) > 1:
        return _qualified(walker, node)
    made = walker.around.name(node.name.casefold().removesuffix("$"))
    if isinstance(made, Value):
        return made
    if made is not None:
        return walker.of(made)
    called = exp.Anonymous(this=node.name, expressions=[])
    own = walker.around.own(called, walker)
    if own is not None:
        return own
    if node.name.casefold() in BARE:
        return call(walker, called, node.name.casefold())
    raise UnsupportedVbaError(f"the name {node.name} is not known")


def _qualified(walker: Expressions, node: exp.Column) -> ValueOrCondition:
    """`Module.Constant`, `Enum.Member`, `VBA.Date`; what else has a dot is an object."""
    first, last = node.parts[0].name, node.parts[-1].name
    if first.casefold() == "vba" or len(node.parts) == 2:
        bare = exp.Column(this=exp.to_identifier(last, quoted=True))
        made = walker.around.name(last.casefold())
        if made is not None and not isinstance(made, Value):
            return walker.of(made)
        if first.casefold() == "vba":
            return _column(walker, bare)
    raise UnsupportedVbaError(f"it reads {first}.{last}, a property of an object")


def _call(walker: Expressions, node: exp.Anonymous) -> ValueOrCondition:
    name = node.name.casefold()
    if name.startswith("vba."):
        node = nodes.place(exp.Anonymous(this=node.name.rpartition(".")[2], expressions=node.expressions), 0, 0)
        name = node.name.casefold()
    else:
        own = walker.around.own(node, walker)
        if own is not None:
            return own
        if walker.around.is_variable(name.removesuffix("$")):
            raise UnsupportedVbaError(f"{node.name} is an array")
    if name in SPECIAL:
        return SPECIAL[name](walker, node)
    return call(walker, node, name)


def _calculation(sign: str) -> Callable[[Expressions, Any], Value]:
    return lambda w, n: arithmetic.calculated(sign, w.of(n.this), w.of(n.expression), w.fail_if)


def _whole(sign: str) -> Callable[[Expressions, Any], Value]:
    return lambda w, n: arithmetic.divided_whole(sign, w.of(n.this), w.of(n.expression), w.fail_if)


def _comparison(sign: str) -> Callable[[Expressions, Any], Condition]:
    def compare(walker: Expressions, node: exp.Binary) -> Condition:
        left, right = walker.of(node.this), walker.of(node.expression)
        return comparisons.compared(sign, left, right, compare=walker.compare, walker=walker, node=node)

    return compare


def _joined(walker: Expressions, node: exp.DPipe) -> Value:
    """`&`: Null is as no text, unless all is Null."""
    parts: list[Value] = []
    waiting: list[exp.Expr] = [node]
    while waiting:
        one = waiting.pop().unnest()
        if isinstance(one, exp.DPipe):
            waiting += [one.expression, one.this]
        else:
            parts.append(walker.of(one))
    if all(p.typed.is_null for p in parts):
        return arithmetic.NOTHING
    texts = [text_of(p) for p in parts]
    return Value(concatenate(texts), any(p.variant for p in parts))


def _like(walker: Expressions, node: exp.Like) -> Condition:
    value, pattern = walker.of(node.this), walker.of(node.expression)
    return comparisons.like(value, pattern, walker.compare, walker, node)


def _connected(word: str, sign: str) -> Callable[[Expressions, Any], ValueOrCondition]:
    def connect(walker: Expressions, node: exp.Binary) -> ValueOrCondition:
        sides = [_truth_or_number(walker, n) for n in (node.this, node.expression)]
        conditions = [s for s in sides if isinstance(s, Condition)]
        if len(conditions) == 2:
            return comparisons.both(word, conditions)
        numbers = [whole_of(s, ColumnType.LONG, walker.fail_if) for s in sides if isinstance(s, Value)]
        if len(numbers) == 2 and not any(n.nullable for n in numbers):
            made = Typed(enclosed("{} {} {}", numbers[0], sign, numbers[1]), ColumnType.LONG, nullable=False)
            return Value(made, any(n.variant for n in numbers))
        raise UnsupportedVbaError(f"{word.title()} joins a truth value and a number, or numbers that may be Null")

    return connect


def _either(walker: Expressions, node: exp.Xor) -> Condition:
    """Xor of truth values."""
    a, b = (_truth_or_number(walker, n) for n in (node.this, node.expression))
    if not (isinstance(a, Condition) and isinstance(b, Condition)):
        raise UnsupportedVbaError("Xor joins numbers")
    first, second = enclosed("{} AND {}", a, negated(b)), enclosed("{} AND {}", negated(a), b)
    return Condition(enclosed("{} OR {}", first, second), a.nullable or b.nullable)


def _truth_or_number(walker: Expressions, node: exp.Expr) -> ValueOrCondition:
    made = walker.made(node)
    if isinstance(made, Condition):
        return made
    if made.type is ColumnType.BOOLEAN or made.typed.is_null:
        return as_condition(made.typed)
    if made.type not in INTEGERS:
        raise UnsupportedVbaError("And, Or or Not is applied to what is neither a truth value nor a whole number")
    return made


def _not(walker: Expressions, node: exp.Not) -> ValueOrCondition:
    made = _truth_or_number(walker, node.this)
    if isinstance(made, Condition):
        return negated(made)
    return Value(Typed(enclosed("~ {}", made), made.type, made.nullable), made.variant)


def _outside(_: Expressions, node: nodes.Bang) -> NoReturn:
    raise UnsupportedVbaError(f"it reads {node.prompt}, which is an object")


_HANDLERS: Final[dict[type, Callable[[Expressions, Any], ValueOrCondition]]] = {
    exp.Literal: _literal,
    exp.Boolean: lambda _, node: Value(TRUE if node.this else FALSE),
    exp.Null: lambda _, __: Value(NULL, variant=True),
    nodes.DateLiteral: lambda _, node: Value(moment(node.moment)),
    exp.Column: _column,
    nodes.Bang: _outside,
    exp.Paren: lambda walker, node: walker.made(node.this),
    exp.Anonymous: _call,
    exp.Neg: lambda walker, node: arithmetic.negative(walker.of(node.this), walker.fail_if),
    exp.Add: _calculation("+"),
    exp.Sub: _calculation("-"),
    exp.Mul: _calculation("*"),
    exp.Div: lambda w, n: arithmetic.divided(w.of(n.this), w.of(n.expression), w.fail_if),
    exp.IntDiv: _whole("/"),
    exp.Mod: _whole("%"),
    exp.Pow: lambda w, n: arithmetic.raised(w.of(n.this), w.of(n.expression), w.fail_if, w, n),
    exp.DPipe: _joined,
    exp.EQ: _comparison("="),
    exp.NEQ: _comparison("<>"),
    exp.LT: _comparison("<"),
    exp.LTE: _comparison("<="),
    exp.GT: _comparison(">"),
    exp.GTE: _comparison(">="),
    exp.Like: _like,
    exp.Not: _not,
    exp.And: _connected("AND", "&"),
    exp.Or: _connected("OR", "|"),
    exp.Xor: _either,
}
