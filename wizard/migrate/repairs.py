"""Values that a repair rule changed on their way: each is kept with its old value, as rejected rows are.

Values that a chosen type cuts may be all of a large table's: they are counted by batch, with the first one's values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from wizard.coercion.columns import Cut
from wizard.messages import Message
from wizard.migrate.jobs import Job
from wizard.migrate.rejects import RowLog
from wizard.plurals import counted
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
    """what was done: a `wizard.settings.Repair`, or a `wizard.coercion.columns.Cut`"""
    count: int = 1
    """of values that a type cuts, how many of the batch there are, this one the first"""


class RepairLog(RowLog[RepairedValue]):
    """The repaired values of one table. `folder` is the project's folder of repairs."""

    record = RepairedValue

    def counts(self) -> Counter[tuple[str, str]]:
        """By column and rule, how many values. Raises MoveError as `read` does."""
        return count_changes(self.read() if self.path.exists() else ())

    def leave_out(self, rejected: Collection[int]) -> None:
        """Forget values of rows (positions) that stayed behind all the same."""
        if rejected and self.path.exists():
            found = self.read()
            kept = [r for r in found if r.count > 1 or r.position not in rejected]
            if len(kept) != len(found):
                self.replace(kept)

    def lines(self, found: Sequence[RepairedValue]) -> tuple[list[str], list[list[object]]]:
        """Headings and lines of the CSV, without position and key."""
        return ["column", "old value", "new value", "rule"], [[r.column, r.old, r.new, what_was_done(r)] for r in found]


def count_changes(found: Iterable[RepairedValue]) -> Counter[tuple[str, str]]:
    """By column and rule, how many values."""
    result: Counter[tuple[str, str]] = Counter()
    for one in found:
        result[one.column, one.rule] += one.count
    return result


def what_was_done(one: RepairedValue) -> str:
    """For people."""
    return f"{one.rule}, as {counted(one.count - 1, 'other')} of its batch" if one.count > 1 else one.rule


def changed(counts: Mapping[tuple[str, str], int]) -> int:
    """Values that arrived otherwise than they are in the source, as far as is known."""
    return sum(count for (_, rule), count in counts.items() if rule != Cut.UNCHECKED)


def rounded(counts: Mapping[tuple[str, str], int]) -> int:
    """Of changed values, those that lost what their type does not hold."""
    return sum(count for (_, rule), count in counts.items() if rule in (Cut.ROUNDED, Cut.CHARACTERS))


def unchecked(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """By column, the texts of which only the database that they come to can say whether it holds them."""
    return {column: count for (column, rule), count in sorted(counts.items()) if rule == Cut.UNCHECKED}


def damaged(counts: Mapping[tuple[str, str], int]) -> int:
    """Of repaired values, the texts that lost what of them is no text."""
    return sum(count for (_, rule), count in counts.items() if rule == Repair.REPLACE)


def by_rules(counts: Mapping[tuple[str, str], int]) -> int:
    """Of changed values, those of rows of the source that a rule replaced without a loss that has a name of its own."""
    added = sum(count for (_, rule), count in counts.items() if rule == Repair.PLACEHOLDER)
    return changed(counts) - rounded(counts) - damaged(counts) - added


def added(found: Iterable[RepairedValue]) -> int:
    """The rows that are not of the source: they were added because others refer to them."""
    return len({r.position for r in found if r.rule == Repair.PLACEHOLDER})


def repair_messages(job: Job, log: RepairLog) -> list[Message]:
    """Put a table's repaired values where people look for them, and say what was done to how many, and where they are.

    A text that lost what of it is no text is a loss, whoever asked for it, and so is what a type cuts. Raises
    RecordError.
    """
    file = log.publish()
    columns = {c.name: c for c in job.columns}
    numbers: dict[str, int] = {Repair.REPLACE: 6041, Cut.ROUNDED: 6017, Cut.CHARACTERS: 6090, Cut.UNCHECKED: 6091}
    found, counts = list[Message](), log.counts() if file else Counter[tuple[str, str]]()
    if keys := [c for c, rule in sorted(counts) if rule == Repair.PLACEHOLDER]:
        place, rows = job.place(), added(log.read())
        found.append(Message.of(6023, place, table=job.name, file=file, count=rows, columns=", ".join(keys)))
    for (column, rule), count in sorted(counts.items()):
        if rule == Repair.PLACEHOLDER:
            continue
        place = job.place(column)
        facts: dict[str, object] = {
            "table": job.name,
            "count": count,
            "column": column,
            "rule": rule,
            "file": file,
            "type": str(columns[column].type) if column in columns else "",
            "page": columns[column].code_page if column in columns else 0,
        }
        found.append(Message.of(numbers.get(rule, 6018), place, **facts))
    return found
