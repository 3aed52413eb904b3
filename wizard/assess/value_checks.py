"""Checks of a column value by value: each gives the rows that will make trouble."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wizard.assess.data_profile import text_lengths
from wizard.assess.validation_rules import UntoldError, rule_of
from wizard.coercion import code_pages
from wizard.coercion.columns import Cut, coerce
from wizard.coercion.type_ranges import DATES, DECIMALS, MONEY, WHOLE
from wizard.coercion.value_text import exact_text
from wizard.definitions import Column, ColumnProfile, ColumnType
from wizard.messages import Kind, Message, Place
from wizard.objects import MAX, ServerColumn, ServerType

Bad = Callable[[Mapping[str, "pa.Array[Any]"]], "pa.Array[Any]"]
"""columns by case-folded name to booleans: true where a row makes trouble"""


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """A question about each row of a table, and the message for the rows that answer yes."""

    number: int
    place: Place
    columns: tuple[str, ...]
    """Access names"""
    bad: Bad
    told: Mapping[str, Any] = field(default_factory=dict)
    """facts of the message beside count, rows and samples"""


_DATES: Final = {**DATES, "smalldatetime": (DATES["smalldatetime"][0], datetime(2079, 6, 6, 23, 59, 29))}
"""what rounds to a date that the type holds included: smalldatetime keeps minutes"""
_DAY_ZERO: Final = datetime(1899, 12, 30)
"""of Access's dates, which are the days since then"""
_NUMBERS: Final[Mapping[str, tuple[Decimal | float, Decimal | float]]] = {
    **WHOLE,
    **MONEY,
    "real": (-3.4028235677973366e38, 3.4028235677973366e38),  # what rounds to a real is one
}
_TEXT: Final = ("char", "varchar", "nchar", "nvarchar")
_BYTES: Final = ("binary", "varbinary")
_COARSE: Final = {"datetime": 0, "smalldatetime": 0, "datetime2": None, "date": 0}
_ROUNDED: Final[Mapping[ColumnType, tuple[str, ...]]] = {
    ColumnType.DATE_EXTENDED: ("date", "datetime", "smalldatetime", "datetime2"),
    ColumnType.SINGLE: ("decimal", "numeric"),
    ColumnType.DOUBLE: ("decimal", "numeric", "real"),
    ColumnType.CURRENCY: ("float", "real"),
    ColumnType.DECIMAL: ("float", "real"),
}
"""types that take a column's values without the digits that they do not hold; others refuse such values"""
_NUMERIC: Final = (
    ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG, ColumnType.BIGINT, ColumnType.SINGLE, ColumnType.DOUBLE,
    ColumnType.CURRENCY, ColumnType.DECIMAL,
)  # fmt: skip


def column_checks(
    place: Place, column: Column, target: ServerColumn, facts: ColumnProfile, *, keep_nulls: bool
) -> list[ValueCheck | Message]:
    """The checks that the facts give cause for; where the facts say it all, the message at once.

    `keep_nulls`: no default stands for a NULL.
    """
    found: list[ValueCheck | Message] = []
    name, type_ = column.name, target.type
    told = {
        "column": name,
        "type": str(type_),
        "minimum": exact_text(facts.minimum) or "",
        "maximum": exact_text(facts.maximum) or "",
    }

    def add(number: int, bad: Callable[[pa.Array[Any]], pa.Array[Any]], **more: Any) -> None:
        key = name.casefold()
        found.append(ValueCheck(number, place, (name,), lambda columns: bad(columns[key]), {**told, **more}))

    if facts.nulls and not target.nullable and (keep_nulls or not target.default):
        add(4001, pc.is_null)
    if facts.empty and column.allow_zero_length is False and column.type in (ColumnType.TEXT, ColumnType.MEMO):
        add(4002, lambda v: pc.equal(pc.binary_length(v), 0))
    if facts.not_finite:
        add(4006, lambda v: pc.invert(pc.is_finite(v)))
    limit = type_.length
    longest = facts.max_length * code_pages.most_bytes(target)
    if limit is not None and limit != MAX and longest > limit and column.type is not ColumnType.GUID:
        add(4003, lambda v: pc.greater(_lengths(v, target), limit), longest=facts.max_length)
    found += _date_checks(place, column, target, facts, told)
    found += _number_checks(add, column, target, facts)
    if may_round(column.type, type_, facts):
        number = {Cut.CHARACTERS: 4090, Cut.UNCHECKED: 4091}.get(_how(target), 4069)
        add(number, lambda v: _rounded(v, target), page=target.code_page)
    return found


def _lengths(values: pa.Array[Any], target: ServerColumn) -> pa.Array[Any]:
    """As the column's length counts them."""
    if target.type.name not in _TEXT:
        return pc.binary_length(values)
    if code_pages.most_bytes(target) == 1 or pc.all(pc.string_is_ascii(values)).as_py() is not False:
        return text_lengths(values)
    return pa.array([None if v is None else code_pages.length(v, target) for v in values.to_pylist()], pa.int64())


def _how(target: ServerColumn) -> Cut:
    """What the column may do to its values."""
    if not code_pages.is_narrow(target.type):
        return Cut.ROUNDED
    return Cut.CHARACTERS if code_pages.is_known(target) else Cut.UNCHECKED


