"""Functions that choose and test."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from sqlglot import exp

from wizard.convert.comparisons import ALWAYS, NEVER, as_condition, is_null, negated, truth_of_text
from wizard.convert.expression_types import aligned, as_bit, as_number, as_text, mixed
from wizard.convert.functions.registry import FunctionCall, Sample, function
from wizard.convert.literals import NULL, integer, read_number, text
from wizard.convert.text_parsing import named_date, names_date, number_of_text
from wizard.convert.tree import (
    Case,
    Part,
    SqlNode,
    Text,
    Volatility,
    case,
    choose_sql,
    chosen_or_error,
    coalesced,
    enclosed,
    node_of,
    tsql,
    volatile,
)
from wizard.convert.typed_sql import DATES, FLOATS, INTEGERS, NUMBERS, TEXTS, Condition, Typed, Walker
from wizard.definitions import ColumnType

AREA: Final = "logic"


def _longest(values: tuple[Typed, ...]) -> int:
    """Characters of the longest; 0, which is unknown, where that of one text is not known."""
    unknown = (v.type in TEXTS and not v.length and v.constant is None and not v.is_null for v in values)
    return 0 if any(unknown) else max(v.length for v in values)


_NESTED: Final = 4
"""levels of CASE in a first branch that stay there, of the ten that T-SQL takes"""


@dataclass(frozen=True, slots=True)
class _Branch:
    condition: exp.Expr
    value: exp.Expr
    otherwise: bool = False
    """whether the value is for a condition that is not true"""
    switch: bool = False


def _choice(node: exp.Expr | None, walker: Walker | None = None) -> tuple[str, list[exp.Expr]]:
    """The name and the arguments of an IIf or Switch; nothing for all else, and for one that is grouped by."""
    inner = node.unnest() if node else None
    if not isinstance(inner, exp.Anonymous) or (walker and walker.known(inner)):
        return "", []
    name, arguments = str(inner.this).casefold(), inner.expressions
    fits = {"iif": 2 <= len(arguments) <= 3, "switch": bool(arguments) and len(arguments) % 2 == 0}
    return (name, arguments) if fits.get(name) else ("", [])


def _depth(node: exp.Expr) -> int:
    """Levels of CASE that a choice becomes: one in a last branch belongs to the same CASE."""
    deepest, waiting = 0, node
    while (found := _choice(waiting))[0]:
        name, arguments = found
        values = arguments[1::2] if name == "switch" else arguments[1:2]
        deepest = max(deepest, *(1 + _depth(v) for v in values))
        waiting = arguments[2] if name == "iif" and len(arguments) > 2 else exp.Null()
    return deepest


def _chain(node: exp.Expr, walker: Walker) -> tuple[list[_Branch], exp.Expr | None]:
    """The branches of an IIf with the IIf and Switch in its last branch, and the value else.

    T-SQL takes CASE ten levels deep, and people write far more of IIf. Where many are in the first branch, the value of
    the last one is put before them.
    """
    branches: list[_Branch] = []
    waiting: exp.Expr | None = node
    while (found := _choice(waiting, walker))[0]:
        name, arguments = found
        if name == "switch":
            branches += [_Branch(c, v, switch=True) for c, v in zip(arguments[0::2], arguments[1::2], strict=True)]
            waiting = None
            continue
        last = arguments[2] if len(arguments) > 2 else exp.Null()
        turned = _depth(arguments[1]) >= _NESTED and _depth(last) < _depth(arguments[1])
        branches.append(_Branch(arguments[0], last if turned else arguments[1], otherwise=turned))
        waiting = arguments[1] if turned else last
    return branches, waiting


def _not_true(condition: Condition) -> Condition:
    if not condition.nullable:
        return negated(condition)
    return Condition(enclosed("{} = 1", case((condition, 0), otherwise=1)), nullable=False)


def _cases(call: FunctionCall) -> Typed:
    """One CASE with one type for all branches."""
    walker = call.walker
    chain, last = _chain(call.node, walker)
    made = [(_tested(walker, b), b.otherwise) for b in chain]
    conditions = [_not_true(c) if turned else c for c, turned in made]
    given = (*(walker.value(b.value) for b in chain), walker.value(last) if last else NULL)
    kind, results = aligned(given)
    made_of = _branched(conditions, results, kind, last)
    if mixed(kind, given) and isinstance(made_of.node, Case):
        texts = _branched(conditions, tuple(map(as_text, given)), ColumnType.TEXT, last)
        return replace(made_of, shown=texts.node)
    return made_of


def _tested(walker: Walker, branch: _Branch) -> Condition:
    """A branch's condition; IIf rounds a number that is one to a whole number: 0.5 is False (measured)."""
    made = walker.walk(branch.condition)
    if isinstance(made, Condition):
        return made
    if branch.switch:
        return as_condition(as_bit(made) if made.type in TEXTS else made)
    if made.type not in _FRACTIONS:
        return as_condition(made)
    if isinstance(made.constant, str) and read_number(made.constant) is None:
        return ALWAYS  # whatever it says
    if made.type in DATES | TEXTS:
        made = truth_of_text(made) if made.type in TEXTS else as_number(made)
    if isinstance(made.constant, int | float | Decimal):
        return ALWAYS if abs(float(made.constant)) > _HALF else NEVER
    return Condition(enclosed("ABS({}) > 0.5", made), made.nullable)


