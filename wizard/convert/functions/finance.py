"""Functions of finance that are a formula. Money that is paid is negative, as in Access.

The formulas are those of annuities: pv * (1 + r)^n + pmt * (1 + r * due) * ((1 + r)^n - 1) / r + fv = 0, and
pv + pmt * n + fv = 0 where the rate is 0. `due` is 1 where payments fall at the beginning of a period.

The interest of a period is the rate of what is owed after the period before; a payment at the beginning of the first
period bears none. The double-declining balance takes a share of what is left, and never more than would leave less
than the salvage value; of a life below two periods the first takes all.
"""

from __future__ import annotations

from typing import Final

from wizard.convert.functions.registry import FunctionCall, function
from wizard.convert.literals import double, integer
from wizard.convert.tree import Part, SqlNode, case, enclosed, null_if, only_where, tsql
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType

AREA: Final = "finance"


def _parts(call: FunctionCall, needed: int) -> tuple[list[SqlNode], bool]:
    """Numbers as float, absent ones 0, and whether one may be NULL; at least five, as many as the function takes."""
    values = [call[i] if call.has(i) else None for i in range(max(5, call.function.most))]
    if any(v is None for v in values[:needed]):
        call.fail(f"the first {needed} arguments must be there")
    return [_float(v) if v else _ABSENT for v in values], any(v.nullable for v in values if v)


_ABSENT: Final = double(0.0).node


def _float(value: Typed) -> SqlNode:
    if isinstance(value.constant, int | float):  # some servers take 1E0 for a decimal
        return tsql("CONVERT(float, {})", double(float(value.constant)))
    return value.node if value.type is ColumnType.DOUBLE else tsql("CONVERT(float, {})", value)


def _guarded(call: FunctionCall, condition: SqlNode, made: SqlNode, nullable: bool) -> Typed:
    """NULL where Access shows an error; not asked of numbers that are written out."""
    known = all(call[i].constant is not None for i in range(len(call.arguments)) if call.has(i))
    if not known and call.guarded:
        call.note(3529)
        made, nullable = only_where(condition, made), True
    return Typed(made, ColumnType.DOUBLE, nullable)


_PMT: Final = "-({a} * {g} + {b}) * {r} / ((1 + {r} * {due}) * ({g} - 1))"
_FV: Final = "-({b} * {g} + {a} * (1 + {r} * {due}) * ({g} - 1) / {r})"


def _annuity(call: FunctionCall, at_zero: str, formula: str) -> Typed:
    """`formula` and `at_zero` (for a rate of 0) over {r}, {n}, {a}, {b}, {due} and {g}, which is (1 + r)^n."""
    (r, n, a, b, due), nullable = _parts(call, 3)
    words: dict[str, Part] = {"r": r, "n": n, "a": a, "b": b, "due": _due(due), "g": tsql("POWER(1 + {}, {})", r, n)}
    made = _unless_zero(r, tsql(at_zero, **words), tsql(formula, **words))
    return _guarded(call, tsql("{} <> 0 AND {} > -1", n, r), made, nullable)


def _unless_zero(rate: SqlNode, at_zero: Part, otherwise: Part) -> SqlNode:
    return case((tsql("{} = 0", rate), at_zero), otherwise=otherwise)


_KNOWN: Final = {_ABSENT: "0", _float(integer(0)): "0", _float(integer(1)): "1"}


def _due(number: SqlNode) -> Part:
    """1 for every number but 0."""
    return _KNOWN.get(number) or tsql("ABS(SIGN({}))", number)


@function("Pmt", (3, 5), "the formula of an annuity", ("Pmt(0.01, 12, 1000)", -88.84878867834166),
          ("Pmt(0, 4, 100)", -25.0), ("Pmt(0.08 / 12, 10, 10000, 0, 1)", -1030.164327177992),
          takes="nnnnn", area=AREA)  # fmt: skip
def pmt(call: FunctionCall) -> Typed:
    """The payment of each period: of rate, number of periods, present value, future value, due."""
    return _annuity(call, "-({a} + {b}) / {n}", _PMT)


