"""VBA's functions as T-SQL: what each takes, what Null does to it, when it is an error, and what it gives.

What they become is in `wizard.convert.functions`; here is what VBA, called from code, does otherwise than queries.
Source: the function pages of the VBA language reference, and the types in its type library: what takes a String, a
Long or a Double has error 94 for Null, what takes a Variant gives Null.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp

from wizard.convert.comparisons import as_value
from wizard.convert.dialect import nodes
from wizard.convert.functions import FunctionCall, SqlFunction, find, refusal
from wizard.convert.own.comparisons import caseless
from wizard.convert.own.expression_walk import ExpressionWalk
from wizard.convert.own.values import RANGES, TYPES, Value, coerced, missing, plain, whole_of
from wizard.convert.tree import tsql
from wizard.convert.typed_sql import INTEGERS, Typed
from wizard.convert.vba import Compare, UnsupportedVbaError
from wizard.definitions import ColumnType

_SHORT: Final = RANGES[ColumnType.INTEGER]


@dataclass(frozen=True, slots=True)
class Spec:
    """A function. `takes` has a letter an argument: text, number, whole number (i), date, any (*), x: written out.

    `nulls`: p gives Null for Null, e is an error. `least`: below it an argument is an error. `variant`: it gives a
    Variant. `unmade`: no result of arguments that are there is an error.
    """

    takes: str
    nulls: str
    low: int | None = None
    high: int | None = None
    least: dict[int, int] = field(default_factory=dict)
    variant: bool = True
    unmade: bool = False
    outside: tuple[tuple[str, str], ...] = ()
    """signs and bounds of first arguments that are errors"""


def _spec(takes: str, nulls: str, low: int | None = None, high: int | None = None, **more: object) -> Spec:
    return Spec(takes, nulls, low, high, **more)  # type: ignore[arg-type]


LONGEST: Final = 2**30
"""characters of a String"""
SPECS: Final[dict[str, Spec]] = {
    "left": _spec("ti", "pe", least={1: 0}),
    "right": _spec("ti", "pe", least={1: 0}),
    "mid": _spec("tii", "pee", least={1: 1, 2: 0}),
    **dict.fromkeys(("ucase", "lcase", "trim", "ltrim", "rtrim"), _spec("t", "p")),
    "len": _spec("t", "p", 0, LONGEST),
    "strreverse": _spec("t", "e", variant=False),
    "replace": _spec("tttxxx", "eeeeee", variant=False),
    "instrrev": _spec("ttxx", "eeee", 0, LONGEST, variant=False),
    "strcomp": _spec("ttx", "ppe", -1, 1),
    "strconv": _spec("tx", "pe"),
    "asc": _spec("t", "e", 0, 255, variant=False, unmade=True),
    "ascw": _spec("t", "e", *_SHORT, variant=False, unmade=True),
    "val": _spec("t", "e", variant=False),
    "str": _spec("n", "p"),
    "year": _spec("d", "p", 100, 9999),
    "month": _spec("d", "p", 1, 12),
    "day": _spec("d", "p", 1, 31),
    "hour": _spec("d", "p", 0, 23),
    "minute": _spec("d", "p", 0, 59),
    "second": _spec("d", "p", 0, 59),
    "weekday": _spec("dx", "pe", 1, 7),
    "monthname": _spec("ix", "ee", variant=False, unmade=True),
    "weekdayname": _spec("ixx", "eee", variant=False, unmade=True),
    "datepart": _spec("xdxx", "epee", 0, 9999),
    "datevalue": _spec("d", "e"),
    "timevalue": _spec("d", "e"),
    **dict.fromkeys(("date", "now", "time"), _spec("", "")),
    **dict.fromkeys(("sgn", "int", "fix"), _spec("n", "p")),
    "round": _spec("nx", "pe"),
    **dict.fromkeys(("sin", "cos", "tan", "atn"), _spec("n", "e", variant=False)),
    "sqr": _spec("n", "e", variant=False, outside=(("<", "0"),)),
    "log": _spec("n", "e", variant=False, outside=(("<=", "0"),)),
    "exp": _spec("n", "e", variant=False, outside=((">", "709"),)),
    "format": _spec("*x", "ee"),
    **dict.fromkeys(("formatnumber", "formatcurrency", "formatpercent"), _spec("nxxxx", "eeeee", variant=False)),
}
_WITH_QUERIES: Final = ("StrConv",)
"""what becomes a sub-query"""
_TYPED_FORMS: Final = frozenset(
    ["left", "right", "mid", "ucase", "lcase", "trim", "ltrim", "rtrim", "space", "string", "str", "format"]
)
"""functions whose `$` form gives a String and has error 94 for Null"""
CONVERTERS: Final = {
    "cbool": "boolean", "cbyte": "byte", "cint": "integer", "clng": "long", "csng": "single", "cdbl": "double",
    "ccur": "currency", "cdate": "date", "cstr": "string",
}  # fmt: skip


def call(walker: ExpressionWalk, node: exp.Anonymous, name: str) -> Value:
    """A call of a function of VBA's own by its case-folded name. Raises RefusedError."""
    if name in CONVERTERS:
        counted(node, 1, 1)
        return coerced(walker.of(node.expressions[0]), TYPES[CONVERTERS[name]], walker.fail_if)
    bare = name.removesuffix("$")
    spec = SPECS.get(bare)
    if spec is None or (name.endswith("$") and bare not in _TYPED_FORMS):
        raise UnsupportedVbaError(_refused(node, bare))
    if name.endswith("$"):
        spec = replace(spec, nulls="e" * len(spec.takes), variant=False)
    return _by_table(walker, node, bare, spec)


