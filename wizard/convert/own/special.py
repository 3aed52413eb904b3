"""VBA's functions whose arguments have rules of their own: choices, tests, InStr, and what counts with dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlglot import exp

from wizard.convert.comparisons import ALWAYS, NEVER, as_condition, is_null
from wizard.convert.dialect import nodes
from wizard.convert.dialect.dates import TURN
from wizard.convert.literals import text
from wizard.convert.own.calls import Spec, argument, counted, fits, handled, longest
from wizard.convert.own.comparisons import caseless
from wizard.convert.own.expression_walk import ExpressionWalk
from wizard.convert.own.values import RANGES, Value, whole_of
from wizard.convert.tree import SqlNode, Text, case, enclosed, tsql
from wizard.convert.typed_sql import Condition, Typed
from wizard.convert.vba import Compare, UnsupportedVbaError
from wizard.definitions import ColumnType

_MOST: Final = RANGES[ColumnType.LONG][1]
_TEXT: Final = Spec("t", "p")
_DATE: Final = Spec("d", "p")
_WHOLE: Final = Spec("i", "e")
_WRITTEN: Final = Spec("x", "e")


def _in_str(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    """`InStr([start, ]text, part[, compare])`, which compares as Option Compare says."""
    counted(node, 2, 4)
    arguments: list[exp.Expr] = list(node.expressions)
    begun = len(arguments) > 2
    start = argument(walker, arguments[0], Spec("i", "e", least={0: 1}), 0) if begun else None
    given, part = (argument(walker, a, _TEXT, 0) for a in arguments[begun : begun + 2])
    if len(arguments) == 4:
        argument(walker, arguments[3], _WRITTEN, 0)
    elif walker.compare is Compare.BINARY and not caseless(part.typed):
        first = [] if begun else [exp.Literal(this="1", is_string=False)]
        arguments = [*first, *arguments, exp.Literal(this="0", is_string=False)]
    elif start is not None and start.typed.constant == 1:
        arguments = arguments[1:]
    made = handled(walker, exp.Anonymous(this="InStr", expressions=arguments))
    return Value(replace(made, nullable=given.nullable or part.nullable), variant=True, low=0, high=longest(given))


_MOST_REPEATED: Final = 2**20
"""characters that String and Space are let make: more would be an error of memory"""
_NVARCHAR: Final = 4000
"""characters at which REPLICATE cuts, unless what is repeated is of the long type"""


def _string(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    """`String(number, character)`: the first character of a text, or the code of one that is written out."""
    counted(node, 2, 2)
    value = walker.of(node.expressions[1])
    known = value.typed.constant
    if isinstance(known, int):
        return _repeated(walker, node, Text(bytes([known % 256]).decode("cp1252", "replace")))
    if value.family != "text":
        raise UnsupportedVbaError("a character is given as a number that is not written out")
    if known == "":
        raise UnsupportedVbaError("a function is given no character")
    if isinstance(known, str):
        return _repeated(walker, node, Text(known[0]))
    argument(walker, node.expressions[1], Spec("t", "e"), 0)
    walker.fail_if(tsql("DATALENGTH({}) = 0", value))
    return _repeated(walker, node, tsql("LEFT({}, 1)", value))


def _space(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    counted(node, 1, 1)
    return _repeated(walker, node, Text(" "))


def _repeated(walker: ExpressionWalk, node: exp.Anonymous, one: SqlNode) -> Value:
    count = argument(walker, node.expressions[0], Spec("i", "e", least={0: 0}), 0)
    high = count.bounds[1]
    if high > _MOST_REPEATED:
        walker.fail_if(tsql("{} > {}", count, _MOST_REPEATED))
    if high <= _NVARCHAR:
        return Value(Typed(tsql("REPLICATE({}, {})", one, count), ColumnType.TEXT, False, max(high, 1)), variant=True)
    made = tsql("REPLICATE(CONVERT(nvarchar(max), {}), {})", one, count)
    return Value(Typed(made, ColumnType.MEMO, nullable=False), variant=True)


_MONTHS: Final = {"yyyy": 12, "q": 3, "m": 1}
_DAYS: Final = {"y": 1, "d": 1, "w": 1, "ww": 7}
_SECONDS: Final = {"h": 3600, "n": 60, "s": 1}
_STEPS: Final = {**_MONTHS, **_DAYS, **_SECONDS}


def _interval(walker: ExpressionWalk, node: exp.Anonymous) -> str:
    written = walker.of(node.expressions[0]).typed.constant
    if not isinstance(written, str) or written.lower() not in _STEPS:
        raise UnsupportedVbaError(f"the interval of {node.name} is not written out")
    return written.lower()


def _date_add(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    """What would be no date of the years 100 to 9999 is error 5."""
    counted(node, 3, 3)
    unit = _interval(walker, node)
    number = argument(walker, node.expressions[1], _WHOLE, 0)
    day = argument(walker, node.expressions[2], _DATE, 0)
    amount = number.node if isinstance(number.typed.constant, int) else tsql("CONVERT(bigint, {})", number)
    moved = amount if _STEPS[unit] == 1 else tsql("{} * {}", amount, _STEPS[unit])
    if unit in _MONTHS:
        walker.fail_if(tsql("YEAR({0}) * 12 + MONTH({0}) - 1 + {1} NOT BETWEEN 1200 AND 119999", day, moved))
    elif unit in _DAYS:
        walker.fail_if(tsql("{} + {} NOT BETWEEN -657434 AND 2958465", _days(day), moved))
    else:
        since = tsql("DATEDIFF_BIG(second, '18991230', {})", day)
        walker.fail_if(tsql("{} + {} NOT BETWEEN -56802297600 AND 255611462399", since, moved))
    return Value(replace(handled(walker, node), nullable=day.nullable), variant=True)


def _days(day: Value | Typed) -> SqlNode:
    return tsql("DATEDIFF(day, '18991230', {})", day)


def _date_diff(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    counted(node, 3, 5)
    unit = _interval(walker, node)
    begin, end = (argument(walker, a, _DATE, 0) for a in node.expressions[1:3])
    for extra in node.expressions[3:]:
        argument(walker, extra, _WRITTEN, 0)
    if unit in ("n", "s"):
        word = "minute" if unit == "n" else "second"
        walker.fail_if(tsql("DATEDIFF_BIG({}, {}, {}) NOT BETWEEN {} AND {}", word, begin, end, -(2**31), _MOST))
    most = {"yyyy": 9_899, "q": 39_599, "m": 118_799, "n": _MOST, "s": _MOST, "h": 86_781_600}.get(unit, 3_615_900)
    nullable = begin.nullable or end.nullable
    return Value(replace(handled(walker, node), nullable=nullable), variant=True, low=-most, high=most)


def _date_serial(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    """Its arguments are Integers; what would be no date of the years 100 to 9999 is error 5."""
    counted(node, 3, 3)
    year, month, day = (_integer(walker, a) for a in node.expressions)
    (low, high), (first, last), (start, end) = year.bounds, month.bounds, day.bounds
    if not (low >= 100 and high <= 9999 and first >= 1 and last <= 12):
        full = enclosed("{} + {}", year, _century(year)) if low < 100 else year.node
        walker.fail_if(tsql("CONVERT(bigint, {}) * 12 + {} - 1 NOT BETWEEN 1200 AND 119999", full, month))
    if not (start >= -31 and end <= 31):
        one = exp.Literal(this="1", is_string=False)
        first_day = exp.Anonymous(this="DateSerial", expressions=[*(a.copy() for a in node.expressions[:2]), one])
        begun = _days(handled(walker, nodes.place(first_day, *nodes.position(node))))
        walker.fail_if(tsql("{} + {} - 1 NOT BETWEEN -657434 AND 2958465", begun, day))
    return Value(replace(handled(walker, node), nullable=False), variant=True)


def _century(year: Value) -> SqlNode:
    """What a year of two digits lacks."""
    early, late = tsql("{} BETWEEN 0 AND {}", year, TURN - 1), tsql("{} BETWEEN {} AND 99", year, TURN)
    return case((early, 2000), (late, 1900), otherwise=0)


def _time_serial(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    counted(node, 3, 3)
    for part in node.expressions:
        _integer(walker, part)
    return Value(replace(handled(walker, node), nullable=False), variant=True)


def _integer(walker: ExpressionWalk, node: exp.Expr) -> Value:
    """An argument of type Integer."""
    return whole_of(argument(walker, node, _WHOLE, 0), ColumnType.INTEGER, walker.fail_if)


# --- choices ---------------------------------------------------------------------------------------------------------


def _of_one_family(values: list[Value]) -> None:
    """Raises RefusedError where a choice would give values of several kinds, which one column cannot hold as they are.

    A Boolean among numbers is shown otherwise than a number.
    """
    families = {v.family for v in values if not v.typed.is_null}
    booleans = {v.type is ColumnType.BOOLEAN for v in values if not v.typed.is_null}
    singles = {v.type is ColumnType.SINGLE for v in values if not v.typed.is_null}
    if len(families) > 1 or len(booleans) > 1 or len(singles) > 1 or "" in families:
        raise UnsupportedVbaError("it chooses among values of several types")


def _iif(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    counted(node, 3, 3)
    walker.truth(node.expressions[0])
    _of_one_family([walker.of(a) for a in node.expressions[1:]])
    return _chosen(walker, node, node.expressions[1:])


def _switch(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    counted(node, 2, 60)
    if len(node.expressions) % 2:
        raise UnsupportedVbaError("Switch lacks a value")
    for test in node.expressions[::2]:
        walker.truth(test)
    _of_one_family([walker.of(a) for a in node.expressions[1::2]])
    made = _chosen(walker, node, node.expressions[1::2])
    return replace(made, typed=replace(made.typed, nullable=True))


def _choose(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    counted(node, 2, 60)
    index = argument(walker, node.expressions[0], _WHOLE, 0)
    del index
    _of_one_family([walker.of(a) for a in node.expressions[1:]])
    made = _chosen(walker, node, node.expressions[1:])
    return replace(made, typed=replace(made.typed, nullable=True))


def _chosen(walker: ExpressionWalk, node: exp.Anonymous, values: list[exp.Expr]) -> Value:
    bounds = [walker.of(v).bounds for v in values]
    low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
    return Value(handled(walker, node), variant=True, low=low, high=high)


def _nz(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    """Without a second argument it gives Empty for Null, which is empty text to text and 0 to numbers."""
    counted(node, 1, 2)
    value = walker.of(node.expressions[0])
    if len(node.expressions) == 1:
        if value.family != "text":
            raise UnsupportedVbaError("Nz without a second argument gives Empty, which is both 0 and empty text")
        other = Value(text(""))
    else:
        other = walker.of(node.expressions[1])
    if value.typed.is_null or not value.nullable:
        return replace(other if value.typed.is_null else value, variant=True)
    _of_one_family([value, other])
    (low, high), (least, most) = value.bounds, other.bounds
    return Value(handled(walker, node), variant=True, low=min(low, least), high=max(high, most))


def _is_null(walker: ExpressionWalk, node: exp.Anonymous) -> Condition:
    counted(node, 1, 1)
    value = walker.of(node.expressions[0])
    if value.typed.is_null:
        return ALWAYS
    return is_null(value.typed) if value.nullable else NEVER


def _is_numeric(walker: ExpressionWalk, node: exp.Anonymous) -> Condition:
    counted(node, 1, 1)
    fits(walker.of(node.expressions[0]), "*")
    return as_condition(handled(walker, node))


def _is_date(walker: ExpressionWalk, node: exp.Anonymous) -> Condition:
    counted(node, 1, 1)
    value = walker.of(node.expressions[0])
    if value.family == "text":
        raise UnsupportedVbaError("IsDate of a text depends on the country settings of Windows")
    return is_null(value.typed, negated=True) if value.family == "dates" else NEVER


def _is_empty(walker: ExpressionWalk, node: exp.Anonymous) -> Condition:
    """What a query hands over is never Empty, nor is what was given a value."""
    counted(node, 1, 1)
    walker.of(node.expressions[0])
    return NEVER


def _is_missing(walker: ExpressionWalk, node: exp.Anonymous) -> Condition:
    counted(node, 1, 1)
    return ALWAYS if walker.is_missing(node.expressions[0]) else NEVER


def _abs(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    """The least Long has no opposite: of a Variant that is a Double, of all else an overflow."""
    counted(node, 1, 1)
    value = argument(walker, node.expressions[0], Spec("n", "p"), 0)
    least, (low, high) = RANGES[ColumnType.LONG][0], value.bounds
    if value.type is ColumnType.LONG and low == least:
        if value.variant:
            made = Typed(tsql("ABS(CONVERT(float, {}))", value), ColumnType.DOUBLE, value.nullable)
            return Value(made, variant=True)
        walker.fail_if(tsql("{} = {}", value, least))
    return Value(replace(handled(walker, node), nullable=value.nullable), True, 0, max(abs(low), abs(high)))


def _c_var(walker: ExpressionWalk, node: exp.Anonymous) -> Value:
    counted(node, 1, 1)
    return replace(walker.of(node.expressions[0]), variant=True)


SPECIAL: Final[dict[str, Callable[[ExpressionWalk, exp.Anonymous], Value | Condition]]] = {
    "instr": _in_str,
    "string": _string,
    "string$": _string,
    "space": _space,
    "space$": _space,
    "dateadd": _date_add,
    "datediff": _date_diff,
    "dateserial": _date_serial,
    "timeserial": _time_serial,
    "iif": _iif,
    "switch": _switch,
    "choose": _choose,
    "nz": _nz,
    "isnull": _is_null,
    "isnumeric": _is_numeric,
    "isdate": _is_date,
    "isempty": _is_empty,
    "ismissing": _is_missing,
    "cvar": _c_var,
    "abs": _abs,
}
