"""Values of VBA code as T-SQL: with VBA's own idea of their types, and the conditions under which VBA raises an error.

VBA computes every part of an expression, whatever the others are, and an error ends the function: Access shows #Error
in that cell. So a statement's T-SQL stands behind the conditions of its errors, each of which ends the function with
NULL, which is what the server has for #Error everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from wizard.convert.expression_types import as_bit, as_currency, as_date, as_number, as_text, rounded, serial
from wizard.convert.literals import integer, text
from wizard.convert.text_parsing import number_of_text
from wizard.convert.tree import Part, SqlNode, case, tsql
from wizard.convert.typed_sql import DATES, FLOATS, INTEGERS, NUMBERS, TEXTS, Typed
from wizard.convert.vba import UnsupportedVbaError
from wizard.definitions import ColumnType

TYPES: Final = {
    "boolean": ColumnType.BOOLEAN, "byte": ColumnType.BYTE, "integer": ColumnType.INTEGER, "long": ColumnType.LONG,
    "single": ColumnType.SINGLE, "double": ColumnType.DOUBLE, "currency": ColumnType.CURRENCY, "date": ColumnType.DATE,
    "string": ColumnType.MEMO,
}  # fmt: skip
"""VBA's types that have one kind of value, by their names in small letters"""
RANGES: Final[dict[ColumnType, tuple[int, int]]] = {
    ColumnType.BOOLEAN: (-1, 0),
    ColumnType.BYTE: (0, 255),
    ColumnType.INTEGER: (-(2**15), 2**15 - 1),
    ColumnType.LONG: (-(2**31), 2**31 - 1),
}
_MOST_DAYS: Final = (-657434, 2958465)
"""the days of the years 100 to 9999, counted from 1899-12-30"""
FAMILIES: Final = {
    **dict.fromkeys(NUMBERS | {ColumnType.BOOLEAN}, "numbers"),
    **dict.fromkeys(TEXTS, "text"),
    **dict.fromkeys(DATES, "dates"),
}

FailIf = Callable[[SqlNode], None]
"""notes a condition under which VBA raises an error"""


@dataclass(frozen=True, slots=True)
class Value:
    """A value; `variant` where VBA knows its type only when run: whole numbers then grow instead of overflowing.

    `low` and `high` bound a whole number, as far as they are known.
    """

    typed: Typed
    variant: bool = False
    low: int | None = None
    high: int | None = None

    @property
    def node(self) -> SqlNode:
        """Its T-SQL."""
        return self.typed.node

    @property
    def type(self) -> ColumnType:
        """Its type, UNKNOWN of a NULL that is written out."""
        return self.typed.type

    @property
    def nullable(self) -> bool:
        """Whether it may be Null."""
        return self.typed.nullable

    @property
    def bounds(self) -> tuple[int, int]:
        """Of a whole number."""
        known = self.typed.constant
        if isinstance(known, int) and not isinstance(known, bool):
            return known, known
        low, high = RANGES.get(self.type, (-(2**63), 2**63 - 1))
        return (low if self.low is None else self.low), (high if self.high is None else self.high)

    @property
    def family(self) -> str:
        """Numbers, text or dates; nothing for a NULL that is written out."""
        return FAMILIES.get(self.type, "") if not self.typed.is_null else ""


def plain(value: Value) -> Value:
    """The value; raises RefusedError for types that are not calculated with here."""
    if value.type in (ColumnType.SINGLE, ColumnType.DECIMAL, ColumnType.BIGINT, ColumnType.DATE_EXTENDED):
        raise UnsupportedVbaError(
            f"it calculates with a {value.type.value} number, whose digits a server has otherwise"
        )
    if not value.family and not value.typed.is_null:
        raise UnsupportedVbaError(f"it calculates with a {value.type.value} value")
    return value


def text_of(value: Value) -> Typed:
    """The text VBA makes of a value: of a Boolean a word, where queries have a number. Raises UnsupportedVbaError."""
    if value.type is ColumnType.BOOLEAN:
        if isinstance(value.typed.constant, bool):
            return text(str(value.typed.constant))
        made = case((tsql("{} = 1", value), "N'True'"), (tsql("{} = 0", value), "N'False'"))
        return Typed(made, ColumnType.TEXT, value.nullable, 5)
    if value.family or value.typed.is_null:
        return as_text(value.typed)
    raise UnsupportedVbaError(f"it makes a text of a {value.type.value} value")


def number_of(value: Value, fail_if: FailIf) -> Value:
    """The number that a value is or says; text that says none is an error. Raises UnsupportedVbaError."""
    if value.family == "text":
        if isinstance(value.typed.constant, str):
            found = as_number(value.typed)
            if found.constant is None:
                raise UnsupportedVbaError(f"the text “{value.typed.constant}” is no number")
            return Value(found, value.variant)
        node = number_of_text(value.typed)
        fail_if(_missing(value.typed, node))
        return Value(Typed(node, ColumnType.DOUBLE, value.nullable), value.variant)
    if value.type in DATES:
        return Value(serial(value.typed), value.variant)
    return Value(as_number(value.typed), value.variant, value.low, value.high)


