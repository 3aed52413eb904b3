"""Values that a repair rule changed on their way: each is kept with its old value, as rejected rows are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wizard.migrate.rejects import RowLog

REPAIRS: Final = "repairs"
"""the folder of the files of repairs, beside that of rejects"""


@dataclass(frozen=True, slots=True)
class RepairedValue:
    """A value that arrived otherwise than it is in the source. Values are exact text, None for NULL."""

    position: int
    key: str
    """`ID=17`, of the primary key; empty where there is none"""
    column: str
    old: str | None
    new: str | None
    rule: str
    """what was done: a `wizard.settings.Repair`"""


class RepairLog(RowLog[RepairedValue]):
    """The repaired values of one table. `folder` is the project's folder of repairs."""

    record = RepairedValue

    def lines(self, found: Sequence[RepairedValue]) -> tuple[list[str], list[list[object]]]:
        return ["column", "old value", "new value", "rule"], [[r.column, r.old, r.new, r.rule] for r in found]
