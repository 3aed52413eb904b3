"""The rows of a query on both sides compared, as multisets: neither side promises an order.

What counts as the same value, column by column:
- whole numbers and decimals exactly; where one side has floating point numbers, to nine significant digits (servers and
  processors add them up in orders of their own); Access's True is -1, a server's bit 1;
- dates exactly, to the second where the server's column keeps no fraction; a date and a number by the days since
  1899-12-30;
- texts exactly, or else but for case and spaces at the end, as both sides group and compare them: the result says so;
- #Error of Access is as NULL of the server, which knows no errors of single cells; a cell that is #Error in Access
  alone is not compared. Both are counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from wizard.coercion.value_text import comparison_text
from wizard.plurals import counted

TOLERANCE: Final = 1e-9
"""of floating point numbers, relative"""
_DIGITS: Final = 9
_PAIRED: Final = 2_000
"""rows that are left on either side and still matched one with another"""
_DAY_ZERO: Final = datetime(1899, 12, 30)

Row = tuple[Any, ...]


class ErrorCell:
    """#Error, as the rows of Access's side have it."""

    def __repr__(self) -> str:
        return "#Error"


ERROR: Final = ErrorCell()


class ProofVerdict(StrEnum):
    """What comparing a query's two sides found."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_PROVEN = "not proven"


@dataclass(frozen=True, slots=True)
class QueryProof:
    """What running a query on both sides found."""

    query: str
    """its name in Access"""
    source: str
    target: str
    """its name on the server"""
    kind: str
    """view, function, procedure, scalar function"""
    verdict: ProofVerdict
    rows: int = 0
    """in Access"""
    target_rows: int = 0
    errors: int = 0
    """cells that Access shows as #Error"""
    detail: str = ""
    """why it is not proven; the first row that differs; what was the same but not to the letter"""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """the values that its parameters were given"""
    seconds: float = 0.0


SCALAR: Final = "scalar function"
"""the kind of what was a VBA function"""


def multiset(proofs: Sequence[QueryProof]) -> str:
    """`queries: 25 of 27 give the same rows, 1 differs, 1 not proven; VBA functions: 3 of 3 give the same values`."""
    functions = [p for p in proofs if p.kind == SCALAR]
    queries = [p for p in proofs if p.kind != SCALAR]
    parts = [_summed("queries", queries, "rows")] if queries or not functions else []
    return "; ".join(parts + ([_summed("VBA functions", functions, "values")] if functions else []))


def _summed(what: str, proofs: Sequence[QueryProof], same: str) -> str:
    counts = Counter(p.verdict for p in proofs)
    told = f"{what}: {counts[ProofVerdict.SAME]} of {len(proofs)} give the same {same}"
    differ, unproven = counts[ProofVerdict.DIFFERENT], counts[ProofVerdict.NOT_PROVEN]
    if differ:
        told += f", {differ} {'differs' if differ == 1 else 'differ'}"
    return told + (f", {unproven} not proven" if unproven else "")


@dataclass(frozen=True, slots=True)
class ResultDifference:
    """The outcome of comparing rows; `detail` names the first row of each side that the other has not."""

    same: bool
    detail: str = ""
    errors: int = 0


def compared(ours: Sequence[Row], theirs: Sequence[Row], columns: Sequence[str]) -> ResultDifference:
    """Access's rows and the server's, of as many columns."""
    errors = sum(v is ERROR for row in ours for v in row)
    kinds = [_ResultColumn.of(ours, theirs, i) for i in range(len(columns))]
    left = _left(ours, theirs, kinds)
    if left is None:
        return ResultDifference(True, errors=errors)
    mine, other = left
    if max(len(mine), len(other)) <= _PAIRED:
        loosely = _paired(mine, other, kinds)
        if not mine and not other:
            told = "some texts differ in case or in spaces at the end" if loosely else ""
            return ResultDifference(True, told, errors)
    return ResultDifference(False, _differences(mine, other, len(ours), len(theirs), columns), errors)


