"""Comparisons, Like, Between, In and Is Null; and conditions as values, values as conditions.

Text is compared as the server's collation says, which by default ignores case, as Access does.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from sqlglot import exp

from wizard.convert.dialect.date_texts import lacks_year
from wizard.convert.expression_types import (
    APART,
    FLAGS,
    as_apart,
    as_bit,
    as_date,
    as_number,
    as_text,
    as_type,
    serial,
)
from wizard.convert.literals import FALSE, TRUE, read_number
from wizard.convert.patterns import like_pattern, pattern_of_column
from wizard.convert.retyped_columns import as_held
from wizard.convert.text_parsing import number_of_text, written_date
from wizard.convert.tree import (
    Number,
    Part,
    SqlNode,
    Text,
    called,
    case,
    coalesced,
    decided,
    enclosed,
    faults,
    spread,
    tsql,
)
from wizard.convert.typed_sql import DATES, INTEGERS, NUMBERS, TEXTS, Condition, ExpressionUse, Typed, Walker
from wizard.definitions import ColumnType
from wizard.messages import ConversionError

_OPPOSITES: Final = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_EXACT: Final = INTEGERS | {ColumnType.CURRENCY, ColumnType.DECIMAL}
NEVER: Final = Condition(enclosed("1 = 0"), nullable=False)
ALWAYS: Final = Condition(enclosed("1 = 1"), nullable=False)
_UNKNOWN: Final = Condition(enclosed("NULL = 1"))


def as_condition(value: Typed) -> Condition:
    """A value is true where it is not 0."""
    if isinstance(value.constant, bool | int | float | Decimal):
        return ALWAYS if value.constant else NEVER
    if value.is_null:
        return _UNKNOWN
    if value.type is ColumnType.BOOLEAN:
        return Condition(enclosed("{} = 1", value), value.nullable, enclosed("{} = 0", value))
    if value.type in TEXTS:  # all of it that is no number is true (measured of Access's engine)
        if isinstance(value.constant, str) and read_number(value.constant) is None:
            return ALWAYS
        value = truth_of_text(value)
    number = as_number(value)
    return Condition(enclosed("{} <> 0", number), value.nullable, enclosed("{} = 0", number))


def truth_of_text(value: Typed) -> Typed:
    """The number that a text says, 1 where it says none."""
    number = coalesced(number_of_text(value), case((tsql("{} IS NOT NULL", value), 1)))
    return Typed(number, ColumnType.DOUBLE, value.nullable)


def errors_kept(condition: Condition, walker: Walker) -> Condition:
    """A condition that is never unknown, as one that is where something within it is an error. A rule keeps errors."""
    found = faults(condition.node)
    if not found or walker.scope.use is ExpressionUse.CHECK:
        return condition
    holds, fails = decided(condition.node, found)
    return Condition(holds, nullable=True, opposite=fails)


def as_value(condition: Condition) -> Typed:
    """A condition as a bit, NULL where it is unknown."""
    if condition == ALWAYS:
        return TRUE
    if condition == NEVER:
        return FALSE
    if condition.nullable:
        sql = case((condition, TRUE), (negated(condition), FALSE))
    else:
        sql = case((condition, TRUE), otherwise=FALSE)
    return Typed(sql, ColumnType.BOOLEAN, condition.nullable)


def compare(sign: str, left: Typed, right: Typed, walker: Walker, node: exp.Expr) -> Condition:
    """A comparison of two values in types that meet as in Access. `sign` is one of =, <>, <, <=, > and >=."""
    if sign not in ("=", "<>"):  # True is less than False in Access, and more than it as a bit
        left, right = (as_number(v) if v.type is ColumnType.BOOLEAN else v for v in (left, right))
    met = comparable(left, right, walker, node)
    a, b = map(_flag_sql, met)
    opposite = enclosed("{} {} {}", a, _OPPOSITES[sign], b)
    return Condition(enclosed("{} {} {}", a, sign, b), any(v.nullable for v in (left, right, *met)), opposite)


def _flag_sql(value: Typed) -> Part:
    return int(value.constant) if isinstance(value.constant, bool) else value.node


def _exact(literal: Typed, other: Typed) -> Typed:
    """A literal beside an exact number is exact too, so that the server need not convert the column to float."""
    if isinstance(literal.constant, float) and other.type in _EXACT and isinstance(literal.node, Number):
        return replace(literal, node=literal.node.exact())
    return literal


def comparable(  # noqa: PLR0911  # a table of cases
    left: Typed, right: Typed, walker: Walker, node: exp.Expr
) -> tuple[Typed, Typed]:
    """Both sides as T-SQL may compare them: a literal takes the other side's type, else both become numbers."""
    if left.constant is not None and right.constant is None:
        other, own = comparable(right, left, walker, node)
        return own, other
    right = _exact(right, left)
    kinds = {left.type, right.type}
    if ColumnType.UNKNOWN in kinds or len(kinds) == 1 or kinds <= TEXTS or kinds <= NUMBERS or kinds <= DATES:
        return as_held(left), as_held(right)
    if kinds & APART.keys():
        return _apart(left, right)
    if isinstance(right.constant, str):
        return as_held(left), _literal_as(right, left, walker, node)
    if left.type is ColumnType.BOOLEAN and isinstance(right.constant, int) and right.constant in (0, -1):
        return left, TRUE if right.constant else FALSE
    if left.type in DATES and isinstance(right.constant, int | float):
        return as_held(left), as_date(right)
    if kinds <= DATES | NUMBERS | {ColumnType.BOOLEAN}:
        return _plain_number(left), _plain_number(right)
    if kinds & TEXTS and kinds & DATES:
        walker.scope.note(3526, node)
        return as_date(left), as_date(right)
    if kinds & TEXTS and ColumnType.BOOLEAN in kinds:
        return as_bit(left), as_bit(right)  # a form's check box, say, whose value is handed over as text
    if kinds & TEXTS and kinds & (NUMBERS | {ColumnType.BOOLEAN}):
        return as_number(left), as_number(right)
    return left, right