def may_round(source: ColumnType, target: ServerType, facts: ColumnProfile) -> bool:
    """Whether the column's type may cut a part of its values; which those are, `coerce` says."""
    if facts.nulls == facts.rows:
        return False
    if code_pages.is_narrow(target):
        return source in (ColumnType.TEXT, ColumnType.MEMO)
    if source is ColumnType.DATE:
        coarse = target.name == "datetime" or (target.name == "datetime2" and (target.scale or 0) < 3)
        return target.name in ("date", "smalldatetime") or (coarse and facts.fraction_of_second)
    return target.name in _ROUNDED.get(source, ()) and not (target.name == "datetime2" and target.scale in (None, 7))


def _rounded(values: pa.Array[Any], column: ServerColumn) -> pa.Array[Any]:
    batch = pa.RecordBatch.from_arrays([values], names=[column.source])
    mask = np.zeros(len(values), np.bool_)
    for found in coerce(batch, [column]).rounded:
        mask[found.rows] = True
    return pa.array(mask)


def _date_checks(
    place: Place, column: Column, target: ServerColumn, facts: ColumnProfile, told: Mapping[str, Any]
) -> list[ValueCheck | Message]:
    found: list[ValueCheck | Message] = []
    name, type_ = column.name, target.type
    low, high = facts.minimum, facts.maximum
    if type_.name in _DATES and isinstance(low, datetime) and isinstance(high, datetime):
        first, last = _DATES[type_.name]
        if low < first or high > last:
            key = name.casefold()
            more = {**told, "low": exact_text(first) or "", "high": exact_text(last) or ""}
            found.append(ValueCheck(4004, place, (name,), lambda c: _outside(c[key], first, last), more))
    if column.type is ColumnType.DATE and isinstance(low, datetime) and low < _DAY_ZERO:
        key = name.casefold()
        found.append(ValueCheck(4009, place, (name,), lambda c: _backwards(c[key]), told))
    decimals = _COARSE.get(type_.name, 9)
    if facts.fraction_of_second and (type_.scale or 0 if decimals is None else decimals) == 0:
        found.append(Message.of(4007, place, column=name, type=str(type_)))
    return found


def _backwards(values: pa.Array[Any]) -> pa.Array[Any]:
    """Days before day zero with a time of day: 1899-12-29 06:00 is -1.25 in Access."""
    early = pc.less(values, pa.scalar(_DAY_ZERO, values.type))
    return pc.and_(early, pc.not_equal(pc.floor_temporal(values, unit="day"), values))


def _number_checks(
    add: Callable[..., None], column: Column, target: ServerColumn, facts: ColumnProfile
) -> list[ValueCheck | Message]:
    type_ = target.type
    low: Any = facts.minimum
    high: Any = facts.maximum
    if column.type not in _NUMERIC or low is None:
        return []
    limits = _NUMBERS.get(type_.name)
    decimals = DECIMALS.get(type_.name)
    if type_.name in ("decimal", "numeric"):
        decimals = type_.scale or 0
        top = Decimal(10) ** ((type_.precision or 18) - decimals)
        limits = (-top + Decimal(1).scaleb(-decimals), top - Decimal(1).scaleb(-decimals))
    if limits and (low < limits[0] or high > limits[1]):
        add(4005, lambda v: _outside(v, *limits))
    if decimals is not None and _may_have_more(column, decimals):
        add(4008, lambda v: _finer(v, decimals))
    return []


def _may_have_more(column: Column, decimals: int) -> bool:
    own = {ColumnType.CURRENCY: 4, ColumnType.DECIMAL: column.scale}  # others are rounded
    return own.get(column.type, 0) > decimals


def _outside(values: pa.Array[Any], low: Any, high: Any) -> pa.Array[Any]:
    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        if pa.types.is_decimal(kind):
            values = values.cast(pa.decimal256(76, 38))
            wide = pa.decimal256(76, 38)
            return pc.or_(
                pc.less(values, pa.scalar(Decimal(low), wide)), pc.greater(values, pa.scalar(Decimal(high), wide))
            )
        if pa.types.is_integer(kind):
            values = values.cast(pa.int64())
            low, high = max(int(low), -(2**63)), min(int(high), 2**63 - 1)
        else:
            low, high = float(low), float(high)
    return pc.or_(pc.less(values, low), pc.greater(values, high))


def _finer(values: pa.Array[Any], decimals: int) -> pa.Array[Any]:
    return pc.not_equal(pc.round(values, ndigits=decimals), values)


def untold_rule(place: Place, text: str, columns: Mapping[str, Column], column: str = "") -> list[Message]:
    """The message that a validation rule is not evaluated here; none where it is. `columns` by case-folded name."""
    try:
        rule_of(text, columns, column)
    except UntoldError:
        return [Message.of(4031, place, rule=text)]
    return []


def place_of(source: str, table: str, part: str = "") -> Place:
    """Where a message about a table, or a part of it, belongs."""
    return Place(Kind.COLUMN if part else Kind.TABLE, source, table, part)