@function("PV", (3, 5), "the formula of an annuity", ("PV(0.01, 12, -100)", 1125.5077473484643),
          ("PV(0, 3, -100, 50)", 250.0), takes="nnnnn", area=AREA)  # fmt: skip
def pv(call: FunctionCall) -> Typed:
    """The present value: of rate, number of periods, payment, future value, due."""
    return _annuity(call, "-({b} + {a} * {n})", "-({b} + {a} * (1 + {r} * {due}) * ({g} - 1) / {r}) / {g}")


@function("FV", (3, 5), "the formula of an annuity", ("FV(0.01, 12, -100)", 1268.2503013196975),
          ("FV(0.06 / 12, 10, -200, -500, 1)", 2581.403374060118), takes="nnnnn", area=AREA)  # fmt: skip
def fv(call: FunctionCall) -> Typed:
    """The future value: of rate, number of periods, payment, present value, due."""
    return _annuity(call, "-({b} + {a} * {n})", _FV)


@function("SLN", (3, 3), "(a - b) / c", ("SLN(1000, 100, 9)", 100.0), takes="nnn", area=AREA)
def sln(call: FunctionCall) -> Typed:
    """Straight-line depreciation of one period: of cost, salvage value, life."""
    (cost, salvage, life, *_), nullable = _parts(call, 3)
    return _guarded(call, tsql("{} <> 0", life), enclosed("({} - {}) / {}", cost, salvage, life), nullable)


@function(
    "SYD", (4, 4), "(a - b) * (c - d + 1) * 2 / (c * (c + 1))", ("SYD(1000, 100, 9, 1)", 180.0), takes="nnnn", area=AREA
)
def syd(call: FunctionCall) -> Typed:
    """Sum-of-years' digits depreciation: of cost, salvage value, life, period."""
    (cost, salvage, life, period, _), nullable = _parts(call, 4)
    sql = enclosed("({0} - {1}) * ({2} - {3} + 1) * 2 / ({2} * ({2} + 1))", cost, salvage, life, period)
    return _guarded(call, tsql("{0} >= 0 AND {1} > 0 AND {1} <= {2}", salvage, period, life), sql, nullable)


@function("NPer", (3, 5), "the formula of an annuity", ("NPer(0.12 / 12, -100, -1000, 10000, 1)", 59.67386567429457),
          ("NPer(0, -50, 1000)", 20.0), ("NPer(0.01, 0, 100, 100)", None), takes="nnnnn", area=AREA)  # fmt: skip
def n_per(call: FunctionCall) -> Typed:
    """Both sides of the annuity are solved for (1 + r)^n; without a solution there is no number of payments."""
    (r, pmt, pv, fv, due), _ = _parts(call, 3)
    call.note(3529)
    paid = tsql("{} * (1 + {} * {})", pmt, r, _due(due))
    growth = tsql("({} - {} * {}) / {}", paid, fv, r, null_if(tsql("{} + {} * {}", paid, pv, r), 0))
    solved = case((tsql("{} > -1 AND {} > 0", r, growth), tsql("LOG({}) / LOG(1 + {})", growth, r)))
    sql = _unless_zero(r, tsql("-({} + {}) / {}", pv, fv, null_if(pmt, 0)), solved)
    return Typed(sql, ColumnType.DOUBLE, nullable=True)


def _interest(call: FunctionCall) -> tuple[SqlNode, SqlNode, SqlNode, bool]:
    """The interest of the payment of period `p`, the whole payment, when there is one, and whether one may be NULL."""
    (r, p, n, pv, fv, number), nullable = _parts(call, 4)
    due = _due(number)
    growth = tsql("POWER(1 + {}, {})", r, n)
    payment = tsql(_PMT, r=r, a=pv, b=fv, due=due, g=growth)
    owed_from = pv if due == "0" else enclosed("{} + {} * ({})", pv, due, payment)
    elapsed = tsql("{} - 1", p) if due == "0" else tsql("{} - 1 - {}", p, due)
    before = tsql("POWER(1 + {}, {})", r, elapsed)
    owed = enclosed("{0} * {1} + ({2}) * ({1} - 1) / {3}", owed_from, before, payment, r)
    nothing = [tsql("{} = 0", r), *([tsql("{} = 1 AND {} = 1", due, p)] if due != "0" else [])]
    interest = case(*((n, 0) for n in nothing), otherwise=tsql("-{} * {}", owed, r))
    whole = _unless_zero(r, tsql("-({} + {}) / {}", pv, fv, n), payment)
    return interest, whole, tsql("{0} > 0 AND {0} < {1} + 1", p, n), nullable


