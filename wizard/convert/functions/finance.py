"""Functions of finance that are a formula. Money that is paid is negative, as in Access.

The formulas are those of annuities: pv * (1 + r)^n + pmt * (1 + r * due) * ((1 + r)^n - 1) / r + fv = 0, and
pv + pmt * n + fv = 0 where the rate is 0. `due` is 1 where payments fall at the beginning of a period.
"""

from __future__ import annotations

from typing import Final

from wizard.convert.functions.registry import Call, function
from wizard.convert.typed import Typed
from wizard.definitions import ColumnType

AREA: Final = "finance"


def _parts(call: Call, needed: int) -> tuple[list[str], bool]:
    """Five numbers as float, absent ones 0, and whether one may be NULL."""
    values = [call.number(i) if call.has(i) else None for i in range(5)]
    if any(v is None for v in values[:needed]):
        call.fail(f"the first {needed} arguments must be there")
    sql = [f"CONVERT(float, {v.sql})" if v else "0.0E0" for v in values]
    return sql, any(v.nullable for v in values if v)


def _annuity(call: Call, at_zero: str, formula: str) -> Typed:
    """`formula` and `at_zero` (for a rate of 0) over {r}, {n}, {a}, {b}, {due} and {g}, which is (1 + r)^n."""
    (r, n, a, b, due), nullable = _parts(call, 3)
    words = {"r": r, "n": n, "a": a, "b": b, "due": due, "g": f"POWER(1 + {r}, {n})"}
    sql = f"CASE WHEN {r} = 0 THEN {at_zero.format(**words)} ELSE {formula.format(**words)} END"
    return Typed(sql, ColumnType.DOUBLE, nullable)


@function("Pmt", (3, 5), "the formula of an annuity", ("Round(Pmt(0.01, 12, 1000), 4)", -88.8488), area=AREA)
def pmt(call: Call) -> Typed:
    return _annuity(call, "-({a} + {b}) / {n}", "-({a} * {g} + {b}) * {r} / ((1 + {r} * {due}) * ({g} - 1))")


@function("PV", (3, 5), "the formula of an annuity", ("Round(PV(0.01, 12, -100), 4)", 1125.5077), area=AREA)
def pv(call: Call) -> Typed:
    return _annuity(call, "-({b} + {a} * {n})", "-({b} + {a} * (1 + {r} * {due}) * ({g} - 1) / {r}) / {g}")


@function("FV", (3, 5), "the formula of an annuity", ("Round(FV(0.01, 12, -100), 4)", 1268.2503), area=AREA)
def fv(call: Call) -> Typed:
    return _annuity(call, "-({b} + {a} * {n})", "-({b} * {g} + {a} * (1 + {r} * {due}) * ({g} - 1) / {r})")


@function("SLN", (3, 3), "(a - b) / c", ("SLN(1000, 100, 9)", 100.0), area=AREA)
def sln(call: Call) -> Typed:
    (cost, salvage, life, *_), nullable = _parts(call, 3)
    return Typed(f"(({cost} - {salvage}) / {life})", ColumnType.DOUBLE, nullable)


@function("SYD", (4, 4), "(a - b) * (c - d + 1) * 2 / (c * (c + 1))", ("SYD(1000, 100, 9, 1)", 180.0), area=AREA)
def syd(call: Call) -> Typed:
    (cost, salvage, life, period, _), nullable = _parts(call, 4)
    sql = f"(({cost} - {salvage}) * ({life} - {period} + 1) * 2 / ({life} * ({life} + 1)))"
    return Typed(sql, ColumnType.DOUBLE, nullable)
