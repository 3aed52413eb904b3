"""Arithmetic of dates: DateAdd, and + and - of days. Beyond the years 100 to 9999 Access shows an error."""

from __future__ import annotations

import math
from datetime import MAXYEAR, datetime, timedelta
from typing import Final

from wizard.convert.expression_types import as_number, moment_of_serial, serial
from wizard.convert.literals import BASE, DATE_SQL
from wizard.convert.tree import Failing, Faults, SqlNode, case, enclosed, error, failing, faults, only_where, tsql
from wizard.convert.typed_sql import INTEGERS, Typed
from wizard.definitions import ColumnType

_FIRST: Final = tsql("CONVERT(datetime2(0), '01000101', 112)")
_LAST: Final = tsql("CONVERT(datetime2(0), '9999-12-31T23:59:59', 126)")
_FIRST_YEAR: Final = 100
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_IN_DAYS: Final = {"week": 7}
"""units that DATEDIFF counts otherwise than DATEADD adds them"""
_LONG: Final = frozenset({"hour", "minute", "second"})
"""units of which an int does not hold as many as there are"""


def moved(unit: str, amount: Typed, date: Typed) -> Typed:
    """A date and so many units of T-SQL."""
    many = unit in _LONG and amount.type is ColumnType.BIGINT
    number = failing(tsql("TRY_CONVERT(int, {})", amount), _too_many(amount), Faults.LARGE) if many else amount
    made = tsql("DATEADD({}, {}, {})", unit, number, date)
    nullable = amount.nullable or date.nullable
    if isinstance(amount.constant, int):
        if isinstance(date.constant, datetime) and _leads_out(unit, amount.constant, date.constant):
            return Typed(error(DATE_SQL, Faults.DATE), date.type)
        return Typed(_failing_at_ends(made, date), date.type, nullable)
    days = _IN_DAYS.get(unit)
    difference = f"DATEDIFF{'_BIG' if unit in _LONG else ''}({'day' if days else unit}, {{}}, {{}})"
    counted = f"{difference} / {days}" if days else difference
    within = tsql(f"{{}} BETWEEN {counted} AND {counted}", amount, date, _FIRST, date, _LAST)
    return Typed(only_where(within, made, Faults.DATE), date.type)


def _too_many(amount: Typed) -> SqlNode:
    return tsql("{} NOT BETWEEN {} AND {}", amount, -(2**31), 2**31 - 1)


def _leads_out(unit: str, amount: int, date: datetime) -> bool:
    if unit in _MONTHS:
        year = (date.year * 12 + date.month - 1 + amount * _MONTHS[unit]) // 12
        return not _FIRST_YEAR <= year <= MAXYEAR
    try:
        return (date + timedelta(**{f"{unit}s": amount})).year < _FIRST_YEAR
    except OverflowError:
        return True


def _failing_at_ends(made: SqlNode, date: Typed) -> SqlNode:
    """A move by what is written out, which leaves the years that there are for the first or the last days alone."""
    known = date.constant is not None or (not date.node.facts.columns and date.node.facts.volatility)
    return made if known else Failing(made, faults(made), Faults.DATE_ENDS)


def moved_by_days(date: Typed, days: Typed, sign: int = 1) -> Typed:
    """A date and so many days: whole ones simply, fractions to the second (which is how finely Access shows)."""
    number = as_number(days)
    nullable = date.nullable or number.nullable
    known = number.constant
    minus = "- " if sign < 0 else ""
    if isinstance(known, int):
        amount = Typed(tsql("{}", sign * known), ColumnType.LONG, nullable=False, constant=sign * known)
        return moved("day", amount, date)
    if number.type in INTEGERS:
        return moved("day", Typed(tsql("{}{}", minus, number), number.type, number.nullable), date)
    sum_ = Typed(enclosed("{} {} {}", serial(date), "-" if sign < 0 else "+", number), ColumnType.DOUBLE, nullable)
    if isinstance(known, float):
        whole = math.floor(sign * known)
        rest = round((sign * known - whole) * 86400)
        made = tsql("DATEADD(second, {}, DATEADD(day, {}, {}))", rest, whole, date)
        return Typed(
            _failing_at_ends(_by_serial(tsql("{} >= {}", date, _day_zero(-whole)), made, sum_), date),
            date.type,
            nullable,
        )
    whole_days = tsql("FLOOR({}{})", minus, number)
    seconds = tsql("CONVERT(int, ROUND(({}{} - {}) * 86400, 0))", minus, number, whole_days)
    made = tsql("DATEADD(second, {}, DATEADD(day, CONVERT(int, {}), {}))", seconds, whole_days, date)
    zero, first, last = (tsql("DATEDIFF(day, {}, {})", date, end) for end in (BASE, _FIRST, _LAST))
    usual = tsql("{} >= {} AND {} >= {}", date, BASE, whole_days, zero)
    within = tsql("{} >= {} AND {} < {}", whole_days, first, whole_days, last)
    return Typed(only_where(within, _by_serial(usual, made, sum_), Faults.DATE), date.type)


def _day_zero(later: int) -> SqlNode:
    """Day zero, or so many days after it."""
    return tsql("DATEADD(day, {}, {})", later, BASE) if later > 0 else BASE


def _by_serial(usual: SqlNode, made: SqlNode, sum_: Typed) -> SqlNode:
    """Before day zero a date's fraction counts away from it, so that numbers are added and not moments."""
    return case((usual, made), otherwise=moment_of_serial(sum_))