@function("IPmt", (4, 6), "the formula of an annuity", ("IPmt(0.1 / 12, 1, 36, 8000)", -66.66666666666667),
          ("IPmt(0.1, 3, 3, 8000)", -292.44712990936557), ("IPmt(0.1, 1, 3, 8000, 0, 1)", 0.0),
          ("IPmt(0.1, 2, 3, 8000, 0, 1)", -507.5528700906342), ("IPmt(0, 1, 3, 8000)", 0.0),
          ("IPmt(0.1, 4 + 0, 3, 8000)", None), ("IPmt(0.1, 3 + 0, 3, 8000)", -292.44712990936557),
          takes="nnnnnn", area=AREA)  # fmt: skip
def i_pmt(call: FunctionCall) -> Typed:
    """The interest in the payment of one period: of rate, period, number of periods, present and future value, due."""
    interest, _, condition, nullable = _interest(call)
    return _guarded(call, condition, interest, nullable)


@function("PPmt", (4, 6), "the formula of an annuity", ("PPmt(0.1 / 12, 1, 24, 2000)", -75.62318600836673),
          ("PPmt(0.08, 10, 10, 200000)", -27598.053462421435), ("PPmt(0, 1, 4, 100)", -25.0),
          takes="nnnnnn", area=AREA)  # fmt: skip
def p_pmt(call: FunctionCall) -> Typed:
    """What the payment of one period pays back: the whole payment without its interest. Arguments as of IPmt."""
    interest, payment, condition, nullable = _interest(call)
    return _guarded(call, condition, enclosed("{} - {}", payment, interest), nullable)


@function("DDB", (4, 5), "a CASE over the balance left", ("DDB(2400, 300, 10, 1)", 480.0),
          ("DDB(2400, 300, 10, 2, 1.5)", 306.0), ("DDB(2400, 300, 10, 10)", 22.122547200000085),
          ("DDB(2400, 300, 3650, 1)", 1.315068493150685), ("DDB(1000, 100, 1, 1)", 900.0),
          ("DDB(1000, 100, 2, 2)", 0.0), ("DDB(1000, 800, 5, 1)", 200.0),
          ("DDB(1000, 100, 5, 5 + 1)", None), ("DDB(2400, 300, 10, 9 + 1)", 22.122547200000085),
          takes="nnnnn", area=AREA)  # fmt: skip
def ddb(call: FunctionCall) -> Typed:
    """Double-declining depreciation: of cost, salvage value, life, period, and a factor, which is 2 where left out."""
    (cost, salvage, life, period, factor), nullable = _parts(call, 4)
    factor = factor if call.has(4) else double(2.0).node
    kept = enclosed("1 - {} / {}", factor, life)
    taken = tsql("{} * {} / {} * POWER({}, {} - 1)", cost, factor, life, kept, period)
    excess = tsql("{} - {} * POWER({}, {})", salvage, cost, kept, period)
    less = tsql("{} - {}", taken, case((tsql("{} > 0", excess), excess), otherwise=0))
    spare = enclosed("{} - {}", cost, salvage)
    first = tsql("{} * {} / {}", cost, factor, life)
    sql = case(
        (tsql("{} <= 0", cost), "0.0E0"),
        (tsql("{0} < 2 OR {0} = 2 AND {1} <= 1", life, period), spare),
        (tsql("{} = 2", life), "0.0E0"),
        (tsql("{} <= 1", period), case((tsql("{} > {}", first, spare), spare), otherwise=first)),
        (tsql("{} > 0", less), less),
        otherwise="0.0E0",
    )
    condition = tsql("{0} > 0 AND {1} >= 0 AND {2} > 0 AND {2} <= {3}", factor, salvage, period, life)
    return _guarded(call, condition, sql, nullable)
