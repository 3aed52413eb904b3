"""Rows that went otherwise than repair rules and types, as they are now, would have them go."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wizard.coercion.columns import Coerced
from wizard.coercion.row_plan import Positions
from wizard.migrate.repairs import RepairedValue
from wizard.settings import Repair

_VALUES = frozenset(r.value for r in Repair if r is not Repair.PLACEHOLDER)
"""what rules make of values of the source"""


class RuleChanges:
    """Follows the rows of a table as they are fitted anew: what was kept of their repairs is held against that."""

    def __init__(self, repaired: Sequence[RepairedValue], rejected: Collection[int]) -> None:
        """With all that was kept of the table, by position."""
        self._went = {(r.position, r.column): r.new for r in repaired if r.rule in _VALUES}
        self._rejected = rejected
        self.begin()

    def begin(self) -> None:
        """The rows come from the first one on."""
        self._found, self._seen = set[int](), set[tuple[int, str]]()

    def see(self, fitted: Coerced, positions: Positions) -> None:
        """Take note of a batch, whose rows are at these positions."""
        for bad in fitted.bad:
            if (position := int(positions[bad.row])) not in self._rejected:
                self._found.add(position)
        for cell in fitted.repaired:
            place = int(positions[cell.row]), cell.column
            self._seen.add(place)
            if place[0] not in self._rejected and (place not in self._went or self._went[place] != cell.new):
                self._found.add(place[0])

    def rows(self) -> int:
        """How many went otherwise; right when all have come."""
        return len(self._found | {position for position, column in self._went.keys() - self._seen})
