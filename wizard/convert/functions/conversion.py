"""Functions that change the type. Those to whole numbers round halves to even."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from wizard.convert.expression_types import SHORTEST, as_bit, as_currency, as_number, as_text, needs_format, rounded
from wizard.convert.functions.registry import FunctionCall, Handler, function
from wizard.convert.tree import case, error, failing, tsql
from wizard.convert.typed_sql import DATES, INTEGERS, Condition, Typed
from wizard.definitions import ColumnType

AREA: Final = "conversion"
_OVERFLOW: Final = "what does not fit is an error in both, told"
_SIZES: Final = (
    ColumnType.BOOLEAN, ColumnType.BYTE, ColumnType.INTEGER, ColumnType.LONG, ColumnType.BIGINT, ColumnType.CURRENCY,
    ColumnType.DECIMAL, ColumnType.SINGLE, ColumnType.DOUBLE,
)  # fmt: skip
"""by the largest number they hold"""
_MOST: Final = {ColumnType.BYTE: 255, ColumnType.INTEGER: 2**15 - 1, ColumnType.LONG: 2**31 - 1,
                ColumnType.BIGINT: 2**63 - 1}  # fmt: skip
_LEAST: Final = {kind: 0 if kind is ColumnType.BYTE else -most - 1 for kind, most in _MOST.items()}


def _no_null(handler: Handler) -> Handler:
    """A conversion, to which Null is an error too."""

    def converted(call: FunctionCall) -> Typed | Condition:
        made, value = handler(call), call.any(0)
        if isinstance(made, Condition) or not value.nullable or not call.guarded:
            return made
        return replace(made, node=failing(made.node, tsql("{} IS NULL", value)), nullable=True)

    return converted


def _note_overflow(call: FunctionCall, kind: ColumnType) -> None:
    """That a value may not fit: a number of a larger type, which text may hold too."""
    number = as_number(call.any(0))
    larger = number.type not in _SIZES or _SIZES.index(number.type) > _SIZES.index(kind)
    if number.constant is None and larger:
        call.note(3531)


def _whole(sql_type: str, kind: ColumnType) -> Handler:
    def handler(call: FunctionCall) -> Typed:
        number = call.number(0)
        if number.type is kind:
            return number
        _note_overflow(call, kind)
        whole = call.integer(0)
        if isinstance(whole.constant, int) and not _LEAST[kind] <= whole.constant <= _MOST[kind]:
            call.note(3529)
            return Typed(error(sql_type), kind)
        inner = whole.node if number.type in INTEGERS or whole.constant is not None else rounded(number)
        constant = whole.constant if isinstance(whole.constant, int) else None
        return Typed(tsql("CONVERT({}, {})", sql_type, inner), kind, whole.nullable, constant=constant)

    return handler


for _name, _sql, _kind, _samples in (
    ("CByte", "tinyint", ColumnType.BYTE, (("CByte(2.5)", 2),)),
    ("CInt", "smallint", ColumnType.INTEGER, (("CInt(2.5)", 2), ("CInt(3.5)", 4), ("CInt(-1.5)", -2))),
    ("CLng", "int", ColumnType.LONG, (("CLng(70000.5)", 70000), ('CLng("12")', 12))),
    ("CLngLng", "bigint", ColumnType.BIGINT, (("CLngLng(12)", 12),)),
):
    function(_name, (1, 1), f"CONVERT({_sql}, a), halves to even", *_samples, area=AREA, note=_OVERFLOW)(
        _no_null(_whole(_sql, _kind))
    )


def _float(sql_type: str, kind: ColumnType) -> Handler:
    def handler(call: FunctionCall) -> Typed:
        number = call.number(0)
        _note_overflow(call, kind)
        if number.type is kind and number.constant is None:
            return number
        return Typed(tsql("CONVERT({}, {})", sql_type, number), kind, number.nullable)

    return handler


function("CSng", (1, 1), "CONVERT(real, a)", ("CSng(0.5)", 0.5), area=AREA)(_no_null(_float("real", ColumnType.SINGLE)))
function("CDbl", (1, 1), "CONVERT(float, a)", ('CDbl("1.5")', 1.5), area=AREA)(
    _no_null(_float("float", ColumnType.DOUBLE))
)


@function("CCur", (1, 1), "CONVERT(money, a), halves to even", ("CCur(1.23456)", Decimal("1.2346")),
          ("CCur(0.03125)", Decimal("0.0312")), ('CCur(Trim("0.09375"))', Decimal("0.0938")),
          ('CCur(Trim("-0.03125"))', Decimal("-0.0312")), area=AREA, note=_OVERFLOW)  # fmt: skip
@_no_null
def c_cur(call: FunctionCall) -> Typed:
    """To Currency, which has four decimals."""
    _note_overflow(call, ColumnType.CURRENCY)
    return as_currency(call.number(0))


@function("CDec", (1, 1), "CONVERT(decimal(28,10), a)", ("CDec(1.5)", Decimal("1.5")), area=AREA,
          note="ten decimals, where Access has as many as the value needs")  # fmt: skip
@_no_null
def c_dec(call: FunctionCall) -> Typed:
    """To Decimal, which has a fixed scale on a server: ten digits of 28 stand behind the point."""
    number = call.number(0)
    if number.type is ColumnType.DECIMAL:
        return number
    _note_overflow(call, ColumnType.DECIMAL)
    if number.type not in INTEGERS and number.type is not ColumnType.CURRENCY:
        call.note(3532, reason="ten decimals are kept, where Access keeps as many as the value has")
    return Typed(tsql("CONVERT(decimal(28,10), {})", number), ColumnType.DECIMAL, number.nullable)


@function("CBool", (1, 1), "CONVERT(bit, a)", ("CBool(5)", True), ("CBool(0)", False),
          ('CBool(Trim("True"))', True), ('CBool(Trim("0"))', False), ('CBool("False")', False), area=AREA)  # fmt: skip
@_no_null
def c_bool(call: FunctionCall) -> Typed:
    """To Yes/No: every number but 0 is True, and of text `True`, and what is a number but 0."""
    return as_bit(call.any(0))


@function("CStr", (1, 1), "CONVERT(nvarchar, a)", ("CStr(12)", "12"), ("CStr(1.5)", "1.5"), area=AREA)
@_no_null
def c_str(call: FunctionCall) -> Typed:
    """To text, as Access shows a value where text is wanted."""
    return call.text(0)


@function("Str", (1, 1), "CONVERT(nvarchar, a) with a space for the sign", ("Str(12)", " 12"), ("Str(-12)", "-12"),
          ("Str(-0.5)", "-.5"),
          area=AREA)  # fmt: skip
def str_(call: FunctionCall) -> Typed:
    """A number as text, with a blank in place of a plus sign and no zero before the point."""
    if call.any(0).type in DATES:  # written as one, without a space (measured of Access's engine)
        return call.text(0)
    number = call.number(0)
    if needs_format(number):
        call.note(3522, picture=SHORTEST)
    written = as_text(number)
    positive, negative = tsql("N' ' + {}", written), written.node
    if number.type not in INTEGERS:  # a fraction has no zero before its point
        positive, negative = tsql("REPLACE({}, N' 0.', N' .')", positive), tsql("REPLACE({}, N'-0.', N'-.')", negative)
    sql = case((tsql("{} >= 0", number), positive), otherwise=negative)
    return Typed(sql, ColumnType.TEXT, number.nullable)


@function("CDate", (1, 1), "CONVERT(datetime2(0), a); numbers are days since 1899-12-30",
          ('Year(CDate("2024-02-29"))', 2024), ("Month(CDate(45000))", 3), area=AREA, aliases=("CVDate",))  # fmt: skip
@_no_null
def c_date(call: FunctionCall) -> Typed:
    """To Date/Time, from text or from days since 1899-12-30."""
    return replace(call.date(0), shown=None)


@function("CVar", (1, 1), "a as it is", ("CVar(5)", 5), area=AREA)
def c_var(call: FunctionCall) -> Typed:
    """To Variant, which every value is already: it stays as it is."""
    return call.any(0)
