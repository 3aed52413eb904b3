"""Rows read from the file as sets, and what joins make of them: for `wizard.convert.queries.rowsets`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.convert.queries.evaluate import Evaluation, Row, equal_key, holds
from wizard.convert.queries.evaluated import UnknowableError

Read = Callable[[str, Sequence[str]], Iterable[Row]]
"""the rows of a table, of which only these columns"""
MOST_ROWS: Final = 500_000
"""different rows of one source that are kept"""
MOST_STEPS: Final = 20_000_000
"""pairs of rows that joins look at"""


@dataclass
class Run:
    """One working through: `read` gives the rows, `exact` says whether all conditions were known."""

    read: Read
    exact: bool = True
    steps: int = 0

    def step(self, pairs: int) -> None:
        self.steps += pairs
        if self.steps > MOST_STEPS:
            raise UnknowableError

    def passes(self, test: Evaluation, row: Row) -> bool:
        """Whether a row passes a test; one that cannot be known is passed."""
        try:
            return holds(test(row)) is True
        except UnknowableError:
            self.exact = False
            return True


Rows = Callable[[Run], Iterator[Row]]
"""may raise UnknowableError, as may what it reads by"""


def distinct(rows: Iterable[Row]) -> Iterator[Row]:
    """Each row once. Raises UnknowableError where they are too many."""
    seen: set[Row] = set()
    for row in rows:
        if row not in seen:
            if len(seen) >= MOST_ROWS:
                raise UnknowableError
            seen.add(row)
            yield row


@dataclass(frozen=True)
class Pairing:
    """How two sides go together: the places of columns that must be equal, and tests of the rows put together.

    `width` is that of the right side, whose columns are NULL where a row of an `outer` join finds none there.
    `complete`: all conditions are known. Without that, a row of an outer join may or may not find others.
    """

    equal: Sequence[tuple[int, int]] = ()
    tests: Sequence[Evaluation] = ()
    width: int = 0
    outer: bool = False
    complete: bool = True


def paired(left: Rows, right: Rows, by: Pairing) -> Rows:
    """Rows of two sides that go together; of an outer join those of the left that go with none, too."""

    def rows(run: Run) -> Iterator[Row]:
        run.exact = run.exact and by.complete
        found: dict[Row, list[Row]] = {}
        for row in right(run):
            key = tuple(equal_key(row[place]) for _, place in by.equal)
            if None not in key:
                found.setdefault(key, []).append(row)
        for row in left(run):
            key = tuple(equal_key(row[place]) for place, _ in by.equal)
            candidates = found.get(key, []) if None not in key else []
            run.step(1 + len(candidates))
            before, run.exact = run.exact, True
            matches = [row + other for other in candidates if all(run.passes(test, row + other) for test in by.tests)]
            certain, run.exact = run.exact and by.complete, run.exact and before
            yield from matches
            if by.outer and not (matches and certain):
                yield row + (None,) * by.width

    return rows