def _apart(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """A GUID or bytes beside something else: a text that is written out becomes such a value, a GUID a text.

    Raises ConversionError where neither can be.
    """
    one, other = (left, right) if left.type in APART else (right, left)
    if one.type is ColumnType.GUID and other.type in TEXTS and other.constant is None:
        made = as_text(one), other
    else:
        made = one, as_apart(other, one.type)
    return made if one is left else (made[1], made[0])


def _plain_number(value: Typed) -> Typed:
    return serial(value) if value.type in DATES else as_number(value)


def _literal_as(literal: Typed, other: Typed, walker: Walker, node: exp.Expr) -> Typed:
    """A text literal where another type is compared, read as Access reads it."""
    written = str(literal.constant)
    if other.type in NUMBERS or other.type is ColumnType.BOOLEAN:
        found = read_number(written)
        if found is None and written.strip().casefold() in FLAGS:
            return TRUE if FLAGS[written.strip().casefold()] else FALSE
        if found is not None and other.type is ColumnType.BOOLEAN:
            return TRUE if found.constant else FALSE
        if found is not None:
            return found
    elif other.type in DATES:
        day = written_date(written)
        if day is not None:
            if lacks_year(written):
                walker.scope.note(3546, node, text=written)
            return day
    else:
        return literal
    raise ConversionError(3508, walker.scope.place(node), text=written, type=other.type.value)


def equals(sign: str, node: exp.Expr, walker: Walker) -> Condition:
    """`=` and `<>`; what is compared with True or False as a word is a condition, or its opposite.

    `[n] = True` is true of every number but 0; with -1 it is compared (measured of Access's engine).
    """
    left, right = walker.walk(node.args["this"]), walker.walk(node.args["expression"])
    for one, other in ((left, node.args["expression"]), (right, node.args["this"])):
        flag = _flag(other)
        if flag is None:
            continue
        worded = isinstance(one, Typed) and isinstance(other.unnest(), exp.Boolean) and one.type in _WORDED
        tested = as_condition(one) if worded and isinstance(one, Typed) else one
        if isinstance(tested, Condition):
            return tested if flag is (sign == "=") else negated(tested)
    a, b = (as_value(side) if isinstance(side, Condition) else side for side in (left, right))
    return compare(sign, a, b, walker, node)


_WORDED: Final = NUMBERS | TEXTS | DATES


def _flag(node: exp.Expr) -> bool | None:
    """True or False where the node is that constant, or the -1 and 0 they are."""
    node = node.unnest()
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and node.this.name == "1":
        return True
    return False if isinstance(node, exp.Literal) and not node.is_string and node.name == "0" else None


def negated(condition: Condition) -> Condition:
    """The opposite; NULL stays NULL."""
    if condition == ALWAYS:
        return NEVER
    if condition == NEVER:
        return ALWAYS
    opposite = condition.opposite or enclosed("NOT {}", condition)
    return Condition(opposite, condition.nullable, condition.node)


def like(value: Typed, pattern: Typed, walker: Walker, node: exp.Expr, *, ansi: bool = False) -> Condition:
    """A literal pattern is translated here, any other on the server.

    Raises ConversionError where a literal pattern is none.
    """
    left, right = as_text(value), as_text(pattern)
    nullable = left.nullable or right.nullable
    if not isinstance(right.constant, str):
        walker.scope.note(3524, node)
        server = right.node if ansi else pattern_of_column(right)
        return _affirmed(left, tsql("LIKE {}", server), nullable=nullable)
    try:
        made = like_pattern(right.constant, ansi=ansi)
    except ValueError as e:
        raise ConversionError(3507, walker.scope.place(node), pattern=right.constant, reason=e) from None
    return _affirmed(left, tsql("LIKE {}", Text(made)), nullable=nullable)


def _affirmed(operand: Typed, test: SqlNode, *, nullable: bool) -> Condition:
    """A test with a NOT of its own: LIKE, BETWEEN, IN."""
    return Condition(enclosed("{} {}", operand, test), nullable, enclosed("{} NOT {}", operand, test))


def between(node: exp.Between, walker: Walker) -> Condition:
    """Access takes the bounds in any order, T-SQL the lower one first."""
    value, *bounds = (walker.value(n) for n in (node.this, node.args["low"], node.args["high"]))
    (tested, low), (other, high) = (comparable(value, bound, walker, node) for bound in bounds)
    nullable = any(v.nullable for v in (value, tested, low, high))
    if tested.type is not other.type:  # each bound wants the value in a form of its own
        least, most = ([compare(sign, value, bound, walker, node) for bound in bounds] for sign in (">=", "<="))
        one, turned = (tsql("{} AND {}", least[n], most[1 - n]) for n in (0, 1))
        return Condition(enclosed("{} OR {}", one, turned), nullable)
    a, b = low.constant, high.constant
    if a is not None and b is not None:
        if _less(b, a):
            low, high = high, low
        return _affirmed(tested, tsql("BETWEEN {} AND {}", low, high), nullable=nullable)
    forward = tsql("{} BETWEEN {} AND {}", tested, low, high)
    backward = tsql("{} BETWEEN {} AND {}", tested, high, low)
    return Condition(enclosed("{} OR {}", forward, backward), nullable)


def _less(a: object, b: object) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a.casefold() < b.casefold()
    try:
        return bool(a < b)  # type: ignore[operator]
    except TypeError:
        return False


def membership(node: exp.In, walker: Walker) -> Condition:
    """IN with a list or a sub-query."""
    value = walker.value(node.this)
    query = node.args.get("query")
    if query is not None:
        column = walker.scope.rows(query)
        return _affirmed(beside_rows(value, column), tsql("IN {}", column), nullable=True)
    values = [walker.value(m) for m in node.expressions]
    members = [comparable(value, m, walker, node) for m in values]
    tested = members[0][0]
    nullable = value.nullable or any(v.nullable for pair in members for v in pair)
    if len({t.type for t, _ in members}) > 1:
        equal = [compare("=", value, m, walker, node) for m in values]
        unequal = spread(" AND ", [negated(e).node for e in equal])
        return Condition(enclosed("{}", spread(" OR ", [e.node for e in equal])), nullable, enclosed("{}", unequal))
    return _affirmed(tested, called("IN ", *(_flag_sql(m) for _, m in members)), nullable=nullable)


def beside_rows(value: Typed, column: Typed) -> Typed:
    """A value as the type of a sub-query's column, which is asked for it. Raises ConversionError (3536)."""
    if column.type is ColumnType.BOOLEAN and value.type in NUMBERS:  # -1 is True, which is 1 as a bit
        return Typed(enclosed("-1 * {}", value), value.type, value.nullable)
    if ColumnType.UNKNOWN in (column.type, value.type) or column.type is value.type:
        return value
    return as_type(value, ColumnType.DOUBLE if column.type in NUMBERS else column.type)


def null_test(node: exp.Is, walker: Walker) -> Condition:
    """IS NULL, and IS with anything else, which Access reads as a comparison."""
    if not isinstance(node.expression, exp.Null):
        return compare("=", walker.value(node.this), walker.value(node.expression), walker, node)
    return errors_kept(is_null(walker.value(node.this)), walker)


def is_null(value: Typed, *, negated: bool = False) -> Condition:
    """`Is Null` and, negated, `Is Not Null`."""
    if value.constant is not None:
        return ALWAYS if negated else NEVER
    nothing, has_value = enclosed("{} IS NULL", value), enclosed("{} IS NOT NULL", value)
    found = Condition(nothing, nullable=False, opposite=has_value)
    return found if not negated else Condition(has_value, nullable=False, opposite=nothing)
