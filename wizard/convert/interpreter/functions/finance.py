"""Financial functions, by the formulas of the VBA language reference: payments made are less than 0.

A rate is that of one period, and periods are counted from 1. `due`: whether payments come first in their period.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.functions.registry import function
from wizard.convert.interpreter.values import EMPTY, double_of


def _money(names: str, least: int, most: int) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Register a function of Doubles; what is left out is 0."""

    def keep(calculate: Callable[..., float]) -> Callable[..., float]:
        def value(*given: Any) -> float:
            numbers = [0.0 if v is EMPTY else double_of(v) for v in given] + [0.0] * (most - len(given))
            try:
                made = calculate(*numbers)
            except ZeroDivisionError:
                raise CellError(CellFault.DIVISION_BY_ZERO) from None
            except (OverflowError, ValueError):
                raise CellError(CellFault.OVERFLOW) from None
            if not math.isfinite(made):
                raise CellError(CellFault.INVALID_CALL)
            return made

        function(names, least, most)(value)
        return calculate

    return keep


def _wrong() -> CellError:
    return CellError(CellFault.INVALID_CALL)


@_money("Pmt", 3, 5)
def payment(rate: float, periods: float, present: float, future: float, due: float) -> float:
    """The payment of each period. Raises CellError where Access shows an error."""
    if not periods:
        raise _wrong()
    if not rate:
        return (-future - present) / periods
    growth = math.pow(1 + rate, periods)
    return (-future - present * growth) / ((1 + rate if due else 1) * (growth - 1)) * rate


@_money("FV", 3, 5)
def future_value(rate: float, periods: float, paid: float, present: float, due: float) -> float:
    """What an annuity is worth after its last period."""
    if not rate:
        return -present - paid * periods
    growth = math.pow(1 + rate, periods)
    return -present * growth - paid / rate * (1 + rate if due else 1) * (growth - 1)


@_money("PV", 3, 5)
def present_value(rate: float, periods: float, paid: float, future: float, due: float) -> float:
    """What an annuity is worth before its first period."""
    if not rate:
        return -future - paid * periods
    growth = math.pow(1 + rate, periods)
    return -(future + paid * (1 + rate if due else 1) * ((growth - 1) / rate)) / growth


@_money("IPmt", 4, 6)
def interest(rate: float, period: float, periods: float, *worth: float) -> float:
    """`worth` is the present value, the future one, and whether payments come first.

    Raises CellError where Access shows an error.
    """
    present, future, due = worth
    if period <= 0 or period >= periods + 1:
        raise _wrong()
    if due and period == 1:
        return 0.0
    paid = payment(rate, periods, present, future, due)
    if due:
        present += paid
    return future_value(rate, period - (2 if due else 1), paid, present, 0) * rate


@_money("PPmt", 4, 6)
def principal(rate: float, period: float, periods: float, *worth: float) -> float:
    """What the payment of one period pays back; `worth` as for `interest`.

    Raises CellError where Access shows an error.
    """
    if period <= 0 or period >= periods + 1:
        raise _wrong()
    return payment(rate, periods, *worth) - interest(rate, period, periods, *worth)


@_money("NPer", 3, 5)
def periods_needed(rate: float, paid: float, present: float, future: float, due: float) -> float:
    """How many periods it takes, seldom a whole number. Raises CellError where Access shows an error."""
    if rate <= -1:
        raise _wrong()
    if not rate:
        if not paid:
            raise _wrong()
        return -(present + future) / paid
    each = paid * (1 + rate) / rate if due else paid / rate
    end, start = each - future, each + present
    if end < 0 and start < 0:
        end, start = -end, -start
    if end <= 0 or start <= 0:
        raise _wrong()
    return (math.log(end) - math.log(start)) / math.log(1 + rate)


@_money("SLN", 3, 3)
def straight_line(cost: float, salvage: float, life: float) -> float:
    """Depreciation of one period, the same in each. Raises CellError where Access shows an error."""
    if not life:
        raise _wrong()
    return (cost - salvage) / life


@_money("SYD", 4, 4)
def years_digits(cost: float, salvage: float, life: float, period: float) -> float:
    """Depreciation of one period, by the sum of the years' digits. Raises CellError where Access shows an error."""
    if salvage < 0 or period > life or period <= 0:
        raise _wrong()
    return (cost - salvage) * (life + 1 - period) * 2 / (life * (life + 1))


@_money("DDB", 4, 5)
def declining(cost: float, salvage: float, life: float, period: float, factor: float) -> float:
    """Double-declining depreciation; a factor left out is 2. Raises CellError where Access shows an error."""
    factor = factor or 2.0
    if factor < 0 or salvage < 0 or period <= 0 or period > life:
        raise _wrong()
    if cost <= 0:
        return 0.0
    if life < 2 or (life == 2 and period <= 1):
        return cost - salvage
    if life == 2:
        return 0.0
    if period <= 1:
        return min(cost * factor / life, cost - salvage)
    left = (life - factor) / life
    made = factor * cost / life * math.pow(left, period - 1)
    excess = salvage - cost * math.pow(left, period)
    return max(0.0, made - max(0.0, excess))