def _missing(given: Typed, made: Part) -> SqlNode:
    """The condition that something was given and nothing came of it."""
    if given.nullable:
        return tsql("{} IS NOT NULL AND {} IS NULL", given, made)
    return tsql("{} IS NULL", made)


def missing(given: tuple[Typed, ...], made: Part) -> SqlNode:
    """The same of several."""
    parts = [tsql("{} IS NOT NULL", g) for g in given if g.nullable]
    condition = tsql("{} IS NULL", made)
    for part in reversed(parts):
        condition = tsql("{} AND {}", part, condition)
    return condition


def whole_of(value: Value, kind: ColumnType, fail_if: FailIf) -> Value:
    """A whole number of a type, halves rounded to even; one that does not fit is an error.

    Raises UnsupportedVbaError.
    """
    number = number_of(value, fail_if)
    low, high = RANGES[kind]
    known = number.typed.constant
    if isinstance(known, int | float):
        made = round(known)
        if not low <= made <= high:
            raise UnsupportedVbaError(f"{made} is too large for its type ({kind.value})")
        return Value(replace(integer(made), type=kind), value.variant)
    if number.type in INTEGERS:
        least, most = number.bounds
        if low <= least and most <= high:
            return Value(replace(number.typed, type=kind), value.variant, least, most)
        fail_if(tsql("{} NOT BETWEEN {} AND {}", number, low, high))
        node = tsql("CONVERT(int, {})", number) if number.type is ColumnType.BIGINT else number.node
        return Value(Typed(node, kind, value.nullable), value.variant, max(low, least), min(high, most))
    made_whole = rounded(number)
    fail_if(tsql("{} NOT BETWEEN {} AND {}", made_whole, low, high))
    return Value(Typed(tsql("CONVERT(int, {})", made_whole), kind, value.nullable), value.variant, low, high)


def coerced(value: Value, kind: ColumnType, fail_if: FailIf) -> Value:
    """The value as a variable of a type other than Variant takes it: Null is an error (94).

    Raises UnsupportedVbaError.
    """
    if value.typed.is_null:
        raise UnsupportedVbaError("Null becomes a value of a type that has none")
    if value.nullable:
        fail_if(tsql("{} IS NULL", value))
        value = replace(value, typed=replace(value.typed, nullable=False))
    if kind in TEXTS:
        return Value(text_of(value))
    if kind in RANGES and kind is not ColumnType.BOOLEAN:
        return replace(whole_of(value, kind, fail_if), variant=False)
    return Value(_other(value, kind, fail_if))


def _other(value: Value, kind: ColumnType, fail_if: FailIf) -> Typed:  # noqa: PLR0911  # a table of cases
    if value.type is kind:
        return value.typed
    if kind is ColumnType.BOOLEAN:
        if value.family == "text":
            raise UnsupportedVbaError("a text becomes a Boolean")
        return as_bit(number_of(value, fail_if).typed)
    if kind is ColumnType.DATE:
        return _date(value, fail_if)
    number = number_of(value, fail_if).typed
    if kind is ColumnType.CURRENCY:
        if number.type in FLOATS:
            fail_if(tsql("{} NOT BETWEEN {} AND {}", number, *MOST_MONEY))
        return replace(as_currency(number), nullable=False)
    if kind is ColumnType.SINGLE:
        return Typed(tsql("CONVERT(real, {})", number), kind, nullable=False)
    if number.type is ColumnType.DOUBLE:
        return number
    return Typed(tsql("CONVERT(float, {})", number), ColumnType.DOUBLE, nullable=False)


MOST_MONEY: Final = ("-922337203685477.5", "922337203685477.5")


def _date(value: Value, fail_if: FailIf) -> Typed:
    if value.family == "text":
        raise UnsupportedVbaError("a text becomes a date, as the country settings of Windows say")
    number = number_of(value, fail_if)
    if not isinstance(number.typed.constant, int | float):
        bounds = _MOST_DAYS if number.type in INTEGERS else ("-657434.99999", "2958465.99999")
        fail_if(tsql("{} NOT BETWEEN {} AND {}", number, *bounds))
    elif not _MOST_DAYS[0] <= number.typed.constant <= _MOST_DAYS[1]:
        raise UnsupportedVbaError("a number is too large for a date")
    return as_date(number.typed)


def default_of(kind: ColumnType) -> Typed:
    """What a variable of a type holds before it is given a value."""
    if kind in TEXTS:
        return text("")
    if kind is ColumnType.BOOLEAN:
        return as_bit(integer(0))
    return as_date(integer(0)) if kind is ColumnType.DATE else integer(0)