_HALF: Final = 0.5
_FRACTIONS: Final = FLOATS | DATES | TEXTS | {ColumnType.CURRENCY, ColumnType.DECIMAL}


def _branched(
    conditions: list[Condition], results: tuple[Typed, ...], kind: ColumnType, last: exp.Expr | None
) -> Typed:
    otherwise = results[-1]
    branches: list[tuple[Condition, Typed]] = []
    for condition, result in zip(conditions, results, strict=False):
        if condition == ALWAYS:
            otherwise = result
            break
        if condition != NEVER:
            branches.append((condition, result))
    values = (*(r for _, r in branches), otherwise)
    if not branches:
        return otherwise
    if all(v.is_null for v in values):
        return NULL
    ending = None if last is None and otherwise.is_null else otherwise
    sql = chosen_or_error(branches, ending)
    return Typed(sql, kind, any(v.nullable for v in values) or bool(sql.facts.faults), _longest(values))


@function("IIf", (2, 3), "CASE WHEN a THEN b ELSE c END", ('IIf(1 > 2, "a", "b")', "b"), ("IIf(Null, 1, 2)", 2),
          ('IIf(1 > 2, "a", IIf(2 > 1, 5, 1.5))', "5"), ("IIf(1 > 2, 1, Switch(3 > 4, 2))", None), takes="b", area=AREA,
          note="all branches get one type; an IIf in the last branch becomes more branches")  # fmt: skip
def iif(call: FunctionCall) -> Typed:
    """The second argument where the first is true, else the third: also where the first is NULL."""
    return _cases(call)


@function("Switch", (2, 60), "CASE WHEN a THEN b WHEN c THEN d … END",
          ('Switch(1 > 2, "a", True, "b")', "b"), area=AREA)  # fmt: skip
def switch(call: FunctionCall) -> Typed:
    """The value behind the first condition that is true, NULL where none is."""
    if len(call.arguments) % 2:
        call.fail("conditions and values come in pairs")
    return _cases(call)


@function("Choose", (2, 60), "CHOOSE(a, b, c …)", ('Choose(2, "a", "b")', "b"), area=AREA,
          note="a fraction of the index is dropped")  # fmt: skip
def choose(call: FunctionCall) -> Typed:
    """The value at an index from 1, NULL for every other index."""
    number = call.number(0)
    index: Part = number.node
    if isinstance(number.constant, float):
        index = math.trunc(number.constant)
    elif number.type not in INTEGERS:
        index = tsql("CONVERT(int, ROUND({}, 0, 1))", number)
    given = tuple(call.any(i) for i in range(1, len(call.arguments)))
    kind, results = aligned(given)
    if all(r.is_null for r in results):
        return NULL
    shown = choose_sql(index, *map(as_text, given)) if mixed(kind, given) else None
    return Typed(choose_sql(index, *results), kind, nullable=True, length=_longest(results), shown=shown)


@function("Nz", (1, 2), "COALESCE(a, b)", ('Nz(Null, "none")', "none"), ("Nz(5, 1)", 5), area=AREA, hides=True,
          note="without a second argument 0 for numbers and empty text for all else")  # fmt: skip
