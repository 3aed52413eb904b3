"""The repair rule that a message is about, which screens and command offer where a finding is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.messages import Message, RowProblem
from wizard.settings import REPAIRS, Repair, RepairRule

WORDS: Final[Mapping[RowProblem, str]] = {
    RowProblem.DATE: "dates that the type cannot hold",
    RowProblem.NOT_A_NUMBER: "NaN and infinity",
    RowProblem.UNFIT: "values that do not fit the type",
    RowProblem.UNREADABLE: "values that can no longer be read",
    RowProblem.TEXT: "texts with bytes that are no text",
    RowProblem.NO_VALUE: "NULL where a value is required",
    RowProblem.DUPLICATES: "rows that share what must be unique",
    RowProblem.ORPHANS: "rows that refer to rows that are not there",
}
"""troubles, for people"""

ACTIONS: Final[Mapping[Repair, str]] = {
    Repair.REJECT: "reject the row",
    Repair.NULL: "NULL",
    Repair.NEAREST: "the nearest value it can hold",
    Repair.VALUE: "a value that I give",
    Repair.REPLACE: "keep what is text, U+FFFD for the rest",
    Repair.PLAIN: "keep all rows, make the index plain",
    Repair.LEAVE_OUT: "keep all rows, leave the foreign key out",
    Repair.PLACEHOLDER: "add rows that they refer to",
}
"""repairs, for people"""


def worded(rule: RepairRule) -> str:
    """A rule's place, for people: the most local name."""
    return ".".join(n for n in (rule.source, rule.table, rule.part) if n) or "the whole project"


def about(message: Message) -> RepairRule | None:
    """A rule for exactly what the message is about, with the default repair; None where no rule speaks of such."""
    trouble = message.problem
    if trouble is None:
        return None
    place = message.place
    return RepairRule(trouble, REPAIRS[trouble][0], "", place.source, place.name, place.part)


def levels(rule: RepairRule) -> list[RepairRule]:
    """The same rule for wider and wider places: the part, its table, its source, the project."""
    found = [rule]
    if rule.part:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value, rule.source, rule.table))
    if rule.table:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value, rule.source))
    if rule.source:
        found.append(RepairRule(rule.trouble, rule.repair, rule.value))
    return found
