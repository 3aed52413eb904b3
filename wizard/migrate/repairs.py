"""Values that a repair rule changed on their way: each is kept with its old value, as rejected rows are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from wizard.messages import Kind, Message, Place
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RowLog
from wizard.settings import Repair


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

    def counts(self) -> Counter[tuple[str, str]]:
        """By column and rule, how many values. Raises MoveError as `read` does."""
        return Counter((r.column, r.rule) for r in self.read()) if self.path.exists() else Counter()

    def leave_out(self, rejected: Collection[int]) -> None:
        """Forget values of rows (positions) that stayed behind all the same."""
        if rejected and self.path.exists():
            self.keep(lambda position: position not in rejected)

    def lines(self, found: Sequence[RepairedValue]) -> tuple[list[str], list[list[object]]]:
        """Headings and lines of the CSV, without position and key."""
        return ["column", "old value", "new value", "rule"], [[r.column, r.old, r.new, r.rule] for r in found]


def damaged(counts: Mapping[tuple[str, str], int]) -> int:
    """Of repaired values, the texts that lost what of them is no text."""
    return sum(count for (_, rule), count in counts.items() if rule == Repair.REPLACE)


def told(job: Job, log: RepairLog) -> list[Message]:
    """Put a table's repaired values where people look for them, and say what was done to how many, and where they are.

    A text that lost what of it is no text is a loss, whoever asked for it. Raises RecordError.
    """
    file = log.publish()
    found = []
    for (column, rule), count in sorted(log.counts().items()) if file else ():
        place = Place(Kind.TABLE, source=job.ref.source, name=job.ref.table, part=column)
        facts = {"table": job.name, "count": count, "column": column, "rule": rule, "file": file}
        found.append(Message.of(6041 if rule == Repair.REPLACE else 6018, place, **facts))
    return found