def nz(call: FunctionCall) -> Typed:
    """The second argument in place of NULL."""
    value = call.any(0)
    if not call.has(1):
        number = value.type in NUMBERS or value.type is ColumnType.BOOLEAN
        if number and value.nullable:
            call.note(3532, reason="without a second argument a number becomes 0; a query in Access shows empty text")
        other = integer(0) if number else text("")
    else:
        other = call.any(1)
    if value.is_null or not value.nullable:
        return other if value.is_null else value
    kind, (first, second) = aligned((value, other))
    sql = coalesced(first, second)
    shown = coalesced(as_text(value), as_text(other)) if mixed(kind, (value, other)) else None
    return Typed(sql, kind, second.nullable, _longest((first, second)), shown=shown)


@function("IsNull", (1, 1), "a IS NULL", ("IsNull(Null)", True), ("IsNull(5)", False), area=AREA)
def is_null_(call: FunctionCall) -> Condition:
    """Whether a value is NULL."""
    return ALWAYS if call.any(0).is_null else is_null(call.any(0))


def _seen(call: FunctionCall) -> Typed:
    """The argument; of dates among numbers the text, which is one or the other."""
    value = call.any(0)
    return value if value.shown is None else as_text(value)


@function("IsNumeric", (1, 1), "TRY_CONVERT(float, a) IS NOT NULL", ('IsNumeric("12.5")', True),
          ('IsNumeric("x")', False), ("IsNumeric(Null)", False), ('IsNumeric("1e5")', True),
          ('IsNumeric("$1,234")', True),
          ('IsNumeric("")', False), ('IsNumeric(".")', False), ("IsNumeric(#2024-01-31#)", False), area=AREA,
          note="of text as the server reads numbers (told)")  # fmt: skip
def is_numeric(call: FunctionCall) -> Condition:
    """Whether a value is a number, or the text of one."""
    value = _seen(call)
    if isinstance(value.constant, bool | int | float | Decimal):
        return ALWAYS
    if value.type in NUMBERS or value.type is ColumnType.BOOLEAN:
        return is_null(value, negated=True)
    if value.type in DATES or value.is_null:
        return NEVER
    if isinstance(value.constant, str):
        return NEVER if read_number(value.constant) is None else ALWAYS
    call.note(3532, reason="the server decides what text is a number; Access also takes &H, &O, and signs at the end")
    written = coalesced(as_text(value), "N''")
    digits = tsql("{} LIKE N'%[0-9]%'", written)
    return Condition(enclosed("{} AND {} IS NOT NULL", digits, number_of_text(written)), nullable=False)


@function("IsDate", (1, 1), "whether CDate reads it", ('IsDate("2024-02-29")', True), ('IsDate("13/1/2024")', True),
          ('IsDate("")', False),
          ('IsDate("2024-02-30")', False), area=AREA)  # fmt: skip
def is_date(call: FunctionCall) -> Condition:
    """Whether a value is a date, or the text of one."""
    value = _seen(call)
    if value.type in DATES:
        return ALWAYS if value.constant is not None else is_null(value, negated=True)
    if value.type not in TEXTS:
        return NEVER
    if value.constant is None:
        call.note(3526)
    if isinstance(value.constant, str):
        return ALWAYS if names_date(value.constant) else NEVER
    return is_null(Typed(named_date(value), ColumnType.DATE), negated=True)


@function("IsEmpty", (1, 1), "false: a column is NULL, never Empty", ("IsEmpty(5)", False), area=AREA)
def is_empty(_: FunctionCall) -> Condition:
    """Whether a variable was never set, which no column can be."""
    return NEVER


@function("IsObject", (1, 1), "false: a column holds no object", ("IsObject(5)", False), area=AREA)
def is_object(_: FunctionCall) -> Condition:
    """Whether a variable holds an object, which no column does."""
    return NEVER


@function("IsArray", (1, 1), "false: a column holds no array", ("IsArray(5)", False), area=AREA)
def is_array(_: FunctionCall) -> Condition:
    """Whether a variable holds an array, which no column does."""
    return NEVER


_VARIANTS: Final[dict[ColumnType, tuple[int, str]]] = {
    ColumnType.INTEGER: (2, "Integer"), ColumnType.LONG: (3, "Long"), ColumnType.SINGLE: (4, "Single"),
    ColumnType.DOUBLE: (5, "Double"), ColumnType.CURRENCY: (6, "Currency"), ColumnType.DATE: (7, "Date"),
    ColumnType.TEXT: (8, "String"), ColumnType.MEMO: (8, "String"), ColumnType.BOOLEAN: (11, "Boolean"),
    ColumnType.DECIMAL: (14, "Decimal"), ColumnType.BYTE: (17, "Byte"), ColumnType.BIGINT: (20, "LongLong"),
}  # fmt: skip
"""the number and the name that VBA has for a type"""