def _refused(node: exp.Anonymous, name: str) -> str:
    if find(name) or refusal(name):
        return f"it calls {node.name}, which is not converted within functions"
    return f"it calls {node.name}, which is no function that is known here"


def counted(node: exp.Anonymous, least: int, most: int) -> None:
    """Raises RefusedError where a call has fewer arguments, more, or leaves one out."""
    if not least <= len(node.expressions) <= most or any(isinstance(a, nodes.Omitted) for a in node.expressions):
        raise UnsupportedVbaError(f"it calls {node.name} with arguments that are not expected")


def _by_table(walker: ExpressionWalk, node: exp.Anonymous, name: str, spec: Spec) -> Value:
    function = found(name)
    counted(node, function.least, min(function.most, len(spec.takes)))
    given = [argument(walker, a, spec, i) for i, a in enumerate(node.expressions)]
    if name == "len":
        if not (given[0].variant or given[0].family == "text"):
            raise UnsupportedVbaError("Len of a variable that is no text is its size in memory")
        spec = replace(spec, variant=given[0].variant, high=longest(given[0]))
    plainer = nodes.place(exp.Anonymous(this=name, expressions=list(node.expressions)), *nodes.position(node))
    _compare(walker, plainer, given, name)
    made = handled(walker, plainer)
    for sign, bound in spec.outside:
        walker.fail_if(tsql("{} {} {}", given[0], sign, bound))
    if spec.unmade and made.constant is None:
        walker.fail_if(missing(tuple(g.typed for g in given), made))
    nullable = any(g.nullable and null == "p" for g, null in zip(given, spec.nulls, strict=False))
    return Value(replace(made, nullable=nullable), spec.variant, spec.low, spec.high)


def longest(value: Value) -> int:
    """The most characters that a text can have."""
    return value.typed.length if value.type is ColumnType.TEXT and value.typed.length else LONGEST


def handled(walker: ExpressionWalk, node: exp.Anonymous) -> Typed:
    """What the function of queries makes of a call whose arguments have been looked at."""
    function = found(node.name)
    with walker.asking(queries=function.name in _WITH_QUERIES):
        made = function.handler(FunctionCall(node, function, tuple(node.expressions), walker))
    return made if isinstance(made, Typed) else as_value(made)


def found(name: str) -> SqlFunction:
    """The function of queries by that name. Raises RefusedError."""
    function = find(name)
    if function is None:
        raise UnsupportedVbaError(f"it calls {name}, which is no function that is known here")
    return function


def argument(walker: ExpressionWalk, node: exp.Expr, spec: Spec, place: int) -> Value:
    """An argument, with the errors that it may be. Raises UnsupportedVbaError."""
    letter, null = spec.takes[place], spec.nulls[place]
    value = walker.of(node)
    if letter == "x":
        if value.typed.constant is None:
            raise UnsupportedVbaError("an argument that must be known beforehand is not written out")
        return value
    if value.typed.is_null:
        raise UnsupportedVbaError("a function is given Null")
    if null == "e" and value.nullable:
        walker.fail_if(tsql("{} IS NULL", value))
    fits(value, letter)
    if letter == "i" and value.type not in INTEGERS:
        value = whole_of(value, ColumnType.LONG, walker.fail_if)
    least = spec.least.get(place)
    if least is not None and value.bounds[0] < least:
        if isinstance(value.typed.constant, int):
            raise UnsupportedVbaError("a function is given a number that is too small")
        walker.fail_if(tsql("{} < {}", value, least))
    return value


def fits(value: Value, letter: str) -> None:
    """Raises RefusedError where an argument is not of the kind that its function takes, as it would be converted."""
    wanted = {"t": ("text", "numbers"), "n": ("numbers", "dates"), "i": ("numbers",), "d": ("dates",)}.get(letter)
    boolean = value.type is ColumnType.BOOLEAN
    if (wanted and plain(value).family not in wanted) or (boolean and letter == "t"):
        raise UnsupportedVbaError(
            f"a function that takes {_LETTERS[letter]} is given {value.family or value.type.value}"
        )
    if letter == "*" and value.family not in ("numbers", "dates", "text"):
        raise UnsupportedVbaError(f"a function is given a {value.type.value} value")


_LETTERS: Final = {"t": "text", "n": "a number", "i": "a whole number", "d": "a date"}


def _compare(walker: ExpressionWalk, node: exp.Anonymous, given: Sequence[Value], name: str) -> None:
    """Say how text is compared, where the function's own default is another than that of queries."""
    defaults = {"replace": (5, 0), "instrrev": (3, 0), "strcomp": (2, walker.compare is not Compare.BINARY)}
    if name not in defaults:
        return
    place, how = defaults[name]
    fillers = {"replace": {3: "1", 4: "-1"}, "instrrev": {2: "-1"}}.get(name, {})
    arguments: list[exp.Expr] = list(node.expressions)
    if len(arguments) > place or caseless(given[1].typed):
        return
    for missing_place in range(len(arguments), place):
        number = fillers[missing_place]
        literal: exp.Expr = exp.Literal(this=number.removeprefix("-"), is_string=False)
        arguments.append(exp.Neg(this=literal) if number.startswith("-") else literal)
    arguments.append(exp.Literal(this=str(int(how)), is_string=False))
    node.set("expressions", arguments)
