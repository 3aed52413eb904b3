"""Functions of finance that are a formula. Money that is paid is negative, as in Access.

The formulas are those of annuities: pv * (1 + r)^n + pmt * (1 + r * due) * ((1 + r)^n - 1) / r + fv = 0, and
pv + pmt * n + fv = 0 where the rate is 0. `due` is 1 where payments fall at the beginning of a period.

The interest of a period is the rate of what is owed after the period before; a payment at the beginning of the first
period bears none. The double-declining balance takes a share of what is left, and never more than would leave less
than the salvage value; of a life below two periods the first takes all.
"""

from __future__ import annotations

from typing import Final

from wizard.convert.functions.registry import Call, function
from wizard.convert.typed import Typed
from wizard.convert.values import double
from wizard.definitions import ColumnType

AREA: Final = "finance"


def _parts(call: Call, needed: int) -> tuple[list[str], bool]:
    """Numbers as float, absent ones 0, and whether one may be NULL; at least five, as many as the function takes."""
    values = [call.number(i) if call.has(i) else None for i in range(max(5, call.function.most))]
    if any(v is None for v in values[:needed]):
        call.fail(f"the first {needed} arguments must be there")
    return [_float(v) if v else "0.0E0" for v in values], any(v.nullable for v in values if v)


def _float(value: Typed) -> str:
    if isinstance(value.constant, int | float):  # some servers take 1E0 for a decimal
        return f"CONVERT(float, {double(float(value.constant)).sql})"
    return value.sql if value.type is ColumnType.DOUBLE else f"CONVERT(float, {value.sql})"


def _guarded(call: Call, condition: str, made: str, nullable: bool) -> Typed:
    """NULL where Access shows an error; not asked of numbers that are written out."""
    known = all(call.number(i).constant is not None for i in range(len(call.arguments)) if call.has(i))
    if not known and call.guarded:
        call.tell(3529)
        made, nullable = f"CASE WHEN {condition} THEN {made} END", True
    return Typed(made, ColumnType.DOUBLE, nullable)


_PMT: Final = "-({a} * {g} + {b}) * {r} / ((1 + {r} * {due}) * ({g} - 1))"
_FV: Final = "-({b} * {g} + {a} * (1 + {r} * {due}) * ({g} - 1) / {r})"


def _annuity(call: Call, at_zero: str, formula: str) -> Typed:
    """`formula` and `at_zero` (for a rate of 0) over {r}, {n}, {a}, {b}, {due} and {g}, which is (1 + r)^n."""
    (r, n, a, b, due), nullable = _parts(call, 3)
    words = {"r": r, "n": n, "a": a, "b": b, "due": _due(due), "g": f"POWER(1 + {r}, {n})"}
    made = _unless_zero(r, at_zero.format(**words), formula.format(**words))
    return _guarded(call, f"{n} <> 0 AND {r} > -1", made, nullable)


def _unless_zero(rate: str, at_zero: str, otherwise: str) -> str:
    return f"CASE WHEN {rate} = 0 THEN {at_zero} ELSE {otherwise} END"


def _due(written: str) -> str:
    """1 for every number but 0."""
    known = {"0.0E0": "0", "CONVERT(float, 0.0E0)": "0", "CONVERT(float, 1.0E0)": "1"}
    return known.get(written) or f"ABS(SIGN({written}))"


@function("Pmt", (3, 5), "the formula of an annuity", ("Pmt(0.01, 12, 1000)", -88.84878867834166),
          ("Pmt(0, 4, 100)", -25.0), ("Pmt(0.08 / 12, 10, 10000, 0, 1)", -1030.164327177992), area=AREA)  # fmt: skip
def pmt(call: Call) -> Typed:
    return _annuity(call, "-({a} + {b}) / {n}", _PMT)


@function("PV", (3, 5), "the formula of an annuity", ("PV(0.01, 12, -100)", 1125.5077473484643),
          ("PV(0, 3, -100, 50)", 250.0), area=AREA)  # fmt: skip
def pv(call: Call) -> Typed:
    return _annuity(call, "-({b} + {a} * {n})", "-({b} + {a} * (1 + {r} * {due}) * ({g} - 1) / {r}) / {g}")


@function("FV", (3, 5), "the formula of an annuity", ("FV(0.01, 12, -100)", 1268.2503013196975),
          ("FV(0.06 / 12, 10, -200, -500, 1)", 2581.403374060118), area=AREA)  # fmt: skip
def fv(call: Call) -> Typed:
    return _annuity(call, "-({b} + {a} * {n})", _FV)


@function("SLN", (3, 3), "(a - b) / c", ("SLN(1000, 100, 9)", 100.0), area=AREA)
def sln(call: Call) -> Typed:
    (cost, salvage, life, *_), nullable = _parts(call, 3)
    return _guarded(call, f"{life} <> 0", f"(({cost} - {salvage}) / {life})", nullable)


@function("SYD", (4, 4), "(a - b) * (c - d + 1) * 2 / (c * (c + 1))", ("SYD(1000, 100, 9, 1)", 180.0), area=AREA)
def syd(call: Call) -> Typed:
    (cost, salvage, life, period, _), nullable = _parts(call, 4)
    sql = f"(({cost} - {salvage}) * ({life} - {period} + 1) * 2 / ({life} * ({life} + 1)))"
    return _guarded(call, f"{salvage} >= 0 AND {period} > 0 AND {period} <= {life}", sql, nullable)