def _variant(call: FunctionCall, which: int, null: str, kind: ColumnType) -> Typed:
    value = call.any(0)
    if value.is_null:
        return Typed(node_of(null), kind, nullable=False, length=8)
    if value.type not in _VARIANTS:
        call.fail(f"VBA has no name for a {value.type.value}")
    literal = call.arguments[0].unnest()
    literal = literal.this.unnest() if isinstance(literal, exp.Neg) else literal
    if isinstance(literal, exp.Literal) and "." in literal.name and not literal.is_string:
        call.note(3532, reason="what is written with a point is a Double; Access's engine may say Decimal")
    of = value.type
    if of is ColumnType.BIGINT and isinstance(literal, exp.Literal):
        of = ColumnType.DOUBLE
    elif of is ColumnType.BIGINT and isinstance(literal, exp.Binary):
        of = ColumnType.LONG  # which is wider on the server, so that it does not overflow
    found = _VARIANTS[of][which]
    sql: Part = Text(found) if isinstance(found, str) else found
    if value.nullable:
        sql = case((tsql("{} IS NULL", value), null), otherwise=sql)
    return Typed(node_of(sql), kind, nullable=False, length=8)


@function("VarType", (1, 1), "the number of the type, 1 for NULL", ('VarType("a")', 8), ("VarType(Null)", 1),
          ("VarType(70000)", 3), ("VarType(1.5)", 5), area=AREA)  # fmt: skip
def var_type(call: FunctionCall) -> Typed:
    """The number that VBA has for the type: known from the column, but for NULL."""
    return _variant(call, 0, "1", ColumnType.INTEGER)


@function("TypeName", (1, 1), "the name of the type, Null for NULL", ('TypeName("a")', "String"),
          ("TypeName(Null)", "Null"), ("TypeName(CCur(1))", "Currency"), ("TypeName(#2024-01-31#)", "Date"),
          area=AREA)  # fmt: skip
def type_name(call: FunctionCall) -> Typed:
    """The name that VBA has for the type: known from the column, but for NULL."""
    return _variant(call, 1, "N'Null'", ColumnType.TEXT)


@function("Partition", (4, 4), "a CASE that writes the range", ("Partition(5, 0, 99, 10)", "  0:  9"),
          ("Partition(-1, 0, 99, 10)", "   : -1"), ("Partition(1005, 100, 1010, 20)", "1000:1010"),
          ("Partition(2000, 100, 1010, 20)", "1011:    "), ("Partition(7, 0, 99, 1)", "  7:  7"),
          takes="iiii", area=AREA)  # fmt: skip
def partition(call: FunctionCall) -> Typed:
    """The range that a number lies in, as text of a fixed width: of number, start, stop, interval."""
    number = call[0]
    start, stop, step = (call.constant_integer(i, 0) for i in (1, 2, 3))
    if start < 0 or stop <= start or step < 1:
        call.fail("start must be 0 or more, stop above it, and the interval 1 or more")
    width = max(len(str(start - 1)), len(str(stop + 1)))
    low = enclosed("{0} + ({1} - {0}) / {2} * {2}", start, number, step)
    top = tsql("{} + {}", low, step - 1)
    high = case((tsql("{} > {}", top, stop), stop), otherwise=top)

    def padded(value: SqlNode) -> SqlNode:
        return tsql("RIGHT(REPLICATE(N' ', {0}) + CONVERT(nvarchar(20), {1}), {0})", width, value)

    before, after = f"{' ' * width}:{start - 1:>{width}}", f"{stop + 1:>{width}}:{' ' * width}"
    sql = case(
        (tsql("{} < {}", number, start), Text(before)),
        (tsql("{} > {}", number, stop), Text(after)),
        (tsql("{} IS NOT NULL", number), tsql("{} + N':' + {}", padded(low), padded(high))),
    )
    return Typed(sql, ColumnType.TEXT, number.nullable, 2 * width + 1)


@function("CurrentUser", (0, 0), "SUSER_SNAME()", Sample("CurrentUser()", None, "it is who asks"), area=AREA)
def current_user(call: FunctionCall) -> Typed:
    """Who asks: the login at the server."""
    call.note(
        3525, reason="it gives the login at the server, where Access gives the user of the workgroup, often Admin"
    )
    return Typed(volatile(Volatility.STATEMENT, "SUSER_SNAME()"), ColumnType.TEXT, nullable=False, length=128)
