"""Access's aggregate functions, each a small counter that values are added to."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from decimal import Decimal
from typing import Any, Final

from wizard.convert.interpreter.comparison import compared
from wizard.convert.interpreter.errors import CellError, CellFault
from wizard.convert.interpreter.values import (
    DIGITS,
    Currency,
    Integer,
    currency_of,
    double_of,
    fitted_sum,
    number_of,
)


class Aggregate(ABC):
    """What the rows of a group come to; Null does not count but for First and Last."""

    fault: CellFault | None = None
    """why one of the values was an error, which makes the whole one"""

    @abstractmethod
    def add(self, value: Any) -> None:
        """May raise CellError."""

    @abstractmethod
    def result(self) -> Any:
        """May raise CellError."""


class Count(Aggregate):
    """How many values are not Null."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, value: Any) -> None:
        """One value more."""
        self.count += value is not None

    def result(self) -> int:
        """The count."""
        return self.count


class Sum(Aggregate):
    """Of whole numbers exact, a Double where no Long holds them; of Currency and Decimal exact; else of Doubles."""

    def __init__(self) -> None:
        self.total: Any = None
        self.kind: type = int
        self.count = 0

    def add(self, value: Any) -> None:
        """One value more."""
        if value is None:
            return
        number = number_of(value)
        kind = type(number)
        if self.total is None:
            self.total, self.kind = _bare(number), kind
        elif kind is self.kind:
            self.total = _added(self.total, _bare(number))
        else:
            self.kind = kind if kind in (Currency, Decimal) or isinstance(number, float) else self.kind
            one, other = self.total, _bare(number)
            if isinstance(one, float) is not isinstance(other, float):
                one, other, self.kind = float(one), float(other), float
            self.total = _added(one, other)
        self.count += 1

    def result(self) -> Any:
        """The sum, in the type that Access gives it; None where there was no value.

        Raises CellError where it does not fit.
        """
        if self.total is None:
            return None
        if isinstance(self.total, float) and not math.isfinite(self.total):
            raise CellError(CellFault.OVERFLOW)
        if self.kind is Currency:
            return currency_of(self.total)
        return fitted_sum(self.total, self.kind) if isinstance(self.total, int) else self.total


def _added(a: Any, b: Any) -> Any:
    return DIGITS.add(a, b) if isinstance(a, Decimal) or isinstance(b, Decimal) else a + b


def _bare(number: Any) -> Any:
    if isinstance(number, int):
        return int(number)
    return Decimal(number) if isinstance(number, Decimal) else float(number)


class Avg(Sum):
    """A Double; of Currency and Decimal one of these."""

    def result(self) -> Any:
        """The mean; None where there was no value."""
        if self.total is None:
            return None
        if self.kind is Currency:
            return currency_of(DIGITS.divide(Decimal(self.total), Decimal(self.count)))
        if isinstance(self.total, Decimal):
            return DIGITS.divide(self.total, Decimal(self.count))
        return float(self.total) / self.count


class Least(Aggregate):
    """Min, or Max where `greatest`. Empty text that wins counts as no value: what comes next takes its place.

    That was measured of Access's engine, which so gives for Min the least of the values behind the last empty text.
    """

    def __init__(self, *, greatest: bool = False) -> None:
        self.sign = -1 if greatest else 1
        self.found: Any = None

    def add(self, value: Any) -> None:
        """One value more."""
        if value is None:
            return
        value = Integer(-value) if isinstance(value, bool) else value
        if self.found is None or self.found == "" or self.sign * compared(value, self.found) < 0:
            self.found = value

    def result(self) -> Any:
        """The value; None where there was none."""
        return None if self.found == "" else self.found


class First(Aggregate):
    """The value of the first row, or of the last, be it Null."""

    def __init__(self, *, last: bool = False) -> None:
        self.last, self.seen = last, False
        self.found: Any = None

    def add(self, value: Any) -> None:
        """One value more."""
        if self.last or not self.seen:
            self.found, self.seen = value, True

    def result(self) -> Any:
        """The value."""
        return self.found


class Variance(Aggregate):
    """Of a sample, or of all; `root` makes it the standard deviation. A sample of one has none."""

    def __init__(self, *, population: bool = False, root: bool = False) -> None:
        self.population, self.root = population, root
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, value: Any) -> None:
        """One value more, by Welford's method."""
        if value is None:
            return
        number = double_of(value)
        self.count += 1
        away = number - self.mean
        self.mean += away / self.count
        self.squares += away * (number - self.mean)

    def result(self) -> float | None:
        """The variance or its root; None where there are too few values."""
        parts = self.count if self.population else self.count - 1
        if parts < 1:
            return None
        made = self.squares / parts
        return math.sqrt(made) if self.root else made


AGGREGATES: Final = {
    "count": Count,
    "sum": Sum,
    "avg": Avg,
    "min": Least,
    "max": lambda: Least(greatest=True),
    "first": First,
    "last": lambda: First(last=True),
    "stdev": lambda: Variance(root=True),
    "stdevp": lambda: Variance(root=True, population=True),
    "var": Variance,
    "varp": lambda: Variance(population=True),
}
"""makers, by case-folded name"""