@function("NPer", (3, 5), "the formula of an annuity", ("NPer(0.12 / 12, -100, -1000, 10000, 1)", 59.67386567429457),
          ("NPer(0, -50, 1000)", 20.0), ("NPer(0.01, 0, 100, 100)", None), area=AREA)  # fmt: skip
def n_per(call: Call) -> Typed:
    """Both sides of the annuity are solved for (1 + r)^n; without a solution there is no number of payments."""
    (r, pmt, pv, fv, due), _ = _parts(call, 3)
    call.tell(3529)
    paid = f"{pmt} * (1 + {r} * {_due(due)})"
    growth = f"({paid} - {fv} * {r}) / NULLIF({paid} + {pv} * {r}, 0)"
    solved = f"CASE WHEN {r} > -1 AND {growth} > 0 THEN LOG({growth}) / LOG(1 + {r}) END"
    sql = _unless_zero(r, f"-({pv} + {fv}) / NULLIF({pmt}, 0)", solved)
    return Typed(sql, ColumnType.DOUBLE, nullable=True)


def _interest(call: Call) -> tuple[str, str, str, bool]:
    """The interest of the payment of period `p`, the whole payment, when there is one, and whether one may be NULL."""
    (r, p, n, pv, fv, due), nullable = _parts(call, 4)
    due = _due(due)
    growth = f"POWER(1 + {r}, {n})"
    payment = _PMT.format(r=r, a=pv, b=fv, due=due, g=growth)
    owed_from = pv if due == "0" else f"({pv} + {due} * ({payment}))"
    elapsed = f"{p} - 1" if due == "0" else f"{p} - 1 - {due}"
    before = f"POWER(1 + {r}, {elapsed})"
    owed = f"({owed_from} * {before} + ({payment}) * ({before} - 1) / {r})"
    first = f"WHEN {due} = 1 AND {p} = 1 THEN 0 " if due != "0" else ""
    interest = f"CASE WHEN {r} = 0 THEN 0 {first}ELSE -{owed} * {r} END"
    return interest, _unless_zero(r, f"-({pv} + {fv}) / {n}", payment), f"{p} > 0 AND {p} < {n} + 1", nullable


@function("IPmt", (4, 6), "the formula of an annuity", ("IPmt(0.1 / 12, 1, 36, 8000)", -66.66666666666667),
          ("IPmt(0.1, 3, 3, 8000)", -292.44712990936557), ("IPmt(0.1, 1, 3, 8000, 0, 1)", 0.0),
          ("IPmt(0.1, 2, 3, 8000, 0, 1)", -507.5528700906342), ("IPmt(0, 1, 3, 8000)", 0.0),
          ("IPmt(0.1, 4 + 0, 3, 8000)", None), ("IPmt(0.1, 3 + 0, 3, 8000)", -292.44712990936557),
          area=AREA)  # fmt: skip
def i_pmt(call: Call) -> Typed:
    interest, _, condition, nullable = _interest(call)
    return _guarded(call, condition, interest, nullable)


@function("PPmt", (4, 6), "the formula of an annuity", ("PPmt(0.1 / 12, 1, 24, 2000)", -75.62318600836673),
          ("PPmt(0.08, 10, 10, 200000)", -27598.053462421435), ("PPmt(0, 1, 4, 100)", -25.0), area=AREA)  # fmt: skip
def p_pmt(call: Call) -> Typed:
    interest, payment, condition, nullable = _interest(call)
    return _guarded(call, condition, f"({payment} - {interest})", nullable)


@function("DDB", (4, 5), "a CASE over the balance left", ("DDB(2400, 300, 10, 1)", 480.0),
          ("DDB(2400, 300, 10, 2, 1.5)", 306.0), ("DDB(2400, 300, 10, 10)", 22.122547200000085),
          ("DDB(2400, 300, 3650, 1)", 1.315068493150685), ("DDB(1000, 100, 1, 1)", 900.0),
          ("DDB(1000, 100, 2, 2)", 0.0), ("DDB(1000, 800, 5, 1)", 200.0),
          ("DDB(1000, 100, 5, 5 + 1)", None), ("DDB(2400, 300, 10, 9 + 1)", 22.122547200000085), area=AREA)  # fmt: skip
def ddb(call: Call) -> Typed:
    (cost, salvage, life, period, factor), nullable = _parts(call, 4)
    factor = factor if call.has(4) else "2.0E0"
    kept = f"(1 - {factor} / {life})"
    taken = f"{cost} * {factor} / {life} * POWER({kept}, {period} - 1)"
    excess = f"{salvage} - {cost} * POWER({kept}, {period})"
    less = f"{taken} - CASE WHEN {excess} > 0 THEN {excess} ELSE 0 END"
    spare = f"({cost} - {salvage})"
    sql = (
        f"CASE WHEN {cost} <= 0 THEN 0.0E0 WHEN {life} < 2 OR {life} = 2 AND {period} <= 1 THEN {spare}"
        f" WHEN {life} = 2 THEN 0.0E0 WHEN {period} <= 1 THEN CASE WHEN {cost} * {factor} / {life} > {spare}"
        f" THEN {spare} ELSE {cost} * {factor} / {life} END WHEN {less} > 0 THEN {less} ELSE 0.0E0 END"
    )
    condition = f"{factor} > 0 AND {salvage} >= 0 AND {period} > 0 AND {period} <= {life}"
    return _guarded(call, condition, sql, nullable)