@dataclass(frozen=True, slots=True)
class _ResultColumn:
    """How a column's values are compared."""

    text: bool = False
    """the server's are text: ours are shown as text"""
    floating: bool = False
    serial: bool = False
    """dates meet numbers"""
    to_second: bool = False

    @classmethod
    def of(cls, ours: Sequence[Row], theirs: Sequence[Row], place: int) -> _ResultColumn:
        mine = {type(row[place]) for row in ours} - {type(None), ErrorCell}
        other = {type(row[place]) for row in theirs} - {type(None)}
        both = mine | other
        dated = datetime in both and bool(both & {int, float, Decimal, bool})
        fraction = any(isinstance(row[place], datetime) and row[place].microsecond for row in theirs)
        return cls(
            text=str in other and bool(mine - {str}),
            floating=float in both or dated,
            serial=dated,
            to_second=datetime in both and not fraction,
        )

    def key(self, value: Any) -> Any:
        """The same for values that are the same, and hashable."""
        if value is None or value is ERROR:
            return None
        value = _plain(value)
        if self.text and isinstance(value, datetime):
            return _shown_moment(value)
        if self.text and not isinstance(value, str):
            return _shown_number(value)
        if isinstance(value, datetime):
            if self.to_second and value.microsecond:
                value = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
            if not self.serial:
                return value
            value = _serial(value)
        if isinstance(value, int | float | Decimal):
            return _rounded(float(value)) if self.floating else Decimal(value).normalize()
        return value

    def alike(self, ours: Any, theirs: Any) -> tuple[bool, bool]:
        """Whether two values are the same, and whether to the letter."""
        if ours is ERROR:
            return True, True
        a, b = self.key(ours), self.key(theirs)
        if a == b:
            return True, True
        if isinstance(a, float) and isinstance(b, float):
            return math.isclose(a, b, rel_tol=TOLERANCE * 10, abs_tol=1e-12), True
        if isinstance(a, str) and isinstance(b, str):
            return a.rstrip(" ").casefold() == b.rstrip(" ").casefold(), False
        return False, True


def _plain(value: Any) -> Any:
    """One spelling of what drivers and the reader have several of."""
    if isinstance(value, bool):
        return -int(value)
    if isinstance(value, UUID):
        return str(value).upper()
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, time):
        return datetime.combine(_DAY_ZERO.date(), value)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS - 1}e}") + 0.0 if math.isfinite(number) else number


def _shown_number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.15G}"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _serial(value: datetime) -> float:
    """The number of a moment, as Access has it: before day zero the time of day counts away from it."""
    passed = value - _DAY_ZERO
    clock = (passed - timedelta(days=passed.days)) / timedelta(days=1)
    return passed.days - clock if passed.days < 0 else passed.days + clock


def _shown_moment(value: datetime) -> str:
    """A date as Access writes it (General Date of the United States): no midnight, and no day where it is day zero."""
    day = f"{value.month}/{value.day}/{value.year}"
    clock = f"{(value.hour + 11) % 12 + 1}:{value.minute:02d}:{value.second:02d} {'AM' if value.hour < 12 else 'PM'}"
    if value.date() == _DAY_ZERO.date():
        return clock
    return day if value.time() == time() else f"{day} {clock}"


def _left(
    ours: Sequence[Row], theirs: Sequence[Row], kinds: Sequence[_ResultColumn]
) -> tuple[list[Row], list[Row]] | None:
    """The rows of each side that the other has not, to the letter; None where there are none."""
    slots: dict[Row, list[Row]] = {}
    for row in theirs:
        slots.setdefault(_key(row, kinds), []).append(row)
    mine = []
    for row in ours:
        found = slots.get(_key(row, kinds))
        if found:
            found.pop()
        else:
            mine.append(row)
    other = [row for rows in slots.values() for row in rows]
    return (mine, other) if mine or other else None


def _key(row: Row, kinds: Sequence[_ResultColumn]) -> Row:
    return tuple(kind.key(value) for kind, value in zip(kinds, row, strict=True))


def _paired(mine: list[Row], other: list[Row], kinds: Sequence[_ResultColumn]) -> bool:
    """Take away rows that are the same but not to the letter; whether there were any whose texts are not."""
    loosely = False
    for row in list(mine):
        for candidate in other:
            found = [kind.alike(a, b) for kind, a, b in zip(kinds, row, candidate, strict=True)]
            if all(same for same, _ in found):
                loosely = loosely or not all(exactly for _, exactly in found)
                mine.remove(row)
                other.remove(candidate)
                break
    return loosely


def _differences(mine: Sequence[Row], other: Sequence[Row], ours: int, theirs: int, columns: Sequence[str]) -> str:
    parts = [] if ours == theirs else [f"Access gives {counted(ours, 'row')}, the server {theirs:,}"]
    if mine:
        parts.append(f"only Access gives {_shown(min(mine, key=_ordered), columns)}")
    if other:
        parts.append(f"only the server gives {_shown(min(other, key=_ordered), columns)}")
    return "; ".join(parts)


def _ordered(row: Row) -> tuple[str, ...]:
    return tuple(map(comparison_text, row))


def _shown(row: Row, columns: Sequence[str]) -> str:
    return "(" + ", ".join(f"{name} = {comparison_text(v)}" for name, v in zip(columns, row, strict=True)) + ")"


def records(proofs: Sequence[QueryProof]) -> Iterator[dict[str, Any]]:
    """The proofs as plain data, for JSON."""
    for proof in proofs:
        yield {**asdict(proof), "verdict": str(proof.verdict), "arguments": dict(proof.arguments)}
